"""Do log-likelihood losses and Adam train a sparse GAN faster? 002-optimizer, document 002, section 5.1.

The article: 使用更好的损失函数，例如使用对数似然损失函数……以提高模型的训练效率。使用更好的优化算法，例如使用Adam优化算法……以提高模型的训练速度。
"Use better losses, as log-likelihood, to train more efficiently; better optimizers, as Adam, to train faster." Read as:
the Fréchet distance to held-out images falls to a goal in fewer steps (1) with Adam than with gradient descent (SGD, of
the same momentum), (2) with the better of two log-likelihood losses than with each of three others, all by Adam.

The goal is what Adam reaches by half of the steps on a seed that does not judge; a training that does not reach it counts
as if it had at twice the steps. Rates stay, so that no schedule knows the end. Each arm has its best of a grid of rates
of G and of ratios of D's to it, by that seed's mean logarithm of the distance over the training.
Control: Adam at a tenth of its rates must surely be slower.
"""

import functools
from itertools import product

from experiments import _sparse
from gannotes import datasets, plotting, studies
from gannotes.studies.claims import Verdict, only, over_seeds
from keras.optimizers import SGD
import numpy as np
import pandas as pd

CLAIM, HOURS = "002-optimizer", 0.15
SETTINGS = {  # rates of G, and how many times as high D's are
    "digits": {"seeds": 10, "steps": 800,
               "Adam": [0.001, 0.002, 0.004, 0.008], "SGD": [0.02, 0.06, 0.2, 0.6]},
    "mnist5k": {"seeds": 5, "steps": 600,
                "Adam": [0.0005, 0.001, 0.002, 0.004], "SGD": [0.02, 0.06, 0.2, 0.6]},
    "ratios": [1, 4], "momentum": 0.5, "own seed": 100, "looks": 16,
}  # fmt: skip
KEY, DATA, MARGIN = ["data", "arm", "seed"], ("digits", "mnist5k"), np.log(1.1)  # of the steps
LIKELIHOOD, OTHERS = ("nonsaturating", "minimax"), ("least_squares", "hinge", "wasserstein")
ADAM, DESCENT, SLOW = "nonsaturating", "descent", "slow"  # the first is an arm of losses, too
ARMS = (*LIKELIHOOD, *OTHERS, DESCENT, SLOW)
HISTORY = "2026-11-29: written before its runs. The rule before it asked for the distance at the end, not of speed; Adam had one rate for both networks; a factor of 1.5 was chosen after seeing results; losses were those of another GAN. Rates not tried yet. HOURS is an estimate: not measured yet. 2026-11-30: its parts are judged one by one."


def runs():
    return [(d, arm, seed) for d in DATA for arm in ARMS for seed in range(SETTINGS[d]["seeds"])]


@functools.cache  # one compiled graph for all seeds and losses
def compiled(name, by_descent):
    gan, options = _sparse.build(name), {}
    if by_descent:
        options = {f"{x}_optimizer": SGD(0.1, SETTINGS["momentum"]) for x in gan.networks}
    gan.compile(loss={loss: loss for loss in (*LIKELIHOOD, *OTHERS)}, **options)
    return gan


def curve(name, arm, seed, rate, ratio):
    """Logarithms of the distance at equally many steps from look to look."""
    gan, data, found = compiled(name, arm == DESCENT), datasets.load(name), []
    gan.set(
        loss=arm if arm in ARMS[:5] else ADAM, generator_rate=rate, discriminator_rate=ratio * rate
    )
    gan.reset(seed)
    for _ in range(SETTINGS["looks"]):
        _sparse.fit(gan, data.images, SETTINGS[name]["steps"] // SETTINGS["looks"])
        found.append(np.log(_sparse.distance(name, gan, seed)))
    return found


@functools.cache
def chosen(name, arm):
    """Rate and ratio of the least mean logarithm, by a seed that does not judge; and that curve."""
    if arm == SLOW:
        rate, ratio, logs = chosen(name, ADAM)
        return rate / 10, ratio, logs
    rates = SETTINGS[name]["SGD" if arm == DESCENT else "Adam"]
    pairs = product(rates, SETTINGS["ratios"])
    tried = [(*pair, curve(name, arm, SETTINGS["own seed"], *pair)) for pair in pairs]
    return min(tried, key=lambda x: np.mean(x[2]))


def measure(name, arm, seed):
    steps, (rate, ratio, _) = SETTINGS[name]["steps"], chosen(name, arm)
    goal = np.minimum.accumulate(chosen(name, ADAM)[2])[SETTINGS["looks"] // 2 - 1]
    logs = curve(name, arm, seed, rate, ratio)
    at = steps * np.arange(1, len(logs) + 1) / len(logs)
    taken = np.interp(-goal, -np.minimum.accumulate(logs), at, right=2 * steps)
    return [{"steps": taken, "rate": rate, "ratio": ratio, "distance": np.exp(logs[-1])}]


def rule(table):
    """Faster: the steps to the goal are surely fewer (logs, Welch, 95 %, Holm over all fourteen); a loss if one of the
    two is faster than all three others. Holds if Adam and the loss are faster on both data sets; else for what is.
    Does not hold if SGD, and to each of the two one other loss, surely takes no tenth more (one-sided) on both."""
    far = {k: np.log(x) for k, x in table.groupby(["data", "arm"]).steps}
    cells = [(d, ADAM, DESCENT) for d in DATA] + list(product(DATA, LIKELIHOOD, OTHERS))
    pairs = [(far[d, slow], far[d, fast]) for d, fast, slow in cells]
    fast = dict(zip(cells, studies.holm_lows(pairs) > 0, strict=True))
    little = {c: studies.interval(*x, 0.9).high < MARGIN for c, x in zip(cells, pairs, strict=True)}
    adam = [d for d in DATA if fast[d, ADAM, DESCENT]]
    loss = [d for d in DATA if any(all(fast[d, x, y] for y in OTHERS) for x in LIKELIHOOD)]
    where = {"the optimizer": adam, "the loss": loss}
    verdict = only("it is about", where)
    none = [all(any(little[d, x, y] for y in OTHERS) for x in LIKELIHOOD) for d in DATA]
    none += [little[d, ADAM, DESCENT] for d in DATA]
    verdict = "does not hold" if all(none) else verdict
    verdict = "holds" if len(adam) == len(loss) == len(DATA) else verdict
    sees = {d: studies.interval(far[d, SLOW], far[d, ADAM]).low > 0 for d in DATA}
    failed = tuple(f"Adam at a tenth is not surely slower ({d})" for d in DATA if not sees[d])
    verdict = "not decided" if failed else verdict
    values = {": ".join(k): over_seeds(np.exp(x), rtol=0.5, unit="steps") for k, x in far.items()}
    seeds = min(SETTINGS[d]["seeds"] for d in DATA)
    return Verdict(CLAIM, verdict, values, seeds, "it is about", where, failed)


def figure(table):
    names = {
        ADAM: "nonsaturating, Adam",
        DESCENT: "nonsaturating, SGD",
        SLOW: "Adam, a tenth of its rate",
    }
    panels = {d: {names.get(arm, arm): x for arm, x in rows.groupby("arm", sort=False).steps}
              for d, rows in table.groupby("data")}  # fmt: skip
    return plotting.plot_dots(panels, xscale="log", xlabel="steps to the goal", title="Speed")


UNIT = "of a logarithm by which other losses take more steps; SGD takes 1 more than they do"
WORTH = 0.2  # twice the margin
ONLY = "holds only when it is about the optimizer (digits, mnist5k)"
EFFECTS = {-1.5: "does not hold", 0.0: ONLY, 0.8: "holds"}


def planted(effect, rng):
    table = pd.DataFrame(runs(), columns=KEY).assign(rate=0.002, ratio=4, distance=5.0)
    more = {DESCENT: effect + 1, SLOW: 1.5} | dict.fromkeys(OTHERS, effect)
    return table.assign(
        steps=400 * np.exp(table.arm.map(more).fillna(0) + rng.normal(0, 0.2, len(table)))
    )
