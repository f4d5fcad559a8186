"""Do GANs translate and enhance images? 000-translation, document 000, sections 1 and 6.

The article: GANs在图像生成、图像翻译、图像增强等领域取得了显著的成果。
"GANs have had remarkable results in generation, translation and enhancement of images." Read as: what is to stay stays,
and images look real. On drawn shapes, whose factors are known, so that one can count which survive:

- pairs: edges → pictures, by an absolute error and a D that sees edges beside pictures (pix2pix; Isola et al. 2017);
- no pairs: edges of some pictures, other pictures, cycle consistency (Zhu et al. 2017), of pictures ten times less;
- noise: noisy → clean pictures, as with pairs.

A classifier reads shape, texture and colour of what was made, and moments read size and place. Edges are slopes of
brightness, over each picture's greatest. A factor survives if more than half of it is left: of right classes beyond
chance, or of explained variance, over the same of true pictures. Pictures look real if they are surely nearer to real
ones (Fréchet distance) than those of the opponent, the same network trained by squared error alone, with pairs. Each
has its best of two rates, on two seeds and images that do not judge: a regression by its error, a game by its distance.
Controls: true pictures must be read right; with wrong pairs neither shape nor texture may survive (convolutions leave
things in their places all the same); nor, of edges, hue, which they lack.
"""

import functools
import time

from experiments import _translation  # noqa: F401  (its code counts for the recipe)
from experiments._translation import PAIRED, REGRESSION, UNPAIRED, edges, noisy, readings, train
from gannotes import datasets, metrics, plotting, studies
from gannotes.metrics import evaluators
from gannotes.studies.claims import Verdict, only, over_seeds
from gannotes.training.trainer import in_blocks
import numpy as np
import pandas as pd

CLAIM, HOURS, SEEDS = "000-translation", 0.4, 5
ARMS = {  # task and form; the absolute error's weight
    "pairs": ("edges", PAIRED, 100.0), "no pairs": ("edges", UNPAIRED, 10.0),
    "wrong pairs": ("edges", PAIRED, 100.0), "regression": ("edges", REGRESSION, 1.0),
    "noise": ("noise", PAIRED, 100.0), "noise, regression": ("noise", REGRESSION, 1.0),
}  # fmt: skip
SETTINGS = {
    "data": "shapes16", "noise": 0.3, "rates": [0.0015, 0.003], "own seeds": [100, 101], "images": [0, 500, 1000],
    "steps": {"edges": {PAIRED: 1000, UNPAIRED: 800, REGRESSION: 2000}, "noise": {PAIRED: 800, REGRESSION: 1600}},
}  # fmt: skip
KEY = ["arm", "seed"]
FACTORS = ("shape", "texture", "size", "x", "y", "hue")
ASKED = {"pairs": "regression", "no pairs": "regression", "noise": "noise, regression"}  # opponents
TOLD = {"pairs": "translation with pairs", "no pairs": "translation without pairs", "noise": "enhancement"}  # fmt: skip
AGAIN, HALF, MARGIN = "hue, there and back", 0.5, np.log(1.1)  # of a factor; of the distance
HISTORY = "2026-11-30: written before its runs, after steps, weights and noise were tried on seed 100, of which a control is: wrong pairs keep the place. The question is new: no rule was before it. 2026-11-30: its parts are judged one by one."


def measure(arm, seed, rate=None, part=1):
    data, (task, form, weight) = datasets.load(SETTINGS["data"]), ARMS[arm]
    judge, rows = evaluators.for_dataset(data), slice(*SETTINGS["images"][part : part + 2])
    first, other = np.split(data.images, 2)  # edges of the other ones are not seen
    rate = rate or chosen("pairs" if arm == "wrong pairs" else arm)

    def source(images, seed):
        return edges(images) if task == "edges" else noisy(images, seed, SETTINGS["noise"])

    given = source(first, seed), other if arm in ("no pairs", "wrong pairs") else first
    began = time.process_time()
    network = train(form, *given, seed, rate, SETTINGS["steps"][task][form], weight)
    seconds, true = time.process_time() - began, data.held_out_images[rows]
    factors = {k: x[rows] for k, x in data.held_out_factors.items()}
    shown = source(true, seed + 1000)
    pictures = {"true": true, "made": in_blocks(network.there, shown)}
    back = in_blocks(network.back, true) if form == UNPAIRED else shown
    pictures["again"] = in_blocks(network.there, back)
    true, made, again = (readings(x, factors, judge) for x in pictures.values())
    row = {k: x / true[k] for k, x in made.items()} | {AGAIN: again["hue"] / true["hue"]}
    row["error"] = np.mean((pictures["made"] - pictures["true"]) ** 2)
    far = metrics.frechet_distance(judge.features(other), judge.features(pictures["made"]))
    more = {"log distance": np.log(far), "read": min(true.values()), "rate": rate}
    return [row | more | {"seconds": seconds}]


@functools.cache
def chosen(arm):
    """The rate that leads to the least error, or log distance, on seeds and images that do not judge."""
    what = "error" if ARMS[arm][1] == REGRESSION else "log distance"

    def far(rate):
        return sum(measure(arm, seed, rate, 0)[0][what] for seed in SETTINGS["own seeds"])

    return min(SETTINGS["rates"], key=far)


def runs():
    return [(arm, seed) for arm in ARMS for seed in range(SEEDS)]


def rule(table):
    """A task is done if all factors but hue of edges surely survive, and pictures look real, both surely (95 %, Holm over
    all). Holds if the three tasks are; else for those that are. Does not hold if each surely (95 %, one-sided) leaves
    less than half of a factor, or is nearer by less than a tenth. Not decided, too, if a control fails."""
    of, samples = dict(list(table.groupby("arm"))), {}
    for arm, opponent in ASKED.items():
        kept = [of[arm][x] - HALF for x in FACTORS[: len(FACTORS) - (ARMS[arm][0] == "edges")]]
        samples[arm] = [*kept, (of[opponent]["log distance"], of[arm]["log distance"])]
    lows = iter(studies.holm_lows([x for found in samples.values() for x in found]))
    done = [arm for arm, found in samples.items() if min([next(lows) for _ in found]) > 0]
    where = {TOLD[arm]: [""] for arm in done}
    verdict = "holds" if len(done) == len(ASKED) else only("one asks for", where)
    highs = {arm: [studies.interval(x, level=0.9).high for x in found[:-1]]
             + [studies.interval(*found[-1], level=0.9).high - MARGIN] for arm, found in samples.items()}  # fmt: skip
    verdict = "does not hold" if all(min(x) < 0 for x in highs.values()) else verdict
    lost = [("wrong pairs", x) for x in FACTORS[:2]] + [(x, "hue") for x in ("pairs", "regression")]
    failed = [
        f"{x} may survive {arm}" for arm, x in lost if studies.interval(of[arm][x]).high >= HALF
    ]
    failed += ["true pictures are read wrong"] if table.read.min() <= 0.9 else []
    verdict = "not decided" if failed else verdict
    shown = (*FACTORS, AGAIN, "log distance", "error")
    values = {f"{arm}: {x}": over_seeds(of[arm][x], atol=0.3) for arm in ARMS for x in shown}
    return Verdict(CLAIM, verdict, values, SEEDS, "one asks for", where, tuple(failed))


def figure(table):
    of = table.groupby("arm", sort=False)
    panels = {x: dict(list(of[x])) for x in (*FACTORS, "log distance", "error")}
    return plotting.plot_dots(
        panels, across=4, title="What survives a translation: 1 is all of it", width=2.2
    )


UNIT = "of a logarithm by which pictures are nearer, with pairs and of noise; 0.4 of it, beyond half, is left of factors; without pairs 1 less"
WORTH = 0.2  # twice the margin of the distance
EFFECTS = {
    -0.5: "does not hold",
    0.6: f"holds only when one asks for {TOLD['pairs']} or {TOLD['noise']}",
    2.0: "holds",
}


def planted(effect, rng):
    table = pd.DataFrame(runs(), columns=KEY)
    gain = table.arm.map(
        {"pairs": effect, "no pairs": effect - 1, "noise": effect, "wrong pairs": -2}
    ).fillna(0)
    for name in (*FACTORS, AGAIN):
        left = np.clip(0.5 + 0.4 * gain, 0, 1) * (
            (name != "hue") | table.arm.str.startswith("noise")
        )
        table[name] = left + 0.03 * rng.normal(size=len(table))
    table["log distance"] = 3 - gain + 0.15 * rng.normal(size=len(table))
    return table.assign(error=0.1, read=0.95, seconds=20.0, rate=0.001)
