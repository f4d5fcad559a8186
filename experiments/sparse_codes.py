"""Do GANs learn sparse codes that keep the main features of the data? 002-codes, document 002, section 3.1.

The article: 通过GAN学习低维稀疏表示，可以在保留数据主要特征的同时降低数据存储和处理的复杂性。
"Sparse representations of few dimensions, learned by a GAN, can keep the main features of the data, and ..." Read as:
codes of held-out images leave less of their variance than the best opponents, and as many keep their class. Opponents have as
many non-zeros: those principal components that suit each image best, and random training images as atoms, as many as a GAN
has, both read by the same search (OMP). The leading components, the same for all images, are told.

The game alone has two forms: a GAN whose G is coder, k-sparse layer and dictionary; a BiGAN, whose D sees images with their
codes. A BiGAN with a squared error is told more, and counts to k, or has soft thresholds, of whose own codes 94 of 96 are not
0: left out. Encoders, three steps of LISTA, speak for themselves, too. Each has its best of five rates, by one seed and images
that do not judge. Atoms are learned for sparse codes only if the GAN's dense twin, the same without k-sparse layer, leaves
more. Controls: classical dictionary learning must pass; atoms by chance, with the data's mean, must fail.
"""

import functools

from experiments import _sparse
from gannotes import datasets, plotting, studies
from gannotes.metrics import evaluators
from gannotes.models import atoms
from gannotes.studies.claims import Verdict, only, over_seeds
import numpy as np
import pandas as pd
from sklearn.preprocessing import normalize

CLAIM, HOURS = "002-codes", 0.15
SETTINGS = {  # rates of G, a fourth of D's; penalties of the classical method
    "digits": {"seeds": 10, "steps": 600, "classical": [0.1, 0.25, 0.5, 1]}, "mnist5k": {"seeds": 5, "steps": 600, "classical": [1, 2, 4, 8]},
    "rates": [0.001, 0.002, 0.004, 0.008, 0.016], "own seed": 100, "images": [100, 400],
}  # fmt: skip
KEY, DATA, SEARCH, ENCODER = ["data", "arm", "seed"], ("digits", "mnist5k"), "search", "encoder"
GAN, TWIN, BIGAN, ERROR, SOFT = "GAN", "dense twin", "BiGAN", "BiGAN + error", "soft BiGAN + error"
FIRST, BEST, IMAGES = "first components", "best components", "training images"
CLASSICAL, CHANCE = "classical", "chance"
UNTRAINED = FIRST, BEST, IMAGES, CHANCE
ARMS = (GAN, TWIN, BIGAN, ERROR, SOFT, CLASSICAL, *UNTRAINED)
FORMS = {TWIN: GAN, CHANCE: GAN, SOFT: ERROR}  # how an arm trains
ALONE = [(GAN, SEARCH), (BIGAN, SEARCH), (BIGAN, ENCODER)]
ASKED = [*ALONE, (ERROR, SEARCH), (ERROR, ENCODER), (SOFT, SEARCH)]
MARGIN, CLASSES = np.log(1.1), 0.05  # of the error left; of the share of images
HISTORY = "2026-11-29: written before its runs. The rule before it had levels set by hand, named a search that had not passed, left out soft thresholds, which do make zeros on some data, and had no dense twin. Rates and penalties on digits after a trial of seed 100. 2026-11-30: its parts are judged one by one. After a sceptical reader: run anew, as the leading eight components were a straw opponent, and chance had a bias of its own; five rates on both data sets, which the record has."


def runs():
    return [(d, arm, seed) for d in DATA for arm in ARMS for seed in range(SETTINGS[d]["seeds"])]


def atoms_of(name, arm, seed, number):
    """Atoms, and the network that learned them, if there is one."""
    data, (size, active, _) = datasets.load(name), _sparse.SIZES[name].values()
    components = atoms.principal(data.images)
    if arm in (FIRST, BEST):
        kept = components.atoms[: active if arm == FIRST else size]
        return atoms.Atoms(kept, components.bias), None
    if arm == IMAGES:
        drawn = np.random.default_rng(seed).permutation(data.images)[:size] - components.bias
        units = normalize(drawn.reshape(size, -1)).reshape(drawn.shape)
        return atoms.Atoms(units, components.bias), None
    form, most = FORMS.get(arm, arm), size if arm in (TWIN, SOFT) else active
    found, network = _sparse.learn(name, form, seed, number, SETTINGS[name]["steps"], active=most)
    return (atoms.Atoms(found.atoms, components.bias) if arm == CHANCE else found), network


def measure(name, arm, seed, number=None, part=1):
    data, active = datasets.load(name), _sparse.SIZES[name]["active"]
    images = np.split(data.held_out_images, SETTINGS["images"])[part]
    number = chosen(name, arm) if number is None else number
    found, network = atoms_of(name, arm, seed, number)
    codes = {ENCODER: network.encode(images)} if arm in (BIGAN, ERROR) else {}
    codes[SEARCH], rows = found.encode(images, active), []
    judge, best = evaluators.for_dataset(data), atoms_of(name, BEST, 0, 0)[0]
    for reading, read in codes.items():
        pair = found.decode(read), best.decode(best.encode(images, active))
        left = [max(1e-6, np.mean((x - images) ** 2)) for x in (*pair, best.bias)]
        seen = [np.mean(judge.predict(x) == judge.predict(images)) for x in pair]
        row = {"left": left[0] / left[2], "less": np.log(left[1] / left[0])}
        row |= {"reading": reading, "non-zeros": np.count_nonzero(read, axis=1).mean()}
        rows.append(row | {"classes": seen[0] - seen[1], "number": number})
    return rows


@functools.cache  # the number that leaves least, by either reading, by a seed and images of its own
def chosen(name, arm):
    if arm in UNTRAINED:
        return 0
    numbers = SETTINGS[name]["classical"] if arm == CLASSICAL else SETTINGS["rates"]
    tried = [[r["left"] for r in measure(name, arm, SETTINGS["own seed"], x, 0)] for x in numbers]
    return numbers[np.argmin(np.min(tried, axis=1))]


def tests(table, d, arm, reading):
    by = table.groupby(["data", "arm", "reading"])
    less, classes = ({k: x.to_numpy() for k, x in by[what]} for what in ("less", "classes"))
    left, others = less[d, arm, reading], (IMAGES, TWIN, CHANCE)[: 3 if reading == SEARCH else 1]
    alone = [(left, None), (classes[d, arm, reading] + CLASSES, None)]
    return alone + [(left, less[d, x, SEARCH]) for x in others]


def rule(table):
    """A reading passes on a data set if it surely leaves less than the best components and than training images, and loses at
    most 0.05 of the classes that these components keep; a search if also less than with the twin's atoms and those of chance
    (95 %, Holm over all). Holds if a form of the game alone passes on both data sets; else for what passes. Does not hold if each
    surely leaves no tenth less than one of the two, or loses more classes (95 %, one-sided). Not decided, too, if a control fails."""
    samples = {(*x, d): tests(table, d, *x) for x in ASKED for d in DATA}
    lows = iter(studies.holm_lows([x for found in samples.values() for x in found]))
    passed = [k for k, found in samples.items() if min([next(lows) for _ in found]) > 0]
    where = {f"{a} by {r}": [d for d in DATA if (a, r, d) in passed] for a, r in ASKED}
    verdict = only("codes are of", where)
    verdict = "holds" if any(where[f"{a} by {r}"] == [*DATA] for a, r in ALONE) else verdict
    ends = [[studies.interval(*x, 0.9).high for x in found[:3]] for found in samples.values()]
    verdict = "does not hold" if all(min(a, c) < MARGIN or b < 0 for a, b, c in ends) else verdict
    good = {d: tests(table, d, CLASSICAL, SEARCH) for d in DATA}
    lows, checks = iter(studies.holm_lows([x for found in good.values() for x in found])), {}
    for d, found in good.items():
        classical = min([next(lows) for _ in found])
        chance = studies.interval(*tests(table, d, CHANCE, SEARCH)[0]).high
        checks[f"classical dictionary learning does not surely pass ({d})"] = classical > 0
        checks[f"atoms by chance do not surely fail ({d})"] = chance < 0
    failed = tuple(said for said, fine in checks.items() if not fine)
    verdict = "not decided" if failed else verdict
    by = table.groupby(["data", "arm", "reading"], sort=False)
    values = {", ".join(k): over_seeds(x, rtol=0.3) for k, x in by.left}
    seeds = min(SETTINGS[d]["seeds"] for d in DATA)
    return Verdict(CLAIM, verdict, values, seeds, "codes are of", where, failed)


def figure(table):
    by = [(d, rows.groupby(["arm", "reading"]).less) for d, rows in table.groupby("data")]
    panels = {d: {", ".join(k): 100 * np.exp(-x) for k, x in groups} for d, groups in by}
    return plotting.plot_dots(panels, xscale="log", title="Error, % of that of the best components")


UNIT = "of a logarithm by which the game alone leaves less than the best components; with an error 0.5 more"
WORTH = 0.2  # twice the margin
BOTH = f"{ERROR} by search (digits) or {ERROR} by encoder (digits)"
EFFECTS = {-1.0: "does not hold", 0.0: f"holds only when codes are of {BOTH}", 0.5: "holds"}


def planted(effect, rng):
    rows = [(*x, r) for x in runs() for r in (SEARCH, ENCODER) if r == SEARCH or x[1] in (BIGAN, ERROR)]  # fmt: skip
    table = pd.DataFrame(rows, columns=[*KEY, "reading"])
    far = {ERROR: effect + 0.5, SOFT: -2, CLASSICAL: 1.2, TWIN: min(effect, 0) - 0.4, CHANCE: -2}
    far |= {FIRST: -0.6, BEST: 0, IMAGES: 0.2}
    wild = (table.data == "mnist5k") & (table.arm == ERROR)  # in the record
    noise = rng.normal(0, np.where(wild, 0.35, 0.05))
    table["less"] = [far.get(arm, effect) for arm in table.arm] + noise
    table["classes"] = 0.01 + rng.normal(0, 0.012, len(table))
    return table.assign(left=np.exp(-table.less), **{"non-zeros": 8, "number": 0.001})
