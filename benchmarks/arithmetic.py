"""Arithmetic: what a step of training needs, and what this machine does."""

import timeit

from gannotes.checks import check_count
from gannotes.layers import multiply_adds
import numpy as np


def step_multiply_adds(generator, discriminator, batch_size, zero_centred_penalties=0):
    """Multiply-adds of one training step of a GAN.

    A backward pass costs two forward passes, of which one falls away where no weight moves. Fakes are
    made for D (1 G); D sees real and fake, and learns (2·3 D); fakes are made for G, judged, and the
    slopes go back through D to G's weights (3 G, 2 D). A penalty on D's slope (R1, R2) takes D forward
    and back to the images (2 D), and that way back once more, twice as dear (2 D).
    """
    check_count("batch_size", batch_size)
    check_count("zero_centred_penalties", zero_centred_penalties, minimum=0)
    of_d = 8 + 4 * zero_centred_penalties
    return batch_size * (4 * multiply_adds(generator) + of_d * multiply_adds(discriminator))


def matrix_rate(seconds=2.0, size=2048):
    """Multiply-adds per second of large float32 products in NumPy, the best of several."""
    a = np.random.default_rng(0).normal(size=(size, size)).astype("float32")
    timer = timeit.Timer(lambda: a @ a)
    repeats = max(1, round(seconds / timer.timeit(1)))
    return size**3 / min(timer.repeat(repeats, number=1))
