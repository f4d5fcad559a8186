"""Are the matrices of a generator low-rank? 000-model, document 000, section 3.

The article: 具体来说，生成器可以表示为 G(z; θ) = W_1 · σ(W_2 · z)，其中……W_1 和 W_2 是需要学习的低秩矩阵。
"The generator can be written G(z; θ) = W₁·σ(W₂·z), where … W₁ and W₂ are low-rank matrices to be learned." Its code
has dense layers, and nothing in it makes a matrix low-rank.
Read as: after training, W₁ of such a G (16 latents, 256 hidden units) is low-rank: (1) by itself, if its effective rank
(Roy and Vetterli 2007: exponential of the entropy of σᵢ/Σσ) is surely less than half of what it was; (2) where it is built
as a product of factors of rank 16, if that rank stays, and G learns: the Fréchet distance to held-out images falls by
nine tenths. W₂ has at most as many rows as latents, so it is thin anyway, and says nothing.

All is counted: the rank by singular values above rounding, the effective rank, and how many singular values hold 99 %
of the energy, before and after. The verdict is for this length of training.
Controls: trained on white noise of the images' mean and spread, W₁ must surely keep more of its effective rank; the
counts must be right for a matrix of known rank.
"""

from functools import cache

from experiments import _factors
from gannotes import models, plotting, studies, training
from gannotes.layers import kernels
from gannotes.studies.claims import Verdict, only, over_seeds
import numpy as np
import pandas as pd

CLAIM, HOURS = "000-model", 0.12
SETTINGS = {"seeds": [10, 5, 5], "steps": [600, 800, 800], "width": 256, "rank": 16}
KEY, DATA = ["data", "arm", "seed"], ("digits", "mnist5k", "fashion_mnist")
DENSE, FACTORS, NOISE = "dense", "factors", "dense, of white noise"
LOW, LEARNS = 0.5, np.log(10)  # share of the effective rank; fall of the log distance
COUNTS = ("rank", "effective rank", "rank of 99 %")
HISTORY = (
    "2026-11-29: written before its runs. The rule before it asked for a numerical rank below the full one, which rounding "
    "alone keeps full; and it looked at digits alone, where the effective rank falls least. 2026-11-30: its parts are judged one by one. 2026-12-01: factors are judged where dense layers learn; a reader saw that on 28×28 pictures these fail the same bar."
)


def runs():
    rounds = [(d, s) for d, n in zip(DATA, SETTINGS["seeds"], strict=True) for s in range(n)]
    return [(d, arm, s) for d, s in rounds for arm in (DENSE, FACTORS, NOISE)]


@cache  # one compiled graph for all data of a shape, and seeds
def compiled(shape, rank):
    widths = (SETTINGS["width"],)
    generator = models.mlp_generator(shape, _factors.LATENT_DIM, widths, rank=rank)
    gan = training.GAN(generator, models.mlp_discriminator(shape, (128, 96, 64)))
    gan.compile()
    return gan


def counted(matrix):
    """Rank by rounding, effective rank, and how many singular values hold 99 % of the energy."""
    values = np.linalg.svd(matrix, compute_uv=False)
    rank = int((values > values[0] * max(matrix.shape) * np.finfo("float32").eps).sum())
    found = rank, float(kernels.effective_rank(values)), int(kernels.energy_rank(values, 0.99))
    return dict(zip(COUNTS, found, strict=True))


def measure(name, arm, seed):
    data, distance = _factors.judged(name)
    gan = compiled(data.shape, SETTINGS["rank"] if arm == FACTORS else None)
    gan.reset(seed)
    images, rng = data.images, np.random.default_rng(seed)
    if arm == NOISE:
        noise = rng.normal(images.mean(), images.std(), images.shape)
        images = np.clip(noise, -1, 1).astype("float32")
    last = gan.generator.layers[-2]  # W₁; behind it images get their shape
    start = counted(kernels.kernel_matrix(last))
    first = distance(gan.generate(_factors.IMAGES, seed))
    steps = SETTINGS["steps"][DATA.index(name)]
    far = _factors.far(name, gan, images, 1.0, steps)
    end = counted(kernels.kernel_matrix(last))
    known = counted(rng.standard_normal((256, 7)) @ rng.standard_normal((7, 64)))["rank"]
    row = {"fell": first - far, "known": known} | {f"{x}, start": start[x] for x in COUNTS}
    return [row | {f"{x}, end": end[x] for x in COUNTS}]


def kept(table, name, arm):
    """The share of the effective rank that training leaves, one number a seed."""
    rows = table[(table.data == name) & (table.arm == arm)]
    return (rows["effective rank, end"] / rows["effective rank, start"]).to_numpy()


def rule(table):
    """Low by itself: less than half of the effective rank is left; not low: more is (both 95 %, Bonferroni over data). Holds if low by
    itself on all data; if on some, or none, it holds only there, or when factors are built in; where every dense training
    learns, these must have their rank, and learn, too, else it does not hold. Not decided if a share is near a half, or a control fails."""
    shares = {d: studies.interval(kept(table, d, DENSE), level=1 - 0.05 / len(DATA)) for d in DATA}
    low = [d for d, x in shares.items() if x.high < LOW]
    unsure = [d for d, x in shares.items() if x.low <= LOW <= x.high]
    learns = (table.fell > LEARNS).groupby([table.arm, table.data]).all()
    thin = (table["rank, end"] == SETTINGS["rank"]).groupby([table.arm, table.data]).all()[FACTORS]
    asked = [d for d in DATA if learns[DENSE, d]]
    built = [d for d in asked if learns[FACTORS, d] and thin[d]]
    where = {"built into the layers": built, "left out": low}
    verdict = only("factors are", where) if low or (built and built == asked) else "does not hold"
    verdict = "holds" if len(low) == len(DATA) and built == asked else verdict
    checks = {"a matrix of known rank is counted wrong": (table["known"] == 7).all()}
    for d in DATA:
        more = studies.interval(kept(table, d, NOISE), kept(table, d, DENSE)).low > 0
        checks[f"trained on noise, W₁ does not surely keep more ({d})"] = more
    failed = tuple(said for said, fine in checks.items() if not fine)
    verdict = "not decided" if unsure or failed else verdict
    values = {}
    for (d, arm), rows in table.groupby(KEY[:2], sort=False):
        for x in (f"{what}, {when}" for what in COUNTS for when in ("start", "end")):
            values[f"{d}, {arm}: {x}"] = over_seeds(rows[x], rtol=0.3)
        values[f"{d}, {arm}: log distance fell by"] = over_seeds(rows["fell"], atol=1)
    return Verdict(CLAIM, verdict, values, min(SETTINGS["seeds"]), "factors are", where, failed)


def figure(table):
    panels = {d: {arm: kept(table, d, arm) for arm in (DENSE, NOISE)} for d in DATA}
    return plotting.plot_dots(
        panels, title="How much of the effective rank of W₁ training leaves", xlabel="share left",
        references={"half": LOW}, xlim=(0, 1.1),
    )  # fmt: skip


UNIT = "by which training lowers the log of the effective rank; on digits by half of it; below 0 factors do not learn"
WORTH = 1.4  # twice the margin: a quarter of the rank is left, of digits a half
EFFECTS = {0.0: "holds only when factors are built into the layers (digits)", 2.0: "holds", -1.0: "does not hold"}  # fmt: skip
EFFECTS[1.0] = f"{EFFECTS[0.0]} or left out ({', '.join(DATA[1:])})"


def planted(effect, rng):
    table = pd.DataFrame(runs(), columns=KEY).assign(known=7)
    small, arm = table.data == "digits", table.arm
    falls = (arm != NOISE) * np.where(small & ((arm != FACTORS) | (effect >= 0)), 3.5, 1)
    table["fell"] = falls + rng.normal(0, 0.15, len(table))
    less = max(effect, 0) * np.where(small, 0.5, 1) * (arm == DENSE) + 0.12 * (arm != NOISE)
    for x in COUNTS:
        table[f"{x}, start"] = np.where(arm == FACTORS, 16, 62)
        shrunk = table[f"{x}, start"] * np.exp(-less + rng.normal(0, 0.04, len(table)))
        table[f"{x}, end"] = table[f"{x}, start"] if x == "rank" else shrunk
    return table
