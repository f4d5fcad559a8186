"""Parts of feature functions: their table, the object in a picture, means over it."""

from gannotes.checks import check_images
import numpy as np
from scipy import ndimage

HAZE, OBJECT = 0.1, 0.3  # a pixel that differs by less is not the object's, by more is it wholly
LUMA = np.array([0.299, 0.587, 0.114])

FEATURES = {}  # name: function, with its family, unit and period


def feature(family, unit, period=None):
    """Puts a function into FEATURES, under its name with spaces; `period` is that of an angle."""

    def register(function):
        function.family, function.unit, function.period = family, unit, period
        FEATURES[function.__name__.replace("_", " ")] = function
        return function

    return register


def round_distance(first, second, period):
    """Distance of numbers that go round, the shorter way: 0 to period / 2."""
    return abs((first - second + period / 2) % period - period / 2)


def as_rgb(images):
    """Colours in [0, 1], (n, height, width, 3)."""
    check_images(images)
    if images.ndim != 4 or images.shape[-1] not in (1, 3):
        raise ValueError(
            "Feature functions take images (n, height, width, 1 or 3). "
            f"Received: shape {images.shape}"
        )
    unit = (images.astype(float) + 1) / 2
    return np.repeat(unit, 3, axis=-1) if images.shape[-1] == 1 else unit


def as_luma(images):
    """Brightness of each pixel, from 0 to 1, (n, height, width)."""
    return as_rgb(images) @ LUMA


def coverage(images):
    """How much of each pixel is the object's: 0 to 1, (n, height, width).

    By the channel that differs most from the background: up to HAZE nothing, from OBJECT on all.
    """
    rgb = as_rgb(images)
    edges = rgb[:, 0], rgb[:, -1], rgb[:, :, 0], rgb[:, :, -1]
    background = np.median(np.concatenate(edges, axis=1), axis=1)[:, None, None]
    difference = abs(rgb - background).max(axis=-1)
    return np.clip((difference - HAZE) / (OBJECT - HAZE), 0, 1)


def interior(images):
    """Pixels whose neighbours are all the object's, (n, height, width), 0 or 1."""
    filled = ndimage.minimum_filter(coverage(images), (1, 3, 3), mode="constant")
    return (filled > 0.99).astype(float)


def ratio(top, bottom, empty=0.0):
    """top / bottom, and `empty` where bottom is (nearly) 0."""
    return np.divide(top, bottom, np.full_like(top, empty), where=bottom > 1e-9)


def mean_over(values, weights):
    """Weighted mean over each picture; 0 where all weights are."""
    return ratio((weights * values).sum(axis=(1, 2)), weights.sum(axis=(1, 2)))


def pixel_places(images):
    """x (1, 1, width) and y (1, height, 1) of the pixels' centres, in half-widths."""
    height, width = images.shape[1:3]
    x = (2 * np.arange(width) + 1 - width) / width
    y = (height - 2 * np.arange(height) - 1) / width
    return x[None, None], y[None, :, None]
