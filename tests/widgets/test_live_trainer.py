"""The live training."""

import asyncio

from gannotes import models, plotting, widgets
from gannotes.training import GAN, losses
import keras
import numpy as np
import pytest
from seen import DIGITS, conditional, digits_gan, generator, picture, text
from small import POINTS, small_gan


@pytest.mark.slow
def test_without_a_kernel_train_runs_to_its_end_and_the_second_time_the_same():
    trainer = widgets.LiveTrainer(digits_gan(), DIGITS, batch_size=16, steps=20, every=10)
    untrained = trainer.image.value
    trainer.train.click()
    first = trainer.image.value
    assert trainer.progress.value == 20 and "step 20 · losses D" in text(trainer)
    trainer.go_on.click()
    assert "step 40" in text(trainer) and "step 40" in trainer.still().get_suptitle()
    trainer.train.click()
    assert trainer.image.value == first != untrained
    assert trainer._gan._fused_steps.experimental_get_tracing_count() == 1
    assert trainer.stop.disabled and not trainer.train.disabled


def test_stop_is_heard_between_slices():
    trainer = widgets.LiveTrainer(digits_gan(), DIGITS, batch_size=16, steps=100_000, every=10)

    async def reader():
        trainer.train.click()
        await asyncio.sleep(0.2)
        assert not trainer.stop.disabled and trainer.train.disabled
        trainer.train.click()  # no second one beside the first
        trainer.stop.click()
        await asyncio.wait_for(trainer._task, 5)

    asyncio.run(reader())
    assert "stopped" in text(trainer)
    assert 0 < trainer._gan.steps < 100_000


@pytest.mark.slow
def test_a_second_training_stops_the_first_and_so_does_closing():
    first, second = (
        widgets.LiveTrainer(digits_gan(), DIGITS, batch_size=16, steps=100_000, every=10)
        for _ in range(2)
    )

    async def reader():
        first.train.click()
        await asyncio.sleep(0.1)
        second.train.click()
        await asyncio.wait_for(first._task, 5)
        assert not second.stop.disabled
        second.close()
        await asyncio.wait_for(second._task, 5)

    asyncio.run(reader())
    assert "stopped" in text(first)
    assert 0 < first._gan.steps < 100_000 and 0 < second._gan.steps < 100_000


def test_sliders_set_rates_and_weights():
    gan = digits_gan(generator_optimizer=keras.optimizers.Adam(0.002))
    trainer = widgets.LiveTrainer(gan, DIGITS, batch_size=16)
    rate = trainer.settings["generator_rate"]
    assert rate.value == 0.002  # among the choices, though not one of the round ones
    rate.value, trainer.settings["discriminator_rate"].value = 0.01, 0.0003
    trainer.settings["r1"].value = 3
    assert gan.generator_optimizer.learning_rate.numpy() == pytest.approx(0.01)
    assert gan.discriminator_optimizer.learning_rate.numpy() == pytest.approx(0.0003)
    assert gan.recipe.r1 == 3
    assert repr(trainer) == (
        "Training under the hand: D's rate, G's rate, r1 weight, steps, seed, train, go on, stop"
    )


def test_the_weight_of_feature_matching_has_a_slider_where_there_is_matching():
    usual = ["discriminator_rate", "generator_rate", "r1"]
    assert list(widgets.LiveTrainer(digits_gan(), DIGITS, batch_size=16).settings) == usual
    gan = GAN(generator(), models.mlp_discriminator((8, 8, 1), (8,)))
    layers = models.hidden_layers(gan.discriminator)
    gan.compile(jit_compile=False, feature_loss=losses.l2_matching, feature_layers=layers)
    trainer = widgets.LiveTrainer(gan, DIGITS, batch_size=16)
    assert trainer.settings["feature_weight"].description == "feature weight"
    trainer.settings["feature_weight"].value = 3
    assert gan.recipe.feature_weight == 3


def test_more_choices_are_sliders_that_call_a_function():
    chosen = []
    choices = {"layer": (("first", "last"), chosen.append)}
    trainer = widgets.LiveTrainer(digits_gan(), DIGITS, batch_size=16, choices=choices)
    trainer.choices["layer"].value = "last"
    assert chosen == ["first", "last"]
    assert "r1 weight, layer, steps" in repr(trainer)


def test_metrics_and_the_diagnosis_stand_under_the_picture():
    gan = digits_gan(generator_optimizer=keras.optimizers.Adam(0.0))
    trainer = widgets.LiveTrainer(
        gan, DIGITS, batch_size=16, steps=10, every=10, measure=lambda x: {"images": len(x)}
    )
    trainer.train.click()
    assert "images 200" in text(trainer)
    assert "The generator does not move" in text(trainer)
    trainer.settings["generator_rate"].value = 0.001
    trainer.go_on.click()
    assert "does not move" not in text(trainer)


def test_a_training_that_diverged_says_so_and_trains_again():
    gan = digits_gan(discriminator_optimizer=keras.optimizers.SGD(1e30))
    trainer = widgets.LiveTrainer(gan, DIGITS, batch_size=16, steps=20, every=10)
    trainer.train.click()
    assert "Diverged: " in text(trainer) and not trainer.train.disabled
    trainer.settings["discriminator_rate"].value = 0.001
    trainer.train.click()
    assert "step 20" in text(trainer)


def test_live_training_with_labels_shows_each_class_in_turn():
    gan = GAN(conditional(), models.mlp_discriminator((8, 8, 1), (8,), num_classes=3))
    gan.compile(jit_compile=False)
    labels = np.arange(64) % 3
    trainer = widgets.LiveTrainer(gan, DIGITS, labels, batch_size=16, steps=10, every=10)
    trainer.train.click()
    images = gan.generate(64, labels=labels)
    np.testing.assert_array_equal(picture(trainer), plotting.image_grid(images, 8, 6))


def test_live_trainer_refuses():
    gan = GAN(generator(), models.mlp_discriminator((8, 8, 1), (8,)))
    with pytest.raises(RuntimeError, match="Call compile"):
        widgets.LiveTrainer(gan, DIGITS)
    gan.compile(
        generator_optimizer=keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.1, 10))
    )
    with pytest.raises(ValueError, match="no schedule"):
        widgets.LiveTrainer(gan, DIGITS)
    with pytest.raises(ValueError, match="measure is for generators that take no labels"):
        gan = GAN(conditional(), models.mlp_discriminator((8, 8, 1), (8,), num_classes=3))
        gan.compile(jit_compile=False)
        labels = np.arange(64) % 3
        widgets.LiveTrainer(gan, DIGITS, labels, batch_size=16, measure=len)
    lines = GAN(models.mlp_generator((3,), 2, (8,)), models.mlp_discriminator((3,), (8,)))
    lines.compile(jit_compile=False)
    with pytest.raises(ValueError, match=r"images, or points \(2,\)\. Received: shape \(3,\)"):
        widgets.LiveTrainer(lines, np.zeros((64, 3), "float32"))


def test_points_train_live_on_the_real_ones():
    gan = small_gan(instance_noise=1.0)
    trainer = widgets.LiveTrainer(
        gan, POINTS, batch_size=16, steps=10, every=10, measure=lambda points: {"n": len(points)}
    )
    before = picture(trainer)
    trainer.train.click()
    assert "step 10" in text(trainer) and "n 1e+03" in text(trainer)
    assert "noise" in repr(trainer) and not np.array_equal(picture(trainer), before)
    fig = plotting.plot_points({"": (POINTS[:300], gan.generate(1000))}, width=3.4)
    assert np.array_equal(picture(trainer), plotting.figure_picture(fig))


def test_the_losses_under_the_picture_are_those_of_their_players(monkeypatch):
    gan, heard = digits_gan(), []
    fit = gan.fit
    monkeypatch.setattr(gan, "fit", lambda *a, **k: heard.append(fit(*a, **k)) or heard[-1])
    live = widgets.LiveTrainer(gan, DIGITS, steps=2, every=2)
    live.train.click()
    d, g = (heard[-1].history[f"{player}_loss"][-1] for player in ("discriminator", "generator"))
    assert f"losses D {d:.2f}, G {g:.2f}" in live.note.value and abs(d - g) > 0.01
