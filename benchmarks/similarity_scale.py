"""Seconds and peak memory of cosine similarity against the batch and the width of the features.

    python benchmarks/similarity_scale.py

Three ways: the full matrix of pairs, nearest neighbours in blocks, the mean over all pairs by way of
means. Each runs in a process of its own, once on few samples, then up to five times on all, in float32;
the shortest time counts. Memory is the peak of these runs above their start (Linux only), without the features themselves. The full matrix
stops where it would pass 4 GiB. Written to data/results/similarity_scale.json.
"""

from concurrent.futures import ProcessPoolExecutor
import multiprocessing
import time

from gannotes.metrics import cosine
from metrics_speed import mebibytes, reset_peak
import numpy as np
from record import record

BATCHES = [64 * 4**k for k in range(6)]  # to 65,536
WIDTHS = (32, 128, 512)
WAYS = {
    "full matrix": cosine.pair_cosines,
    "blocks": cosine.nearest_cosines,
    "means": cosine.mean_of_pairs,
}
REPEATS, MAX_SECONDS = 5, 10
LARGEST_MATRIX = 4 * 2**30  # bytes
MAX_MEBIBYTES = 2048


def measure(way, batch, width):
    rng = np.random.default_rng(0)
    real, fake = rng.standard_normal((2, batch, width), dtype="float32")
    WAYS[way](real[:64], fake[:64])
    reset_peak()
    held, seconds = mebibytes("VmRSS"), []
    while len(seconds) < REPEATS and sum(seconds) < MAX_SECONDS:
        start = time.perf_counter()
        WAYS[way](real, fake)
        seconds.append(time.perf_counter() - start)
    return {
        "way": way,
        "batch": batch,
        "width": width,
        "seconds": round(min(seconds), 6),
        "mebibytes": round(mebibytes("VmHWM") - held, 1),
    }


def main():
    rows = []
    for way in WAYS:
        for batch in BATCHES:
            for width in WIDTHS:
                if way == "full matrix" and 4 * batch**2 > LARGEST_MATRIX:
                    continue
                with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as fresh:
                    rows.append(fresh.submit(measure, way, batch, width).result())
                over = way != "full matrix" and rows[-1]["mebibytes"] > MAX_MEBIBYTES
                print(*rows[-1].values(), "over the limit" if over else "", flush=True)
    record("similarity_scale", {"rows": rows})


if __name__ == "__main__":
    main()
