"""Kills a training again and again, and checks that nothing saved is lost.

    python benchmarks/kills.py

A training that writes its state every 20 steps is killed (SIGKILL) at random moments; half of them
while a state is being written. After each kill the state's file must be whole and hold the last
steps that were reported as saved, or more. In the end the state must be, bit for bit, that of a
training that nobody killed.
"""

import argparse
from pathlib import Path
import random
import signal
import subprocess
import sys
import tempfile
import time

from gannotes import files
import numpy as np
from record import record

EVERY = 20  # steps from one state to the next


def child(path, steps):
    """Trains up to `steps`, going on from the file; reports each state once it is saved."""
    from gannotes import datasets, models
    from gannotes.training import GAN
    from gannotes.training.callbacks import Checkpoint

    class Reporting(Checkpoint):
        def on_train_batch_end(self, batch, logs=None):
            due = self.model.steps % self.every == 0
            if due:
                print("saving", flush=True)
            super().on_train_batch_end(batch, logs)
            if due:
                print(f"saved {self.model.steps}", flush=True)

    digits = datasets.load("digits")
    gan = GAN(
        models.mlp_generator(digits.shape, widths=(256, 256), batch_norm=True),
        models.mlp_discriminator(digits.shape, widths=(256, 256)),
    )
    gan.compile(r1=0.5)
    gan.reset(0)
    checkpoint = Reporting(path, every=EVERY)
    done = checkpoint.resume(gan)
    print(f"resumed {done}", flush=True)
    gan.fit(
        digits.images, batch_size=64, initial_epoch=done // EVERY, epochs=steps // EVERY,
        steps_per_epoch=EVERY, callbacks=[checkpoint], verbose=0,
    )  # fmt: skip
    print("ended", flush=True)


def start(path, steps):
    command = [sys.executable, __file__, "--child", str(path), "--steps", str(steps)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, bufsize=1
    )


def kill_once(path, steps, rng):
    """One life; returns the steps from which it went on and those that it reported as saved."""
    process = start(path, steps)
    line = process.stdout.readline()
    if not line.startswith("resumed"):
        raise SystemExit("a training did not resume: see it with --child")
    resumed = saved = int(line.split()[1])
    states = rng.randrange(1, 40)
    for line in process.stdout:
        if line.startswith("saved"):
            saved = int(line.split()[1])
            states -= 1
        elif line.startswith("saving") and states <= 0:
            break
    while_writing = rng.random() < 0.5
    time.sleep(rng.uniform(0, 0.004) if while_writing else rng.uniform(0, 0.05))
    process.send_signal(signal.SIGKILL)
    rest = process.stdout.read()  # what it still said
    process.wait()
    reports = [int(text.split()[1]) for text in rest.splitlines() if text.startswith("saved ")]
    return resumed, max([saved, *reports])


def main(kills, seed):
    rng = random.Random(seed)
    lost, remains = [], 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "state.npz"
        saved = 0
        for number in range(kills):
            resumed, reported = kill_once(path, 10**9, rng)
            if resumed < saved:
                raise SystemExit(f"kill {number}: saved {saved} steps, resumed from {resumed}")
            files.read_arrays(path)  # raises if it is not whole
            remains = len(list(Path(folder).iterdir())) - 1
            lost.append(resumed - saved)
            saved = reported
            print(f"kill {number + 1}: went on from {resumed}, saved {saved}", flush=True)
        steps = (saved // EVERY + 10) * EVERY
        if start(path, steps).wait() or start(Path(folder) / "whole.npz", steps).wait():
            raise SystemExit("a training that nobody killed failed")
        killed, whole = (files.read_arrays(Path(folder) / n) for n in ("state.npz", "whole.npz"))
        equal = all(np.array_equal(killed[name], whole[name]) for name in whole)
    print(f"{kills} kills, {steps} steps; equal to an unbroken training, bit for bit: {equal}")
    record("kills", {
        "kills": kills, "state_every": EVERY, "steps": steps, "equal_bit_for_bit": equal,
        "part_files_left_by_kills": remains,
        "resumed_later_than_reported": sum(extra > 0 for extra in lost),
    })  # fmt: skip
    if not equal:
        raise SystemExit(1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0, help="of the moments")
    parser.add_argument("--child", type=Path, help="train with this file, for main")
    parser.add_argument("--steps", type=int, help="up to these, for main")
    arguments = parser.parse_args()
    if arguments.child:
        child(arguments.child, arguments.steps)
    else:
        main(arguments.kills, arguments.seed)
