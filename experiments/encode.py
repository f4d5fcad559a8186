"""Can new images be encoded and decoded with a dictionary that GANs learned? 002-encode, document 002, section 2.1.

The article: 使用学习到的字典和稀疏代表器对新数据进行编码和解码。
"Encode and decode new data with the learned dictionary and sparse representation." Read as: held-out images come back
whole with less error than as many principal components leave; and, what codes of new data are wanted for, from noise
and from a hole with less than ridge regression leaves; with at most a quarter more error than training images do.

A BiGAN's encoder is three steps of LISTA and a k-sparse layer, its decoder a dictionary; it learns with and without a
squared error, at one rate a data set (HISTORY says how found). A search (OMP) reads its atoms, too. Damaged images
get the best of four numbers of non-zeros, by images that do not judge; ridge regression learns from damaged ones.
Controls: classical atoms must pass on whole images, chance ones fail; ridge regression must mend both damages.
"""

import functools
from itertools import product

from experiments import _sparse
from gannotes import datasets, plotting, studies
from gannotes.models import atoms
from gannotes.studies.claims import Verdict, only, over_seeds
import numpy as np
import pandas as pd
from sklearn.linear_model import RidgeCV

CLAIM, HOURS, SEEDS = "002-encode", 0.1, {"digits": 10, "mnist5k": 5}
SETTINGS = {
    "digits": {"counts": [2, 4, 8, 16], "numbers": {"BiGAN": 0.004, "BiGAN + error": 0.008, "classical": 0.5, "chance": 0}},
    "mnist5k": {"counts": [4, 8, 16, 32], "numbers": {"BiGAN": 0.002, "BiGAN + error": 0.002, "classical": 2, "chance": 0}},
    "steps": 600, "images": [100, 400], "noise": 0.5, "weights": [1, 10, 100, 1000],
}  # fmt: skip
KEY, DATA, TASKS = ["data", "arm", "seed"], ("digits", "mnist5k"), ("whole", "noise", "hole")
ARMS = GAN, ERROR, CLASSICAL, CHANCE = "BiGAN", "BiGAN + error", "classical", "chance"
ASKED = [(arm, reading) for arm in (GAN, ERROR) for reading in ("search", "encoder")]
MARGIN, NEW = np.log([1.1, 1.25])  # of the error: less of a gain, or no more of a loss
HISTORY = "2026-11-29: written before its runs. The rule before it asked for less error than that of the damaged image; ridge regression was better than all that it tried. It did not ask of whole images. Rates: digits after a trial of seed 100, mnist5k not tried yet. 2026-11-30: its parts are judged one by one."


def runs():
    return [(d, arm, seed) for d in DATA for arm in ARMS for seed in range(SEEDS[d])]


def menders(name, arm, seed):  # functions of images, what is visible, and non-zeros
    form, number = ERROR if arm == CHANCE else arm, SETTINGS[name]["numbers"][arm]
    found, bigan = _sparse.learn(name, form, seed, number, SETTINGS["steps"])

    def encoder(images, visible, count):
        bigan.encoder.get_layer("code").k = count
        return bigan.decode(bigan.encode(images))

    search = lambda images, visible, n: found.decode(found.encode(images, n, visible))  # noqa: E731
    return {"search": search} | ({"encoder": encoder} if arm in (GAN, ERROR) else {})


def spoil(data, images, task, seed):
    visible, quarter = np.ones(data.shape, bool), data.shape[0] // 4
    visible[quarter:-quarter, quarter:-quarter] = task != "hole"
    noise = np.random.default_rng(seed).normal(0, SETTINGS["noise"], images.shape)
    bad = np.clip(images + noise * (task == "noise"), -1, 1).astype("float32")
    return np.where(visible, bad, data.images.mean(axis=0)), visible


def error(data, mend, images, task, seed, count=0):
    bad, visible = spoil(data, images, task, seed)
    made = np.where(visible & (task == "hole"), bad, mend(bad, visible, count))
    return np.mean((np.clip(made, -1, 1) - images) ** 2)


@functools.cache
def linear(name, task, seed):
    data, active = datasets.load(name), _sparse.SIZES[name]["active"]
    images, flat = data.held_out_images[slice(*SETTINGS["images"])], lambda x: x.reshape(len(x), -1)
    if task == "whole":
        return atoms.leading(atoms.principal(data.images), images, active)
    bad = spoil(data, data.images, task, seed + 1000)[0]
    fit = RidgeCV(SETTINGS["weights"]).fit(flat(bad), flat(data.images))
    return error(data, lambda x, *_: fit.predict(flat(x)).reshape(x.shape), images, task, seed)


def measure(name, arm, seed):
    data, active, rows = datasets.load(name), _sparse.SIZES[name]["active"], []
    few, images = np.split(data.held_out_images, SETTINGS["images"])[:2]
    for task, (reading, mend) in product(TASKS, menders(name, arm, seed).items()):
        counts = SETTINGS[name]["counts"] if task != "whole" else [active]
        tried = [error(data, mend, few, task, seed + 2000, n) for n in counts]
        row, k = {"task": task, "reading": reading}, counts[np.argmin(tried)]
        left, old = (error(data, mend, x, task, seed, k) for x in (images, data.images[:300]))
        bad, fit = error(data, lambda x, *_: x, images, task, seed), linear(name, task, seed)
        logs = np.log([fit / left, left / old, (bad + 1e-9) / fit])
        rows.append(row | dict(zip(("gain", "new", "bad"), logs, strict=True)))
    return rows


def rule(table):
    """A reading passes a task on a data set if its error is surely less than that of the linear map, and surely not a
    quarter more than of training images (95 %, Holm over all). Holds if one passes all tasks on both; else for what
    passes. Does not hold if all surely gain less than a tenth (one-sided). Not decided, too, if a control fails."""
    of = dict(list(table.groupby(["data", "arm", "reading", "task"])))
    samples = {k: [x.gain, NEW - x.new] for k, x in of.items() if k[1:3] in ASKED}
    lows = iter(studies.holm_lows([x for found in samples.values() for x in found]))
    passed = [k for k, found in samples.items() if min([next(lows) for _ in found]) > 0]
    where = {t: [f"{a} by {r}, {d}" for (d, a, r, x) in passed if x == t] for t in TASKS}
    verdict = only("images are", where)
    most = max(studies.interval(found[0], level=0.9).high for found in samples.values())
    verdict = "does not hold" if most < MARGIN else verdict
    verdict = "holds" if 6 in [sum(k[1:3] == x for k in passed) for x in ASKED] else verdict
    good, failed = {}, []
    for d in DATA:
        good[f"classical atoms do not surely pass ({d})"] = of[d, CLASSICAL, "search", "whole"].gain
        for t in TASKS[1:]:
            said = f"ridge regression does not surely mend a {t} ({d})"
            good[said] = of[d, ERROR, "search", t].bad
        if studies.interval(of[d, CHANCE, "search", "whole"].gain).high >= 0:
            failed.append(f"chance atoms do not surely fail ({d})")
    failed += [*np.array([*good])[studies.holm_lows([*good.values()]) <= 0]]
    verdict = "not decided" if failed else verdict
    values = {", ".join(k): over_seeds(x.gain, atol=0.3) for k, x in of.items()}
    return Verdict(CLAIM, verdict, values, min(SEEDS.values()), "images are", where, tuple(failed))


def figure(table):
    panels = {f"{d}: {t}": {", ".join(k): 100 * np.exp(-x) for k, x in rows.groupby(["arm", "reading"]).gain}
              for (d, t), rows in table.groupby(["data", "task"], sort=False)}  # fmt: skip
    return plotting.plot_dots(panels, across=3, xscale="log", title="% of a linear map's error")


UNIT = "of a logarithm by which a search in atoms learned with an error leaves less than a linear map; of damages 0.4 more"
WORTH = 0.2  # twice the margin
ONLY = f"holds only when images are whole ({'; '.join(f'{ERROR} by search, {d}' for d in DATA)})"
EFFECTS = {-0.4: "does not hold", 0.2: ONLY, 0.8: "holds"}


def planted(effect, rng):
    rows = [(*x, r, t) for x in runs() for r in ("search", "encoder") for t in TASKS]
    table = pd.DataFrame(rows, columns=[*KEY, "reading", "task"])
    best = (table.arm == ERROR) & (table.reading == "search")
    gain = np.where(best, effect - 0.4 * (table.task != "whole"), -0.5) + (table.arm == CLASSICAL)
    noise = rng.normal(size=(3, len(table)))
    return table.assign(gain=gain + 0.04 * noise[0], new=0.03 * noise[1], bad=0.6 + 0.05 * noise[2])
