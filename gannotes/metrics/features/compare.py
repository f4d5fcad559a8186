"""Comparison of real and generated images, feature by feature: distances and tests."""

from gannotes.checks import check_enough
from gannotes.metrics.features.parts import FEATURES
import numpy as np
import ot
import pandas as pd
from scipy import stats


def feature_distances(real, fake):
    """Distance and two-sample test of every feature.

    Args:
        real, fake: as from `features.measure`, with the same columns.

    Returns:
        `pandas.DataFrame`, a row a feature, with columns ``family``, ``unit``;
        ``distance``: Wasserstein-1 in that unit, around the circle where the feature goes round;
        ``spreads``: the same in standard deviations of the real ones (of a uniform distribution,
        where it goes round);
        ``ks``: the Kolmogorov–Smirnov statistic, 0 to 1, by which the distribution functions differ
        at most;
        ``p``: its p-value; ``p_corrected``: that after correction for all features at once, so that
        of those below a level at most that share are false discoveries (Benjamini–Yekutieli, for any
        dependence).
    """
    if list(real.columns) != list(fake.columns) or not set(real.columns) <= set(FEATURES):
        raise ValueError(
            "real and fake must have the same columns, names of features. "
            f"Received: {', '.join(real.columns)} and {', '.join(fake.columns)}"
        )
    check_enough(2, "A comparison of features", real, fake)
    if not (np.isfinite(real.to_numpy()).all() and np.isfinite(fake.to_numpy()).all()):
        raise ValueError("Features must be finite. Received: NaN or infinite values")
    rows = []
    for name in real.columns:
        feature = FEATURES[name]
        test = stats.ks_2samp(real[name], fake[name], method="asymp")
        distance, spread = _distance(real[name], fake[name], feature.period)
        rows.append({
            "family": feature.family, "unit": feature.unit, "distance": distance,
            "spreads": distance / spread if spread > 0 else (np.inf if distance > 0 else 0.0),
            "ks": test.statistic, "p": test.pvalue,
        })  # fmt: skip
    table = pd.DataFrame(rows, index=pd.Index(real.columns, name="feature"))
    table["p_corrected"] = stats.false_discovery_control(table.p, method="by")
    return table


def _distance(real, fake, period):
    """Wasserstein-1 distance of two samples, and the spread to measure it by."""
    if period is None:
        return stats.wasserstein_distance(real, fake), real.std(ddof=0)
    around = ot.wasserstein_circle(real.to_numpy() / period, fake.to_numpy() / period, p=1)
    return period * float(np.ravel(around)[0]), period / np.sqrt(12)


def histogram_distance(real, fake):
    """Wasserstein-1 distance of two histograms around a circle, in turns: 0 to ½.

    Args:
        real, fake: shares of the bins, (bins,), or of several images, (n, bins), which are averaged.
    """
    real, fake = (np.atleast_2d(shares).mean(axis=0) for shares in (real, fake))
    if len(real) != len(fake) or min(real.sum(), fake.sum()) <= 0:
        raise ValueError("Histograms must have equally many bins, and not be empty")
    places = np.arange(len(real)) / len(real)
    apart = abs(places[:, None] - places)
    return float(ot.emd2(real / real.sum(), fake / fake.sum(), np.minimum(apart, 1 - apart)))
