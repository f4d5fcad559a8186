"""Generators, discriminators and classifiers, as Keras models."""

import math

from gannotes.checks import check_count
from gannotes.layers import Point
import keras
from keras import layers


def mlp_generator(image_shape, latent_dim=16, widths=(128, 128)):
    """Latents (batch, latent_dim) → images (batch, *image_shape).

    Images, of rank 3, end in tanh; points of the plane, of rank 1, are not bounded.
    """
    check_count("latent_dim", latent_dim)
    inputs = x = keras.Input((latent_dim,), name="latents")
    for width in widths:
        x = layers.LeakyReLU(0.2)(layers.Dense(width)(x))
    x = layers.Dense(math.prod(image_shape), activation=_output_activation(image_shape))(x)
    return keras.Model(inputs, layers.Reshape(image_shape)(x), name="generator")


def mlp_discriminator(image_shape, widths=(128, 128)):
    """Images (batch, *image_shape) → scores (batch, 1), before any sigmoid."""
    inputs = keras.Input(image_shape, name="images")
    x = layers.Flatten()(inputs)
    for width in widths:
        x = layers.LeakyReLU(0.2)(layers.Dense(width)(x))
    return keras.Model(inputs, layers.Dense(1, name="score")(x), name="discriminator")


def _output_activation(image_shape):
    return "tanh" if len(image_shape) == 3 else None


def classifier(image_shape, num_classes, widths=(16, 32), num_features=32):
    """Small convolutional classifier: images (batch, *image_shape) → logits (batch, num_classes).

    Its layer ``features``, (batch, num_features), is smooth (GELU), so that no feature is dead
    and covariances of features are not singular.
    """
    inputs = x = keras.Input(image_shape, name="images")
    for width in widths:
        x = layers.Conv2D(width, 3, padding="same", activation="gelu")(x)
        x = layers.MaxPooling2D()(x)
    x = layers.Dropout(0.3)(layers.Flatten()(x))
    x = layers.Dense(num_features, activation="gelu", name="features")(x)
    return keras.Model(inputs, layers.Dense(num_classes, name="logits")(x), name="classifier")


# The Dirac-GAN: one weight against one weight


def dirac_generator():
    """Latents (batch, 1) → the point θ, whatever the latents: (batch, 1). θ is the only weight."""
    inputs = keras.Input((1,), name="latents")
    return keras.Model(inputs, Point(name="theta")(inputs), name="dirac_generator")


def dirac_discriminator():
    """Points (batch, 1) → scores ψ·x, (batch, 1). ψ is the only weight."""
    inputs = keras.Input((1,), name="images")
    return keras.Model(inputs, layers.Dense(1, use_bias=False, name="psi")(inputs))


def gaussian_generator(std, features=2):
    """Latents (batch, features) → round Gaussian points of a known density: std times the latents.

    Trained with a learning rate of 0 it stands still, and shows what a discriminator learns.
    """
    inputs = keras.Input((features,), name="latents")
    scale = keras.initializers.Identity(gain=std)
    points = layers.Dense(features, use_bias=False, kernel_initializer=scale)(inputs)
    return keras.Model(inputs, points, name="gaussian_generator")
