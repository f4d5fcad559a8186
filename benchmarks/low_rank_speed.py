"""Milliseconds per step of a GAN whose generator is factorized, against its width and its rank.

    python benchmarks/low_rank_speed.py

The article's generator, 100-width-width-3072, beside a discriminator of one hidden layer of 64, which
is small, so that the generator's share shows; batch 64, Adam, XLA. At each width the ranks take turns,
round by round, so that a machine whose speed drifts treats all alike. Writes
data/results/low_rank_speed.csv; rank 0 is the dense generator.
"""

import argparse
import json
import statistics
import time

from gannotes import files, models, training
from gannotes.layers import multiply_adds
import numpy as np
import pandas as pd
from record import machine

LATENT_DIM, SHAPE, BATCH = 100, (32, 32, 3), 64
WIDTHS = (128, 256, 512, 1024, 2048)
RANKS = (0, 8, 32, 128)  # 0: dense
SECONDS = 0.4  # a round, about


def make(width, rank):
    generator = models.mlp_generator(SHAPE, LATENT_DIM, (width, width), rank=rank or None)
    gan = training.GAN(generator, models.mlp_discriminator(SHAPE, (64,)))
    gan.compile(r1=0)
    return gan


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    images = np.random.default_rng(0).uniform(-1, 1, (BATCH, *SHAPE)).astype("float32")

    def run(gan, steps):
        start = time.perf_counter()
        gan.fit(images, batch_size=BATCH, steps_per_epoch=steps, verbose=0)
        return time.perf_counter() - start

    rows = []
    for width in WIDTHS:
        gans = {rank: make(width, rank) for rank in RANKS}
        steps = {}
        for rank, gan in gans.items():
            run(gan, 5)  # compiles
            number = int(np.clip(SECONDS * 5 / run(gan, 5), 5, 100)) // 5 * 5
            steps[rank] = number
            run(gan, number)
        times = {rank: [] for rank in RANKS}
        for _ in range(options.rounds):
            for rank, gan in gans.items():
                times[rank].append(1000 * run(gan, steps[rank]) / steps[rank])
        for rank, gan in gans.items():
            ratios = [a / b for a, b in zip(times[0], times[rank], strict=True)]
            rows.append({
                "width": width,
                "rank": rank,
                "weights": gan.generator.count_params(),
                "multiply_adds": multiply_adds(gan.generator),
                "ms_per_step": round(statistics.median(times[rank]), 3),
                "least": round(min(times[rank]), 3),
                "greatest": round(max(times[rank]), 3),
                "times_faster": round(statistics.median(ratios), 3),
            })  # fmt: skip
            print(rows[-1], flush=True)
    path = files.data_folder() / "results" / "low_rank_speed.csv"
    files.write_bytes(path, pd.DataFrame(rows).to_csv(index=False).encode())
    print(json.dumps(machine()))


if __name__ == "__main__":
    main()
