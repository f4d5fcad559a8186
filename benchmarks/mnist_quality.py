"""Fréchet distance of generated MNIST digits against seconds of training on this machine.

    python benchmarks/mnist_quality.py              # about half an hour on two cores
    python benchmarks/mnist_quality.py --seeds 0    # one seed: a part of it

The recipe of the MNIST generator that ships, for one minute and for three; beside it the networks and
the training of TensorFlow's DCGAN tutorial, on the same engine, for three minutes. Distance: features of
the project's MNIST classifier, 10,000 generated against the 10,000 held-out images; so it is no
published FID. Seconds are those of `fit`, with compilation; measuring is not counted. Adds rows to
data/results/mnist_quality.csv, one for each look at a training; an interrupted study goes on.
"""

import argparse
import time

from gannotes import datasets, metrics, models, training
from gannotes.metrics import evaluators
from record import table
from step_speed import keras_networks

STEP_MS = {"ours": 31, "DCGAN tutorial": 580}  # about, on two cores: how many steps fill the time
LOOKS = 12
WAYS = {"ours": (60, 180), "DCGAN tutorial": (180,)}  # seconds to fill


def ours(shape, steps):
    gan = training.GAN(models.conv_generator(shape), models.conv_discriminator(shape))
    gan.compile(
        generator_rate=0.001, discriminator_rate=0.001, steps=steps, r1=1.0, penalty_every=4
    )
    return gan, 64


def tutorial(shape, steps):
    gan = training.GAN(*keras_networks("dcgan"))
    gan.compile(generator_rate=1e-4, discriminator_rate=1e-4, beta_1=0.9, r1=0, ema_decay=0.0)
    return gan, 256


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS))
    options = parser.parse_args()
    data = datasets.load("mnist")
    evaluator = evaluators.for_dataset(data)
    held_out = evaluator.features(data.held_out_images)
    real = metrics.frechet_distance(held_out, evaluator.features(data.images[:10_000]))

    def measure(way, seconds_to_fill, seed):
        steps = int(seconds_to_fill * 1000 / STEP_MS[way] / LOOKS) * LOOKS
        gan, batch_size = (ours if way == "ours" else tutorial)(data.shape, steps)
        gan.reset(seed)
        seconds = 0.0
        for _ in range(LOOKS):
            start = time.monotonic()
            gan.fit(data.images, batch_size=batch_size, steps_per_epoch=steps // LOOKS, verbose=0)
            seconds += time.monotonic() - start
            fake = evaluator.features(gan.generate(10_000, seed=1))
            distance = metrics.frechet_distance(held_out, fake)
            yield {"steps": gan.steps, "seconds": seconds, "frechet": distance, "real": real}

    runs = [
        (way, goal, seed) for seed in options.seeds for way in options.ways for goal in WAYS[way]
    ]
    table("mnist_quality", ["way", "goal", "seed"], runs, measure)


if __name__ == "__main__":
    main()
