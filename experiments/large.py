"""Is classical sparse coding too slow for large data, and do large data overfit? 002-large, document 002, sections 1, 5.2.

The article: 传统的生成式稀疏表示学习方法在处理大规模、高维数据时存在一些挑战，如计算复杂性、模型容易过拟合等。……大规模数据集可能导致模型过拟合。
"Traditional generative sparse representation learning has difficulties with large data of high dimension, as complex
computation and models that overfit easily. … Large data sets can make a model overfit." Read as: with more images, or
more pixels an image, (1) seconds of dictionary learning grow faster than the numbers in the data; (2) the gap between
training and held-out images grows: of codes' errors (classical), of D's scores (a sparse GAN).

Each is the slope of a line over three sizes, of a seed that draws the images; seconds of all cores and errors in logs.
Dictionary learning (Mairal et al. 2009) goes twice over the images; the error is by OMP, 8 non-zeros. The GAN takes
equally many steps with few and many images; its gap is by how often D scores a training image above a held-out one.
Images of fewer pixels are means of squares; the penalty is in proportion to the side, as images' lengths are.
Controls: at the fewest images both gaps must surely be there; at most images the error must surely be less.
"""

import functools
import time

from experiments import _samples
from gannotes import datasets, models, plotting, studies, training
from gannotes.models import atoms
from gannotes.studies.claims import Verdict, only, over_seeds
from gannotes.training.trainer import in_blocks
import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

CLAIM, HOURS = "002-large", 0.08
SETTINGS = {
    "data": "mnist5k", "seeds": 5, "images": [250, 1000, 4000], "sides": [7, 14, 28], "of sides": 1000,
    "atoms": 64, "active": 8, "epochs": 2, "penalty": 0.04, "rival": [256, 128], "rate": 0.002, "steps": 400,
}  # fmt: skip
KEY, IMAGES, PIXELS, GAN = ["kind", "size", "seed"], "images", "pixels", "GAN"
SIZES = {IMAGES: SETTINGS["images"], PIXELS: SETTINGS["sides"], GAN: SETTINGS["images"]}
PARTS = {  # what would be so if the article were right: slope of what, over which sizes, above what
    "time grows faster than images": ("seconds", IMAGES, 1), "time grows faster than pixels": ("seconds", PIXELS, 1),
    "the classical gap grows with images": ("gap", IMAGES, 0), "the classical gap grows with pixels": ("gap", PIXELS, 0),
    "D's gap grows with images": ("gap", GAN, 0),
}  # fmt: skip
MARGINS = {"seconds": 0.1, "gap": 0.01}  # of a power; of a gap, at e times the size
HISTORY = "2026-11-29: written before its runs. The question is new: no rule was before it. Not tried yet. 2026-11-30: its parts are judged one by one."


def runs():
    seeds = range(SETTINGS["seeds"])
    return [(kind, size, seed) for kind in SIZES for seed in seeds for size in SIZES[kind]]


@functools.cache  # one compiled graph for all seeds
def compiled():
    data = datasets.load(SETTINGS["data"])
    coder = models.sparse_coder(SETTINGS["atoms"], SETTINGS["active"])
    judge = models.mlp_discriminator(data.shape, SETTINGS["rival"])
    gan = training.GAN(models.sparse_generator(data.shape, coder), judge)
    rate = SETTINGS["rate"]
    gan.compile(generator_rate=rate, discriminator_rate=4 * rate)
    return data, gan


def smaller(images, side):
    """Means of squares of pixels, so that so many are left on a side."""
    step = images.shape[1] // side
    return images.reshape(len(images), side, step, side, step, 1).mean(axis=(2, 4))


def measure(kind, size, seed):
    data, gan = compiled()
    count, side = (SETTINGS["of sides"], size) if kind == PIXELS else (size, data.shape[0])
    images, rows = _samples.subset(data, count, seed)
    if kind == GAN:
        gan.reset(seed)
        gan.fit(rows, steps_per_epoch=SETTINGS["steps"], verbose=0)
        scores = [in_blocks(gan.discriminator, x)[:, 0] for x in (images, data.held_out_images)]
        is_known = np.repeat([1, 0], [len(x) for x in scores])
        return [
            {
                "gap": roc_auc_score(is_known, np.concatenate(scores)) - 0.5,
                "seconds": 1.0,
                "error": 1.0,
            }
        ]
    images, new = smaller(images, side), smaller(data.held_out_images[:300], side)
    began = time.process_time()
    penalty, epochs = SETTINGS["penalty"] * side, SETTINGS["epochs"]
    found = atoms.learn(images, SETTINGS["atoms"], penalty, epochs, seed)
    seconds = time.process_time() - began
    errors = [found.error(x, SETTINGS["active"]) for x in (images[:300], new)]
    return [{"gap": np.log(errors[1] / errors[0]), "seconds": seconds, "error": errors[1]}]


def slopes(table, what, kind):
    """Slope over the logarithm of how many numbers the data have, one a seed."""
    rows = table[table.kind == kind].sort_values(["size", "seed"])
    places = np.log(SIZES[kind]) * (2 if kind == PIXELS else 1)  # pixels: of both sides
    values = rows[what].to_numpy().reshape(len(places), -1)
    return np.polyfit(places, np.log(values) if what == "seconds" else values, 1)[0]


def rule(table):
    """A part is so if its slope is surely above 1 (of log seconds) or 0 (of a gap), and not so if surely less than that
    and a margin. Holds if all are so (95 %, Holm over five), does not hold if none is (one-sided), holds for those that
    are so, if any. Not decided, too, if a control fails."""
    found = {part: slopes(table, what, kind) - above for part, (what, kind, above) in PARTS.items()}
    lows = studies.holm_lows(list(found.values()))
    where = {part: [""] for part, low in zip(PARTS, lows, strict=True) if low > 0}
    verdict = only("one means that", where)
    highs = [studies.interval(x, level=0.9).high for x in found.values()]
    no = [high < MARGINS[what] for high, (what, *_) in zip(highs, PARTS.values(), strict=True)]
    verdict = "holds" if len(where) == len(PARTS) else "does not hold" if all(no) else verdict
    of = dict(list(table.groupby(["kind", "size"])))
    few, most = SETTINGS["images"][0], SETTINGS["images"][-1]
    errors = tuple(np.log(of[IMAGES, size].error) for size in (few, most))
    controls = {
        "the fewest images have no sure classical gap": of[IMAGES, few].gap,
        "the fewest images have no sure gap of D": of[GAN, few].gap,
        "at most images the error is not surely less": errors,
    }
    failed = tuple(np.array([*controls])[studies.holm_lows([*controls.values()]) <= 0])
    verdict = "not decided" if failed else verdict
    values = {part: over_seeds(found[part] + x[2], atol=0.3) for part, x in PARTS.items()}
    values |= {f"{k}, {n}: gap": over_seeds(x.gap, atol=0.1) for (k, n), x in of.items()}
    return Verdict(CLAIM, verdict, values, SETTINGS["seeds"], "one means that", where, failed)


def figure(table):
    names = {"seconds": (IMAGES, PIXELS), "gap": (IMAGES, PIXELS, GAN)}
    panels, x = {}, {}
    for what, kinds in names.items():
        for kind in kinds:
            rows, panel = table[table.kind == kind], f"{what}, {kind}"
            panels[panel] = {"": rows.pivot(index="seed", columns="size", values=what).to_numpy()}
            x[panel] = SIZES[kind]
    labels = {panel: "pixels a side" if PIXELS in panel else "images" for panel in panels}
    scales = {panel: "log" if "seconds" in panel else "linear" for panel in panels}
    options = {"xscale": "log", "yscale": scales, "xlabel": labels, "across": 3}
    return plotting.plot_bands(x, panels, title="Large data", **options)


UNIT = "hundredths by which gaps grow when the size is e times as large; ten times that is the power of time, less 1"
WORTH = 2.0  # twice both margins
EFFECTS = {-3.0: "does not hold", 4.0: "holds"}


def planted(effect, rng):
    table, noise = pd.DataFrame(runs(), columns=KEY), rng.normal(size=(2, len(runs())))
    place = np.log(table["size"]) * np.where(table.kind == PIXELS, 2, 1)
    place -= place.groupby(table.kind).transform("min")
    seconds = np.exp((1 + effect / 10) * place + 0.1 * noise[0])
    gap = 0.12 + effect / 100 * place + 0.02 * noise[1]
    return table.assign(seconds=seconds, gap=gap, error=np.exp(-3 - 0.2 * place + 0.03 * noise[1]))
