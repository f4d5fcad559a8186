"""Figures that charts replace."""

from gannotes.plotting.pictures import image_grid
from gannotes.plotting.style import new_figure
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
