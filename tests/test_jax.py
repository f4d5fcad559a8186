"""With KERAS_BACKEND=jax the same GANs train, from and to the same files, without TensorFlow."""

import os
from pathlib import Path
import subprocess
import sys

from gannotes import generators
import numpy as np
from pairs import MAKERS, PAIRS, assert_same_state, pictures, train
import pytest

HERE = Path(__file__).parent
ALSO = ("adversarial", "inversion", "jacobian", "vector_field")  # each goes its own way to slopes


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """What TensorFlow wrote: states and histories of all models, pictures of generators."""
    folder = tmp_path_factory.mktemp("both")
    for name, make in MAKERS.items():
        model = make()
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
    """The tests under JAX, run."""
    files = [HERE / "on_jax.py", *(HERE / f"test_{name}.py" for name in ALSO)]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no_tensorflow", *map(str, files)]
    own = {
        "KERAS_BACKEND": "jax",
        "JAX_DISABLE_MOST_OPTIMIZATIONS": "1",  # compiles in less time
        "GANNOTES_TEST_FOLDER": str(folder),
        "PYTHONPATH": os.pathsep.join(filter(None, [str(HERE), os.environ.get("PYTHONPATH")])),
    }
    return subprocess.run(command, env=os.environ | own, capture_output=True, text=True)


def test_what_must_hold_under_jax(under_jax):
    assert under_jax.returncode == 0, under_jax.stdout[-6000:] + under_jax.stderr[-2000:]


@pytest.mark.parametrize("name", MAKERS)
def test_tensorflow_goes_on_from_a_state_of_jax(folder, under_jax, name):
    model = MAKERS[name]()
    model.load_state(folder / f"{name}1_jax.npz")
    train(model)
    assert_same_state(model, folder / f"{name}2.npz")


@pytest.mark.parametrize("name", PAIRS)
def test_a_generator_of_jax_gives_the_same_pictures(folder, under_jax, name):
    made = pictures(generators.load(folder / f"{name}_jax.keras"))
    np.testing.assert_allclose(made, np.load(folder / f"{name}_jax.npy"), atol=1e-5)
