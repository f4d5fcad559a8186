"""Losses against penalties, and G's rate against D's, on the digits: all metrics, and the diagnosis.

    python benchmarks/losses_and_rates.py    # five seeds, about twenty minutes on two cores

Adds a row a training to data/results/losses_and_rates.csv; an interrupted study goes on. The part "losses"
has every loss with every penalty at two rates, WGAN-GP also with its authors' five steps of D for one
of G; the part "rates" the non-saturating loss with R1; both of 500 steps. The part "long" has rivals
of the recipe at 2,500 steps, the part "constant" the recipe at rates that do not fall, and the part
"time" more steps of D in the time that these take.
"""

import argparse
from itertools import product

from gannotes import datasets, models
from gannotes.metrics.yardstick import Yardstick
from gannotes.studies import recipes
from gannotes.training import GAN, losses
from record import table

KEY = [
    "part", "loss", "penalty", "rate", "generator_rate", "discriminator_steps", "seed", "steps",
]  # fmt: skip
RATES = (0.0005, 0.002, 0.008, 0.032)
RIVALS = (  # loss, penalty, D's rate, G's
    ("nonsaturating", "R1", 0.008, 0.008),
    ("nonsaturating", "R1", 0.008, 0.002),
    ("nonsaturating", "R1", 0.002, 0.002),
    ("nonsaturating", "R1", 0.004, 0.001),
    ("least_squares", "R1", 0.008, 0.002),
    ("relativistic", "R1", 0.008, 0.002),
    ("nonsaturating", "none", 0.002, 0.002),
)
SHARE_OF_STEPS = {2: 0.6, 3: 0.44, 5: 0.28}  # by steps of D: those of G in equal time, on two cores
MORE_STEPS_OF_D = (
    *product(("nonsaturating",), ("R1",), (0.008,), (0.002, 0.008), SHARE_OF_STEPS),
    ("wasserstein", "WGAN-GP", 0.002, 0.002, 5),
    ("hinge", "WGAN-GP", 0.002, 0.002, 5),
)


def settings(seeds, steps, long_steps):
    """Keys of all trainings, seed by seed."""
    for seed in range(seeds):
        for rate, generator_rate in product(RATES, repeat=2):
            yield "rates", "nonsaturating", "R1", rate, generator_rate, 1, seed, steps
        for loss, penalty, rate in product(losses.LOSSES, recipes.PENALTIES, (0.002, 0.008)):
            yield "losses", loss, penalty, rate, rate, 1, seed, steps
            if penalty == "WGAN-GP":
                yield "losses", loss, penalty, rate, rate, 5, seed, steps
    for seed in range(seeds):
        for rival in RIVALS:
            yield "long", *rival, 1, seed, long_steps
        yield "constant", "nonsaturating", "R1", 0.008, 0.002, 1, seed, long_steps
        for rival in MORE_STEPS_OF_D:
            yield "time", *rival, seed, int(round(SHARE_OF_STEPS[rival[-1]] * long_steps, -2))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--long-steps", type=int, default=2500)
    options = parser.parse_args()
    data, gans = datasets.load("digits"), {}
    yardstick = Yardstick(data)

    def measure(part, loss, penalty, rate, generator_rate, updates, seed, steps):
        graph = "r1" if part != "losses" and penalty != "WGAN-GP" else "all penalties"
        if (kind := (graph, steps, updates)) not in gans:
            gan = GAN(*models.mlp_pair(data.shape))
            penalties = {} if graph == "r1" else {"r2": 1, "wgan_gp": 1}
            choices = {name: name for name in losses.LOSSES}
            gan.compile(loss=choices, steps=steps, discriminator_steps=updates, **penalties)
            gans[kind] = gan
        gans[kind].set(
            loss=loss,
            discriminator_rate=rate,
            generator_rate=generator_rate,
            steps=None if part == "constant" else steps,
            **recipes.PENALTIES[penalty],
        )
        images, found = recipes.diagnosed(gans[kind], data.images, seed, steps)
        return [{"diagnosis": found} | yardstick.measure(images)]

    runs = settings(options.seeds, options.steps, options.long_steps)
    table("losses_and_rates", KEY, runs, measure)


if __name__ == "__main__":
    main()
