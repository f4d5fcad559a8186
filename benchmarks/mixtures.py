"""Ring and grid of Gaussians under each remedy, scored as in PacGAN.

    python benchmarks/mixtures.py    # 10,000 steps, five seeds, about ten minutes on two cores

Scoring and data are PacGAN's (Lin et al. 2018, section 4.1: 100,000 points, 2,500 samples; a sample
is good within three standard deviations of its nearest centre); networks and recipes are our own, in
`gannotes.remedies`. Adds a row a training to data/results/mixtures.csv; an interrupted study goes on.
"""

import argparse

from gannotes import datasets, files, metrics
from gannotes.remedies import REMEDIES, Cabinet
import pandas as pd

KEY = ["mixture", "remedy", "seed", "steps"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=10_000)
    options = parser.parse_args()
    path = files.data_folder() / "results" / "mixtures.csv"
    rows = pd.read_csv(path).to_dict("records") if path.exists() else []
    known = {tuple(row[name] for name in KEY) for row in rows}
    data = {name: datasets.load(name) for name in ("ring", "grid")}
    cabinet = Cabinet(options.steps)
    for seed in range(options.seeds):
        for remedy in [*REMEDIES, "sigmoid twice"]:
            for mixture in data:
                key = (mixture, remedy, seed, options.steps)
                if key in known:
                    continue
                truth, points = data[mixture].mixture, cabinet.samples(data[mixture], remedy, seed)
                scores = metrics.mode_coverage(points, truth.centres, truth.std)
                rows.append(dict(zip(KEY, key, strict=True)) | scores)
                with files.atomic_path(path) as part:
                    pd.DataFrame(rows).sort_values(KEY).to_csv(part, index=False)
                print(rows[-1], flush=True)


if __name__ == "__main__":
    main()
