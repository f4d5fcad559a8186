"""Do GANs learn more accurate and steadier dictionaries than classical learning? 002-classical, document 002, section 3.1.

The article: GAN可以用于学习数据的复杂结构，从而提高生成式稀疏表示的准确性和稳定性。
"A GAN can learn complex structure of the data, and so make generative sparse representations more accurate and steadier."
Read as: at equal non-zeros, found by one search (OMP), its atoms leave less of held-out images than those of classical
dictionary learning (Mairal et al. 2009); and from two starts come more similar atoms (mean largest |cosine|) or errors.

Two GANs are asked: one whose generator is coder, k-sparse layer and dictionary; and a BiGAN that is told its squared
error, too. Each learner has its best of some rates (penalties), by a seed and images that do not judge. A seed draws
the training images, 80 % of all. Seconds of all cores are told: the classical learner must not take more.
Controls: twice as many classical atoms must leave less; atoms by chance must leave more, and be less alike.
"""

import functools
from itertools import product
import time

from experiments import _samples, _sparse
from gannotes import datasets, plotting, studies
from gannotes.models import atoms
from gannotes.studies.claims import Verdict, only, over_seeds
import numpy as np
import pandas as pd

CLAIM, HOURS = "002-classical", 0.15
SETTINGS = {  # rates of G, a fourth of D's; penalties of the classical learner
    "digits": {"seeds": 10, "steps": 600,
               "rates": [0.001, 0.002, 0.004, 0.008, 0.016], "classical": [0.1, 0.25, 0.5, 1], "chance": [0]},
    "mnist5k": {"seeds": 5, "steps": 600,
                "rates": [0.001, 0.002, 0.004], "classical": [1, 2, 4, 8], "chance": [0]},
    "own seed": 100, "images": [100, 400], "share": 0.8,
}  # fmt: skip
KEY, DATA = ["data", "arm", "seed"], ("digits", "mnist5k")
ARMS = GAN, ERROR, CLASSICAL, MORE, CHANCE = "GAN", "BiGAN + error", "classical", "classical, twice the atoms", "chance"  # fmt: skip
CELLS = [(arm, d) for arm in (GAN, ERROR) for d in DATA]
CONTROLS = {  # of what, which atoms, and whether more or less of it is due
    "twice the atoms do not surely leave less": ("left", MORE, 1),
    "chance atoms do not surely leave more": ("left", CHANCE, -1),
    "chance atoms are not surely less alike": ("alike", CHANCE, -1),
}
LEAD, WHAT = "one asks for", ("left", "alike", "apart")
MARGINS = np.log(1.1), 0.05  # a tenth of the error; of a cosine
HISTORY = "2026-11-29: written before its runs. The rule before it took a smaller spread over five seeds for steadier, whatever the difference; it asked on digits alone. Rates and penalties on digits after a trial of seed 100. 2026-11-30: its parts are judged one by one."


def runs():
    return [(d, arm, seed) for d in DATA for arm in ARMS for seed in range(SETTINGS[d]["seeds"])]


def learned(name, arm, seed, start, number):
    """Atoms, from images drawn by a seed, and from a start, another seed."""
    data = datasets.load(name)
    images, rows = _samples.subset(data, int(SETTINGS["share"] * len(data.images)), seed)
    if arm in (CLASSICAL, MORE):
        size = _sparse.SIZES[name]["atoms"] * (2 if arm == MORE else 1)
        return atoms.learn(images, size, number, _sparse.EPOCHS, start)
    form, steps = GAN if arm == CHANCE else arm, SETTINGS[name]["steps"]
    return _sparse.learn(name, form, start, number, steps, rows)[0]


def measure(name, arm, seed, number=None, part=1):
    data, active = datasets.load(name), _sparse.SIZES[name]["active"]
    images = np.split(data.held_out_images, SETTINGS["images"])[part]
    number = chosen(name, arm) if number is None else number
    began = time.process_time()
    pair = [learned(name, arm, seed, 2 * seed + k, number) for k in range(2)]
    seconds, variance = time.process_time() - began, np.mean((images - data.images.mean(0)) ** 2)
    logs = [np.log(found.error(images, active) / variance) for found in pair]
    first, second = (found.atoms.reshape(len(found.atoms), -1) for found in pair)
    alike = np.mean([np.abs(first @ second.T).max(axis=axis) for axis in (0, 1)])
    return [{"left": np.mean(logs), "alike": alike, "apart": np.ptp(logs), "seconds": seconds}]


@functools.cache
def chosen(name, arm):
    """The rate or penalty that leaves least, by a seed and images that do not judge."""
    numbers = SETTINGS[name].get(arm.split(",")[0], SETTINGS[name]["rates"])
    return min(numbers, key=lambda x: measure(name, arm, SETTINGS["own seed"], x, 0)[0]["left"])


def gains(table, what, cells=CELLS):
    """Pairs: an arm's numbers, and those of the classical learner; more is better."""
    of = {k: (x if what == "alike" else -x) for k, x in table.groupby(["arm", "data"])[what]}
    return [(of[cell], of[CLASSICAL, cell[1]]) for cell in cells]


def rule(table):
    """More accurate: surely leaves less. Steadier: atoms are surely more alike, or errors less apart (Welch, 95 %, Holm
    over all twelve). Holds if one GAN is both on both data sets; else for what is sure. Does not hold if none surely
    leaves a tenth less, or has atoms more alike by 0.05 (95 %, one-sided); of how far errors are apart so few seeds
    cannot say that. Not decided, too, if a control fails or the classical learner took longer."""
    parts = [gains(table, what) for what in WHAT]
    left, alike, apart = np.reshape(studies.holm_lows(sum(parts[1:], parts[0])), (3, -1)) > 0
    steady, names = alike | apart, np.array([f"{arm}, {d}" for arm, d in CELLS])
    where = {"accuracy": names[left].tolist(), "steadiness": names[steady].tolist()}
    little = [studies.interval(*x, 0.9).high < MARGINS[k] for k in (0, 1) for x in parts[k]]
    verdict = "does not hold" if all(little) and not (left | steady).any() else only(LEAD, where)
    verdict = "holds" if (left & steady).reshape(2, -1).all(axis=1).any() else verdict
    controls = {}
    for d, (said, (what, arm, way)) in product(DATA, CONTROLS.items()):
        controls[f"{said} ({d})"] = gains(table, what, [(arm, d)])[0][::way]
    failed = [*np.array([*controls])[studies.holm_lows([*controls.values()]) <= 0]]
    for (arm, d), (x, y) in zip(CELLS, gains(table, "seconds"), strict=True):
        if x.mean() > y.mean():  # minus seconds
            failed.append(f"classical learning took longer than {arm} ({d})")
    verdict = "not decided" if failed else verdict
    by = table.groupby(["data", "arm"], sort=False)
    values = {f"{', '.join(k)}: log error": over_seeds(x, atol=0.2) for k, x in by.left}
    values |= {f"{', '.join(k)}: cosine": over_seeds(x, atol=0.1) for k, x in by.alike}
    seeds = min(SETTINGS[d]["seeds"] for d in DATA)
    return Verdict(CLAIM, verdict, values, seeds, LEAD, where, tuple(failed))


def figure(table):
    by = [(d, rows.groupby("arm")) for d, rows in table.groupby("data")]
    panels = {f"{d}: % of variance left": {k: 100 * np.exp(x) for k, x in g.left} for d, g in by}
    panels |= {f"{d}: cosine of atoms, two starts": dict(list(g.alike)) for d, g in by}
    return plotting.plot_dots(panels, across=2, title="Accuracy and steadiness", width=3.4)


UNIT = "of a logarithm by which GANs leave less; twice this less 0.5, at most 0.3, are atoms more alike"
WORTH = 0.2  # twice the margin of the error
ONLY = "; ".join(f"{arm}, {d}" for arm, d in CELLS)
EFFECTS = {-0.5: "does not hold", 0.5: "holds"}
EFFECTS[0.2] = f"holds only when one asks for accuracy ({ONLY})"


def planted(effect, rng):
    table = pd.DataFrame(runs(), columns=KEY)
    noise, is_gan = rng.normal(size=(3, len(table))), table.arm.isin([GAN, ERROR])
    less = table.arm.map({MORE: 0.3, CHANCE: -2}).fillna(effect * is_gan)
    alike = table.arm.map({CHANCE: -0.4}).fillna(min(2 * effect - 0.5, 0.3) * is_gan)
    table["left"], table["alike"] = 0.03 * noise[0] - 2 - less, 0.6 + alike + 0.02 * noise[1]
    return table.assign(apart=0.05 * np.abs(noise[2]), seconds=4 - (table.arm == CLASSICAL))
