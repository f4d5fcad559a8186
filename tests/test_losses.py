"""Losses at points where the answer is known."""

import functools

from gannotes import losses
import keras
from keras import ops
import numpy as np
import pytest
from scipy.special import expit, log_expit
from scipy.stats import kstest

RNG = np.random.default_rng(0)
REAL, FAKE = RNG.normal(size=(2, 50, 1)).astype("float32")


@pytest.mark.parametrize(
    ("name", "d_at_zero", "g_at_zero"),
    [
        ("minimax", 2 * np.log(2), -np.log(2)),
        ("nonsaturating", 2 * np.log(2), np.log(2)),
        ("least_squares", 1 / 2, 1 / 2),
        ("hinge", 2, 0),
        ("wasserstein", 0, 0),
        ("relativistic", np.log(2), np.log(2)),
    ],
)
def test_at_zero_scores(name, d_at_zero, g_at_zero):
    d_loss, g_loss = losses.LOSSES[name]
    zeros = np.zeros((8, 1), "float32")
    assert float(d_loss(zeros, zeros)) == pytest.approx(d_at_zero, abs=1e-6)
    assert float(g_loss(zeros, zeros)) == pytest.approx(g_at_zero, abs=1e-6)


def test_minimax_is_minus_the_value_of_the_game():
    value = log_expit(REAL).mean() + np.log(1 - expit(FAKE)).mean()
    assert float(losses.minimax_d_loss(REAL, FAKE)) == pytest.approx(-value, rel=1e-5)
    expected = np.log(1 - expit(FAKE)).mean()
    assert float(losses.minimax_g_loss(REAL, FAKE)) == pytest.approx(expected, rel=1e-5)


def test_nonsaturating_is_minus_log_d():
    expected = -np.log(expit(FAKE)).mean()
    assert float(losses.nonsaturating_g_loss(REAL, FAKE)) == pytest.approx(expected, rel=1e-5)


def test_wasserstein_is_the_difference_of_means():
    difference = FAKE.mean() - REAL.mean()
    assert float(losses.wasserstein_d_loss(REAL, FAKE)) == pytest.approx(difference, abs=1e-6)
    assert float(losses.wasserstein_g_loss(REAL, FAKE)) == pytest.approx(-FAKE.mean(), abs=1e-6)


@pytest.mark.parametrize("name", losses.LOSSES)
def test_each_player_gains_in_the_right_direction(name):
    d_loss, g_loss = losses.LOSSES[name]
    real, fake = REAL * 0.1, REAL * 0.1 + 0.2  # where least squares is still falling
    assert d_loss(real + 0.1, fake) < d_loss(real, fake)  # D likes high real scores
    assert d_loss(real, fake - 0.1) < d_loss(real, fake)  # and low fake scores
    assert g_loss(real, fake + 0.1) < g_loss(real, fake)  # G likes high fake scores


@pytest.mark.parametrize("name", losses.LOSSES)
def test_finite_at_extreme_scores(name):
    d_loss, g_loss = losses.LOSSES[name]
    extreme = np.array([[-1e4], [1e4]], "float32")
    assert np.isfinite(float(d_loss(extreme, extreme)))
    assert np.isfinite(float(g_loss(extreme, extreme)))


def test_least_squares_by_hand():
    expected = ((REAL - 1) ** 2).mean() / 2 + (FAKE**2).mean() / 2
    assert float(losses.least_squares_d_loss(REAL, FAKE)) == pytest.approx(expected, rel=1e-5)
    expected = ((FAKE - 1) ** 2).mean() / 2
    assert float(losses.least_squares_g_loss(REAL, FAKE)) == pytest.approx(expected, rel=1e-5)


def test_hinge_by_hand():
    expected = np.maximum(0, 1 - REAL).mean() + np.maximum(0, 1 + FAKE).mean()
    assert float(losses.hinge_d_loss(REAL, FAKE)) == pytest.approx(expected, rel=1e-5)
    assert float(losses.hinge_g_loss(REAL, FAKE)) == pytest.approx(-FAKE.mean(), abs=1e-6)


def test_relativistic_sees_differences_alone():
    expected = np.log1p(np.exp(FAKE - REAL)).mean()
    assert float(losses.relativistic_d_loss(REAL, FAKE)) == pytest.approx(expected, rel=1e-5)
    moved = float(losses.relativistic_d_loss(REAL + 7, FAKE + 7))
    assert moved == pytest.approx(expected, rel=1e-4)
    swapped = float(losses.relativistic_g_loss(FAKE, REAL))
    assert swapped == pytest.approx(expected, rel=1e-5)


SLOPES = np.array([[[3.0], [4.0]], [[0.0], [0.0]]], "float32")  # norms 5 and 0


def test_penalties_by_hand():
    slopes = ops.convert_to_tensor(SLOPES)
    assert float(losses.zero_centred_penalty(slopes)) == 0.5 * 25 / 2
    assert float(losses.one_centred_penalty(slopes)) == pytest.approx((16 + 1) / 2, abs=1e-4)


def test_where_penalties_look():
    real, fake = np.zeros((400, 2), "float32"), np.ones((400, 2), "float32")
    uniform = functools.partial(keras.random.uniform, seed=keras.random.SeedGenerator(0))
    assert losses.at_real(real, fake, uniform) is real
    assert losses.at_fake(real, fake, uniform) is fake
    share = np.asarray(losses.between(real, fake, uniform))
    np.testing.assert_array_equal(share[:, 0], share[:, 1])  # on the straight line
    assert kstest(share[:, 0], "uniform").pvalue > 0.01  # uniform, not normal
