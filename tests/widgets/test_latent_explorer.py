"""Sliders over a latent space."""

from gannotes import models, plotting, widgets
from gannotes.latent import generators, latents
from gannotes.widgets.explorer import FRAMES
import numpy as np
from PIL import Image
import pytest
from seen import conditional, generator, picture, text


def test_latent_explorer_shows_what_the_generator_makes():
    model = generator()
    explorer = widgets.LatentExplorer(model, count=6, columns=3)
    expected = plotting.image_grid(np.asarray(model(explorer.latents)), columns=3)
    np.testing.assert_array_equal(picture(explorer), expected)
    assert explorer.image.width == str(17 * expected.shape[1])  # pixels enlarged by the browser


def test_latent_sliders_move_their_coordinate_alone_and_reset():
    explorer = widgets.LatentExplorer(generator(), count=6)
    latents, first = explorer.latents, explorer.image.value
    explorer.sliders[3].value = 1.5
    np.testing.assert_allclose(explorer.latents - latents, [[0, 0, 0, 1.5, 0]] * 6, atol=1e-6)
    assert explorer.image.value != first
    explorer.reset.click()
    assert explorer.image.value == first
    explorer.seed.value = 7
    assert explorer.image.value != first


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"directions": np.eye(4)}, "directions must be finite, of shape"),
        ({"count": 0}, "count must be a whole number"),
    ],
)
def test_latent_explorer_refuses(options, message):
    with pytest.raises(ValueError, match=message):
        widgets.LatentExplorer(generator(), **options)


def test_latent_explorer_needs_images():
    with pytest.raises(ValueError, match="must map latents"):
        widgets.LatentExplorer(models.mlp_generator((2,)))


def test_directions_and_truncation():
    direction = np.array([[0, 1.0, 0, -1.0, 0]])
    explorer = widgets.LatentExplorer(generator(), directions=direction, names=["tilt"], count=4)
    assert [slider.description for slider in explorer.sliders] == ["tilt"]
    drawn = explorer.latents
    explorer.truncation.value = 0.5
    explorer.sliders[0].value = 2
    np.testing.assert_allclose(explorer.latents, drawn / 2 + 2 * direction, atol=1e-6)
    explorer.reset.click()
    np.testing.assert_array_equal(explorer.latents, drawn)


def test_reset_draws_once(monkeypatch):
    explorer = widgets.LatentExplorer(generator(), count=4)
    for slider in explorer.sliders:
        slider.value = 1
    drawn = []
    monkeypatch.setattr(generators, "make", lambda *given: drawn.append(given) or IMAGES)
    explorer.reset.click()
    assert len(drawn) == 1


IMAGES = np.zeros((4, 8, 8, 1), "float32")


def test_classes_in_turn_or_one():
    model = conditional()
    explorer = widgets.LatentExplorer(model, count=5, classes=["a", "b", "c"])
    assert explorer.labels.tolist() == [0, 1, 2, 0, 1]
    explorer.classes.value = 2
    assert explorer.labels.tolist() == [2] * 5
    expected = plotting.image_grid(generators.make(model, explorer.latents, explorer.labels), 8)
    np.testing.assert_array_equal(picture(explorer), expected)
    assert repr(explorer) == (
        "Each slider shifts every image along one latent coordinate: z0, z1, z2, z3, truncation ψ, "
        "seed, random, class, reset, keep, forget, save, walk"
    )
    one = widgets.LatentExplorer(model, count=1)
    assert [name for name, _ in one.classes.options] == ["0", "1", "2"]  # no turns with one image


def test_a_walk_goes_through_what_was_kept():
    explorer = widgets.LatentExplorer(generator(), count=3)
    assert explorer.walk.disabled and explorer.play.disabled
    explorer.keep.click()
    assert explorer.walk.disabled
    first = explorer.latents
    explorer.seed.value = 1
    explorer.sliders[2].value = -1
    second = explorer.latents
    explorer.keep.click()
    assert not explorer.walk.disabled and explorer.play.max == explorer.walk.max
    explorer.walk.value = explorer.walk.max
    np.testing.assert_allclose(explorer.latents, second, atol=1e-6)
    explorer.walk.value = explorer.walk.max // 2
    np.testing.assert_array_equal(explorer.latents, latents.between(first, second, 0.5))
    explorer.sliders[2].value = 0  # leaves the walk
    np.testing.assert_array_equal(explorer.latents, latents.draw(3, 5, 1))
    explorer.forget.click()
    assert explorer.walk.disabled and not explorer.kept


def test_a_walk_has_the_classes_of_the_nearest_kept_point():
    explorer = widgets.LatentExplorer(conditional(), count=3)
    for chosen in (1, 2):
        explorer.classes.value = chosen
        explorer.keep.click()
    shown = []
    for step in (1, explorer.walk.max - 1):
        explorer.walk.value = step
        shown.append(explorer.labels.tolist())
    assert shown == [[1] * 3, [2] * 3]


def test_the_still_goes_from_minus_3_to_3():
    model = generator()
    explorer = widgets.LatentExplorer(model, count=3)
    walk = explorer.latents[0] + np.array([[-3.0], [0.0], [3.0]]) * np.eye(5)[0]
    shown = explorer.still(columns=3).axes[0].images[0].get_array()
    np.testing.assert_array_equal(shown, plotting.image_grid(generators.make(model, walk), 3))


def test_only_the_last_points_are_kept():
    explorer = widgets.LatentExplorer(conditional(), count=1)
    for seed in range(10):
        explorer.seed.value = seed
        explorer.keep.click()
    assert len(explorer.kept) == 8
    np.testing.assert_array_equal(explorer.kept[0][0], latents.draw(1, 5, 2))


def test_random_draws_another_seed_and_leaves_the_notebooks_generator_alone():
    explorer = widgets.LatentExplorer(generator(), count=1)
    np.random.seed(0)
    before = explorer.latents
    explorer.random.click()
    assert not np.array_equal(explorer.latents, before)
    assert np.random.randint(1000) == 684  # the first of seed 0


def test_save_writes_picture_and_latents_and_overwrites_nothing(tmp_path):
    explorer = widgets.LatentExplorer(conditional(), count=3, folder=tmp_path / "out")
    explorer.save.click()
    explorer.seed.value = 5
    explorer.save.click()
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == [f"latents-00{n}.{kind}" for n in (1, 2) for kind in ("npz", "png")]
    with np.load(tmp_path / "out" / "latents-002.npz", allow_pickle=False) as saved:
        np.testing.assert_array_equal(saved["latents"], explorer.latents)
        assert saved["labels"].tolist() == [0, 1, 2]
    saved = np.asarray(Image.open(tmp_path / "out" / "latents-002.png").convert("RGB"))
    shown = picture(explorer)
    scale = int(explorer.image.width) // shown.shape[1]
    np.testing.assert_array_equal(saved[::scale, ::scale], shown)
    assert saved.shape[1] == int(explorer.image.width) > shown.shape[1]


def test_save_writes_a_walk_as_a_film(tmp_path):
    explorer = widgets.LatentExplorer(conditional(), count=3, folder=tmp_path)
    for seed in (1, 2, 3):
        explorer.seed.value = seed
        explorer.keep.click()
    explorer.save.click()
    with Image.open(tmp_path / "latents-001.gif") as film:
        still = {}
        for number in range(film.n_frames):
            film.seek(number)
            still[number] = np.asarray(film.convert("RGB"))
    assert 2 <= len(still) <= 2 * FRAMES + 1  # equal neighbours are one
    explorer.walk.value = explorer.walk.max
    scale = int(explorer.image.width) // picture(explorer).shape[1]
    np.testing.assert_array_equal(still[len(still) - 1][::scale, ::scale], picture(explorer))
    assert "latents-001.npz and .png, .gif" in explorer.note.value


def test_save_says_what_went_wrong(tmp_path):
    (tmp_path / "file").write_text("in the way")
    explorer = widgets.LatentExplorer(generator(), count=1, folder=tmp_path / "file")
    explorer.save.click()
    assert "not written" in text(explorer)


def test_titles_are_text_not_markup():
    explorer = widgets.LatentExplorer(generator(), count=1, title="<img src=x onerror=alert(1)>")
    assert "<img" not in explorer.children[0].value


def test_still_is_a_row_for_each_slider():
    explorer = widgets.LatentExplorer(conditional(), count=2)
    assert [ax.get_ylabel() for ax in explorer.still().axes] == ["z0", "z1", "z2", "z3"]
