"""Directions along which numbers grow, with known answers."""

from gannotes import models
from gannotes.latent import directions, latents
import keras
import numpy as np
import pytest


def linear_generator(kernel):
    """Images A·z of latents, A the kernel's transpose."""
    inputs = keras.Input((len(kernel),))
    dense = keras.layers.Dense(kernel.shape[1], use_bias=False)
    generator = keras.Model(inputs, keras.layers.Reshape((1, -1, 1))(dense(inputs)))
    dense.set_weights([kernel])
    return generator


def test_a_linear_measure_grows_along_its_own_slope():
    weights = np.random.default_rng(0).normal(size=(4, 6))
    pixel_weights = np.arange(6.0) - 2
    found = directions.of_measures(
        linear_generator(weights / 100),  # images stay within [-1, 1]
        {"sum": lambda images: images[:, 0, :, 0] @ pixel_weights},
        samples=100,
    )["sum"]
    expected = weights @ pixel_weights
    assert found == pytest.approx(expected / np.linalg.norm(expected), abs=1e-5)


@pytest.mark.parametrize(
    ("measures", "message"),
    [
        ({"x": lambda x: x}, "'x' must give a finite number"),
        ({"x": lambda x: np.ones(len(x))}, "not all the same"),
    ],
)
def test_measures_that_are_refused(measures, message):
    with pytest.raises(ValueError, match=message):
        directions.of_measures(models.mlp_generator((4, 4, 1), 3, (2,)), measures)


def test_a_generator_must_take_latents_alone():
    with pytest.raises(ValueError, match="must take latents alone"):
        directions.of_measures(models.mlp_generator((4, 4, 1), 3, num_classes=2))


def test_directions_without_names_are_numbered():
    assert latents.name_directions(3, directions=np.eye(3)[:2]).keys() == {"d0", "d1"}
