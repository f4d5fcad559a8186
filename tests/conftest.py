"""What several tests need."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["TQDM_DISABLE"] = "1"

import keras
import pytest


@pytest.fixture(autouse=True)
def same_initial_weights():
    """Every test draws the same weights in every run."""
    keras.utils.set_random_seed(0)
