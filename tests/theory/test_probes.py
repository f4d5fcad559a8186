"""Linear probes of features that hold a known part of the factors."""

from gannotes.datasets.drawn import sample_factors
from gannotes.theory import probes
import numpy as np
import pytest

RNG = np.random.default_rng(0)
FACTORS = sample_factors(3000, RNG)


def split(features, **options):
    parts = [
        {name: values[rows] for name, values in FACTORS.items()}
        for rows in (slice(2000), slice(2000, None))
    ]
    return probes.skills(features[:2000], parts[0], features[2000:], parts[1], **options)


def test_features_that_hold_all_are_read_without_error():
    columns = probes.targets(FACTORS)
    everything = np.concatenate(list(columns.values()), axis=1)
    found = split(everything @ RNG.normal(size=(everything.shape[1], 30)), penalty=1e-6)
    assert found == pytest.approx(dict.fromkeys(FACTORS, 1), abs=1e-3)
    assert columns["hue"].shape == (3000, 2) and columns["shape"].shape == (3000, 4)


def test_noise_holds_nothing():
    found = split(RNG.normal(size=(3000, 20)))
    assert all(abs(skill) < 0.08 for skill in found.values())


def test_skill_is_the_share_of_variance_that_is_linear():
    noisy = FACTORS["x"] + RNG.normal(0, FACTORS["x"].std(), 3000)  # as much noise as signal
    found = split(np.stack([noisy, RNG.normal(size=3000)], axis=1), penalty=1e-6)
    assert found["x"] == pytest.approx(0.5, abs=0.05)
    assert abs(found["y"]) < 0.02


def test_a_constant_feature_does_no_harm():
    features = np.stack([FACTORS["size"], np.ones(3000)], axis=1)
    assert split(features)["size"] > 0.99


def test_sets_of_other_width_are_refused():
    with pytest.raises(ValueError, match="equally many features"):
        probes.skills(np.ones((5, 2)), FACTORS, np.ones((5, 3)), FACTORS)


def test_red_is_near_red_at_both_ends_of_the_circle():
    found = probes.targets({"hue": np.array([0.0, 1.0, 0.5, 0.25])})["hue"]
    np.testing.assert_allclose(found, [[1, 0], [1, 0], [-1, 0], [0, 1]], atol=1e-12)
