"""Do G and D compete on feature functions, and does D learn them? 004-functions, document 004, section 2.2.

The article: 这种对抗性关系使得生成器和判别器在特征函数上进行竞争，从而学习数据分布。
"This adversarial relation makes generator and discriminator compete on feature functions, and so learn the data."
Read as: G learns the features that D sees, and no others; training teaches D's last layer to tell features.

One GAN learns `shapes16` three times, from the same weights with the same draws: D sees all of each picture, its
grey version, or one feature alone, the mean colour. Two features of G's pictures are measured: the hue of the mean
colour, and the place of what is in the grey version. Each is unseen by one D, and seen by two. Then a linear probe
reads the factors that drew real pictures off D's last layer, before and after training. What counts is the share of
the skill that was left to be gained (1 is perfect; of place the mean of x and y; circles have no angle).
Controls: a classifier's features must gain in shape and texture; D that sees grey must not surely gain in hue.
"""

import functools

from gannotes import datasets, models, plotting, studies, training
from gannotes.metrics import evaluators, features
from gannotes.studies.claims import Verdict, only, over_seeds
from gannotes.studies.statistics import holm_lows
from gannotes.theory import probes
from keras import ops
import numpy as np
import pandas as pd

CLAIM, HOURS = "004-functions", 0.11
SETTINGS = {
    "data": "shapes16", "seeds": 5, "steps": 1200, "pictures": 1000, "probed": 2000,
    "generator": [24, 16, 12], "discriminator": [12, 24, 48], "latent_dim": 16,
    "recipe": {"generator_rate": 0.003, "discriminator_rate": 0.003, "r1": 0.1, "penalty_every": 4},
}  # fmt: skip
KEY = ["sees", "seed"]
ALL, GREY, COLOUR = "all", "grey pictures", "the mean colour"
LUMA = np.tile(np.array([[0.299], [0.587], [0.114]], "float32"), 3)
VIEWS = {  # what D sees, of real pictures and of fakes
    ALL: lambda images, seed=None: images,
    GREY: lambda images, seed=None: ops.matmul(images, LUMA),
    COLOUR: lambda images, seed=None: 0 * images + ops.mean(images, axis=(1, 2), keepdims=True),
}
UNSEEN = {"hue": GREY, "place": COLOUR}  # by which D
FACTORS = ("shape", "texture", "hue", "size", "place")  # a classifier learned the first two
FARTHER, GAIN = np.log(2), 0.1  # twice as far; a tenth of what was left: less is of no use
HISTORY = "2026-11-29: written before its runs. The rule before it asked for a gain of 0.1 in most of seven factors, where an untrained D left less than that in three; it had no test of cause. 2026-11-30: its parts are judged one by one. 2026-11-30, after its runs and a sceptical reader: D that sees grey is a control of the rule."


def runs():
    return [(sees, seed) for sees in VIEWS for seed in range(SETTINGS["seeds"])]


@functools.cache  # one compiled graph for all seeds
def compiled(sees):
    data = datasets.load(SETTINGS["data"])
    generator = models.conv_generator(data.shape, SETTINGS["latent_dim"], SETTINGS["generator"])
    gan = training.GAN(generator, models.conv_discriminator(data.shape, SETTINGS["discriminator"]))
    gan.compile(**SETTINGS["recipe"], augment=VIEWS[sees])
    images = data.images[: SETTINGS["probed"]], data.held_out_images
    classifier = skills(data, *map(evaluators.for_dataset(data).features, images))
    return data, gan, [ops.convert_to_numpy(VIEWS[sees](part)) for part in images], classifier


def skills(data, train, held_out):
    """What a linear probe reads off features of training and of held-out pictures."""
    known = {x: values[: len(train)] for x, values in data.factors.items() if x != "angle"}
    test = {name: data.held_out_factors[name] for name in known}
    found = pd.Series(probes.skills(train, known, held_out, test))
    return found.drop(["x", "y"]).combine_first(pd.Series({"place": found[["x", "y"]].mean()}))


def measured(images):
    """Hue of the mean colour, and place in the grey version, as a table of feature functions."""
    grey = ops.convert_to_numpy(ops.matmul(images, LUMA))
    hue = np.angle(features.chroma(images).mean(axis=(1, 2))) / (2 * np.pi) % 1
    return features.measure(grey, ["centre x", "centre y"]).assign(hue=hue)


def measure(sees, seed):
    data, gan, seen, classifier = compiled(sees)
    *_, name = models.hidden_layers(gan.discriminator)
    last = evaluators.LayerFeatures(gan.discriminator, [name])
    gan.reset(seed)
    before = skills(data, *(last(images)[0] for images in seen))
    gan.fit(data.images, steps_per_epoch=SETTINGS["steps"], verbose=0)
    after = skills(data, *(last(images)[0] for images in seen))
    sets = data.held_out_images, gan.generate(SETTINGS["pictures"], seed)
    off = features.feature_distances(*map(measured, sets)).spreads
    gains = {"gain": (after - before) / (1 - before), "room": (classifier - before) / (1 - before)}
    row = {f"{what} in {name}": gains[what][name] for what in gains for name in FACTORS}
    return [row | {"hue": off["hue"], "place": (off["centre x"] + off["centre y"]) / 2}]


def of(table, sees, column):
    """A column of the trainings in which D sees this, one number a seed."""
    return table[table.sees == sees][column].to_numpy()


def rule(table):
    """They compete if what D cannot see is off twice as far as where it is seen (four pairs, Welch, Holm). If so, it
    holds of G, and of D for the factors in which it gained a tenth of what was left (95 %, Holm over five)."""
    logs = {(sees, x): np.log(of(table, sees, x)) for x in UNSEEN for sees in VIEWS}
    pairs = [(logs[UNSEEN[x], x] - FARTHER, log) for (s, x), log in logs.items() if s != UNSEEN[x]]
    gains = {name: of(table, ALL, f"gain in {name}") for name in FACTORS}
    lows = holm_lows([gain - GAIN for gain in gains.values()])
    told = [name for name, low in zip(FACTORS, lows, strict=True) if low > 0]
    sure = (holm_lows(pairs) > 0).all()
    where, lead = {"G": [""], "D": told} if sure else {}, "one asks it of"
    room = min(of(table, ALL, f"room in {name}").min() for name in FACTORS[:2])
    grey = studies.interval(of(table, GREY, "gain in hue")).low > GAIN
    checks = {"a classifier does not gain in shape and texture": room < GAIN, "D that sees grey gains in hue": grey}  # fmt: skip
    failed = tuple(text for text, is_wrong in checks.items() if is_wrong)
    verdict = "holds" if sure and len(told) == len(FACTORS) else only(lead, where)
    if any(studies.interval(*pair, 1 - 0.05 / len(pairs)).high < 0 for pair in pairs):
        verdict = "does not hold"
    elif failed:
        verdict = "not decided"
    values = {
        f"{x}, D sees {sees}: off by": over_seeds(np.exp(log), rtol=0.5, unit="spreads")
        for (sees, x), log in logs.items()
    }
    values |= {f"D's gain in {name}": over_seeds(x, atol=0.15) for name, x in gains.items()}
    return Verdict(CLAIM, verdict, values, SETTINGS["seeds"], lead, where, failed)


def figure(table):
    panels = {name: {f"D sees {s}": of(table, s, name) for s in VIEWS} for name in UNSEEN}
    for sees in (ALL, GREY):
        panels[f"gain, D sees {sees}"] = {x: of(table, sees, f"gain in {x}") for x in FACTORS}
    labels = dict.fromkeys(panels, "of what was left") | dict.fromkeys(UNSEEN, "distance, spreads")
    title, scales = "What G learns under three Ds; what these learn", dict.fromkeys(UNSEEN, "log")
    return plotting.plot_dots(panels, title=title, xlabel=labels, xscale=scales, across=2)


UNIT = "e-folds by which what D cannot see is farther off"
ROOM = dict.fromkeys([f"room in {name}" for name in FACTORS], 0.5)
ONLY = "holds only when one asks it of G or D (shape, texture)"
EFFECTS = {0.0: "does not hold", 0.9: "not decided", 1.6: ONLY, 5.0: "holds"}
WORTH = 1.4  # four times as far, where twice counts


def planted(effect, rng):
    rows = [dict(zip(KEY, run, strict=True)) | ROOM for run in runs()]
    for row in rows:
        for name in UNSEEN:
            row[name] = 0.1 * np.exp((row["sees"] == UNSEEN[name]) * effect + rng.normal(0, 0.25))
        for k, name in enumerate(FACTORS):
            left = np.exp(-effect * (0.4 if k < 2 else 0.05))  # shape and texture gain more
            seen = name != "hue" or row["sees"] != GREY
            row[f"gain in {name}"] = seen * (1 - left) + rng.normal(0, 0.05)
    return pd.DataFrame(rows)
