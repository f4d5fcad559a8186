"""Dense networks, and the parts that convolutional ones share with them."""

import math

from gannotes.checks import check_choice, check_count, check_network
from gannotes.layers import LowRankDense, SpectralNormalization
import keras
from keras import layers

BATCH_NORM = {
    "momentum": 0.9,  # Keras's 0.99 lags behind in trainings of a few thousand steps
    "synchronized": keras.backend.backend() == "tensorflow",  # several devices: as on one
}


def mlp_generator(
    image_shape, latent_dim=16, widths=(128, 128), batch_norm=False, num_classes=None, rank=None
):
    """Latents (batch, latent_dim) → images (batch, *image_shape), by tanh; or points, not bounded.

    With `num_classes` it takes ``[latents, labels]``; each class has an embedding as wide as the
    latents, beside them. With a `rank` every kernel is a product of two factors.
    """
    inputs, x = latents_and_labels(latent_dim, num_classes)
    x = hidden_stack(x, widths, batch_norm=batch_norm, rank=rank)
    activation = "tanh" if len(image_shape) == 3 else None
    x = dense(x, math.prod(image_shape), rank, activation=activation)
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

    Labels go by "embedding" beside the image, by "projection" on the last features (both take
    ``[images, labels]``), or by "classifier" (which gives ``[scores, logits]``). Spectral norm
    divides each kernel by its largest singular value.

    Reference: Mirza and Osindero 2014 (embedding); Miyato and Koyama 2018, eq. 4 (projection);
        Odena, Olah, Shlens 2017 (classifier).
    """
    images, classes = images_and_labels(image_shape, num_classes, labels)
    x = layers.Flatten()(images)
    if classes is not None and labels == "embedding":
        x = layers.Concatenate()([x, layers.Embedding(num_classes, 32)(classes)])
    x = hidden_stack(x, widths, spectral_norm=spectral_norm, dropout=dropout)
    return discriminator_of(images, x, classes, num_classes, labels, spectral_norm)


def mlp_pair(image_shape, latent_dim=8, batch_norm=True, num_classes=None, **options):
    """The dense generator 64-96-128 and discriminator 128-96-64 that most experiments train.

    Further options, as ``spectral_norm``, ``labels`` and ``dropout``, are the discriminator's.
    """
    options["num_classes"] = num_classes
    generator = mlp_generator(image_shape, latent_dim, (64, 96, 128), batch_norm, num_classes)
    return generator, mlp_discriminator(image_shape, (128, 96, 64), **options)


def mlp_encoder(image_shape, outputs, widths=(128, 128)):
    """Images (batch, *image_shape) → (batch, outputs), not bounded: two a latent for a VAE."""
    check_count("outputs", outputs)
    images = keras.Input(image_shape, name="images")
    x = hidden_stack(layers.Flatten()(images), widths)
    return keras.Model(images, layers.Dense(outputs)(x), name="encoder")


def hidden_layers(network):
    """Names of a network's hidden layers, after their nonlinearities, from first to last."""
    check_network("network", network)
    return [layer.name for layer in network.layers if isinstance(layer, layers.LeakyReLU)]


def hidden_stack(x, widths, batch_norm=False, spectral_norm=False, rank=None, dropout=0.0):
    """Dense layers, each with what is asked for, and a LeakyReLU behind it."""
    for width in widths:
        x = dense(x, width, rank, spectral_norm)
        x = layers.BatchNormalization(**BATCH_NORM)(x) if batch_norm else x
        x = layers.LeakyReLU(0.2)(x)
        x = layers.Dropout(dropout)(x) if dropout else x
    return x


def dense(x, width, rank=None, spectral_norm=False, **options):
    """A dense layer; or one of at most a rank, or with spectral normalization."""
    if rank is not None:
        return LowRankDense(width, min(rank, x.shape[-1], width), **options)(x)
    return normalized(layers.Dense(width, **options), spectral_norm)(x)


def normalized(layer, spectral_norm):
    """The layer, with spectral normalization if it is to have that."""
    return SpectralNormalization(layer) if spectral_norm else layer


def latents_and_labels(latent_dim, num_classes=None):
    """Inputs of a generator, and the vector that it starts from: latents, and classes if any."""
    check_count("latent_dim", latent_dim)
    latents = keras.Input((latent_dim,), name="latents")
    if num_classes is None:
        return latents, latents
    check_count("num_classes", num_classes)
    classes = keras.Input((), dtype="int32", name="labels")
    embedding = layers.Embedding(num_classes, latent_dim)(classes)
    return [latents, classes], layers.Concatenate()([latents, embedding])


def images_and_labels(image_shape, num_classes, labels):
    """Inputs of a discriminator: images, and labels or None."""
    images, classes = keras.Input(image_shape, name="images"), None
    if num_classes is not None:
        check_count("num_classes", num_classes)
        check_choice("use of labels", labels, ("embedding", "projection", "classifier"))
        if labels != "classifier":
            classes = keras.Input((), dtype="int32", name="labels")
    return images, classes


def discriminator_of(images, features, classes, num_classes, labels, spectral_norm):
    """A discriminator, from its last features on."""
    inputs = images if classes is None else [images, classes]
    outputs = score = dense(features, 1, spectral_norm=spectral_norm, name="score")
    if num_classes is not None and labels == "projection":
        embedding = layers.Embedding(num_classes, features.shape[-1], "zeros")(classes)
        outputs = layers.Add()([score, layers.Dot(axes=1)([embedding, features])])
    elif num_classes is not None and labels == "classifier":
        outputs = [score, layers.Dense(num_classes, name="class_logits")(features)]
    return keras.Model(inputs, outputs, name="discriminator")
