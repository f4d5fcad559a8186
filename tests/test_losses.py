"""Losses at points where the answer is known."""

from gannotes import losses
from keras import ops
import numpy as np
import pytest
from scipy.special import expit, log_expit

RNG = np.random.default_rng(0)
REAL, FAKE = RNG.normal(size=(2, 50, 1)).astype("float32")


@pytest.mark.parametrize(
    ("name", "d_at_zero", "g_at_zero"),
    [
        ("minimax", 2 * np.log(2), -np.log(2)),
        ("nonsaturating", 2 * np.log(2), np.log(2)),
        ("wasserstein", 0, 0),
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
    assert d_loss(REAL + 1, FAKE) < d_loss(REAL, FAKE)  # D likes high real scores
    assert d_loss(REAL, FAKE - 1) < d_loss(REAL, FAKE)  # and low fake scores
    assert g_loss(REAL, FAKE + 1) < g_loss(REAL, FAKE)  # G likes high fake scores


@pytest.mark.parametrize("name", losses.LOSSES)
def test_finite_at_extreme_scores(name):
    d_loss, g_loss = losses.LOSSES[name]
    extreme = np.array([[-1e4], [1e4]], "float32")
    assert np.isfinite(float(d_loss(extreme, extreme)))
    assert np.isfinite(float(g_loss(extreme, extreme)))


def test_gradient_penalty_by_hand():
    slopes = np.array([[[3.0], [4.0]], [[0.0], [0.0]]], "float32")  # norms 5 and 0
    assert float(losses.gradient_penalty(ops.convert_to_tensor(slopes))) == 0.5 * 25 / 2
