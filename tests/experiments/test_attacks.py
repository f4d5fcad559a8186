"""Attacks on D: closed forms where D is linear, the ε-ball, and what more steps gain."""

from experiments import _attacks
from gannotes import models
import keras
import numpy as np
import pytest

RNG = np.random.default_rng(0)
IMAGES = RNG.uniform(-0.5, 0.5, (40, 4, 4, 1)).astype("float32")  # no change below leaves [-1, 1]


def linear():
    """Scores w·x + b with known weights."""
    network = keras.Sequential(
        [keras.Input((4, 4, 1)), keras.layers.Flatten(), keras.layers.Dense(1)]
    )
    weights = RNG.normal(size=(16, 1))
    network.set_weights([weights, np.array([0.3])])
    return network, weights


@pytest.mark.parametrize(("towards", "sign"), [("fake", -1), ("real", 1)])
@pytest.mark.parametrize("attack", [_attacks.fgsm, _attacks.pgd])
def test_a_linear_score_moves_by_epsilon_times_its_weights_size(attack, towards, sign):
    network, weights = linear()
    changed = attack(network, IMAGES, 0.1, towards)
    moved = np.asarray(network(changed) - network(IMAGES))
    np.testing.assert_allclose(moved, sign * 0.1 * np.abs(weights).sum(), rtol=1e-4)


def curved(seed):
    keras.utils.set_random_seed(seed)
    return models.mlp_discriminator((4, 4, 1), (32, 32))


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_pgd_gets_further_than_fgsm_on_average(seed):
    network = curved(seed)
    scores = {
        attack.__name__: np.asarray(network(attack(network, IMAGES, 0.4))).mean()
        for attack in (_attacks.fgsm, _attacks.pgd)
    }
    assert scores["pgd"] <= scores["fgsm"] < np.asarray(network(IMAGES)).mean()


@pytest.mark.parametrize("epsilon", [0.0, 0.05, 0.7])
def test_changes_stay_in_the_ball_and_in_range(epsilon):
    network = curved(0)
    for attack in (_attacks.fgsm, _attacks.pgd):
        changed = attack(network, IMAGES, epsilon)
        assert np.abs(changed - IMAGES).max() <= epsilon + 1e-6
        assert np.abs(changed).max() <= 1
        assert changed.dtype == "float32"


def test_points_of_the_plane_have_no_range():
    keras.utils.set_random_seed(0)
    network = models.mlp_discriminator((2,), (8,))
    points = np.array([[3.0, -4.0]], "float32")
    np.testing.assert_allclose(np.abs(_attacks.fgsm(network, points, 0.5) - points), 0.5, rtol=1e-6)


def test_success_counts_right_judgements_that_turn():
    def pixel(images, training=False):  # D looks at the first pixel
        return np.asarray(images)[:, 0, 0]

    images, changed = np.zeros((2, 4, 1, 1, 1), "float32")
    images[:, 0, 0, 0] = 0.5, 0.5, 0.5, -0.5  # three real ones are taken for real
    changed[:, 0, 0, 0] = -0.1, 0.1, -0.1, -0.9  # two of them are not any more
    assert _attacks.success(pixel, images, changed) == pytest.approx(2 / 3)
    assert _attacks.success(pixel, changed, images, towards="real") == pytest.approx(2 / 3)
    assert _attacks.success(pixel, images, changed, threshold=0.3) == 1
    assert np.isnan(_attacks.success(pixel, images, changed, threshold=2))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"epsilon": -0.1}, "epsilon must be a finite number"),
        ({"epsilon": 0.1, "towards": "cat"}, "Unknown aim. Allowed: fake, real"),
        ({"epsilon": 0.1, "steps": 0}, "steps must be a whole number"),
    ],
)
def test_attacks_refuse(options, message):
    with pytest.raises(ValueError, match=message):
        _attacks.pgd(linear()[0], IMAGES, **options)
