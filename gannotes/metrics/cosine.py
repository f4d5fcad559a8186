"""Cosine similarity of features: of every pair, of nearest neighbours, of means.

``real_features`` and ``fake_features`` have shapes (n, features) and (m, features). The cosine of a
vector of zeros is 0 with everything.
"""

from gannotes.checks import check_count, check_features
import numpy as np
from sklearn.preprocessing import normalize
from sklearn.utils import gen_batches

BLOCK = 2**24  # cosines held at once, 64 MiB of float32


def pair_cosines(real_features, fake_features):
    """Cosine of every real with every fake vector, (n, m); float32 if both sets are, else float64."""
    real, fake = _directions(real_features, fake_features)
    cosines = real @ fake.T
    return cosines.clip(-1, 1, out=cosines)


def nearest_cosines(real_features, fake_features, block=BLOCK):
    """Largest cosine of each real vector, (n,), and of each fake, (m,); `block` are held at once."""
    check_count("block", block)
    real, fake = _directions(real_features, fake_features)
    of_real = np.empty(len(real), real.dtype)
    of_fake = np.full(len(fake), -1, real.dtype)
    for rows in gen_batches(len(real), max(1, block // len(fake))):
        cosines = real[rows] @ fake.T  # (block, m)
        of_real[rows] = cosines.max(axis=1)
        np.maximum(of_fake, cosines.max(axis=0), out=of_fake)
    return of_real.clip(-1, 1), of_fake.clip(-1, 1)


def mean_of_pairs(real_features, fake_features):
    """Mean cosine over all pairs, without the pairs: E[u·v] = E[u]·E[v], u and v of length 1.

    ‖E[u]‖² for equal distributions; more, ‖E[u]‖, if all fakes turn to the reals' mean direction.
    """
    real, fake = _directions(real_features, fake_features)
    return float(real.mean(axis=0, dtype=float) @ fake.mean(axis=0, dtype=float))


def cosine_of_means(real_features, fake_features):
    """Cosine of the two sets' mean vectors: 1 for equal means, whatever the distributions."""
    sets = check_features(real_features, fake_features)
    return pair_cosines(*[features.mean(axis=0, keepdims=True) for features in sets]).item()


def _directions(*sets):
    """Each vector divided by its length, in float64, so that none over- or underflows.

    Once for all blocks: scikit-learn's `cosine_similarity` would do it anew in each.
    """
    checked = check_features(*sets)
    dtype = np.result_type(np.float32, *map(np.asarray, sets))
    return [normalize(features).astype(dtype, copy=False) for features in checked]


SIMILARITIES = {  # name: one number of (real_features, fake_features), larger is more alike
    "means": cosine_of_means,
    "pairs": mean_of_pairs,
    "nearest real": lambda real, fake: float(nearest_cosines(real, fake)[1].mean()),
    "nearest fake": lambda real, fake: float(nearest_cosines(real, fake)[0].mean()),
}
