"""Figures of the plane."""

from gannotes import plotting
from matplotlib.colors import rgb_to_hsv, to_hex, to_rgb
import numpy as np


def test_plane_rows_go_upwards():
    plane = plotting.plane(2.0, resolution=3)
    assert plane[0].tolist() == [-2, -2] and plane[-1].tolist() == [2, 2]
    assert plane[1].tolist() == [0, -2]


def test_a_map_is_the_sigmoid_of_scores_row_by_row():
    found = plotting.discriminator_map(lambda points: np.log(3) * points[:, 1:], 1.0, resolution=3)
    np.testing.assert_allclose(found, np.repeat([[0.25], [0.5], [0.75]], 3, axis=1), rtol=1e-6)


def test_the_game_shows_real_fake_and_where_fakes_are_drawn():
    points = np.zeros((3, 2))
    [ax] = plotting.plot_game(2, np.full((4, 4), 0.5), points, points + 1, points).axes
    assert ax.get_xlim() == (-2, 2)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["real", "fake"]


def test_colours_and_arrows_of_the_game_are_those_of_its_points():
    rng = np.random.default_rng(0)
    real, fake, pull = rng.normal(size=(3, 5, 2))
    probability = np.linspace(0, 1, 16).reshape(4, 4)
    [ax] = plotting.plot_game(2, probability, real, fake, pull).axes
    blue, orange, arrows = ax.collections
    for drawn, points, colour in ((blue, real, plotting.REAL), (orange, fake, plotting.FAKE)):
        np.testing.assert_allclose(drawn.get_offsets(), points)
        assert to_hex(drawn.get_facecolor()[0]) == colour
    np.testing.assert_allclose(np.c_[arrows.U, arrows.V], pull)
    np.testing.assert_allclose(arrows.get_offsets(), fake)
    assert (arrows.angles, arrows.scale_units, arrows.scale) == ("xy", "xy", 1)
    [shown] = ax.images
    assert shown.origin == "lower" and shown.get_extent() == [-2, 2, -2, 2]
    sure = np.array([shown.get_cmap()(x)[:3] for x in (0.0, 1.0)])
    full = np.array([to_rgb(plotting.FAKE), to_rgb(plotting.REAL)])
    hue = rgb_to_hsv(sure)[:, 0] - rgb_to_hsv(full)[:, 0]
    assert np.abs(hue).max() < 0.05  # surely fake is orange, surely real is blue
    assert (np.linalg.norm(sure - full, axis=1) > 0.25).all()  # points stand out


def test_maps_stand_side_by_side_in_one_scale():
    maps = {"a": np.full((4, 4), 0.25), "b": np.ones((4, 4))}
    points = {"a": np.zeros((3, 2)), "b": np.ones((3, 2))}
    a, b, bar = plotting.plot_discriminator_maps(maps, 2.0, points).axes
    assert [ax.get_title() for ax in (a, b)] == ["a", "b"]
    assert a.images[0].get_clim() == b.images[0].get_clim() == (0, 1)
    assert (a.images[0].get_array() == 0.25).all() and len(a.collections[0].get_offsets()) == 3
    assert (b.collections[0].get_offsets() == 1).all()
    assert bar.get_ylabel().startswith("D(x)")
    *_, bar = plotting.plot_discriminator_maps(maps, 2.0, label="D(x), scores doubled").axes
    assert bar.get_ylabel() == "D(x), scores doubled"


def test_arrows_show_which_way_d_rises():
    """In colours of a narrower scale, as where D is unsure."""
    right = np.tile(np.linspace(0.4, 0.6, 16), (16, 1))
    maps = {"right": right, "up": right.T}
    a, b, _ = plotting.plot_discriminator_maps(maps, 2.0, spread=0.25, slopes=True).axes
    assert a.images[0].get_clim() == b.images[0].get_clim() == (0.25, 0.75)
    for ax, way in ((a, (1, 0)), (b, (0, 1))):
        (arrows,) = (c for c in ax.collections if hasattr(c, "U"))
        assert arrows.N == 4 and np.abs(arrows.XY).max() < 2
        ways = np.stack([arrows.U.ravel(), arrows.V.ravel()], axis=1)
        np.testing.assert_allclose(ways / np.linalg.norm(ways, axis=1, keepdims=True), [way] * 4)


def test_points_stand_on_real_ones():
    real, fake = np.array([[1.0, 0.0], [0.0, 2.0]]), np.ones((3, 2))
    fig = plotting.plot_points({"GAN": (real, fake), "other": (real, fake)}, "Modes", across=1)
    first, second = fig.axes
    assert (first.get_title(), second.get_title()) == ("GAN", "other")
    centres, made = first.collections
    assert centres.get_offsets().tolist() == real.tolist()
    assert made.get_offsets().tolist() == fake.tolist()
    assert first.get_xlim() == (-2.6, 2.6)  # the centres and a third


def test_a_sheet_of_latents_is_bent_as_the_generator_says():
    bends = {"twice": lambda z: 2 * z, "thrice": lambda z: 3 * z}
    fig = plotting.plot_sheets(bends, np.ones((3, 2)), np.eye(2), "bent")
    flat, twice, thrice = fig.axes
    assert len(flat.lines) == 5 + 16 + 2 and fig.get_suptitle() == "bent"
    for before, after in zip(flat.lines, twice.lines, strict=True):
        np.testing.assert_allclose(2 * before.get_xydata(), after.get_xydata())
    reach = max(np.linalg.norm(line.get_xydata(), axis=1).max() for line in flat.lines)
    np.testing.assert_allclose(reach, 2.5)
    np.testing.assert_allclose(twice.collections[1].get_offsets(), 2 * np.eye(2))
    np.testing.assert_allclose(thrice.collections[1].get_offsets(), 3 * np.eye(2))
    flat = plotting.plot_sheets({"wide": lambda z: z * [9, 1]}, np.ones((3, 2)), np.eye(2)).axes[0]
    most, least = (line.get_xydata().mean(axis=0) for line in flat.lines[-2:])
    assert most[1] < -1.2 and abs(least[0]) > 1.4  # along x, far from the real ones; along y
