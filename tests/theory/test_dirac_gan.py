"""The Dirac-GAN and the fit of its path against independent arithmetic."""

import dirac_gan
import keras
import numpy as np
import pytest
from small import fit_eigenvalues

LATENTS = np.random.default_rng(0).normal(size=(5, 1)).astype("float32")


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
