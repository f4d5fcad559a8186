"""New initial weights against those of Keras's clone_model."""

import random

from gannotes import models
from gannotes.training.trainer import initial_variables
import keras
import numpy as np
import pytest

SHAPE = (8, 8, 1)


def with_dropout():
    """Spectral normalization, which wraps a layer, and a layer with random numbers of its own."""
    images = keras.Input(SHAPE)
    x = keras.layers.SpectralNormalization(keras.layers.Dense(5))(keras.layers.Flatten()(images))
    return keras.Model(images, keras.layers.Dense(1)(keras.layers.Dropout(0.2)(x)))


NETWORKS = {
    "dense": lambda: models.mlp_generator(SHAPE, 4, (8, 6), batch_norm=True, num_classes=3),
    "low rank": lambda: models.mlp_generator(SHAPE, 4, (8, 6), rank=2),
    "judge": lambda: models.mlp_discriminator(SHAPE, (8, 6), num_classes=3),
    "convolutions": lambda: models.conv_generator(SHAPE, 4, rank=2, num_classes=3),
    "convolutional judge": lambda: models.conv_discriminator(SHAPE),
    "a network in it": lambda: models.sparse_generator(SHAPE, models.sparse_coder()),
    "unrolled": lambda: models.sparse_encoder(SHAPE, 9, 3, unrolled=2),
    "wrapped": with_dropout,
}


@pytest.mark.parametrize("name", NETWORKS)
def test_they_are_those_of_a_clone(name):
    network = NETWORKS[name]()
    random.seed(5)
    expected = keras.models.clone_model(network).variables
    after = random.getstate()
    random.seed(5)
    found = initial_variables(network)
    assert random.getstate() == after
    for new, cloned, old in zip(found, expected, network.variables, strict=True):
        assert new.path.split("/")[-1] == old.path.split("/")[-1]
        np.testing.assert_array_equal(new, cloned)
