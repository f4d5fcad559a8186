"""The slider through training time."""

from gannotes import widgets
import numpy as np
import pytest
from seen import picture, text


def test_training_explorer_goes_through_its_pictures():
    pictures = [np.full((4, 6, 3), 80 * i, "uint8") for i in range(3)]
    explorer = widgets.TrainingExplorer([0, 500, 1000], pictures, ["a", "b", "c"], "digits")
    assert picture(explorer).mean() == 160  # opens at the end
    explorer.slider.value = 0
    assert picture(explorer).mean() == 0 and text(explorer).strip() == "a"
    explorer.slider.value = 2
    assert picture(explorer).mean() == 160
    assert repr(explorer) == "digits: step"


@pytest.mark.parametrize("lengths", [(0, 0, 0), (2, 1, 2), (2, 2, 1)])
def test_training_explorer_refuses_unequal_lists(lengths):
    steps, pictures, captions = lengths
    with pytest.raises(ValueError, match="equally many"):
        widgets.TrainingExplorer(
            range(steps), [np.zeros((2, 2, 3), "uint8")] * pictures, ["x"] * captions
        )


def test_still_goes_from_first_to_last():
    pictures = [np.full((4, 6, 3), 80 * i, "uint8") for i in range(3)]
    film = widgets.TrainingExplorer([0, 500, 1000], pictures)
    titles = [ax.get_title() for ax in film.still(2).axes]
    assert titles == ["step 0", "step 1,000"]


def test_steps_may_be_something_else():
    pictures = [np.zeros((4, 6, 3), "uint8")] * 2
    film = widgets.TrainingExplorer([0.5, 1.0], pictures, title="truncation", what="ψ")
    assert repr(film) == "truncation: ψ"
    assert [ax.get_title() for ax in film.still(2).axes] == ["ψ 0.5", "ψ 1.0"]


def test_a_still_of_wide_pictures_has_a_row_each():
    film = widgets.TrainingExplorer([0, 1], [np.zeros((4, 40, 3), "uint8")] * 2, what="share")
    assert [ax.get_ylabel() for ax in film.still().axes] == ["share 0", "share 1"]
    film = widgets.TrainingExplorer([0, 1], [np.zeros((4, 40, 3), "uint8")] * 2, ["a", "b"])
    assert [ax.get_ylabel() for ax in film.still().axes] == ["step 0\na", "step 1\nb"]
