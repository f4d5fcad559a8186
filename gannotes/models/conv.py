"""Convolutional networks."""

import math

from gannotes.checks import check_choice, check_keras
from gannotes.layers import LowRankConv2DTranspose, SelfAttention
from gannotes.models.mlp import (
    BATCH_NORM,
    dense,
    discriminator_of,
    images_and_labels,
    latents_and_labels,
    normalized,
)
import keras
from keras import layers


def conv_generator(
    image_shape,
    latent_dim=64,
    widths=None,
    num_classes=None,
    rank=None,
    upsampling="transposed",
    block=None,
):
    """Latents → images, by convolutions that double the size, with batch norm, after DCGAN.

    The `widths` are channels from the smallest size, where a `block` of BLOCKS may stand, to the full
    one, by default as `conv_pair` has them; what is too much of a side is cut off. Up-sampling is by
    "transposed" convolutions of stride 2, or by "nearest" or "bilinear" interpolation, and then a
    convolution of as many weights. The last kernel, which is small, keeps its rank.

    Reference: Radford, Metz, Chintala 2016.
    """
    check_choice("up-sampling", upsampling, ("transposed", "nearest", "bilinear"))
    if rank is not None and upsampling != "transposed":
        raise ValueError(f"A rank goes with transposed convolutions. Received: {upsampling!r}")
    grow, doublings = _growth(image_shape)
    widths = widths or (*[32 * grow] * doublings, 16 * grow)
    height, width, channels = image_shape
    factor = 2 ** (len(widths) - 1)
    first = math.ceil(height / factor), math.ceil(width / factor), widths[0]
    inputs, x = latents_and_labels(latent_dim, num_classes)
    x = dense(x, math.prod(first), rank, use_bias=False)
    x = layers.Reshape(first)(x)
    x = layers.LeakyReLU(0.2)(layers.BatchNormalization(**BATCH_NORM)(x))
    x = _with_block(x, block)
    for filters in widths[1:]:
        x = _doubled(x, filters, upsampling, rank)
        x = layers.LeakyReLU(0.2)(layers.BatchNormalization(**BATCH_NORM)(x))
    images = layers.Conv2D(channels, 3, padding="same", activation="tanh")(x)
    surplus = factor * first[0] - height, factor * first[1] - width
    if any(surplus):
        images = layers.Cropping2D([(0, rows) for rows in surplus])(images)
    return keras.Model(inputs, images, name="generator")


def conv_discriminator(
    image_shape,
    widths=None,
    spectral_norm=False,
    num_classes=None,
    labels="projection",
    kernel_size=4,
    block=None,
):
    """Images → scores, by convolutions of stride 2; the rest as for `mlp_discriminator`.

    The `widths` are their channels, by default as `conv_pair` has them.
    With n convolutions and nothing else, the score is a sum over patches of 3·2ⁿ - 2 pixels.
    Behind the last one stands a `block`, one of BLOCKS, if any.

    Reference: Radford, Metz, Chintala 2016; without batch norm, which R1 does not get on with.
    """
    grow, doublings = _growth(image_shape)
    widths = widths or [16 * grow * 2**k for k in range(doublings + 1)]
    images, classes = images_and_labels(image_shape, num_classes, labels)
    x, plane = images, (*image_shape[:2], 1)
    if classes is not None and labels == "embedding":
        embedding = layers.Embedding(num_classes, math.prod(plane))(classes)
        x = layers.Concatenate()([x, layers.Reshape(plane)(embedding)])
    for filters in widths:
        convolution = layers.Conv2D(filters, kernel_size, strides=2, padding="same")
        x = layers.LeakyReLU(0.2)(normalized(convolution, spectral_norm)(x))
    if block is not None:
        x = layers.LeakyReLU(0.2)(_with_block(x, block))
    features = layers.Flatten()(x)
    return discriminator_of(images, features, classes, num_classes, labels, spectral_norm)


def conv_pair(image_shape, latent_dim=64, num_classes=None):
    """A convolutional generator and discriminator for pictures of any size, grey or in colour.

    The generator starts from at most 8×8 places. Colour has twice the channels: more to be learned.
    The default `Recipe` suits them; `steps` makes the pictures better still.
    """
    generator = conv_generator(image_shape, latent_dim, num_classes=num_classes)
    return generator, conv_discriminator(image_shape, num_classes=num_classes)


def _growth(image_shape):
    """How many times as many channels as for grey pictures; how often sides double from 8 or less."""
    check_sides(image_shape)
    height, width, channels = image_shape
    doublings = max(2, math.ceil(math.log2(max(height, width) / 8)))
    return 1 if channels == 1 else 2, doublings


def check_sides(image_shape, divisor=1):
    """Raises ValueError unless these are sides, which `divisor` divides, and channels, as Keras is set."""
    check_keras()
    if len(image_shape) != 3 or image_shape[0] % divisor or image_shape[1] % divisor:
        divisible = f", with sides divisible by {divisor}" if divisor > 1 else ""
        raise ValueError(
            f"image_shape must be (height, width, channels){divisible}. Received: {image_shape}"
        )


# What may stand behind a convolution, with a way round it: x + block(norm(x)), of about as many weights
BLOCKS = ("convolution", "dilated", "attention")


def _with_block(x, block):
    if block is None:
        return x
    check_choice("block", block, BLOCKS)
    if block == "attention":
        return SelfAttention()(x)
    dilation = 3 if block == "dilated" else 1  # the same kernel, reaching three times as far
    width = _width_like_attention(*x.shape[1:])
    y = layers.LayerNormalization()(x)
    y = layers.Conv2D(width, 1, activation="leaky_relu")(y)
    y = layers.Conv2D(width, 3, padding="same", dilation_rate=dilation, activation="leaky_relu")(y)
    return layers.Add()([x, layers.Conv2D(x.shape[-1], 1)(y)])


def _width_like_attention(height, width, channels):
    """Channels between, of convolutions 1×1, 3×3 and 1×1 that have as many weights as attention."""
    attention = 4 * channels * (channels + 1) + height * width * channels
    b = 2 * channels + 2  # 9·width² + b·width + channels = attention
    return round((math.sqrt(b**2 + 36 * (attention - channels)) - b) / 18)


def _doubled(x, filters, upsampling, rank):
    """A map of twice the height and width, by a kernel of 4×4, of at most a rank."""
    options = {"padding": "same", "use_bias": False}
    if rank is not None:
        options["rank"] = min(rank, x.shape[-1])
        return LowRankConv2DTranspose(filters, 4, strides=2, **options)(x)
    if upsampling == "transposed":
        return layers.Conv2DTranspose(filters, 4, strides=2, **options)(x)
    x = layers.UpSampling2D(interpolation=upsampling)(x)
    return layers.Conv2D(filters, 4, **options)(x)


def classifier(image_shape, num_classes, widths=(16, 32), num_features=32):
    """Small convolutional classifier: images (batch, *image_shape) → logits (batch, num_classes).

    Its layer ``features``, (batch, num_features), stands before the nonlinearity: no feature is
    dead, so covariances are not singular.
    """
    check_sides(image_shape)
    inputs = x = keras.Input(image_shape, name="images")
    for width in widths:
        x = layers.Conv2D(width, 3, padding="same", activation="gelu")(x)
        x = layers.MaxPooling2D()(x)
    x = layers.Dropout(0.3)(layers.Flatten()(x))
    features = layers.Dense(num_features, name="features")(x)
    logits = layers.Dense(num_classes, name="logits")(layers.Activation("gelu")(features))
    return keras.Model(inputs, logits, name="classifier")
