"""Figures that charts replace."""

from itertools import cycle

from gannotes.plotting.pictures import image_grid
from gannotes.plotting.style import COLOURS, new_figure
import numpy as np


def draw_band(ax, x, runs, label=None, **line):
    """The median of several runs as a line, and a band from the least to the greatest.

    Args:
        x: shape (points,).
        runs: shape (runs, points).
    """
    runs = np.asarray(runs)
    (drawn,) = ax.plot(x, np.median(runs, axis=0), label=label, **line)
    ax.fill_between(x, runs.min(axis=0), runs.max(axis=0), color=drawn.get_color(), alpha=0.2, lw=0)


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
