"""The benchmark on ring and grid, in one short trial of each."""

from pathlib import Path
import sys

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
import ring_and_grid

STEPS = 3000  # of 20,000


@pytest.fixture(scope="module")
def made():
    return ring_and_grid.compiled(STEPS)


@pytest.mark.parametrize(("mixture", "modes", "good"), [("ring", 8, 0.15), ("grid", 20, 0.03)])
@pytest.mark.slow
def test_a_short_trial_finds_the_modes(made, mixture, modes, good):
    scores = ring_and_grid.trial(*made, mixture, seed=0, steps=STEPS)
    assert scores["modes"] >= modes and scores["good"] > good
    assert made[0].recipe.instance_noise == 0


def test_points_along_a_training_begin_before_it(made):
    found = ring_and_grid.points_along(*made, steps=60, count=50)
    assert found["steps"].tolist() == list(range(0, 61, 3))
    assert found["points"].shape == (21, 50, 2) and found["points"].dtype == "float16"
