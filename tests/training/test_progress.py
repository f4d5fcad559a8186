"""What shows a training: a progress bar."""

import io

from gannotes import models
from gannotes.training import GAN, callbacks
import numpy as np
import pytest
from tqdm.std import tqdm

PIXELS = np.random.default_rng(0).uniform(-1, 1, size=(32, 4, 4, 1)).astype("float32")


@pytest.fixture
def bars(monkeypatch):
    """Shows bars, at every update, and lists them; `bars.shown` is what a terminal gets."""
    made, shown = [], io.StringIO()

    def make(**options):
        made.append(tqdm(file=shown, mininterval=0, ascii=True, ncols=120, **options))
        return made[-1]

    monkeypatch.delenv("TQDM_DISABLE")
    monkeypatch.setattr(callbacks, "tqdm", make)
    return made, shown


@pytest.fixture
def gan():
    gan = GAN(models.mlp_generator((4, 4, 1), 2, (8,)), models.mlp_discriminator((4, 4, 1), (8,)))
    gan.compile(jit_compile=False)
    return gan


def train(gan, *watchers, **options):
    options = {"batch_size": 8, "steps_per_epoch": 6, "epochs": 2, "verbose": 0} | options
    return gan.fit(PIXELS, callbacks=watchers, **options).history


def test_the_bar_counts_and_leaves_nothing(bars):
    made, shown = bars
    with callbacks.progress_bar("training", 24, done=6) as bar:
        bar.update(6)
        assert made == [bar] and bar.n == 12
    frames = shown.getvalue().split("\r")
    assert any(" 12/24 " in frame and "<00:" in frame for frame in frames)
    assert frames[-1] == "" and frames[-2].strip() == ""  # wiped


def test_no_bar_where_it_is_not_wanted(bars, monkeypatch):
    made, shown = bars
    monkeypatch.setenv("TQDM_DISABLE", "1")
    with callbacks.progress_bar("training", 12) as bar:
        bar.update(12)
    assert made[0].disable and shown.getvalue() == ""
