"""Which real samples are reached, and which fakes look real: by neighbours, modes and classes."""

from gannotes.checks import check_count, check_enough, check_features, check_labels, check_weight
from gannotes.metrics.neighbours import count_inside, nearest_distances
import numpy as np
from scipy.spatial.distance import cdist
from scipy.special import rel_entr


def precision_recall(real_features, fake_features, k=3):
    """Improved precision and recall: shares of fakes that look real, of reals that are reached.

    Each set's manifold is estimated by the balls around its samples that reach to their k-th
    nearest neighbours in it, themselves not counted. Precision is the share of fakes in the
    manifold of the reals, recall that of reals in the manifold of the fakes. Both depend on n and
    stay below 1 for equal distributions.

    Args:
        real_features, fake_features: shape (n, features) each.
        k: which neighbour a ball reaches to.

    Returns:
        ``{"precision": share in [0, 1], "recall": share in [0, 1]}``.

    Raises:
        ValueError: unequal widths, values not finite, or no more than k samples.

    Reference: Kynkäänniemi et al. 2019, eq. 1 and 2.
    """
    real_features, fake_features = check_features(real_features, fake_features)
    check_count("k", k)
    check_enough(k + 1, f"A neighbour of order {k}", real_features, fake_features)
    real_radii, fake_radii = (nearest_distances(x, k=k) for x in (real_features, fake_features))
    balls_of_fakes, _ = count_inside(fake_features, real_features, real_radii)
    balls_of_reals, _ = count_inside(real_features, fake_features, fake_radii)
    return {
        "precision": float((balls_of_fakes > 0).mean()),
        "recall": float((balls_of_reals > 0).mean()),
    }


def density_coverage(real_features, fake_features, k=5):
    """Density and coverage: how deep fakes lie among the reals, how many reals they reach.

    Around each of N reals lies a ball that reaches to its k-th nearest real, itself not counted.
    Density is the mean number of balls that hold a fake, over k; coverage the share of balls that
    hold a fake. For equal distributions the expected density is 1 and, with N fakes too, the
    expected coverage 1 - Π_{i=1..k} (N - i)/(2N - i), near 1 - 2^(-k).

    Args:
        real_features, fake_features: shape (n, features) each.
        k: which neighbour a ball reaches to.

    Returns:
        ``{"density": 0 or more, "coverage": share in [0, 1]}``.

    Raises:
        ValueError: unequal widths, values not finite, or no more than k samples.

    Reference: Naeem et al. 2020, section 3.
    """
    real_features, fake_features = check_features(real_features, fake_features)
    check_count("k", k)
    check_enough(k + 1, f"A neighbour of order {k}", real_features, fake_features)
    radii = nearest_distances(real_features, k=k)
    per_fake, per_ball = count_inside(fake_features, real_features, radii)
    return {"density": float(per_fake.mean() / k), "coverage": float((per_ball > 0).mean())}


def mode_coverage(points, centres, std):
    """How samples spread over the modes of a mixture, scored as in PacGAN.

    A sample is good within 3·std of its nearest centre; a mode is captured if a good sample lies
    at it. The reverse KL divergence, in nats, is that of the samples' shares of the modes
    (nearest centre) from equal shares. A perfect generator has 1 - exp(-9/2) = 98.9 % good.

    Args:
        points: samples, shape (n, 2).
        centres: shape (modes, 2).
        std: standard deviation of each mode, along each axis.

    Returns:
        ``{"modes": captured, "good": share in [0, 1], "reverse_kl": nats}``.

    Raises:
        ValueError: unequal widths, values not finite, or a negative std.

    Reference: Lin et al. 2018, section 4.1.
    """
    points, centres = check_features(points, centres)
    std = check_weight("std", std)
    distances = cdist(points, centres)  # (n, modes)
    nearest = distances.argmin(axis=1)
    good = distances.min(axis=1) < 3 * std
    covered = class_coverage(nearest, len(centres))
    return {
        "modes": len(np.unique(nearest[good])),
        "good": float(good.mean()),
        "reverse_kl": covered["reverse_kl"],
    }


def class_coverage(labels, num_classes, real_shares=None):
    """How samples spread over classes that a classifier sees in them, as for stacked MNIST.

    The reverse KL divergence Σ q·log(q/p), in nats, is that of the samples' shares q of the
    classes from the real ones p. A perfect generator's is about (classes - 1)/(2n), not 0.

    Args:
        labels: of the samples, whole numbers from 0 on, shape (n,).
        num_classes: how many there are.
        real_shares: p, shape (num_classes,), 1 in sum; equal by default.

    Returns:
        ``{"modes": classes found, "shares": q, shape (num_classes,), "reverse_kl": nats}``; it is
        infinite where a class is found that has no real share.

    Raises:
        TypeError: labels that are no whole numbers.
        ValueError: labels or shares that do not fit the classes.

    Reference: Lin et al. 2018, Table 2.
    """
    check_count("num_classes", num_classes)
    labels = np.asarray(labels)
    check_count("The number of labels", labels.size)
    check_labels(labels, labels.size)
    if labels.max() >= num_classes:
        raise ValueError(f"labels must be less than {num_classes}. Received: {labels.max()}")
    if real_shares is None:
        real_shares = np.full(num_classes, 1 / num_classes)
    real_shares = np.asarray(real_shares, float)
    proper = real_shares.shape == (num_classes,) and (real_shares >= 0).all()
    if not (proper and np.isclose(real_shares.sum(), 1)):
        raise ValueError(
            f"real_shares must have shape ({num_classes},), no negative value and the sum 1. "
            f"Received: shape {real_shares.shape}, sum {real_shares.sum():.6g}"
        )
    shares = np.bincount(labels, minlength=num_classes) / len(labels)
    return {
        "modes": int((shares > 0).sum()),
        "shares": shares,
        "reverse_kl": float(rel_entr(shares, real_shares).sum()),
    }
