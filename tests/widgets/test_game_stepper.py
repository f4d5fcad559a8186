"""The game by half-steps."""

from gannotes import widgets
import numpy as np
import pytest
from seen import DIGITS, text
from small import POINTS


def test_buttons_take_half_steps_and_reset_starts_over():
    game = widgets.GameStepper(POINTS)
    first = game.image.value
    weights = [network.get_weights() for network in (game.gan.generator, game.gan.discriminator)]

    def moved():
        networks = game.gan.generator, game.gan.discriminator
        return [
            any((a != b).any() for a, b in zip(network.get_weights(), before, strict=True))
            for network, before in zip(networks, weights, strict=True)
        ]

    game.step_d.click()
    assert moved() == [False, True]
    game.step_g.click()
    assert moved() == [True, True]
    assert "D's steps 1, G's 1 · D's loss" in text(game)
    game.many.value = 10
    game.step_g.click()
    assert "D's steps 1, G's 11 · " in text(game)
    game.reset.click()
    assert moved() == [False, False]
    assert game.image.value == first


def test_rounds_are_half_steps_in_turn_and_each_tick_is_the_next(monkeypatch):
    monkeypatch.setattr("gannotes.widgets.stepper.ROUNDS", 3)
    by_rounds, by_ticks = (widgets.GameStepper(POINTS) for _ in range(2))
    by_ticks.gan.generator.set_weights(by_rounds.gan.generator.get_weights())
    by_ticks.gan.discriminator.set_weights(by_rounds.gan.discriminator.get_weights())
    by_rounds.rounds.click()
    for tick in range(1, 7):
        by_ticks.play.value = tick
    by_ticks.play.value = 0  # the player's stop
    assert text(by_ticks) == text(by_rounds)


def test_a_round_has_one_batch_for_both_and_the_next_another(monkeypatch):
    game, batches = widgets.GameStepper(POINTS), []
    monkeypatch.setattr(game.gan, "half_step", lambda player, batch: batches.append(batch) or {})
    game._take("discriminator", "generator", "discriminator")
    np.testing.assert_array_equal(batches[0], batches[1])
    assert not np.array_equal(batches[0], batches[2])


def test_a_game_compiles_once_whatever_the_loss_and_the_weight():
    game = widgets.GameStepper(POINTS)
    game.step_d.click()
    compiled = game.gan._half_steps["discriminator"]
    game.weight.value = 1
    assert game.gan.recipe.r1 == 1
    game.step_d.click()
    game.loss.value = "hinge"
    assert next(iter(game.gan.recipe.losses)) == "hinge"
    game.step_d.click()
    assert "D's steps 1, G's 0" in text(game)
    game.loss.value = "nonsaturating"
    assert game.gan.recipe.r1 == 1
    game.step_d.click()
    assert compiled.experimental_get_tracing_count() == 1
    assert repr(game).startswith(
        "The game, half a step at a time: loss, r1 weight, steps a click, D's step"
    )


def test_a_game_that_diverged_is_shown_and_reset():
    game = widgets.GameStepper(POINTS, learning_rate=1e30)
    first = game.image.value
    game.rounds.click()
    assert "nan" in text(game)
    game.reset.click()
    assert game.image.value == first


def test_the_game_refuses():
    with pytest.raises(ValueError, match=r"images must have shape \(n, 2\)"):
        widgets.GameStepper(DIGITS)
