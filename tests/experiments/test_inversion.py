"""Inversion of generators whose latents are known."""

from experiments import _inversion
from gannotes import models
from gannotes.latent import generators, latents
import keras
import numpy as np
import pytest


def linear_generator(matrix):
    """Images A·z, (1, pixels, 1)."""
    inputs = keras.Input((matrix.shape[1],))
    dense = keras.layers.Dense(len(matrix), use_bias=False)
    generator = keras.Model(inputs, keras.layers.Reshape((1, -1, 1))(dense(inputs)))
    dense.set_weights([matrix.T])
    return generator


MATRIX = np.random.default_rng(0).normal(size=(6, 3)) / 10
IMAGES = np.random.default_rng(1).uniform(-0.5, 0.5, (4, 1, 6, 1)).astype("float32")


def ridge(rows, prior):
    """What minimizes mean (A·z - x)² over the rows that are seen + prior·mean(z²)."""
    a, x = MATRIX[rows], IMAGES[:, 0, rows, 0]
    return np.linalg.solve(a.T @ a + prior * len(a) / 3 * np.eye(3), a.T @ x.T).T


@pytest.mark.parametrize(("seen", "prior"), [(6, 0.001), (6, 0.01), (4, 0.001)])
def test_a_linear_generator_is_inverted_by_ridge_regression(seen, prior):
    rows = np.arange(seen)
    visible = np.isin(np.arange(6), rows).astype(float).reshape(1, 6, 1)
    found, errors = _inversion.invert(
        linear_generator(MATRIX), IMAGES, visible, starts=2, steps=1500, prior=prior
    )
    expected = ridge(rows, prior)
    np.testing.assert_allclose(found, expected, atol=0.01)
    misfit = ((expected @ MATRIX[rows].T - IMAGES[:, 0, rows, 0]) ** 2).mean(axis=1)
    np.testing.assert_allclose(errors, misfit + prior * (expected**2).mean(axis=1), atol=1e-5)


def test_a_generators_own_images_are_found_and_completed():
    keras.utils.set_random_seed(0)
    generator = models.mlp_generator((8, 8, 1), 4, (32,))
    images = generators.make(generator, latents.draw(5, 4, seed=3))
    weights = generator.get_weights()
    found, errors = _inversion.invert(generator, images, prior=0)
    assert errors.max() < 1e-3
    np.testing.assert_allclose(generators.make(generator, found), images, atol=0.1)
    visible = np.ones((8, 8, 1))
    visible[:, 4:] = 0
    damaged = np.where(visible == 1, images, 0.9)  # what is hidden plays no part
    found, _ = _inversion.invert(generator, damaged.astype("float32"), visible, prior=0)
    np.testing.assert_allclose(generators.make(generator, found), images, atol=0.15)
    assert all(np.array_equal(*pair) for pair in zip(weights, generator.get_weights(), strict=True))


def test_more_starts_are_never_worse_in_sum():
    generator = models.mlp_generator((8, 8, 1), 4, (32,))
    images = generators.make(generator, latents.draw(4, 4, seed=1))[::-1].copy()
    few, many = (
        _inversion.invert(generator, images, starts=starts, steps=60)[1].sum() for starts in (1, 8)
    )
    assert many <= few


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"visible": np.ones((2, 6, 1))}, r"of shape \(1, 6, 1\). Received: shape \(2, 6, 1\)"),
        ({"visible": np.full((1, 6, 1), 0.5)}, "must hold 0 and 1 alone"),
        ({"visible": np.zeros((1, 6, 1))}, "0 and 1 alone, a 1 at least"),
        ({"starts": 0}, "starts must be a whole number, 1 or more"),
        ({"steps": 0}, "steps must be a whole number, 1 or more"),
        ({"prior": -1.0}, "prior must be a finite number"),
        ({"images": IMAGES[:, :, :3]}, r"images must have shape \(n, 1, 6, 1\)"),
        ({"images": 3 * IMAGES}, r"images must lie in \[-1, 1\]"),
    ],
)
def test_refused(options, message):
    with pytest.raises(ValueError, match=message):
        _inversion.invert(linear_generator(MATRIX), **{"images": IMAGES, **options})


def test_labels_are_refused():
    generator = models.mlp_generator((1, 6, 1), 3, num_classes=2)
    with pytest.raises(ValueError, match="must take latents alone"):
        _inversion.invert(generator, IMAGES)
