"""Feature functions: named numbers of an image, of its colour, its shape and its texture.

Each takes images (n, height, width, 1 or 3) in [-1, 1] and gives a number an image, (n,); some give
a row, of which others make a number. They compose: `of_columns(hue, slice(0, 8))` is the hue of a
part. Places are counted in half-widths of the picture, x to the right and y upwards from its middle,
as in `shapes`.

What differs from the border's median colour is the **object**. Without one, its features are 0.
"""

from collections.abc import Callable
from dataclasses import dataclass

from gannotes.checks import check_choice, check_count, check_images
import numpy as np
import pandas as pd
from scipy import ndimage
from skimage.feature import local_binary_pattern
from skimage.measure import perimeter_crofton

HAZE, OBJECT = 0.1, 0.3  # a pixel that differs by less is not the object's, by more is it wholly
LUMA = np.array([0.299, 0.587, 0.114])


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


# What the functions are made of


def _rgb(images):
    """Colours in [0, 1], (n, height, width, 3)."""
    check_images(images)
    if images.ndim != 4 or images.shape[-1] not in (1, 3):
        raise ValueError(
            "Feature functions take images (n, height, width, 1 or 3). "
            f"Received: shape {images.shape}"
        )
    unit = (images.astype(float) + 1) / 2
    return np.repeat(unit, 3, axis=-1) if images.shape[-1] == 1 else unit


def _luma(images):
    """Brightness of each pixel, from 0 to 1, (n, height, width)."""
    return _rgb(images) @ LUMA


def coverage(images):
    """How much of each pixel is the object's: 0 to 1, (n, height, width).

    By the difference from the background in the channel where it is greatest: up to HAZE nothing, from
    OBJECT on all, of the range from black to white.
    """
    rgb = _rgb(images)
    edges = rgb[:, 0], rgb[:, -1], rgb[:, :, 0], rgb[:, :, -1]
    background = np.median(np.concatenate(edges, axis=1), axis=1)[:, None, None]
    difference = abs(rgb - background).max(axis=-1)
    return np.clip((difference - HAZE) / (OBJECT - HAZE), 0, 1)


def _interior(images):
    """Pixels whose neighbours are all the object's, (n, height, width), 0 or 1."""
    filled = ndimage.minimum_filter(coverage(images), (1, 3, 3), mode="constant")
    return (filled > 0.99).astype(float)


def _ratio(top, bottom, empty=0.0):
    """top / bottom, and `empty` where bottom is (nearly) 0."""
    return np.divide(top, bottom, np.full_like(top, empty), where=bottom > 1e-9)


def _mean(values, weights):
    """Weighted mean over each picture; 0 where all weights are."""
    return _ratio((weights * values).sum(axis=(1, 2)), weights.sum(axis=(1, 2)))


def _places(images):
    """x (1, 1, width) and y (1, height, 1) of the pixels' centres, in half-widths."""
    height, width = images.shape[1:3]
    x = (2 * np.arange(width) + 1 - width) / width
    y = (height - 2 * np.arange(height) - 1) / width
    return x[None, None], y[None, :, None]


# Colour


def mean_colour(images):
    """Mean of red, green and blue, from 0 to 1, (n, 3)."""
    return _rgb(images).mean(axis=(1, 2))


def brightness(images):
    """Mean luma (Rec. 601) of the picture: 0 is black, 1 white."""
    return mean_colour(images) @ LUMA


def _chroma(images):
    """Colour of each pixel without its brightness, as a point of the plane: complex (n, h, w).

    Its angle is the hue: 0 for red, a third of a turn for green; its size is 1 for pure colours.
    """
    red, green, blue = np.moveaxis(_rgb(images), -1, 0)
    return red - (green + blue) / 2 + 1j * np.sqrt(3) / 2 * (green - blue)


def hue(images):
    """Hue of the object's mean colour, in turns: 0 is red, ⅓ green, ⅔ blue.

    The angle in the plane of chroma; it differs from HSV's, along a hexagon, by at most 0.004 turns.
    """
    return np.angle(_mean(_chroma(images), coverage(images))) / (2 * np.pi) % 1


def hue_spread(images):
    """How far the object's hues are spread: 0 where it has one, 1 where they cancel."""
    colours, weights = _chroma(images), coverage(images)
    return 1 - _ratio(abs(_mean(colours, weights)), _mean(abs(colours), weights), empty=1)


def hue_histogram(images, bins=12):
    """Share of the object's chroma in each part of the colour circle, (n, bins); the first starts at red."""
    check_count("bins", bins)
    colours = _chroma(images)
    weights = coverage(images) * abs(colours)
    place = np.floor(np.angle(colours) / (2 * np.pi) % 1 * bins).astype(int) % bins
    return np.stack([_mean(place == k, weights) for k in range(bins)], axis=1)


def saturation(images):
    """Mean saturation of the object: greatest less least channel over the greatest; 0 grey, 1 pure."""
    rgb = _rgb(images)
    most = rgb.max(axis=-1)
    return _mean(_ratio(most - rgb.min(axis=-1), most), coverage(images))


# Shape


def area(images):
    """Share of the picture that is the object's, from 0 to 1."""
    return coverage(images).mean(axis=(1, 2))


def _from_centre(images):
    """The object's weights, and each pixel's place from its centre as x + iy."""
    x, y = _places(images)
    weights, places = coverage(images), x + 1j * y
    return weights, places - _mean(places, weights)[:, None, None]


def centre_x(images):
    """The object's centre of mass, to the right of the middle, in half-widths."""
    return _mean(_places(images)[0], coverage(images))


def centre_y(images):
    """The object's centre of mass, above the middle, in half-widths."""
    return _mean(_places(images)[1], coverage(images))


def second_moments(images):
    """Variance of x, variance of y and their covariance over the object, (n, 3), in half-widths²."""
    weights, place = _from_centre(images)
    products = place.real**2, place.imag**2, place.real * place.imag
    return np.stack([_mean(product, weights) for product in products], axis=1)


def extent(images):
    """Radius of gyration: root mean squared distance of the object from its centre, in half-widths."""
    return np.sqrt(second_moments(images)[:, :2].sum(axis=1))


def _axes(images):
    """Second moments as trace, difference and twice the covariance, (n,) each."""
    xx, yy, xy = second_moments(images).T
    return xx + yy, xx - yy, 2 * xy


def elongation(images):
    """1 less the ratio of the shorter to the longer axis of the second moments: 0 round, 1 a line."""
    trace, difference, twice = _axes(images)
    root = np.hypot(difference, twice)
    return 1 - np.sqrt(np.maximum(_ratio(trace - root, trace + root, empty=1), 0))


def orientation(images):
    """Direction of the second moments' longer axis, in degrees from level, 0 to 180, anticlockwise."""
    _, difference, twice = _axes(images)
    return np.rad2deg(np.arctan2(twice, difference) / 2) % 180


def symmetry(images, fold):
    """The object's part that repeats `fold` times in a turn: a complex number, (n,).

    Σ w·(x + iy)^fold / Σ w·|x + iy|^fold about the centre: its size, 0 to 1, says how strong, its
    phase over `fold` how the object is turned. A triangle has a threefold part, a square and a cross
    fourfold ones of opposite sign, a circle none.
    """
    check_count("fold", fold)
    weights, place = _from_centre(images)
    return _ratio(_mean(place**fold, weights), _mean(abs(place) ** fold, weights))


def compactness(images):
    """4π·area / perimeter² of the object: 1 for a disc, π/4 for a square; lower the more ragged.

    The perimeter is Crofton's, of the pixels at least half covered, which in small pictures is rough.
    """
    inside = np.pad(coverage(images) >= 0.5, ((0, 0), (1, 1), (1, 1)))
    perimeters = np.array([perimeter_crofton(mask, directions=4) for mask in inside])
    areas = inside.sum(axis=(1, 2))
    return 4 * np.pi * _ratio(areas.astype(float), perimeters**2)


# Texture


def contrast(images):
    """Standard deviation over mean of the brightest channel within the object: 0 where it is plain."""
    value, inside = _rgb(images).max(axis=-1), _interior(images)
    mean = _mean(value, inside)
    return _ratio(np.sqrt(_mean((value - mean[:, None, None]) ** 2, inside)), mean)


def gradient_energy(images):
    """Mean squared difference of a pixel's luma to its right and to its lower neighbour, summed."""
    luma = _luma(images)
    return sum((np.diff(luma, axis=axis) ** 2).mean(axis=(1, 2)) for axis in (1, 2))


def anisotropy(images):
    """Coherence of the structure tensor within the object: 1 for stripes, 0 for checks or plain.

    Slopes are those of two by two pixels.
    """
    value, inside = _rgb(images).max(axis=-1), _interior(images)
    upper, lower = value[:, :-1], value[:, 1:]
    down = (lower - upper)[:, :, 1:] + (lower - upper)[:, :, :-1]
    right = np.diff(upper + lower, axis=2)
    squares = inside[:, :-1, :-1] * inside[:, :-1, 1:] * inside[:, 1:, :-1] * inside[:, 1:, 1:]
    xx, yy, xy = (_mean(product, squares) for product in (right**2, down**2, right * down))
    return _ratio(np.hypot(xx - yy, 2 * xy), xx + yy)


def local_patterns(images):
    """Histogram of local binary patterns, (n, 10): which of 8 neighbours are at least as bright.

    Rotation-invariant "uniform" patterns by the number of such neighbours, 0 to 8, and all others.

    Reference: Ojala, Pietikäinen, Mäenpää 2002.
    """
    grey = np.rint(255 * _luma(images)).astype("uint8")
    found = [local_binary_pattern(picture, 8, 1, "uniform").astype(int).ravel() for picture in grey]
    return np.stack([np.bincount(codes, minlength=10) / codes.size for codes in found])


def pattern_entropy(images):
    """Entropy of the local binary patterns, in bits: 0 where all places look alike, at most 3.32."""
    shares = local_patterns(images)
    return -(shares * np.log2(np.where(shares > 0, shares, 1))).sum(axis=1)


def radial_power(images):
    """Mean power of luma at each spatial frequency, (n, frequencies): rings of 1, 2, … periods.

    Periods across the shorter side, up to its half (Nyquist); of a Fourier transform over the number
    of pixels, so that white noise of variance v has power v / pixels everywhere.
    """
    luma = _luma(images)
    height, width = luma.shape[1:]
    side = min(height, width)
    power = abs(np.fft.fft2(luma) / (height * width)) ** 2
    down, right = np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)[None]
    ring = np.rint(side * np.hypot(down, right)).astype(int)  # (height, width)
    return np.stack([power[:, ring == k].mean(axis=1) for k in range(1, side // 2 + 1)], axis=1)


def high_frequencies(images):
    """Share of the rings' power beyond half the Nyquist frequency."""
    power = radial_power(images)
    total = power.sum(axis=1)
    return _ratio(power[:, power.shape[1] // 2 :].sum(axis=1), total)


def spectral_slope(images):
    """Slope of log power over log frequency; of natural images about −2."""
    power = np.log(np.maximum(radial_power(images), 1e-12))
    frequency = np.log(np.arange(1, power.shape[1] + 1))
    centred = frequency - frequency.mean()
    return power @ centred / (centred @ centred)


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
