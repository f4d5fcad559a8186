"""Feature functions: named numbers of an image, of its colour, its shape and its texture.

Each takes images (n, height, width, 1 or 3) in [-1, 1] and gives a number an image, (n,); some give
a row, of which others make a number. They compose: `of_columns(hue, slice(0, 8))` is the hue of a
part. Places are counted in half-widths of the picture, x to the right and y upwards from its middle,
as in `shapes`.

What differs from the border's median colour is the **object**. Without one, its features are 0.
"""

from collections.abc import Callable
from dataclasses import dataclass

from gannotes.checks import check_choice
from gannotes.metrics.feature_functions.colour import (
    brightness,
    hue,
    hue_histogram,
    hue_spread,
    mean_colour,
    saturation,
)
from gannotes.metrics.feature_functions.parts import coverage
from gannotes.metrics.feature_functions.shape import (
    area,
    centre_x,
    centre_y,
    compactness,
    elongation,
    extent,
    orientation,
    second_moments,
    symmetry,
)
from gannotes.metrics.feature_functions.texture import (
    anisotropy,
    contrast,
    gradient_energy,
    high_frequencies,
    local_patterns,
    pattern_entropy,
    radial_power,
    spectral_slope,
)
import numpy as np
import pandas as pd

__all__ = [
    "FAMILIES", "FEATURES", "Feature", "anisotropy", "area", "brightness", "centre_x", "centre_y",
    "compactness", "contrast", "coverage", "elongation", "extent", "gradient_energy",
    "high_frequencies", "hue", "hue_gap", "hue_histogram", "hue_spread", "local_patterns",
    "mean_colour", "measure", "of_columns", "orientation", "pattern_entropy", "radial_power",
    "round_distance", "saturation", "second_moments", "spectral_slope", "symmetry",
]  # fmt: skip


@dataclass(frozen=True)
class Feature:
    """A feature function with its name.

    Attributes:
        family: "colour", "shape" or "texture".
        unit: of its numbers.
        function: of images (n, height, width, channels) in [-1, 1]; gives (n,).
        period: of a number that goes round, such as an angle; None for others.
    """

    name: str
    family: str
    unit: str
    function: Callable
    period: float | None = None

    def __call__(self, images):
        return self.function(images)


def of_columns(function, columns):
    """A feature function that looks at some columns of the picture only.

    Args:
        function: of images.
        columns: a slice.
    """
    return lambda images: function(images[:, :, columns])


# Of two parts


def round_distance(first, second, period):
    """Distance of numbers that go round, the shorter way: 0 to period / 2."""
    return abs((first - second + period / 2) % period - period / 2)


def hue_gap(images):
    """How far the hues of the left and of the right half are apart: 0 to ½ turn; ½ if one is empty."""
    half = images.shape[2] // 2
    sides = [images[:, :, :half], images[:, :, -half:]]
    gap = round_distance(*map(hue, sides), 1.0)
    there = np.min([coverage(side).sum(axis=(1, 2)) for side in sides], axis=0) >= 1
    return np.where(there, gap, 0.5)


def _named(family, **features):
    return {
        name: Feature(name, family, *about)
        for name, about in ((key.replace("_", " "), value) for key, value in features.items())
    }


FEATURES = (
    _named(
        "colour",
        brightness=("0 to 1", brightness),
        hue=("turns", hue, 1.0),
        hue_spread=("0 to 1", hue_spread),
        saturation=("0 to 1", saturation),
    )
    | _named(
        "shape",
        area=("share of the picture", area),
        centre_x=("half-widths", centre_x),
        centre_y=("half-widths", centre_y),
        extent=("half-widths", extent),
        elongation=("0 to 1", elongation),
        orientation=("degrees", orientation, 180.0),
        threefold=("0 to 1", lambda images: abs(symmetry(images, 3))),
        fourfold=("0 to 1", lambda images: abs(symmetry(images, 4))),
        compactness=("1 for a disc", compactness),
    )
    | _named(
        "texture",
        contrast=("deviation over mean", contrast),
        gradient_energy=("squared luma a pixel", gradient_energy),
        anisotropy=("0 to 1", anisotropy),
        pattern_entropy=("bits", pattern_entropy),
        high_frequencies=("share of power", high_frequencies),
        spectral_slope=("log power over log frequency", spectral_slope),
    )
)
FAMILIES = ("colour", "shape", "texture")


def measure(images, names=None):
    """Features of images: a `pandas.DataFrame` with a row an image and a column a feature.

    Args:
        images: (n, height, width, 1 or 3), in [-1, 1].
        names: of features in FEATURES; all by default.

    Raises:
        ValueError: no such feature, or no such images.
    """
    for name in names or ():
        check_choice("feature", name, FEATURES)
    return pd.DataFrame({name: FEATURES[name](images) for name in names or FEATURES})
