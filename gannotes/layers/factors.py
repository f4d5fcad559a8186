"""Two factors of a matrix: from a matrix, or to start with."""

import math
import numbers

from gannotes.checks import check_count
from gannotes.layers.ranks import energy_rank
import keras
from keras import ops
import numpy as np


def is_share(rank):
    """Whether a rank is given as a share of energy: any real number that is no whole one by type."""
    return isinstance(rank, numbers.Real) and not isinstance(rank, numbers.Integral)


def truncated_svd(matrix, rank):
    """Factors (m, rank) and (rank, n), equally large, of the nearest matrix of that rank.

    Args:
        matrix: (m, n).
        rank: as for `LowRank.from_dense`.
    """
    left, values, right = np.linalg.svd(matrix, full_matrices=False)
    rank = energy_rank(values, rank) if is_share(rank) else rank
    check_count("rank", rank)
    if rank > len(values):
        raise ValueError(
            f"rank must be at most the smaller side of the kernel's matrix, {len(values)}. "
            f"Received: {rank}"
        )
    roots = np.sqrt(values[:rank])
    return left[:, :rank] * roots, roots[:, None] * right[:rank]


def factor_std(moment, rank, non_negative=False):
    """Standard deviation of the normal numbers in both factors, for a moment of their product.

    An entry of the product is a sum of `rank` products of two numbers. Where both are absolute values
    of normal numbers of standard deviation s, with the mean s·√(2/π), its second moment is
    s⁴·(rank + rank·(rank - 1)·(2/π)²).
    """
    pairs = rank * (rank - 1) * (2 / math.pi) ** 2 if non_negative else 0
    return (moment / (rank + pairs)) ** 0.25


@keras.saving.register_keras_serializable("gannotes")
class HalfNormal(keras.initializers.RandomNormal):
    """Absolute values of normal numbers."""

    def __call__(self, shape, dtype=None):
        return ops.abs(super().__call__(shape, dtype))
