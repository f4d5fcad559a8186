"""With KERAS_BACKEND=jax the same GANs train, from and to the same files, without TensorFlow."""

import os
from pathlib import Path
import subprocess
import sys

from gannotes.latent import generators
import numpy as np
from pairs import MAKERS, PAIRS, assert_same_state, pictures, train
import pytest

pytestmark = pytest.mark.slow

HERE = Path(__file__).parents[1]
ALSO = (  # what other modules need of `gradients`
    "experiments/test_attacks.py::test_a_linear_score_moves_by_epsilon_times_its_weights_size",
    "experiments/test_inversion.py::test_a_linear_generator_is_inverted_by_ridge_regression",
    "theory/test_spectra.py::test_a_linear_generator_has_its_matrix_everywhere",
    "layers/test_layers.py::test_gradients_pass_through_the_singular_value",
    "datasets/test_streams.py::test_a_streamed_folder_trains_as_the_folder_in_memory_does",
    "theory/test_spectra.py::test_the_dirac_gan_has_its_eigenvalues",
)


@pytest.fixture(scope="module")
def trained():
    """Models of TensorFlow."""
    return {name: make() for name, make in MAKERS.items()}


@pytest.fixture(scope="module")
def folder(trained, tmp_path_factory):
    """What TensorFlow wrote: all models' states and histories, pictures of generators."""
    folder = tmp_path_factory.mktemp("both")
    for name, model in trained.items():
        model.save_state(folder / f"{name}0.npz")
        for stage in (1, 2):
            np.savez(folder / f"{name}{stage}_history.npz", **train(model))
            model.save_state(folder / f"{name}{stage}.npz")
        if name in PAIRS:
            model.ema_generator.save(folder / f"{name}.keras")
            np.save(folder / f"{name}.npy", pictures(model.ema_generator))
    return folder


@pytest.fixture(scope="module")
def under_jax(folder):
    """The tests under JAX, run; they write as much."""
    tests = ["on_jax.py", *ALSO]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no_tensorflow"]
    own = {
        "KERAS_BACKEND": "jax",
        "JAX_DISABLE_MOST_OPTIMIZATIONS": "1",  # compiles in less time
        "GANNOTES_TEST_FOLDER": str(folder),
        "PYTHONPATH": os.pathsep.join(filter(None, [str(HERE), os.environ.get("PYTHONPATH")])),
    }
    command += [str(HERE / test) for test in tests]
    return subprocess.run(command, env=os.environ | own, capture_output=True, text=True)


def test_what_must_hold_under_jax(under_jax):
    assert under_jax.returncode == 0, under_jax.stdout[-6000:] + under_jax.stderr[-2000:]


@pytest.mark.parametrize("name", MAKERS)
def test_tensorflow_goes_on_from_a_state_of_jax(trained, folder, under_jax, name):
    trained[name].load_state(folder / f"{name}1_jax.npz")
    train(trained[name])
    assert_same_state(trained[name], folder / f"{name}2.npz")


@pytest.mark.parametrize("name", PAIRS)
def test_a_generator_of_jax_gives_the_same_pictures(folder, under_jax, name):
    made = pictures(generators.load(folder / f"{name}_jax.keras"))
    np.testing.assert_allclose(made, np.load(folder / f"{name}_jax.npy"), atol=1e-5)
