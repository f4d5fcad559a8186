"""Nearest neighbours and balls against SciPy's distances, where products would round too much."""

from gannotes.metrics import neighbours
import numpy as np
import pytest
from scipy.spatial.distance import cdist

RNG = np.random.default_rng(0)
POINTS = {
    "around 0": RNG.normal(size=(307, 5)),
    "far from 0": 1e6 + RNG.normal(size=(307, 5)),
    "copies": np.repeat(RNG.normal(size=(62, 5)), 5, axis=0)[:307],
    "near copies": np.repeat(RNG.normal(size=(62, 5)), 5, axis=0)[:307]
    + 1e-6 * RNG.normal(size=(307, 5)),
    "ties": RNG.integers(0, 3, size=(307, 5)).astype(float),
    "an outlier": np.concatenate([RNG.normal(size=(306, 5)), np.full((1, 5), 1e6)]),
}


@pytest.mark.parametrize("name", POINTS)
@pytest.mark.parametrize("k", [1, 4, 5])
def test_nearest_distances(name, k):
    points, others = POINTS[name][:100], POINTS[name]
    expected = np.sort(cdist(points, others), axis=1)  # column 0 is each point itself
    found = neighbours.nearest_distances(points, others, k)
    np.testing.assert_allclose(found, expected[:, k - 1], rtol=1e-12)
    expected = np.sort(cdist(others, others), axis=1)
    np.testing.assert_allclose(
        neighbours.nearest_distances(others, k=k), expected[:, k], rtol=1e-12
    )


@pytest.mark.parametrize("name", POINTS)
@pytest.mark.parametrize("block", [1, 1000, 207 * 50, 2**20])  # 1, 4, 50 and all rows at once
def test_count_inside(monkeypatch, name, block):
    monkeypatch.setattr(neighbours, "BLOCK", block)
    points, centres = POINTS[name][100:], POINTS[name][:207]
    radii = np.sort(cdist(centres, centres), axis=1)[:, 3]
    inside = cdist(points, centres) <= radii * (1 + 1e-12)  # with the boundary, as both round
    per_point, per_ball = neighbours.count_inside(points, centres, radii)
    np.testing.assert_array_equal(per_point, inside.sum(axis=1))
    np.testing.assert_array_equal(per_ball, inside.sum(axis=0))
