"""Directions of generators with known answers."""

from experiments import _directions
from gannotes import models
import keras
import numpy as np
import pytest


def linear_generator(kernel):
    """Images A·z of latents, A the kernel's transpose."""
    inputs = keras.Input((len(kernel),))
    dense = keras.layers.Dense(kernel.shape[1], use_bias=False, name="first")
    generator = keras.Model(inputs, keras.layers.Reshape((1, -1, 1))(dense(inputs)))
    dense.set_weights([kernel])
    return generator


def agreement(first, second):
    """|cosine| of each pair of directions, which have no sign."""
    return abs((first * second).sum(axis=1))


@pytest.fixture
def kernel():
    """Columns of V as directions, singular values 3, 2, 1, 0.5."""
    rng = np.random.default_rng(0)
    u, _ = np.linalg.qr(rng.normal(size=(6, 4)))
    v, _ = np.linalg.qr(rng.normal(size=(4, 4)))
    return (v * [3, 2, 1, 0.5]) @ u.T, v.T


def test_weights_give_the_singular_vectors(kernel):
    weights, expected = kernel
    found = _directions.of_weights(linear_generator(weights), 4)
    assert agreement(found, expected) == pytest.approx(np.ones(4), abs=1e-5)


def test_a_sequential_generator_has_the_same_directions(kernel):
    weights, _ = kernel
    functional = linear_generator(weights)
    behind = [type(layer).from_config(layer.get_config()) for layer in functional.layers[1:]]
    sequential = keras.Sequential([keras.Input(functional.input_shape[1:]), *behind])
    sequential.set_weights(functional.get_weights())
    expected = _directions.of_weights(functional, 2)
    np.testing.assert_array_equal(_directions.of_weights(sequential, 2), expected)


def test_of_a_linear_layer_activations_give_the_same(kernel):
    """Latents are round, so the components of A·z are those of A."""
    weights, expected = kernel
    found = _directions.of_activations(linear_generator(weights), "first", 3, samples=50_000)
    assert agreement(found, expected[:3]) == pytest.approx(np.ones(3), abs=1e-3)
    assert np.linalg.norm(found, axis=1) == pytest.approx(np.ones(3))


def test_batch_normalization_counts():
    generator = models.mlp_generator((4, 4, 1), 5, (12, 8), batch_norm=True)
    dense, norm = generator.layers[1:3]
    rng = np.random.default_rng(0)
    norm.set_weights([rng.uniform(*bounds, 12) for bounds in ((0, 3), (-1, 1), (-1, 1), (1, 9))])
    matrix = norm(dense(np.eye(5, dtype="float32"))) - norm(dense(np.zeros((1, 5), "float32")))
    _, _, expected = np.linalg.svd(np.asarray(matrix).T)
    found = _directions.of_weights(generator, 5)
    assert agreement(found, expected) == pytest.approx(np.ones(5), abs=1e-4)
    by_activations = _directions.of_activations(generator, norm.name, 2, samples=100_000)
    assert agreement(by_activations, expected[:2]) == pytest.approx(np.ones(2), abs=0.02)


def test_they_move_what_is_behind_the_nonlinearity():
    """One latent switches all pixels on and off; it is the first direction of the last layer."""
    generator = models.mlp_generator((4, 4, 1), 3, (8,))
    kernel = np.zeros((3, 8))
    kernel[1] = 1
    generator.layers[1].set_weights([kernel, np.zeros(8)])
    found = _directions.of_activations(generator, generator.layers[-2].name, 1)
    assert abs(found[0, 1]) > 0.99


def test_the_same_seed_gives_the_same_directions():
    generator = models.mlp_generator((4, 4, 1), 3, (8,))
    name = generator.layers[2].name
    first, again = (_directions.of_activations(generator, name, 2, seed=1) for _ in range(2))
    assert np.array_equal(first, again)
