"""What shows a training: a progress bar, TensorBoard."""

import io

from gannotes import models, plotting
from gannotes.training import GAN, callbacks
import numpy as np
from PIL import Image
import pytest
import tensorflow as tf
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


def events(folder):
    """``{name: [(step, value or picture)]}`` of a log."""
    found = {}
    for path in sorted(folder.iterdir()):
        for record in tf.data.TFRecordDataset(str(path)):
            event = tf.compat.v1.Event.FromString(record.numpy())
            for value in event.summary.value:
                png = value.image.encoded_image_string
                seen = np.asarray(Image.open(io.BytesIO(png))) if png else value.simple_value
                found.setdefault(value.tag, []).append((event.step, seen))
    return found


def test_tensorboard_gets_scalars_and_pictures(gan, tmp_path):
    def picture(gan):
        return plotting.image_grid(gan.generate(6), columns=3)

    spread = callbacks.Measure("spread", np.std, count=8)
    watcher = callbacks.TensorBoard(tmp_path / "log", {"samples": picture})
    history = train(gan, spread, watcher)
    found = events(tmp_path / "log")
    samples = found.pop("samples")
    assert found == {
        name: [(6, pytest.approx(values[0])), (12, pytest.approx(values[1]))]
        for name, values in history.items()
    }
    assert sorted(found) == [
        "discriminator_loss",
        "fake_accuracy",
        "generator_loss",
        "real_accuracy",
        "spread",
    ]
    assert [step for step, _ in samples] == [6, 12]
    np.testing.assert_array_equal(samples[-1][1], picture(gan))
    assert not np.array_equal(samples[0][1], samples[1][1])
