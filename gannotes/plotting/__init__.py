"""What figures are made of, in one style: real is blue, fake is orange, in every picture.

Figures of a single notebook stand in `gannotes.plotting.figures`, one a function.
"""

import io
from itertools import cycle
import zlib

from gannotes.checks import check_images
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap
import matplotlib.pyplot as plt
import numpy as np
from PIL import Image, ImageSequence

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
    n, height, width, channels = images.shape
    columns = min(columns, n)
    rows = -(-n // columns)
    shape = rows * (height + gap) - gap, columns * (width + gap) - gap, channels
    grid = np.full(shape, 255, "uint8")
    for k, image in enumerate(np.rint((images + 1) * 127.5).astype("uint8")):
        top, left = (k // columns) * (height + gap), (k % columns) * (width + gap)
        grid[top : top + height, left : left + width] = image
    return grid.repeat(3 // channels, axis=2).repeat(scale, axis=0).repeat(scale, axis=1)


def png(picture):
    """PNG bytes of an array (height, width, 3), uint8; quick rather than small, grey if it is."""
    red, green, blue = np.moveaxis(picture, -1, 0)
    is_grey = np.array_equal(red, green) and np.array_equal(red, blue)
    buffer = io.BytesIO()
    image = Image.fromarray(red if is_grey else picture)
    image.save(buffer, "png", compress_type=zlib.Z_RLE)  # quick
    return buffer.getvalue()


def gif(pictures, seconds=0.25):
    """GIF bytes of arrays (height, width, 3), uint8, all of one size: an endless film.

    Pictures of at most 256 colours keep every pixel. The last one stays a second longer.

    Args:
        seconds: each picture's time.
    """
    first, *others = [Image.fromarray(picture) for picture in pictures]
    times = [round(1000 * seconds)] * len(others) + [round(1000 * seconds) + 1000]
    buffer = io.BytesIO()
    first.save(buffer, "gif", save_all=True, append_images=others, duration=times, loop=0)
    return buffer.getvalue()


def gif_pictures(content):
    """The pictures in a GIF's bytes, as `gif` takes them."""
    with Image.open(io.BytesIO(content)) as film:
        return [np.asarray(frame.convert("RGB")) for frame in ImageSequence.Iterator(film)]


def figure_picture(fig):
    """A figure as an array (height, width, 3), uint8."""
    canvas = FigureCanvasAgg(fig)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()


def new_figure(rows=1, columns=1, figsize=(5, 3), **options):
    """A figure and its axes, as `plt.subplots` gives, that shows only where a cell ends with it."""
    fig, axes = plt.subplots(rows, columns, figsize=figsize, layout="constrained", **options)
    plt.close(fig)
    return fig, axes


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
            ax.scatter(*points.T, s=8, color=colour, edgecolor="black", linewidth=0.4, label=label)
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
    fig, ax = new_figure(figsize=(width, width * picture.shape[0] / picture.shape[1] + 0.4))
    ax.imshow(picture, interpolation="nearest")
    ax.set_title(title)
    ax.axis("off")
    return fig


def plot_rows(names, images, title, width=4.5):
    """Images in rows, each row with its name.

    Args:
        names: of the rows.
        images: (rows, columns, height, width, channels).
    """
    picture = image_grid(images.reshape(-1, *images.shape[2:]), images.shape[1])
    fig, ax = new_figure(figsize=(width, width * picture.shape[0] / picture.shape[1] + 0.4))
    ax.imshow(picture, interpolation="nearest")
    pitch = images.shape[2] + 1
    ax.set_yticks(np.arange(len(names)) * pitch + pitch / 2 - 1, names)
    ax.set(title=title, xticks=[])
    ax.grid(False)
    return fig


def plot_pictures(pictures, title=None, height=2.4):
    """Ready pictures side by side.

    Args:
        pictures: ``{caption: array (height, width, 3), uint8}``.
    """
    ratios = [picture.shape[1] / picture.shape[0] for picture in pictures.values()]
    fig, axes = new_figure(
        1, len(pictures), figsize=(height * sum(ratios), height + 0.5), width_ratios=ratios,
        squeeze=False,
    )  # fmt: skip
    for ax, (caption, picture) in zip(axes[0], pictures.items(), strict=True):
        ax.imshow(picture)
        ax.set_title(caption, fontsize="small")
        ax.axis("off")
    fig.suptitle(title, fontsize="medium")
    return fig


def plot_stack(pictures, title=None, width=6):
    """Ready pictures one below the other, each under its name; as `plot_pictures`."""
    ratios = [picture.shape[0] / picture.shape[1] for picture in pictures.values()]
    fig, axes = new_figure(
        len(pictures), figsize=(width, width * sum(ratios) + 0.3 * len(pictures) + 0.4),
        height_ratios=ratios, squeeze=False,
    )  # fmt: skip
    for ax, (caption, picture) in zip(axes[:, 0], pictures.items(), strict=True):
        ax.imshow(picture, interpolation="nearest")
        ax.set_title(caption, fontsize="small")
        ax.axis("off")
    fig.suptitle(title, fontsize="medium")
    return fig


def plot_curves(steps, curves):
    """Curves over steps, one below the other, each in its own scale.

    Args:
        curves: ``{name: values (steps,)}``.
    """
    fig, axes = new_figure(
        len(curves), figsize=(4.5, 1.6 * len(curves)), sharex=True, squeeze=False
    )
    for ax, colour, (name, values) in zip(axes[:, 0], cycle(COLOURS), curves.items(), strict=False):
        ax.plot(steps, values, color=colour)
        ax.set_title(name, fontsize="small")
    ax.set_xlabel("step")
    return fig


def plot_game(extent, probability=None, real=None, fake=None, arrows=None):
    """The game in the plane: D's map, real points, fakes, and where D's slope draws each fake.

    Args:
        extent: half the width of the square that is shown.
        probability: as `draw_probability` takes it.
        arrows: (n, 2), at the fakes; drawn in the same length scale.
    """
    fig, ax = new_figure(figsize=(4.5, 4.5))
    if probability is not None:
        draw_probability(ax, probability, extent)
    draw_points(ax, real, fake, extent)
    if arrows is not None:
        ax.quiver(*fake.T, *arrows.T, color=NEUTRAL, width=0.004)
    ax.legend(loc="upper right", fontsize="small", frameon=True, framealpha=0.8)
    return fig


def plot_discriminator_maps(maps, extent, points=None):
    """Maps of D(x) side by side, each with its title, in one scale.

    Args:
        maps: ``{title: probability (rows, columns)}``.
        extent: half the square's width.
        points: ``{title: fake points (n, 2)}`` to draw on top, if any.
    """
    fig, axes = new_figure(1, len(maps), figsize=(2.1 * len(maps) + 0.8, 2.5), sharey=True)
    for ax, (title, probability) in zip(axes, maps.items(), strict=True):
        image = draw_probability(ax, probability, extent)
        if points:
            draw_points(ax, fake=points[title], extent=extent)
        ax.set_xlabel("x₁")
        ax.set_title(title, fontsize="small")
    axes[0].set_ylabel("x₂")
    fig.colorbar(image, ax=axes, label="D(x), probability of real", shrink=0.85)
    return fig
