"""Colour: of the picture, and of the object in it."""

from gannotes.checks import check_count
from gannotes.metrics.features.parts import (
    LUMA,
    as_rgb,
    coverage,
    feature,
    mean_over,
    ratio,
    round_distance,
)
import numpy as np


def mean_colour(images):
    """Mean of red, green and blue, from 0 to 1, (n, 3)."""
    return as_rgb(images).mean(axis=(1, 2))


@feature("colour", "0 to 1")
def brightness(images):
    """Mean luma (Rec. 601) of the picture: 0 is black, 1 white."""
    return mean_colour(images) @ LUMA


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
    colours, weights = chroma(images), coverage(images)
    return 1 - ratio(abs(mean_over(colours, weights)), mean_over(abs(colours), weights), empty=1)


def hue_histogram(images, bins=12):
    """Share of the object's chroma in each part of the colour circle, (n, bins); the first starts at red."""
    check_count("bins", bins)
    colours = chroma(images)
    weights = coverage(images) * abs(colours)
    place = np.floor(np.angle(colours) / (2 * np.pi) % 1 * bins).astype(int) % bins
    return np.stack([mean_over(place == k, weights) for k in range(bins)], axis=1)


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
    gap = round_distance(*map(hue, sides), 1.0)
    there = np.min([coverage(side).sum(axis=(1, 2)) for side in sides], axis=0) >= 1
    return np.where(there, gap, 0.5)
