"""One GAN on the digits, made faster one change at a time: time of a step, and to a quality.

    python benchmarks/speed_ladder.py    # about two minutes on two cores

Rungs, each with all changes before it: eager, graph, data in memory, many steps in a call, XLA; then,
each for itself, mixed precision and half the width. In each round every rung is timed once. Steps to
the quality, a Fréchet distance of 1.5 looked at every 100 steps, are counted once a seed and kind of
network; where only the way of calling differs, they are the same.
"""

import time

import arithmetic
from gannotes import datasets, metrics, models, training
from gannotes.metrics import evaluators
from gannotes.training import backend
import keras
from keras import ops
import numpy as np
from record import record
import tensorflow as tf

ROUNDS, BATCH_SIZE, QUALITY, MOST_STEPS = 5, 64, 1.5, 4000
STEPS = {"eager": 20, "graph, data fed by Python": 300}  # in a round
DATA = datasets.load("digits")


def make(jit_compile=True, precision="float32", narrower=1):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(precision)
    generator = models.mlp_generator(
        DATA.shape, 8, [w // narrower for w in (64, 96, 128)], batch_norm=True
    )
    discriminator = models.mlp_discriminator(DATA.shape, [w // narrower for w in (128, 96, 64)])
    keras.config.set_dtype_policy(before)
    gan = training.GAN(generator, discriminator)
    gan.compile(generator_rate=0.004, discriminator_rate=0.004, jit_compile=jit_compile)
    return gan


def batches():
    stream = tf.data.Dataset.from_tensor_slices(DATA.images).shuffle(len(DATA.images)).repeat()
    return stream.batch(BATCH_SIZE, drop_remainder=True).prefetch(tf.data.AUTOTUNE)


def by_step(step):
    """A Python loop over a step, which draws its latents."""
    stream = iter(batches())

    def run(steps):
        for _ in range(steps):
            logs = step(next(stream))
        float(logs["generator_loss"])

    return run


def whole_step(gan):
    def step(images):
        latents = (keras.random.normal((BATCH_SIZE, 8), seed=gan.seeds) for _ in range(2))
        return gan.take_step(*latents, images)

    return step


def by_indices(take_step):
    """The same loop, that brings the step not images but their indices."""
    images, rng = ops.convert_to_tensor(DATA.images), np.random.default_rng(0)
    step = backend.compiled(lambda chosen: take_step(ops.take(images, chosen, axis=0)), False)

    def run(steps):
        for _ in range(steps):
            logs = step(ops.convert_to_tensor(rng.integers(len(DATA.images), size=BATCH_SIZE)))
        float(logs["generator_loss"])

    return run


def by_fit(gan):
    def run(steps):
        gan.fit(DATA.images, batch_size=BATCH_SIZE, steps_per_epoch=steps, verbose=0)

    return run


def ladder():
    """``{rung: (GAN, function of a number of steps)}``."""
    rungs = {}
    for name, options, way in (
        ("eager", {"jit_compile": False}, lambda gan: by_step(whole_step(gan))),
        (
            "graph, data fed by Python",
            {"jit_compile": False},
            lambda gan: by_step(backend.compiled(whole_step(gan), False)),
        ),
        ("data in memory", {"jit_compile": False}, lambda gan: by_indices(whole_step(gan))),
        ("many steps a call", {"jit_compile": False}, by_fit),
        ("XLA", {}, by_fit),
        ("XLA, bfloat16", {"precision": "mixed_bfloat16"}, by_fit),
        ("XLA, half the width", {"narrower": 2}, by_fit),
    ):
        gan = make(**options)
        rungs[name] = gan, way(gan)
    return rungs


def steps_to_quality(gan, seed):
    evaluator = evaluators.for_dataset(DATA)
    held_out = evaluator.features(DATA.held_out_images)

    def distance(images):
        return metrics.frechet_distance(held_out, evaluator.features(images.clip(-1, 1)))

    gan.reset(seed)
    while gan.steps < MOST_STEPS:
        gan.fit(DATA.images, batch_size=BATCH_SIZE, steps_per_epoch=100, verbose=0)
        if distance(gan.generate(500, seed)) < QUALITY:
            return gan.steps
    return None


def main():
    rungs = ladder()
    for name, (_, run) in rungs.items():
        run(STEPS.get(name, 1000))  # compiles
    times = {name: [] for name in rungs}
    for _ in range(ROUNDS):
        for name, (_, run) in rungs.items():
            steps = STEPS.get(name, 1000)
            start = time.perf_counter()
            run(steps)
            times[name].append(1000 * (time.perf_counter() - start) / steps)
    counted = {
        name: [steps_to_quality(rungs[name][0], seed) for seed in range(ROUNDS)]
        for name in ("XLA", "XLA, bfloat16", "XLA, half the width")
    }
    rate = arithmetic.matrix_rate()
    rows = []
    for name, (gan, _) in rungs.items():
        work = arithmetic.step_multiply_adds(gan.generator, gan.discriminator, BATCH_SIZE, 1)
        for round_number in range(ROUNDS):
            rows.append({
                "rung": name, "round": round_number,
                "ms_per_step": round(times[name][round_number], 4),
                "steps_to_quality": counted.get(name, counted["XLA"])[round_number],
                "limit_ms": round(1000 * work / rate, 4),
            })  # fmt: skip
    record("speed_ladder", {"multiply_adds_per_second": round(rate), "quality": QUALITY,
                            "batch_size": BATCH_SIZE, "rows": rows})  # fmt: skip


if __name__ == "__main__":
    main()
