"""What a GAN of the digits takes: seconds, memory, size and latency, on the cores of this machine.

python benchmarks/little_compute.py    # about half a minute on two cores
"""

from pathlib import Path
import resource
import sys
import tempfile
import time

from gannotes import datasets, models, training
from gannotes.latent import page
from gannotes.metrics.yardstick import Yardstick
import numpy as np
from record import record

SEEDS, STEPS = 5, 2500


def milliseconds(function, repeats=200):
    """Median of several calls."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        times.append(1000 * (time.perf_counter() - start))
    return round(float(np.median(times)), 3)


def main():
    data = datasets.load("digits")
    yardstick = Yardstick(data)
    gan = training.GAN(*models.mlp_pair(data.shape))
    gan.compile(steps=STEPS)
    start, rows = time.perf_counter(), []
    for seed in range(SEEDS):  # the first one's seconds hold the compilation
        gan.reset(seed)
        gan.fit(data.images, epochs=STEPS // 100, steps_per_epoch=100, verbose=0)
        seconds = time.perf_counter() - start
        found = yardstick.measure(gan.generate(500, seed))
        rows.append({"seed": seed, "seconds": round(seconds, 2), **found})
        start = time.perf_counter()
    generator = gan.ema_generator
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "digits.keras"
        generator.save(path)
        kibibytes = {"keras": path.stat().st_size / 1024}
        html = page.write_page(Path(folder) / "digits.html", generator)
        kibibytes["html"] = html.stat().st_size / 1024
    latents = {n: np.zeros((n, 8), "float32") for n in (1, 64)}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS, KiB on Linux
    record("little_compute", {
        "steps": STEPS, "peak_mebibytes": peak // (2**20 if sys.platform == "darwin" else 2**10),
        "weights": generator.count_params(),
        "file_kibibytes": {name: round(size) for name, size in kibibytes.items()},
        "ms_by_images": {n: milliseconds(lambda n=n: generator(latents[n])) for n in latents},
        "real": yardstick.measure(data.images[:500]), "rows": rows,
    })  # fmt: skip


if __name__ == "__main__":
    main()
