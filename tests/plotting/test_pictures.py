"""Pictures as arrays, and as files."""

import io

from gannotes import plotting
import matplotlib.pyplot as plt
import numpy as np
from PIL import Image
import pytest


def test_image_grid_by_hand():
    images = np.array([-1.0, 1.0, 0.0]).reshape(3, 1, 1, 1)
    grid = plotting.image_grid(images, columns=2)
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


@pytest.mark.parametrize("order", ["0001", "0000", "0110", "0"])
def test_a_gif_gives_equal_neighbours_back(order):
    pictures = [np.full((8, 8, 3), 255 * int(one), "uint8") for one in order]
    np.testing.assert_array_equal(plotting.gif_pictures(plotting.gif(pictures)), pictures)


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


def test_atoms_have_zero_in_the_middle_grey():
    atoms = np.array([[0.0, 2.0], [-4.0, 1.0]]).reshape(1, 2, 2, 1)
    np.testing.assert_array_equal(plotting.scaled(atoms).ravel(), [0, 0.5, -1, 0.25])
    assert not plotting.scaled(np.zeros((1, 2, 2, 1))).any()
    two = np.array([1.0, -4.0]).reshape(2, 1, 1, 1)  # each by its own largest value
    assert plotting.scaled(two).ravel().tolist() == [1, -1]


def test_a_figure_becomes_a_picture_and_waits_nowhere():
    fig, ax = plotting.new_figure(figsize=(2, 1))
    ax.axis("off")
    picture = plotting.figure_picture(fig)
    assert picture.dtype == np.uint8 and picture.ndim == 3 and (picture == 255).all()
    assert plt.get_fignums() == []


def test_a_film_of_figures_is_those_figures_and_says_what_the_last_shows():
    figures = [plotting.plot_points({name: (np.eye(2), np.eye(2))}) for name in ("ill", "mended")]
    film = plotting.film(figures)
    first, last = plotting.gif_pictures(film.data)
    assert first.shape == plotting.figure_picture(figures[0]).shape
    assert not np.array_equal(first, last)
    assert film.alt.startswith("A film of 2 figures. mended.")


def test_a_film_of_images_keeps_their_greys_and_says_how_many():
    frames = [np.full((3, 2, 2, 1), grey) for grey in (-0.5, 0.3)]
    film = plotting.film(frames)
    first, last = (picture[0, 0, 0] for picture in plotting.gif_pictures(film.data))
    assert abs(int(first) - 64) <= 4 and abs(int(last) - 166) <= 4  # of 33 levels
    assert film.alt == "A film of 2 times, 3 images each."
