"""The built wheel works by itself, away from the repository."""

import os
from pathlib import Path
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
FIVE_LINES = """
from gannotes import datasets, models, training
from gannotes.latent import generators
from gannotes.metrics import evaluators
from gannotes.studies.lessons import ArticlesSay
data = datasets.load("digits")
gan = training.GAN(models.mlp_generator(data.shape), models.mlp_discriminator(data.shape))
gan.compile()
gan.fit(data.images, steps_per_epoch=10, verbose=0)
assert evaluators.for_dataset(data).features(gan.generate(4)).shape == (4, 32)
assert "001-game" in repr(ArticlesSay("01_basic_gan"))
assert generators.load_shipped("mnist")[0].output_shape == (None, 28, 28, 1)
import gannotes
print(gannotes.__file__)
"""


def run(*command, **options):
    return subprocess.run(
        [sys.executable, *map(str, command)], check=True, capture_output=True, text=True, **options
    ).stdout


def test_a_wheel_trains_and_judges_outside_the_repository(tmp_path):
    run("-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path, cwd=ROOT)
    (wheel,) = tmp_path.glob("*.whl")
    installed = tmp_path / "installed"
    run("-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", installed, wheel)
    found = run("-c", FIVE_LINES, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(installed)})
    assert Path(found.strip()).is_relative_to(installed)
