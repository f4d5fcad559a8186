"""Feature matching beside every main loss, on dense and convolutional networks: quality and time.

    python benchmarks/feature_matching.py --dataset digits --networks mlp
    python benchmarks/feature_matching.py --dataset mnist --networks conv --losses nonsaturating --seeds 3

Adds a row a training to data/results/feature_matching.csv; an interrupted study goes on. The variant
is "networks, loss, matching". All terms have weight 1 and look at every hidden layer of D.
"""

import argparse

from gannotes import datasets, files, losses, models, studies, training
from gannotes.yardstick import Yardstick
import keras

RECIPES = {  # networks: (generator, discriminator, rate, weight of R1)
    "mlp": (
        lambda shape: models.mlp_generator(shape, 8, (64, 96, 128), batch_norm=True),
        lambda shape: models.mlp_discriminator(shape, (128, 96, 64)),
        0.008,
        0.6,
    ),
    "conv": (models.conv_generator, models.conv_discriminator, 0.002, 0.6),
}
MATCHING = {"none": None, "L2": losses.l2_matching, "cosine": losses.cosine_matching}


def adam(rate, steps):
    schedule = keras.optimizers.schedules.CosineDecay(rate, steps)
    return keras.optimizers.Adam(schedule, beta_1=0.5)


def make(networks, shape, loss, matching, steps):
    generator, discriminator, rate, r1 = RECIPES[networks]
    gan = training.GAN(generator(shape), discriminator(shape))
    layers = [] if matching is None else models.hidden_layers(gan.discriminator)
    gan.compile(
        adam(rate, steps),
        adam(rate, steps),
        loss,
        penalties={"r1": r1},
        feature_loss=matching,
        feature_layers=layers,
    )
    return gan


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dataset", default="digits")
    parser.add_argument("--networks", choices=RECIPES, default="mlp")
    parser.add_argument("--losses", nargs="+", choices=losses.LOSSES, default=list(losses.LOSSES))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=2000)
    options = parser.parse_args()
    data = datasets.load(options.dataset)
    yardstick = Yardstick(data, 1000)
    path = files.data_folder() / "results" / "feature_matching.csv"
    for loss in options.losses:
        for name, matching in MATCHING.items():
            gan = make(options.networks, data.shape, loss, matching, options.steps)
            gan.fit(data.images, epochs=1, steps_per_epoch=100, verbose=0)  # compiles
            table = studies.compare(
                {
                    f"{options.networks}, {loss}, {name}": studies.trained(
                        gan, data.images, options.steps
                    )
                },
                options.seeds,
                yardstick,
                notebook="05_cosine_feature_matching",
                steps=options.steps,
                path=path,
            )
            means = table[["seconds", "frechet", "coverage"]].mean()
            print(f"{table.variant[0]:32}" + "".join(f"{x:9.3f}" for x in means), flush=True)


if __name__ == "__main__":
    main()
