"""Kernels: ranks against answers known by hand, multiply-adds counted by hand."""

from arithmetic import matrix_rate, step_multiply_adds
from gannotes import models
from gannotes.layers.kernels import effective_rank, energy_rank, multiply_adds
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


# Costs


def test_dense_layers_have_a_multiply_add_a_weight():
    generator = models.mlp_generator((8, 8, 1), 16, (32, 64), batch_norm=True)
    assert multiply_adds(generator) == 16 * 32 + 32 * 64 + 64 * 64
    normalized = models.mlp_discriminator((8, 8, 1), (32,), spectral_norm=True)
    assert multiply_adds(normalized) == 64 * 32 + 32


def test_convolutions_have_one_a_weight_and_place():
    discriminator = models.conv_discriminator((8, 8, 1), (4, 6, 8))
    by_layer = 16 * 1 * 4 * 4 * 4 + 16 * 4 * 6 * 2 * 2 + 16 * 6 * 8 + 8
    assert multiply_adds(discriminator) == by_layer
    generator = models.conv_generator((8, 8, 1), 5, (3, 4, 6))
    by_layer = 5 * 2 * 2 * 3 + 16 * 3 * 4 * 2 * 2 + 16 * 4 * 6 * 4 * 4 + 9 * 6 * 8 * 8
    assert multiply_adds(generator) == by_layer


def test_a_step_has_four_ways_through_g_and_eight_through_d():
    g, d = models.mlp_generator((2,), 2, (8,)), models.mlp_discriminator((2,), (8,))
    assert step_multiply_adds(g, d, 10) == 10 * (4 * 32 + 8 * 24)
    assert step_multiply_adds(g, d, 10, 2) == 10 * (4 * 32 + 16 * 24)
    with pytest.raises(ValueError, match="batch_size must be a whole number"):
        step_multiply_adds(g, d, 0)


def test_the_matrix_rate_is_plausible():
    assert 1e8 < matrix_rate(0.05, 256) < 1e14
