"""Costs: multiply-adds counted by hand."""

from gannotes import models
from gannotes.layers import costs
import pytest


def test_dense_layers_have_a_multiply_add_a_weight():
    generator = models.mlp_generator((8, 8, 1), 16, (32, 64), batch_norm=True)
    assert costs.multiply_adds(generator) == 16 * 32 + 32 * 64 + 64 * 64
    normalized = models.mlp_discriminator((8, 8, 1), (32,), spectral_norm=True)
    assert costs.multiply_adds(normalized) == 64 * 32 + 32


def test_convolutions_have_one_a_weight_and_place():
    discriminator = models.conv_discriminator((8, 8, 1), (4, 6, 8))
    by_layer = 16 * 1 * 4 * 4 * 4 + 16 * 4 * 6 * 2 * 2 + 16 * 6 * 8 + 8
    assert costs.multiply_adds(discriminator) == by_layer
    generator = models.conv_generator((8, 8, 1), 5, (3, 4, 6))
    by_layer = 5 * 2 * 2 * 3 + 16 * 3 * 4 * 2 * 2 + 16 * 4 * 6 * 4 * 4 + 9 * 6 * 8 * 8
    assert costs.multiply_adds(generator) == by_layer


def test_a_step_has_four_ways_through_g_and_eight_through_d():
    g, d = models.mlp_generator((2,), 2, (8,)), models.mlp_discriminator((2,), (8,))
    assert costs.step_multiply_adds(g, d, 10) == 10 * (4 * 32 + 8 * 24)
    assert costs.step_multiply_adds(g, d, 10, 2) == 10 * (4 * 32 + 16 * 24)
    with pytest.raises(ValueError, match="batch_size must be a whole number"):
        costs.step_multiply_adds(g, d, 0)


def test_the_matrix_rate_is_plausible():
    assert 1e8 < costs.matrix_rate(0.05, 256) < 1e14
