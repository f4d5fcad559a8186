"""Layers against plain arithmetic."""

from gannotes import models
from gannotes.layers import SelfAttention, SpectralNormalization
from gannotes.training.backend import gradients_of
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


@pytest.mark.parametrize("training", [False, True])
def test_the_estimate_is_one_step_from_the_kept_vector(training):
    wrapped = SpectralNormalization(layers.Dense(4, use_bias=False))
    wrapped(ROWS)
    kernel, u = np.asarray(wrapped.layer.kernel), np.asarray(wrapped.u)
    v = u @ kernel.T / np.linalg.norm(u @ kernel.T)
    sigma = np.linalg.norm(v @ kernel)
    found = wrapped(ROWS, training=training)
    np.testing.assert_allclose(found, ROWS @ kernel / sigma, rtol=1e-4, atol=1e-5)
    kept = v @ kernel / sigma if training else u
    np.testing.assert_allclose(wrapped.u, kept, rtol=1e-4)


def test_inference_leaves_the_estimate_alone():
    wrapped = SpectralNormalization(layers.Dense(4))
    wrapped(ROWS)
    before = np.array(wrapped.u)
    first, second = wrapped(ROWS), wrapped(ROWS)
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(before, wrapped.u)
    wrapped(ROWS, training=True)
    assert not np.array_equal(before, wrapped.u)


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


# Self-attention


def plain_attention(layer, inputs):
    """x + attention(norm(x) + place) in NumPy, and the maps."""
    query, query_bias, key, key_bias, value, value_bias, out, out_bias = (
        np.asarray(w) for w in layer.attention.weights
    )  # (channels, heads, width), (heads, width), …, (heads, width, channels), (channels,)
    x = inputs.reshape(len(inputs), -1, inputs.shape[-1]).astype(float)
    mean, variance = x.mean(axis=-1, keepdims=True), x.var(axis=-1, keepdims=True)
    tokens = (x - mean) / np.sqrt(variance + layer.norm.epsilon) + np.asarray(layer.places)
    q = np.einsum("btc,chw->bhtw", tokens, query) + query_bias[:, None]
    k = np.einsum("btc,chw->bhtw", tokens, key) + key_bias[:, None]
    v = np.einsum("btc,chw->bhtw", tokens, value) + value_bias[:, None]
    logits = np.einsum("bhtw,bhsw->bhts", q, k) / np.sqrt(q.shape[-1])
    maps = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    mixed = np.einsum("bhts,bhsw,hwc->btc", maps, v, out) + out_bias
    return (x + mixed).reshape(inputs.shape), maps


def attention(heads=2):
    layer = SelfAttention(heads)
    inputs = RNG.normal(size=(3, 2, 5, 8)).astype("float32")
    layer(inputs)
    for weight in layer.attention.weights:
        weight.assign(0.5 * RNG.normal(size=weight.shape))
    return layer, inputs


def test_self_attention_is_its_formula():
    layer, inputs = attention()
    expected, maps = plain_attention(layer, inputs)
    np.testing.assert_allclose(layer(inputs), expected, atol=1e-4)
    np.testing.assert_allclose(layer.maps(inputs), maps, atol=1e-5)
    np.testing.assert_allclose(np.sum(layer.maps(inputs), axis=-1), 1, atol=1e-5)


def test_without_places_attention_does_not_know_them():
    layer, inputs = attention()
    layer.places.assign(0 * layer.places)
    turned = inputs[:, ::-1, ::-1]
    np.testing.assert_allclose(layer(turned), np.asarray(layer(inputs))[:, ::-1, ::-1], atol=1e-4)
    layer.places.assign(RNG.normal(size=layer.places.shape))
    assert np.ptp(np.asarray(layer(turned)) - np.asarray(layer(inputs))[:, ::-1, ::-1]) > 0.1


def test_self_attention_survives_saving(tmp_path):
    inputs = keras.Input((2, 5, 8))
    model = keras.Model(inputs, SelfAttention(2)(inputs))
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    pictures = RNG.normal(size=(3, 2, 5, 8)).astype("float32")
    np.testing.assert_allclose(again(pictures), model(pictures), atol=1e-6)
    assert again.layers[-1].heads == 2


def test_heads_share_the_channels():
    with pytest.raises(ValueError, match="heads must divide the channels, 8. Received: heads=3"):
        SelfAttention(3)(np.zeros((1, 2, 2, 8), "float32"))
