"""Differentiable augmentation: random changes that D sees on real and fake images alike.

Images are (batch, height, width, channels) in [-1, 1], seed is a `keras.random.SeedGenerator`. A
change that leaves the distribution, as a flip of digits, changes what is learned (Zhao 2020).
"""

import functools
import math

import keras
from keras import ops


def translate(images, seed, share=0.125):
    """Shifts each image by up to a share of its sides; the border is filled with -1."""
    rows, columns = (_shifts(images, size, share, seed) for size in images.shape[1:3])
    shifted = ops.einsum("bvh,bhwc->bvwc", rows, images + 1)
    return ops.einsum("bvw,bhwc->bhvc", columns, shifted) - 1


def flip(images, seed):
    """Mirrors each image left to right, or not."""
    mirrored = keras.random.uniform((images.shape[0], 1, 1, 1), seed=seed) < 0.5
    return ops.where(mirrored, ops.flip(images, axis=2), images)


def rotate(images, seed, degrees=15):
    """Turns each image by up to so many degrees, by three shears (Paeth 1986); fills with -1."""
    limit = math.radians(degrees)
    angle = keras.random.uniform((images.shape[0],), -limit, limit, seed=seed)
    turned = images + 1
    for amount, axis in ((-ops.tan(angle / 2), 2), (ops.sin(angle), 1), (-ops.tan(angle / 2), 2)):
        turned = _shear(turned, amount, axis)
    return turned - 1


def crop(images, seed, share=0.75):
    """Blows up a random part of each image, with sides of a share of the image's, or more."""
    batch, height, width, _ = images.shape
    size = keras.random.uniform((batch, 1), share, 1, seed=seed)
    rows, columns = _enlargement(size, height, seed), _enlargement(size, width, seed)
    return ops.einsum("bvh,bxw,bhwc->bvxc", rows, columns, images)


def brightness(images, seed, amount=0.25):
    """Adds a constant in [-amount, amount] to each image."""
    shape = (images.shape[0], 1, 1, 1)
    return images + keras.random.uniform(shape, -amount, amount, seed=seed)


def cutout(images, seed, share=0.5):
    """Sets a square, with a side of a share of the image's, to 0 at a random place."""
    batch, height, width, _ = images.shape
    rows = _window(batch, height, share, seed)[:, :, None, None]
    columns = _window(batch, width, share, seed)[:, None, :, None]
    return images * (1 - rows * columns)


def chain(*changes):
    """One change after another."""
    return lambda images, seed: functools.reduce(lambda x, change: change(x, seed), changes, images)


def _shifts(images, size, share, seed):
    """Matrices (batch, size, size) that shift a line of pixels by a whole number of places."""
    most = int(share * size)
    shift = keras.random.randint((images.shape[0], 1, 1), -most, most + 1, seed=seed)
    places = ops.arange(size, dtype="int32")
    return ops.cast(places[:, None] - places == shift, images.dtype)


def _shear(images, amount, axis):
    """Moves each row (axis 2) or column (axis 1) along itself, by its distance from the middle."""
    if axis == 1:
        return ops.swapaxes(_shear(ops.swapaxes(images, 1, 2), amount, 2), 1, 2)
    _, height, width, _ = images.shape
    from_middle = ops.arange(height, dtype="float32") - (height - 1) / 2
    places = ops.arange(width, dtype="float32")
    sources = places - amount[:, None, None] * from_middle[:, None]  # (batch, height, width)
    return ops.einsum("bhvw,bhwc->bhvc", _interpolation(sources, width), images)


def _enlargement(size, pixels, seed):
    """Matrices (batch, pixels, pixels) that blow up a random part of a line, of a share `size`."""
    start = keras.random.uniform(size.shape, seed=seed) * (1 - size) * pixels
    sources = start + (ops.arange(pixels, dtype="float32") + 0.5) * size - 0.5
    return _interpolation(ops.clip(sources, 0, pixels - 1), pixels)


def _interpolation(sources, pixels):
    """Weights of a line's pixels at places between them, (..., places, pixels); 0 outside."""
    distance = ops.abs(sources[..., None] - ops.arange(pixels, dtype="float32"))
    return ops.maximum(1 - distance, 0)


def _window(batch, size, share, seed):
    """1 at a run of places along a line, 0 elsewhere, (batch, size); it may leave the image."""
    half = max(1, int(share * size)) / 2
    centre = keras.random.uniform((batch, 1), 0, size, seed=seed)
    places = ops.arange(size, dtype="float32") + 0.5
    return ops.cast(ops.abs(places - centre) < half, "float32")
