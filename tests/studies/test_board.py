"""Boards: a recipe on one is that recipe alone; switches that are off leave nothing behind."""

from gannotes import models
from gannotes.studies.board import Board
from gannotes.training import GAN
from gannotes.training.recipe import RECIPE
import keras
import numpy as np
import pytest

POINTS = np.random.default_rng(0).normal(size=(64, 2)).astype("float32")


def pair():
    return models.mlp_generator((2,), 2, (8,)), models.mlp_discriminator((2,), (8,))


def make(**options):
    return Board(*pair(), **{"jit_compile": False, **options})


def weights(gan):
    return np.concatenate(
        [v.numpy().ravel() for v in (*gan.generator.weights, *gan.discriminator.weights)]
    )


@pytest.mark.parametrize("loss", ["hinge", "relativistic", "wasserstein"])
def test_a_recipe_on_the_board_is_that_recipe_alone(loss):
    board = make(penalties=("r1", "r2", "wgan_gp"), steps=20)
    board.set(loss=loss, rate=0.01, generator_rate=0.005, r1=0.3)
    schedule = keras.optimizers.schedules.CosineDecay
    adams = [keras.optimizers.Adam(schedule(rate, 20), beta_1=0.5) for rate in (0.005, 0.01)]
    alone = GAN(*pair())
    alone.compile(*adams, loss=loss, r1=0.3, jit_compile=False)

    def trained(gan):
        gan.reset(3)
        gan.fit(POINTS, batch_size=32, steps_per_epoch=10, verbose=0)
        return weights(gan)

    found, expected = trained(board.gan), trained(alone)
    np.testing.assert_allclose(found, expected, atol=5e-3)  # Adam blows up the rounding of slopes
    board.set(
        loss=loss, rate=0.01, generator_rate=0.005
    )  # that is enough to see a penalty fall away
    assert np.abs(trained(board.gan) - expected).max() > 2e-2


def test_set_leaves_nothing_of_the_last_recipe():
    board = make(noise=True, steps=10)
    losses = []
    for recipe in ({}, {"loss": "hinge", "r1": 3.0, "instance_noise": 1.0, "l1": 1.0}, {}):
        board.set(**recipe)
        board.gan.reset(0)
        losses.append(board.gan.half_step("discriminator", POINTS)["discriminator_loss"])
    assert losses[0] == losses[2] != losses[1]
    assert board.gan.recipe.r1 == board.gan.recipe.instance_noise == 0


def test_weight_decay_adds_the_size_of_kernels():
    board = make()
    said = []
    for recipe in ({}, {"l1": 0.1}, {"l2": 0.1}):
        board.set(**recipe)
        board.gan.reset(0)
        kernels = [w for w in board.gan.discriminator.get_weights() if w.ndim == 2]
        said.append(board.gan.half_step("discriminator", POINTS)["discriminator_loss"])
    sizes = [sum((np.abs(w) ** power).sum() for w in kernels) for power in (1, 2)]
    assert said[1] - said[0] == pytest.approx(0.1 * sizes[0], rel=1e-4)
    assert said[2] - said[0] == pytest.approx(0.1 * sizes[1] / 2, rel=1e-4)


def test_rates_fall_or_not():
    board = make(steps=10)
    for falling, last in ((True, 0.0), (False, 0.02)):
        board.set(rate=0.02, falling=falling)
        board.gan.reset(0)
        board.gan.fit(POINTS, steps_per_epoch=10, verbose=0)
        rate = board.gan.discriminator_optimizer.learning_rate
        assert float(rate) == pytest.approx(last, abs=1e-8)
    constant = make()
    constant.set(rate=0.02, generator_rate=0.03)
    rates = [
        o.learning_rate
        for o in (constant.gan.discriminator_optimizer, constant.gan.generator_optimizer)
    ]
    assert list(map(float, rates)) == pytest.approx([0.02, 0.03])


def test_more_steps_of_d_share_the_fall_of_its_rate():
    board = make(steps=4, discriminator_steps=3)
    board.gan.fit(POINTS, steps_per_epoch=2, verbose=0)
    optimizer = board.gan.discriminator_optimizer
    assert int(optimizer.iterations) == 6
    assert float(optimizer.learning_rate) == pytest.approx(RECIPE["rate"] / 2)


def test_d_sees_the_share_of_batches_augmented():
    board = make(augment=lambda images, seed: 0 * images)
    for share, blind in ((0.0, False), (1.0, True)):
        board.set(augmented=share)
        board.gan.reset(0)
        logs = board.gan.half_step("discriminator", POINTS)
        assert (
            logs["real_accuracy"] == 0
        ) == blind  # all scores are equal, and none above their mean


def test_more_losses_and_choose_loss():
    ours = (
        lambda real, fake: keras.ops.mean(real) * 0 + 5.0,
        lambda real, fake: keras.ops.mean(fake),
    )
    board = make(more_losses={"five": ours})
    board.choose_loss("five")
    assert board.gan.half_step("discriminator", POINTS)["discriminator_loss"] == 5


def test_a_board_refuses():
    board = make()
    with pytest.raises(ValueError, match="Unknown loss"):
        board.set(loss="kl")
    with pytest.raises(ValueError, match="Unknown term of the board. Allowed: r1. Received: 'r2'"):
        board.set(r2=1.0)
    with pytest.raises(ValueError, match="made without augmentation"):
        board.set(augmented=1.0)
    with pytest.raises(ValueError, match="l1 must be a finite number"):
        board.set(l1=-1.0)
    with pytest.raises(ValueError, match="needs steps"):
        board.trained(POINTS)
