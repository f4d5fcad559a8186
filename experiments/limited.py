"""Can GANs be trained with little compute, for edge and cloud? 001-limited, document 001, section 5.

The article: 研究如何在有限的计算资源下训练 GANs，以适应边缘计算和云计算等环境。
"Study how to train GANs with limited computing resources, to suit settings as edge and cloud computing."
Read as: (1) training: with two minutes of one processor core and 2 GiB of memory, all in all, a GAN has 75 % of the
way from noise to real pictures behind it, as in 008-draw. On a board whose core is ten times slower: 20 minutes.
(2) use with 8 bits: with weights and activations of 8 bits the generator's Fréchet distance is at most 10 % greater,
its file has at most 256 KiB, a small microcontroller's memory, and it makes 30 pictures a second on one thread.

Digits, 8×8, by dense networks, and MNIST's, 28×28, by the convolutional pair, have the steps of 008-draw. Each is trained in a process of its own: seconds, of all cores together, and memory are those of its whole life.
TensorFlow Lite writes and runs the file. Not measured: a real board, its working memory, colour, larger pictures.
Controls: with weights that are off by 30 % it must lose more than 10 %; by the exported file of floats not.
"""

import multiprocessing
from pathlib import Path
import re
import time

from experiments.draw import gaussian
from gannotes import datasets, metrics, models, plotting, studies, training
from gannotes.metrics import evaluators
from gannotes.studies.claims import Verdict, only, over_seeds
from gannotes.training.trainer import in_blocks
import numpy as np
import pandas as pd
import tensorflow as tf

CLAIM, HOURS = "001-limited", 0.1
SETTINGS = {
    "digits": {"seeds": 10, "recipe": {"steps": 4000}},
    "mnist5k": {"seeds": 5, "recipe": {"steps": 900, "generator_rate": 0.004, "penalty_every": 4}},
    "latent_dim": 16, "images": 1000, "off": 0.3,
}  # fmt: skip
KEY, DATA, COSTS = ["data", "seed"], ("digits", "mnist5k"), ("core s", "MiB", "KiB", "ms")
KINDS = ("noise", "float", "8 bits", "off", "real")
LIMITS = {"training": {"core s": 120, "MiB": 2048}, "use with 8 bits": {"KiB": 256, "ms": 33}}
BEHIND, MARGIN = 0.75, np.log(1.1)  # of the way; of the Fréchet distance
HISTORY = "2026-11-29: written before its runs. Run anew, with ten times the steps (digits) and weights off by 30 %, not by 100 %, as a reader found the training weak and the control empty; before, it held. The rule before had no 8 bits. 2026-11-30: its parts are judged one by one."


def runs():
    return [(data, seed) for data in DATA for seed in range(SETTINGS[data]["seeds"])]


def networks(name):
    data, pair = datasets.load(name), models.mlp_pair if name == "digits" else models.conv_pair
    return data, *pair(data.shape, SETTINGS["latent_dim"])


def compiled(name, seed):
    """Weights of G, and what it took, of a process that starts, compiles and trains one; for `measure`."""
    data, *pair = networks(name)
    gan = training.GAN(*pair)
    gan.compile(**SETTINGS[name]["recipe"])
    gan.reset(seed)
    gan.fit(data.images, steps_per_epoch=gan.recipe.steps, verbose=0)
    peak = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]  # KiB; Linux
    return gan.ema_generator.get_weights(), {"core s": time.process_time(), "MiB": int(peak) / 1024}


def measure(name, seed):
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        weights, row = pool.apply(compiled, (name, seed))
    data, generator, _ = networks(name)
    features, rng = evaluators.for_dataset(data).features, np.random.default_rng(seed)
    count, size = SETTINGS["images"], SETTINGS["latent_dim"]
    latents, others = rng.standard_normal((2, count, size), "float32")

    def exported(bits):  # images by the file, its KiB, and milliseconds an image, one by one
        converter = tf.lite.TFLiteConverter.from_keras_model(generator)
        if bits == 8:
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
            converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
            converter.representative_dataset = lambda: ([z[None]] for z in others[:200])
        content = converter.convert()
        network = tf.lite.Interpreter(model_content=content, num_threads=1).get_signature_runner()
        start = time.perf_counter()
        images = [next(iter(network(latents=z[None]).values()))[0] for z in latents]
        return np.stack(images), len(content) / 1024, 1000 * (time.perf_counter() - start) / count

    off = [w * rng.normal(1, SETTINGS["off"], w.shape) if w.ndim > 1 else w for w in weights]
    generator.set_weights(off)
    shown = {"off": in_blocks(generator, latents)}
    generator.set_weights(weights)
    shown |= {"float": in_blocks(generator, latents), "float file": exported(32)[0]}
    shown["8 bits"], row["KiB"], row["ms"] = exported(8)
    shown |= {"noise": gaussian(data.images, count, seed), "real": data.images[:count]}
    real = features(data.held_out_images)
    return [row | {k: metrics.frechet_distance(real, features(x)) for k, x in shown.items()}]


def behind(rows):
    """The share of the way that is gone, one a seed."""
    return ((rows.noise - rows.float) / (rows.noise - rows.real)).to_numpy()


def lost(rows, kind="8 bits"):
    """Logarithm of how many times as great the Fréchet distance becomes, one a seed; the same latents."""
    return np.log((rows[kind] / rows["float"]).to_numpy())


def rule(table):
    """Yes on a data set: no seed is beyond the limits, and the share of the way is above 75 %, or the loss by 8 bits
    below 10 %. No: a seed is beyond, or the share below, or the loss above. By 95 % intervals, with Holm over all
    four. Holds if all are yes, does not hold if all are no, holds for those that are yes if some are; else not
    decided. Of 8 bits nothing is said where a control fails."""
    of, cells = {d: table[table.data == d] for d in DATA}, [(q, d) for q in LIMITS for d in DATA]
    rooms = [behind(of[d]) - BEHIND if q == "training" else MARGIN - lost(of[d]) for q, d in cells]
    within = np.array([all(of[d][k].max() < x for k, x in LIMITS[q].items()) for q, d in cells])
    worse = [studies.interval(lost(rows, "off"), level=0.9).low > MARGIN for rows in of.values()]
    same = [np.abs(lost(rows, "float file")).max() < MARGIN for rows in of.values()]
    seen = np.append([True, True], np.logical_and(worse, same))  # the controls
    yes = (studies.holm_lows(rooms) > 0) & within & seen
    no = ((studies.holm_lows([-x for x in rooms]) > 0) | ~within) & seen
    sure = [cell for cell, x in zip(cells, yes, strict=True) if x]
    where, lead = {q: [d for d in DATA if (q, d) in sure] for q in LIMITS}, "one asks for"
    verdict = "holds" if yes.all() else "does not hold" if no.all() else only(lead, where)
    failed = [f"a G that is off by 30 % loses too little ({d})" for d, x in zip(DATA, worse, strict=True) if not x]  # fmt: skip
    failed += [f"a file of floats makes other images ({d})" for d, x in zip(DATA, same, strict=True) if not x]  # fmt: skip
    values = {f"{d}: {k}": over_seeds(rows[k], rtol=0.7) for d, rows in of.items() for k in COSTS}
    for data, rows in of.items():
        values[f"{data}: share of the way"] = over_seeds(behind(rows), atol=0.1)
        values[f"{data}: lost by 8 bits, share"] = over_seeds(np.expm1(lost(rows)), atol=0.1)
    return Verdict(CLAIM, verdict, values, min(map(len, of.values())), lead, where, (*failed,))


def figure(table):
    panels = {d: {k: table[table.data == d][k] for k in KINDS} for d in DATA}
    about = {"xlabel": "Fréchet distance", "title": "Little training, and a generator of 8 bits"}
    return plotting.plot_dots(panels, xscale="log", **about)


UNIT = "standard deviations of a seed by which training keeps its limit; use with 8 bits by 8 less"
TRAINED = "holds only when one asks for training (digits, mnist5k)"
EFFECTS = {0.0: "not decided", -8.0: "does not hold", 7.0: TRAINED, 18.0: "holds"}
WORTH = 10.0  # a tenth of the way


def planted(effect, rng):
    table = pd.DataFrame([dict(zip(KEY, run, strict=True)) for run in runs()])
    share, less, off = effect + rng.normal(size=(3, len(table)))
    left = 31 - 30 * (BEHIND + 0.01 * share)
    files = {"8 bits": left * np.exp(MARGIN - 0.01 * (less - 8)), "float file": left}
    table[list(COSTS)] = 30
    return table.assign(noise=31, real=1, float=left, off=left * (9 + 0.1 * off), **files)
