"""Stacked MNIST: three digits are one of 1,000 modes."""

from pathlib import Path
import sys

from gannotes import metrics
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
import stacked_mnist

DIGITS = np.arange(10, dtype="float32").reshape(10, 1, 1, 1) * np.ones((10, 28, 28, 1), "float32")


class Reader:
    """Reads a digit from an image that is filled with it."""

    def predict(self, images):
        assert images.shape[1:] == (28, 28, 1)
        return images[:, 0, 0, 0].astype(int)


def test_three_digits_are_a_mode():
    images = np.concatenate([DIGITS[[3]], DIGITS[[1]], DIGITS[[4]]], axis=-1)
    assert stacked_mnist.modes_of(images, Reader()).tolist() == [413]  # units first


def test_stacks_of_real_digits_are_a_perfect_generator():
    images = stacked_mnist.stack(DIGITS, 26_000)
    found = metrics.class_coverage(stacked_mnist.modes_of(images, Reader()), 1000)
    assert found["modes"] == 1000
    assert abs(found["reverse_kl"] - 999 / 52_000) < 0.003  # (modes − 1) / (2 · images)
