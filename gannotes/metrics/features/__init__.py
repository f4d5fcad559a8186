"""Feature functions: named numbers of an image, of its colour, its shape and its texture.

Each takes images (n, height, width, 1 or 3) in [-1, 1] and gives a number an image, (n,); some give
a row, of which others make a number. Places are counted in half-widths of the picture, x to the
right and y upwards from its middle, as in `shapes`.

What differs from the border's median colour is the **object**. Without one, its features are 0.
"""
# ruff: noqa: F403, as the names are for others

from gannotes.checks import check_choice, check_enough, check_features
from gannotes.metrics.features.functions import *
from gannotes.metrics.features.functions import FEATURES
import numpy as np
import ot
import pandas as pd
from scipy import stats


def measure(images, names=None):
    """Features of images, by name or all: a `pandas.DataFrame`, a row an image, a column a feature."""
    for name in names or ():
        check_choice("feature", name, FEATURES)
    return pd.DataFrame({name: FEATURES[name](images) for name in names or FEATURES})


def feature_distances(real, fake):
    """Distance and two-sample test of every feature; `real` and `fake` are as from `measure`.

    Returns:
        `pandas.DataFrame`, a row a feature, with columns ``family``, ``unit``;
        ``distance``: Wasserstein-1 in that unit, around the circle for an angle;
        ``spreads``: the same in standard deviations of the real ones (of an angle's uniform ones);
        ``ks``: the Kolmogorov–Smirnov statistic, 0 to 1;
        ``p``: its p-value; ``p_corrected``: that after correction for all features at once, for any
        dependence: a level bounds the share of false discoveries below it (Benjamini–Yekutieli).
    """
    if list(real.columns) != list(fake.columns) or not set(real.columns) <= set(FEATURES):
        raise ValueError(
            "real and fake must have the same columns, names of features. "
            f"Received: {', '.join(real.columns)} and {', '.join(fake.columns)}"
        )
    check_enough(2, "A comparison of features", real, fake)
    check_features(real, fake)
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
