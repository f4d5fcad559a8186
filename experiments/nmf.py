"""Do non-negative factors suit non-negative data? 000-nmf, document 000, sections 5 and 6.

The article: 例如，非负矩阵分解可以处理非负数据，而高秩矩阵恢复可以处理低秩矩阵的恢复问题。
"For example, non-negative matrix factorization can handle non-negative data, and high-rank matrix recovery …"
Read as: light adds up, so that the last layer of G, a product of two factors behind a ReLU, may be non-negative. Then (1)
its atoms are surely sparser, by 0.1 or more (Hoyer 2004; 1 is a single pixel), than those of a signed twin; (2) images are
surely no more than a quarter farther from held-out ones (Fréchet). Sparser is not parts: whole training images have 0.42
(digits) and 0.64 (mnist5k), and NMF has parts under conditions only (Lee and Seung 1999; Donoho and Stodden 2003).

Two ways: factors that are projected to 0 or more after each step, or are softplus of free weights. Rank is 32. Each arm has
its best of four learning rates, on a seed that does not count. Told: scikit-learn's NMF, with a mixture for its codes.
Controls: NMF's atoms must surely be sparser than the signed twin's; before training no G's may be sparser by 0.1. The second
is weak: a reader trained on uniform noise (8 seeds, 8×8): projected atoms had 0.335, signed ones 0.230; digits add 0.17 to
0.20. On mnist5k 400 steps teach little: log distances 3.9 (signed), 4.4 (softplus), 4.53 untrained, at the grid's least rate.
"""

from functools import cache
from itertools import product

from experiments import _factors
from gannotes import layers, models, plotting, studies, training
from gannotes.studies.claims import Verdict, only, over_seeds
import keras
import numpy as np
import pandas as pd
from sklearn.decomposition import NMF
from sklearn.mixture import GaussianMixture

CLAIM, HOURS = "000-nmf", 0.12
SETTINGS = {
    "digits": {"seeds": 10, "steps": 400}, "mnist5k": {"seeds": 5, "steps": 400}, "rank": 32,
    "own seed": 100, "rates": [0.3, 1.0, 3.0, 10.0],
}  # fmt: skip
KEY, DATA = ["data", "arm", "seed"], ("digits", "mnist5k")
SIGNED, CLASSICAL = "signed", "NMF, no GAN"
WAYS, MARGIN, SPARSER, FAR = ("projected", "softplus"), np.log(1.25), 0.1, np.log(5)
DEAR = "sparser atoms, and not that images are over five times as far"
CHEAP = "sparser atoms, and not the distance"
HISTORY = "2026-11-29: written before its runs. The rule before it tried projected factors alone, at one rate; any gain was parts. 2026-11-30: its parts are judged one by one; atoms that are sparser are named beside both. After a sceptical reader, and after the runs: sparser atoms are no longer called parts, their price is in the verdict, and planted noise is the record's."


@cache  # one compiled graph for all rates and seeds
def compiled(shape, arm):
    latents, pixels = keras.Input((_factors.LATENT_DIM,)), int(np.prod(shape))
    x = models.mlp.hidden_stack(latents, (256, 128), batch_norm=True)
    x = keras.layers.Dense(64, activation="relu")(x)
    if arm == "softplus":
        light = _factors.Softplus(pixels, SETTINGS["rank"], name="light")
    else:
        options = {"use_bias": False, "non_negative": arm == "projected", "name": "light"}
        light = layers.LowRankDense(pixels, SETTINGS["rank"], **options)
    x = keras.layers.Activation("hard_tanh")(keras.layers.Rescaling(1, -1)(light(x)))  # black: -1
    generator = keras.Model(latents, keras.layers.Reshape(shape)(x))
    gan = training.GAN(generator, models.mlp_discriminator(shape, (128, 96, 64)))
    gan.compile()
    return gan


def runs():
    rounds = [(d, seed) for d in DATA for seed in range(SETTINGS[d]["seeds"])]
    return [(d, arm, seed) for d, seed in rounds for arm in (SIGNED, *WAYS, CLASSICAL)]


def sparsity(network):
    layer = network.get_layer("light")
    return _factors.sparsity(layer.atoms if hasattr(layer, "atoms") else layer.factors[1])


def measure(name, arm, seed, rate=None):
    data, distance = _factors.judged(name)
    if arm == CLASSICAL:
        light = data.images.reshape(len(data.images), -1) + 1
        nmf = NMF(SETTINGS["rank"], init="nndsvda", random_state=seed, max_iter=400, tol=0.01)
        mixture = GaussianMixture(10, random_state=seed, reg_covar=1e-4)
        codes = mixture.fit(np.float64(nmf.fit_transform(light))).sample(_factors.IMAGES)[0]
        made = np.maximum(codes, 0) @ nmf.components_ - 1
        far = distance(np.clip(made, -1, 1).reshape(-1, *data.shape).astype("float32"))
        return [{"rate": 0, "log distance": far, "sparsity": _factors.sparsity(nmf.components_), "first": 0}]  # fmt: skip
    gan, rate = compiled(data.shape, arm), rate or chosen(name, arm)
    gan.reset(seed)
    first = sparsity(gan.generator)
    far = _factors.far(name, gan, data.images, rate, SETTINGS[name]["steps"])
    parts = sparsity(gan.ema_generator)
    return [{"rate": rate, "log distance": far, "sparsity": parts, "first": first}]


@cache
def chosen(name, arm):
    """The rate that leads to the least distance, on a seed that does not count."""
    far = {x: measure(name, arm, SETTINGS["own seed"], x)[0] for x in SETTINGS["rates"]}
    return min(far, key=lambda rate: far[rate]["log distance"])


def rule(table):
    """Holds if a way has sparser atoms (95 %, Welch, Holm over four), by 0.1, and images no farther (95 %, one-sided) on
    both data sets; else it says where, and if images are surely five times as far. Does not hold if atoms surely (95 %,
    one-sided) are nowhere sparser. Not decided if a control fails."""
    found = {key: rows for key, rows in table.groupby(KEY[:2])}
    cells = list(product(DATA, WAYS))

    def pair(what, d, arm):
        return tuple(found[d, x][what].to_numpy() for x in (arm, SIGNED))

    pairs = [pair("sparsity", d, way) for d, way in cells]
    sparse = studies.holm_lows([(x - SPARSER, y) for x, y in pairs]) > 0
    same = [studies.interval(x, y, 0.9).high < SPARSER for x, y in pairs]
    near = [studies.interval(*pair("log distance", d, w), 0.9).high < MARGIN for d, w in cells]
    dear = np.array([studies.interval(*pair("log distance", *x), 0.9).low > FAR for x in cells])
    names, both, checks = np.array([f"{d}, {way}" for d, way in cells]), sparse & near, {}
    kinds = {DEAR: sparse & dear, CHEAP: sparse & ~dear, "both": both}
    where = {said: names[kind].tolist() for said, kind in kinds.items()}
    verdict = "does not hold" if all(same) and not sparse.any() else only("one counts", where)
    verdict = "holds" if both.reshape(len(DATA), -1).all(axis=0).any() else verdict
    for d in DATA:
        first = [found[d, arm]["first"].mean() for arm in (*WAYS, SIGNED)]
        classical = studies.interval(*pair("sparsity", d, CLASSICAL)).low > 0
        checks[f"NMF's atoms are not surely sparser ({d})"] = classical
        checks[f"atoms are sparser before training ({d})"] = max(first) < first[-1] + SPARSER
    failed = tuple(said for said, fine in checks.items() if not fine)
    verdict = "not decided" if failed else verdict
    values = {f"{d}, {arm}: {what}": over_seeds(rows[what], atol=0.2)
              for (d, arm), rows in found.items() for what in ("sparsity", "log distance")}  # fmt: skip
    seeds = SETTINGS["mnist5k"]["seeds"]
    return Verdict(CLAIM, verdict, values, seeds, "one counts", where, failed)


def figure(table):
    panels = {f"{d}: {what}": {} for what in ("sparsity", "log distance") for d in DATA}
    for (panel, shown), arm in product(panels.items(), (SIGNED, *WAYS, CLASSICAL)):
        d, what = panel.split(": ")
        shown[arm] = table[(table.data == d) & (table.arm == arm)][what].to_numpy()
    return plotting.plot_dots(panels, across=2, title="Atoms that only add up")


UNIT = "by how much non-negative atoms are sparser; images are farther by (effect - 0.3), in logs"
WORTH = 0.2  # twice the margin
EVERY = "; ".join(f"{d}, {way}" for d in DATA for way in WAYS)
ONE = "holds only when one counts {} " + f"({EVERY})"
EFFECTS = {-0.3: "does not hold", 0.25: "holds", 0.8: ONE.format(CHEAP), 2.5: ONE.format(DEAR)}


def planted(effect, rng):
    table = pd.DataFrame(runs(), columns=KEY).assign(rate=1.0, first=0.2)
    more = table.arm.map({SIGNED: 0, CLASSICAL: 0.4}).fillna(min(effect, 0.7))
    mnist5k, projected = table.data == "mnist5k", table.arm == "projected"
    spread = np.where(mnist5k & projected, 0.175, 0.03), np.where(mnist5k & ~projected, 0.05, 0.18)
    noise = rng.normal(size=(2, len(table))) * spread  # the record's
    far = np.where(table.arm.isin(WAYS), effect - 0.3, 0) + noise[1]
    return table.assign(**{"sparsity": 0.25 + more + noise[0], "log distance": far})
