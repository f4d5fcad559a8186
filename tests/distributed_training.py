"""Trains a small GAN under a strategy and writes its weights; run by test_distribution.py.

python tests/distributed_training.py one|mirrored|workers FILE [optimizers_outside]
"""

import os
import sys

from gannotes import models
from gannotes.training import GAN
from gannotes.training.callbacks import Snapshots
import keras
import numpy as np
import tensorflow as tf


def strategy_of(kind):
    """The strategy; two virtual devices of one CPU, or one device of each of two processes."""
    if kind == "mirrored":
        (cpu,) = tf.config.list_physical_devices("CPU")
        half = tf.config.LogicalDeviceConfiguration()
        tf.config.set_logical_device_configuration(cpu, [half, half])
        return tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    if kind == "workers":  # finds the others by TF_CONFIG
        return tf.distribute.MultiWorkerMirroredStrategy()
    return tf.distribute.get_strategy()


def smooth_discriminator():
    """Without kinks, at which a penalty's gradient jumps: rounding stays rounding."""
    dense = keras.layers.Dense
    hidden = [dense(16, activation="tanh"), dense(16, activation="tanh")]
    return keras.Sequential([keras.Input((2,)), *hidden, dense(1)])


def sgds():
    return [keras.optimizers.SGD(0.1, momentum=0.5) for _ in range(2)]


def main(kind, path, *options):
    strategy = strategy_of(kind)
    points = np.random.default_rng(0).normal(size=(256, 2)).astype("float32")
    stream = tf.data.Dataset.from_tensor_slices(points).repeat().batch(64, drop_remainder=True)
    with strategy.scope():
        generator = models.mlp_generator((2,), widths=(16,), batch_norm=True)
        gan = GAN(generator, smooth_discriminator())
        optimizers = sgds()
    if "optimizers_outside" in options:
        optimizers = sgds()
    gan.compile(
        generator_optimizer=optimizers[0],
        discriminator_optimizer=optimizers[1],
        r1=0.1,
        wgan_gp=0.1,
        instance_noise=0.1,
        discriminator_steps=2,
        jit_compile=False,
    )
    results = {"devices": strategy.num_replicas_in_sync}
    for name, data in (("array", points), ("stream", stream)):
        gan.reset(0)
        snapshots = Snapshots(every=10, count=4)
        history = gan.fit(
            data, batch_size=32, epochs=2, steps_per_epoch=10, callbacks=[snapshots], verbose=0
        ).history
        weights = [w for model in (gan.generator, gan.discriminator, gan.ema_generator)
                   for w in model.get_weights()]  # fmt: skip
        results[f"{name}: weights"] = np.concatenate([w.ravel() for w in weights])
        results[f"{name}: images"] = np.stack(snapshots.images)
        results[f"{name}: losses"] = np.array(
            [history["discriminator_loss"], history["generator_loss"]]
        )
    np.savez(path, **results)


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    main(*sys.argv[1:])
