"""The generator without convolutions."""

from gannotes import models
import keras
from keras import ops
import numpy as np
import pytest

LATENTS = np.random.default_rng(0).normal(size=(5, 3)).astype("float32")
SHAPE = (4, 8, 3)


def small(**options):
    keras.utils.set_random_seed(0)
    return models.transformer_generator(SHAPE, 3, width=8, hidden=8, patch=2, **options)


def last_dense(network):
    return [layer for layer in network.layers if isinstance(layer, keras.layers.Dense)][-1]


def test_a_token_lands_on_its_square():
    """With nothing but a bias, every patch is the bias, channels last, row by row."""
    network = small()
    last = last_dense(network)
    bias = np.linspace(-1, 1, 12, dtype="float32")
    last.set_weights([np.zeros_like(last.kernel), bias])
    expected = np.tile(np.tanh(bias).reshape(2, 2, 3), (2, 4, 1))
    np.testing.assert_allclose(network(LATENTS)[0], expected, atol=1e-6)


def test_a_patch_is_its_token_without_blocks_that_do_anything():
    """Blocks whose last maps are 0 pass tokens on; then a patch depends on its own token alone."""
    network = small(blocks=1)
    for layer in network.layers:
        if layer.name.startswith("self_attention"):
            for weight in layer.attention._output_dense.weights:
                weight.assign(ops.zeros_like(weight))
    dense = [layer for layer in network.layers if isinstance(layer, keras.layers.Dense)]
    dense[-2].set_weights([np.zeros_like(w) for w in dense[-2].get_weights()])
    tokens = LATENTS @ np.asarray(dense[0].kernel)
    tokens = tokens.reshape(5, 2, 4, 8)
    tokens = tokens - tokens.mean(axis=-1, keepdims=True)
    tokens /= np.sqrt((tokens**2).mean(axis=-1, keepdims=True) + 1e-3)
    expected = np.tanh(tokens @ np.asarray(dense[-1].kernel))  # (5, 2, 4, 12)
    found = np.asarray(network(LATENTS)).reshape(5, 2, 2, 4, 2, 3).transpose(0, 1, 3, 2, 4, 5)
    np.testing.assert_allclose(found.reshape(5, 2, 4, 12), expected, atol=1e-5)


def test_tokens_look_at_each_other():
    """A change of one token moves all patches."""
    network = small()
    before = np.asarray(network(LATENTS))
    first = next(layer for layer in network.layers if isinstance(layer, keras.layers.Dense))
    bias = np.zeros(2 * 4 * 8, "float32")
    bias[:8] = np.linspace(-1, 1, 8)
    first.bias.assign(bias)
    moved = abs(np.asarray(network(LATENTS)) - before).reshape(5, 2, 2, 4, 2, 3)
    assert (moved.max(axis=(0, 2, 4, 5)) > 1e-5).all()


def test_it_is_about_as_large_as_the_convolutional_one_beside_it():
    conv = models.conv_generator((8, 32, 3), 16, (32, 24, 12), block="convolution")
    transformer = models.transformer_generator((8, 32, 3), 16, hidden=80)
    assert transformer.count_params() == pytest.approx(conv.count_params(), rel=0.02)


def test_labels_and_saving(tmp_path):
    network = small(num_classes=2)
    labels = np.array([0, 1, 0, 1, 1])
    images = network([LATENTS, labels])
    assert images.shape == (5, *SHAPE) and abs(np.asarray(images)).max() < 1
    network.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_allclose(again([LATENTS, labels]), images, atol=1e-6)


def test_bad_input():
    with pytest.raises(ValueError, match="divisible by 4"):
        models.transformer_generator((6, 8, 1))
    with pytest.raises(ValueError, match="blocks must be a whole number"):
        models.transformer_generator((8, 8, 1), blocks=0)
    with pytest.raises(ValueError, match="heads must divide the channels"):
        models.transformer_generator((8, 8, 1), width=6)
