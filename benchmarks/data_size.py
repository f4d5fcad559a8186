"""Time of a step and peak memory against the size of the data set, streamed from one file.

    python benchmarks/data_size.py

Files of 1,000 to 1,000,000 images of 28×28 bytes are streamed with `tf.data`; each size trains
the same number of steps, at least one pass of the largest, in a process of its own.
"""

import argparse
from pathlib import Path
import subprocess
import sys
import tempfile
import time

import numpy as np
from record import record

SIZES = (1_000, 10_000, 100_000, 1_000_000)
BATCH, STEPS = 128, 8_000
SIDE = 28


def write_images(path, count):
    rng = np.random.default_rng(0)
    with path.open("wb") as file:
        for start in range(0, count, 10_000):
            shape = (min(10_000, count - start), SIDE * SIDE)
            file.write(rng.integers(0, 256, shape, dtype="uint8").tobytes())


def train(path):
    """Prints microseconds an image and the peak of memory in MiB."""
    from gannotes import models
    from gannotes.training import GAN
    import tensorflow as tf

    def decode(records):
        pixels = tf.reshape(tf.io.decode_raw(records, tf.uint8), (BATCH, SIDE, SIDE, 1))
        return tf.cast(pixels, tf.float32) / 127.5 - 1

    records = tf.data.FixedLengthRecordDataset(str(path), SIDE * SIDE).repeat()
    batches = records.batch(BATCH, drop_remainder=True).map(decode)
    shape = (SIDE, SIDE, 1)
    gan = GAN(models.mlp_generator(shape), models.mlp_discriminator(shape))
    gan.compile(r1=0)
    gan.fit(batches, steps_per_epoch=100, verbose=0)  # compiles
    start = time.perf_counter()
    gan.fit(batches, steps_per_epoch=STEPS, verbose=0)
    seconds = time.perf_counter() - start
    status = Path("/proc/self/status").read_text()
    peak = int(status.split("VmHWM:")[1].split()[0]) / 1024
    print(f"result {1e6 * seconds / STEPS / BATCH:.2f} {peak:.0f}")


def main(repeats):
    rows = {size: [] for size in SIZES}
    with tempfile.TemporaryDirectory() as folder:
        paths = {size: Path(folder) / f"{size}.bytes" for size in SIZES}
        for size, path in paths.items():
            write_images(path, size)
        for _ in range(repeats):
            for size, path in paths.items():
                command = [sys.executable, __file__, "--train", str(path)]
                done = subprocess.run(command, capture_output=True, text=True, check=True)
                micros, peak = done.stdout.split("result ")[1].split()
                rows[size].append((float(micros), float(peak)))
                print(f"{size:>9,} images: {micros} µs an image, peak {peak} MiB", flush=True)
    measured = [
        {
            "images": size,
            "microseconds_per_image": round(float(np.median([m for m, _ in results])), 2),
            "peak_mib": round(float(np.median([p for _, p in results]))),
        }
        for size, results in rows.items()
    ]
    record("data_size", {"batch": BATCH, "steps": STEPS, "repeats": repeats, "rows": measured})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5, help="interleaved (default: 5)")
    parser.add_argument("--train", type=Path, help="train on this file, for main")
    arguments = parser.parse_args()
    if arguments.train:
        train(arguments.train)
    else:
        main(arguments.repeats)
