"""Networks that write images as sparse codes over a dictionary."""

import math

from gannotes.checks import check_count
from gannotes.layers import LISTA, ConvDictionary, Dictionary, KSparse, SoftThreshold
from gannotes.models.conv import check_sides
from gannotes.models.mlp import hidden_stack, latents_and_labels
import keras
from keras import layers


def sparse_coder(
    atoms=128, active=8, latent_dim=16, widths=(64, 96), batch_norm=True, num_classes=None
):
    """Latents (batch, latent_dim) → codes (batch, atoms), of at most `active` non-zeros.

    Without `widths` there is nothing to learn: a code is the largest of `atoms` normal latents.
    """
    check_count("atoms", atoms)
    inputs, x = latents_and_labels(latent_dim if widths else atoms, num_classes)
    x = hidden_stack(x, widths, batch_norm)
    x = layers.Dense(atoms)(x) if widths else x
    return keras.Model(inputs, KSparse(active, name="code")(x), name="coder")


def dictionary_decoder(image_shape, atoms=128):
    """Codes (batch, atoms) → images (batch, *image_shape), sums of unit-norm atoms; not bounded."""
    codes = keras.Input((atoms,), name="codes")
    return keras.Model(codes, Dictionary(image_shape, name="dictionary")(codes), name="decoder")


def sparse_generator(image_shape, coder):
    """Latents (and labels) → sparse code → image, by layers ``coder`` and ``dictionary``."""
    images = Dictionary(image_shape, name="dictionary")(coder(coder.input))
    return keras.Model(coder.input, images, name="generator")


def conv_sparse_generator(
    image_shape, latent_dim=16, atoms=16, active=24, kernel_size=5, strides=2, widths=(64, 96)
):
    """Latents → sparse maps, one an atom → convolutional dictionary → image.

    All maps together have at most `active` non-zeros. `strides` must divide the image's sides.

    Reference: Ganz and Elad 2021.
    """
    check_sides(image_shape, strides)
    height, width, channels = image_shape
    maps = height // strides, width // strides, atoms
    latents, x = latents_and_labels(latent_dim)
    x = hidden_stack(x, widths, batch_norm=True)
    x = layers.Reshape(maps)(layers.Dense(math.prod(maps))(x))
    x = KSparse(active, name="code")(x)
    images = ConvDictionary(channels, kernel_size, strides, name="dictionary")(x)
    return keras.Model(latents, images, name="generator")


def sparse_encoder(image_shape, atoms=128, active=None, widths=(128, 96), unrolled=0):
    """Images → sparse codes (batch, atoms), of at most `active` non-zeros, or by soft thresholds.

    `unrolled` steps of `LISTA`, if any, take the place of the hidden layers.
    """
    x = images = keras.Input(image_shape, name="images")
    if unrolled:
        x = LISTA(atoms, unrolled, name="lista")(x)
    else:
        x = hidden_stack(layers.Flatten()(x), widths)
        x = layers.Dense(atoms)(x)
        x = SoftThreshold(name="threshold")(x) if active is None else x
    x = x if active is None else KSparse(active, name="code")(x)
    return keras.Model(images, x, name="encoder")
