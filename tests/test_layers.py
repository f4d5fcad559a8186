"""Layers against plain arithmetic."""

from gannotes import models
from gannotes.gradients import gradients_of
from gannotes.layers import SpectralNormalization
import keras
from keras import layers, ops
import numpy as np
import pytest

RNG = np.random.default_rng(0)
ROWS = RNG.normal(size=(6, 5)).astype("float32")
PICTURES = RNG.normal(size=(6, 8, 8, 3)).astype("float32")


def settled(wrapped, inputs):
    """The wrapper after enough power iterations, with a bias to tell apart."""
    wrapped(inputs)
    wrapped.layer.bias.assign(RNG.normal(size=wrapped.layer.bias.shape))
    for _ in range(300):
        wrapped(inputs, training=True)
    return wrapped


def test_a_dense_layer_has_its_kernel_over_its_largest_singular_value():
    wrapped = settled(SpectralNormalization(layers.Dense(4)), ROWS)
    kernel, bias = (np.asarray(w) for w in wrapped.layer.weights)
    expected = ROWS @ kernel / np.linalg.norm(kernel, 2) + bias
    for training in (True, False):
        np.testing.assert_allclose(wrapped(ROWS, training=training), expected, atol=1e-5)
    np.testing.assert_array_equal(wrapped.layer.kernel, kernel)  # not overwritten


def test_a_convolution_has_its_kernel_over_the_largest_singular_value_of_its_matrix():
    wrapped = settled(SpectralNormalization(layers.Conv2D(4, 3, padding="same")), PICTURES)
    kernel, bias = (np.asarray(w) for w in wrapped.layer.weights)
    plain = layers.Conv2D(4, 3, padding="same")
    plain.build(PICTURES.shape)
    plain.set_weights([kernel / np.linalg.norm(kernel.reshape(-1, 4), 2), bias])
    np.testing.assert_allclose(wrapped(PICTURES), plain(PICTURES), atol=1e-5)


def test_inference_leaves_the_estimate_alone():
    wrapped = SpectralNormalization(layers.Dense(4))
    wrapped(ROWS)
    before = np.array(wrapped.direction)
    first, second = wrapped(ROWS), wrapped(ROWS)
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(before, wrapped.direction)
    wrapped(ROWS, training=True)
    assert not np.array_equal(before, wrapped.direction)


def test_gradients_pass_through_the_singular_value():
    """Of any function of W / σ(W), the gradient along W itself is zero."""
    wrapped = settled(SpectralNormalization(layers.Dense(4)), ROWS)

    def loss():
        return ops.sum(ops.square(wrapped(ROWS))), None

    kernel = wrapped.layer.kernel
    _, _, (slope,) = gradients_of(loss, [kernel])
    along = float(np.sum(np.asarray(slope) * np.asarray(kernel)))
    assert abs(along) < 1e-3 * np.linalg.norm(slope) * np.linalg.norm(kernel)


def test_it_survives_saving(tmp_path):
    model = models.mlp_discriminator((3,), (8,), spectral_norm=True)
    inputs = ROWS[:, :3]
    for _ in range(5):
        model(inputs, training=True)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_allclose(again(inputs), model(inputs), atol=1e-6)


def test_a_discriminator_with_it_is_not_steep():
    model = models.conv_discriminator((8, 8, 3), spectral_norm=True)
    for _ in range(50):
        model(PICTURES, training=True)
    other = PICTURES + 0.01 * RNG.normal(size=PICTURES.shape).astype("float32")
    change = np.abs(np.asarray(model(other)) - np.asarray(model(PICTURES)))[:, 0]
    # a 4×4 convolution of stride 2 sees each pixel 4 times: its norm is at most √4 of its matrix's
    assert np.all(change <= 2**3 * np.linalg.norm((other - PICTURES).reshape(6, -1), axis=1))


@pytest.mark.parametrize(
    "layer", [layers.Dense(4, activation="relu"), layers.Flatten(), layers.BatchNormalization()]
)
def test_it_wraps_linear_layers_with_a_kernel(layer):
    with pytest.raises(ValueError, match="without an activation"):
        SpectralNormalization(layer)
