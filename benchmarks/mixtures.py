"""Ring and grid of Gaussians under each remedy, scored as in PacGAN.

    python benchmarks/mixtures.py    # 10,000 steps, five seeds, about ten minutes on two cores

Scoring and data are PacGAN's (Lin et al. 2018, section 4.1: 100,000 points, 2,500 samples; a sample
is good within three standard deviations of its nearest centre); networks and recipes are our own, in
`gannotes.studies.recipes`. Adds a row a training to data/results/mixtures.csv; an interrupted study goes on.
"""

import argparse
from itertools import product

from gannotes import datasets, metrics
from gannotes.studies import recipes, trained
from record import table


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=10_000)
    options = parser.parse_args()
    data = {name: datasets.load(name) for name in ("ring", "grid")}
    twice = {"loss": (recipes.twice_d_loss, recipes.twice_g_loss)}
    remedies, gans = recipes.REMEDIES | {"sigmoid twice": twice}, {}

    def measure(mixture, remedy, seed, steps):
        if remedy not in gans:
            gans[remedy] = recipes.plane_gan(remedy)
            gans[remedy].compile(recipes.PLANE, **{"steps": steps} | remedies[remedy])
        truth, images = data[mixture].mixture, data[mixture].images
        points = trained(gans[remedy], images, steps, 2500, batch_size=128)(seed)
        return [metrics.mode_coverage(points, truth.centres, truth.std)]

    runs = product(data, remedies, range(options.seeds), [options.steps])
    table(
        "mixtures",
        ["mixture", "remedy", "seed", "steps"],
        sorted(runs, key=lambda run: run[2]),
        measure,
    )


if __name__ == "__main__":
    main()
