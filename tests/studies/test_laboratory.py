"""The laboratory: subsets, diagnoses and overfitting with a known answer; remedies all train."""

from gannotes import datasets
from gannotes.studies import laboratory, remedies
import numpy as np
import pytest


@pytest.fixture(scope="module")
def digits():
    return datasets.load("digits")


@pytest.fixture(scope="module")
def board(digits):
    return laboratory.everyday_board(digits.shape, 200, jit_compile=False)


def test_a_subset_fills_the_data_sets_rows_evenly(digits):
    few, rows = laboratory.subset(digits, 100, seed=3)
    assert few.shape == (100, 8, 8, 1) and rows.shape == digits.images.shape
    _, counts = np.unique(rows.reshape(len(rows), -1), axis=0, return_counts=True)
    assert len(counts) == 100 and np.ptp(counts) <= 1
    assert not np.array_equal(few, laboratory.subset(digits, 100, seed=4)[0])


def test_imbalanced_classes_fall_off(digits):
    chosen, order = laboratory.imbalanced(digits, seed=1)
    assert sorted(order) == list(range(10))
    sizes = np.array([len(indices) for indices in chosen])
    np.testing.assert_allclose(sizes[1:] / sizes[:-1], 0.7, atol=0.06)
    for indices, label in zip(chosen, order, strict=True):
        assert set(digits.labels[indices]) == {label} and len(set(indices)) == len(indices)


@pytest.mark.parametrize(
    ("recipe", "said"),
    [
        ({"rate": 0.0, "generator_rate": 0.0}, "The generator does not move"),
        ({"rate": 1e30, "generator_rate": 1e30, "falling": False}, "diverged"),
        ({"r1": 0.6}, "healthy"),
    ],
)
def test_a_diagnosis_in_words(digits, board, recipe, said):
    images, found = laboratory.diagnosed(board, digits.images, 0, count=300, **recipe)
    assert found == said
    assert images.shape == (300, 8, 8, 1) and np.isfinite(images).all()


def test_a_d_that_learns_by_heart_has_a_gap(digits, board):
    """Without regularization 20 images are learned by heart; L1 of a huge weight leaves D nothing."""
    by_heart = laboratory.overfitting(board, digits, 20, 0, r1=0.0)
    shrunk = laboratory.overfitting(board, digits, 20, 0, r1=0.0, l1=0.1)
    assert by_heart["gap"] > 0.8 > shrunk["gap"]
    assert 0 <= by_heart["copies"] <= 1 and by_heart["frechet"] > 0


@pytest.mark.parametrize("remedy", [*remedies.REMEDIES, "sigmoid twice"])
def test_every_remedy_trains(cabinet, ring, remedy):
    points = cabinet.samples(ring, remedy, seed=0, count=50)
    assert points.shape == (50, 2) and np.isfinite(points).all()


@pytest.fixture(scope="module")
def cabinet():
    return remedies.Cabinet(5, jit_compile=False)


@pytest.fixture(scope="module")
def ring():
    return datasets.load("ring", count=500)


def test_an_unknown_remedy_is_refused(cabinet, ring):
    with pytest.raises(ValueError, match="Unknown remedy"):
        cabinet.samples(ring, "prayer", 0)
