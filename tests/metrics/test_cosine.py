"""Cosines against scikit-learn's, blocks against the full matrix, and what is known by hand."""

import tracemalloc

from gannotes.metrics import cosine
import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.metrics.pairwise import cosine_similarity

RNG = np.random.default_rng(0)
REAL, FAKE = 1 + RNG.normal(size=(70, 5)), RNG.normal(size=(53, 5))
WITH_ZEROS = REAL * (np.arange(70) % 9 > 0)[:, None]
CASES = {
    "float64": (REAL, FAKE),
    "float32": (REAL.astype("float32"), FAKE.astype("float32")),
    "zeros": (WITH_ZEROS, FAKE),
    "tiny": (1e-30 * REAL, FAKE),
    "huge": (1e30 * REAL, 1e30 * FAKE),
    "one": (REAL[:1], FAKE[:1]),
}


@pytest.mark.parametrize("case", CASES)
def test_pairs_are_scikit_learns(case):
    real, fake = CASES[case]
    found = cosine.pair_cosines(real, fake)
    np.testing.assert_allclose(found, cosine_similarity(real, fake), atol=1e-6)
    assert found.dtype == real.dtype
    assert np.abs(found).max() <= 1


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("block", [1, 200, 2**24])  # one row, a few, all at once
def test_nearest_and_means_are_those_of_the_full_matrix(case, block):
    real, fake = CASES[case]
    full = cosine_similarity(real, fake)
    of_real, of_fake = cosine.nearest_cosines(real, fake, block)
    np.testing.assert_allclose(of_real, full.max(axis=1), atol=1e-6)
    np.testing.assert_allclose(of_fake, full.max(axis=0), atol=1e-6)
    assert cosine.mean_of_pairs(real, fake) == pytest.approx(full.mean(), abs=1e-6)
    means = cosine_similarity(real.mean(axis=0)[None], fake.mean(axis=0)[None]).item()
    assert cosine.cosine_of_means(real, fake) == pytest.approx(means, abs=1e-6)


def test_pairs_are_scipys_too():
    np.testing.assert_allclose(
        cosine.pair_cosines(REAL, FAKE), 1 - cdist(REAL, FAKE, "cosine"), atol=1e-12
    )


def test_nothing_is_changed_by_lengths_nor_in_place():
    kept = REAL.copy()
    scaled = REAL * RNG.uniform(0.1, 10, size=(70, 1))
    for name in ("pairs", "nearest real", "nearest fake"):
        measure = cosine.SIMILARITIES[name]
        assert measure(scaled, FAKE) == pytest.approx(measure(REAL, FAKE), abs=1e-9)
    np.testing.assert_array_equal(REAL, kept)


def test_the_mean_of_pairs_prefers_collapse_to_the_truth():
    """All fakes along the mean direction u score ‖u‖, other reals only about ‖u‖²."""
    real, other = 1 + np.random.default_rng(1).normal(size=(2, 5000, 5))
    mean = (real / np.linalg.norm(real, axis=1, keepdims=True)).mean(axis=0)
    length = np.linalg.norm(mean)
    collapsed = np.tile(mean, (7, 1))
    assert cosine.mean_of_pairs(real, collapsed) == pytest.approx(length, abs=1e-9)
    assert cosine.mean_of_pairs(real, other) == pytest.approx(length**2, abs=0.02)
    assert length > length**2 + 0.1


def test_blocks_hold_little_memory():
    real, fake = RNG.normal(size=(2, 3000, 8)).astype("float32")
    tracemalloc.start()
    cosine.nearest_cosines(real, fake, block=2**16)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * 3000**2 / 8  # an eighth of the full matrix


@pytest.mark.parametrize("measure", [*cosine.SIMILARITIES.values(), cosine.pair_cosines])
def test_refuses(measure):
    with pytest.raises(ValueError, match="equally many features"):
        measure(REAL, FAKE[:, :4])
    with pytest.raises(ValueError, match="must be finite"):
        measure(REAL, FAKE * np.nan)


def test_refuses_blocks_of_nothing():
    with pytest.raises(ValueError, match="block must be a whole number"):
        cosine.nearest_cosines(REAL, FAKE, block=0)
