"""Small colour pictures drawn from known factors.

Coordinates run from -1 to 1 across the picture, x to the right and y upwards.
"""

from matplotlib.colors import hsv_to_rgb
import numpy as np

SHAPES = ("circle", "square", "triangle", "cross")
TEXTURES = ("plain", "stripes", "checks")
COLOURS = ("red", "yellow", "green", "cyan", "blue", "magenta")  # evenly around the circle
KINDS = tuple(
    f"{colour} {shape}, {texture}" for shape in SHAPES for texture in TEXTURES for colour in COLOURS
)
BACKGROUND = np.array([0.05, 0.06, 0.12])  # RGB in [0, 1]

# Bounds of the factors. Within 30 degrees of upright no shape looks like itself turned further.
RANGES = {
    "hue": (0.0, 1.0),  # around the colour circle, 0 and 1 are red
    "size": (0.25, 0.45),  # radius of the circle of equal area
    "x": (-0.25, 0.25),
    "y": (-0.25, 0.25),
    "angle": (-30.0, 30.0),  # degrees, anticlockwise
}


def sample_factors(count, rng):
    """Draws independent factors: ``{name: array of shape (count,)}``.

    ``shape`` and ``texture`` are indices into SHAPES and TEXTURES; the rest is uniform in RANGES.
    """
    factors = {
        "shape": rng.integers(len(SHAPES), size=count),
        "texture": rng.integers(len(TEXTURES), size=count),
    }
    return factors | {name: rng.uniform(*bounds, size=count) for name, bounds in RANGES.items()}


def kinds(factors):
    """Kind of each picture, by number in KINDS: its shape, texture and nearest colour, (count,)."""
    colour = np.rint(len(COLOURS) * np.asarray(factors["hue"])).astype(int) % len(COLOURS)
    return (factors["shape"] * len(TEXTURES) + factors["texture"]) * len(COLOURS) + colour


def draw(factors, size=32):
    """Draws one picture for each row of factors.

    All shapes of the same ``size`` factor have the same area, π·size². Edges are smoothed over
    one pixel.

    Args:
        factors: as from `sample_factors`.
        size: height and width in pixels.

    Returns:
        Images in [-1, 1], shape (count, size, size, 3), float32.

    Raises:
        ValueError: a factor is missing.
    """
    missing = {"shape", "texture", *RANGES} - set(factors)
    if missing:
        raise ValueError(f"draw needs the factors shape, texture, {', '.join(RANGES)}. "
                         f"Missing: {', '.join(sorted(missing))}")  # fmt: skip
    blocks = range(0, len(factors["shape"]), 500)  # bounds the memory
    return np.concatenate([
        _draw_block({name: values[start : start + 500] for name, values in factors.items()}, size)
        for start in blocks
    ])  # fmt: skip


def draw_pair(left, right, size=8, gap=16):
    """Two pictures side by side with background between them: (count, size, 2·size + gap, 3).

    Args:
        left, right: factors, as for `draw`.
        size: of each of the two, in pixels.
        gap: pixels between them.
    """
    middle = np.broadcast_to(2 * BACKGROUND - 1, (len(left["shape"]), size, gap, 3))
    parts = [draw(left, size), middle, draw(right, size)]
    return np.concatenate(parts, axis=2).astype("float32")


def _draw_block(factors, size):
    column = {name: np.asarray(values)[:, None, None] for name, values in factors.items()}
    ticks = (2 * np.arange(size) + 1) / size - 1
    x = ticks[None, None, :] - column["x"]  # (count, 1, size)
    y = -ticks[None, :, None] - column["y"]  # (count, size, 1)
    turn = np.deg2rad(column["angle"])
    u = (np.cos(turn) * x + np.sin(turn) * y) / column["size"]  # (count, size, size)
    v = (np.cos(turn) * y - np.sin(turn) * x) / column["size"]

    distances = np.choose(
        column["shape"], [_circle(u, v), _square(u, v), _triangle(u, v), _cross(u, v)]
    )
    coverage = np.clip(0.5 - distances * column["size"] * size / 2, 0, 1)[..., None]
    stripes = np.sin(2 * np.pi * u / 0.8) > 0
    checks = stripes ^ (np.sin(2 * np.pi * v / 0.8) > 0)
    value = np.choose(
        column["texture"], [1.0, np.where(stripes, 1, 0.45), np.where(checks, 1, 0.45)]
    )

    hue = np.broadcast_to(column["hue"] % 1, value.shape)
    colour = hsv_to_rgb(np.stack([hue, np.full_like(value, 0.75), value], axis=-1))
    picture = coverage * colour + (1 - coverage) * BACKGROUND
    return (2 * picture - 1).astype("float32")


# Signed distances to the edge of shapes of area π; negative inside.


def _circle(u, v):
    return np.hypot(u, v) - 1


def _square(u, v):
    return np.maximum(abs(u), abs(v)) - np.sqrt(np.pi) / 2


def _triangle(u, v):
    inradius = np.sqrt(np.pi / (3 * np.sqrt(3)))
    slanted = np.sqrt(3) / 2 * abs(u) + v / 2
    return np.maximum(-v, slanted) - inradius


def _cross(u, v):
    long = np.sqrt(9 * np.pi / 20)
    upright = np.maximum(abs(u) - long / 3, abs(v) - long)
    level = np.maximum(abs(u) - long, abs(v) - long / 3)
    return np.minimum(upright, level)
