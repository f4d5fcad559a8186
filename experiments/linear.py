"""Does a linear low-rank generator learn PCA's subspace? 000-linear, our own question, after document 000, section 3.

The article: 生成器可以表示为 G(z; θ) = W_1 · σ(W_2 · z)，其中……W_1 和 W_2 是需要学习的低秩矩阵。 "…low-rank matrices to be
learned." With the identity for σ, G(z) = ABz is linear, and the best such matrix, in squares, spans the first principal
components (Eckart and Young 1936).
Read as: the largest angle between the span of G and that of PCA is less than 10° after training. For a quadratic D and the
distance W₂ this is a theorem (Feizi et al. 2017); the loss of the original GAN fails for linear G and Gaussian data, and that of
the Wasserstein GAN does not (Cho and Suh 2019). So each loss is asked for itself: non-saturating with R1, and without it;
Wasserstein with a penalty on slopes (WGAN-GP).

Points in 16 dimensions, of which three directions have standard deviations 3, 2, 1, and the others 0.2 (easy) or 0.7 (hard);
or 0.2, and all are Laplacian, not Gaussian. G has rank 3. Each loss has the best of three rates on each, on a seed that
does not count: by the angle, to give each its chance.
Controls: PCA of half of the points must be within 10° of PCA of all; G before training must surely be farther than 45°.
"""

from functools import cache
from itertools import product

from gannotes import layers, models, plotting, studies, training
from gannotes.studies.claims import Verdict, only, over_seeds
from gannotes.training.callbacks import Diverged
import keras
import numpy as np
import pandas as pd
from scipy.linalg import subspace_angles
from sklearn.decomposition import PCA

CLAIM, HOURS = "000-linear", 0.1
SETTINGS = {
    "seeds": 20, "steps": 3000, "points": 6000, "dimensions": 16, "large": [3, 2, 1], "own seed": 100,
    "rates": [0.0005, 0.002, 0.008], "r1": 0.6, "wgan_gp": 1.0,
}  # fmt: skip
KEY, RANK = ["data", "loss", "seed"], len(SETTINGS["large"])
DATA = {"easy": ("normal", 0.2), "hard": ("normal", 0.7), "not Gaussian": ("laplace", 0.2)}
LOSSES = {  # loss, and weights of the two penalties
    "non-saturating with R1": ("nonsaturating", SETTINGS["r1"], 0),
    "non-saturating alone": ("nonsaturating", 0, 0),
    "Wasserstein with penalty": ("wasserstein", 0, SETTINGS["wgan_gp"]),
}
NEAR, FAR = 10, 45  # degrees
HISTORY = (
    "2026-11-29: written before its runs. The rule before it asked of one loss with R1, and of Gaussian points whose small "
    "directions had a 25th of the variance; it named the theorem for another loss, and not the one against its own. 2026-11-30: ten seeds more, after a look at ten, of which halves named other lists; its parts are judged one by one."
)


def runs():
    return [(d, loss, s) for s in range(SETTINGS["seeds"]) for d in DATA for loss in LOSSES]


def drawn(name, seed):
    """Points, and the angle from PCA of half of them to PCA of all; and PCA's basis."""
    rng, (kind, small) = np.random.default_rng(seed), DATA[name]
    size = SETTINGS["dimensions"]
    stds = np.r_[SETTINGS["large"], np.full(size - RANK, small)]
    axes = np.linalg.qr(rng.standard_normal((size, size)))[0]
    scale = 1.0 if kind == "normal" else 0.5**0.5  # of variance 1
    units = getattr(rng, kind)(scale=scale, size=(SETTINGS["points"], size))
    points = (units * stds @ axes.T).astype("float32")
    bases = [PCA(RANK, svd_solver="full").fit(x).components_.T for x in (points, points[::2])]
    return points, bases[0], angle(*bases)


def angle(basis, other):
    """The largest principal angle of two subspaces, degrees."""
    return float(np.degrees(subspace_angles(basis, other).max()))


@cache  # one compiled graph for all losses, data, rates and seeds
def compiled():
    size, latents = SETTINGS["dimensions"], keras.Input((8,))
    generator = keras.Model(latents, layers.LowRankDense(size, RANK, use_bias=False)(latents))
    gan = training.GAN(generator, models.mlp_discriminator((size,), (64, 64)))
    several = {loss: loss for loss, *_ in LOSSES.values()}
    gan.compile(loss=several, r1=SETTINGS["r1"], wgan_gp=SETTINGS["wgan_gp"])
    return gan


def measure(name, loss, seed, rate=None):
    rate, gan = rate or chosen(name, loss), compiled()
    points, basis, halves = drawn(name, seed)
    kind, r1, wgan_gp = LOSSES[loss]
    gan.set(loss=kind, r1=r1, wgan_gp=wgan_gp, generator_rate=rate, discriminator_rate=rate)
    gan.reset(seed)

    def off():
        return angle(gan.ema_generator.layers[-1].factors[1].T, basis)

    first = off()
    try:
        gan.fit(points, None, 64, 1, SETTINGS["steps"], verbose=0)
        found = off()
    except Diverged:
        found = 90.0
    return [{"rate": rate, "angle": found, "first": first, "halves": halves}]


@cache
def chosen(name, loss):
    """The rate that leads to the least angle, on a seed that does not count."""
    tries = SETTINGS["rates"]
    return min(tries, key=lambda x: measure(name, loss, SETTINGS["own seed"], x)[0]["angle"])


def rule(table):
    """A loss learns the subspace of some data if the angle surely is less than 10° (95 %, Bonferroni over nine). Holds if all do on
    all; else it names those that do. Does not hold if none does, and each surely is farther. Not decided if a control fails."""
    found = {key: rows["angle"].to_numpy() for key, rows in table.groupby(KEY[:2])}
    spans = {key: studies.interval(x, level=1 - 0.05 / len(found)) for key, x in found.items()}
    where = {loss: [d for d in DATA if spans[d, loss].high < NEAR] for loss in LOSSES}
    verdict, checks = only("the loss is", where), {}
    verdict = "holds" if all(x.high < NEAR for x in spans.values()) else verdict
    verdict = "does not hold" if all(x.low > NEAR for x in spans.values()) else verdict
    for d in DATA:
        rows = table[table.data == d]
        checks[f"PCA of half of the points is off ({d})"] = rows["halves"].max() < NEAR
        checks[f"G is near before training ({d})"] = studies.interval(rows["first"]).low > FAR
    failed = tuple(said for said, fine in checks.items() if not fine)
    verdict = "not decided" if failed else verdict
    values = {f"{d}, {loss}": over_seeds(x, atol=10, unit="°") for (d, loss), x in found.items()}
    return Verdict(CLAIM, verdict, values, SETTINGS["seeds"], "the loss is", where, failed)


def figure(table):
    panels = {d: {} for d in DATA}
    for d, loss in product(DATA, LOSSES):
        rows = table[(table.data == d) & (table.loss == loss)]
        panels[d][loss] = rows["angle"].to_numpy()
    title, near = "Largest angle to PCA's subspace", {"tolerance": NEAR}
    return plotting.plot_dots(panels, xlabel="°", title=title, references=near, xlim=(0, 92))


UNIT = (
    "degrees of the angle without a penalty; with one a third of it, on hard points twice as much"
)
WORTH = 20.0  # twice the angle that is near
EFFECTS = {2.0: "holds", 60.0: "does not hold"}
EFFECTS[18.0] = (
    "holds only when the loss is non-saturating with R1 (easy, not Gaussian) "
    "or Wasserstein with penalty (easy, not Gaussian)"
)


def planted(effect, rng):
    table = pd.DataFrame(runs(), columns=KEY).assign(rate=0.002, halves=3.0)
    mean = effect * np.where(table.loss == "non-saturating alone", 1, 1 / 3)
    mean *= np.where(table.data == "hard", 2, 1)
    found = np.minimum(mean * np.exp(rng.normal(0, 0.2, len(table))), 90)
    return table.assign(angle=found, first=75 + rng.normal(0, 5, len(table)))
