"""Each metric beside an independent implementation, on random and on degenerate features.

Shared by test_metrics.py and benchmarks/metrics_agreement.py.
"""

from collections import Counter

from gannotes import metrics
import numpy as np
import ot
from scipy.linalg import sqrtm
from scipy.stats import entropy, fisher_exact, mannwhitneyu

K_PRECISION, K_DENSITY = 3, 5


def make_features():
    """``{name: (real, fake)}``, not equally many, none a multiple of a block."""
    rng = np.random.default_rng(0)
    real = rng.normal(size=(307, 8)) @ rng.normal(size=(8, 8))
    fake = 0.9 * (rng.normal(size=(211, 8)) @ rng.normal(size=(8, 8))) + 0.5
    copied = np.concatenate([real[:60], fake[60:]])
    constant = [np.column_stack([x, np.full((len(x), 2), 0.1)]) for x in (real[:, :4], fake[:, :4])]
    flat = rng.normal(size=(518, 3)) * [1, 0.1, 0.01] @ rng.normal(size=(3, 12))
    centres = np.array([[-3.0, 0.0], [3.0, 0.0], [0.0, 3.0]])
    return {
        "random": (real, fake),
        "fakes copy reals": (real, copied),
        "duplicates": (np.repeat(real[:61, :3], 5, axis=0), np.repeat(fake[:53, :3], 4, axis=0)),
        "ties": (rng.integers(0, 4, (300, 3)), rng.integers(0, 5, (200, 3))),
        "constant columns": tuple(constant),
        "singular covariance": (flat[:307], flat[307:]),
        "one dimension": (real[:, :1], fake[:, :1]),
        "far from 0": (100 + real / 100, 100 + fake / 100),
        "tight clusters": tuple(
            centres[rng.integers(3, size=n)] + std * rng.normal(size=(n, 2))
            for n, std in ((307, 1e-3), (211, 2e-3))
        ),
    }


def split(real):
    """Half for training, half held out."""
    return real[::2], real[1::2]


def modes_of(real):
    """Centres and standard deviation of modes that the features have, more or less."""
    return real[:5], np.std(real, axis=0).mean() / 3


def classes_of(features):
    """Labels of nine classes, the last of them empty."""
    low, high = features[:, 0].min(), features[:, 0].max()
    return np.floor((features[:, 0] - low) / (high - low) * 7.99).astype(int)


def distances(first, second):
    return np.sqrt(((first[:, None] - second[None]) ** 2).sum(axis=-1))


def frechet_distance(real, fake):
    """By SciPy's matrix square root, in the subspace where the features vary."""
    spread = np.concatenate([x - x.mean(axis=0) for x in (real, fake)])
    _, lengths, axes = np.linalg.svd(spread, full_matrices=False)
    axes = axes[lengths > 1e-9 * lengths[0]]
    real_cov, fake_cov = (np.atleast_2d(np.cov((x @ axes.T).T)) for x in (real, fake))
    root = sqrtm(real_cov @ fake_cov).real
    shift = real.mean(axis=0) - fake.mean(axis=0)
    return shift @ shift + np.trace(real_cov + fake_cov - 2 * root)


def kernel_distance(real, fake):
    n, m = len(real), len(fake)
    points = np.concatenate([real, fake])
    kernels = np.array([[(x @ y / len(x) + 1) ** 3 for y in points] for x in points])

    def without(left_out):
        kept = [[k for k in part if k != left_out] for part in (range(n), range(n, n + m))]
        r, f = (kernels[np.ix_(part, part)][~np.eye(len(part), dtype=bool)].mean() for part in kept)
        return r + f - 2 * kernels[np.ix_(*kept)].mean()

    variance = (n - 1) * np.var([without(k) for k in range(n)])
    variance += (m - 1) * np.var([without(k) for k in range(n, n + m)])
    return {"mean": without(None), "standard_error": variance**0.5}


def sliced_wasserstein(real, fake, projections=50, seed=0):
    """In one dimension: every sample of each set as often as the other set has samples, sorted."""
    directions = np.random.default_rng(seed).normal(size=(real.shape[1], projections))
    squares = []
    for direction in directions.T:
        unit = direction / np.sqrt(sum(direction**2))
        x = np.repeat(np.sort(real @ unit), len(fake))
        y = np.repeat(np.sort(fake @ unit), len(real))
        squares.append(np.mean((x - y) ** 2))
    return np.sqrt(np.mean(squares))


def sliced_wasserstein_of_pot(real, fake, projections=50, seed=0):
    directions = np.random.default_rng(seed).normal(size=(real.shape[1], projections))
    directions /= np.linalg.norm(directions, axis=0)
    return ot.sliced_wasserstein_distance(
        np.asarray(real, float), np.asarray(fake, float), projections=directions
    )


def precision_recall(real, fake, k=K_PRECISION):
    def share_inside(points, centres):
        radii = np.sort(distances(centres, centres), axis=1)[:, k]  # column 0 is the centre itself
        return np.mean([any(np.linalg.norm(p - centres, axis=1) <= radii) for p in points])

    return {"precision": share_inside(fake, real), "recall": share_inside(real, fake)}


def density_coverage(real, fake, k=K_DENSITY):
    radii = np.sort(distances(real, real), axis=1)[:, k]
    inside = [[d <= r for d in row] for row, r in zip(distances(real, fake), radii, strict=True)]
    return {
        "density": sum(map(sum, inside)) / (k * len(fake)),
        "coverage": sum(map(any, inside)) / len(real),
    }


def classifier_two_sample(real, fake, seed=0):
    rng = np.random.default_rng(seed)
    real, fake = (x[rng.permutation(len(x))] for x in (real, fake))
    middles = [(len(x) + 1) // 2 for x in (real, fake)]
    train = np.concatenate([real[: middles[0]], fake[: middles[1]]])
    is_real = distances(real[middles[0] :], train).argmin(axis=1) < middles[0]
    is_fake = distances(fake[middles[1] :], train).argmin(axis=1) >= middles[0]
    table = [[sum(is_real), sum(~is_real)], [sum(~is_fake), sum(is_fake)]]
    return {
        "accuracy": (np.mean(is_real) + np.mean(is_fake)) / 2,
        "real_accuracy": np.mean(is_real),
        "fake_accuracy": np.mean(is_fake),
        "p_value": fisher_exact(table, alternative="greater").pvalue,
    }


def memorization(real, fake):
    train, held_out = split(real)
    near, far = (distances(x, train).min(axis=1) for x in (fake, held_out))
    test = mannwhitneyu(near, far, alternative="less", method="asymptotic", use_continuity=False)
    total, pairs = len(near) + len(far), len(near) * len(far)
    ties = sum(t**3 - t for t in Counter([*near, *far]).values())
    std = np.sqrt(pairs / 12 * (total + 1 - ties / (total * (total - 1))))
    position = 0.05 * (len(far) - 1)
    below = sorted(far)[int(position)]
    limit = below + (position - int(position)) * (sorted(far)[int(position) + 1] - below)
    return {
        "closer": np.mean([[0.5 * (n == f) + (n < f) for f in far] for n in near]),
        "very_close": np.mean([n <= limit for n in near]),
        "z": (test.statistic - pairs / 2) / std,
        "p_value": test.pvalue,
    }


def mode_coverage(real, fake):
    centres, std = modes_of(real)
    nearest, captured, good = Counter(), set(), 0
    for point in fake:
        away = [np.linalg.norm(point - centre) for centre in centres]
        mode = away.index(min(away))
        nearest[mode] += 1
        if min(away) < 3 * std:
            captured.add(mode)
            good += 1
    shares = [nearest[mode] / len(fake) for mode in range(len(centres))]
    return {
        "modes": len(captured),
        "good": good / len(fake),
        "reverse_kl": entropy(shares, np.ones(len(centres))),
    }


def class_coverage(real, fake):
    counts, real_counts = Counter(classes_of(fake).tolist()), Counter(classes_of(real).tolist())
    shares = np.array([counts[label] / len(fake) for label in range(9)])
    return {
        "modes": len(counts),
        "shares": shares,
        "reverse_kl": entropy(shares, [real_counts[label] + 1 for label in range(9)]),
    }


def our_class_coverage(real, fake):
    real_counts = np.bincount(classes_of(real), minlength=9) + 1
    return metrics.class_coverage(classes_of(fake), 9, real_counts / real_counts.sum())


def _sliced(real, fake):
    return metrics.sliced_wasserstein(real, fake, projections=50)


def birthday(real, fake, size=9):
    """Closest pairs by all distances; the share of closer ones and the p-value by SciPy."""
    rng = np.random.default_rng(0)
    closest = []
    for points in (real, fake):
        points = rng.permutation(np.asarray(points, float))
        pairs = []
        for first in range(0, len(points) // size * size, size):
            apart = distances(points[first : first + size], points[first : first + size])
            pairs.append(apart[~np.eye(size, dtype=bool)].min())
        closest.append(np.array(pairs))
    real_pairs, fake_pairs = closest
    closer = fake_pairs[:, None] < real_pairs
    level = fake_pairs[:, None] == real_pairs
    p_value = mannwhitneyu(real_pairs, fake_pairs, alternative="greater").pvalue
    return {"closer": (closer + level / 2).mean(), "p_value": p_value}


CASES = {  # name: (ours, the independent one), functions of real and fake features
    "frechet_distance": (metrics.frechet_distance, frechet_distance),
    "kernel_distance": (metrics.kernel_distance, kernel_distance),
    "sliced_wasserstein": (_sliced, sliced_wasserstein),
    "sliced_wasserstein (POT)": (_sliced, sliced_wasserstein_of_pot),
    "precision_recall": (metrics.precision_recall, precision_recall),
    "density_coverage": (metrics.density_coverage, density_coverage),
    "classifier_two_sample": (metrics.classifier_two_sample, classifier_two_sample),
    "memorization": (lambda real, fake: metrics.memorization(*split(real), fake), memorization),
    "birthday": (lambda real, fake: metrics.birthday(real, fake, batch_size=9), birthday),
    "mode_coverage": (
        lambda real, fake: metrics.mode_coverage(fake, *modes_of(real)),
        mode_coverage,
    ),
    "class_coverage": (our_class_coverage, class_coverage),
}


def deviation(ours, theirs):
    """The largest relative deviation of any number; absolute from 0."""
    if isinstance(theirs, dict):
        assert set(ours) == set(theirs)
        return max(deviation(ours[name], value) for name, value in theirs.items())
    ours, theirs = np.asarray(ours, float), np.asarray(theirs, float)
    return float(np.max(np.abs(ours - theirs) / np.where(theirs == 0, 1, np.abs(theirs))))
