"""Generators, discriminators and classifiers, as Keras models."""

import math

from gannotes.checks import check_choice, check_count
from gannotes.layers import (
    LowRankConv2DTranspose,
    LowRankDense,
    SelfAttention,
    SpectralNormalization,
)
import keras
from keras import layers

BATCH_NORM = {
    "momentum": 0.9,  # Keras's 0.99 lags behind in trainings of a few thousand steps
    "synchronized": keras.backend.backend() == "tensorflow",  # several devices: as on one
}


def mlp_generator(
    image_shape, latent_dim=16, widths=(128, 128), batch_norm=False, num_classes=None, rank=None
):
    """Latents (batch, latent_dim) → images (batch, *image_shape).

    Images, of rank 3, end in tanh; points of the plane, of rank 1, are not bounded.

    Args:
        batch_norm: whether each hidden layer is normalized over the batch.
        num_classes: if given, the generator takes ``[latents, labels]``; each class has an
            embedding as wide as the latents, beside them.
        rank: if given, every kernel is a product of two factors of this rank, or, where one of its
            sides is less, of full rank.
    """
    check_count("latent_dim", latent_dim)
    inputs, x = latents_and_labels(latent_dim, num_classes)
    for width in widths:
        x = _dense(x, width, rank)
        x = layers.BatchNormalization(**BATCH_NORM)(x) if batch_norm else x
        x = layers.LeakyReLU(0.2)(x)
    x = _dense(x, math.prod(image_shape), rank, activation=_output_activation(image_shape))
    return keras.Model(inputs, layers.Reshape(image_shape)(x), name="generator")


def mlp_discriminator(
    image_shape,
    widths=(128, 128),
    spectral_norm=False,
    num_classes=None,
    labels="projection",
    dropout=0.0,
):
    """Images (batch, *image_shape) → scores (batch, 1), before any sigmoid.

    Args:
        spectral_norm: whether each kernel is divided by its largest singular value.
        num_classes: of labels, if the discriminator has to do with them.
        labels: how: "embedding" beside the image, "projection" on the last features (both take
            ``[images, labels]``), or "classifier" (gives ``[scores, class logits]``).
        dropout: share of each hidden layer's units that a training step leaves out.

    Reference: Mirza and Osindero 2014 (embedding); Miyato and Koyama 2018, eq. 4 (projection);
        Odena, Olah, Shlens 2017 (classifier).
    """
    images = keras.Input(image_shape, name="images")
    x = layers.Flatten()(images)
    classes = _labels(num_classes, labels)
    if classes is not None and labels == "embedding":
        x = layers.Concatenate()([x, layers.Embedding(num_classes, 32)(classes)])
    normalized = SpectralNormalization if spectral_norm else _as_it_is
    for width in widths:
        x = layers.LeakyReLU(0.2)(normalized(layers.Dense(width))(x))
        x = layers.Dropout(dropout)(x) if dropout else x
    return _judgement(images, x, classes, num_classes, labels, normalized)


def mlp_encoder(image_shape, outputs, widths=(128, 128)):
    """Images (batch, *image_shape) → (batch, outputs), not bounded.

    Of a variational autoencoder `outputs` is twice the size of its latents.
    """
    check_count("outputs", outputs)
    images = keras.Input(image_shape, name="images")
    x = layers.Flatten()(images)
    for width in widths:
        x = layers.LeakyReLU(0.2)(layers.Dense(width)(x))
    return keras.Model(images, layers.Dense(outputs)(x), name="encoder")


def conv_generator(
    image_shape,
    latent_dim=64,
    widths=(32, 32, 16),
    num_classes=None,
    rank=None,
    upsampling="transposed",
    block=None,
):
    """Latents → images, by two convolutions that double the size, with batch norm, after DCGAN.

    Args:
        image_shape: (height, width, channels), sides divisible by 4.
        widths: channels at a quarter, at half and at full size.
        num_classes: as for `mlp_generator`.
        rank: as for `mlp_generator`, of all kernels but the last, which is small.
        upsampling: "transposed" convolutions of stride 2; or "nearest" or "bilinear" interpolation,
            and then a convolution of as many weights.
        block: at a quarter of the size, one of BLOCKS, if any.

    Reference: Radford, Metz, Chintala 2016.
    """
    check_count("latent_dim", latent_dim)
    check_choice("up-sampling", upsampling, ("transposed", "nearest", "bilinear"))
    if len(widths) != 3:
        raise ValueError(f"widths must be three, at 1/4, 1/2 and full size. Received: {widths}")
    height, width, channels = _image_sides(image_shape)
    inputs, x = latents_and_labels(latent_dim, num_classes)
    x = _dense(x, height // 4 * (width // 4) * widths[0], rank, use_bias=False)
    x = layers.Reshape((height // 4, width // 4, widths[0]))(x)
    x = layers.LeakyReLU(0.2)(layers.BatchNormalization(**BATCH_NORM)(x))
    x = _with_block(x, block)
    for filters in widths[1:]:
        x = _doubled(x, filters, upsampling, rank)
        x = layers.LeakyReLU(0.2)(layers.BatchNormalization(**BATCH_NORM)(x))
    images = layers.Conv2D(channels, 3, padding="same", activation="tanh")(x)
    return keras.Model(inputs, images, name="generator")


def conv_discriminator(
    image_shape,
    widths=(16, 32, 64),
    spectral_norm=False,
    num_classes=None,
    labels="projection",
    kernel_size=4,
    block=None,
):
    """Images → scores, by convolutions of stride 2; the rest as for `mlp_discriminator`.

    With n convolutions and nothing else, the score is a sum over patches of 3·2ⁿ - 2 pixels.

    Args:
        kernel_size: height and width of a window.
        block: behind the last convolution, one of BLOCKS, if any.

    Reference: Radford, Metz, Chintala 2016; without batch norm, which R1 does not get on with.
    """
    images = x = keras.Input(image_shape, name="images")
    height, width, _ = _image_sides(image_shape)
    classes = _labels(num_classes, labels)
    if classes is not None and labels == "embedding":
        plane = layers.Embedding(num_classes, height * width)(classes)
        x = layers.Concatenate()([x, layers.Reshape((height, width, 1))(plane)])
    normalized = SpectralNormalization if spectral_norm else _as_it_is
    for filters in widths:
        convolution = layers.Conv2D(filters, kernel_size, strides=2, padding="same")
        x = layers.LeakyReLU(0.2)(normalized(convolution)(x))
    if block is not None:
        x = layers.LeakyReLU(0.2)(_with_block(x, block))
    return _judgement(images, layers.Flatten()(x), classes, num_classes, labels, normalized)


# What may stand behind a convolution, with a way round it: x + block(norm(x)), of about as many weights
BLOCKS = {  # name: dilation of the kernel; None is self-attention
    "convolution": 1,
    "dilated": 3,  # the same kernel, reaching three times as far
    "attention": None,
}


def _with_block(x, block):
    """x plus what a block makes of it, for x (batch, height, width, channels)."""
    if block is None:
        return x
    check_choice("block", block, BLOCKS)
    if BLOCKS[block] is None:
        return SelfAttention()(x)
    width = _width_like_attention(*x.shape[1:])
    y = layers.LayerNormalization()(x)
    y = layers.Conv2D(width, 1, activation="leaky_relu")(y)
    y = layers.Conv2D(
        width, 3, padding="same", dilation_rate=BLOCKS[block], activation="leaky_relu"
    )(y)
    return layers.Add()([x, layers.Conv2D(x.shape[-1], 1)(y)])


def _width_like_attention(height, width, channels):
    """Channels between, of convolutions 1×1, 3×3 and 1×1 that have as many weights as attention."""
    attention = 4 * channels * (channels + 1) + height * width * channels
    b = 2 * channels + 2  # 9·width² + b·width + channels = attention
    return round((math.sqrt(b**2 + 36 * (attention - channels)) - b) / 18)


def _doubled(x, filters, upsampling, rank):
    """A feature map of twice the height and width, by a kernel of 4×4, of at most a rank."""
    options = {"padding": "same", "use_bias": False}
    low_rank = {} if rank is None else {"rank": min(rank, x.shape[-1])}
    if upsampling == "transposed":
        transposed = layers.Conv2DTranspose if rank is None else LowRankConv2DTranspose
        return transposed(filters, 4, strides=2, **low_rank, **options)(x)
    if rank is not None:
        raise ValueError(f"A rank goes with transposed convolutions. Received: {upsampling!r}")
    x = layers.UpSampling2D(interpolation=upsampling)(x)
    return layers.Conv2D(filters, 4, **options)(x)


def hidden_layers(network):
    """Names of a network's hidden layers, after their nonlinearities, from first to last."""
    return [layer.name for layer in network.layers if isinstance(layer, layers.LeakyReLU)]


def _as_it_is(layer):
    return layer


def _dense(x, width, rank, **options):
    """A dense layer, or one of at most a rank."""
    if rank is None:
        return layers.Dense(width, **options)(x)
    return LowRankDense(width, min(rank, x.shape[-1], width), **options)(x)


def _image_sides(image_shape):
    if len(image_shape) != 3 or image_shape[0] % 4 or image_shape[1] % 4:
        raise ValueError(
            "image_shape must be (height, width, channels), with sides divisible by 4. "
            f"Received: {image_shape}"
        )
    return image_shape


def latents_and_labels(latent_dim, num_classes):
    """Inputs of a generator, and the vector that it starts from.

    With `num_classes` these are latents and labels; each class has an embedding as wide as the
    latents, beside them.
    """
    latents = keras.Input((latent_dim,), name="latents")
    if num_classes is None:
        return latents, latents
    check_count("num_classes", num_classes)
    classes = keras.Input((), dtype="int32", name="labels")
    embedding = layers.Embedding(num_classes, latent_dim)(classes)
    return [latents, classes], layers.Concatenate()([latents, embedding])


def _labels(num_classes, labels):
    """Input for labels, where a discriminator takes them."""
    if num_classes is None:
        return None
    check_count("num_classes", num_classes)
    check_choice("use of labels", labels, ("embedding", "projection", "classifier"))
    return None if labels == "classifier" else keras.Input((), dtype="int32", name="labels")


def _judgement(images, features, classes, num_classes, labels, normalized):
    """A discriminator from its last features on."""
    outputs = score = normalized(layers.Dense(1, name="score"))(features)
    if num_classes is not None and labels == "projection":
        embedding = layers.Embedding(num_classes, features.shape[-1], "zeros")(classes)
        outputs = layers.Add()([score, layers.Dot(axes=1)([embedding, features])])
    if num_classes is not None and labels == "classifier":
        outputs = [score, layers.Dense(num_classes, name="class_logits")(features)]
    inputs = images if classes is None else [images, classes]
    return keras.Model(inputs, outputs, name="discriminator")


def _output_activation(image_shape):
    return "tanh" if len(image_shape) == 3 else None


def classifier(image_shape, num_classes, widths=(16, 32), num_features=32):
    """Small convolutional classifier: images (batch, *image_shape) → logits (batch, num_classes).

    Its layer ``features``, (batch, num_features), stands before the nonlinearity, so that no feature
    is dead and covariances of features are not singular.
    """
    inputs = x = keras.Input(image_shape, name="images")
    for width in widths:
        x = layers.Conv2D(width, 3, padding="same", activation="gelu")(x)
        x = layers.MaxPooling2D()(x)
    x = layers.Dropout(0.3)(layers.Flatten()(x))
    features = layers.Dense(num_features, name="features")(x)
    logits = layers.Dense(num_classes, name="logits")(layers.Activation("gelu")(features))
    return keras.Model(inputs, logits, name="classifier")
