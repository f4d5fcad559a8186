"""A recipe checks itself; what a graph has can be set, and several losses lie in one."""

import dataclasses
import inspect

import dirac_gan
from gannotes import models
from gannotes.training import GAN, Recipe, losses
import keras
import numpy as np
import pytest
from small import POINTS, alike, small_gan


def train(gan, steps=4):
    return gan.fit(POINTS, batch_size=16, steps_per_epoch=steps, verbose=0).history


def weights(gan):
    return [variable.numpy() for variable in gan.state_variables]


def assert_equal_training(one, other):
    train(one), train(other)
    assert alike(weights(one), weights(other))


def test_every_option_has_a_meaning_and_a_default():
    for field in dataclasses.fields(Recipe):
        assert len(field.metadata["help"]) > 10, field.name
        assert field.default is not dataclasses.MISSING, field.name


def test_a_recipe_is_frozen_and_replace_makes_an_ablation():
    recipe = Recipe(loss="hinge", r1=0.3)
    with pytest.raises(dataclasses.FrozenInstanceError):
        recipe.r1 = 0
    ablation = dataclasses.replace(recipe, r1=0)
    assert ablation.penalties == {} and recipe.penalties == {"r1": 0.3}
    assert isinstance(ablation.r1, float)
    with pytest.raises(ValueError, match="r1 must be a finite number, 0 or more. Received: -1"):
        dataclasses.replace(recipe, r1=-1)
    with pytest.raises(TypeError, match="r3"):
        Recipe(r3=1.0)


def test_compile_takes_a_recipe_or_changes_of_it():
    by_recipe, by_changes = small_gan(), small_gan(loss="hinge", r1=0.2)
    by_recipe.compile(Recipe(loss="hinge", jit_compile=False), r1=0.2)
    by_recipe.reset(0)
    assert by_recipe.recipe == by_changes.recipe
    assert list(inspect.signature(GAN.compile).parameters) == ["self", "recipe", "changes"]
    assert_equal_training(by_recipe, by_changes)


# What can change without a new graph


@pytest.mark.parametrize(
    ("compiled", "changes"),
    [
        ({}, {"generator_rate": 0.01, "discriminator_rate": 0.02}),
        ({"steps": 8}, {"generator_rate": 0.01, "steps": 5}),
        ({"r2": 0.1, "wgan_gp": 0.1}, {"r2": 0.5, "wgan_gp": 0.7, "ema_decay": 0.5}),
        ({"instance_noise": 0.1}, {"instance_noise": 0.3}),
    ],
)
@pytest.mark.slow
def test_what_was_set_is_what_was_compiled(compiled, changes):
    fresh, changed, unchanged = (
        small_gan(**options) for options in (compiled | changes, compiled, compiled)
    )
    changed.set(**changes)
    assert changed.recipe == fresh.recipe
    assert_equal_training(fresh, changed)
    assert changed._fused_steps.experimental_get_tracing_count() == 1
    with pytest.raises(AssertionError):
        assert_equal_training(small_gan(**compiled | changes), unchanged)


def test_a_term_goes_to_0_and_comes_back():
    gan = small_gan(r1=0.5)
    train(gan)
    gan.set(r1=0)
    train(gan)
    gan.set(r1=0.5)
    train(gan)
    assert gan._fused_steps.experimental_get_tracing_count() == 1


def test_rates_that_fall_can_be_told_to_stay():
    falling, staying = small_gan(steps=8), small_gan()
    falling.set(steps=None)
    train(falling), train(staying)
    for name, network in falling.networks.items():
        for a, b in zip(network.get_weights(), staying.networks[name].get_weights(), strict=True):
            np.testing.assert_allclose(a, b, rtol=0, atol=1e-6)


def test_a_whole_recipe_can_be_set():
    base = Recipe(steps=8, r2=0.1, jit_compile=False)
    gan = small_gan()
    gan.compile(base)
    gan.set(dataclasses.replace(base, r2=0.4), generator_rate=0.01)
    assert (gan.recipe.r2, gan.recipe.generator_rate, gan.recipe.r1) == (0.4, 0.01, 0.6)
    assert float(gan.switches["r2"]) == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"loss": "hinge"}, "loss needs a new graph"),
        ({"r2": 1.0}, "r2 needs a new graph"),
        ({"steps": 5}, "steps needs a new graph"),
        ({"simultaneous": True}, "simultaneous needs a new graph.*Received: True"),
        ({"generator_rate": -1.0}, "generator_rate must be a finite number"),
    ],
)
def test_what_needs_a_new_graph_is_refused_and_nothing_changes(changes, message):
    gan = small_gan()
    before, recipe = weights(gan), gan.recipe
    with pytest.raises(ValueError, match=message):
        gan.set(r1=0.1, **changes)
    assert gan.recipe == recipe
    assert float(gan.switches["r1"]) == pytest.approx(0.6)
    for a, b in zip(weights(gan), before, strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_schedule_of_ones_own_is_not_overruled():
    schedule = keras.optimizers.schedules.CosineDecay(0.1, 10)
    gan = small_gan(generator_optimizer=keras.optimizers.Adam(schedule))
    with pytest.raises(ValueError, match="generator_rate needs a new graph"):
        gan.set(generator_rate=0.1)
    gan.set(discriminator_rate=0.1)


def test_the_rate_of_an_optimizer_that_was_given_is_in_the_recipe():
    gan = small_gan(generator_optimizer=keras.optimizers.SGD(0.25))
    assert gan.recipe.generator_rate == 0.25
    gan.set(generator_rate=0.5)
    assert float(gan.generator_optimizer.learning_rate.numpy()) == 0.5


# Several losses


@pytest.mark.parametrize("name", losses.LOSSES)
def test_one_of_several_losses_trains_as_if_alone(name):
    alone = small_gan(loss=name)
    several = small_gan(loss={loss: loss for loss in losses.LOSSES})
    several.set(loss=name)
    assert next(iter(several.recipe.losses)) == name
    assert_equal_training(alone, several)


def test_the_first_of_several_losses_counts_until_another_is_set():
    several = small_gan(loss={"one's own": losses.LOSSES["hinge"], "minimax": "minimax"})
    assert_equal_training(small_gan(loss="hinge"), several)
    with pytest.raises(ValueError, match="Unknown loss. Allowed: .*minimax.*Received: 'hinge'"):
        several.set(loss="hinge")
    with pytest.raises(ValueError, match="Received: {}"):
        small_gan(loss={})


def matching_gan(feature_loss):
    gan = small_gan()
    layers = models.hidden_layers(gan.discriminator)
    gan.compile(feature_loss=feature_loss, feature_layers=layers, jit_compile=False)
    gan.reset(0)
    return gan


def test_one_of_several_feature_losses_trains_as_if_alone():
    matching = {"L2": losses.l2_matching, "cosine": losses.cosine_matching}
    several, alone = matching_gan(matching), matching_gan(losses.l2_matching)
    assert_equal_training(alone, several)
    several.set(feature_loss="cosine")
    several.reset(0)
    assert_equal_training(matching_gan(losses.cosine_matching), several)
    with pytest.raises(ValueError, match="Unknown feature_loss. Allowed: .*Received: 'hinge'"):
        several.set(feature_loss="hinge")
    with pytest.raises(ValueError, match="feature_loss needs a new graph"):
        alone.set(feature_loss=losses.cosine_matching)


# Extragradient


def test_extragradient_turns_the_dirac_gan_inwards():
    """Simultaneous updates of the Wasserstein game spiral out, by √(1 + h²) a step; extragradient in.

    The game is ψ·θ, so a step ahead and back is (θ, ψ) ← A·(θ, ψ) with |A| = √((1 - h²)² + h²) < 1.
    """
    radii = {}
    for way in ("simultaneous", "extragradient"):
        gan = GAN(dirac_gan.generator(), dirac_gan.discriminator())
        sgds = {
            f"{player}_optimizer": keras.optimizers.SGD(0.2)
            for player in ("generator", "discriminator")
        }
        gan.compile(**sgds, loss="wasserstein", r1=0, jit_compile=False, **{way: True})
        gan.generator.set_weights([np.array([0.3])])
        gan.discriminator.set_weights([np.array([[0.4]])])
        gan.fit(np.zeros((4, 1), "float32"), batch_size=4, steps_per_epoch=10, verbose=0)
        left = [gan.generator.get_weights()[0], gan.discriminator.get_weights()[0]]
        radii[way] = np.hypot(*np.ravel([w.item() for w in left]))
        assert gan.steps == 10
    h = 0.2
    assert radii["simultaneous"] == pytest.approx(0.5 * (1 + h**2) ** 5, rel=1e-4)
    assert radii["extragradient"] == pytest.approx(0.5 * ((1 - h**2) ** 2 + h**2) ** 5, rel=1e-4)


def test_extragradient_has_one_loss():
    with pytest.raises(ValueError, match="penalty_every must be 1. Received: 4"):
        Recipe(extragradient=True, penalty_every=4)


def test_extragradient_counts_one_update_and_trains_by_adam_under_xla():
    gan = GAN(models.mlp_generator((2,), 2, (8,)), models.mlp_discriminator((2,), (8,)))
    gan.compile(extragradient=True)
    gan.reset(0)
    history = train(gan, steps=6)
    assert gan.steps == int(gan.discriminator_optimizer.iterations) == 6
    assert all(np.isfinite(values).all() for values in history.values())


def test_ways_to_update_exclude_each_other():
    for other in ({"simultaneous": True}, {"discriminator_steps": 2}):
        with pytest.raises(ValueError, match="exclude each other. Received: "):
            Recipe(extragradient=True, **other)


def test_a_lazy_penalty_goes_to_0():
    gan = small_gan(penalty_every=4)
    gan.set(r1=0)
    assert gan.recipe.r1 == 0
    with pytest.raises(ValueError, match="there are none. Received: 4"):
        small_gan(penalty_every=4, r1=0)


def test_setting_the_compiled_recipe_changes_nothing():
    recipe = Recipe(generator_optimizer=keras.optimizers.SGD(0.25), jit_compile=False)
    gan = small_gan()
    gan.compile(recipe)
    gan.set(recipe)
    assert float(gan.generator_optimizer.learning_rate.numpy()) == gan.recipe.generator_rate == 0.25


def test_another_loss_by_a_known_name_is_refused():
    gan = small_gan(loss={"a": "hinge", "b": "minimax"})
    with pytest.raises(ValueError, match="loss needs a new graph"):
        gan.set(loss={"a": "minimax", "b": "minimax"})


def test_every_weight_that_can_be_set_is_in_the_graph():
    recipe = Recipe(r2=0.1, wgan_gp=0.1, instance_noise=0.1)
    assert recipe.terms == [
        "r1", "r2", "wgan_gp", "instance_noise", "feature_weight", "class_weight", "ema_decay",
    ]  # fmt: skip
    assert Recipe(r1=0).terms == ["feature_weight", "class_weight", "ema_decay"]


def test_an_iterator_is_no_stream():
    batches = iter([POINTS[:16], POINTS[16:32]])
    with pytest.raises(ValueError, match="start anew.*Received: an iterator"):
        small_gan().fit(batches, steps_per_epoch=2)
