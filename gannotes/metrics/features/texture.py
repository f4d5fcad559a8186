"""Texture: how brightness changes from pixel to pixel."""

from gannotes.metrics.features.parts import as_luma, as_rgb, feature, interior, mean_over, ratio
import numpy as np
from skimage.feature import local_binary_pattern


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
    xx, yy, xy = (mean_over(product, squares) for product in (right**2, down**2, right * down))
    return ratio(np.hypot(xx - yy, 2 * xy), xx + yy)


def local_patterns(images):
    """Histogram of local binary patterns, (n, 10): which of 8 neighbours are at least as bright.

    Rotation-invariant "uniform" patterns by the number of such neighbours, 0 to 8, and all others.

    Reference: Ojala, Pietikäinen, Mäenpää 2002.
    """
    grey = np.rint(255 * as_luma(images)).astype("uint8")
    found = [local_binary_pattern(picture, 8, 1, "uniform").astype(int).ravel() for picture in grey]
    return np.stack([np.bincount(codes, minlength=10) / codes.size for codes in found])


@feature("texture", "bits")
def pattern_entropy(images):
    """Entropy of the local binary patterns, in bits: 0 where all places look alike, at most 3.32."""
    shares = local_patterns(images)
    return -(shares * np.log2(np.where(shares > 0, shares, 1))).sum(axis=1)


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
    total = power.sum(axis=1)
    return ratio(power[:, power.shape[1] // 2 :].sum(axis=1), total)


@feature("texture", "log power over log frequency")
def spectral_slope(images):
    """Slope of log power over log frequency; of natural images about −2."""
    power = np.log(np.maximum(radial_power(images), 1e-12))
    frequency = np.log(np.arange(1, power.shape[1] + 1))
    centred = frequency - frequency.mean()
    return power @ centred / (centred @ centred)
