"""Losses at points where the answer is known."""

import functools

from gannotes import models
from gannotes.metrics import evaluators
from gannotes.training import backend, losses
import keras
from keras import ops
import numpy as np
import pytest
from scipy.spatial.distance import cdist
from scipy.special import expit, log_expit
from scipy.stats import kstest
from small import POINTS, small_gan

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
    assert float(losses.LOSSES["hinge"][1](REAL, FAKE)) == pytest.approx(-FAKE.mean(), abs=1e-6)


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
    assert losses.PENALTIES["r1"][0](real, fake, uniform) is real
    assert losses.PENALTIES["r2"][0](real, fake, uniform) is fake
    share = np.asarray(losses.between(real, fake, uniform))
    np.testing.assert_array_equal(share[:, 0], share[:, 1])  # on the straight line
    assert kstest(share[:, 0], "uniform").pvalue > 0.01  # uniform, not normal


def test_the_penalty_is_the_weighted_sum_of_all():
    """Of a score s = w·x at weights by hand: ½‖w‖² at reals and fakes, (‖w‖ - 1)² in between."""
    slope, (real, fake) = np.array([[3.0], [4.0]], "float32"), RNG.normal(size=(2, 6, 2))
    uniform = functools.partial(keras.random.uniform, seed=keras.random.SeedGenerator(0))
    total = losses.penalty(
        {"r1": 0.1, "r2": 0.2, "wgan_gp": 10.0},
        lambda images: ops.matmul(images, slope),
        *(ops.convert_to_tensor(x, "float32") for x in (real, fake)),
        uniform,
    )
    assert float(total) == pytest.approx(0.3 * 25 / 2 + 10 * 16, rel=1e-5)


# Feature matching

LAYERS = [(50, 7), (50, 2, 2, 3)]  # a dense layer's features, and a convolution's
REAL_FEATURES, FAKE_FEATURES = (
    [0.5 + RNG.normal(size=shape).astype("float32") for shape in LAYERS] for _ in range(2)
)
MATCHING = (losses.l2_matching, losses.cosine_matching)


def flat(features):
    return [layer.reshape(50, -1) for layer in features]


def test_matching_by_hand():
    pairs = list(zip(flat(REAL_FEATURES), flat(FAKE_FEATURES), strict=True))
    l2 = sum(((real.mean(0) - fake.mean(0)) ** 2).sum() for real, fake in pairs)
    angles = sum(cdist([real.mean(0)], [fake.mean(0)], "cosine").item() for real, fake in pairs)
    for loss, expected in zip(MATCHING, (l2, angles), strict=True):
        assert float(loss(REAL_FEATURES, FAKE_FEATURES)) == pytest.approx(expected, rel=1e-4)


def test_matching_cosine_is_that_of_keras_where_there_is_a_direction():
    real, fake = flat(REAL_FEATURES)[0], flat(FAKE_FEATURES)[0]
    theirs = keras.losses.cosine_similarity(real.mean(0), fake.mean(0))
    ours = losses.cosine_matching([real], [fake])
    assert float(ours) == pytest.approx(1 + float(theirs), abs=1e-6)


def test_equal_features_match_and_lengths_are_free_for_cosines():
    longer = [3 * layer for layer in REAL_FEATURES]
    assert float(losses.l2_matching(REAL_FEATURES, REAL_FEATURES)) == 0
    assert float(losses.cosine_matching(REAL_FEATURES, longer)) == pytest.approx(0, abs=1e-6)
    assert float(losses.l2_matching(REAL_FEATURES, longer)) > 1


@pytest.mark.parametrize("loss", MATCHING)
@pytest.mark.parametrize("scale", [0.0, 1e-30, 1e-8, 1.0, 1e15])
@pytest.mark.parametrize("xla", [False, True])
def test_gradients_are_finite_at_every_length(loss, scale, xla):
    fake = scale * FAKE_FEATURES[0]
    value, slopes = slopes_of(loss, REAL_FEATURES[:1], fake, xla)
    assert np.isfinite(value) and np.isfinite(slopes).all()
    if loss is not losses.l2_matching and scale < 1e-6:
        assert not slopes.any() and value == pytest.approx(1)
    elif scale == 1:
        assert slopes.any()


def test_keras_alone_is_not_safe_at_zero():
    """The reason for `losses._direction`; if this fails, it has become needless."""

    def plain(real, fake):
        return 1 + keras.losses.cosine_similarity(ops.mean(real[0], 0), ops.mean(fake[0], 0))

    _, slopes = slopes_of(plain, REAL_FEATURES[:1], 0 * FAKE_FEATURES[0], xla=False)
    assert np.abs(slopes).max() > 1e4
    _, slopes = slopes_of(plain, REAL_FEATURES[:1], 0 * FAKE_FEATURES[0], xla=True)
    assert np.isnan(slopes).all()


def slopes_of(loss, real, fake, xla=False):
    variable = keras.Variable(fake)

    def evaluate():
        return backend.gradients_of(lambda: (loss(real, [variable.value]), 0), [variable])

    value, _, [slopes] = backend.compiled(evaluate, jit_compile=xla)()
    return float(value), np.asarray(slopes)


def test_the_cosine_of_a_slope_by_hand():
    """At an angle of 90° the slope of 1 - cos is the real direction, against it, over the length."""
    _, slopes = slopes_of(losses.cosine_matching, [np.array([[3.0, 0.0]], "float32")], np.array([[0.0, 2.0]], "float32"))  # fmt: skip
    np.testing.assert_allclose(slopes, [[-0.5, 0.0]], atol=1e-6)


@pytest.mark.parametrize("loss", MATCHING)
def test_matching_trains_a_generator_without_the_game(loss):
    """A line of fakes turns to where the reals are, with an untrained D's features alone."""
    real = np.tile(np.array([[1.0, 2.0]], "float32"), (64, 1)) + 0.1 * POINTS
    gan = small_gan()
    layers = models.hidden_layers(gan.discriminator)
    silent = (losses.minimax_d_loss, lambda real, fake: 0.0 * ops.mean(fake))
    gan.compile(
        generator_rate=0.01, discriminator_rate=0, beta_1=0.9, loss=silent, feature_loss=loss,
        feature_layers=layers, jit_compile=False,
    )  # fmt: skip
    seen = evaluators.LayerFeatures(gan.discriminator, layers)
    before = float(loss(seen(real), seen(gan.generate(64))))
    gan.fit(real, batch_size=32, steps_per_epoch=200, verbose=0)
    assert float(loss(seen(real), seen(gan.generate(64)))) < 0.2 * before + 0.01
