"""Gabor functions: which one an atom resembles most, and how much.

A Gabor function is a wave under a bell, the shape of edge detectors in eyes and networks:
exp(-|p - c|² / 2σ²)·cos(2π f·(p - c) + φ), with p in pixels, (x to the right, y downwards).
"""

import functools
import itertools

from gannotes.checks import check_count, check_weight
import numpy as np

ORIENTATIONS, FREQUENCIES, CENTRES = 16, 8, 6


def draw(side, frequency, orientation, phase=0.0, width=None, centre=None):
    """One Gabor function on a square of pixels, (side, side).

    Args:
        frequency: |f|, in cycles a pixel.
        orientation: of f, across the stripes, in radians from the x axis; 0 has upright stripes.
        phase: φ, in radians; 0 is even, π/2 odd.
        width: σ in pixels; a quarter of the side by default.
        centre: c, ``(x, y)``; the middle by default.
    """
    check_count("side", side, minimum=2)
    check_weight("frequency", frequency, maximum=0.5)
    width = side / 4 if width is None else width
    middle = (side - 1) / 2
    (left, top) = (middle, middle) if centre is None else centre
    y, x = np.mgrid[:side, :side] - np.array([top, left])[:, None, None]
    along = np.cos(orientation) * x + np.sin(orientation) * y
    return np.exp(-(x**2 + y**2) / (2 * width**2)) * np.cos(2 * np.pi * frequency * along + phase)


def fit(pictures):
    """The Gabor function nearest to each picture, of a few thousand, at its best phase and height.

    Args:
        pictures: (n, side, side).

    Returns:
        Arrays (n,) by name: ``share`` of the picture's squared length that it holds, 0 to 1;
        ``frequency`` in cycles a pixel; ``orientation`` in radians, 0 to π; ``width`` in pixels.
    """
    pictures = np.asarray(pictures, float)
    if pictures.ndim != 3 or pictures.shape[1] != pictures.shape[2]:
        raise ValueError(f"Pictures must be (n, side, side). Received: {pictures.shape}")
    flat = pictures.reshape(len(pictures), -1)
    settings, planes = _bank(pictures.shape[1])  # (bank, 3), (bank, pixels, 2)
    held = np.square(np.einsum("np,bpk->nbk", flat, planes, optimize=True)).sum(axis=-1)
    best = held.argmax(axis=1)
    lengths = np.square(flat).sum(axis=1)
    share = held[np.arange(len(flat)), best] / np.where(lengths > 0, lengths, 1)
    names = ("frequency", "orientation", "width")
    return {"share": share, **dict(zip(names, settings[best].T, strict=True))}


@functools.cache
def _bank(side):
    """Settings, and for each an orthonormal basis of its Gabor functions of all phases."""
    places = np.linspace(side / 8 - 0.5, side * 7 / 8 - 0.5, CENTRES)
    settings, planes = [], []
    for frequency, k, width, x, y in itertools.product(
        np.linspace(1 / (2 * side), 0.5, FREQUENCIES, endpoint=False),
        range(ORIENTATIONS),
        side * np.array([0.12, 0.18, 0.26, 0.38]),
        places,
        places,
    ):
        turn = np.pi * k / ORIENTATIONS
        pair = [draw(side, frequency, turn, phase, width, (x, y)) for phase in (0, np.pi / 2)]
        settings.append((frequency, turn, width))
        planes.append(np.reshape(pair, (2, -1)).T)
    return np.array(settings), np.linalg.qr(np.array(planes))[0]
