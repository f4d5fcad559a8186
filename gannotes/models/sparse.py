"""Networks that write images as sparse codes over a dictionary."""

from gannotes.checks import check_count, check_network
from gannotes.layers import LISTA, Dictionary, KSparse
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
    check_network("coder", coder)
    images = Dictionary(image_shape, name="dictionary")(coder(coder.input))
    return keras.Model(coder.input, images, name="generator")


def sparse_encoder(image_shape, atoms=128, active=8, unrolled=3):
    """Images → sparse codes (batch, atoms), of at most `active` non-zeros, by so many steps of `LISTA`."""
    images = keras.Input(image_shape, name="images")
    codes = KSparse(active, name="code")(LISTA(atoms, unrolled, name="lista")(images))
    return keras.Model(images, codes, name="encoder")
