"""How far generated samples are from real ones. NumPy arrays in, numbers out."""

import numpy as np
from scipy.spatial.distance import cdist


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
    real_features, fake_features = _check_features(real_features, fake_features)
    real_mean, fake_mean = real_features.mean(axis=0), fake_features.mean(axis=0)
    # Σ = RᵀR without forming Σ, and tr((Σ₁Σ₂)^½) is the sum of the singular values of R₁R₂ᵀ:
    # roots of eigenvalues that should be 0 would add up to more than a small distance
    real_root, fake_root = _covariance_root(real_features), _covariance_root(fake_features)
    cross = np.linalg.svd(real_root @ fake_root.T, compute_uv=False).sum()
    distance = ((real_mean - fake_mean) ** 2).sum()
    distance += (real_root**2).sum() + (fake_root**2).sum() - 2 * cross
    return float(max(distance, 0.0))


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

    Reference: Lin et al. 2018, section 4.1.
    """
    points, centres = _check_features(points, centres, enough=False)
    distances = cdist(points, centres)  # (n, modes)
    nearest = distances.argmin(axis=1)
    good = distances.min(axis=1) < 3 * std
    shares = np.bincount(nearest, minlength=len(centres)) / len(points)
    held = shares[shares > 0]
    return {
        "modes": len(np.unique(nearest[good])),
        "good": float(good.mean()),
        "reverse_kl": float((held * np.log(held * len(centres))).sum()),
    }


def _covariance_root(features):
    """Upper triangular R of the covariance RᵀR."""
    centred = features - features.mean(axis=0)
    return np.linalg.qr(centred / np.sqrt(len(features) - 1), mode="r")


def _check_features(first, second, enough=True):
    first, second = np.asarray(first, float), np.asarray(second, float)
    if first.ndim != 2 or second.ndim != 2 or first.shape[1] != second.shape[1]:
        raise ValueError(
            "Both arrays must have shape (n, features), with equally many features. "
            f"Received: {first.shape} and {second.shape}"
        )
    for features in (first, second):
        if not np.isfinite(features).all():
            raise ValueError("Features must be finite. Received: NaN or infinite values")
        if enough and len(features) <= features.shape[1]:
            raise ValueError(
                f"A covariance of {features.shape[1]} features needs more samples than that. "
                f"Received: {len(features)}"
            )
    return first, second
