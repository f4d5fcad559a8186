"""Do several devices train the sparse GAN as one device does?

python benchmarks/distributed_sparse.py

The same 20 steps on one device, under MirroredStrategy on two virtual devices, and under
MultiWorkerMirroredStrategy in two processes, at the same global batch; the largest difference of a
weight is written to data/results/distributed_sparse.json.
"""

import json
import os
from pathlib import Path
import socket
import subprocess
import sys
import tempfile

from gannotes import datasets, models
from gannotes.training import GAN
import keras
import numpy as np
from record import record
import tensorflow as tf

STEPS, KINDS = 20, {"MirroredStrategy": "mirrored", "MultiWorkerMirroredStrategy": "workers"}


def strategy_of(kind):
    if kind == "mirrored":
        (cpu,) = tf.config.list_physical_devices("CPU")
        half = tf.config.LogicalDeviceConfiguration()
        tf.config.set_logical_device_configuration(cpu, [half, half])
        return tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    if kind == "workers":
        return tf.distribute.MultiWorkerMirroredStrategy()
    return tf.distribute.get_strategy()


def train(kind, path):
    """Trains under one strategy, and writes all weights."""
    strategy = strategy_of(kind)
    data = datasets.load("digits")
    with strategy.scope():
        coder = models.sparse_coder(128, 8, 8)
        gan = GAN(
            models.sparse_generator(data.shape, coder),
            models.mlp_discriminator(data.shape, (96, 64)),
        )
        optimizers = [keras.optimizers.SGD(0.1) for _ in range(2)]
    gan.compile(
        generator_optimizer=optimizers[0], discriminator_optimizer=optimizers[1], jit_compile=False
    )
    gan.reset(0)
    gan.fit(data.images, batch_size=64, steps_per_epoch=STEPS, verbose=0)
    np.savez(path, *[variable.numpy() for variable in gan.variables])


def start(kind, path, **environment):
    command = [sys.executable, __file__, kind, str(path)]
    return subprocess.Popen(command, env={**os.environ, **environment})


def cluster():
    """The environment of each of two workers."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    addresses = [f"127.0.0.1:{found.getsockname()[1]}" for found in sockets]
    for found in sockets:
        found.close()
    for index in range(2):
        task = {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": index}}
        yield {"TF_CONFIG": json.dumps(task)}


def main():
    with tempfile.TemporaryDirectory() as folder:
        paths = {kind: Path(folder) / f"{kind}.npz" for kind in ("one", "mirrored", "workers")}
        other = Path(folder) / "other.npz"
        processes = [start(kind, paths[kind]) for kind in ("one", "mirrored")]
        for environment, path in zip(cluster(), (paths["workers"], other), strict=True):
            processes.append(start("workers", path, **environment))
        assert [process.wait(300) for process in processes] == [0] * 4
        weights = {kind: list(np.load(path).values()) for kind, path in paths.items()}
    difference = {
        name: max(
            float(np.abs(a - b).max()) for a, b in zip(weights["one"], weights[kind], strict=True)
        )
        for name, kind in KINDS.items()
    }
    record("distributed_sparse", {"steps": STEPS, "devices": 2, "difference": difference})
    print(difference)


if __name__ == "__main__":
    train(*sys.argv[1:]) if len(sys.argv) > 1 else main()
