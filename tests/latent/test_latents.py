"""Points of a latent space."""

from gannotes.latent import latents
import numpy as np
import pytest


def test_draw_is_gaussian_the_same_for_a_seed_and_scaled_by_truncation():
    drawn = latents.draw(2000, 8, seed=3)
    assert drawn.shape == (2000, 8) and drawn.dtype == "float32"
    assert abs(drawn.mean()) < 0.03 and abs(drawn.std() - 1) < 0.03
    np.testing.assert_array_equal(latents.draw(2000, 8, seed=3), drawn)
    np.testing.assert_allclose(latents.draw(2000, 8, 3, truncation=0.5), drawn / 2, rtol=1e-6)
    with pytest.raises(ValueError, match="truncation must be a finite number, from 0 to 1"):
        latents.draw(1, 2, 0, truncation=1.5)


def test_directions_have_their_names_and_coordinates_stand_in_for_them():
    named = {"up": np.ones(6), "down": -np.ones(6)}
    found = latents.name_directions(6, named)
    assert {name: row.tolist() for name, row in found.items()} == {"up": [1] * 6, "down": [-1] * 6}
    assert list(latents.name_directions(6, np.eye(6)[:2])) == ["d0", "d1"]
    assert list(latents.name_directions(6, np.eye(6)[:2], ["a", "b"])) == ["a", "b"]
    coordinates = latents.name_directions(6)
    assert list(coordinates) == ["z0", "z1", "z2", "z3"] and coordinates["z2"][2] == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"directions": np.zeros((0, 3))}, "Received: shape (0, 3)"),
        ({"directions": np.ones((2, 4))}, "of shape (directions, 3). Received: shape (2, 4)"),
        ({"directions": np.full((1, 3), np.nan)}, "directions must be finite"),
        ({"directions": np.eye(3), "names": ["a"]}, "Each direction must have a name of its own"),
        ({"directions": np.eye(3)[:2], "names": ["a", "a"]}, "a name of its own"),
    ],
)
def test_directions_refused(options, message):
    with pytest.raises(ValueError, match=message.replace("(", r"\(").replace(")", r"\)")):
        latents.name_directions(3, **options)


def test_between_is_an_arc_of_even_speed():
    first, second = np.array([[2.0, 0.0]]), np.array([[0.0, 2.0]])
    for share in (0, 0.25, 0.5, 1):
        angle = share * np.pi / 2
        expected = [[2 * np.cos(angle), 2 * np.sin(angle)]]
        np.testing.assert_allclose(latents.between(first, second, share), expected, atol=1e-6)
    np.testing.assert_allclose(latents.between(first, second, 0.5, "line"), [[1, 1]])


def test_between_keeps_the_length_of_gaussian_latents_where_a_line_does_not():
    first, second = latents.draw(500, 64, 0), latents.draw(500, 64, 1)
    usual = np.linalg.norm(first, axis=1).mean()
    arc, line = (
        np.linalg.norm(latents.between(first, second, 0.5, path), axis=1).mean()
        for path in ("sphere", "line")
    )
    assert abs(arc / usual - 1) < 0.01
    assert abs(line / usual - np.sqrt(0.5)) < 0.01  # the mean of two: variance a half


@pytest.mark.parametrize("second", [[[1.0, 0.0]], [[-1.0, 0.0]], [[0.0, 0.0]], [[3.0, 0.0]]])
def test_between_goes_straight_where_there_is_no_arc(second):
    first = np.array([[1.0, 0.0]])
    expected = (first + np.array(second)) / 2
    np.testing.assert_allclose(latents.between(first, second, 0.5), expected, atol=1e-6)


def test_along_goes_through_every_point():
    points = [latents.draw(3, 4, seed) for seed in range(3)]
    for number, point in enumerate(points):
        np.testing.assert_allclose(latents.along(points, number), point, atol=1e-6)
    middle = latents.between(points[1], points[2], 0.25)
    np.testing.assert_array_equal(latents.along(points, 1.25), middle)
    np.testing.assert_allclose(latents.along(points[:1], 0), points[0], atol=1e-6)
    with pytest.raises(ValueError, match="position must be a finite number, from 0 to 2"):
        latents.along(points, 2.1)
