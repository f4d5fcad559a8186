"""The theory of the game against independent arithmetic."""

import dirac_gan
from gannotes.theory import game
import keras
import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.stats import norm
from small import fit_eigenvalues

X = np.linspace(-15, 20, 7001)
LOG_P = norm.logpdf(X)
LATENTS = np.random.default_rng(0).normal(size=(5, 1)).astype("float32")


@pytest.mark.parametrize("shift", [0.0, 0.5, 2.0, 5.0])
def test_the_optimal_value_is_that_of_the_theorem(shift):
    log_q = norm.logpdf(X, shift)
    best = game.value(game.optimal_scores(LOG_P, log_q), LOG_P, log_q, X)
    log_mean = np.logaddexp(LOG_P, log_q) - np.log(2)
    twice_jensen_shannon = sum(
        np.trapezoid(np.exp(log) * (log - log_mean), X) for log in (LOG_P, log_q)
    )
    assert best == pytest.approx(-np.log(4) + twice_jensen_shannon, abs=1e-9)


def test_no_other_scores_do_better():
    log_q = norm.logpdf(X, 1.0, 1.5)
    best = game.optimal_scores(LOG_P, log_q)
    found = minimize_scalar(lambda c: -game.value(c * best, LOG_P, log_q, X), bracket=(0.5, 2))
    assert found.x == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("slope", [0.5, 1.0])
@pytest.mark.parametrize("r1", [0.0, 0.5, 1.0, 3.0])
def test_dirac_eigenvalues_are_those_of_the_jacobian(r1, slope):
    jacobian = np.array([[0, -slope], [slope, -r1]])
    found = np.linalg.eigvals(jacobian).astype(complex)
    expected = dirac_gan.eigenvalues(r1, slope)
    np.testing.assert_allclose(np.sort_complex(expected), np.sort_complex(found), atol=1e-7)


def test_fit_eigenvalues_recovers_a_linear_flow():
    jacobian, step = np.array([[-0.1, -0.5], [0.5, -0.3]]), 0.05
    path = [np.array([1.0, 0.0])]
    for _ in range(40):
        path.append(path[-1] + step * jacobian @ path[-1])
    found = fit_eigenvalues(np.array(path), step)
    expected = np.linalg.eigvals(jacobian)
    np.testing.assert_allclose(np.sort_complex(found), np.sort_complex(expected), atol=1e-10)


def test_noise_damps_the_dirac_gan_like_r1():
    found = dirac_gan.eigenvalues(noise=1.0)
    root = np.sqrt(1 / 16 - 1 / 4 + 0j)  # −σ²/4 ± √(σ⁴/16 − 1/4)
    np.testing.assert_allclose(found, [-1 / 4 - root, -1 / 4 + root])
    np.testing.assert_allclose(found, dirac_gan.eigenvalues(r1=0.5))


def test_point_ignores_its_input_and_survives_saving(tmp_path):
    model = dirac_gan.generator()
    model.set_weights([np.array([0.25])])
    model.save(tmp_path / "point.keras")
    again = keras.models.load_model(tmp_path / "point.keras", safe_mode=True)
    np.testing.assert_array_equal(again(LATENTS), np.full((5, 1), 0.25, "float32"))
    assert isinstance(again.layers[-1], dirac_gan.Point)


def test_dirac_discriminator_is_a_slope():
    model = dirac_gan.discriminator()
    model.set_weights([np.array([[2.0]])])
    np.testing.assert_allclose(model(np.array([[3.0]])), [[6.0]])


def test_gaussian_generator_has_its_std():
    latents = np.random.default_rng(0).normal(size=(20_000, 2)).astype("float32")
    points = np.asarray(game.gaussian_generator(0.8)(latents))
    np.testing.assert_allclose(points, 0.8 * latents, rtol=1e-6)
