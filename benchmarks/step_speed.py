"""Steps per second of one GAN, trained in several ways, side by side.

    python benchmarks/step_speed.py mlp      # 100-128-128-784 / 784-128-128-1, batch 128
    python benchmarks/step_speed.py dcgan    # 2,330,944 and 212,865 weights, batch 256

Each way trains in a process of its own, without end, and waits for its turn after every round; rounds
are short and interleaved, and ratios taken round by round, so that a machine whose speed drifts treats
all alike. The median ratio has its 95 % interval over the rounds (bootstrap). What a training does once,
as compiling, is not timed. PyTorch and JAX take part where installed.
Weights, optimizer (Adam, 0.0002, β₁ 0.5) and losses are the same; ours keeps a moving average of the
generator too. The network called dcgan is that of TensorFlow's tutorial.
"""

import argparse
import importlib.util
import itertools
import json
import os
import statistics
import subprocess
import sys
import time

import arithmetic
import numpy as np
from record import machine, record
from scipy.stats import bootstrap

BATCH = {"mlp": 128, "dcgan": 256}
STEPS = {"mlp": 200, "dcgan": 2}  # in a round
LATENT_DIM = 100
ENDLESS = 10**8  # steps


def images(kind):
    shape = (10_000, 784) if kind == "mlp" else (2_048, 28, 28, 1)
    return np.random.default_rng(0).uniform(-1, 1, shape).astype("float32")


# The networks in Keras


def keras_networks(kind):
    import keras
    from keras import layers

    def leaky():
        return layers.LeakyReLU(0.2)

    if kind == "mlp":
        dense = layers.Dense
        generator = [dense(128), leaky(), dense(128), leaky(), dense(784, activation="tanh")]
        discriminator = [dense(128), leaky(), dense(128), leaky(), dense(1)]
        image_shape = (784,)
    else:

        def up(filters, strides, **options):
            return layers.Conv2DTranspose(
                filters, 5, strides, padding="same", use_bias=False, **options
            )

        norm = layers.BatchNormalization
        generator = [layers.Dense(7 * 7 * 256, use_bias=False), norm(), leaky()]
        generator += [layers.Reshape((7, 7, 256)), up(128, 1), norm(), leaky()]
        generator += [up(64, 2), norm(), leaky(), up(1, 2, activation="tanh")]
        discriminator = []
        for filters in (64, 128):
            convolution = layers.Conv2D(filters, 5, 2, padding="same")
            discriminator += [convolution, leaky(), layers.Dropout(0.3)]
        discriminator += [layers.Flatten(), layers.Dense(1)]
        image_shape = (28, 28, 1)
    networks = []
    for stack, shape in ((generator, (LATENT_DIM,)), (discriminator, image_shape)):
        inputs = x = keras.Input(shape)
        for layer in stack:
            x = layer(x)
        networks.append(keras.Model(inputs, x))
    return networks


def keras_adams():
    import keras

    return [keras.optimizers.Adam(0.0002, beta_1=0.5) for _ in range(2)]


# The ways: each trains without end, and tells a watch how many steps have been taken


def watching(watch):
    """A callback of `fit` that tells the watch."""
    import keras

    return keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: watch(batch + 1))


def ours(kind, watch):
    from gannotes.training import GAN

    gan = GAN(*keras_networks(kind))
    adams = dict(
        zip(("generator_optimizer", "discriminator_optimizer"), keras_adams(), strict=True)
    )
    gan.compile(**adams, r1=0)
    gan.fit(
        images(kind), batch_size=BATCH[kind], steps_per_epoch=ENDLESS, verbose=0,
        callbacks=watching(watch),
    )  # fmt: skip


def step_by_hand(kind):
    """One step as tutorials write it, and its networks."""
    import keras
    import tensorflow as tf

    generator, discriminator = keras_networks(kind)
    g_adam, d_adam = keras_adams()
    cross_entropy = keras.losses.BinaryCrossentropy(from_logits=True)

    def step(real_images):
        latents = tf.random.normal((tf.shape(real_images)[0], LATENT_DIM))
        with tf.GradientTape() as d_tape:
            real = discriminator(real_images, training=True)
            fake = discriminator(generator(latents, training=True), training=True)
            d_loss = cross_entropy(tf.ones_like(real), real)
            d_loss += cross_entropy(tf.zeros_like(fake), fake)
        weights = discriminator.trainable_variables
        d_adam.apply_gradients(zip(d_tape.gradient(d_loss, weights), weights, strict=True))
        latents = tf.random.normal((tf.shape(real_images)[0], LATENT_DIM))
        with tf.GradientTape() as g_tape:
            fake = discriminator(generator(latents, training=True), training=True)
            g_loss = cross_entropy(tf.ones_like(fake), fake)
        weights = generator.trainable_variables
        g_adam.apply_gradients(zip(g_tape.gradient(g_loss, weights), weights, strict=True))
        return d_loss, g_loss

    return step, (generator, discriminator, g_adam, d_adam)


def keras_fit(kind, watch):
    """A `keras.Model` with a hand-written `train_step`, as Keras's guide has it."""
    import keras

    step, parts = step_by_hand(kind)

    class Plain(keras.Model):
        def __init__(self):
            super().__init__()
            self.parts = parts
            self.d_mean, self.g_mean = keras.metrics.Mean("d_loss"), keras.metrics.Mean("g_loss")

        def train_step(self, real_images):
            d_loss, g_loss = step(real_images)
            self.d_mean.update_state(d_loss)
            self.g_mean.update_state(g_loss)
            return {"d_loss": self.d_mean.result(), "g_loss": self.g_mean.result()}

    model = Plain()
    model.compile()
    callbacks = [watching(watch)]
    model.fit(shuffled(kind), steps_per_epoch=ENDLESS, verbose=0, callbacks=callbacks)


def shuffled(kind):
    import tensorflow as tf

    x = images(kind)
    batches = tf.data.Dataset.from_tensor_slices(x).shuffle(len(x)).repeat()
    return batches.batch(BATCH[kind], drop_remainder=True).prefetch(tf.data.AUTOTUNE)


def tf_function(kind, watch):
    """A Python loop over one compiled step, as TensorFlow's tutorial has it."""
    import tensorflow as tf

    step, _ = step_by_hand(kind)
    step = tf.function(step)
    for number, batch in enumerate(shuffled(kind), start=1):
        step(batch)
        watch(number)


def torch_eager(kind, watch):
    """The same networks in PyTorch, eager, its usual loop."""
    import torch
    from torch import nn

    torch.set_num_threads(machine()["cores"])
    networks = torch_mlp(nn) if kind == "mlp" else torch_dcgan(nn)
    adams = [torch.optim.Adam(n.parameters(), 0.0002, betas=(0.5, 0.999)) for n in networks]
    (generator, discriminator), (g_adam, d_adam) = networks, adams
    x = torch.from_numpy(images(kind))
    x = x if kind == "mlp" else x.permute(0, 3, 1, 2).contiguous()
    loss, batch = nn.BCEWithLogitsLoss(), BATCH[kind]
    ones, zeros = torch.ones(batch, 1), torch.zeros(batch, 1)

    for number in itertools.count(1):
        real_images = x[torch.randint(len(x), (batch,))]
        fake_images = generator(torch.randn(batch, LATENT_DIM)).detach()
        d_adam.zero_grad()
        d_loss = loss(discriminator(real_images), ones)
        d_loss = d_loss + loss(discriminator(fake_images), zeros)
        d_loss.backward()
        d_adam.step()
        g_adam.zero_grad()
        g_loss = loss(discriminator(generator(torch.randn(batch, LATENT_DIM))), ones)
        g_loss.backward()
        g_adam.step()
        watch(number)


def torch_mlp(nn):
    def stack(*widths):
        layers = [nn.Linear(widths[0], widths[1])]
        for a, b in itertools.pairwise(widths[1:]):
            layers += [nn.LeakyReLU(0.2), nn.Linear(a, b)]
        return layers

    return nn.Sequential(*stack(LATENT_DIM, 128, 128, 784), nn.Tanh()), nn.Sequential(
        *stack(784, 128, 128, 1)
    )


def torch_dcgan(nn):
    def up(a, b, stride):
        return nn.ConvTranspose2d(a, b, 5, stride, padding=2, output_padding=stride - 1, bias=False)

    generator = nn.Sequential(
        nn.Linear(LATENT_DIM, 7 * 7 * 256, bias=False), nn.BatchNorm1d(7 * 7 * 256),
        nn.LeakyReLU(0.2), nn.Unflatten(1, (256, 7, 7)),
        up(256, 128, 1), nn.BatchNorm2d(128), nn.LeakyReLU(0.2),
        up(128, 64, 2), nn.BatchNorm2d(64), nn.LeakyReLU(0.2), up(64, 1, 2), nn.Tanh(),
    )  # fmt: skip
    discriminator = nn.Sequential(
        nn.Conv2d(1, 64, 5, 2, padding=2), nn.LeakyReLU(0.2), nn.Dropout(0.3),
        nn.Conv2d(64, 128, 5, 2, padding=2), nn.LeakyReLU(0.2), nn.Dropout(0.3),
        nn.Flatten(), nn.Linear(7 * 7 * 128, 1),
    )  # fmt: skip
    return generator, discriminator


WAYS = {
    "gannotes": ours,
    "gannotes, KERAS_BACKEND=jax": ours,
    "Keras fit, train_step by hand": keras_fit,
    "Python loop over a tf.function step": tf_function,
    "PyTorch, eager": torch_eager,
}
NEEDS = {"gannotes, KERAS_BACKEND=jax": "jax", "PyTorch, eager": "torch"}


# The limit: a step's multiply-adds at the machine's rate for large matrices


def multiply_adds(kind):
    return arithmetic.step_multiply_adds(*keras_networks(kind), BATCH[kind])


# Rounds


def contestant(name, kind):
    """Runs in a process of its own: one round for each line read; prints milliseconds a step."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    start = None

    def watch(step):
        nonlocal start
        if step % STEPS[kind]:
            return
        said = "ready" if start is None else 1000 * (time.perf_counter() - start) / STEPS[kind]
        print(said, flush=True)
        if not sys.stdin.readline():
            sys.exit()
        start = time.perf_counter()

    WAYS[name](kind, watch)


def main(kind, rounds, ways):
    ways = [way for way in ways if importlib.util.find_spec(NEEDS.get(way, "keras"))]
    processes = {}
    for name in ways:
        backend = {"KERAS_BACKEND": "jax" if NEEDS.get(name) == "jax" else "tensorflow"}
        processes[name] = subprocess.Popen(
            [sys.executable, __file__, kind, "--contestant", name], env=os.environ | backend,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        while processes[name].stdout.readline().strip() != "ready":
            if processes[name].poll() is not None:
                raise SystemExit(f"{name} failed; see it with --contestant '{name}'")
    times = {name: [] for name in ways}
    for _ in range(rounds):
        for name, process in processes.items():
            print("go", file=process.stdin, flush=True)
            times[name].append(float(process.stdout.readline()))
    for process in processes.values():
        process.stdin.close()
        process.wait()
    rate, work = arithmetic.matrix_rate(), multiply_adds(kind)
    rows = []
    for name in ways:
        pairs = zip(times["gannotes"], times[name], strict=True)
        ratios = [theirs / mine for mine, theirs in pairs]
        interval = bootstrap((ratios,), np.median, method="percentile", rng=0).confidence_interval
        rows.append(
            {
                "way": name,
                "ms_per_step": round(statistics.median(times[name]), 3),
                "least": round(min(times[name]), 3),
                "greatest": round(max(times[name]), 3),
                "times_ours": round(statistics.median(ratios), 2),
                "interval": [round(float(bound), 2) for bound in interval],  # 95 %
            }
        )
    limit = {
        "multiply_adds_per_step": work,
        "multiply_adds_per_second": round(rate),
        "ms_per_step": round(1000 * work / rate, 3),
    }
    print(json.dumps({"rows": rows, "arithmetic_limit": limit}, indent=2))
    measured = {"rounds": rounds, "steps_in_a_round": STEPS[kind], "rows": rows}
    record(f"step_speed_{kind}", measured | {"arithmetic_limit": limit}, every_processor=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kind", choices=list(BATCH))
    parser.add_argument("--rounds", type=int, default=40, help="interleaved (default: 40)")
    parser.add_argument("--ways", nargs="+", choices=list(WAYS), default=list(WAYS), metavar="WAY",
                        help="gannotes, which the others are compared with, and others "
                        "(default: all that are installed)")  # fmt: skip
    parser.add_argument("--contestant", choices=list(WAYS), help="run only this one, for main")
    arguments = parser.parse_args()
    if arguments.contestant:
        contestant(arguments.contestant, arguments.kind)
    else:
        if "gannotes" not in arguments.ways:
            parser.error("--ways must have gannotes among them")
        main(arguments.kind, arguments.rounds, arguments.ways)
