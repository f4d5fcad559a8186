"""Shape: where the object is, how large, how long, how it is turned, how ragged."""

from gannotes.checks import check_count
from gannotes.metrics.features.parts import coverage, feature, mean_over, pixel_places, ratio
import numpy as np
from skimage.measure import perimeter_crofton


@feature("shape", "share of the picture")
def area(images):
    """Share of the picture that is the object's, from 0 to 1."""
    return coverage(images).mean(axis=(1, 2))


def _from_centre(images):
    """The object's weights, and each pixel's place from its centre as x + iy."""
    x, y = pixel_places(images)
    weights, places = coverage(images), x + 1j * y
    return weights, places - mean_over(places, weights)[:, None, None]


@feature("shape", "half-widths")
def centre_x(images):
    """The object's centre of mass, to the right of the middle, in half-widths."""
    return mean_over(pixel_places(images)[0], coverage(images))


@feature("shape", "half-widths")
def centre_y(images):
    """The object's centre of mass, above the middle, in half-widths."""
    return mean_over(pixel_places(images)[1], coverage(images))


def second_moments(images):
    """Variance of x, variance of y and their covariance over the object, (n, 3), in half-widths²."""
    weights, place = _from_centre(images)
    products = place.real**2, place.imag**2, place.real * place.imag
    return np.stack([mean_over(product, weights) for product in products], axis=1)


@feature("shape", "half-widths")
def extent(images):
    """Radius of gyration: root mean squared distance of the object from its centre, in half-widths."""
    return np.sqrt(second_moments(images)[:, :2].sum(axis=1))


def _axes(images):
    """Second moments as trace, difference and twice the covariance, (n,) each."""
    xx, yy, xy = second_moments(images).T
    return xx + yy, xx - yy, 2 * xy


@feature("shape", "0 to 1")
def elongation(images):
    """1 less the ratio of the shorter to the longer axis of the second moments: 0 round, 1 a line."""
    trace, difference, twice = _axes(images)
    root = np.hypot(difference, twice)
    return 1 - np.sqrt(np.maximum(ratio(trace - root, trace + root, empty=1), 0))


@feature("shape", "degrees", period=180.0)
def orientation(images):
    """Direction of the second moments' longer axis, in degrees from level, 0 to 180, anticlockwise."""
    _, difference, twice = _axes(images)
    return np.rad2deg(np.arctan2(twice, difference) / 2) % 180


def symmetry(images, fold):
    """The object's part that repeats `fold` times in a turn: a complex number, (n,).

    Σ w·(x + iy)^fold / Σ w·|x + iy|^fold about the centre: its size is 0 to 1, its phase over `fold`
    the turn. A triangle has a threefold part, a square and a cross fourfold ones of opposite sign.
    """
    check_count("fold", fold)
    weights, place = _from_centre(images)
    return ratio(mean_over(place**fold, weights), mean_over(abs(place) ** fold, weights))


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

    The perimeter is Crofton's, of the pixels at least half covered, by four directions: within 7 %.
    """
    inside = np.pad(coverage(images) >= 0.5, ((0, 0), (1, 1), (1, 1)))
    perimeters = np.array([perimeter_crofton(mask, directions=4) for mask in inside])
    areas = inside.sum(axis=(1, 2))
    return 4 * np.pi * ratio(areas.astype(float), perimeters**2)
