"""Entries of a sparse code."""

from gannotes import plotting, widgets
from gannotes.models.atoms import Atoms
import numpy as np
import pytest
from seen import DIGITS, picture, text


def code_explorer(**options):
    atoms = np.linalg.qr(np.random.default_rng(1).normal(size=(64, 64)))[0].reshape(64, 8, 8, 1)
    dictionary = Atoms(atoms, np.zeros((8, 8, 1)))
    return widgets.CodeExplorer(dictionary, DIGITS, **options), dictionary


def test_the_code_explorer_shows_image_and_code():
    explorer, dictionary = code_explorer(active=5)
    code = dictionary.encode(DIGITS[:1], 5)
    np.testing.assert_allclose(explorer.code, code[0])
    pair = np.concatenate([DIGITS[:1], dictionary.decode(code)])
    np.testing.assert_array_equal(picture(explorer), plotting.image_grid(pair, 2))
    assert "5 non-zeros of 64" in text(explorer)
    assert repr(explorer) == ("Switch atoms off, change their weights: image, non-zeros, reset")


def test_switches_and_weights_change_their_entry_alone_and_reset():
    explorer, _ = code_explorer(active=5)
    first, found = explorer.image.value, explorer.code
    atom = explorer.order[0]
    explorer.switches[0].value = False
    assert np.flatnonzero(explorer.code != found).tolist() == [atom] and explorer.code[atom] == 0
    assert explorer.image.value != first
    explorer.switches[0].value = True
    explorer.weights[0].value = 0.5
    assert np.flatnonzero(explorer.code != found).tolist() == [atom]
    assert explorer.code[atom] == pytest.approx(0.5)
    explorer.reset.click()
    np.testing.assert_array_equal(explorer.code, found)
    assert explorer.image.value == first
    assert explorer.switches[6].disabled and explorer.weights[6].disabled  # there are five


def test_a_browser_that_rounds_a_weight_to_the_sliders_steps_changes_nothing():
    explorer, _ = code_explorer(active=5)
    first, found = explorer.image.value, explorer.code
    for weight in explorer.weights:
        weight.value = round(weight.value / weight.step) * weight.step
    np.testing.assert_array_equal(explorer.code, found)
    assert explorer.image.value == first


def test_another_image_and_another_sparsity_have_another_code():
    explorer, dictionary = code_explorer(active=5, shown=3)
    explorer.which.value = 9
    np.testing.assert_allclose(explorer.code, dictionary.encode(DIGITS[9:10], 5)[0])
    explorer.sparsity.value = 12
    assert np.count_nonzero(explorer.code) == 12
    titles = [ax.get_title() for ax in explorer.still().axes]
    assert titles[0] == "no atom" and titles[-1] == "the image" and len(titles) == 5


def test_it_takes_one_image_more_and_the_still_shows_what_each_atom_adds():
    explorer, dictionary = code_explorer(active=3, shown=3)
    explorer.show(DIGITS[5])
    np.testing.assert_allclose(explorer.code, dictionary.encode(DIGITS[5:6], 3)[0])
    assert explorer.which.value == len(DIGITS)
    explorer.show(DIGITS[6])
    first, *_ = explorer.order
    (column,) = explorer.still().axes[1].images  # sum and atom, one below the other
    atom = plotting.scaled(explorer.code[first] * dictionary.atoms[[first]])
    np.testing.assert_array_equal(column.get_array()[9:], plotting.image_grid(atom))
    with pytest.raises(ValueError, match="images must have shape"):
        explorer.show(DIGITS[5, :4])


def test_the_code_explorer_refuses():
    with pytest.raises(ValueError, match="active must be a whole number"):
        code_explorer(active=0)
    _, dictionary = code_explorer()
    with pytest.raises(ValueError, match="images must have shape"):
        widgets.CodeExplorer(dictionary, DIGITS[:, :4])
