"""Ring and grid of Gaussians, scored as in PacGAN: modes found and share of good samples.

    python benchmarks/mixtures.py          # ten trials of each, two at a time

Scoring and data are PacGAN's (Lin et al. 2018, section 4.1: 100,000 points, 2,500 samples; a sample
is good within three standard deviations of its nearest centre); network and recipe are our own.
"""

import argparse
from concurrent.futures import ProcessPoolExecutor
import multiprocessing
import os
import time

import numpy as np
from record import record

TRIALS, WORKERS = 10, 2
RECIPES = {}  # name: options
PUBLISHED = {  # PacGAN2 in Lin et al. 2018, Table 1: modes, good samples in %
    "ring": (7.9, 95.6),
    "grid": (23.8, 91.3),
}


def train(name, seed):
    """One trial: ``{"seed", "modes", "good", "reverse_kl", "seconds"}``."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from gannotes import datasets, metrics, models
    from gannotes.training import GAN
    import keras

    options = RECIPES[name]
    data = datasets.load(name)
    start = time.monotonic()
    generator = models.mlp_generator((2,), options["latent_dim"], options["generator"])
    gan = GAN(generator, models.mlp_discriminator((2,), options["discriminator"]))
    schedule = keras.optimizers.schedules.CosineDecay(options["rate"], options["steps"])
    adams = [keras.optimizers.Adam(schedule, beta_1=0.5) for _ in range(2)]
    gan.compile(*adams, loss=options["loss"], penalties=options["penalties"])
    gan.reset(seed)
    gan.fit(
        data.images, batch_size=options["batch"], epochs=options["steps"] // 1000,
        steps_per_epoch=1000, verbose=0,
    )  # fmt: skip
    samples, seconds = gan.generate(2500, seed=seed), time.monotonic() - start
    scored = metrics.mode_coverage(samples, data.mixture.centres, data.mixture.std)
    return {"seed": seed, **scored, "seconds": round(seconds, 1)}


def main(first_seed):
    with ProcessPoolExecutor(WORKERS, multiprocessing.get_context("spawn")) as pool:
        for name in RECIPES:
            seeds = range(first_seed, first_seed + TRIALS)
            trials = list(pool.map(train, [name] * TRIALS, seeds))
            for trial in trials:
                print(name, trial, flush=True)
            good = 100 * np.array([trial["good"] for trial in trials])
            modes, published_good = PUBLISHED[name]
            print(f"{name}: good {good.mean():.1f} % (least {good.min():.1f}); "
                  f"PacGAN2 as published: {modes} modes, {published_good} %")  # fmt: skip
            record(f"mixtures_{name}", {
                "recipe": RECIPES[name], "trials_at_a_time": WORKERS, "trials": trials,
                "pacgan2_as_published": {"modes": modes, "good_percent": published_good},
            })  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--first-seed", type=int, default=0)
    main(parser.parse_args().first_seed)
