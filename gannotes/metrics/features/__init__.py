"""Feature functions: named numbers of an image, of its colour, its shape and its texture.

Each takes images (n, height, width, 1 or 3) in [-1, 1] and gives a number an image, (n,); some give
a row, of which others make a number. Places are counted in half-widths of the picture, x to the
right and y upwards from its middle, as in `shapes`.

What differs from the border's median colour is the **object**. Without one, its features are 0.
"""
# ruff: noqa: F401, F403, as the names are for others

from gannotes.checks import check_choice
from gannotes.metrics.features.colour import *
from gannotes.metrics.features.compare import feature_distances, histogram_distance
from gannotes.metrics.features.parts import FEATURES, coverage, of_columns, round_distance
from gannotes.metrics.features.shape import *
from gannotes.metrics.features.texture import *
import pandas as pd

FAMILIES = ("colour", "shape", "texture")


def measure(images, names=None):
    """Features of images: a `pandas.DataFrame` with a row an image and a column a feature.

    Args:
        images: (n, height, width, 1 or 3), in [-1, 1].
        names: of features in FEATURES; all by default.
    """
    for name in names or ():
        check_choice("feature", name, FEATURES)
    return pd.DataFrame({name: FEATURES[name](images) for name in names or FEATURES})
