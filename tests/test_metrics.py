"""Metrics against closed forms and independent implementations."""

from gannotes import metrics, mixtures
import numpy as np
import pytest
from scipy.linalg import sqrtm

RNG = np.random.default_rng(0)


def correlated(n, d, shift=0.0):
    return RNG.normal(size=(n, d)) @ RNG.normal(size=(d, d)) + shift


@pytest.mark.parametrize("width", [1, 3, 16])
def test_frechet_distance_against_scipy(width):
    real, fake = correlated(300, width), correlated(200, width, shift=0.5)
    real_cov, fake_cov = (np.atleast_2d(np.cov(x, rowvar=False)) for x in (real, fake))
    root = sqrtm(real_cov @ fake_cov).real
    expected = ((real.mean(0) - fake.mean(0)) ** 2).sum() + np.trace(real_cov + fake_cov - 2 * root)
    assert metrics.frechet_distance(real, fake) == pytest.approx(expected, rel=1e-6)


def test_frechet_distance_of_known_gaussians():
    grid = np.array(np.meshgrid([-1.0, 0.0, 1.0], [-1.0, 0.0, 1.0])).reshape(2, -1).T
    assert metrics.frechet_distance(grid, grid) == pytest.approx(0, abs=1e-12)
    assert metrics.frechet_distance(grid, grid + [3, 4]) == pytest.approx(25)
    variance = grid[:, 0].var(ddof=1)  # scaling by 2: (2 - 1)² of the variance, on both axes
    assert metrics.frechet_distance(grid, 2 * grid) == pytest.approx(2 * variance)


def test_frechet_distance_with_singular_covariances():
    flat = np.column_stack([RNG.normal(size=50), np.zeros(50)])
    assert metrics.frechet_distance(flat, flat[:, ::-1]) == pytest.approx(
        2 * flat[:, 0].var(ddof=1) + 2 * flat[:, 0].mean() ** 2
    )


@pytest.mark.parametrize(
    ("real", "fake", "message"),
    [
        (np.zeros((9, 3)), np.zeros((9, 2)), "equally many features"),
        (np.zeros(9), np.zeros(9), "shape"),
        (np.zeros((3, 3)), np.zeros((9, 3)), "needs more samples"),
        (np.zeros((9, 3)), np.full((9, 3), np.nan), "finite"),
    ],
)
def test_frechet_distance_refuses(real, fake, message):
    with pytest.raises(ValueError, match=message):
        metrics.frechet_distance(real, fake)


def test_mode_coverage_by_hand():
    centres = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0], [10.0, 10.0]])
    points = np.array([[0, 0.2], [0.1, 0], [10, 0.1], [5.1, 0]])  # the last is good for none
    scored = metrics.mode_coverage(points, centres, std=0.1)
    assert scored["modes"] == 2
    assert scored["good"] == 0.75
    assert scored["reverse_kl"] == pytest.approx(np.log(2))  # halves of two, out of four


def test_a_perfect_generator():
    ring = mixtures.ring()
    points, _ = ring.sample(100_000, np.random.default_rng(0))
    scored = metrics.mode_coverage(points, ring.centres, ring.std)
    assert scored["modes"] == 8
    assert scored["good"] == pytest.approx(1 - np.exp(-4.5), abs=0.002)
    assert scored["reverse_kl"] == pytest.approx(7 / 200_000, abs=5e-5)
