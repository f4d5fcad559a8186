"""Ranks told from singular values, against answers known by hand."""

from gannotes.layers.ranks import effective_rank, energy_rank
import numpy as np
import pytest


@pytest.mark.parametrize("rank", [1, 2, 5])
def test_equal_values_count_one_each(rank):
    values = np.r_[np.full(rank, 0.3), np.zeros(6 - rank)]
    assert effective_rank(values) == pytest.approx(rank, rel=1e-9)
    assert energy_rank(values, 1) == rank


def test_effective_rank_by_hand():
    # shares ½, ¼, ¼: entropy ½·log 2 + ½·log 4 = 1.5·log 2
    assert effective_rank([2, 1, 1]) == pytest.approx(2**1.5)
    np.testing.assert_allclose(effective_rank([[2, 1, 1], [1, 0, 0], [0, 0, 0]]), [2**1.5, 1, 0])


@pytest.mark.parametrize(("share", "rank"), [(0.5, 1), (0.64, 1), (0.65, 2), (0.99, 2), (1, 2)])
def test_energy_rank_by_hand(share, rank):
    assert energy_rank([0.8, 0.6, 0.0], share) == rank  # energies 0.64, 0.36, 0


def test_energy_rank_bounds_the_error_of_the_truncated_svd():
    matrix = np.random.default_rng(0).normal(size=(20, 12))
    u, s, vt = np.linalg.svd(matrix, full_matrices=False)
    for share in (0.3, 0.6, 0.9):
        rank = energy_rank(s, share)
        errors = [np.sum(np.square(matrix - (u[:, :r] * s[:r]) @ vt[:r])) for r in (rank - 1, rank)]
        assert errors[1] <= (1 - share) * np.sum(np.square(matrix)) < errors[0]


def test_ranks_of_several_matrices():
    assert energy_rank([[1, 0, 0], [1, 1, 1]], 0.9).tolist() == [1, 3]
    assert energy_rank([0.0, 0.0], 0.9) == 1


@pytest.mark.parametrize("values", [[], 3.0, [1, -1], [1, np.nan], [np.inf]])
def test_what_are_no_singular_values_is_refused(values):
    for count in (effective_rank, lambda values: energy_rank(values, 0.5)):
        with pytest.raises(ValueError, match="[Ss]ingular values"):
            count(values)


@pytest.mark.parametrize("share", [0, -0.1, 1.1, np.nan])
def test_a_share_is_above_0_and_at_most_1(share):
    with pytest.raises(ValueError, match="share"):
        energy_rank([1, 1], share)
