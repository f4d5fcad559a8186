"""Pictures and figures."""

from gannotes import plotting
from gannotes.plotting.figures import (
    similarity,
)
import matplotlib.pyplot as plt
import numpy as np
import pytest


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_band_is_median_and_range():
    _, ax = plt.subplots()
    plotting.draw_band(ax, [0, 1], [[1, 2], [3, 4], [11, 12]])
    assert ax.lines[0].get_ydata().tolist() == [3, 4]
    box = ax.collections[0].get_datalim(ax.transData)
    assert (box.ymin, box.ymax) == (1, 12)


RUNS = np.random.default_rng(0).random((3, 4))
KIND = {"means": RUNS}
FIGURES = {
    "lost game": lambda: similarity.lost_game(range(4), RUNS, RUNS, np.zeros((4, 2, 2, 1))),
    "formula": lambda: similarity.formula(range(4), {"a": RUNS[0], "b": RUNS[1]}, RUNS, RUNS),
    "geometry": lambda: similarity.geometry({"a": (RUNS, RUNS), "b": (RUNS, RUNS)}),
    "along": lambda: similarity.along_training(range(4), {"a": (KIND, RUNS), "b": (KIND, RUNS)}),
    "correlations": lambda: similarity.correlations(
        {"a": {"Fréchet": [RUNS, RUNS - 1, RUNS + 1], "KID": [RUNS, RUNS - 1, RUNS + 1]}},
        "xyz",
        "1234",
    ),
    "collapsed": lambda: similarity.collapsed(dict.fromkeys("abc", RUNS), ["x", "y"]),
    "stopping": lambda: similarity.stopping(range(4), {"a": KIND, "b": KIND}),
    "descent": lambda: similarity.descent(range(4), {"a": RUNS}),
    "scale": lambda: similarity.scale([
        {"way": way, "batch": batch, "width": width, "seconds": 1.0, "mebibytes": 2.0}
        for way in ("full matrix", "blocks") for batch in (8, 16, 32) for width in (64, 128, 256)
    ]),
    "matrix": lambda: similarity.matrix(RUNS, [0, 0, 1], [0, 1, 1, 1]),
}  # fmt: skip
UNNAMED = {"lost game", "collapsed", "recorded"}  # a picture, or names of variants along x


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_has_labelled_axes(name):
    axes = [ax for ax in FIGURES[name]().axes if ax.get_label() != "<colorbar>"]
    assert axes
    assert name in UNNAMED or all(
        ax.get_xlabel() for ax in axes if ax.get_subplotspec().is_last_row()
    )
    assert any(ax.get_ylabel() for ax in axes)


def test_the_scale_shows_slopes():
    rows = [
        {"way": way, "batch": n, "width": w, "seconds": w * n**2, "mebibytes": n}
        for way in ("full matrix", "blocks")
        for n in (8, 16, 32)
        for w in (64, 128, 256)
    ]
    axes = similarity.scale(rows).axes
    names = [ax.get_legend_handles_labels()[1][1] for ax in axes]
    assert names == [f"blocks: slope {slope}" for slope in (2.0, 1.0, 1.0, 0.0)]
