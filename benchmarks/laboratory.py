"""Losses against penalties, and G's rate against D's, on the digits: all metrics, and the diagnosis.

    python benchmarks/laboratory.py    # 500 steps, five seeds, about six minutes on two cores

Adds a row a training to data/results/laboratory.csv; an interrupted study goes on. The part "losses"
has every loss with every penalty at two rates, the part "rates" the non-saturating loss with R1.
"""

import argparse
from itertools import product

from gannotes import datasets, files, laboratory, losses
from gannotes.yardstick import Yardstick
import pandas as pd

KEY = ["part", "loss", "penalty", "rate", "generator_rate", "seed", "steps"]


def settings(seeds, steps):
    """Keys of all trainings, seed by seed."""
    for seed in range(seeds):
        for rate, generator_rate in product(laboratory.RATES, repeat=2):
            yield "rates", "nonsaturating", "R1", rate, generator_rate, seed, steps
        for loss, penalty, rate in product(losses.LOSSES, laboratory.PENALTIES, (0.002, 0.008)):
            yield "losses", loss, penalty, rate, rate, seed, steps


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=500)
    options = parser.parse_args()
    path = files.data_folder() / "results" / "laboratory.csv"
    rows = pd.read_csv(path, keep_default_na=False).to_dict("records") if path.exists() else []
    known = {tuple(row[name] for name in KEY) for row in rows}
    data = datasets.load("digits")
    yardstick = Yardstick(data)
    boards = {
        "rates": laboratory.everyday_board(data.shape, options.steps),
        "losses": laboratory.penalty_board(data.shape, options.steps),
    }
    for key in settings(options.seeds, options.steps):
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
