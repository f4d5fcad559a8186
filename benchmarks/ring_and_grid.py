"""Ring and grid of Gaussians, ten trials each, by a recipe that finds all modes, scored as in PacGAN.

    python benchmarks/ring_and_grid.py             # about half a minute a trial on two cores
    python benchmarks/ring_and_grid.py --points    # one trial's points along training, for notebook 03

Scoring and data are PacGAN's (Lin et al. 2018, section 4.1: 100,000 points, 2,500 samples; a sample
is good within three standard deviations of its nearest centre). Networks and recipe are our own, and
stand below. Noise on all that D sees joins the modes, and falls until they are apart (Sønderby et al.
2017). Latents stand beside their signs: a continuous image of a connected space would have to draw
bridges between modes (Tanielian et al. 2020). Adds a row a trial to data/results/ring_and_grid.csv; an
interrupted study goes on.
"""

import argparse
import time

from gannotes import datasets, files, metrics, training
from gannotes.training.callbacks import Snapshots
import keras
from keras import layers
import numpy as np
from record import table

STEPS, EPOCHS, BATCH_SIZE, RATE = 20_000, 20, 256, 0.001
LATENTS, WIDTHS = 8, (128, 128, 128)
STEEP = 500  # tanh(500·z) is z's sign within 1 %, but for four latents in a thousand
NOISE, LEAST_NOISE = 1.5, 0.03  # standard deviations, at first and before it ends
QUIET = 0.3  # share of the steps, the last ones, without noise


def compiled(steps=STEPS):
    """The GAN, and the callback that sets its noise at each epoch's begin."""
    latents = keras.Input((LATENTS,))
    signs = layers.Activation("tanh")(layers.Rescaling(STEEP)(latents))
    generator = keras.Model(
        latents, _mlp(layers.Concatenate()([latents, signs]), outputs=2), name="generator"
    )
    points = keras.Input((2,))
    gan = training.GAN(generator, keras.Model(points, _mlp(points, outputs=1)))
    gan.compile(
        generator_rate=RATE, discriminator_rate=RATE, steps=steps, r1=0, instance_noise=NOISE
    )
    fall = steps * (1 - QUIET)

    def noise(step):
        return NOISE * (LEAST_NOISE / NOISE) ** (step / fall) if step < fall else 0.0

    return gan, keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: gan.set(instance_noise=noise(gan.steps))
    )


def _mlp(x, outputs):
    for width in WIDTHS:
        x = layers.LeakyReLU(0.2)(layers.Dense(width, kernel_initializer="he_normal")(x))
    return layers.Dense(outputs)(x)


def trial(gan, falling_noise, mixture, seed, steps=STEPS):
    """What a new training of the GAN comes to: the scores of `metrics.mode_coverage`, and seconds."""
    data, start = datasets.load(mixture), time.monotonic()
    _train(gan, data, seed, steps, [falling_noise])
    seconds = time.monotonic() - start
    points = gan.generate(2500, seed=1)
    scores = metrics.mode_coverage(points, data.mixture.centres, data.mixture.std)
    return scores | {"steps": steps, "seconds": seconds}


def _train(gan, data, seed, steps, callbacks):
    gan.reset(seed)
    each = steps // EPOCHS
    gan.fit(data.images, None, BATCH_SIZE, EPOCHS, each, callbacks=callbacks, verbose=0)


def points_along(gan, falling_noise, steps=STEPS, count=1000):
    """Points of the grid at the end of each epoch: arrays `steps` (times,), `points` (times, n, 2)."""
    shots = Snapshots(every=steps // EPOCHS, count=count)
    _train(gan, datasets.load("grid"), 0, steps, [falling_noise, shots])
    return {"steps": np.array(shots.steps), "points": np.stack(shots.images).astype("float16")}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--points", action="store_true", help="writes grid_points.npz alone")
    options = parser.parse_args()
    gan, falling_noise = compiled()
    if options.points:
        path = files.data_folder() / "results" / "grid_points.npz"
        files.save_arrays(path, **points_along(gan, falling_noise))
        return
    runs = [(mixture, seed) for seed in range(options.seeds) for mixture in ("ring", "grid")]
    table(
        "ring_and_grid", ["mixture", "seed"], runs, lambda *run: [trial(gan, falling_noise, *run)]
    )


if __name__ == "__main__":
    main()
