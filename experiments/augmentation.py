"""Do more data and augmentation make a GAN generalize better? 000-augmentation, document 000, questions and answers.

The article: 为了提高GANs的泛化能力……可以使用更多的训练数据和数据增强技术，以增加模型的训练样本。
"For GANs to generalize better … one can use more training data and data augmentation, to have more training samples."
Read as: the Fréchet distance to held-out images is less (1) at the most than at the fewest of three numbers of training
images, (2) with augmentation than without, at each of them.

All arms have R1, steps, images and batches alike. Augmentation shifts images by up to an eighth of their sides: all
that D sees, fakes too, anew each time (Zhao et al. 2020); or, as the article's words say, training images alone (of
digits). It has the best of three shares at each size, by seeds that do not judge; R1 the best weight without it, by
one. 100 digits gain nothing by the last half of the steps. Coverage is told, no more: copies of images cover, too.
Controls: real images must be nearer than all; training images, half of them mirrored, must surely lead farther.
"""

from functools import cache, partial

from experiments import _samples
from gannotes import datasets, metrics, models, plotting, studies, training
from gannotes.metrics import evaluators
from gannotes.studies.claims import Verdict, only, over_seeds
from gannotes.training.augmentation import flip, translate
import keras
import numpy as np
import pandas as pd

CLAIM, HOURS = "000-augmentation", 0.22
SETTINGS = {
    "digits": {"seeds": 10, "own seeds": [100, 101], "images": [100, 300, 1000], "batch_size": 64, "recipe": {"r1": 2.0, "steps": 1000}},
    "mnist5k": {"seeds": 5, "own seeds": [100], "images": [100, 1000, 4000], "batch_size": 32,
                "recipe": {"r1": 0.6, "steps": 400, "generator_rate": 0.004, "penalty_every": 4}},
    "latent_dim": 16, "rows": 4000, "made": 1000, "shares": [0.25, 0.5, 1.0],
}  # fmt: skip
KEY, DATA = ["data", "images", "arm", "seed"], ("digits", "mnist5k")
NONE, IN_D, ALONE = "none", "all that D sees is shifted", "training images alone are shifted"
WAYS = {"digits": (IN_D, ALONE), "mnist5k": (IN_D,)}
REAL, MIRRORED = CONTROLS = "real images", "mirrored training images"  # at the most images
MORE, MARGIN = "more data", np.log(1.1)  # of the Fréchet distance: less is not worth it
TOLD = {MORE: MORE, IN_D: "shifts of all that D sees", ALONE: "shifts of training images alone"}
SIZES = {data: SETTINGS[data]["images"] for data in DATA}
CELLS = [(MORE, data, SIZES[data][-1]) for data in DATA]  # what is asked
CELLS += [(way, data, count) for data in DATA for way in WAYS[data] for count in SIZES[data]]
HISTORY = "2026-11-29: written before its runs. The rule before it asked of augmentation at 100 digits alone; beside R1 it did harm at 1,000, and the rule said that it holds. It gave neither augmentation nor R1 a choice of strengths. 2026-11-30: its parts are judged one by one; a loss of coverage stands in the numbers alone."


def runs():
    rows = [(d, count, arm) for d in DATA for count in SIZES[d] for arm in (NONE, *WAYS[d])]
    rows += [(d, SIZES[d][-1], arm) for d in DATA for arm in CONTROLS]
    return [(*row, seed) for row in rows for seed in range(SETTINGS[row[0]]["seeds"])]


def shifted(images, seed, share):
    """The images, of which each is shifted with this chance."""
    is_chosen = keras.random.uniform((images.shape[0], 1, 1, 1), seed=seed) < share
    return keras.ops.where(is_chosen, translate(images, seed), images)


@cache  # one compiled graph for all arms, sizes and seeds
def compiled(name):
    data, share = datasets.load(name), keras.Variable(0.0, trainable=False)  # no new graphs
    pair = models.mlp_pair if name == "digits" else models.conv_pair
    gan = training.GAN(*pair(data.shape, SETTINGS["latent_dim"]))
    gan.compile(augment=partial(shifted, share=share), **SETTINGS[name]["recipe"])
    return data, gan, share, evaluators.for_dataset(data).features


def measure(name, count, arm, seed, share=None):
    data, gan, share_in_d, features = compiled(name)
    if share is None:
        share = chosen(name, count, arm) if arm in (IN_D, ALONE) else 0.0
    change = {MIRRORED: flip, ALONE: partial(shifted, share=share)}.get(arm, lambda x, seed: x)
    rows = np.resize(_samples.subset(data, count, seed)[1], (SETTINGS["rows"], *data.shape))
    rows = np.asarray(change(rows, keras.random.SeedGenerator(seed)))
    share_in_d.assign(share if arm == IN_D else 0)
    made = _samples.subset(data, SETTINGS["made"], seed)[0]
    if arm != REAL:
        gan.reset(seed)
        gan.fit(rows, None, SETTINGS[name]["batch_size"], 1, gan.recipe.steps, verbose=0)
        made = gan.generate(SETTINGS["made"], seed)
    sets = features(data.held_out_images), features(made)
    distance, covered = metrics.frechet_distance(*sets), metrics.density_coverage(*sets)["coverage"]
    return [{"share": share, "log distance": np.log(distance), "coverage": covered}]


@cache
def chosen(name, count, arm):
    """The share that leads to the least distance, by seeds that do not judge."""
    tries = [(x, seed) for x in SETTINGS["shares"] for seed in SETTINGS[name]["own seeds"]]
    rows = pd.DataFrame([measure(name, count, arm, seed, x)[0] for x, seed in tries])
    return float(rows.groupby("share")["log distance"].mean().idxmin())


def numbers(table, what):
    """``{(data, images, arm): a number a seed}``; and for `CELLS` how much less: by seed, or of two samples."""
    rows = table.sort_values("seed", kind="stable")
    of = {key: x.to_numpy() for key, x in rows.groupby(KEY[:3], sort=False)[what]}
    less = {(MORE, d, n): (of[d, SIZES[d][0], NONE], of[d, n, NONE]) for _, d, n in CELLS[:2]}
    return of, less | {(way, d, n): (of[d, n, NONE] - of[d, n, way],) for way, d, n in CELLS[2:]}


def rule(table):
    """More data help on a data set, a way of augmentation at a size, if the distance is surely less: 95 %, Holm over
    all; of ways by seed, of more data by Welch. Holds if more data help on both data sets, and a way at each size,
    without a sure loss of coverage. Does not hold if each is surely worth less than a tenth (95 %, one-sided)."""
    (far, less), (_, lost) = (numbers(table, what) for what in ("log distance", "coverage"))
    lows, losses = (studies.holm_lows([x[cell] for cell in CELLS]) > 0 for x in (less, lost))
    helps, where = [cell for cell, low in zip(CELLS, lows, strict=True) if low], {}
    costly = [cell for cell, cost in zip(CELLS, lows & losses, strict=True) if cost]
    for part, d, n in helps:
        where.setdefault(TOLD[part], []).append(d if part == MORE else f"{d}, {n:,}")
    asked, found = ({(p == MORE, *rest) for p, *rest in cells} for cells in (CELLS, helps))
    verdict, checks = only("there are", where), {}
    verdict = "holds" if asked == found and not costly else verdict
    if all(studies.interval(*less[cell], level=0.9).high < MARGIN for cell in CELLS):
        verdict = "does not hold"
    for _, d, n in CELLS[:2]:
        nearest = min(x.min() for key, x in far.items() if key[0] == d and key[2] != REAL)
        leads = studies.interval(far[d, n, MIRRORED], far[d, n, NONE]).low > 0
        checks[f"real images are not nearest ({d})"] = far[d, n, REAL].max() < nearest
        checks[f"mirrored images do not surely lead farther ({d})"] = leads
    values = {f"{d}, {n:,}: {a}": over_seeds(np.exp(x), rtol=0.5) for (d, n, a), x in far.items()}
    for (way, d, n), (first, *then) in lost.items():
        sure, x = ", surely" * ((way, d, n) in costly), first.mean() - then[0] if then else first
        values[f"{d}, {n:,}: coverage lost{sure}, {way}"] = over_seeds(x, atol=0.15)
    failed = tuple(said for said, fine in checks.items() if not fine)
    verdict = "not decided" if failed else verdict
    return Verdict(CLAIM, verdict, values, SETTINGS["mnist5k"]["seeds"], "there are", where, failed)


def figure(table):
    panels, title = {}, "More data, and augmentation"
    for (d, n, arm), x in numbers(table, "log distance")[0].items():
        if arm not in CONTROLS:
            panels.setdefault(f"{d}, {n:,} images", {})[arm] = np.exp(x)
    return plotting.plot_dots(panels, xlabel="Fréchet distance", across=3, title=title)


UNIT = "of a logarithm that shifts in D take at the fewest images; of more images 0.6 and 1.2 less"
WORTH = 0.2  # twice the margin
EFFECTS = {0.0: "not decided", -0.5: "does not hold", 1.8: "holds"}
ONLY = f"{MORE} (digits, mnist5k) or {TOLD[IN_D]} (digits, 100; mnist5k, 100)"
EFFECTS[0.6] = f"holds only when there are {ONLY}"


def planted(effect, rng):
    table = pd.DataFrame(runs(), columns=KEY)
    place = np.array([SIZES[data].index(count) for data, count, *_ in runs()])
    less = table.arm.map({NONE: 0, IN_D: effect, ALONE: effect - 1, REAL: 9, MIRRORED: -1})
    less += place * (effect - 0.6 * (table.arm == IN_D))
    noise = np.where(table.data == "digits", 0.15, 0.12) * rng.normal(size=(2, len(table)))
    return table.assign(**{"log distance": 2 - less + noise[0], "coverage": 0.7 + noise[1] / 5})
