"""Seconds and peak memory of each metric, on 10,000 real and 10,000 fake samples of 64 features.

    python benchmarks/metrics_speed.py

Each metric runs in a process of its own, once on few samples, which also loads its libraries,
then on all of them. Memory is the peak of that second run above its start (Linux only).
"""

from concurrent.futures import ProcessPoolExecutor
import multiprocessing
from pathlib import Path
import time

from gannotes import metrics
import numpy as np

SAMPLES, FEATURES = 10_000, 64
MAX_SECONDS, MAX_MEBIBYTES = 10, 1024
METRICS = {
    "frechet_distance": metrics.frechet_distance,
    "kernel_distance": metrics.kernel_distance,
    "sliced_wasserstein": metrics.sliced_wasserstein,
    "precision_recall": metrics.precision_recall,
    "density_coverage": metrics.density_coverage,
    "classifier_two_sample": metrics.classifier_two_sample,
    "memorization": lambda real, fake: metrics.memorization(real, real[::-1] + 1, fake),
    "mode_coverage": lambda real, fake: metrics.mode_coverage(fake, real[:25], std=3.0),
    "class_coverage": lambda real, fake: metrics.class_coverage(fake.argmax(axis=1), FEATURES),
}


def mebibytes(field):
    """VmRSS, memory held now, or VmHWM, its peak since the last reset."""
    status = Path("/proc/self/status").read_text()
    return int(status.split(f"{field}:")[1].split()[0]) / 1024


def reset_peak():
    """Has VmHWM start from what is held now."""
    Path("/proc/self/clear_refs").write_text("5")


def measure(name):
    rng = np.random.default_rng(0)
    real, fake = rng.normal(size=(2, SAMPLES, FEATURES))
    METRICS[name](real[:300], fake[:300])
    reset_peak()
    held, start = mebibytes("VmRSS"), time.perf_counter()
    METRICS[name](real, fake)
    return time.perf_counter() - start, mebibytes("VmHWM") - held


def main():
    print(f"{'metric':24}{'seconds':>9}{'MiB':>7}")
    for name in METRICS:
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as fresh:
            seconds, peak = fresh.submit(measure, name).result()
        within = seconds <= MAX_SECONDS and peak <= MAX_MEBIBYTES
        print(
            f"{name:24}{seconds:9.2f}{peak:7.0f}{'' if within else '  over the limit'}", flush=True
        )


if __name__ == "__main__":
    main()
