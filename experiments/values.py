"""Does the generator learn the values of colour, shape and texture? 004-values, document 004, section 2.1.

The article: 特征值是指数据中的某个特征，例如图像的颜色、形状、纹理等。生成器的目标是生成具有相似特征值的新样本。
"A feature value is some feature of the data, as the colour, shape or texture of images. The generator's aim is to
make new samples with similar feature values."
Read as: over many pictures, a feature is spread as in real ones. It need not go together with others as it should.

A convolutional GAN learns `shapes16`. All 19 feature functions are measured, on pictures rounded to 8 bits, as a file
has them. A feature is learned if its distribution is nearer to that of held-out pictures than a margin, by the
Wasserstein-1 distance: a quarter of the real ones' standard deviation; or, where more, what noise of four grey
levels makes of it in real pictures, as nobody sees that.
Controls, by feature: other real pictures with noise of half a grey level must pass; pictures whose family is spoiled
(half of the hues, circles alone, no texture) must surely fail. Only then a feature counts: 11 of 19. The others, as
places and area, are not moved by their spoiling; that a G is as near in them says little. Texture misses narrowly in
three features: anisotropy, the one that counts, and pattern entropy are off by 1.05 margins, gradient energy by 1.13.
"""

import functools

from gannotes import datasets, models, plotting, studies, training
from gannotes.datasets.drawn import draw_shapes, sample_factors
from gannotes.metrics import features
from gannotes.metrics.features import FEATURES
from gannotes.studies.claims import Value, Verdict, only, over_seeds
from gannotes.studies.statistics import holm_lows
import numpy as np
import pandas as pd

CLAIM, HOURS = "004-values", 0.12
SETTINGS = {
    "data": "shapes16", "seeds": 5, "steps": 3000, "latent_dim": 32, "pictures": 1000,
    "recipe": {"generator_rate": 0.002, "discriminator_rate": 0.002, "r1": 0.1, "penalty_every": 4},
    "margin": 0.25, "hidden": 4, "noise": 0.5,
}  # fmt: skip
KEY = ["seed"]
GREY = 2 / 255  # one grey level
SPOILED = {"colour": "half the hues", "shape": "circles alone", "texture": "no texture"}
LEARNED, HALF_WAY, NOISY = "G", "G, half way", "real, with noise"
KINDS = (LEARNED, HALF_WAY, NOISY, *SPOILED.values())
OF = {family: [x for x in FEATURES if FEATURES[x].family == family] for family in SPOILED}
HISTORY = "2026-11-29: written before its runs. The rule before it compared floats by the KS statistic: real pictures with noise of half a grey level failed in texture, so that no generator could pass. Its record (2,000 steps, five seeds, smaller networks) was known. 2026-11-30: its parts are judged one by one. 2026-11-30, after its runs and a sceptical reader: spoiled pictures must fail in the feature, where one of its family was enough, so that places and area counted, which no control moves; holds if all that count are learned."


def runs():
    return [(seed,) for seed in range(SETTINGS["seeds"])]


@functools.cache  # one compiled graph for all seeds
def compiled():
    data = datasets.load(SETTINGS["data"])
    gan = training.GAN(*models.conv_pair(data.shape, SETTINGS["latent_dim"]))
    gan.compile(**SETTINGS["recipe"], steps=SETTINGS["steps"])
    real = data.held_out_images[: SETTINGS["pictures"]]
    hidden = SETTINGS["hidden"] * GREY * np.random.default_rng(0).standard_normal(real.shape)
    margins = spreads(real, real + hidden).clip(lower=SETTINGS["margin"])
    return data, gan, lambda images: (spreads(real, images) / margins).to_dict()


def spreads(real, fake):
    """How far each feature is off, in real standard deviations; of pictures rounded to 8 bits."""
    levels = (np.rint(np.clip((images + 1) / GREY, 0, 255)) for images in (real, fake))
    tables = [features.measure((level * GREY - 1).astype("float32")) for level in levels]
    return features.feature_distances(*tables).spreads


def measure(seed):
    data, gan, in_margins = compiled()
    count, steps, rng = SETTINGS["pictures"], SETTINGS["steps"], np.random.default_rng(seed)
    gan.reset(seed)
    sets = {}
    for kind in (HALF_WAY, LEARNED):
        gan.fit(data.images, steps_per_epoch=steps // 2, verbose=0)
        sets[kind] = gan.generate(count, seed)
    other = data.images[rng.permutation(len(data.images))[:count]]
    sets[NOISY] = other + SETTINGS["noise"] * GREY * rng.standard_normal(other.shape)
    factors, same = sample_factors(count, rng), np.zeros(count, int)  # a circle, a plain one
    changes = {"hue": factors["hue"] / 2}, {"shape": same}, {"texture": same}
    for kind, change in zip(SPOILED.values(), changes, strict=True):
        sets[kind] = draw_shapes(factors | change, data.shape[0])
    return [{"pictures": kind} | in_margins(images) for kind, images in sets.items()]


def logs(table, kind, names):
    """Logs of distances in margins, below 0 where within them, (features, seeds)."""
    return np.log(table[table.pictures == kind][list(names)].to_numpy()).T


def within(table, kind):
    """Features that are within their margins: the upper end of a 90 % interval, each."""
    low_high = {name: studies.interval(*logs(table, kind, [name]), level=0.9) for name in FEATURES}
    return {name for name in FEATURES if low_high[name].high < 0}


def off(table, kinds):
    """Features that are surely beyond their margins, of ``{feature: pictures' kind}`` (95 %, Holm over them)."""
    lows = holm_lows([logs(table, kind, [name])[0] for name, kind in kinds.items()])
    return {name for name, low in zip(kinds, lows, strict=True) if low > 0}


def rule(table):
    """A feature counts if it is surely beyond its margin in spoiled pictures (95 %, Holm over all), and within in real
    ones with noise. It is learned if it counts and is within its margin (two one-sided tests at 5 %). Holds if all
    that count are, and some do in each family. Does not hold if none is, and in each family one is surely beyond."""
    told = off(table, {name: SPOILED[family] for family in OF for name in OF[family]})
    counts = told & (steady := within(table, NOISY))
    learned = within(table, LEARNED) & counts
    where = {f"of {f}": [x for x in names if x in learned] for f, names in OF.items()}
    beyond = [off(table, dict.fromkeys(names, LEARNED)) for names in OF.values()]
    lead, are_judged = "the feature is", all({*names} & counts for names in OF.values())
    verdict = "does not hold" if not learned and all(beyond) else only(lead, where)
    verdict = "holds" if learned == counts and are_judged else verdict
    failed = [f"noise alone is off in {x}" for x in FEATURES if x not in steady]
    failed += [f"spoiled pictures do not surely fail ({f})" for f in OF if not {*OF[f]} & told]
    values = {"features learned, of those that count": Value(float(len(learned)), atol=2.5)}
    values["features that count, of 19"] = Value(float(len(counts)), atol=1.5)
    for name, feature in FEATURES.items():
        text = f"{feature.family}, {name}{'' if name in counts else ' (no control moves it)'}"
        margins = over_seeds(np.exp(logs(table, LEARNED, [name])[0]), rtol=0.5)
        values[f"{text}: G is off by so many margins"] = margins
    return Verdict(CLAIM, verdict, values, SETTINGS["seeds"], lead, where, (*failed,))


def figure(table):
    tiles = np.exp([logs(table, kind, FEATURES).mean(axis=1) for kind in KINDS]).T
    rows = [f"{feature.family}: {name}" for name, feature in FEATURES.items()]
    return plotting.plot_tiles(
        {"distance from held-out pictures, in margins": tiles}, rows,
        [kind.replace(", ", ",\n") for kind in KINDS], scale="log", vmin=0.1, vmax=10,
        cmap="coolwarm", size=(0.95, 0.24), title="Features of generated, real and spoiled ones",
    )  # fmt: skip


UNIT = "e-folds by which G comes nearer than 2 margins (colour: threefold; hue, extent: eightfold)"
FIRST, UNMOVED = ["hue", "extent"], ["hue spread", "area", "centre x", "centre y", "elongation", "orientation", "gradient energy", "pattern entropy"]  # fmt: skip
EFFECTS = {0.0: "does not hold", 2.0: "holds",
    0.2: "holds only when the feature is of colour (hue) or of shape (extent)",
    0.5: "holds only when the feature is of colour (brightness, hue, saturation) or of shape (extent)"}  # fmt: skip
WORTH = 1.4  # then half a margin is left


def planted(effect, rng):
    rows = [{"seed": seed, "pictures": kind} for (seed,) in runs() for kind in KINDS]
    for row in rows:
        for name, feature in FEATURES.items():
            ease = 8 if name in FIRST else 3 if feature.family == "colour" else 1
            is_moved = SPOILED[feature.family] == row["pictures"] and name not in UNMOVED
            far = 2 if is_moved else 0.3
            level = 2 * np.exp(-ease * effect) if "G" in row["pictures"] else far
            row[name] = level * np.exp(rng.normal(0, 0.15))
    return pd.DataFrame(rows)
