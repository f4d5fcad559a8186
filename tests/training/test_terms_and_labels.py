"""Penalties, packing, noise, matched features, labels and codes."""

import os
import time

from gannotes import models
from gannotes.training import GAN
from gannotes.training.feed import pack
import keras
import numpy as np
import pytest
from small import LABELS, POINTS, alike, conditional_gan, gaussian_generator, small_gan, train


def moved(before, after):
    return [not np.array_equal(a, b) for a, b in zip(before, after, strict=True)]


# More than the basic game


@pytest.mark.parametrize("every", [1, 3])
def test_r1_by_hand_on_a_linear_discriminator(every):
    """D(x) = w·x + b, trained on R1 alone: each step that is due takes rate·every·weight·w."""
    discriminator = models.mlp_discriminator((2,), ())
    gan = GAN(models.mlp_generator((2,), 2, (8,)), discriminator)
    nothing = lambda real, fake: 0.0 * keras.ops.mean(real)  # noqa: E731
    gan.compile(
        discriminator_optimizer=keras.optimizers.SGD(0.1),
        loss=(nothing, nothing),
        r1=0.5,
        penalty_every=every,
    )
    gan.reset(0)
    weights = discriminator.get_weights()[0]
    for steps, times in ((1, 1), (5, 6 // every)):  # the first update has it
        train(gan, steps=steps)
        factor = (1 - 0.1 * every * 0.5) ** times
        np.testing.assert_allclose(discriminator.get_weights()[0], factor * weights, rtol=1e-5)


def test_wgan_gp_pulls_the_slope_to_one():
    discriminator = models.mlp_discriminator((2,), ())
    gan = GAN(models.mlp_generator((2,), 2, (8,)), discriminator)
    nothing = lambda real, fake: 0.0 * keras.ops.mean(real)  # noqa: E731
    sgd = keras.optimizers.SGD(0.05)
    gan.compile(discriminator_optimizer=sgd, loss=(nothing, nothing), r1=0, wgan_gp=1.0)
    train(gan, steps=200)
    assert np.linalg.norm(discriminator.get_weights()[0]) == pytest.approx(1, abs=1e-4)


def test_a_weight_changed_is_a_weight_compiled():
    compiled = small_gan(r1=2.0)
    changed = small_gan(r1=0.1)
    changed.set(r1=2.0)
    train(compiled), train(changed)
    assert alike(compiled.generator.get_weights(), changed.generator.get_weights())
    with pytest.raises(ValueError, match="r2 needs a new graph.*can change: .*r1.*Received: 1.0"):
        changed.set(r2=1.0)
    with pytest.raises(ValueError, match="r1 must be a finite number"):
        changed.set(r1=-1.0)
    with pytest.raises(ValueError, match="instance_noise needs a new graph"):
        changed.set(instance_noise=1.0)


@pytest.mark.quiet
def test_a_second_run_starts_at_once():
    gan = GAN(models.mlp_generator((2,)), models.mlp_discriminator((2,)))
    gan.compile(r1=0.1)
    seconds = []
    for seed in range(4):
        start = time.monotonic()
        gan.reset(seed)
        gan.set(r1=0.1 * (seed + 1))
        gan.discriminator_optimizer.learning_rate = 0.001 * (seed + 1)
        train(gan, steps=1)
        seconds.append(time.monotonic() - start)
    assert min(seconds[1:]) < 0.2  # the first, which compiles, takes several
    assert gan._fused_steps.experimental_get_tracing_count() == 1


@pytest.mark.skipif(
    os.environ.get("ONEDNN_MAX_CPU_ISA") == "AVX2",
    reason="TensorFlow asks oneDNN for bfloat16 by the processor, not by this setting, and aborts",
)
@pytest.mark.parametrize("loss", ["nonsaturating", "relativistic"])
def test_mixed_precision_trains(loss):
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        gan = small_gan(
            loss=loss,
            r1=0.1,
            r2=0.1,
            wgan_gp=0.1,
            penalty_every=2,
            instance_noise=0.1,
        )
    finally:
        keras.config.set_dtype_policy(policy)
    before = gan.generator.get_weights()
    history = train(gan, steps=20).history
    assert all(np.isfinite(values).all() for values in history.values())
    assert all(moved(before, gan.generator.get_weights()))
    assert gan.generator(np.zeros((1, 2))).dtype == "bfloat16"
    assert gan.generate(3).dtype == np.float32


def test_discriminator_steps_are_counted():
    gan = small_gan(discriminator_steps=3)
    train(gan, steps=4)
    assert gan.steps == 4
    assert int(gan.discriminator_optimizer.iterations.numpy()) == 12


def test_packing_puts_images_side_by_side():
    images = np.arange(2 * 2 * 1 * 1 * 3).reshape(4, 1, 1, 3)
    packed = np.asarray(pack(images, 2))
    assert packed[:, 0, 0].tolist() == [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11]]
    assert np.asarray(pack(np.arange(8).reshape(4, 2), 2)).tolist() == [[0, 1, 2, 3], [4, 5, 6, 7]]


@pytest.mark.slow
def test_packing_and_noise_train():
    gan = GAN(models.mlp_generator((2,)), models.mlp_discriminator((4,)), packing=2)
    gan.compile(instance_noise=0.1, r1=0.1, r2=0.1, penalty_every=2)
    before = gan.discriminator.get_weights()
    train(gan)
    assert all(moved(before, gan.discriminator.get_weights()))
    with pytest.raises(
        ValueError, match="batch_size must be a multiple of packing · devices = 2. Received: 7"
    ):
        gan.fit(POINTS, batch_size=7)


def test_instance_noise_is_seen_by_the_discriminator():
    """With noise alone to see, a linear D can't learn; without it, it can."""
    shares = {}
    for noise in (0.0, 100.0):
        gan = GAN(gaussian_generator(0.1), models.mlp_discriminator((2,), ()))
        sgd = keras.optimizers.SGD
        gan.compile(
            generator_optimizer=sgd(0.0),
            discriminator_optimizer=sgd(0.01),
            r1=0,
            instance_noise=noise,
        )
        gan.reset(0)
        history = gan.fit(POINTS + 5, batch_size=64, steps_per_epoch=100, epochs=2, verbose=0)
        shares[noise] = history.history["real_accuracy"][-1] + history.history["fake_accuracy"][-1]
    assert shares[0.0] > 1.7 and shares[100.0] < 1.3


def test_feature_loss_reaches_the_generator():
    def feature_loss(real_features, fake_features):
        (real,), (fake,) = real_features, fake_features
        means = keras.ops.mean(real, axis=0) - keras.ops.mean(fake, axis=0)
        return keras.ops.sum(keras.ops.square(means))

    nothing = lambda real, fake: 0.0 * keras.ops.mean(fake)  # noqa: E731
    discriminator = models.mlp_discriminator((2,), (8,))
    gan = GAN(models.mlp_generator((2,), 2, (8,)), discriminator)
    gan.compile(
        generator_optimizer=keras.optimizers.Adam(0.01),
        discriminator_optimizer=keras.optimizers.SGD(0.0),
        loss=(nothing, nothing),
        feature_loss=feature_loss,
        feature_layers=[discriminator.layers[2].name],
        ema_decay=0,
    )
    gan.reset(0)
    gan.fit(POINTS + 3, batch_size=64, steps_per_epoch=300, verbose=0)
    assert np.abs(gan.generate(2000).mean(axis=0) - (POINTS + 3).mean(axis=0)).max() < 0.5


# Labels


@pytest.mark.parametrize("labels", ["embedding", "projection", "classifier"])
@pytest.mark.slow
def test_labels_are_obeyed(labels):
    """Class 0 lies at (-2, 0), class 1 at (2, 0)."""
    rng = np.random.default_rng(0)
    classes = rng.integers(2, size=2000)
    points = np.stack([4.0 * classes - 2, 0 * classes], axis=1) + 0.3 * rng.normal(size=(2000, 2))
    gan = GAN(
        models.mlp_generator((2,), 2, (32, 32), num_classes=2),
        models.mlp_discriminator((2,), (32, 32), num_classes=2, labels=labels),
    )
    gan.compile(r1=0.1, ema_decay=0.99)
    gan.reset(0)
    gan.fit(
        points.astype("float32"), classes, batch_size=64, epochs=12, steps_per_epoch=100, verbose=0
    )
    for label, sign in ((0, -1), (1, 1)):
        made = gan.generate(200, labels=np.full(200, label))
        assert np.mean(sign * made[:, 0] > 0) > 0.95


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (None, "Labels are needed where a network takes or gives classes.*Received: none"),
        (LABELS[:10], r"labels must have shape \(64,\)"),
        (LABELS - 1, "be 0 or more"),
        (LABELS.astype("float32"), "array of whole numbers. Received: float32"),
        ([0, 1], "array of whole numbers. Received: list"),
    ],
)
def test_bad_labels(labels, message):
    gan = conditional_gan()
    with pytest.raises((ValueError, TypeError), match=message):
        gan.fit(POINTS, labels, batch_size=16)
    assert gan.steps == 0


def test_labels_without_a_network_that_takes_them():
    with pytest.raises(ValueError, match="Labels are needed.*Received: labels"):
        small_gan().fit(POINTS, LABELS, batch_size=16)
    with pytest.raises(ValueError, match="takes no labels"):
        small_gan().generate(4, labels=np.zeros(4, int))
    with pytest.raises(ValueError, match="takes labels"):
        conditional_gan().generate(4)


@pytest.mark.parametrize("known", [(2, 3), (3, 2)])
def test_the_network_that_knows_fewer_classes_counts(known):
    of_g, of_d = known
    gan = GAN(
        models.mlp_generator((2,), 2, (8,), num_classes=of_g),
        models.mlp_discriminator((2,), (8,), num_classes=of_d),
    )
    assert gan.num_classes == 2


def code_gan():
    gan = GAN(
        models.mlp_generator((2,), 2, (32, 32), num_classes=2),
        models.mlp_discriminator((2,), (32, 32), num_classes=2, labels="classifier"),
        codes=True,
    )
    gan.compile(r1=0.1, ema_decay=0.99)
    gan.reset(0)
    return gan


@pytest.mark.slow
def test_codes_find_the_clusters_without_labels():
    """Two clusters, at (-2, 0) and (2, 0): each code makes one of them."""
    rng = np.random.default_rng(0)
    sides = rng.choice([-2.0, 2.0], 2000)
    points = np.stack([sides, 0 * sides], axis=1) + 0.3 * rng.normal(size=(2000, 2))
    gan = code_gan()
    gan.fit(points.astype("float32"), batch_size=64, epochs=12, steps_per_epoch=100, verbose=0)
    rights = [np.mean(gan.generate(200, labels=np.full(200, code))[:, 0] > 0) for code in (0, 1)]
    assert min(rights) < 0.05 and max(rights) > 0.95
    assert 0.3 < np.mean(gan.generate(1000)[:, 0] > 0) < 0.7  # codes drawn, if none are given


def test_codes_are_told_by_fakes_alone():
    """G stands still, and its codes lie apart; the real images, all in one place, don't matter."""
    gan = code_gan()
    gan.compile(
        generator_optimizer=keras.optimizers.SGD(0.0),
        discriminator_optimizer=keras.optimizers.Adam(0.01),
        jit_compile=False,
    )
    embedding = next(x for x in gan.generator.layers if isinstance(x, keras.layers.Embedding))
    embedding.set_weights([np.array([[-3.0, 3.0], [3.0, -3.0]])])
    gan.fit(POINTS + 5, batch_size=64, epochs=2, steps_per_epoch=100, verbose=0)
    codes = np.arange(500) % 2
    made = gan.generator([np.random.default_rng(0).normal(size=(500, 2)), codes])
    _, logits = gan.discriminator(made)
    assert np.mean(np.argmax(logits, axis=1) == codes) > 0.9


@pytest.mark.parametrize("labels", [None, "embedding", "projection"])
def test_codes_need_a_classifier(labels):
    judge = {} if labels is None else {"num_classes": 2, "labels": labels}
    with pytest.raises(ValueError, match="Codes need a generator of .latents, labels."):
        GAN(
            models.mlp_generator((2,), 2, (8,), num_classes=2),
            models.mlp_discriminator((2,), (8,), **judge),
            codes=True,
        )


def test_codes_are_not_asked_for_with_the_data():
    gan = code_gan()
    with pytest.raises(ValueError, match="Labels are needed.*Received: labels"):
        gan.fit(POINTS, LABELS, batch_size=16)
    with pytest.raises(ValueError, match="labels must be less than 2"):
        gan.generate(1, labels=np.array([2]))
