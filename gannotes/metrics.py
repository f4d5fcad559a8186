"""How far generated samples are from real ones. NumPy arrays in, numbers out.

A metric of one number returns a float, one of several a dictionary of them by name.
"""

from gannotes.checks import (
    check_count,
    check_enough,
    check_features,
    check_labels,
    check_weight,
)
from gannotes.neighbours import count_inside, nearest_distances
import numpy as np
from scipy.spatial.distance import cdist, pdist
from scipy.special import rel_entr
from scipy.stats import hypergeom, mannwhitneyu, norm, rankdata
from sklearn.base import clone
from sklearn.metrics.pairwise import polynomial_kernel
from sklearn.neighbors import KNeighborsClassifier


def frechet_distance(real_features, fake_features):
    r"""Squared Fréchet distance between Gaussians fitted to two sets of features.

    ‖μ₁ - μ₂‖² + tr(Σ₁ + Σ₂ - 2·(Σ₁Σ₂)^½), covariances with n - 1. In squared units of the
    features. Biased: for equal distributions it falls roughly as 1/n, so compare at equal n.

    Args:
        real_features, fake_features: shape (n, features) each.

    Raises:
        ValueError: unequal widths, values not finite, or no more samples than features.

    Reference: Heusel et al. 2017, eq. 6; Dowson and Landau 1982.
    """
    real_features, fake_features = check_features(real_features, fake_features)
    width = real_features.shape[1]
    check_enough(width + 1, f"A covariance of {width} features", real_features, fake_features)
    real_mean, fake_mean = real_features.mean(axis=0), fake_features.mean(axis=0)
    # Σ = RᵀR without forming Σ, and tr((Σ₁Σ₂)^½) is the sum of the singular values of R₁R₂ᵀ:
    # roots of eigenvalues that should be 0 would add up to more than a small distance
    real_root, fake_root = _covariance_root(real_features), _covariance_root(fake_features)
    cross = np.linalg.svd(real_root @ fake_root.T, compute_uv=False).sum()
    distance = ((real_mean - fake_mean) ** 2).sum()
    distance += (real_root**2).sum() + (fake_root**2).sum() - 2 * cross
    return float(max(distance, 0.0))


def kernel_distance(real_features, fake_features, subset_size=None, seed=0):
    """Kernel distance (KID): an unbiased estimate of the squared maximum mean discrepancy.

    E[k(x, x')] + E[k(y, y')] - 2·E[k(x, y)] with k(x, y) = (x·y / features + 1)³, the pairs of
    distinct samples. It can be negative; 0 is expected for equal distributions at any n.

    Differs from the paper: the subsets share no sample, so that their spread gives an honest
    standard error. The expectation is the same for subsets of any size.

    Args:
        real_features, fake_features: shape (n, features) each, shuffled before they are cut.
        subset_size: samples of each kind in a subset; by default 1,000, or a tenth of the smaller
            set where that is less. There are as many subsets as the smaller set allows.
        seed: of the shuffling.

    Returns:
        ``{"mean": over subsets, "standard_error": of it, "subset_size", "subsets": how many}``.

    Raises:
        ValueError: unequal widths, values not finite, or too few samples for two subsets.

    Reference: Bińkowski et al. 2018; the unbiased estimate: Gretton et al. 2012, eq. 3.
    """
    real_features, fake_features = check_features(real_features, fake_features)
    check_enough(4, "A pair of subsets of 2", real_features, fake_features)
    count = min(len(real_features), len(fake_features))
    if subset_size is None:
        subset_size = max(2, min(1000, count // 10))
    check_count("subset_size", subset_size, minimum=2)
    check_enough(
        2 * subset_size, f"A pair of subsets of {subset_size}", real_features, fake_features
    )
    rng = np.random.default_rng(seed)
    real_features, fake_features = rng.permutation(real_features), rng.permutation(fake_features)
    subsets = zip(
        _batches(real_features[:count], subset_size),
        _batches(fake_features[:count], subset_size),
        strict=True,
    )
    estimates = [_squared_mmd(real, fake) for real, fake in subsets]
    return {
        "mean": float(np.mean(estimates)),
        "standard_error": float(np.std(estimates, ddof=1) / np.sqrt(len(estimates))),
        "subset_size": int(subset_size),
        "subsets": len(estimates),
    }


def sliced_wasserstein(real_features, fake_features, projections=500, seed=0):
    """Sliced Wasserstein distance of order 2, in units of the features.

    (E_u W₂²(u·x, u·y))^½ over directions u, uniform on the sphere: in one dimension W₂ compares
    sorted samples. Biased upwards in n, as every Wasserstein distance: compare at equal n.

    Args:
        real_features, fake_features: shape (n, features) each.
        projections: directions to average over.
        seed: of the directions, normalized columns of a standard normal matrix.

    Raises:
        ValueError: unequal widths or values not finite.

    Reference: Bonneel et al. 2015; computed by POT, Flamary et al. 2021.
    """
    import ot  # here, as it wakes every tensor library that it finds

    real_features, fake_features = check_features(real_features, fake_features)
    check_count("projections", projections)
    rng = np.random.default_rng(seed)
    directions = rng.normal(size=(real_features.shape[1], projections))
    directions /= np.linalg.norm(directions, axis=0)
    squares = [ot.wasserstein_1d(real_features @ u, fake_features @ u, p=2) for u in directions.T]
    return float(np.sqrt(np.mean(squares)))


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


def classifier_two_sample(real_features, fake_features, classifier=None, seed=0):
    """Classifier two-sample test: how well a classifier tells held-out reals from fakes.

    It learns on a random half of each set and is scored on the other. ½ is chance; less than ½
    hints at copies, whose nearest neighbours are of the other kind.

    Differs from the paper: accuracy is the mean of those on reals and on fakes, so that chance is
    ½ at unequal sizes too; the p-value is exact (Fisher's), not a normal approximation.

    Args:
        real_features, fake_features: shape (n, features) each.
        classifier: any of scikit-learn's; by default the nearest neighbour.
        seed: of the halves.

    Returns:
        ``{"accuracy", "real_accuracy", "fake_accuracy", "p_value": of so high an accuracy for
        equal distributions}``.

    Raises:
        ValueError: unequal widths, values not finite, or fewer than 2 samples.

    Reference: Lopez-Paz and Oquab 2017, section 3; the two accuracies: Xu et al. 2018.
    """
    real_features, fake_features = check_features(real_features, fake_features)
    check_enough(2, "A split into halves", real_features, fake_features)
    if classifier is None:
        classifier = KNeighborsClassifier(n_neighbors=1, algorithm="brute")
    rng = np.random.default_rng(seed)
    halves = [np.array_split(rng.permutation(x), 2) for x in (real_features, fake_features)]
    (real_train, real_test), (fake_train, fake_test) = halves
    labels = np.repeat([1, 0], [len(real_train), len(fake_train)])
    judge = clone(classifier).fit(np.concatenate([real_train, fake_train]), labels)
    real_hits, fake_misses = (int(judge.predict(x).sum()) for x in (real_test, fake_test))
    reals, fakes, taken_for_real = len(real_test), len(fake_test), real_hits + fake_misses
    real_accuracy, fake_accuracy = real_hits / reals, 1 - fake_misses / fakes
    return {
        "accuracy": (real_accuracy + fake_accuracy) / 2,
        "real_accuracy": real_accuracy,
        "fake_accuracy": fake_accuracy,
        "p_value": float(hypergeom.sf(real_hits - 1, reals + fakes, reals, taken_for_real)),
    }


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
        [pdist(batch).min() for batch in _batches(rng.permutation(features), batch_size)]
        for features in (real_features, fake_features)
    )
    above, p_value = mannwhitneyu(fake, real, alternative="less")
    return {"closer": float(1 - above / (len(real) * len(fake))), "p_value": float(p_value)}


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


def _batches(features, size):
    """Batches of equal size; what is left over is left out."""
    return [features[i : i + size] for i in range(0, len(features) - size + 1, size)]


def _covariance_root(features):
    """Upper triangular R of the covariance RᵀR."""
    centred = features - features.mean(axis=0)
    return np.linalg.qr(centred / np.sqrt(len(features) - 1), mode="r")


def _squared_mmd(real_features, fake_features):
    """Unbiased, of two sets of equal size, with the cubic polynomial kernel."""
    size = len(real_features)
    kernels = (polynomial_kernel(x, degree=3) for x in (real_features, fake_features))
    within = sum(kernel.sum() - np.trace(kernel) for kernel in kernels) / (size * (size - 1))
    return within - 2 * polynomial_kernel(real_features, fake_features, degree=3).mean()


def _spread(values):
    std = np.std(values, axis=0, ddof=1)
    return std if std.ndim else float(std)
