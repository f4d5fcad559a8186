"""What each part of a step sees, and how much each term weighs: by hand, without training."""

from gannotes import models
from gannotes.training import GAN
import keras
from keras import ops
import numpy as np
import pytest
from small import LABELS, POINTS, conditional_gan, gaussian_generator, small_gan, train

LATENTS = np.random.default_rng(1).normal(size=(64, 2)).astype("float32")


def nothing(real, fake):
    return 0.0 * ops.mean(fake)


def test_both_kinds_are_augmented_alike():
    """Where nothing is left to see, the relativistic losses are log 2."""
    gan = small_gan(loss="relativistic", r1=0, augment=lambda images, seed: 0 * images)
    history = train(gan, images=POINTS + 5).history
    for player in ("discriminator", "generator"):
        assert history[f"{player}_loss"] == pytest.approx([np.log(2)], abs=1e-5)


def test_a_relativistic_generator_is_compared_with_reals():
    judge = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    gan = GAN(gaussian_generator(0.1), judge)
    gan.compile(loss="relativistic", r1=0, jit_compile=False)
    judge.set_weights([np.array([[1.0], [0.0]]), np.array([7.0])])
    logs = gan.half_step("generator", POINTS + 20)
    assert logs["generator_loss"] == pytest.approx(20, abs=1)  # softplus(20 - 0)


def test_the_penalty_looks_at_what_d_sees():
    """The slope of w·x², where images are augmented to 3·x, is 6·w·x."""
    images = keras.Input((2,))
    score = keras.layers.Dense(1)(keras.layers.Multiply()([images, images]))
    gan = GAN(models.mlp_generator((2,), 2, (8,)), keras.Model(images, score))
    gan.compile(r1=0.5, augment=lambda images, seed: 3 * images, jit_compile=False)
    real = ops.convert_to_tensor(POINTS)
    slopes = 6 * gan.discriminator.get_weights()[0][:, 0] * POINTS
    expected = 0.5 * np.mean(np.sum(slopes**2, axis=1)) / 2
    found = gan.take_step.penalty(real, 0 * real, None)
    assert float(found) == pytest.approx(expected, rel=1e-5)


def test_d_is_told_the_labels_that_fakes_were_made_of():
    """Class 0 lies at (-2, 0), class 1 at (2, 0), and D scores each point by the side of its label."""
    latents, images = keras.Input((2,)), keras.Input((2,))
    labels = [keras.Input((), dtype="int32") for _ in range(2)]
    sides = [keras.layers.Embedding(2, 2), keras.layers.Embedding(2, 2)]
    still = keras.layers.Dense(2, use_bias=False, kernel_initializer="zeros")(latents)
    made = keras.layers.Add()([still, sides[0](labels[0])])
    score = keras.layers.Dot(axes=1)([images, sides[1](labels[1])])
    gan = GAN(keras.Model([latents, labels[0]], made), keras.Model([images, labels[1]], score))
    gan.compile(loss="wasserstein", r1=0, jit_compile=False)
    points = np.stack([4.0 * LABELS - 2, 0 * LABELS], axis=1).astype("float32")
    for player, loss in (("discriminator", 0), ("generator", -2)):  # all scores are 2
        for side, far in zip(sides, (2, 1), strict=True):
            side.set_weights([np.array([[-far, 0.0], [far, 0.0]])])
        logs = gan.half_step(player, points, LABELS)
        assert logs[f"{player}_loss"] == pytest.approx(loss, abs=1e-5)


def test_dropout_is_at_work_while_d_learns():
    judge = models.mlp_discriminator((2,), (8,), dropout=0.5)
    gan = GAN(models.mlp_generator((2,), 2, (8,)), judge)
    gan.compile(jit_compile=False)
    points = ops.convert_to_tensor(POINTS)
    first, second = (np.asarray(gan.take_step.see(points, None)[0]) for _ in range(2))
    assert not np.allclose(first, second)
    np.testing.assert_array_equal(judge(POINTS), judge(POINTS))


@pytest.mark.parametrize("term", ["feature_weight", "class_weight"])
def test_a_terms_slopes_grow_with_its_weight(term):
    latents, points, labels = *map(ops.convert_to_tensor, (LATENTS, POINTS)), None
    if term == "class_weight":
        gan, labels = conditional_gan("classifier"), ops.convert_to_tensor(LABELS.astype("int32"))
        gan.compile(loss=(nothing, nothing), r1=0, jit_compile=False)
    else:
        gan = GAN(models.mlp_generator((2,), 2, (8,)), models.mlp_discriminator((2,), (8,)))
        gan.compile(
            loss=(nothing, nothing), r1=0, jit_compile=False,
            feature_loss=lambda real, fake: ops.mean(ops.square(real[0] - fake[0])),
            feature_layers=models.hidden_layers(gan.discriminator),
        )  # fmt: skip

    def slopes(weight):
        gan.set(**{term: weight})
        found, _ = gan.take_step.generator_slopes(latents, points, labels)
        return np.concatenate([np.ravel(slope) for slope in found[-2:]])  # of the last layer

    once = slopes(1.0)
    assert np.abs(once).max() > 1e-4
    np.testing.assert_allclose(slopes(3.0), 3 * once, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("way", [{}, {"simultaneous": True}, {"extragradient": True}])
def test_the_average_follows_however_the_networks_move(way):
    gan = small_gan(ema_decay=0, **way)
    before = gan.ema_generator.get_weights()
    train(gan)
    for old, average, weight in zip(
        before, gan.ema_generator.get_weights(), gan.generator.get_weights(), strict=True
    ):
        np.testing.assert_allclose(average, weight, atol=1e-6)
        assert not np.array_equal(old, average)


def test_each_update_of_d_has_a_batch_of_its_own(monkeypatch):
    gan, seen = small_gan(discriminator_steps=2), []
    update = gan.take_step.update_discriminator

    def note(latents, real):
        seen.append((np.array(latents), np.array(real)))
        return update(latents, real)

    monkeypatch.setattr(gan.take_step, "update_discriminator", note)
    latents, points = map(ops.convert_to_tensor, (LATENTS, POINTS))
    gan.take_step(latents, latents[:32], points)
    for given, parts in zip((LATENTS, POINTS), zip(*seen, strict=True), strict=True):
        np.testing.assert_array_equal(np.concatenate(parts), given)


def test_an_average_begins_as_its_generator_and_the_seed_draws_what_it_makes():
    gan = GAN(models.mlp_generator((2,), 2, (8,)), models.mlp_discriminator((2,), (8,)))
    latents = keras.random.normal((4, 2), seed=1)
    np.testing.assert_allclose(gan.generate(4, seed=1), gan.generator(latents), atol=1e-6)
    assert not np.allclose(gan.generate(4, seed=1), gan.generate(4, seed=2))
