"""Tests of several differences at once."""

import numpy as np
from scipy import stats


def holm_lows(samples, level=0.95):
    """Lower ends of intervals of means, one a sample, that all hold together with this probability.

    Holm's order: the sample with the least p gets the widest interval, at 1 - (1 - level)/m of m
    samples, the next one at 1 - (1 - level)/(m - 1); after the first that reaches 0, all others get the
    interval at which it did, so that none is above 0 alone.

    Args:
        samples: arrays of differences, one number a seed.

    Reference: Holm 1979.
    """
    samples = [np.asarray(sample, float) for sample in samples]
    tests = [stats.ttest_1samp(sample, 0) for sample in samples]
    lows, stopped = np.empty(len(samples)), None
    for rank, k in enumerate(np.argsort([test.pvalue for test in tests])):
        share = stopped or 1 - (1 - level) / (len(samples) - rank)
        low, high = tests[k].confidence_interval(share)
        lows[k] = low
        if stopped is None and low <= 0 <= high:
            stopped = share
    return lows
