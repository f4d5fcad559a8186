"""Do factors make a generator more robust to noise and to changed data? 000-robust, document 000, section 2, aim 3.

The article: 矩阵分解可以让生成器更加鲁棒，使其在面对噪声和变化的数据时能够生成更高质量的图像。
"Factorization can make the generator more robust, so that in the face of noise and changed data its images are better."
Read as: trained on spoilt images, G with low-rank kernels is (1) nearer to clean held-out images, (2) loses less, beside
its own result for clean images, than a dense G as wide, and than a narrow one with as few weights as the smaller rank
(log Fréchet distances). Latents that are larger than in training are left out: they changed nothing.

Spoilt is all of the training: by noise of a quarter of the range; a tenth of images that are noise alone; shifts by up to an
eighth of the sides. Factors start as the truncated SVD of dense kernels of the same seed (Khodak et al. 2021). Each arm
has its best of five rates, on a seed that does not count, over clean and noisy images.
Controls: spoilt images must surely lead the dense G farther; real images must be nearer than all.
"""

from functools import cache
from itertools import product

from experiments import _factors
from gannotes import plotting, studies
from gannotes.studies.claims import Verdict, only, over_seeds
from gannotes.training.augmentation import translate
import keras
import numpy as np
import pandas as pd

CLAIM, HOURS = "000-robust", 0.2
SETTINGS = {  # of the data sets, in their order
    "seeds": [10, 5, 5], "steps": [300, 300, 300], "narrow": [105, 38, 38], "own seed": 100,
    "rates": [0.1, 0.3, 1.0, 3.0, 10.0], "noise": 0.5, "outliers": 0.1,
}  # fmt: skip
KEY, DATA = ["data", "images", "arm", "seed"], ("digits", "mnist5k", "fashion_mnist")
SPOILT, CLEAN = ("noise", "outliers", "shifts"), "clean"
DENSE, NARROW, FACTORS = "dense", "narrow dense", {"rank 16": 16, "rank 64": 64}
ARMS, FULL, MARGIN = (
    (DENSE, NARROW, *FACTORS),
    max(FACTORS.values()),
    np.log(1.25),
)  # of the distance: less is not worth it
READINGS = {"nearer": "that images are nearer to clean ones", "less lost": "that less is lost"}
HISTORY = (
    "2026-11-29: written before its runs. The rule before it asked whether absolute "
    "distances grow less, which favours what is far anyway, at one rank; a fourth of it was a change of latents that "
    "changed nothing. Three seeds on MNIST, where rank 20 was ahead, could not show it. 2026-11-30: its parts are judged one by one."
)


def runs():
    rounds = [(d, s) for d, n in zip(DATA, SETTINGS["seeds"], strict=True) for s in range(n)]
    return [(d, x, arm, s) for d, s in rounds for x in (CLEAN, *SPOILT) for arm in ARMS]


@cache
def spoiled(name, kind, seed):
    """The training images, spoilt in one way by draws of the seed."""
    images, rng = _factors.judged(name)[0].images, np.random.default_rng(seed)
    if kind == "noise":
        noise = rng.standard_normal(images.shape, "float32")
        return np.clip(images + SETTINGS["noise"] * noise, -1, 1)
    if kind == "outliers":
        struck = rng.random((len(images), 1, 1, 1)) < SETTINGS["outliers"]
        return np.where(struck, rng.uniform(-1, 1, images.shape), images).astype("float32")
    seeds = keras.random.SeedGenerator(seed)
    return images if kind == CLEAN else keras.ops.convert_to_numpy(translate(images, seeds))


def measure(name, kind, arm, seed, rate=None):
    data = _factors.judged(name)[0]
    rank, place = FACTORS.get(arm), DATA.index(name)
    width = SETTINGS["narrow"][place] if arm == NARROW else _factors.WIDTH
    gan, rate = _factors.compiled(data.shape, rank and FULL, width), rate or chosen(name, arm)
    _factors.begin(gan, seed, rank)
    images, steps = spoiled(name, kind, seed), SETTINGS["steps"][place]
    far = _factors.far(name, gan, images, rate, steps)
    return [{"rate": rate, "log distance": far, "real": _factors.real(name, seed)}]


@cache
def chosen(name, arm):
    """The rate that leads to the least distance, on a seed that does not count."""
    seed, kinds = SETTINGS["own seed"], (CLEAN, SPOILT[0])
    tried = [[measure(name, x, arm, seed, rate)[0] for x in kinds] for rate in SETTINGS["rates"]]
    return SETTINGS["rates"][np.argmin([sum(x["log distance"] for x in both) for both in tried])]


def rule(table):
    """A rank helps in a reading if it surely does (95 %, Welch, Holm over all), by a quarter, beside both dense ones. Holds if one
    rank does in both readings, however images are spoilt, on all data; else it says where. Does not hold if no rank helps,
    and images are surely (95 %, one-sided) nowhere a quarter nearer than those of both. Not decided if a control fails."""
    rows = table.sort_values("seed", kind="stable").groupby(KEY[:3])["log distance"]
    far = {key: x.to_numpy() for key, x in rows}
    lost = {(d, x, arm): y - far[d, CLEAN, arm] for (d, x, arm), y in far.items()}
    cells = list(product(READINGS, SPOILT, DATA, FACTORS))
    both = {"nearer": far, "less lost": lost}
    pairs = [
        [(both[r][d, x, other], both[r][d, x, arm]) for r, x, d, arm in cells]
        for other in (DENSE, NARROW)
    ]
    low = np.min([studies.holm_lows(group) for group in pairs], axis=0)
    gain = np.min([[np.subtract(*map(np.mean, pair)) for pair in x] for x in pairs], axis=0)
    high = np.min([[studies.interval(*pair, 0.9).high for pair in x] for x in pairs], axis=0)
    found = [cell for cell, x in zip(cells, (low > 0) & (gain > MARGIN), strict=True) if x]
    where = {
        words: [f"{x}, {d}, {arm}" for r, x, d, arm in found if r == reading]
        for reading, words in READINGS.items()
    }
    verdict, checks = only("robust means", where), {}
    if not found and (high[: len(cells) // 2] < MARGIN).all():
        verdict = "does not hold"
    if any(sum(cell[3] == arm for cell in found) == len(cells) / len(FACTORS) for arm in FACTORS):
        verdict = "holds"
    for d, x in product(DATA, SPOILT):
        real = table[table.data == d].real.max()
        nearest = min(y.min() for k, y in far.items() if k[0] == d)
        spoils = studies.interval(lost[d, x, DENSE]).low > 0
        checks[f"the dense G is not surely farther by {x} ({d})"] = spoils
        checks[f"real images are not nearest ({d})"] = real < nearest
    failed = tuple(said for said, fine in checks.items() if not fine)
    verdict = "not decided" if failed else verdict
    values = {f"{d}, {x}: {arm}": over_seeds(np.exp(y), rtol=0.5) for (d, x, arm), y in far.items()}
    return Verdict(CLAIM, verdict, values, min(SETTINGS["seeds"]), "robust means", where, failed)


def figure(table):
    panels = {f"{d}, {x}": {} for d, x in product(DATA, (CLEAN, *SPOILT))}
    for (d, x, arm), rows in table.groupby(KEY[:3], sort=False):
        panels[f"{d}, {x}"][arm] = np.exp(rows["log distance"].to_numpy())
    return plotting.plot_dots(
        panels,
        xlabel="Fréchet distance to clean images",
        across=4,
        title="Trained on spoilt images",
    )


UNIT = "by which factors lower the log of the distance where images are spoilt"
WORTH = 0.45  # twice the margin
EFFECTS = {0.0: "does not hold", 0.7: "holds"}


def planted(effect, rng):
    table = pd.DataFrame(runs(), columns=KEY).assign(rate=1.0, real=-3)
    spoilt = table["images"] != CLEAN
    noise = table.data.map({"digits": 0.13}).fillna(0.07) * rng.normal(size=len(table))
    far = spoilt * (1 - effect * table.arm.isin(FACTORS)) + 0.1 * (table.arm == NARROW)
    return table.assign(**{"log distance": far + noise})
