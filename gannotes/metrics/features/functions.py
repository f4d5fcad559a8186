"""Feature functions of an image's colour, shape and texture, and the object in the picture."""

from gannotes.checks import check_count, check_images
import numpy as np
from scipy import ndimage, stats
from skimage.feature import local_binary_pattern
from skimage.measure import perimeter_crofton

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
        raise ValueError(f"Features take images (n, h, w, 1 or 3). Received: {images.shape}")
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
    filled = coverage(images) > 0.99
    return ndimage.minimum_filter(filled, (1, 3, 3), mode="constant").astype(float)


def ratio(top, bottom, empty=0.0):
    """top / bottom, and `empty` where bottom is (nearly) 0."""
    return np.divide(top, bottom, np.full_like(top, empty), where=bottom > 1e-9)


def mean_over(values, weights):
    """Weighted mean over each picture; 0 where all weights are."""
    return ratio((weights * values).sum(axis=(1, 2)), weights.sum(axis=(1, 2)))


def agreement(vectors, weights, power, empty=0.0):
    """Σ w·vᵖ / Σ w·|v|ᵖ over each picture, of complex v: its size is 0 to 1, 1 for one direction."""
    means = (mean_over(values**power, weights) for values in (vectors, abs(vectors)))
    return ratio(*means, empty)


def pixel_places(images):
    """The pixels' centres as x + iy, (height, width), in half-widths."""
    height, width = images.shape[1:3]
    x = (2 * np.arange(width) + 1 - width) / width
    y = (height - 2 * np.arange(height) - 1) / width
    return x + 1j * y[:, None]


@feature("colour", "0 to 1")
def brightness(images):
    """Mean luma (Rec. 601) of the picture: 0 is black, 1 white."""
    return as_luma(images).mean(axis=(1, 2))


def chroma(images):
    """Colour of each pixel without its brightness: complex (n, h, w), the angle is the hue."""
    red, green, blue = np.moveaxis(as_rgb(images), -1, 0)
    return red - (green + blue) / 2 + 1j * np.sqrt(3) / 2 * (green - blue)


@feature("colour", "turns", period=1.0)
def hue(images):
    """Hue of the object's mean colour: 0 is red, ⅓ green, ⅔ blue; within 0.004 turns of HSV's."""
    return np.angle(mean_over(chroma(images), coverage(images))) / (2 * np.pi) % 1


@feature("colour", "0 to 1")
def hue_spread(images):
    """How far the object's hues are spread: 0 where it has one, 1 where they cancel."""
    return 1 - abs(agreement(chroma(images), coverage(images), 1, empty=1))


@feature("colour", "0 to 1")
def saturation(images):
    """Mean saturation of the object: greatest less least channel over the greatest; 0 grey, 1 pure."""
    rgb = as_rgb(images)
    most = rgb.max(axis=-1)
    return mean_over(ratio(most - rgb.min(axis=-1), most), coverage(images))


def hue_gap(images):
    """How far the hues of the left and of the right half are apart: 0 to ½ turn; ½ if one is empty."""
    half = images.shape[2] // 2
    sides = [images[:, :, :half], images[:, :, -half:]]
    there = np.min([coverage(side).sum(axis=(1, 2)) for side in sides], axis=0) >= 1
    return np.where(there, round_distance(*map(hue, sides), 1.0), 0.5)


@feature("shape", "share of the picture")
def area(images):
    """Share of the picture that is the object's, from 0 to 1."""
    return coverage(images).mean(axis=(1, 2))


def centre(images):
    """The object's centre of mass as x + iy, (n,), in half-widths."""
    return mean_over(pixel_places(images), coverage(images))


def from_centre(images):
    """Each pixel's place from the object's centre as x + iy, (n, height, width)."""
    return pixel_places(images) - centre(images)[:, None, None]


@feature("shape", "half-widths")
def centre_x(images):
    """The object's centre of mass, to the right of the middle, in half-widths."""
    return centre(images).real


@feature("shape", "half-widths")
def centre_y(images):
    """The object's centre of mass, above the middle, in half-widths."""
    return centre(images).imag


def second_moments(images):
    """Variance of x, variance of y and their covariance over the object, (n, 3), in half-widths²."""
    weights, place = coverage(images), from_centre(images)
    products = place.real**2, place.imag**2, place.real * place.imag
    return np.stack([mean_over(product, weights) for product in products], axis=1)


@feature("shape", "half-widths")
def extent(images):
    """Radius of gyration: root mean squared distance of the object from its centre, in half-widths."""
    return np.sqrt(second_moments(images)[:, :2].sum(axis=1))


def symmetry(images, fold):
    """The object's part that repeats `fold` times in a turn: a complex number, (n,).

    Σ w·(x + iy)^fold / Σ w·|x + iy|^fold about the centre: its size is 0 to 1, its phase over `fold`
    the turn. A triangle has a threefold part, a square and a cross fourfold ones of opposite sign.
    """
    check_count("fold", fold)
    return agreement(from_centre(images), coverage(images), fold)


@feature("shape", "0 to 1")
def elongation(images):
    """1 less the ratio of the shorter to the longer axis of the second moments: 0 round, 1 a line."""
    twofold = abs(symmetry(images, 2))  # of axes a and b: (a² - b²) / (a² + b²)
    return 1 - np.sqrt(np.maximum(1 - twofold, 0) / (1 + twofold))


@feature("shape", "degrees", period=180.0)
def orientation(images):
    """Direction of the second moments' longer axis, in degrees from level, 0 to 180, anticlockwise."""
    return np.angle(symmetry(images, 2), deg=True) / 2 % 180


@feature("shape", "0 to 1")
def threefold(images):
    """Size of the object's threefold part; see `symmetry`."""
    return abs(symmetry(images, 3))


@feature("shape", "0 to 1")
def fourfold(images):
    """Size of the object's fourfold part; see `symmetry`."""
    return abs(symmetry(images, 4))


@feature("shape", "1 for a disc")
def compactness(images):
    """4π·area / perimeter² of the object: 1 for a disc, π/4 for a square; lower the more ragged.

    Crofton's perimeter in four directions of the pixels at least half covered: within 7 %.
    """
    inside = np.pad(coverage(images) >= 0.5, ((0, 0), (1, 1), (1, 1)))
    perimeters = np.array([perimeter_crofton(mask, directions=4) for mask in inside])
    return 4 * np.pi * ratio(inside.sum(axis=(1, 2), dtype=float), perimeters**2)


@feature("texture", "deviation over mean")
def contrast(images):
    """Standard deviation over mean of the brightest channel within the object: 0 where it is plain."""
    value, inside = as_rgb(images).max(axis=-1), interior(images)
    mean = mean_over(value, inside)
    return ratio(np.sqrt(mean_over((value - mean[:, None, None]) ** 2, inside)), mean)


@feature("texture", "squared luma a pixel")
def gradient_energy(images):
    """Mean squared difference of a pixel's luma to its right and to its lower neighbour, summed."""
    luma = as_luma(images)
    return sum((np.diff(luma, axis=axis) ** 2).mean(axis=(1, 2)) for axis in (1, 2))


@feature("texture", "0 to 1")
def anisotropy(images):
    """Coherence of the structure tensor, of 2×2 pixels: 1 for stripes, 0 for checks or plain."""
    value, inside = as_rgb(images).max(axis=-1), interior(images)
    upper, lower = value[:, :-1], value[:, 1:]
    down = (lower - upper)[:, :, 1:] + (lower - upper)[:, :, :-1]
    right = np.diff(upper + lower, axis=2)
    squares = inside[:, :-1, :-1] * inside[:, :-1, 1:] * inside[:, 1:, :-1] * inside[:, 1:, 1:]
    return abs(agreement(right + 1j * down, squares, 2))


def local_patterns(images):
    """Histogram of local binary patterns, (n, 10), rotation-invariant and "uniform".

    By how many of 8 neighbours are at least as bright, 0 to 8; last, patterns that are not uniform.

    Reference: Ojala, Pietikäinen, Mäenpää 2002.
    """
    grey = np.rint(255 * as_luma(images)).astype("uint8")
    found = [local_binary_pattern(picture, 8, 1, "uniform").astype(int).ravel() for picture in grey]
    return np.stack([np.bincount(codes, minlength=10) / codes.size for codes in found])


@feature("texture", "bits")
def pattern_entropy(images):
    """Entropy of the local binary patterns, in bits: 0 where all places look alike, at most 3.32."""
    return stats.entropy(local_patterns(images), base=2, axis=1)


def radial_power(images):
    """Mean power of luma at each spatial frequency, (n, frequencies): rings of 1, 2, … periods.

    Periods across the shorter side, up to its half (Nyquist). White noise of variance v has power
    v / pixels everywhere.
    """
    luma = as_luma(images)
    height, width = luma.shape[1:]
    side = min(height, width)
    power = abs(np.fft.fft2(luma) / (height * width)) ** 2
    down, right = np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)[None]
    ring = np.rint(side * np.hypot(down, right)).astype(int)  # (height, width)
    return np.stack([power[:, ring == k].mean(axis=1) for k in range(1, side // 2 + 1)], axis=1)


@feature("texture", "share of power")
def high_frequencies(images):
    """Share of the rings' power beyond half the Nyquist frequency."""
    power = radial_power(images)
    return ratio(power[:, power.shape[1] // 2 :].sum(axis=1), power.sum(axis=1))


@feature("texture", "log power over log frequency")
def spectral_slope(images):
    """Slope of log power over log frequency; of natural images about −2."""
    power = np.log(np.maximum(radial_power(images), 1e-12))
    frequency = np.log(np.arange(1, power.shape[1] + 1))
    return np.polyfit(frequency, power.T, 1)[0]
