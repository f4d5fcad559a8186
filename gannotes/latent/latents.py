"""Points of a latent space: drawn, shifted along directions, walked between."""

from gannotes.checks import check_choice, check_count, check_weight
import numpy as np


def draw(count, size, seed, truncation=1.0):
    """Gaussian latents, (count, size), float32, scaled by ψ.

    Args:
        truncation: ψ in [0, 1]; less makes images more alike, and often better.
    """
    check_count("count", count)
    check_weight("truncation", truncation, maximum=1)
    drawn = np.random.default_rng(seed).standard_normal((count, size))
    return (truncation * drawn).astype("float32")


def name_directions(size, coordinates=None, directions=None, names=None):
    """Directions through a latent space, ``{name: array (size,)}``.

    Args:
        size: of the latents.
        coordinates: of the latents, as directions named z0, z1 …; the first four if there are no
            other directions.
        directions: array (directions, size), or ``{name: (size,)}``; after the coordinates.
        names: of these, if it is an array; d0, d1 … by default.
    """
    if coordinates is None:
        coordinates = range(min(4, size)) if directions is None else ()
    if isinstance(directions, dict):
        names, directions = list(directions), list(directions.values())
    directions = np.zeros((0, size)) if directions is None else np.asarray(directions, float)
    if directions.ndim != 2 or directions.shape[1] != size or not np.isfinite(directions).all():
        raise ValueError(
            f"directions must be finite, of shape (directions, {size}). "
            f"Received: shape {directions.shape}"
        )
    if names is None:
        names = [f"d{number}" for number in range(len(directions))]
    for coordinate in coordinates:
        if coordinate not in range(size):
            raise ValueError(f"Coordinates lie in 0 to {size - 1}. Received: {coordinate}")
    named = [f"z{coordinate}" for coordinate in coordinates] + [str(name) for name in names]
    found = np.concatenate([np.eye(size)[list(coordinates)], directions]).astype("float32")
    if len(named) != len(found) or len(set(named)) != len(named):
        raise ValueError(
            f"Each direction must have a name of its own. Received: {len(found)} directions, "
            f"named {', '.join(named)}"
        )
    return dict(zip(named, found, strict=True))


def between(first, second, share, path="sphere"):
    """Latents on the way from one point to another.

    On the sphere: sin((1 - t)·Ω)/sin(Ω)·a + sin(t·Ω)/sin(Ω)·b, with Ω the angle between a and b.
    Gaussian latents all lie near a sphere of radius √size, which the straight way leaves; where a
    and b point the same way, or opposite ways, the straight way is taken.

    Args:
        first, second: (n, size); each row goes its own way.
        share: t, how far on the way; 0 gives `first`, 1 `second`.
        path: "sphere" or "line".

    Reference: Shoemake 1985, section 3.3; White 2016, section 2.1.
    """
    check_choice("path", path, ("sphere", "line"))
    first, second = np.asarray(first, float), np.asarray(second, float)
    straight = (1 - share) * first + share * second
    if path == "line":
        return straight.astype("float32")
    lengths = np.linalg.norm(first, axis=-1) * np.linalg.norm(second, axis=-1)
    cosines = (first * second).sum(axis=-1) / np.where(lengths > 0, lengths, 1)
    angles = np.arccos(np.clip(cosines, -1, 1))[..., None]
    sines = np.sin(angles)
    is_arc = (sines > 1e-4) & (lengths > 0)[..., None]
    weights = [np.sin(part * angles) / np.where(is_arc, sines, 1) for part in (1 - share, share)]
    arc = weights[0] * first + weights[1] * second
    return np.where(is_arc, arc, straight).astype("float32")


def along(points, share, path="sphere"):
    """Latents on a way through points (n, size): share 1.5 is half-way from the second to the third."""
    last = len(points) - 1
    check_weight("share", share, maximum=last)
    start = min(int(share), max(last - 1, 0))
    return between(points[start], points[min(start + 1, last)], share - start, path)
