"""Sliders, without a browser: they change the picture, and bring it back."""

import io

from gannotes import models, plotting, widgets
import keras
import numpy as np
from PIL import Image
import pytest


def picture(widget):
    return np.asarray(Image.open(io.BytesIO(widget.image.value)))


def generator():
    keras.utils.set_random_seed(0)
    return models.mlp_generator((8, 8, 1), latent_dim=5, widths=(16,))


def test_training_explorer_goes_through_its_pictures():
    pictures = [np.full((4, 6, 3), 80 * i, "uint8") for i in range(3)]
    explorer = widgets.TrainingExplorer([0, 500, 1000], pictures, ["a", "b", "c"], "digits")
    assert picture(explorer).mean() == 160  # opens at the end
    explorer.slider.value = 0
    assert picture(explorer).mean() == 0 and explorer.children[-1].value == "a"
    explorer.slider.value = 2
    assert picture(explorer).mean() == 160
    assert repr(explorer) == "digits: slider over 3 snapshots, steps 0 to 1,000"


@pytest.mark.parametrize("lengths", [(0, 0, 0), (2, 1, 2), (2, 2, 1)])
def test_training_explorer_refuses_unequal_lists(lengths):
    steps, pictures, captions = lengths
    with pytest.raises(ValueError, match="equally many"):
        widgets.TrainingExplorer(
            range(steps), [np.zeros((2, 2, 3), "uint8")] * pictures, ["x"] * captions
        )


def test_latent_explorer_shows_what_the_generator_makes():
    model = generator()
    explorer = widgets.LatentExplorer(model, coordinates=(0, 3), count=6, columns=3, scale=2)
    expected = plotting.image_grid(np.asarray(model(explorer.latents)), columns=3, scale=2)
    np.testing.assert_array_equal(picture(explorer), expected)


def test_latent_sliders_move_their_coordinate_alone_and_reset():
    explorer = widgets.LatentExplorer(generator(), coordinates=(0, 3), count=6)
    latents, first = explorer.latents, explorer.image.value
    explorer.sliders[1].value = 1.5
    np.testing.assert_allclose(explorer.latents - latents, [[0, 0, 0, 1.5, 0]] * 6, atol=1e-6)
    assert explorer.image.value != first
    explorer.reset.click()
    assert explorer.image.value == first
    explorer.seed.value = 7
    assert explorer.image.value != first


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"coordinates": [5]}, "Coordinates lie in 0 to 4. Received: 5"),
        ({"coordinates": [-1]}, "Coordinates lie in 0 to 4"),
        ({"count": 0}, "count must be a whole number"),
    ],
)
def test_latent_explorer_refuses(options, message):
    with pytest.raises(ValueError, match=message):
        widgets.LatentExplorer(generator(), **options)


def test_latent_explorer_needs_images():
    with pytest.raises(ValueError, match="must map latents"):
        widgets.LatentExplorer(models.mlp_generator((2,)))
