"""Do GANs learn sparse codes that keep the main features of the data? 002-codes, document 002, section 3.1.

The article: 通过GAN学习低维稀疏表示，可以在保留数据主要特征的同时降低数据存储和处理的复杂性。
"Sparse representations of few dimensions, learned by a GAN, can keep the main features of the data, and ..." Read as:
codes of held-out images leave less of their variance than as many principal components do, and as many keep their class.

The game alone has two forms: a GAN whose G is coder, k-sparse layer and dictionary; a BiGAN, whose D sees images with
their codes. A BiGAN with a squared error is told more, and counts to k, or has soft thresholds, whose non-zeros count.
One search (OMP) reads all atoms; encoders, three steps of LISTA, speak for themselves, too. Each has its best of a few
rates, by one seed and images that do not judge. Atoms are learned for sparse codes only if the GAN's dense twin, the
same without k-sparse layer, leaves more. Controls: classical dictionary learning must pass, atoms by chance must fail.
"""

import functools

from gannotes import datasets, plotting, studies
from gannotes.metrics import evaluators
from gannotes.models import atoms
from gannotes.studies.claims import Verdict, only, over_seeds
import numpy as np
import pandas as pd

from experiments import _sparse

CLAIM, HOURS = "002-codes", 0.15
SETTINGS = {  # rates of G, a fourth of D's; penalties of the classical method
    "digits": {"seeds": 10, "steps": 600,
               "rates": [0.001, 0.002, 0.004, 0.008, 0.016], "classical": [0.1, 0.25, 0.5, 1], "chance": [0]},
    "mnist5k": {"seeds": 5, "steps": 600,
                "rates": [0.001, 0.002, 0.004], "classical": [1, 2, 4, 8], "chance": [0]},
    "own seed": 100, "images": [100, 400],
}  # fmt: skip
KEY, DATA, SEARCH, ENCODER = ["data", "arm", "seed"], ("digits", "mnist5k"), "search", "encoder"
ARMS = GAN, TWIN, BIGAN, ERROR, SOFT, CLASSICAL, CHANCE = "GAN", "dense twin", "BiGAN", "BiGAN + error", "soft BiGAN + error", "classical", "chance"  # fmt: skip
FORMS = {TWIN: GAN, CHANCE: GAN, SOFT: ERROR}  # how an arm trains
ALONE = [(GAN, SEARCH), (BIGAN, SEARCH), (BIGAN, ENCODER)]
ASKED = ALONE + [(arm, reading) for arm in (ERROR, SOFT) for reading in (SEARCH, ENCODER)]
MARGIN, CLASSES = np.log(1.1), 0.05  # of the error left; of the share of images
HISTORY = "2026-11-29: written before its runs. The rule before it had levels set by hand, named a search that had not passed, left out soft thresholds, which do make zeros on some data, and had no dense twin. Rates and penalties on digits after a trial of seed 100. 2026-11-30: its parts are judged one by one."


def runs():
    return [(d, arm, seed) for d in DATA for arm in ARMS for seed in range(SETTINGS[d]["seeds"])]


def measure(name, arm, seed, number=None, part=1):
    data, (size, active, _) = datasets.load(name), _sparse.SIZES[name].values()
    images = np.split(data.held_out_images, SETTINGS["images"])[part]
    number = chosen(name, arm) if number is None else number
    form, most = FORMS.get(arm, arm), size if arm in (TWIN, SOFT) else active
    steps = SETTINGS[name]["steps"]
    found, network = _sparse.learn(name, form, seed, number, steps, active=most)
    codes = {ENCODER: network.encode(images)} if "BiGAN" in form else {}
    codes[SEARCH], rows = found.encode(images, active), []
    judge, components = evaluators.for_dataset(data), atoms.principal(data.images)
    every = np.tensordot(images - components.bias, components.atoms, ((1, 2, 3), (1, 2, 3)))
    for reading, read in codes.items():
        count = max(1, round(np.count_nonzero(read, axis=1).mean()))
        pair = found.decode(read), components.decode(every * (np.arange(every.shape[1]) < count))
        left = [max(1e-6, np.mean((x - images) ** 2)) for x in (*pair, components.bias)]
        seen = [np.mean(judge.predict(x) == judge.predict(images)) for x in pair]
        row = {"left": left[0] / left[2], "less": np.log(left[1] / left[0])}
        rows.append(row | {"reading": reading, "non-zeros": count, "classes": seen[0] - seen[1]})
    return rows


@functools.cache  # the number that leaves least, by either reading, by a seed and images of its own
def chosen(name, arm):
    numbers = SETTINGS[name].get(arm, SETTINGS[name]["rates"])
    tried = [[r["left"] for r in measure(name, arm, SETTINGS["own seed"], x, 0)] for x in numbers]
    return numbers[np.argmin(np.min(tried, axis=1))]


def tests(table, d, arm, reading):
    by = table.groupby(["data", "arm", "reading"])
    less, classes = ({k: x.to_numpy() for k, x in by[what]} for what in ("less", "classes"))
    found = [less[d, arm, reading], classes[d, arm, reading] + CLASSES]
    return found + [(found[0], less[d, x, SEARCH]) for x in (TWIN, CHANCE) if reading == SEARCH]


def rule(table):
    """A reading passes on a data set if it surely leaves less than as many components and loses at most 0.05 of the
    classes that they keep; a search if also less than with the twin's atoms and those of chance (95 %, Holm over all).
    Holds if a form of the game alone passes on both data sets; else for what passes. Does not hold if each surely
    leaves no tenth less, or loses more classes (95 %, one-sided). Not decided, too, if a control fails."""
    samples = {(*x, d): tests(table, d, *x) for x in ASKED for d in DATA}
    lows = iter(studies.holm_lows([x for found in samples.values() for x in found]))
    passed = [k for k, found in samples.items() if min([next(lows) for _ in found]) > 0]
    where = {f"{a} by {r}": [d for d in DATA if (a, r, d) in passed] for a, r in ASKED}
    verdict = only("codes are of", where)
    verdict = "holds" if any(where[f"{a} by {r}"] == [*DATA] for a, r in ALONE) else verdict
    ends = [[studies.interval(x, level=0.9).high for x in f[:2]] for f in samples.values()]
    verdict = "does not hold" if all(a < MARGIN or b < 0 for a, b in ends) else verdict
    good = {d: tests(table, d, CLASSICAL, SEARCH) for d in DATA}
    lows = iter(studies.holm_lows([x for found in good.values() for x in found]))
    checks = {}
    for d, found in good.items():
        classical = min([next(lows) for _ in found])
        chance = studies.interval(tests(table, d, CHANCE, SEARCH)[0]).high
        checks[f"classical dictionary learning does not surely pass ({d})"] = classical > 0
        checks[f"atoms by chance do not surely fail ({d})"] = chance < 0
    failed = tuple(said for said, fine in checks.items() if not fine)
    verdict = "not decided" if failed else verdict
    by = table.groupby(["data", "arm", "reading"], sort=False)
    values = {", ".join(k): over_seeds(x, rtol=0.3) for k, x in by.left}
    values |= {f"{', '.join(k)}: count": over_seeds(x, rtol=0.3) for k, x in by["non-zeros"]}
    seeds = min(SETTINGS[d]["seeds"] for d in DATA)
    return Verdict(CLAIM, verdict, values, seeds, "codes are of", where, failed)


def figure(table):
    by = [(d, rows.groupby(["arm", "reading"]).less) for d, rows in table.groupby("data")]
    panels = {d: {", ".join(k): 100 * np.exp(-x) for k, x in groups} for d, groups in by}
    return plotting.plot_dots(panels, xscale="log", title="Error, % of that of as many components")


UNIT = "of a logarithm by which the game alone leaves less than components; with an error 0.5 more"
WORTH = 0.2  # twice the margin
BOTH = f"{ERROR} by search (digits, mnist5k) or {ERROR} by encoder (digits, mnist5k)"
EFFECTS = {-1.0: "does not hold", -0.2: f"holds only when codes are of {BOTH}", 0.4: "holds"}


def planted(effect, rng):
    rows = [(*x, r) for x in runs() for r in (SEARCH, ENCODER) if r == SEARCH or "BiGAN" in x[1]]
    table = pd.DataFrame(rows, columns=[*KEY, "reading"])
    far = {ERROR: effect + 0.5, SOFT: -2, CLASSICAL: 1.2, TWIN: min(effect, 0) - 0.4, CHANCE: -2}
    noise = rng.normal(size=(2, len(table)))
    table["less"] = [far.get(arm, effect) for arm in table.arm] + 0.04 * noise[0]
    table["classes"] = 0.01 + 0.012 * noise[1]
    return table.assign(left=np.exp(-table.less), **{"non-zeros": 8})
