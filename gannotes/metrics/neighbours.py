"""Nearest neighbours: precision, recall, density, coverage, copies, birthdays; modes and classes.

``real_features`` and ``fake_features`` have shape (n, features), equally wide and finite; else, or
with too few samples, ValueError. Distances are taken in blocks of little memory.
"""

from gannotes.checks import check_count, check_enough, check_features, check_labels, check_weight
from gannotes.metrics.distances import in_batches
import numpy as np
from scipy.spatial.distance import cdist, pdist
from scipy.special import rel_entr
from scipy.stats import mannwhitneyu, norm, rankdata
from sklearn.metrics import euclidean_distances
from sklearn.neighbors import NearestNeighbors
from sklearn.utils import gen_batches

BLOCK = 2**20  # distances held at once, 8 MiB


def nearest_distances(points, others=None, k=1):
    """Distance of each point to its k-th nearest neighbour among `others`, shape (n,).

    By default among the points themselves, where none is its own neighbour, but a copy of it is one.
    Matrix products, which round, find the neighbour, the difference its distance: 0 of a copy.
    """
    among = points if others is None else others
    middle = np.median(among, axis=0)  # around 0 the products round less
    search = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(among - middle)
    queries = None if others is None else points - middle
    neighbours = search.kneighbors(queries, return_distance=False)[:, -1]
    return np.linalg.norm(points - among[neighbours], axis=1)


def count_inside(points, centres, radii):
    """How many balls hold each point, (n,), and how many points each ball holds, (m,).

    Squared distances come from matrix products; where these round too much to tell on which side
    of a boundary a point is, they come from the differences. On the boundary is inside.
    """
    middle = np.median(centres, axis=0)  # around 0 the products round less, and fewer are unsure
    near_points, near_centres = points - middle, centres - middle
    rounding = 4 * points.shape[1] * np.finfo(float).eps  # of |x|² + |y|² - 2·x·y
    point_error = rounding * (near_points**2).sum(axis=1, keepdims=True)
    centre_error = rounding * (near_centres**2).sum(axis=1)
    limits = radii**2 * (1 + 1e-12)
    per_point, per_ball = np.zeros(len(points), int), np.zeros(len(centres), int)
    for block in gen_batches(len(points), max(1, BLOCK // len(centres))):
        beyond = euclidean_distances(near_points[block], near_centres, squared=True) - limits
        unsure = (np.abs(beyond) <= point_error[block] + centre_error).any(axis=1)
        beyond[unsure] = cdist(points[block][unsure], centres, "sqeuclidean") - limits
        inside = beyond <= 0  # (block, m)
        per_point[block] = inside.sum(axis=1)
        per_ball += inside.sum(axis=0)
    return per_point, per_ball


def precision_recall(real_features, fake_features, k=3):
    """Improved precision and recall: ``{"precision", "recall"}``, shares in [0, 1].

    Each set's manifold is the union of balls around its samples, each as far as the k-th nearest
    other sample. Precision is the share of fakes in the manifold of the reals, recall that of reals
    in the manifold of the fakes. Both depend on n and stay below 1 for equal distributions.

    Reference: Kynkäänniemi et al. 2019, eq. 1 and 2.
    """
    real, fake = _checked(real_features, fake_features, k)
    balls_of_fakes, _ = count_inside(fake, real, nearest_distances(real, k=k))
    balls_of_reals, _ = count_inside(real, fake, nearest_distances(fake, k=k))
    return {
        "precision": float((balls_of_fakes > 0).mean()),
        "recall": float((balls_of_reals > 0).mean()),
    }


def density_coverage(real_features, fake_features, k=5):
    """Density and coverage: ``{"density": 0 or more, "coverage": share in [0, 1]}``.

    Around each of N reals lies a ball that reaches to its k-th nearest other real. Density is the
    mean number of balls that hold a fake, over k; coverage the share of balls that hold a fake. For
    equal distributions the expected density is 1 and, with N fakes too, the expected coverage
    1 - Π_{i=1..k} (N - i)/(2N - i), near 1 - 2^(-k).

    Reference: Naeem et al. 2020, section 3.
    """
    real, fake = _checked(real_features, fake_features, k)
    per_fake, per_ball = count_inside(fake, real, nearest_distances(real, k=k))
    return {"density": float(per_fake.mean() / k), "coverage": float((per_ball > 0).mean())}


def _checked(real_features, fake_features, k):
    sets = check_features(real_features, fake_features)
    check_count("k", k)
    check_enough(k + 1, f"A neighbour of order {k}", *sets)
    return sets


def memorization(train_features, held_out_features, fake_features):
    """Whether fakes are nearer to the training set than unseen real samples are.

    The Mann–Whitney test compares distances to the nearest training sample. Bad samples can hide
    copies in it (Bhattacharjee et al. 2023); ``very_close`` shows them: of a generator that copies a
    share s it is s at least.

    Differs from the paper: one test for the whole space, not one in each cell.

    Returns:
        ``{"closer": chance that a fake is closer than a held-out sample, ½ without memorization;
        "very_close": share of fakes as close as the closest 5 % of held-out samples, 0.05 then;
        "z": the test's normal score, negative for copies; "p_value": of so low a score}``.

    Reference: Meehan et al. 2020, the statistic C_T.
    """
    train, *others = check_features(train_features, held_out_features, fake_features)
    check_enough(2, "A rank test", *others)
    held_out, fake = (nearest_distances(features, train) for features in others)
    # by hand, as SciPy's test gives no z, and its p-values far out are 0 or 1
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

    Of N equally likely images a batch of about 1.2·√N holds two alike with chance ½. The
    Mann–Whitney test compares the closest pairs in batches of fakes with those in batches of reals,
    of a twentieth of the smaller set by default.

    Differs from the paper: a pair of reals says what is alike, not the eye.

    Returns:
        ``{"closer": chance that a batch of fakes has a closer pair than one of reals, ½ for equal
        distributions; "p_value": of so many closer ones}``.

    Reference: Arora, Risteski, Zhang 2018.
    """
    sets = check_features(real_features, fake_features)
    if batch_size is None:
        batch_size = max(2, min(map(len, sets)) // 20)
    check_count("batch_size", batch_size, minimum=2)
    check_enough(2 * batch_size, f"Two batches of {batch_size}", *sets)
    rng = np.random.default_rng(seed)
    real, fake = (
        [pdist(batch).min() for batch in in_batches(rng.permutation(features), batch_size)]
        for features in sets
    )
    above, p_value = mannwhitneyu(fake, real, alternative="less")
    return {"closer": float(1 - above / (len(real) * len(fake))), "p_value": float(p_value)}


def mode_coverage(points, centres, std):
    """How samples spread over the modes of a mixture, scored as in PacGAN.

    A sample is good within 3·std of its nearest centre; a mode is captured if a good sample lies
    at it. The reverse KL divergence is that of the samples' shares of the modes (nearest centre)
    from equal shares. A perfect generator has 1 - exp(-9/2) = 98.9 % good. The samples are `points`,
    (n, 2), the modes' `centres` (modes, 2), and `std` is the modes' deviation along each axis.

    Returns:
        ``{"modes": captured, "good": share in [0, 1], "reverse_kl": nats}``.

    Reference: Lin et al. 2018, section 4.1.
    """
    points, centres = check_features(points, centres)
    std = check_weight("std", std)
    distances = cdist(points, centres)  # (n, modes)
    nearest = distances.argmin(axis=1)
    good = distances.min(axis=1) < 3 * std
    return {
        "modes": len(np.unique(nearest[good])),
        "good": float(good.mean()),
        "reverse_kl": class_coverage(nearest, len(centres))["reverse_kl"],
    }


def class_coverage(labels, num_classes, real_shares=None):
    """How samples spread over classes that a classifier sees in them, as for stacked MNIST.

    The reverse KL divergence of the samples' shares q from the real ones p is Σ q·log(q/p), in nats:
    infinite where q > 0 = p. A perfect generator's is about (classes - 1)/(2n), not 0. `labels` are
    whole numbers from 0 on, (n,); `real_shares`, p, are equal by default.

    Returns:
        ``{"modes": classes found, "shares": q, shape (num_classes,), "reverse_kl": nats}``.

    Reference: Lin et al. 2018, Table 2.
    """
    check_count("num_classes", num_classes)
    labels = np.asarray(labels)
    check_count("The number of labels", labels.size)
    check_labels(labels, labels.size, num_classes)
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
