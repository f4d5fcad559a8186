"""Feature matching beside every main loss, on dense and convolutional networks, at equal time.

    python benchmarks/feature_matching.py --dataset mnist --networks conv --time
    python benchmarks/feature_matching.py --dataset mnist --networks conv --losses nonsaturating
    python benchmarks/feature_matching.py --dataset digits --networks mlp

Adds a row a training to data/results/feature_matching.csv; an interrupted study goes on. The variant
is "networks, loss, matching"; "alone" is matching without the game. All terms have weight 1 and look at
every hidden layer of D. With --time, on one core, measures what a step of each takes, and adds it to
data/results/feature_matching_steps.csv: so many more steps the plain GAN gets afterwards, for equal
time.
"""

import argparse
import time

from gannotes import datasets, files, models, studies, training
from gannotes.metrics.yardstick import Yardstick
from gannotes.training import losses
from keras import ops
import pandas as pd
from record import table


def conv(shape):
    return models.conv_generator(shape), models.conv_discriminator(shape)


RECIPES = {  # (networks, whether for 28×28 pixels): G's rate, D's, R1's weight, updates between two R1s
    ("mlp", False): (models.mlp_pair, 0.008, 0.008, 0.6, 1),
    ("mlp", True): (models.mlp_pair, 0.008, 0.008, 0.6, 1),
    ("conv", False): (conv, 0.01, 0.01, 0.1, 1),
    ("conv", True): (conv, 0.002, 0.008, 0.6, 4),
}
STEPS = {("mlp", False): 2000, ("mlp", True): 2000, ("conv", False): 600, ("conv", True): 500}
MATCHING = {"none": None, "L2": losses.l2_matching, "cosine": losses.cosine_matching}
ALONE = ("L2 alone", "cosine alone")  # beside the non-saturating game only


def no_loss(real_scores, fake_scores):
    """What is left of G's loss where it does not play."""
    return 0.0 * ops.mean(fake_scores)


def make(networks, shape, loss, matching, steps):
    build, g_rate, d_rate, r1, every = RECIPES[networks, shape[0] > 8]
    gan = training.GAN(*build(shape))
    matching, _, alone = matching.partition(" ")
    layers = models.hidden_layers(gan.discriminator) if MATCHING[matching] else []
    gan.compile(
        generator_rate=g_rate,
        discriminator_rate=d_rate,
        steps=steps,
        loss=(losses.LOSSES[loss][0], no_loss) if alone else loss,
        r1=r1,
        penalty_every=every,
        feature_loss=MATCHING[matching],
        feature_layers=layers,
    )
    return gan


def milliseconds(data_set, networks, slices=5, steps=100):
    """Rows of what a step takes of the processor, the kinds of matching in turn."""
    data = datasets.load(data_set)
    gans = {
        matching: make(networks, data.shape, "nonsaturating", matching, steps)
        for matching in MATCHING
    }
    for number in range(slices + 1):
        for matching, gan in gans.items():
            start = time.process_time()
            gan.fit(data.images, steps_per_epoch=steps, verbose=0)
            spent = 1000 * (time.process_time() - start) / steps
            if number > 0:  # the first call compiles
                yield {"matching": matching, "milliseconds": spent}


def more_steps(data_set, networks):
    """How many times the steps the plain GAN gets, for the time of the slower kind of matching."""
    timed = pd.read_csv(files.data_folder() / "results" / "feature_matching_steps.csv")
    rows = timed[(timed.data_set == data_set) & (timed.networks == networks)]
    of = rows.groupby("matching").milliseconds.min()  # what disturbs only adds
    return max(1.0, float(of.max() / of["none"]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dataset", default="digits")
    parser.add_argument("--networks", choices=("mlp", "conv"), default="mlp")
    parser.add_argument("--losses", nargs="+", choices=losses.LOSSES, default=list(losses.LOSSES))
    parser.add_argument("--matching", nargs="+", choices=(*MATCHING, *ALONE))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--steps", type=int, help="of a training; by default as recorded")
    parser.add_argument("--time", action="store_true", help="measure the time of a step instead")
    options = parser.parse_args()
    if options.time:
        keys = [(options.dataset, options.networks)]
        table("feature_matching_steps", ["data_set", "networks"], keys, milliseconds)
        return
    data = datasets.load(options.dataset)
    networks, yardstick = options.networks, Yardstick(data, 1000)
    base = options.steps or STEPS[networks, data.shape[0] > 8]
    path = files.data_folder() / "results" / "feature_matching.csv"
    for loss in options.losses:
        ways = (*MATCHING, *ALONE) if loss == "nonsaturating" else MATCHING
        for name in options.matching or ways:
            factor = more_steps(data.name, networks) if name == "none" else 1
            steps = 10 * round(base * factor / 10)
            variant = f"{networks}, {loss}, {name}"
            known = studies.read_table(path)
            known = known[(known.variant == variant) & (known.data_set == data.name)]
            if set(range(options.seeds)) <= set(known.seed[known.steps == steps]):
                continue
            gan = make(networks, data.shape, loss, name, steps)
            gan.fit(data.images, epochs=1, steps_per_epoch=50, verbose=0)  # compiles
            rows = studies.train_variants(
                {variant: studies.trained(gan, data.images, steps)},
                options.seeds,
                yardstick,
                notebook="07_cosine_feature_matching",
                steps=steps,
                path=path,
            )
            means = rows[["steps", "seconds", "frechet", "coverage"]].mean()
            print(f"{variant:36}" + "".join(f"{x:10.3f}" for x in means), flush=True)


if __name__ == "__main__":
    main()
