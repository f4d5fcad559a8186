"""Distances and tests of features against closed forms and SciPy."""

from gannotes.metrics import features
import numpy as np
import pandas as pd
import pytest
from scipy import stats

RNG = np.random.default_rng(0)
NAMES = ["brightness", "hue", "area", "orientation"]


def table(count, shift=0.0, seed=0):
    rng = np.random.default_rng(seed)
    hue, orientation = rng.uniform(0, 0.2, (2, count))
    return pd.DataFrame({
        "brightness": rng.normal(0.5 + shift, 0.1, count),
        "hue": (hue + shift - 0.1) % 1,
        "area": rng.normal(0.2, 0.02, count),
        "orientation": 180 * ((orientation + shift - 0.1) % 1),
    })  # fmt: skip


def test_a_shift_is_its_own_distance_also_around_the_circle():
    real = table(2000)
    fake = real.assign(
        brightness=real.brightness + 0.05,
        hue=(real.hue + 0.1) % 1,
        orientation=(real.orientation + 27) % 180,
    )
    found = features.feature_distances(real, fake)
    assert found.distance["brightness"] == pytest.approx(0.05)
    assert found.distance["hue"] == pytest.approx(0.1, rel=1e-3)
    assert found.distance["orientation"] == pytest.approx(27, rel=1e-3)
    assert found.distance["area"] == 0 and found.ks["area"] == 0
    assert found.spreads["brightness"] == pytest.approx(0.05 / real.brightness.std(ddof=0))
    assert found.spreads["hue"] == pytest.approx(0.1 * np.sqrt(12), rel=1e-3)


def test_statistics_are_scipys():
    real, fake = table(300), table(200, 0.05, seed=1)
    found = features.feature_distances(real, fake)
    for name in NAMES:
        test = stats.ks_2samp(real[name], fake[name], method="asymp")
        assert (found.ks[name], found.p[name]) == (test.statistic, test.pvalue)
    assert found.loc["hue", ["family", "unit"]].tolist() == ["colour", "turns"]


def test_correction_is_benjamini_and_yekutielis():
    found = features.feature_distances(table(300), table(200, 0.05, seed=1))
    p = np.sort(found.p)
    steps = p * len(p) / np.arange(1, len(p) + 1) * (1 / np.arange(1, len(p) + 1)).sum()
    expected = np.minimum(np.minimum.accumulate(steps[::-1])[::-1], 1)
    np.testing.assert_allclose(np.sort(found.p_corrected), expected)


def test_equal_distributions_are_seldom_told_apart():
    false = [
        (
            features.feature_distances(
                table(100, seed=2 * k), table(100, seed=2 * k + 1)
            ).p_corrected
            < 0.05
        ).any()
        for k in range(100)
    ]
    assert np.mean(false) < 0.1


def test_constant_features():
    real = table(10).assign(area=0.2)
    found = features.feature_distances(real, real.assign(area=0.3))
    assert found.spreads["area"] == np.inf and found.spreads["brightness"] == 0
    assert features.feature_distances(real, real).spreads["area"] == 0


def test_what_is_refused():
    real = table(10)
    with pytest.raises(ValueError, match="same columns"):
        features.feature_distances(real, real[["hue"]])
    with pytest.raises(ValueError, match="same columns"):
        features.feature_distances(real.assign(beauty=1), real.assign(beauty=1))
    with pytest.raises(ValueError, match="finite"):
        features.feature_distances(real, real.assign(hue=np.nan))
    with pytest.raises(ValueError, match="2 samples or more"):
        features.feature_distances(real[:1], real)


def test_measured_images_can_be_compared():
    images = RNG.uniform(-1, 1, (20, 8, 8, 1)).astype("float32")
    measured = features.measure(images)
    assert (features.feature_distances(measured, measured).ks == 0).all()
