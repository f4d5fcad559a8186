"""Stacked MNIST: how many of 1,000 modes a GAN finds, by PacGAN's protocol.

    python benchmarks/stacked_mnist.py    # three seeds of 2,500 steps: three minutes of one core each

Three MNIST digits stand in the channels of an image: 1,000 modes, equally likely. 26,000 generated
images are read channel by channel by the project's MNIST evaluator; a mode is found if one image is
read so, and the reverse KL divergence is that of the images' shares from equal ones. Networks,
classifier and number of steps are our own, so that published numbers, which stand beside ours in
data/README.md, say where others got, not who is better. Adds a row a training to
data/results/stacked_mnist.csv; an interrupted study goes on, by states in runs/stacked_mnist.
"""

import argparse
from pathlib import Path

from gannotes import datasets, files, metrics, models, training
from gannotes.metrics import evaluators
from gannotes.training.callbacks import Checkpoint
import numpy as np
import pandas as pd
from record import table

SHAPE, MODES, MADE, LATENT_DIM = (28, 28, 3), 1000, 26_000, 64
EVERY = 500  # steps between states
STACKED = 128_000  # training images, as in PacGAN
VARIANTS = {  # name: images that D sees at once, penalties
    "plain": (1, {}),
    "packing, 2": (2, {}),
    "R1": (1, {"r1": 1.0}),
}


def stack(digits, count, seed=0):
    """Images of three digits each, drawn with equal chances, (count, 28, 28, 3)."""
    drawn = np.random.default_rng(seed).integers(len(digits), size=(count, 3))
    images = np.empty((count, *SHAPE), "float32")
    for channel in range(3):
        images[..., channel] = digits[drawn[:, channel], ..., 0]
    return images


def modes_of(images, evaluator):
    """Which of 1,000 modes each image is: its three digits, as the evaluator reads them."""
    return sum(
        10**channel * evaluator.predict(images[..., channel : channel + 1]) for channel in range(3)
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=2500)
    parser.add_argument("--variants", nargs="+", choices=VARIANTS, default=list(VARIANTS))
    options = parser.parse_args()
    if options.steps % EVERY:
        parser.error(f"--steps must be a multiple of {EVERY}. Received: {options.steps}")
    evaluator = evaluators.load_evaluator("mnist")
    images = stack(datasets.load("mnist").images, STACKED)
    steps = options.steps

    def measure(variant, seed, steps):
        packing, penalties = VARIANTS[variant]
        gan = training.GAN(
            models.conv_generator(SHAPE, LATENT_DIM, (64, 32, 16)),
            models.conv_discriminator((28, 28, 3 * packing), (16, 32, 64)),
            packing,
        )
        recipe = {"r1": 0, "penalty_every": 4 if penalties else 1} | penalties
        gan.compile(generator_rate=0.001, discriminator_rate=0.001, steps=steps, **recipe)
        gan.reset(seed)
        state = Path("runs/stacked_mnist") / f"{variant}, seed {seed}, {steps} steps.npz"
        checkpoint = Checkpoint(state, EVERY)
        done = checkpoint.resume(gan)
        if done < steps:
            gan.fit(
                images, initial_epoch=done // EVERY, epochs=steps // EVERY,
                steps_per_epoch=EVERY, callbacks=[checkpoint], verbose=0,
            )  # fmt: skip
        found = metrics.class_coverage(modes_of(gan.generate(MADE, seed), evaluator), MODES)
        state.unlink()  # a recipe that is changed later starts anew
        return [{"modes": found["modes"], "reverse_kl": found["reverse_kl"]}]

    runs = [(v, seed, steps) for seed in range(options.seeds) for v in options.variants]
    table("stacked_mnist", ["variant", "seed", "steps"], runs, measure)
    real = metrics.class_coverage(modes_of(images[:MADE], evaluator), MODES)
    show(real)


def show(real):
    """Prints the recorded rows, and real images as the evaluator reads them."""
    rows = pd.read_csv(files.data_folder() / "results/stacked_mnist.csv")
    print(rows.groupby(["variant", "steps"])[["modes", "reverse_kl"]].agg(["mean", "min", "max"]))
    print(f"real images: {real['modes']} modes, reverse KL {real['reverse_kl']:.3f}")


if __name__ == "__main__":
    main()
