"""Regularizers at 100, 300 and 1,000 training images: the gap of D, the distance and copies of G.

    python benchmarks/overfitting.py                                # digits, dense networks
    python benchmarks/overfitting.py --dataset mnist --counts 1000

Adds a row a training to data/results/overfitting.csv; an interrupted study goes on.
"""

import argparse
from itertools import product

from gannotes import datasets
from gannotes.studies import recipes
from record import table


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dataset", default="digits")
    parser.add_argument("--counts", type=int, nargs="+", default=[100, 300, 1000])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=800)
    options = parser.parse_args()
    data, gans = datasets.load(options.dataset), {}

    def measure(data_set, count, name, seed, steps):
        graph, changes = recipes.REGULARIZERS[name]
        if (kind := tuple(graph)) not in gans:
            gan = recipes.regularized(data.shape, steps, **graph)
            gans[kind] = gan, gan.recipe
        gan, recipe = gans[kind]
        gan.set(recipe, **changes)
        return [recipes.overfitting(gan, data, count, seed, steps)]

    seeds, steps = range(options.seeds), [options.steps]
    runs = product([data.name], options.counts, recipes.REGULARIZERS, seeds, steps)
    key = ["data_set", "images", "regularizer", "seed", "steps"]
    table("overfitting", key, sorted(runs, key=lambda run: run[3]), measure)


if __name__ == "__main__":
    main()
