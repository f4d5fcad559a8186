"""Points of a latent space: drawn, shifted along directions, walked between."""

from gannotes.checks import check_choice, check_count, check_weight
import numpy as np


def draw(count, size, seed, truncation=1.0):
    """Gaussian latents, (count, size), float32, times `truncation`, ψ in [0, 1].

    Less of it makes images more alike, and often better.
    """
    check_count("count", count)
    check_weight("truncation", truncation, maximum=1)
    drawn = np.random.default_rng(seed).standard_normal((count, size))
    return (truncation * drawn).astype("float32")


def name_directions(size, directions=None, names=None):
    """Directions through a latent space, ``{name: array (size,)}``.

    By default these are the first four coordinates, z0 to z3. Else they are given by name, or as
    an array (directions, size) with `names`, by default d0, d1 …
    """
    if directions is None:
        directions = {f"z{number}": row for number, row in enumerate(np.eye(size)[:4])}
    if isinstance(directions, dict):
        names, directions = names or list(directions), list(directions.values())
    found = np.asarray(directions, "float32")
    if not found.size or found.shape[1:] != (size,) or not np.isfinite(found).all():
        raise ValueError(
            f"directions must be finite, of shape (directions, {size}). "
            f"Received: shape {found.shape}"
        )
    names = [f"d{k}" for k in range(len(found))] if names is None else list(map(str, names))
    if not len(set(names)) == len(names) == len(found):
        raise ValueError(
            f"Each direction must have a name of its own. Received: {len(found)} directions, "
            f"named {', '.join(names)}"
        )
    return dict(zip(names, found, strict=True))


def between(first, second, share, path="sphere"):
    """Latents on the way from one point to another.

    On the sphere: sin((1 - t)·Ω)/sin(Ω)·a + sin(t·Ω)/sin(Ω)·b, with Ω the angle between a and b.
    Gaussian latents all lie near a sphere of radius √size, which the straight way leaves. It is
    taken on the path "line", and where a and b point the same way, or opposite ways. Each row of a
    and b, (n, size), goes its own way; `share` is t, from 0 to 1.

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


def along(points, position):
    """Latents on a way through points (n, size): position 1.5 is half-way from the second to the third."""
    last = len(points) - 1
    check_weight("position", position, maximum=last)
    start = int(position)
    return between(points[start], points[min(start + 1, last)], position - start)
