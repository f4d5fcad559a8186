"""Distances between two sets of features, and the classifier two-sample test.

``real_features`` and ``fake_features`` have shape (n, features), equally wide and finite; else, or
with too few samples, ValueError.
"""

from gannotes.checks import check_count, check_enough, check_features
import numpy as np
from scipy.stats import hypergeom
from sklearn.base import clone
from sklearn.metrics.pairwise import polynomial_kernel
from sklearn.neighbors import KNeighborsClassifier


def frechet_distance(real_features, fake_features):
    """Squared Fréchet distance between Gaussians fitted to two sets of features.

    ‖μ₁ - μ₂‖² + tr(Σ₁ + Σ₂ - 2·(Σ₁Σ₂)^½), covariances with n - 1, more samples than features. In
    squared units of the features. Biased, for equal distributions roughly as 1/n: compare at equal n.

    Reference: Heusel et al. 2017, eq. 6; Dowson and Landau 1982.
    """
    real, fake = check_features(real_features, fake_features)
    width = real.shape[1]
    check_enough(width + 1, f"A covariance of {width} features", real, fake)
    shift = real.mean(axis=0) - fake.mean(axis=0)
    # With Σ = RᵀR, tr Σ is the sum of R's squares, and tr (Σ₁Σ₂)^½ that of R₁R₂ᵀ's singular values.
    # Not by eigenvalues of Σ₁Σ₂: the roots of those that rounding keeps from 0 outweigh a small distance.
    real_root, fake_root = _covariance_root(real), _covariance_root(fake)
    cross = np.linalg.svd(real_root @ fake_root.T, compute_uv=False).sum()
    distance = np.sum(shift**2) + np.sum(real_root**2) + np.sum(fake_root**2) - 2 * cross
    return max(float(distance), 0.0)


def kernel_distance(real_features, fake_features):
    """Kernel distance (KID): an unbiased estimate of the squared maximum mean discrepancy.

    E[k(x, x')] + E[k(y, y')] - 2·E[k(x, y)] with k(x, y) = (x·y / width + 1)³, where x and x'
    are two samples of one set. It can be negative; 0 is expected for equal distributions at any n.

    Differs from the paper, which takes means over small random subsets: here all pairs count, so
    that the estimate scatters least. Takes n² kernels: a second for 10,000 samples of 64 features.

    Returns:
        ``{"mean": of all pairs, "standard_error": of this mean}``, by leaving one out (jackknife):
        too large where the distributions are equal.

    Reference: Bińkowski et al. 2018; the unbiased estimate: Gretton et al. 2012, eq. 3.
    """
    sets = real, fake = check_features(real_features, fake_features)
    check_enough(3, "Leaving one out", *sets)
    of_real, of_fake = _kernel_means(real, fake)
    mean, squares = -of_real.mean() - of_fake.mean(), 0.0
    for features, across in zip(sets, (of_real, of_fake), strict=True):
        n = len(features)
        alone = (np.sum(features**2, axis=1) / features.shape[1] + 1) ** 3
        within = (n * _kernel_means(features, features)[0] - alone) / (n - 1)
        mean += within.mean()
        left_out = (within - within.mean()) / (n - 2) - (across - across.mean()) / (n - 1)
        squares += 4 * (n - 1) / n * np.sum(left_out**2)
    return {"mean": float(mean), "standard_error": float(squares**0.5)}


def sliced_wasserstein(real_features, fake_features, projections=500, seed=0):
    """Sliced Wasserstein distance of order 2, in units of the features.

    (E_u W₂²(u·x, u·y))^½ over directions u, uniform on the sphere. Biased: compare at equal n.

    Reference: Bonneel et al. 2015; computed by POT, Flamary et al. 2021.
    """
    import ot  # here, as it wakes every tensor library that it finds

    real, fake = check_features(real_features, fake_features)
    check_count("projections", projections)
    directions = np.random.default_rng(seed).normal(size=(real.shape[1], projections))
    directions /= np.linalg.norm(directions, axis=0)
    # One by one: POT's own sliced distance takes twice the time for 1,000 samples.
    squares = [
        ot.wasserstein_1d(real @ u, fake @ u, p=2) for u in directions.T
    ]  # W₂², not its root
    return float(np.sqrt(np.mean(squares)))


def classifier_two_sample(real_features, fake_features, classifier=None, seed=0):
    """Classifier two-sample test: how well a classifier tells reals from fakes.

    It learns on a random half of each set and is scored on the other. ½ is chance; less than ½
    hints at copies, whose nearest neighbours are of the other kind. `classifier` is one of
    scikit-learn's, by default the nearest neighbour.

    Differs from the paper: accuracy is the mean of those on reals and on fakes, so that chance is
    ½ at unequal sizes too; the p-value is exact (Fisher's).

    Returns:
        ``{"accuracy", "real_accuracy", "fake_accuracy", "p_value": of so high an accuracy}``.

    Reference: Lopez-Paz and Oquab 2017, section 3; the two accuracies: Xu et al. 2018.
    """
    sets = check_features(real_features, fake_features)
    check_enough(2, "A split into halves", *sets)
    if classifier is None:
        classifier = KNeighborsClassifier(n_neighbors=1, algorithm="brute")
    rng = np.random.default_rng(seed)
    halves = [np.array_split(rng.permutation(features), 2) for features in sets]
    (real_train, real_test), (fake_train, fake_test) = halves
    is_real = np.repeat([1, 0], [len(real_train), len(fake_train)])
    judge = clone(classifier).fit(np.concatenate([real_train, fake_train]), is_real)
    real_hits, fake_misses = (int(judge.predict(test).sum()) for test in (real_test, fake_test))
    reals, fakes = len(real_test), len(fake_test)
    real_accuracy, fake_accuracy = real_hits / reals, 1 - fake_misses / fakes
    return {
        "accuracy": (real_accuracy + fake_accuracy) / 2,
        "real_accuracy": real_accuracy,
        "fake_accuracy": fake_accuracy,
        "p_value": float(
            hypergeom.sf(real_hits - 1, reals + fakes, reals, real_hits + fake_misses)
        ),
    }


def in_batches(features, size):
    """Batches of equal size; what is left over is left out."""
    return [features[i : i + size] for i in range(0, len(features) - size + 1, size)]


def _covariance_root(features):
    """Upper triangular R with RᵀR = Σ, without forming Σ."""
    centred = features - features.mean(axis=0)
    return np.linalg.qr(centred / np.sqrt(len(features) - 1), mode="r")


def _kernel_means(first, second):
    """The kernel's mean over all samples of the other set: for each of the first, and of the second."""
    rows, columns = [], np.zeros(len(second))
    for block in np.array_split(first, -(-len(first) // 1000)):  # memory for 1,000 rows
        kernels = polynomial_kernel(block, second, degree=3)  # (x·y / width + 1)³
        rows.append(kernels.mean(axis=1))
        columns += kernels.sum(axis=0)
    return np.concatenate(rows), columns / len(first)
