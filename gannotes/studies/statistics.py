"""Intervals and tests of differences, of samples with one number a seed."""

import warnings

import numpy as np
from scipy import stats


def interval(values, others=None, level=0.95):
    """Confidence interval, `low` to `high`, of a mean or of mean(values) - mean(others) (Welch)."""
    return _test(values, others).confidence_interval(level)


def is_equivalent(values, others, margin):
    """Whether two means differ by less than the margin: two one-sided Welch tests at 5 %."""
    low, high = interval(values, others, level=0.9)
    return bool(-margin < low and high < margin)


def holm_lows(samples, level=0.95):
    """Lower ends of intervals of means, one a sample, that all hold together with this probability.

    Holm's order: the sample with the least p gets the widest interval, at 1 - (1 - level)/m of m
    samples, the next one at 1 - (1 - level)/(m - 1); after the first that reaches 0, all others get the
    interval at which it did, so that none is above 0 alone.

    Args:
        samples: arrays of differences, or pairs (values, others) of samples that share nothing.

    Reference: Holm 1979.
    """
    tests = [_test(*sample) if isinstance(sample, tuple) else _test(sample) for sample in samples]
    lows, stopped = np.empty(len(tests)), None
    for rank, k in enumerate(np.argsort([test.pvalue for test in tests])):
        share = stopped or 1 - (1 - level) / (len(tests) - rank)
        low, high = tests[k].confidence_interval(share)
        lows[k] = low
        if stopped is None and low <= 0 <= high:
            stopped = share
    return lows


def _test(values, others=None):
    with warnings.catch_warnings():  # equal values have no spread: then it is sure
        warnings.filterwarnings("ignore", "Precision loss", RuntimeWarning)
        if others is None:
            return stats.ttest_1samp(values, 0)
        return stats.ttest_ind(values, others, equal_var=False)
