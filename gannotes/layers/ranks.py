"""How many dimensions a matrix uses, told from its singular values."""

from gannotes.checks import check_weight
import numpy as np


def effective_rank(singular_values):
    """Exponential of the entropy of σᵢ / Σσ: r for r equal values, 1 for a single one.

    A smooth count of directions: the rank alone says "full" of any matrix that rounding has touched.

    Args:
        singular_values: non-negative, in any order, (..., k).

    Returns:
        Array (...), or a float; 0 where all values are 0.

    Raises:
        ValueError: values that are negative or not finite.

    Reference: Roy and Vetterli 2007, eq. 3 and 4.
    """
    values = _checked(singular_values)
    total = values.sum(axis=-1, keepdims=True)
    shares = values / np.where(total > 0, total, 1)
    entropy = -np.sum(shares * np.log(np.where(shares > 0, shares, 1)), axis=-1)
    rank = np.where(total[..., 0] > 0, np.exp(entropy), 0.0)
    return rank if rank.ndim else float(rank)


def energy_rank(singular_values, share):
    """Fewest singular values that hold a share of Σσ², at least 1.

    The truncated SVD of that rank has a squared error of at most (1 - share) of the matrix (Eckart
    and Young 1936).

    Args:
        singular_values: non-negative, falling, (..., k).
        share: above 0, at most 1.

    Returns:
        Array of whole numbers (...), or an int.

    Raises:
        ValueError: values that are negative or not finite, or a share out of range.
    """
    values = _checked(singular_values)
    if check_weight("share", share, maximum=1) == 0:
        raise ValueError("share must be above 0. Received: 0")
    held = np.cumsum(np.square(values, dtype=float), axis=-1)
    enough = share * held[..., -1:] * (1 - 1e-12)  # for a share that is met but for rounding
    rank = np.maximum(1, (held < enough).sum(axis=-1) + 1)
    return rank if rank.ndim else int(rank)


def _checked(singular_values):
    values = np.asarray(singular_values, float)
    if values.ndim == 0 or values.shape[-1] == 0:
        raise ValueError(f"Singular values must have shape (..., k). Received: {values.shape}")
    if not (np.isfinite(values).all() and (values >= 0).all()):
        raise ValueError("Singular values must be finite and not negative")
    return values
