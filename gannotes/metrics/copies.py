"""Whether fakes repeat training images, or themselves."""

from gannotes.checks import check_count, check_enough, check_features
from gannotes.metrics.distances import in_batches
from gannotes.metrics.neighbours import nearest_distances
import numpy as np
from scipy.spatial.distance import pdist
from scipy.stats import mannwhitneyu, norm, rankdata


def memorization(train_features, held_out_features, fake_features):
    """Whether fakes are nearer to the training set than unseen real samples are.

    Distances to the nearest training sample are compared by the Mann–Whitney test: given the
    training set, those of fakes and held-out samples are independent, and equally distributed
    unless the generator copies or misses. Bad samples can hide copies in this test (Bhattacharjee
    et al. 2023); ``very_close`` shows them: of a generator that copies a share s it is s at least.

    Differs from the paper: one test for the whole space, not one in each cell.

    Args:
        train_features, held_out_features, fake_features: shape (n, features) each.

    Returns:
        ``{"closer": chance that a fake is closer than a held-out sample, ½ without memorization;
        "very_close": share of fakes as close as the closest 5 % of held-out samples, 0.05 then;
        "z": the test's normal score, negative for copies; "p_value": of so low a score}``.

    Raises:
        ValueError: unequal widths, values not finite, or fewer than 2 held-out or fake samples.

    Reference: Meehan et al. 2020, the statistic C_T.
    """
    train_features, held_out_features, fake_features = check_features(
        train_features, held_out_features, fake_features
    )
    check_enough(2, "A rank test", held_out_features, fake_features)
    held_out, fake = (
        nearest_distances(x, train_features) for x in (held_out_features, fake_features)
    )
    ranks = rankdata(np.concatenate([fake, held_out]))
    total, fakes, pairs = len(ranks), len(fake), len(fake) * len(held_out)
    above = ranks[:fakes].sum() - fakes * (fakes + 1) / 2 - pairs / 2  # of its mean
    std = np.sqrt(pairs / total * ranks.var(ddof=1))  # over random orders, ties included
    z = float(above / std) if std > 0 else 0.0
    return {
        "closer": float(0.5 - above / pairs),
        "very_close": float((fake <= np.quantile(held_out, 0.05)).mean()),
        "z": z,
        "p_value": float(norm.cdf(z)),
    }


def birthday(real_features, fake_features, batch_size=None, seed=0):
    """Birthday test: whether fakes repeat themselves sooner than reals do.

    Of N equally likely images a batch of about 1.2·√N holds two alike with chance ½. So the closest
    pairs in batches of fakes are compared with those in equally large batches of reals, by the
    Mann–Whitney test.

    Differs from the paper: a pair of reals says what is alike, not the eye.

    Args:
        real_features, fake_features: shape (n, features) each, shuffled before they are cut.
        batch_size: samples in a batch; by default a twentieth of the smaller set.
        seed: of the shuffling.

    Returns:
        ``{"closer": chance that a batch of fakes has a closer pair than one of reals, ½ for equal
        distributions; "p_value": of so many closer ones}``.

    Raises:
        ValueError: unequal widths, values not finite, or too few samples for two batches.

    Reference: Arora, Risteski, Zhang 2018.
    """
    real_features, fake_features = check_features(real_features, fake_features)
    if batch_size is None:
        batch_size = max(2, min(len(real_features), len(fake_features)) // 20)
    check_count("batch_size", batch_size, minimum=2)
    check_enough(2 * batch_size, f"Two batches of {batch_size}", real_features, fake_features)
    rng = np.random.default_rng(seed)
    real, fake = (
        [pdist(batch).min() for batch in in_batches(rng.permutation(features), batch_size)]
        for features in (real_features, fake_features)
    )
    above, p_value = mannwhitneyu(fake, real, alternative="less")
    return {"closer": float(1 - above / (len(real) * len(fake))), "p_value": float(p_value)}
