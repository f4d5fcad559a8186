"""Losses against penalties, and G's rate against D's, on the digits: all metrics, and the diagnosis.

    python benchmarks/laboratory.py    # five seeds, about ten minutes on two cores

Adds a row a training to data/results/laboratory.csv; an interrupted study goes on. The part "losses"
has every loss with every penalty at two rates, the part "rates" the non-saturating loss with R1, both
of 500 steps; the part "long" has rivals of the notebooks' recipe at their 2,500 steps.
"""

import argparse
from itertools import product

from gannotes import datasets, files, laboratory, losses
from gannotes.yardstick import Yardstick
import pandas as pd

KEY = ["part", "loss", "penalty", "rate", "generator_rate", "seed", "steps"]


RIVALS = (  # loss, penalty, D's rate, G's
    ("nonsaturating", "R1", 0.008, 0.008),
    ("nonsaturating", "R1", 0.008, 0.002),
    ("nonsaturating", "R1", 0.002, 0.002),
    ("least_squares", "R1", 0.008, 0.002),
    ("relativistic", "R1", 0.008, 0.002),
    ("nonsaturating", "none", 0.002, 0.002),
)


def settings(seeds, steps, long_steps):
    """Keys of all trainings, seed by seed."""
    for seed in range(seeds):
        for rate, generator_rate in product(laboratory.RATES, repeat=2):
            yield "rates", "nonsaturating", "R1", rate, generator_rate, seed, steps
        for loss, penalty, rate in product(losses.LOSSES, laboratory.PENALTIES, (0.002, 0.008)):
            yield "losses", loss, penalty, rate, rate, seed, steps
    for seed in range(seeds):
        for rival in RIVALS:
            yield "long", *rival, seed, long_steps


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--long-steps", type=int, default=2500)
    options = parser.parse_args()
    path = files.data_folder() / "results" / "laboratory.csv"
    rows = pd.read_csv(path, keep_default_na=False).to_dict("records") if path.exists() else []
    known = {tuple(row[name] for name in KEY) for row in rows}
    data = datasets.load("digits")
    yardstick = Yardstick(data)
    boards = {
        "rates": laboratory.everyday_board(data.shape, options.steps),
        "losses": laboratory.penalty_board(data.shape, options.steps),
        "long": laboratory.everyday_board(data.shape, options.long_steps),
    }
    for key in settings(options.seeds, options.steps, options.long_steps):
        if key in known:
            continue
        part, loss, penalty, rate, generator_rate, seed, _ = key
        recipe = {"loss": loss, "rate": rate, "generator_rate": generator_rate}
        recipe |= laboratory.PENALTIES[penalty]
        images, found = laboratory.diagnosed(boards[part], data.images, seed, **recipe)
        row = dict(zip(KEY, key, strict=True)) | {"diagnosis": found}
        rows.append(row | yardstick.measure(images))
        print(*key[1:6], found, round(rows[-1]["frechet"], 3), flush=True)
        if len(rows) % 10 == 0:
            write(path, rows)
    write(path, rows)


def write(path, rows):
    with files.atomic_path(path) as part:
        pd.DataFrame(rows).sort_values(KEY).to_csv(part, index=False)


if __name__ == "__main__":
    main()
