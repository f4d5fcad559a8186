"""What must hold under JAX where there is no TensorFlow; test_jax.py runs it, in a process of its own.

KERAS_BACKEND=jax GANNOTES_TEST_FOLDER=... python -m pytest -p no_tensorflow tests/on_jax.py
"""

import os
from pathlib import Path
import sys

from gannotes import models
from gannotes.__main__ import main
from gannotes.latent import generators
from gannotes.training import GAN, augmentation
from gannotes.training.callbacks import Checkpoint, Diverged, Snapshots
import keras
import numpy as np
from pairs import (
    IMAGES,
    LABELS,
    LATENTS,
    MAKERS,
    PAIRS,
    assert_same_state,
    pictures,
    train,
)
import pytest
from small import POINTS, small_gan

FOLDER = Path(os.environ["GANNOTES_TEST_FOLDER"])  # what TensorFlow wrote and will read


def test_there_is_no_tensorflow():
    assert keras.backend.backend() == "jax" and "tensorflow" not in sys.modules


# TensorFlow's files


@pytest.mark.parametrize("name", MAKERS)
def test_steps_are_those_of_tensorflow(name):
    model = MAKERS[name]()
    for before, after in ((0, 1), (1, 2)):
        model.load_state(FOLDER / f"{name}{before}.npz")
        history = train(model)
        assert_same_state(model, FOLDER / f"{name}{after}.npz")
        expected = np.load(FOLDER / f"{name}{after}_history.npz")
        for scalar, values in history.items():
            assert values == pytest.approx(expected[scalar], abs=1e-4), scalar
    model.load_state(FOLDER / f"{name}0.npz")
    train(model)
    model.save_state(FOLDER / f"{name}1_jax.npz")


@pytest.mark.parametrize("name", PAIRS)
def test_a_generator_of_tensorflow_gives_the_same_pictures(name):
    generator = generators.load(FOLDER / f"{name}.keras")
    labels = LABELS[:5] if generators.takes_labels(generator) else None
    made = generators.make(generator, LATENTS, labels)
    np.testing.assert_allclose(made, np.load(FOLDER / f"{name}.npy"), atol=1e-5)
    generator.set_weights([0.9 * weights for weights in generator.get_weights()])
    generator.save(FOLDER / f"{name}_jax.keras")
    np.save(FOLDER / f"{name}_jax.npy", pictures(generator))


# Alone


def state(model):
    return [variable.numpy() for variable in model.state_variables]


def fit(gan, steps=4, data=POINTS, **options):
    return gan.fit(data, batch_size=16, steps_per_epoch=steps, verbose=0, **options).history


def test_resumed_is_never_interrupted_bit_for_bit_whatever_is_drawn(tmp_path):
    traced = []

    def augment(images, seed):
        traced.append(images.shape)
        return augmentation.chain(augmentation.translate, augmentation.cutout)(images, seed)

    generator = models.mlp_generator((8, 8, 1), 4, (8,), num_classes=3)
    judge = models.mlp_discriminator((8, 8, 1), (8,), False, 3, "classifier", dropout=0.2)
    gan = GAN(generator, judge, codes=True)
    options = {"r1": 0, "wgan_gp": 1.0, "penalty_every": 3, "instance_noise": 0.1}
    gan.compile(augment=augment, **options)
    gan.reset(3)
    checkpoint = Checkpoint(tmp_path / "state.npz", every=4)
    fit(gan, 4, IMAGES, callbacks=[checkpoint])
    fit(gan, 4, IMAGES)
    whole, times = state(gan), len(traced)
    assert checkpoint.resume(gan) == 4
    fit(gan, 4, IMAGES)
    for a, b in zip(state(gan), whole, strict=True):
        np.testing.assert_array_equal(a, b)
    gan.reset(3)  # the other way to come there
    fit(gan, 8, IMAGES, callbacks=[Snapshots(every=4, count=2)])
    for a, b in zip(state(gan), whole, strict=True):
        np.testing.assert_array_equal(a, b)
    assert len(traced) == times  # nothing was traced again


def test_fused_steps_are_single_steps_and_half_steps():
    gan = small_gan()
    whole = fit(gan, 1, POINTS[:16])
    after = state(gan)
    gan.reset(0)
    batch = POINTS[np.random.default_rng((0, 0)).permutation(16)]  # of the first pass
    for player in ("discriminator", "generator"):
        for name, value in gan.half_step(player, batch).items():
            assert [value] == pytest.approx(whole[name])
    for a, b in zip(state(gan), after, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)


class Batches:
    """A stream: it starts anew each time that it is gone through."""

    def __init__(self, *batches):
        self.batches = batches

    def __iter__(self):
        return iter(self.batches)


def test_a_stream_trains_as_an_array_does():
    gan = small_gan()
    fit(gan, 6, POINTS[:16])
    expected = state(gan)
    orders = [np.random.default_rng((0, i)).permutation(16) for i in range(6)]
    gan.reset(0)
    for steps in (2, 4):  # goes on where it was
        fit(gan, steps, Batches(*(POINTS[order] for order in orders)))
    for a, b in zip(state(gan), expected, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)
    once = iter([POINTS[:16], POINTS[:16]])
    with pytest.raises(ValueError, match="start anew"):
        fit(gan, 4, once)


def test_divergence_ends_in_a_good_state():
    gan = small_gan(generator_optimizer=keras.optimizers.SGD(1e38))
    before = state(gan)
    with pytest.raises(Diverged, match="model is back at step 0"):
        fit(gan)
    for a, b in zip(state(gan), before, strict=True):
        np.testing.assert_array_equal(a, b)


def test_the_shell_trains_on_one_device(tmp_path, capsys):
    options = ["--dataset", "ring", "--steps", "4", "--every", "2"]
    assert main(["train", str(tmp_path), *options]).steps == 4
    assert (tmp_path / "generator.keras").exists()
    with pytest.raises(SystemExit):
        main(["train", str(tmp_path), *options, "--devices", "all"])
    assert "invalid choice: 'all'" in capsys.readouterr().err


def test_what_tensorflow_alone_can_do_says_so(monkeypatch):
    monkeypatch.setattr(keras.distribution, "distribution", object)
    with pytest.raises(ValueError, match="one device"):
        small_gan()
