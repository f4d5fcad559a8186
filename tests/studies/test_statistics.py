"""Intervals and tests of samples: against SciPy, and their error rates by simulation."""

from gannotes import studies
import numpy as np
import pytest
from scipy import stats


def test_intervals_are_students_and_welchs():
    a, b = np.random.default_rng(0).normal(size=(2, 6))
    half = stats.t.ppf(0.975, 5) * a.std(ddof=1) / 6**0.5
    found = studies.interval(a)
    assert [found.low, found.high] == pytest.approx([a.mean() - half, a.mean() + half])
    apart = studies.interval(a, b)
    assert (apart.low + apart.high) / 2 == pytest.approx(a.mean() - b.mean())
    assert apart.low == pytest.approx(-studies.interval(b, a).high)
    assert stats.ttest_ind(a, b, equal_var=False).pvalue == pytest.approx(
        1 - level_that_ends_at_zero(a, b), abs=1e-6
    )


def level_that_ends_at_zero(a, b):
    """The level whose interval has one end at 0, by bisection."""
    low, high = 0.0, 1 - 1e-12
    for _ in range(60):
        level = (low + high) / 2
        found = studies.interval(a, b, level)
        low, high = (low, level) if found.low <= 0 <= found.high else (level, high)
    return level


def test_means_at_the_margin_are_called_alike_in_at_most_five_of_a_hundred():
    rng = np.random.default_rng(0)

    def alike(apart):
        draws = rng.normal(size=(1000, 2, 10)) + [[[apart], [0]]]
        return np.mean([studies.is_equivalent(a, b, 1.0) for a, b in draws])

    assert alike(1.0) <= 0.065 and alike(-1.0) <= 0.065  # 5 % and twice its error
    assert alike(0.0) > 0.3 and not studies.is_equivalent([0.0, 0.1], [3.0, 3.1], 1.0)


@pytest.mark.parametrize("paired", [True, False])
def test_several_intervals_raise_a_false_alarm_in_five_of_a_hundred(paired):
    rng = np.random.default_rng(0)

    def family():
        a, b = rng.normal(size=(2, 3, 10))
        return a if paired else list(zip(a, b, strict=True))

    alarms = np.mean([(studies.holm_lows(family()) > 0).any() for _ in range(1000)])
    assert alarms <= 0.04  # one side of three, and twice its error


def test_each_interval_of_a_family_is_as_wide_as_holm_asks():
    rng = np.random.default_rng(0)
    far, near = rng.normal(3, 1, 10), rng.normal(0, 1, 10)
    lows = studies.holm_lows([near, far])
    assert lows[1] == pytest.approx(studies.interval(far, level=0.975).low) and lows[1] > 0
    assert lows[0] == pytest.approx(studies.interval(near).low) and lows[0] < 0
    pair = rng.normal(3, 1, 8), rng.normal(0, 2, 12)
    assert studies.holm_lows([pair])[0] == pytest.approx(studies.interval(*pair).low)


def test_holm_stops_at_the_first_sample_that_may_be_zero():
    """Of p = 0.03 and 0.04 neither is sure together, though each would be alone."""
    spread = np.linspace(-1, 1, 10)
    spread /= spread.std(ddof=1)
    means = [stats.t.isf(p / 2, 9) / 10**0.5 for p in (1e-6, 0.03, 0.04)]
    samples = [spread + mean for mean in means]
    assert [studies.interval(sample).low > 0 for sample in samples] == [True] * 3
    assert (studies.holm_lows(samples) > 0).tolist() == [True, False, False]
