"""Data sets drawn by chance: mixtures of Gaussians, and small colour pictures of known factors.

Coordinates of a picture run from -1 to 1, x to the right and y upwards.
"""

from dataclasses import dataclass

from matplotlib.colors import hsv_to_rgb
import numpy as np
from scipy.special import logsumexp

# Mixtures of Gaussians in the plane


@dataclass(frozen=True)
class Mixture:
    """Equally likely round Gaussians, with centres (modes, 2) and one standard deviation."""

    centres: np.ndarray
    std: float

    def sample(self, count, rng):
        """Draws points, shape (count, 2) float32, and the mode of each, shape (count,)."""
        modes = rng.integers(len(self.centres), size=count)
        points = self.centres[modes] + self.std * rng.standard_normal((count, 2))
        return points.astype("float32"), modes

    def log_density(self, points):
        """Exact log-density in nats at points of shape (n, 2); shape (n,)."""
        squares = ((np.asarray(points, float)[:, None] - self.centres) ** 2).sum(-1)  # (n, modes)
        log_peak = -np.log(2 * np.pi * self.std**2 * len(self.centres))
        return log_peak + logsumexp(-squares / (2 * self.std**2), axis=1)


def ring(std=0.01):
    """Eight Gaussians on the unit circle (PacGAN's ring; Lin et al. 2018)."""
    angles = 2 * np.pi * np.arange(8) / 8
    return Mixture(np.stack([np.cos(angles), np.sin(angles)], axis=1), std)


def grid(std=0.05):
    """Twenty-five Gaussians on {-4, -2, 0, 2, 4}² (PacGAN's grid; Lin et al. 2018)."""
    ticks = np.arange(-4.0, 5.0, 2.0)
    return Mixture(np.stack(np.meshgrid(ticks, ticks), axis=-1).reshape(-1, 2), std)


# Pictures of known factors

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
    """Draws independent factors, ``{name: (count,)}``; of SHAPES and TEXTURES their indices."""
    choices = {"shape": SHAPES, "texture": TEXTURES}
    drawn = {name: rng.integers(len(values), size=count) for name, values in choices.items()}
    return drawn | {name: rng.uniform(*bounds, size=count) for name, bounds in RANGES.items()}


def colours(factors):
    """Nearest colour of each picture, by number in COLOURS, (count,)."""
    return np.rint(len(COLOURS) * np.asarray(factors["hue"])).astype(int) % len(COLOURS)


def kinds(factors):
    """Shape, texture and nearest colour of each picture, by number in KINDS, (count,)."""
    textured = factors["shape"] * len(TEXTURES) + factors["texture"]
    return textured * len(COLOURS) + colours(factors)


def sample_squares(count, rng):
    """Draws factors of plain squares: `sample_factors` with one shape and one texture."""
    square, plain = SHAPES.index("square"), TEXTURES.index("plain")
    same = {"shape": np.full(count, square), "texture": np.full(count, plain)}
    return sample_factors(count, rng) | same


def draw_shapes(factors, size=32):
    """Pictures of factors, (count, size, size, 3), float32 in [-1, 1].

    At one ``size`` all shapes have the same area, π·size². Edges are smoothed over one pixel.
    """
    names = ("shape", "texture", *RANGES)
    if missing := [name for name in names if name not in factors]:
        raise ValueError(f"The factors must be {', '.join(names)}. Missing: {', '.join(missing)}")
    parts = [slice(k, k + 500) for k in range(0, len(factors["shape"]), 500)]  # bounds the memory
    blocks = [{name: values[part] for name, values in factors.items()} for part in parts]
    return np.concatenate([_draw_block(block, size) for block in blocks])


# Whole data sets: images, labels and factors


def shapes(count, rng, size):
    """All shapes, textures and colours; labelled by their shape."""
    factors = sample_factors(count, rng)
    return draw_shapes(factors, size), factors["shape"], factors


def squares(count, rng):
    """Plain squares of 16×16 pixels; labelled by their colour."""
    factors = sample_squares(count, rng)
    return draw_shapes(factors, 16), colours(factors), factors


def twins(count, rng):
    """Two plain squares of one hue at both ends of a strip, the rest of their factors independent.

    Labelled by their colour; the factors are those of the left one.
    """
    still = {"x": np.zeros(count)}  # so that they stay far apart
    left, right = (sample_squares(count, rng) | still for _ in range(2))
    gap = np.broadcast_to(2 * BACKGROUND - 1, (count, 8, 16, 3))
    strip = [draw_shapes(left, 8), gap, draw_shapes(right | {"hue": left["hue"]}, 8)]
    return np.concatenate(strip, axis=2).astype("float32"), colours(left), left


def _draw_block(factors, size):
    column = {name: np.asarray(values)[:, None, None] for name, values in factors.items()}
    ticks = (2 * np.arange(size) + 1) / size - 1
    x = ticks[None, None, :] - column["x"]  # (count, 1, size)
    y = -ticks[None, :, None] - column["y"]  # (count, size, 1)
    turn = np.deg2rad(column["angle"])
    u = (np.cos(turn) * x + np.sin(turn) * y) / column["size"]  # (count, size, size)
    v = (np.cos(turn) * y - np.sin(turn) * x) / column["size"]

    distances = np.choose(column["shape"], _distances(u, v))
    coverage = np.clip(0.5 - distances * column["size"] * size / 2, 0, 1)[..., None]
    stripes = np.sin(2 * np.pi * u / 0.8) > 0
    checks = stripes ^ (np.sin(2 * np.pi * v / 0.8) > 0)
    dark = np.choose(column["texture"], [False, ~stripes, ~checks])
    value = np.where(dark, 0.45, 1.0)
    hue = np.broadcast_to(column["hue"] % 1, value.shape)
    colour = hsv_to_rgb(np.stack([hue, np.full_like(value, 0.75), value], axis=-1))
    picture = coverage * colour + (1 - coverage) * BACKGROUND
    return (2 * picture - 1).astype("float32")


def _distances(u, v):
    """Signed distances to the edges of SHAPES, all of area π; negative inside."""
    circle = np.hypot(u, v) - 1
    square = np.maximum(abs(u), abs(v)) - np.sqrt(np.pi) / 2
    slanted = np.sqrt(3) / 2 * abs(u) + v / 2
    triangle = np.maximum(-v, slanted) - np.sqrt(np.pi / (3 * np.sqrt(3)))
    long = np.sqrt(9 * np.pi / 20)
    upright = np.maximum(abs(u) - long / 3, abs(v) - long)
    level = np.maximum(abs(u) - long, abs(v) - long / 3)
    return circle, square, triangle, np.minimum(upright, level)
