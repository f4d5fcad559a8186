"""The generator's Jacobian against linear maps and finite differences."""

from gannotes import models
from gannotes.theory.jacobian import jacobian_singular_values, jacobians
import keras
from keras import layers
import numpy as np
import pytest

RNG = np.random.default_rng(0)


def linear_generator(matrix):
    """Latents (batch, k) → images (batch, 2, 3, 1), by a matrix (k, 6)."""
    inputs = keras.Input((len(matrix),))
    dense = layers.Dense(6, use_bias=False)
    model = keras.Model(inputs, layers.Reshape((2, 3, 1))(dense(inputs)))
    dense.set_weights([matrix])
    return model


@pytest.mark.parametrize("size", [4, 9])  # fewer and more latents than pixels
def test_a_linear_generator_has_its_matrix_everywhere(size):
    matrix = RNG.normal(size=(size, 6)).astype("float32")
    latents = RNG.normal(size=(5, size))
    for jacobian in jacobians(linear_generator(matrix), latents):
        np.testing.assert_allclose(jacobian, matrix.T, atol=1e-6)
    expected = np.linalg.svd(matrix, compute_uv=False)
    found = jacobian_singular_values(linear_generator(matrix), latents)
    np.testing.assert_allclose(found, np.tile(expected, (5, 1)), rtol=1e-5)


@pytest.mark.parametrize(
    "make",
    [
        lambda: models.mlp_generator((4, 4, 1), 3, (16,), batch_norm=True),
        lambda: models.conv_generator((8, 8, 3), 3, (4, 4, 4)),
    ],
)
def test_finite_differences_agree(make):
    keras.utils.set_random_seed(0)
    generator = make()
    latents = RNG.normal(size=(7, 3)).astype("float32")
    found = jacobians(generator, latents, images_at_once=6)  # in blocks of two latents
    step = 1e-3
    for k, unit in enumerate(np.eye(3, dtype="float32") * step):
        ahead, behind = (np.asarray(generator(latents + sign * unit)) for sign in (1, -1))
        slope = (ahead - behind).reshape(7, -1) / (2 * step)
        off = np.abs(found[:, :, k] - slope)  # few straddle a kink of the leaky ReLU
        assert np.quantile(off, 0.97) < 0.005 * np.abs(found).max()
    np.testing.assert_allclose(found, jacobians(generator, latents), rtol=1e-4, atol=1e-5)


def test_a_latent_that_does_nothing_gives_a_zero():
    matrix = RNG.normal(size=(4, 6)).astype("float32")
    matrix[2] = 0
    values = jacobian_singular_values(linear_generator(matrix), np.zeros((1, 4)))
    assert values[0, -1] < 1e-6 < values[0, -2]


def test_what_does_not_fit_is_refused():
    generator = linear_generator(np.ones((4, 6), "float32"))
    for latents in (np.zeros((2, 3)), np.zeros(4), np.zeros((0, 4))):
        with pytest.raises(ValueError, match="latents"):
            jacobians(generator, latents)
    conditional = models.mlp_generator((4, 4, 1), 4, num_classes=3)
    with pytest.raises(ValueError, match="latents alone"):
        jacobians(conditional, np.zeros((2, 4)))
