"""By how much any metric would differ on other samples."""

from gannotes.checks import check_count
import numpy as np


def standard_error(metric, *samples, repeats=50, seed=0):
    """Standard error of any metric of samples, from random halves of them.

    The standard deviation of the metric over halves drawn without replacement, the delete-half
    jackknife: a half alone would vary twice as much in square, but halves of the same samples share
    half of that. No bootstrap, as a sample drawn twice is its own nearest neighbour, at distance 0.

    It errs upwards: 0.9 to 1.6 times the spread over fresh samples where neighbours are counted,
    and up to 2 times for distances near 0, as measured on normal distributions.

    Args:
        metric: function of the samples that returns a float or a dictionary of them.
        samples: arrays with the samples along the first axis, often real and fake features.
        repeats: halves of each array to draw; 50 give the standard error to about 10 %.
        seed: of the halves.

    Returns:
        What the metric returns, a standard error in place of each value.

    Raises:
        ValueError: fewer than 2 repeats, or what the metric raises.

    Reference: Shao and Wu 1989; upwards: Efron and Stein 1981.
    """
    check_count("repeats", repeats, minimum=2)
    samples = [np.asarray(sample) for sample in samples]
    rng = np.random.default_rng(seed)
    scores = []
    for _ in range(repeats):
        halves = [sample[rng.permutation(len(sample))[: len(sample) // 2]] for sample in samples]
        scores.append(metric(*halves))
    if isinstance(scores[0], dict):
        return {name: _spread([score[name] for score in scores]) for name in scores[0]}
    return _spread(scores)


def _spread(values):
    std = np.std(values, axis=0, ddof=1)
    return std if std.ndim else float(std)
