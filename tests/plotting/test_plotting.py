"""Pictures and figures."""

import io

from gannotes import plotting
from gannotes.models import gabor
from gannotes.plotting.figures import (
    basic_gan,
    factorization,
    features,
    similarity,
    sparse,
)
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from PIL import Image
import pytest


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_image_grid_by_hand():
    images = np.array([-1.0, 1.0, 0.0]).reshape(3, 1, 1, 1)
    grid = plotting.image_grid(images, columns=2, gap=1)
    white = 255
    assert grid[..., 0].tolist() == [[0, white, 255], [white] * 3, [128, white, white]]
    assert plotting.image_grid(images, columns=8, scale=3).shape == (3, 15, 3)


def test_image_grid_refuses_pixels_out_of_range():
    with pytest.raises(ValueError, match=r"images must lie in \[-1, 1\]"):
        plotting.image_grid(np.full((1, 2, 2, 1), 255.0))


def test_png_keeps_every_pixel():
    picture = np.random.default_rng(0).integers(256, size=(5, 7, 3), dtype="uint8")
    np.testing.assert_array_equal(Image.open(io.BytesIO(plotting.png(picture))), picture)
    grey = picture[..., :1].repeat(3, axis=-1)
    image = Image.open(io.BytesIO(plotting.png(grey)))
    assert image.mode == "L"
    np.testing.assert_array_equal(image.convert("RGB"), grey)


def test_gif_keeps_greys_and_times():
    greys = np.random.default_rng(0).integers(256, size=(3, 5, 7, 1), dtype="uint8")
    pictures = greys.repeat(3, axis=-1)
    film = plotting.gif(pictures, seconds=0.2)
    np.testing.assert_array_equal(plotting.gif_pictures(film), pictures)
    with Image.open(io.BytesIO(film)) as opened:
        assert opened.info["loop"] == 0  # without end
        times = []
        for k in range(opened.n_frames):
            opened.seek(k)
            times.append(opened.info["duration"])
    assert times == [200, 200, 1200]


def test_plane_rows_go_upwards():
    plane = plotting.plane(2.0, resolution=3)
    assert plane[0].tolist() == [-2, -2] and plane[-1].tolist() == [2, 2]
    assert plane[1].tolist() == [0, -2]


def test_band_is_median_and_range():
    _, ax = plt.subplots()
    plotting.draw_band(ax, [0, 1], [[1, 2], [3, 4], [11, 12]])
    assert ax.lines[0].get_ydata().tolist() == [3, 4]
    box = ax.collections[0].get_datalim(ax.transData)
    assert (box.ymin, box.ymax) == (1, 12)


def test_ring_frame_is_a_picture_and_leaves_no_figure():
    frame = basic_gan.ring_frame(np.full((4, 4), 0.5), np.zeros((3, 2)), extent=2)
    assert frame.dtype == np.uint8 and frame.ndim == 3
    assert plt.get_fignums() == []


RUNS = np.random.default_rng(0).random((3, 4))
FIGURES = {
    "known_game": lambda: basic_gan.known_game(
        *np.random.default_rng(0).random((3, 9)), range(5), dict.fromkeys((1.0, 0.5, 2.0), range(5))
    ),
    "maps": lambda: plotting.plot_discriminator_maps({"a": RUNS, "b": RUNS}, 2.0),
    "values": lambda: basic_gan.values(range(4), {"right": -RUNS}, -0.5),
    "saturation": lambda: basic_gan.saturation(
        range(9), {"minimax": np.arange(9)}, range(4), {"minimax": RUNS}
    ),
    "coverage": lambda: basic_gan.coverage(range(4), RUNS, RUNS, 8),
    "tournament": lambda: basic_gan.tournament(RUNS[:, :3], [0, 100, 200]),
    "gains": lambda: basic_gan.gains([0, 10, 20, 30, 40], {"D": RUNS, "G": RUNS}),
    "losses": lambda: basic_gan.losses_and_distance(
        range(4),
        [{"discriminator_loss": r[1:], "generator_loss": r[1:]} for r in RUNS],
        RUNS,
        0.1,
        "x",
    ),
}

KIND = {"means": RUNS}
FIGURES |= {
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


def test_pictures_side_by_side_and_curves_below_each_other():
    pictures = {"a": np.zeros((4, 8, 3), "uint8"), "b": np.ones((4, 4, 3), "uint8")}
    assert [ax.get_title() for ax in plotting.plot_pictures(pictures).axes] == ["a", "b"]
    fig = plotting.plot_curves([0, 5], {"loss": [2, 1], "score": [0, 1]})
    assert [ax.get_title() for ax in fig.axes] == ["loss", "score"]
    assert fig.axes[-1].get_xlabel() == "step"


def test_the_game_shows_real_fake_and_where_fakes_are_drawn():
    points = np.zeros((3, 2))
    [ax] = plotting.plot_game(2, np.full((4, 4), 0.5), points, points + 1, points).axes
    assert ax.get_xlim() == (-2, 2)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["real", "fake"]


def test_the_heat_map_keeps_families_together_and_marks_what_is_matched():
    distances = {"hue": np.ones(3), "area": np.zeros(3), "contrast": np.full(3, 0.5)}
    families = {"hue": "colour", "contrast": "texture", "area": "shape"}
    matched = {name: values == 0 for name, values in distances.items()}
    ax = features.heat_map([0, 10, 200], distances, families, matched=matched, marked=1).axes[0]
    assert [label.get_text() for label in ax.get_yticklabels()] == [
        "colour: hue", "texture: contrast", "shape: area"
    ]  # fmt: skip
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    assert [line.get_ydata()[0] for line in dots] == [2, 2, 2]
    images = np.zeros((3, 10, 8, 8, 1), "float32")
    frames = features.heat_map_frames([0, 10, 200], distances, families, images)
    assert len(frames) == 3 and not np.array_equal(frames[0], frames[1])


def test_pictures_below_each_other():
    pictures = {"a": np.zeros((4, 8, 3), "uint8"), "b": np.ones((4, 4, 3), "uint8")}
    assert [ax.get_title() for ax in plotting.plot_stack(pictures).axes] == ["a", "b"]


# Figures of notebook 04


def test_errors_are_shares_of_the_variance():
    curves = {"one": np.array([[4.0, 2.0], [2.0, 1.0]]), "other": np.array([[1.0, 0.5]])}
    fig = sparse.error_curves((1, 8), curves, {"its encoder": ([8, 8], [1.0, 3.0])}, scale=4.0)
    [ax] = fig.axes
    lines = {line.get_label(): line.get_ydata().tolist() for line in ax.lines}
    assert lines["one"] == [0.75, 0.375] and lines["its encoder"] == [0.25, 0.75]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["1", "8"]


def test_panels_show_every_seed_their_mean_and_the_reference():
    values = {"a": [1.0, 2.0, 6.0], "b": [4.0]}
    fig = sparse.panels({"first": values, "second": values}, {"second": 5.0}, log=("first",))
    first, second = fig.axes
    assert [line.get_ydata().tolist() for line in first.lines] == [[1, 2, 6], [3], [4], [4]]
    assert list(second.lines[-1].get_ydata()) == [5, 5]
    assert (first.get_yscale(), second.get_yscale()) == ("log", "linear")


def test_atoms_have_zero_in_the_middle_grey():
    atoms = np.array([[0.0, 2.0], [-4.0, 1.0]]).reshape(1, 2, 2, 1)
    np.testing.assert_array_equal(sparse.scaled(atoms).ravel(), [0, 0.5, -1, 0.25])
    assert not sparse.scaled(np.zeros((1, 2, 2, 1))).any()
    titles = [ax.get_title() for ax in sparse.atoms({"a": atoms, "b": atoms, "c": atoms}).axes]
    assert titles == ["a", "b", "c", ""]


def test_gabors_are_counted_from_above_and_lie_at_their_angle():
    fits = {"drawn": gabor.fit(np.stack([gabor.draw(8, 0.23, 0.0)] * 4))}
    counted, polar = sparse.gabors(fits).axes
    assert counted.lines[0].get_ydata().tolist() == [1, 0.75, 0.5, 0.25]
    assert polar.name == "polar" and len(polar.collections[0].get_offsets()) == 4


def test_small_figures_of_sparse_codes():
    images = np.zeros((3, 2, 2, 1), "float32")
    names = sparse.rows({"a": images, "b": images}).axes[0].get_yticklabels()
    assert [name.get_text() for name in names] == ["a", "b"]
    found = {"x": [[3.0, 2.0, np.inf], [3.0, 1.0, 4.0]]}
    [ax] = sparse.grid_search({"x": (0.1, 1.0, 10.0)}, found, "distance").axes
    assert ax.lines[0].get_ydata().tolist() == [3.0, 1.5]
    assert list(ax.lines[-1].get_xdata()) == [1.0]  # the ring
    assert [list(line.get_xdata()) for line in ax.lines if line.get_marker() == "x"] == [[10.0]]
    [ax] = sparse.learning_curve((5, 10), {"real": np.array([[0.5, 0.6], [0.7, 0.8]])}).axes
    assert ax.lines[0].get_ydata().tolist() == [0.6, 0.7]
    history = {"generator_loss": [1.0, 0.5], "discriminator_loss": [2.0, 1.0]}
    left, _ = sparse.wrong_sign(history, [1, 2], images, images).axes
    assert [line.get_label() for line in left.lines] == ["generator", "discriminator"]


def test_the_price_of_rank_stands_in_three_panels():
    costs = {"rank 1": (100, 90), "rank 4": (400, 390), "dense": (1000, 990)}
    runs = [
        {"variant": name, "frechet": 2.0, "kid": -0.01, "coverage": 0.5}
        for name in costs
        for _ in "ab"
    ]
    images = np.zeros((4, 2, 2, 1), "float32")
    real = {"frechet": 1.0, "kid": 0.0, "coverage": 1.0}
    floor = {"rank 1": 1.5, "rank 4": 1.2}
    fig = factorization.trade_off(
        dict.fromkeys(costs, images), pd.DataFrame(runs), costs, floor, real
    )
    titles = [ax.get_title() for ax in fig.axes if ax.get_title()]
    assert titles[0] == "rank 1\n100 weights\n0 kB\n90 mult.-adds"
    metrics = [ax.get_ylabel().split()[0] for ax in fig.axes if ax.get_ylabel()]
    assert metrics == ["Fréchet", "KID", "coverage"]
    assert list(fig.axes[-1].lines[0].get_xdata()) == [100, 400]  # the line joins ranks alone


def test_spectra_have_a_column_a_matrix():
    values = {"W": np.ones((2, 3, 4)), "J": np.ones((2, 3, 2))}
    axes = factorization.spectra(
        [0, 5, 10], {name: np.ones((2, 3)) for name in values}, values
    ).axes
    assert [ax.get_title() for ax in axes[:2]] == ["W", "J"]
    assert [line.get_label() for line in axes[3].lines] == ["start", "middle", "end"]
    assert list(axes[2].lines[0].get_xdata()) == [1, 2, 3, 4]
