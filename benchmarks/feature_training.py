"""Which features a generator matches, along a longer training than fits into a notebook.

    python benchmarks/feature_training.py

Adds rows to data/results/feature_training.csv, one a feature and time: the Kolmogorov–Smirnov statistic
and the Wasserstein distance, in spreads, of 1,000 generated and 1,000 held-out images of shapes16, and
the corrected p-value. Some four minutes on one core.
"""

from gannotes import datasets, models, training
from gannotes.metrics import features
from record import table

SEEDS, STEPS = 5, 2000
TIMES = (0, 50, 100, 200, 400, 700, 1000, 1500, 2000)


def make(shape, steps):
    """A compiled GAN."""
    gan = training.GAN(
        models.conv_generator(shape, 16, (32, 32, 16)),
        models.conv_discriminator(shape, (16, 32, 64)),
    )
    gan.compile(
        generator_rate=0.002,
        discriminator_rate=0.002,
        steps=steps,
        r1=0.1,
        penalty_every=4,
        ema_decay=0.99,
    )
    return gan


def main():
    data = datasets.load("shapes16")
    real = features.measure(data.held_out_images[:1000])
    gan = make(data.shape, STEPS)

    def measure(seed):
        gan.reset(seed)
        for steps in TIMES:
            if steps > gan.steps:
                gan.fit(data.images, steps_per_epoch=steps - gan.steps, verbose=0)
            fake = features.measure(gan.generate(1000, seed=1))
            compared = features.feature_distances(real, fake)
            for name, row in compared.iterrows():
                kept = row[["ks", "spreads", "p_corrected"]].to_dict()
                yield {"steps": steps, "feature": name} | kept

    table("feature_training", ["seed"], [(seed,) for seed in range(SEEDS)], measure)


if __name__ == "__main__":
    main()
