"""Do factors speed up the steps of a GAN's training? 000-speed, document 000, section 2, aim 2.

The article: 减少模型的参数数量，提高训练速度和稳定性。 "Reduce the number of parameters, raise the speed and stability of training."
Read as: a step of training of dense networks, on two CPU cores, takes less time with low-rank kernels in G, by a tenth or
more, at one of two ranks. Whether the steps also teach as much is another question (000-expressive).

G is the article's: 100 latents, two equal hidden layers, 3,072 outputs, at four widths; images are noise, since their
content costs no time. D is small (one hidden layer of 64), so that G's share shows, or as wide as G. Each arm is compiled
with XLA and without, and counts by the faster one: XLA is slow with some large products of matrices on a CPU. A round
times all arms of a width in changing order, after compiling. Rounds of one session are not independent (512 wide, rank 8:
2.97 times in the first ten, 2.40 later), so intervals are too narrow; 20 rounds were added after a look at ten.
Controls: at the greatest width a dense G of a quarter of the width must surely be faster; the dense G, timed again in a
round, must not surely differ by a tenth.
"""

from functools import cache
import time

from gannotes import layers, models, plotting, studies, training
from gannotes.studies.claims import Value, Verdict, only, over_seeds
import numpy as np
import pandas as pd

CLAIM, HOURS = "000-speed", 0.05
SETTINGS = {
    "widths": [128, 256, 512, 1024], "ranks": [8, 32], "seeds": 30, "latent_dim": 100,
    "image_shape": [32, 32, 3], "batch_size": 64, "small": 64, "seconds": 0.15,
}  # fmt: skip
KEY, WIDTHS, SMALL, LARGE = ["width", "seed"], SETTINGS["widths"], "D is small", "D is as wide as G"
DENSE, AGAIN, QUARTER = "dense", "dense, timed again", "dense, of a quarter of the width"
FACTORS = {f"rank {rank}": rank for rank in SETTINGS["ranks"]}
ARMS = [(SMALL, arm) for arm in (DENSE, *FACTORS)] + [(LARGE, arm) for arm in (DENSE, *FACTORS)]
MARGIN = np.log(1.1)  # of the time a step
HISTORY = "2026-11-29: written before its runs. The rule before it compared slowest and quickest rounds, with XLA alone for the dense G, and a D that cost nothing. 2026-11-30: 20 rounds more, after a look at ten, of which halves gave two answers; some of them while other work ran. Its parts are judged one by one. After a sceptical reader: the docstring says of what steps this is, and that rounds depend on their session."


def runs():
    return [(width, r) for r in range(SETTINGS["seeds"]) for width in WIDTHS]  # seeds are rounds


@cache  # compiled, with how many steps take so many seconds
def compiled(width, size, rank, jit):
    shape = tuple(SETTINGS["image_shape"])
    generator = models.mlp_generator(shape, SETTINGS["latent_dim"], (width, width), rank=rank)
    gan = training.GAN(generator, models.mlp_discriminator(shape, (size,)))
    gan.compile(r1=0, jit_compile=jit)
    timed(gan, 5)
    steps = 5 * int(np.clip(SETTINGS["seconds"] / timed(gan, 5) / 5 / 5, 1, 20))
    timed(gan, steps)
    return gan, steps


@cache
def images():
    shape = SETTINGS["batch_size"], *SETTINGS["image_shape"]
    return np.random.default_rng(0).uniform(-1, 1, shape).astype("float32")


def timed(gan, steps):
    """Seconds of so many steps."""
    start = time.perf_counter()
    gan.fit(images(), None, SETTINGS["batch_size"], 1, steps, verbose=0)
    return time.perf_counter() - start


def measure(width, seed):
    arms, rows = [*ARMS, (SMALL, AGAIN), (SMALL, QUARTER)], []
    arms = [(*arm, jit) for arm in arms for jit in (True, False)]
    for k in np.random.default_rng(seed).permutation(len(arms)):
        d, arm, jit = arms[k]
        own = width // 4 if arm == QUARTER else width
        size = SETTINGS["small"] if d == SMALL else width
        gan, steps = compiled(own, size, FACTORS.get(arm), jit)
        row = {"d": d, "arm": arm, "xla": jit, "ms": 1000 * timed(gan, steps) / steps}
        rows.append(row | {"work": layers.multiply_adds(gan.generator)})
    return rows


def logs(table):
    """``{(width, D, arm): logs of ms a step, a round each}``, by the faster way to compile."""
    of = {}
    for key, rows in table.groupby(["width", "d", "arm"], sort=False):
        ways = [np.log(x.sort_values("seed")["ms"].to_numpy()) for _, x in rows.groupby("xla")]
        of[key] = min(ways, key=np.median)
    return of


def rule(table):
    """Factors pay at a width if a step surely takes a tenth less (95 %, by round, Holm over all). Holds if a rank does at every
    width, with both D; else it says from which width on, with which D. Does not hold if none does, and each gain is surely
    (95 %, one-sided) less than a tenth. Not decided if a control fails."""
    of = logs(table)
    gains = {(w, d, arm): of[w, d, DENSE] - of[w, d, arm] for w, d, arm in of if arm in FACTORS}
    lows = dict(zip(gains, studies.holm_lows([x - MARGIN for x in gains.values()]), strict=True))
    where = {}
    for d in (SMALL, LARGE):
        pays = [max(lows[w, d, arm] for arm in FACTORS) > 0 for w in WIDTHS]
        wide = [f"G {w:,} wide" for k, w in enumerate(WIDTHS) if all(pays[k:])]
        where[d.removeprefix("D is ")] = wide
    verdict = only("D is", where)
    verdict = "holds" if min(map(len, where.values())) == len(WIDTHS) else verdict
    if all(studies.interval(x, level=0.9).high < MARGIN for x in gains.values()):
        verdict = "does not hold"
    quarter = of[WIDTHS[-1], SMALL, DENSE] - of[WIDTHS[-1], SMALL, QUARTER]
    checks = {"a quarter of the width is not surely faster": studies.interval(quarter).low > 0}
    for w in WIDTHS:
        again = studies.interval(of[w, SMALL, DENSE] - of[w, SMALL, AGAIN], level=0.9)
        same = again.low < MARGIN and again.high > -MARGIN
        checks[f"the dense G surely differs from itself (width {w:,})"] = same
    failed = tuple(said for said, fine in checks.items() if not fine)
    verdict = "not decided" if failed else verdict
    values = {}
    for (w, d, arm), x in gains.items():
        values[f"width {w}, {d}: times as fast, {arm}"] = over_seeds(np.exp(x), rtol=1)
    for w in WIDTHS:
        ms = np.exp(of[w, SMALL, DENSE])
        values[f"width {w}, {SMALL}: ms a step, dense"] = over_seeds(ms, rtol=2, unit="ms")
        work = table[(table.width == w) & (table.d == SMALL)].groupby("arm")["work"].first()
        ratio = work[DENSE] / work["rank 32"]
        values[f"width {w}: multiply-adds, dense / rank 32"] = Value(ratio, rtol=0.01)
    return Verdict(CLAIM, verdict, values, SETTINGS["seeds"], "D is", where, failed)


def figure(table):
    of, panels = logs(table), {SMALL: {}, LARGE: {}}
    for d, arm in ARMS:
        panels[d][arm] = np.exp([of[w, d, arm] for w in WIDTHS]).T
    return plotting.plot_bands(
        WIDTHS, panels, title="Where factors save time", xlabel="width of G", ylabel="ms a step",
        xscale="log", yscale="log", xticks=WIDTHS, marker="o",
    )  # fmt: skip


UNIT = "of the log of the time that a rank saves where G is four times as wide as the least, and D small"
WORTH = 0.2  # twice the margin
EFFECTS = {-0.5: "does not hold", 3.0: "holds"}
EFFECTS[0.45] = (
    "holds only when D is small (G 512 wide; G 1,024 wide) or as wide as G (G 1,024 wide)"
)


def planted(effect, rng):
    arms = [*ARMS, (SMALL, AGAIN), (SMALL, QUARTER)]
    rows = [(*run, *arm, jit) for run in runs() for arm in arms for jit in (True, False)]
    table = pd.DataFrame(rows, columns=[*KEY, "d", "arm", "xla"]).assign(work=1.0)
    size = np.log2(table.width / 512)
    gain = effect + (0.5 * size if effect > 0 else 0) - 0.4 * (table.d == LARGE)
    saved = np.where(table.arm.isin(FACTORS), gain, 0) + (table.arm == QUARTER)
    ms = 2 + size - saved + 0.3 * ~table.xla + rng.normal(0, 0.06, len(table))
    return table.assign(ms=np.exp(ms))
