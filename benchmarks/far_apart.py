"""Two far-apart parts that must agree: convolution beside attention, of equally many weights.

    python benchmarks/far_apart.py
    python benchmarks/far_apart.py --variants "transformer G" --seeds 2

Adds rows to data/results/far_apart.csv, one for each time at which a training was looked at: the share
of generated strips whose two squares agree in hue, and how well their left halves match by themselves.
Some fifteen minutes. Seconds are the processor's: run it on one core.
"""

import argparse
import time

from gannotes import datasets, models, training
from gannotes.metrics import features
import numpy as np
from record import table
from scipy import stats

SEEDS, STEPS, EVERY = 5, 1000, 125
AGREE = 1 / 24  # of a turn, 15 degrees; hues drawn at random agree in 1/12 of cases
VARIANTS = {  # name: (G's block, or "transformer" for all of G; D's block)
    "convolution": ("convolution", "convolution"),
    "dilated in D": ("convolution", "dilated"),
    "attention in D": ("convolution", "attention"),
    "attention in G": ("attention", "convolution"),
    "attention in both": ("attention", "attention"),
    "transformer G": ("transformer", "convolution"),
    "transformer G, attention in D": ("transformer", "attention"),
}


def make(shape, variant, steps, rate=0.002):
    """A compiled GAN; all variants have about equally many weights."""
    in_generator, in_discriminator = VARIANTS[variant]
    gan = training.GAN(
        models.transformer_generator(shape, 16, hidden=80)
        if in_generator == "transformer"
        else models.conv_generator(shape, 16, (32, 24, 12), block=in_generator),
        models.conv_discriminator(shape, (16, 32), block=in_discriminator),
    )
    gan.compile(
        generator_rate=rate,
        discriminator_rate=rate,
        steps=steps,
        r1=0.1,
        penalty_every=4,
        ema_decay=0.99,
    )
    return gan


def look(images, real_left):
    """Agreement, and the mean Kolmogorov–Smirnov statistic of all features of the left halves."""
    left = features.measure(images[:, :, : images.shape[2] // 2])
    distances = [
        stats.ks_2samp(real_left[name], left[name], method="asymp").statistic for name in left
    ]
    return {
        "agreement": np.mean(features.hue_gap(images) < AGREE),
        "local": np.mean(distances),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--variants", nargs="+", choices=VARIANTS, default=list(VARIANTS))
    parser.add_argument("--seeds", type=int, default=SEEDS)
    options = parser.parse_args()
    data = datasets.load("twins")
    real_left = features.measure(data.held_out_images[:, :, : data.shape[1] // 2])
    gans = {}

    def measure(variant, seed):
        if variant not in gans:
            gans[variant] = make(data.shape, variant, STEPS)
            gans[variant].fit(data.images, steps_per_epoch=EVERY, verbose=0)  # compiles
        gan = gans[variant]
        gan.reset(seed)
        seconds = 0.0
        for _ in range(STEPS // EVERY):
            start = time.process_time()
            gan.fit(data.images, steps_per_epoch=EVERY, verbose=0)
            seconds += time.process_time() - start
            found = look(gan.generate(1000, seed=1), real_left)
            yield {"steps": gan.steps, "seconds": seconds} | found

    runs = [(variant, seed) for variant in options.variants for seed in range(options.seeds)]
    table("far_apart", ["variant", "seed"], runs, measure)


if __name__ == "__main__":
    main()
