"""Figures, one a function, in one style: real is blue, fake is orange, in every picture."""

import io

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from PIL import Image

from gannotes.checks import check_images

REAL, FAKE = "#2166ac", "#e66101"  # differ in lightness too, and for colour-blind readers
NEUTRAL = "#555555"
COLOURS = (REAL, FAKE, "#1b9e77", "#7b3294", "#b8860b", "#d01c8b")
PROBABILITY = LinearSegmentedColormap.from_list("fake_to_real", [FAKE, "#f7f7f7", REAL])


def use_style():
    """Sets the notebooks' style for matplotlib."""
    plt.rcParams.update({
        "figure.dpi": 80,
        "figure.constrained_layout.use": True,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.prop_cycle": plt.cycler(color=COLOURS),
        "axes.titlesize": "medium",
        "axes.grid": True,
        "grid.alpha": 0.25,
        "legend.frameon": False,
        "image.cmap": "gray",
    })  # fmt: skip


# Pictures as arrays


def image_grid(images, columns=8, scale=1, gap=1):
    """Lays images out in rows, as one picture of 8-bit RGB.

    Args:
        images: (n, height, width, 1 or 3), values in [-1, 1].
        columns: images in a row; the last row may be shorter.
        scale: whole factor by which each pixel grows.
        gap: pixels between images, before scaling.

    Returns:
        Array (height, width, 3), uint8.
    """
    check_images(images)
    images = np.repeat(images, 3, axis=-1) if images.shape[-1] == 1 else images
    n, height, width, _ = images.shape
    columns = min(columns, n)
    rows = -(-n // columns)
    grid = np.ones((rows * (height + gap) - gap, columns * (width + gap) - gap, 3), "float32")
    for k, image in enumerate(images):
        top, left = (k // columns) * (height + gap), (k % columns) * (width + gap)
        grid[top : top + height, left : left + width] = image
    picture = np.rint((grid + 1) * 127.5).astype("uint8")
    return picture.repeat(scale, axis=0).repeat(scale, axis=1)


def png(picture):
    """PNG bytes of an array (height, width, 3), uint8; quick rather than small."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "png", compress_level=1)
    return buffer.getvalue()


def figure_picture(fig):
    """A figure as an array (height, width, 3), uint8; closes the figure."""
    fig.canvas.draw()
    picture = np.asarray(fig.canvas.buffer_rgba())[..., :3].copy()
    plt.close(fig)
    return picture


# Parts of figures: each draws into axes that it is given


def draw_band(ax, x, runs, label=None, **line):
    """The median of several runs as a line, and a band from the least to the greatest.

    Args:
        x: shape (points,).
        runs: shape (runs, points).
    """
    runs = np.asarray(runs)
    (drawn,) = ax.plot(x, np.median(runs, axis=0), label=label, **line)
    ax.fill_between(x, runs.min(axis=0), runs.max(axis=0), color=drawn.get_color(), alpha=0.2, lw=0)


def draw_probability(ax, probability, extent):
    """D(x) over a square of the plane: orange is "surely fake", blue "surely real".

    Args:
        probability: shape (rows, columns), row 0 at the bottom, values in [0, 1].
        extent: half the square's width.
    """
    box = (-extent, extent, -extent, extent)
    ax.grid(False)
    return ax.imshow(probability, PROBABILITY, vmin=0, vmax=1, origin="lower", extent=box)


def draw_points(ax, real=None, fake=None, extent=None):
    """Points of the plane: real ones blue, fake ones orange."""
    for points, colour, label in ((real, REAL, "real"), (fake, FAKE, "fake")):
        if points is not None:
            ax.scatter(*points.T, s=8, color=colour, edgecolor="white", linewidth=0.3, label=label)
    ax.set(aspect="equal", xlabel="x₁", ylabel="x₂")
    if extent is not None:
        ax.set(xlim=(-extent, extent), ylim=(-extent, extent))


def plane(extent, resolution=64):
    """Points of a square grid over the plane, shape (resolution², 2), float32; rows go upwards."""
    ticks = np.linspace(-extent, extent, resolution, dtype="float32")
    return np.stack(np.meshgrid(ticks, ticks), axis=-1).reshape(-1, 2)


# Whole figures


def plot_images(images, title, columns=8, width=4.5):
    """Images in rows, under a title."""
    picture = image_grid(images, columns)
    fig, ax = plt.subplots(figsize=(width, width * picture.shape[0] / picture.shape[1] + 0.4))
    ax.imshow(picture, interpolation="nearest")
    ax.set_title(title)
    ax.axis("off")
    return fig


def plot_discriminator_maps(maps, extent, points=None):
    """Maps of D(x) side by side, each with its title, in one scale.

    Args:
        maps: ``{title: probability (rows, columns)}``.
        extent: half the square's width.
        points: ``{title: fake points (n, 2)}`` to draw on top, if any.
    """
    fig, axes = plt.subplots(1, len(maps), figsize=(3.1 * len(maps) + 0.8, 3.2), squeeze=False)
    for ax, (title, probability) in zip(axes[0], maps.items(), strict=True):
        image = draw_probability(ax, probability, extent)
        if points and title in points:
            draw_points(ax, fake=points[title], extent=extent)
        ax.set(title=title, xlabel="x₁", ylabel="x₂")
    fig.colorbar(image, ax=axes[0], label="D(x): probability of real", shrink=0.85)
    return fig


def plot_tournament(accuracy, steps):
    """How often the discriminator of one time sees through the generator of another.

    Args:
        accuracy: (times of D, times of G), shares in [0, 1].
        steps: those times.
    """
    fig, ax = plt.subplots(figsize=(4.8, 4))
    image = ax.imshow(accuracy, cmap="viridis", vmin=0, vmax=1, origin="lower")
    for i, row in enumerate(accuracy):
        for j, share in enumerate(row):
            colour = "black" if share > 0.6 else "white"
            ax.text(j, i, f"{share:.0%}", ha="center", va="center", color=colour, fontsize=8)
    ticks = range(len(steps))
    ax.set_xticks(ticks, [f"{s:,}" for s in steps])
    ax.set_yticks(ticks, [f"{s:,}" for s in steps])
    ax.set(xlabel="generator after … steps", ylabel="discriminator after … steps")
    ax.grid(False)
    fig.colorbar(image, label="share of fakes that D sees through")
    return fig


def plot_trajectories(trajectories, title=""):
    """Paths of the Dirac-GAN's two weights, from a dot to a ring.

    Args:
        trajectories: ``{label: array (steps, 2) of (θ, ψ)}``.
    """
    fig, axes = plt.subplots(
        1, len(trajectories), figsize=(2.7 * len(trajectories), 2.9), squeeze=False, sharex=True, sharey=True
    )
    for ax, (label, path), colour in zip(axes[0], trajectories.items(), COLOURS, strict=False):
        ax.plot(*path.T, lw=1, color=colour)
        ax.plot(*path[0], "o", ms=5, color=colour)
        ax.plot(*path[-1], "o", ms=7, mfc="none", color=colour)
        ax.plot(0, 0, "+", color="black", ms=10)
        ax.set(title=label, xlabel="θ (generator)", aspect="equal")
    axes[0, 0].set_ylabel("ψ (discriminator)")
    fig.suptitle(title)
    return fig
