"""The four charts draw the numbers they are given, and say them."""

from gannotes import plotting
from gannotes.plotting.style import number
from matplotlib.colors import to_rgb
from nbclient import NotebookClient
import nbformat
import numpy as np
import pandas as pd
import pytest

RUNS = np.array([[1.0, 2.0, 3.0], [3.0, 4.0, 8.0], [11.0, 12.0, 13.0]])
X = [0, 10, 20]


def lines(ax):
    return {line.get_label(): line.get_ydata().tolist() for line in ax.lines}


# Bands


def test_a_line_is_the_median_and_a_band_the_range():
    [ax] = plotting.plot_bands(X, {"": {"GAN": RUNS}}).axes
    assert lines(ax)["GAN"] == [3, 4, 8]
    box = ax.collections[0].get_datalim(ax.transData)
    assert (box.ymin, box.ymax) == (1, 13)


def test_a_band_has_the_colour_of_its_line_and_a_name_that_of_both():
    [ax] = plotting.plot_bands(X, {"": {"one": RUNS, "two": RUNS[::-1] + 9}}).axes
    colours = [to_rgb(line.get_color()) for line in ax.lines]
    bands = [tuple(band.get_facecolor()[0, :3]) for band in ax.collections]
    np.testing.assert_allclose(bands, colours)
    assert colours[0] != colours[1]
    places = {text.get_text(): text.xy[1] for text in ax.texts}
    assert places["one"] < places["two"]  # at 8 and at 17


def test_each_reference_stands_at_its_level():
    [ax] = plotting.plot_bands(X, {"": {"a": RUNS}}, references={"low": 2.0, "high": 9.0}).axes
    assert [line.get_ydata()[0] for line in ax.lines[1:]] == [2, 9]


def test_labels_of_all_panels_stand_below_and_on_the_left():
    axes = plotting.plot_bands(
        X, {name: {"a": RUNS} for name in "wxyz"}, xlabel="step", ylabel="loss", across=2,
        yscale=("symlog", 0.25),
    ).axes  # fmt: skip
    assert [ax.get_xlabel() for ax in axes] == ["", "", "step", "step"]
    assert [ax.get_ylabel() for ax in axes] == ["loss", "", "loss", ""]
    assert axes[0].yaxis.get_transform().linthresh == 0.25


def test_one_run_has_no_band():
    [ax] = plotting.plot_bands(X, {"": {"GAN": RUNS[0]}}).axes
    assert lines(ax)["GAN"] == [1, 2, 3] and not ax.collections


def test_an_arrowhead_shows_which_way_a_line_goes():
    [ax] = plotting.plot_bands(X, {"": {"GAN": RUNS[0]}}, arrow_at=1).axes
    (arrow,) = [text for text in ax.texts if text.arrow_patch is not None]
    assert tuple(arrow.xy) == (20, 3) and tuple(arrow.xyann) == (10, 2)
    assert to_rgb(arrow.arrow_patch.get_edgecolor()) == to_rgb(ax.lines[0].get_color())


def test_panels_have_their_own_x_scale_and_references():
    panels = {"left": {"a": RUNS}, "right": {"b": RUNS[:, :2]}}
    left, right = plotting.plot_bands(
        {"left": X, "right": [1, 2]}, panels, yscale={"right": "log"}, ylabel={"left": "loss"},
        references={"left": {"best": 5.0}}, ylim={"left": (0, 20)},
    ).axes  # fmt: skip
    assert (left.get_title(), right.get_title()) == ("left", "right")
    assert (left.get_yscale(), right.get_yscale()) == ("linear", "log")
    assert list(left.lines[-1].get_ydata()) == [5, 5] and len(right.lines) == 1
    assert left.get_ylim() == (0, 20) and left.get_ylabel() == "loss"


def test_each_name_can_have_its_own_x():
    [ax] = plotting.plot_bands({"a": X, "b": [5, 6]}, {"": {"a": RUNS, "b": [1, 2]}}).axes
    assert ax.lines[1].get_xdata().tolist() == [5, 6]


def test_names_stand_at_the_ends_of_lines_and_do_not_touch():
    fig = plotting.plot_bands(X, {"": {"one": RUNS[0], "same": RUNS[0], "high": RUNS[2]}})
    [ax] = fig.axes
    heights = {text.get_text(): text.xy[1] for text in ax.texts}
    gap = 11 / (72 * ax.bbox.height / fig.dpi)  # eleven points
    assert abs(heights["one"] - heights["same"]) >= 0.95 * gap
    top = ax.transAxes.inverted().transform(ax.transData.transform((20, 13)))[1]
    assert heights["high"] == pytest.approx(top, abs=1e-6)
    colours = [text.get_color() for text in ax.texts]
    assert sorted(colours) == sorted(line.get_color() for line in ax.lines)


def test_a_name_in_two_panels_stands_once():
    left, right = plotting.plot_bands(X, {"l": {"a": RUNS}, "r": {"a": RUNS}}).axes
    assert not left.texts and [text.get_text() for text in right.texts] == ["a"]


def test_a_line_that_leaves_the_picture_is_named_where_it_leaves():
    [ax] = plotting.plot_bands(X, {"": {"a": [1, 2, np.nan]}}, xlim=(0, 20)).axes
    assert ax.texts[0].xy[0] == pytest.approx(0.5)


def test_real_is_blue_and_fake_is_orange_and_nothing_else_is():
    names = ["real", "generated", *"abcdefghij"]
    [ax] = plotting.plot_bands(X, {"": dict.fromkeys(names, RUNS[0])}).axes
    colours = [line.get_color() for line in ax.lines]
    assert colours[:2] == [plotting.REAL, plotting.FAKE]
    (red, _, blue), (other_red, _, other_blue) = map(to_rgb, colours[:2])
    assert red < 0.2 < 0.5 < blue and other_blue < 0.2 < 0.8 < other_red
    assert not {plotting.REAL, plotting.FAKE} & set(colours[2:])


def test_colours_that_are_given_go_first():
    given = {"real": "#123456", "a": "#654321"}
    [ax] = plotting.plot_bands(X, {"": dict.fromkeys(["real", "a"], RUNS[0])}, colours=given).axes
    assert [line.get_color() for line in ax.lines] == ["#123456", "#654321"]


def test_numbers_of_logarithmic_axes_are_written_out():
    fig = plotting.plot_bands(X, {"": {"a": [1, 30, 5000]}}, yscale="log")
    fig.draw_without_rendering()
    assert "1,000" in [label.get_text() for label in fig.axes[0].get_yticklabels()]


def test_points_stand_beside_their_lines():
    points = {"": {"a": ([5, 5], [1.0, 2.0]), "alone": ([15], [4.0])}}
    fig = plotting.plot_bands(X, {"": {"a": RUNS}}, points=points, references={"curve": RUNS[0]})
    [ax] = fig.axes
    line, curve, crosses, alone = ax.lines
    assert curve.get_ydata().tolist() == [1, 2, 3]
    assert (crosses.get_xdata().tolist(), crosses.get_ydata().tolist()) == ([5, 5], [1, 2])
    assert crosses.get_color() == line.get_color() != alone.get_color()
    assert {text.get_text() for text in ax.texts} == {"a", "curve", "alone"}
    assert "a 1.5 at 5; alone 4 at 15." in fig.alt


def test_ticks_are_where_they_are_asked_for():
    [ax] = plotting.plot_bands(X, {"": {"a": RUNS}}, xticks=X, yticks={3: "three"}).axes
    assert [label.get_text() for label in ax.get_xticklabels()] == ["0", "10", "20"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["three"]


# Dots


def test_every_value_is_a_dot_and_the_median_a_bar():
    values = {"a": [1.0, 2.0, 6.0], "b": [4.0]}
    first, second = plotting.plot_dots(
        {"first": values, "second": values}, references={"second": {"real": 5.0}},
        xscale={"first": "log"}, intervals={"first": {"a": (0.5, 7)}},
    ).axes  # fmt: skip
    drawn = [line.get_xdata().tolist() for line in first.lines]
    assert drawn == [[1, 2, 6], [2], [0.5, 7], [4]]  # one value is its own median
    assert [list(line.get_ydata()) for line in first.lines][:2] == [[0, 0, 0], [0]]
    assert list(second.lines[-1].get_xdata()) == [5, 5]
    assert (first.get_xscale(), second.get_xscale()) == ("log", "linear")
    assert [label.get_text() for label in first.get_yticklabels()] == ["a", "b"]
    assert list(first.lines[2].get_ydata()) == [0, 0]  # the interval of the first row
    assert first.get_ylim()[0] > first.get_ylim()[1]  # which stands on top


def test_panels_of_other_rows_have_their_own_names():
    first, second = plotting.plot_dots({"l": {"a": [1.0], "b": [2.0]}, "r": {"c": [3.0]}}).axes
    assert [label.get_text() for label in first.get_yticklabels()] == ["a", "b"]
    assert [label.get_text() for label in second.get_yticklabels()] == ["c"]


def test_a_table_becomes_panels():
    table = pd.DataFrame({"variant": ["b", "a", "b"], "kid": [1.0, 2.0, 3.0]})
    panels = plotting.panels_of(table, {"kid": "KID"})
    assert list(panels["KID"]) == ["b", "a"]
    assert panels["KID"]["b"].tolist() == [1, 3]


# Tiles


def test_tiles_say_their_numbers_where_they_stand():
    values = np.array([[0.1, 0.9], [0.5, 0.25]])
    fig = plotting.plot_tiles(
        {"": values}, ["up", "down"], ["l", "r"], label="share", form=".0%", marks=["xy", "zw"]
    )
    ax, bar = fig.axes
    said = {text.get_position(): text.get_text() for text in ax.texts}
    assert said == {(0, 0): "10% x", (1, 0): "90% y", (0, 1): "50% z", (1, 1): "25% w"}
    np.testing.assert_array_equal(ax.images[0].get_array(), values)
    assert bar.get_ylabel() == "share"
    shades = {text.get_position(): text.get_color() for text in ax.texts}
    assert (shades[0, 0], shades[1, 0]) == ("white", "black")  # on the darkest and the lightest
    assert [label.get_text() for label in ax.get_yticklabels()] == ["up", "down"]


def test_tiles_have_an_outline_where_told():
    told = RUNS > 5
    (ax,) = plotting.plot_tiles({"": RUNS}, "abc", "xyz", outlined=told).axes
    corners = [outline.get_xy() for outline in ax.patches]
    assert corners == [(j - 0.5, i - 0.5) for i, j in np.argwhere(told)]
    assert 0 < len(corners) < RUNS.size
    (ax,) = plotting.plot_tiles({"": RUNS}, "abc", "xyz").axes
    assert not ax.patches


def test_tiles_without_a_label_have_a_scale_a_panel():
    panels = {"a": np.array([[1.0, 10.0]]), "b": np.array([[0.0, 1.0]])}
    a, b = plotting.plot_tiles(panels, [""], "xy", scale={"a": "log", "b": "linear"}).axes
    assert a.images[0].norm.vmax == 10 and b.images[0].norm.vmax == 1
    assert a.images[0].norm(10**0.5) == pytest.approx(0.5)
    a, b, _ = plotting.plot_tiles(panels, [""], "xy", label="both", vmin=-20, vmax=20).axes
    assert a.images[0].get_clim() == b.images[0].get_clim() == (-20, 20)
    a, b, _ = plotting.plot_tiles(panels, [""], "xy", label="both", scale="log").axes
    assert a.images[0].get_clim() == b.images[0].get_clim() == (1, 10)  # 0 has no logarithm


# Images


def test_images_are_laid_out_and_ready_pictures_stay():
    images = np.zeros((4, 2, 2, 1), "float32")
    ready = np.full((3, 5, 3), 7, "uint8")
    images_ax, ready_ax = plotting.plot_images({"a": images, "b": ready}, columns=2).axes
    drawn = images_ax.images[0].get_array()
    np.testing.assert_array_equal(drawn, plotting.image_grid(images, 2))
    np.testing.assert_array_equal(ready_ax.images[0].get_array(), ready)
    assert images_ax.images[0].get_interpolation() == "nearest"
    assert [ax.get_title() for ax in (images_ax, ready_ax)] == ["a", "b"]
    upper, lower = plotting.plot_images({"a": images, "b": images}, across=1).axes
    assert [ax.get_ylabel() for ax in (upper, lower)] == ["a", "b"]
    assert len(plotting.plot_images(images, title="alone").axes) == 1


# Wrong input


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: plotting.plot_bands(X, {"GAN": RUNS}), "panel: {name: values"),
        (lambda: plotting.plot_bands(X, {}), "panel: {name: values"),
        (
            lambda: plotting.plot_bands([0, 1], {"": {"a": RUNS}}),
            r"\(runs, 2\).*Received: \(3, 3\)",
        ),
        (lambda: plotting.plot_bands(X, {"": {"a": RUNS[None]}}), r"Received: \(1, 3, 3\)"),
        (lambda: plotting.plot_dots({"": {"a": RUNS}}), r"values \(seeds,\). Received: \(3, 3\)"),
        (lambda: plotting.plot_dots({"": {"a": []}}), r"Received: \(0,\)"),
        (lambda: plotting.plot_tiles({"": RUNS}, "ab", "xyz"), r"\(2, 3\). Received: \(3, 3\)"),
        (lambda: plotting.plot_tiles({}, "ab", "xyz"), "Received: none"),
        (lambda: plotting.plot_images({}), "Received: none"),
        (lambda: plotting.plot_images({"a": np.full((1, 2, 2, 1), 255.0)}), r"\[-1, 1\]"),
    ],
)
def test_wrong_shapes_are_refused(draw, message):
    with pytest.raises(ValueError, match=message):
        draw()


# Alternative text


def test_alternative_text_holds_the_numbers():
    bands = plotting.plot_bands(
        X, {"": {"GAN": RUNS, "one": RUNS[0]}}, title="It grows", xlabel="step", ylabel="loss",
        references={"best": 0.25},
    )  # fmt: skip
    assert bands.alt == (
        "It grows. loss against step, 0 to 20. GAN 3 to 8 (runs 3 to 13); one 1 to 3; best 0.25."
    )
    assert bands.get_suptitle() == "It grows"
    dots = plotting.plot_dots({"KID": {"a": [1, 2, 6]}}, title="Dots", references={"real": 0})
    assert dots.alt == "Dots. KID: a 2 (1 to 6); real 0."
    tiles = plotting.plot_tiles({"": RUNS}, "abc", "xyz", title="Tiles!", label="V")
    assert tiles.alt == "Tiles! V. 1 (a, x) to 13 (c, z)."
    images = plotting.plot_images({"real": np.zeros((5, 2, 3, 1))}, title="Digits")
    assert images.alt == "Digits. real: 5 images of 2 × 3 pixels."


def test_numbers_have_three_digits_or_all_of_a_large_one():
    assert [number(x) for x in (1.2345, -0.012345, 1234.5)] == ["1.23", "-0.0123", "1,234"]


def test_other_figures_say_their_axes_and_named_lines():
    fig, ax = plotting.new_figure(figsize=(5, 3))
    fig.set_dpi(200)
    ax.plot([0, 1], [2.0, 1234.0], label="norm")
    ax.plot([0, 1], [0, 0])
    ax.set(title="weights", xlabel="step", ylabel="norm")
    png, metadata = fig._repr_png_()
    assert png.startswith(b"\x89PNG")
    assert metadata["alt"] == "weights. norm against step. norm: 2 to 1,234."
    assert abs(metadata["width"] - 5 * 96) < 20  # pixels of the page, at any resolution


def test_the_text_reaches_the_notebook_once():
    cells = [
        "import matplotlib.pyplot as plt  # whose inline printer knows no text",
        "from gannotes import plotting; plotting.use_style()",
        "plotting.plot_dots({'': {'a': [1, 2, 6]}}, title='Dots')",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, timeout=120).execute()
    [shown] = notebook.cells[-1].outputs
    assert shown.metadata["image/png"]["alt"] == "Dots. a 2 (1 to 6)."
    assert shown.data["image/png"].startswith("iVBOR")
