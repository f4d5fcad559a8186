"""The slider through training time."""

import io

from gannotes import plotting, widgets
from gannotes.training import callbacks
import numpy as np
from PIL import Image
import pytest
from seen import DIGITS, digits_gan, picture, text
from small import POINTS, small_gan


def test_training_explorer_goes_through_its_pictures():
    pictures = [np.full((4, 6, 3), 80 * i, "uint8") for i in range(3)]
    explorer = widgets.TrainingExplorer([0, 500, 1000], pictures, ["a", "b", "c"], "digits")
    assert picture(explorer).mean() == 160  # opens at the end
    explorer.slider.value = 0
    assert picture(explorer).mean() == 0 and text(explorer).strip() == "a"
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


def snapshots(gan, **options):
    shots = callbacks.Snapshots(every=5, count=16, **options)
    gan.fit(POINTS, batch_size=16, steps_per_epoch=10, callbacks=[shots], verbose=0)
    return shots


def test_a_curves_mark_follows_the_slider():
    pictures = [np.zeros((4, 4, 3), "uint8")] * 3
    explorer = widgets.TrainingExplorer([0, 10, 40], pictures, curves={"loss": [3, 2, 1]})
    columns = []
    for chosen in range(3):
        explorer.slider.value = chosen
        curve = np.asarray(Image.open(io.BytesIO(explorer.curve.value)))
        marked = (curve == (208, 28, 139)).all(axis=-1)
        [column] = set(np.nonzero(marked)[1])
        columns.append(column)
    assert (columns[2] - columns[0]) / (columns[1] - columns[0]) == pytest.approx(4, abs=0.1)
    with pytest.raises(ValueError, match="Curve 'loss' must have one number for each of the 3"):
        widgets.TrainingExplorer([0, 1, 2], pictures, curves={"loss": [1]})


def test_a_film_of_points_on_ds_map():
    shots = snapshots(small_gan(), probe=plotting.plane(3, 8))
    explorer = widgets.TrainingExplorer.of_snapshots(shots, POINTS, metrics={"m": [1, 2, 3]})
    assert repr(explorer) == "training: slider over 3 snapshots, steps 0 to 10"
    first = picture(explorer)
    explorer.slider.value = 0
    assert (picture(explorer) != first).any()
    with pytest.raises(ValueError, match="the probe must be a square of points"):
        widgets.TrainingExplorer.of_snapshots(snapshots(small_gan(), probe=POINTS[:7]))


def test_a_film_of_images_with_the_probes_scores():
    shots = callbacks.Snapshots(every=5, count=16, probe=DIGITS)
    digits_gan().fit(DIGITS, batch_size=16, steps_per_epoch=10, callbacks=[shots], verbose=0)
    explorer = widgets.TrainingExplorer.of_snapshots(shots)
    expected = plotting.image_grid(shots.images[-1], 8, 5)
    np.testing.assert_array_equal(picture(explorer), expected)
    assert explorer.curve.value


def test_still_goes_from_first_to_last():
    pictures = [np.full((4, 6, 3), 80 * i, "uint8") for i in range(3)]
    film = widgets.TrainingExplorer([0, 500, 1000], pictures)
    titles = [ax.get_title() for ax in film.still(2).axes]
    assert titles == ["step 0", "step 1,000"]
