"""CIFAR-10 with the article's networks, corrected, and factorized ones: the full tier of notebook 05.

    python benchmarks/cifar10_factorized.py                       # 5 seeds, 20,000 steps: for a GPU
    python benchmarks/cifar10_factorized.py --seeds 1 --steps 200 # minutes on a CPU

The discriminator is the article's, four convolutions of 5×5 and 64-128-256-512 channels, in all
variants; it gives scores before any sigmoid. Generators: the article's dense 1024-1024, with 3,072
outputs in place of 784; the same at rank 32; a convolutional one, and that at rank 16. Adds a row a
training to data/results/cifar10_factorized.csv; an interrupted study goes on. Rows do not say the
batch's size: those that are shipped have --seeds 3 --steps 400 --batch-size 32.
"""

import argparse

from gannotes import datasets, files, models, studies, training
from gannotes.layers import multiply_adds
from gannotes.metrics.yardstick import Yardstick

LATENT_DIM = 100
GENERATORS = {
    "dense 1024-1024": lambda shape: models.mlp_generator(shape, LATENT_DIM, (1024, 1024)),
    "rank 32": lambda shape: models.mlp_generator(shape, LATENT_DIM, (1024, 1024), rank=32),
    "conv": lambda shape: models.conv_generator(shape, LATENT_DIM, (128, 64, 32)),
    "conv, rank 16": lambda shape: models.conv_generator(shape, LATENT_DIM, (128, 64, 32), rank=16),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=20_000)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--generators", nargs="+", choices=GENERATORS, default=list(GENERATORS))
    options = parser.parse_args()
    data = datasets.load("cifar10")
    yardstick = Yardstick(data, 1000)
    path = files.data_folder() / "results" / "cifar10_factorized.csv"
    for name in options.generators:
        judge = models.conv_discriminator(data.shape, (64, 128, 256, 512), kernel_size=5)
        gan = training.GAN(GENERATORS[name](data.shape), judge)
        gan.compile(
            generator_rate=0.0004,
            discriminator_rate=0.0004,
            steps=options.steps,
            r1=0.1,
            penalty_every=8,
        )
        costs = [f"{multiply_adds(net) / 1e6:.2f}" for net in (gan.generator, judge)]
        print(f"{name}: million multiply-adds of G and D {costs}", flush=True)
        train = studies.trained(gan, data.images, options.steps, batch_size=options.batch_size)
        table = studies.train_variants(
            {name: train},
            options.seeds,
            yardstick,
            notebook="05_factorized_generator",
            steps=options.steps,
            path=path,
        )
        print(
            table[["seconds", "frechet", "kid", "coverage"]].mean().round(3).to_dict(), flush=True
        )


if __name__ == "__main__":
    main()
