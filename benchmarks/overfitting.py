"""Regularizers at 100, 300 and 1,000 training images: the gap of D, the distance and copies of G.

    python benchmarks/overfitting.py                                # digits, dense networks
    python benchmarks/overfitting.py --dataset mnist --counts 1000

Adds a row a training to data/results/overfitting.csv; an interrupted study goes on.
"""

import argparse

from gannotes import datasets, files, laboratory
import pandas as pd

KEY = ["data_set", "images", "regularizer", "seed", "steps"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dataset", default="digits")
    parser.add_argument("--counts", type=int, nargs="+", default=[100, 300, 1000])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=800)
    options = parser.parse_args()
    path = files.data_folder() / "results" / "overfitting.csv"
    rows = pd.read_csv(path, keep_default_na=False).to_dict("records") if path.exists() else []
    known = {tuple(row[name] for name in KEY) for row in rows}
    data, boards = datasets.load(options.dataset), {}
    for seed in range(options.seeds):
        for count in options.counts:
            for name, (dropout, recipe) in laboratory.REGULARIZERS.items():
                key = (data.name, count, name, seed, options.steps)
                if key in known:
                    continue
                if dropout not in boards:
                    boards[dropout] = laboratory.everyday_board(data.shape, options.steps, dropout)
                found = laboratory.overfitting(boards[dropout], data, count, seed, **recipe)
                rows.append(dict(zip(KEY, key, strict=True)) | found)
                with files.atomic_path(path) as part:
                    pd.DataFrame(rows).sort_values(KEY).to_csv(part, index=False)
                print(*key[:4], {k: round(v, 3) for k, v in found.items()}, flush=True)


if __name__ == "__main__":
    main()
