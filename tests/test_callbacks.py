"""What watches a training: it sees what happens, and keeps only what is good."""

from gannotes import callbacks, models
from gannotes.callbacks import Checkpoint, Diverged
from gannotes.training import GAN
import keras
import numpy as np
import pytest

POINTS = np.random.default_rng(0).normal(size=(64, 2)).astype("float32")


def small_gan(**options):
    gan = GAN(models.mlp_generator((2,), 2, (8,)), models.mlp_discriminator((2,), (8,)))
    gan.compile(**{"jit_compile": False, **options})
    gan.reset(0)
    return gan


def train(gan, *watchers, epochs=1, steps=4):
    return gan.fit(
        POINTS, batch_size=16, epochs=epochs, steps_per_epoch=steps, callbacks=watchers, verbose=0
    )


# Divergence


def exploding_gan(step):
    """G's update number `step` (from 1) is infinite, while that step's losses are finite."""
    rate = keras.optimizers.schedules.PiecewiseConstantDecay([step - 2, step - 1], [0.0, 1e38, 0.0])
    return small_gan(
        loss=(
            lambda real, fake: keras.ops.mean(fake) - keras.ops.mean(real),
            lambda real, fake: -1e6 * keras.ops.mean(fake),
        ),
        generator_optimizer=keras.optimizers.SGD(rate),
        discriminator_optimizer=keras.optimizers.SGD(0.01),
    )


@pytest.mark.parametrize(("explodes", "call"), [(1, 1), (3, 1), (3, 3), (12, 1), (12, 12)])
def test_a_state_that_is_not_finite_is_never_kept(explodes, call):
    """Also where the losses of the call's steps do not tell: here G breaks in its last one."""
    gan = exploding_gan(explodes)
    before = gan.generator.get_weights()
    with pytest.raises(Diverged, match="GAN is back at step 0"):
        train(gan, epochs=12 // call, steps=call)
    assert gan.steps == 0
    for a, b in zip(before, gan.generator.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(("call", "back"), [(1, 8), (3, 6), (4, 8), (12, 0)])
def test_states_are_kept_so_many_steps_apart(monkeypatch, call, back):
    monkeypatch.setattr(callbacks, "STATES_APART", 4)
    gan = exploding_gan(11)
    with pytest.raises(Diverged, match=f"_loss not finite by step 12.*back at step {back}"):
        train(gan, epochs=12 // call, steps=call)
    assert gan.steps == back


def test_divergence_says_what_is_not_finite():
    gan = exploding_gan(4)
    with pytest.raises(Diverged, match="^generator's weights not finite by step 4"):
        train(gan)
    gan.discriminator_optimizer.variables[-1].assign(np.inf)
    with pytest.raises(Diverged, match=r"^moving averages not finite before training\. Start over"):
        train(gan)
    gan.reset(0)
    train(gan, steps=2)


def test_a_state_that_is_not_finite_is_not_written(tmp_path):
    checkpoint = Checkpoint(tmp_path / "state.npz", every=4)
    with pytest.raises(Diverged):
        train(exploding_gan(8), checkpoint, epochs=3)
    assert checkpoint.resume(exploding_gan(8)) == 4
