"""A generator without convolutions."""

from gannotes.checks import check_count
from gannotes.layers import SelfAttention
from gannotes.models import latents_and_labels
import keras
from keras import layers


def transformer_generator(
    image_shape, latent_dim=64, width=32, blocks=2, hidden=64, patch=4, num_classes=None
):
    """Latents → images, patch by patch: tokens that look at each other, after TransGAN.

    A dense layer gives each patch a token. In a block, tokens first attend to one another, each with a
    trained vector of its place, then go one by one through a dense network with one hidden layer; both
    are added to what was there, and normalized before. At last each token is mapped to its pixels.

    Args:
        image_shape: (height, width, channels), sides divisible by `patch`.
        width: of a token, divisible by 4, the heads of attention.
        blocks: how many.
        hidden: width of the dense network's hidden layer.
        patch: side of a token's square, in pixels.
        num_classes: as for `models.mlp_generator`.

    Reference: Jiang, Chang, Wang 2021. Differs from the paper: one resolution; tokens become squares of
        pixels, and are not spread out in stages.
    """
    for name, count in (("latent_dim", latent_dim), ("blocks", blocks), ("patch", patch)):
        check_count(name, count)
    if len(image_shape) != 3 or image_shape[0] % patch or image_shape[1] % patch:
        raise ValueError(
            "image_shape must be (height, width, channels), with sides divisible by the patch, "
            f"{patch}. Received: {image_shape}"
        )
    rows, columns, channels = image_shape[0] // patch, image_shape[1] // patch, image_shape[2]
    inputs, x = latents_and_labels(latent_dim, num_classes)
    x = layers.Dense(rows * columns * width)(x)
    x = layers.Reshape((rows, columns, width))(x)
    for _ in range(blocks):
        x = SelfAttention()(x)
        y = layers.Dense(hidden, activation="gelu")(layers.LayerNormalization()(x))
        x = layers.Add()([x, layers.Dense(width)(y)])
    x = layers.Dense(patch * patch * channels, activation="tanh")(layers.LayerNormalization()(x))
    x = layers.Reshape((rows, columns, patch, patch, channels))(x)
    images = layers.Reshape(image_shape)(layers.Permute((1, 3, 2, 4, 5))(x))
    return keras.Model(inputs, images, name="generator")
