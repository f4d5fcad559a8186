"""Do eigenvalues and spectra tell how training goes? 004-spectrum, document 004, section 2; the question is ours.

The article: 特征值和特征函数是关键的概念。 "Feature values and feature functions are key concepts."
Read as: 特征值 is also the word for eigenvalue (特征函数 that for characteristic function, which is left). Three parts:
- ring: the greatest real part of the eigenvalues of the game's vector field, by their largest modulus, goes with how
  far the weights move later, in small simultaneous steps at constant rates; within games with R1, and those without.
- digits: the condition of G's Jacobian goes with the Fréchet distance, both of the averaged G at its end, over 50
  trainings of equal steps that each draw their rates and R1 (Odena et al. 2018 compare trainings, too).
- patches: transposed convolutions have more log power than nearest and than bilinear up-sampling, in the upper two
  of eight rings, where zeros between pixels leave copies of the spectrum (Durall et al. 2020). Nothing is paired.
Controls, which can fail: movement before goes with movement later, another distance with the Fréchet distance.
"""

import functools
import itertools

from gannotes import datasets, metrics, models, plotting, training
from gannotes.metrics import evaluators, features
from gannotes.studies.claims import Value, Verdict, only, over_seeds
from gannotes.studies.statistics import holm_lows, interval
from gannotes.theory.spectra import eigenvalues, field_jacobian, jacobian_singular_values
from keras import Input, Sequential, layers, optimizers
import numpy as np
import pandas as pd
from scipy import stats

CLAIM, HOURS, ONLY = "004-spectrum", 0.13, "holds only when one asks"
SETTINGS = {
    "seeds": {"ring": 25, "digits": 50, "patches": 8},
    "ring": {"r1": 1.0, "simultaneous": True, "ema_decay": 0}, "digits": {"steps": 1500},
    "patches": {"steps": 400, "r1": 0.1, "penalty_every": 4, "discriminator_rate": 0.002},
    "drawn": {"generator_rate": [5e-4, 0.02], "discriminator_rate": [5e-4, 0.02], "r1": [0.01, 3]},
    "windows": [2500, 500, 2500, 500], "rate": 0.2, "tanh": 12, "widths": [24, 16, 12], "n": 500,
}  # fmt: skip
KEY, UP = ["data", "arm", "seed"], ["transposed", "nearest", "bilinear"]
ARMS = {"ring": ["without R1", "with R1"], "digits": ["drawn recipes"], "patches": UP}
PARTS = {  # what a spectrum may tell; least of use: 2 of 3 pairs in order (ranks), twice the power
    "ring": ("how far a game settles", 0.5), "digits": ("how good images are", 0.5),
    "patches": ("how maps were made larger", 0.3),
}  # fmt: skip
HISTORY = (
    "2026-11-29: written before its runs. The rule before it compared neither games nor trainings, "
    "and power mostly of the lowest ring. Known: its record (the two rings), nine games of another "
    "width (against theory), two games and four trainings of this recipe, which were timed. 2026-11-30: its parts are judged one by one."
)


def runs():
    return [(d, arm, s) for d in ARMS for arm in ARMS[d] for s in range(SETTINGS["seeds"][d])]


@functools.cache  # one compiled graph for all seeds
def compiled(name, upsampling):
    recipe, data, widths = dict(SETTINGS[name]), datasets.load(name), SETTINGS["widths"]
    pair = models.mlp_pair(data.shape)
    if name == "ring":  # smooth networks: second derivatives of LeakyReLU sit in kinks
        hidden = [[layers.Dense(SETTINGS["tanh"], "tanh") for _ in range(2)] for _ in range(2)]
        pair = [Sequential([Input((2,)), *hidden[k], layers.Dense(2 - k)]) for k in range(2)]
        recipe |= {f"{k}_optimizer": optimizers.SGD(SETTINGS["rate"]) for k in training.gan.PLAYERS}
    elif name == "patches":
        generator = models.conv_generator(data.shape, 16, widths, upsampling=upsampling)
        pair = generator, models.conv_discriminator(data.shape, widths[::-1])
    gan = training.GAN(*pair)
    gan.compile(**recipe)
    return data, gan


def measure(name, arm, seed):
    data, gan = compiled(name, arm if name == "patches" else None)
    count, steps = SETTINGS["n"], SETTINGS[name].get("steps")
    gan.reset(seed := seed + 1000 * ARMS[name].index(arm))  # arms share no draws
    rng = np.random.default_rng(seed)
    if name == "ring":
        nets, weights = (gan.generator, gan.discriminator), []
        gan.set(r1=(r1 := SETTINGS[name]["r1"] * (arm == "with R1")))
        for window in SETTINGS["windows"]:
            gan.fit(data.images, None, 256, 1, window, verbose=0)
            weights.append(np.concatenate([w.ravel() for net in nets for w in net.get_weights()]))
            if len(weights) == 2:
                latents = rng.standard_normal((count, 2)).astype("float32")
                found = eigenvalues(field_jacobian(*nets, data.images[:count], latents, r1=r1))
        lengths = np.linalg.norm([*np.diff(weights, axis=0), weights[-1]], axis=1)
        row = found[0].real / abs(found).max(), *np.log(lengths[[2, 0]] / lengths[3])
    elif name == "digits":
        gan.set(**{k: np.exp(rng.uniform(*np.log(v))) for k, v in SETTINGS["drawn"].items()})
        gan.fit(data.images, steps_per_epoch=steps, verbose=0)
        sizes = jacobian_singular_values(gan.ema_generator, rng.standard_normal((64, 8)))
        images = data.held_out_images, gan.generate(count, seed)
        sets = [evaluators.for_dataset(data).features(x) for x in images]
        distances = [d(*sets) for d in (metrics.frechet_distance, metrics.sliced_wasserstein)]
        row = np.log([np.median(sizes[:, 0] / np.maximum(sizes[:, -1], 1e-6)), *distances])
    else:
        images = [data.held_out_images, gan.generate(count, seed)]
        gan.fit(data.images, None, 32, 1, steps, verbose=0)
        images.append(gan.generate(count, seed))
        real, before, now = (np.log10(features.radial_power(x).mean(axis=0)) for x in images)
        row = (now - real)[-2:].mean(), (now - real)[:-2].mean(), (before - real)[-2:].mean()
    return [dict(zip(("spectrum", "outcome", "control"), map(float, row), strict=True))]


def of(table, arm, what="spectrum"):
    return table[table.arm == arm][what].to_numpy()


def goes_with(table, data, what="spectrum"):
    """Products of standardized ranks, whose mean is Spearman's; R1 cannot carry it: within each arm."""
    columns = table[table.data == data].groupby("arm")[[what, "outcome"]]
    return columns.transform(lambda x: stats.zscore(stats.rankdata(x))).prod(axis=1).to_numpy()


def rule(table):
    """A part holds if its rank correlation, or both its differences (Welch), are surely above 0 (95 %, Holm over
    four). "Only when" names those that do. If none does: "does not hold" if each has something surely below what is of
    use (a rank correlation of ½, twice the power; 95 %, one side), else "not decided"."""
    samples = {part: [(goes_with(table, part),)] for part in ("ring", "digits")}
    samples["patches"] = [(of(table, UP[0]), of(table, other)) for other in UP[1:]]
    lows = iter(holm_lows([x for part in PARTS for x in samples[part]]))
    tell = [PARTS[part][0] for part in PARTS if min([next(lows) for _ in samples[part]]) > 0]
    no_use = [min(interval(*x, level=0.9).high for x in samples[p]) < PARTS[p][1] for p in PARTS]
    where, lead = {text: [""] for text in tell}, "one asks"
    verdict = "does not hold" if all(no_use) and not tell else only(lead, where)
    verdict = "holds" if len(tell) == len(PARTS) else verdict
    values = {f"{x}: upper rings, log10 of real": over_seeds(of(table, x), atol=0.2) for x in UP}
    values |= {f"{x}: log moved": over_seeds(of(table, x, "outcome"), atol=1) for x in ARMS["ring"]}
    for part, what in itertools.product(("ring", "digits"), ("spectrum", "control")):
        correlation = goes_with(table, part, what).mean()
        values[f"{part}, {what}: rank correlation"] = Value(correlation, atol=0.2)
    return Verdict(CLAIM, verdict, values, SETTINGS["seeds"]["patches"], lead, where)


def figure(table):
    panels = {"upper rings: log10 of real": {arm: of(table, arm) for arm in UP}}
    for part, what in (("ring", "log movement"), ("digits", "log Fréchet distance")):
        rows = table[table.data == part]
        low = rows.groupby("arm").spectrum.rank(pct=True) <= 0.5
        panels[f"{part}: {what}"] = {"lower half": rows.outcome[low], "upper": rows.outcome[~low]}
    return plotting.plot_dots(panels, title="Power by up-sampling; what went with which spectra")


UNIT = "parts, in order: a rank correlation of 0.8, one of 0.8, and 0.4 of log10 power"
EFFECTS = {0.0: "does not hold", 1.0: f"{ONLY} {PARTS['ring'][0]}", 3.0: "holds"}
WORTH = 1.0  # one part of three


def planted(effect, rng):
    table, (x, noise) = pd.DataFrame(runs(), columns=KEY), rng.normal(size=(2, len(runs())))
    r = 0.8 * np.clip(effect - table.data.map(list(PARTS).index), 0, 1)
    power = 0.13 * x + r / 2 * (table.arm == UP[0])
    table["spectrum"] = np.where(table.data == "patches", power, x)
    return table.assign(outcome=r * x + np.sqrt(1 - r**2) * noise, control=x + noise)
