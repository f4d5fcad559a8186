"""`GAN`: a generator and a discriminator that train each other, as a `keras.Model`."""

import dataclasses
from pathlib import Path
import warnings

from gannotes import files
from gannotes.checks import check_choice, check_count, check_kind, check_labels, check_layers
from gannotes.training import backend
from gannotes.training.feed import draw
from gannotes.training.networks import (
    check_codes,
    check_functions,
    check_networks,
    check_penalties,
    clone,
    count_classes,
)
from gannotes.training.optimizers import check_unused, has_schedule, make_optimizer
from gannotes.training.recipe import Recipe
from gannotes.training.step import Step
from gannotes.training.trainer import Trainer, in_blocks
import keras
from keras import ops
from keras.optimizers.schedules import CosineDecay
import numpy as np

LOGS = ("discriminator_loss", "generator_loss", "real_accuracy", "fake_accuracy")
PLAYERS = ("generator", "discriminator")  # G first: its optimizer counts the steps
DRAWN = {"discriminator": 0, "generator": 1}  # whose latents: the place in `draws`
CHOICES = {"loss": "losses", "feature_loss": "feature_losses"}  # of a recipe: may be several
NEVER = 1e30  # where rates that stay would have fallen to 0


class GAN(Trainer):
    """A generator and a discriminator that train each other.

    ```python
    gan = GAN(generator, discriminator)
    gan.compile()
    gan.fit(images, batch_size=64, epochs=50, steps_per_epoch=100)
    gan.generate(16)
    ```

    With labels the generator takes ``[latents, labels]``; the discriminator takes ``[images,
    labels]``, or gives ``[scores, class logits]``, as an auxiliary classifier does. Fakes get the
    labels of the batch's real images. What regularizers of weights ask for is added to the losses.

    Args:
        generator: Keras model, latents (batch, ...) → images (batch, ...).
        discriminator: Keras model, images (batch, ...) → scores (batch, 1), before any sigmoid.
        packing: images of one kind that the discriminator sees at once, side by side in the
            channels, as in PacGAN; it then takes (batch / packing, ..., packing · channels).
        codes: whether the labels are codes, as in InfoGAN: each fake draws its own, all equally
            likely, and an auxiliary classifier learns from fakes alone to tell which it was.
        seed: draws latents, batches and, after `reset`, initial weights.

    Attributes:
        ema_generator: the generator with the moving average of its weights; `generate` uses it.
            As training begins it gets the generator's, which may have been loaded.
        recipe: the `Recipe` it was compiled with, as `set` has changed it since.
        conditional: whether the generator takes labels, or codes.
        num_classes: of these; None where there are none.

    Raises:
        ValueError: the networks do not fit together, or one of them has no trainable weights.

    Reference: Goodfellow et al. 2014; Lin et al. 2018 (packing); Chen et al. 2016 (codes).
    """

    def __init__(self, generator, discriminator, packing=1, seed=0, name="gan", *, codes=False):
        check_count("packing", packing)
        check_networks(generator, discriminator, packing)
        check_codes(codes, generator, discriminator)
        takes = len(generator.inputs), len(discriminator.inputs), len(discriminator.outputs)
        classes = count_classes(generator, discriminator) if 2 in takes else None
        image_shape = generator.outputs[0].shape[1:]
        super().__init__(image_shape, None if codes else classes, packing, seed, name)
        self.num_classes, self.codes = classes, codes
        self.generator, self.discriminator = generator, discriminator
        self.ema_generator = clone(generator)
        self.ema_generator.set_weights(generator.get_weights())
        self.ema_generator.trainable = False
        self.latent_shape = tuple(generator.inputs[0].shape[1:])
        self.conditional = len(generator.inputs) == 2

    @property
    def networks(self):
        return {"generator": self.generator, "discriminator": self.discriminator}

    @property
    def averages(self):
        return {"generator": self.ema_generator}

    def compile(self, recipe=None, **changes):
        """Chooses how to train: by a `Recipe`, or the default one, with changes of its fields.

        Raises:
            ValueError: as `Recipe`; or it does not go with these networks or devices, as a penalty
                with batch normalization in D.
        """
        # Check what depends on the networks.
        recipe = _changed(recipe or Recipe(), changes)
        check_penalties(recipe.penalties, self.discriminator)
        if recipe.penalty_every > 1 and not recipe.penalties:
            raise ValueError(
                "penalty_every is for penalties, and there are none. "
                f"Received: {recipe.penalty_every}"
            )
        if recipe.class_weight != 1 and len(self.discriminator.outputs) == 1:
            raise ValueError(
                "class_weight is for a discriminator that gives [scores, class logits]. Received: "
                f"{recipe.class_weight}, and one that gives scores alone"
            )
        check_layers("discriminator", recipe.feature_layers, self.discriminator)
        check_functions(recipe, self.image_shape, self.discriminator)
        for player in PLAYERS:
            check_unused(f"{player}_optimizer", getattr(recipe, f"{player}_optimizer"))
        # The optimizers, with rates that can be set.
        with self.strategy.scope():
            self._rates = {p: _switch(f"{p}_rate") for p in PLAYERS}
            self._decay_steps = {p: _switch(f"{p}_decay_steps", NEVER) for p in PLAYERS}
            optimizers = {p: self._make_optimizer(p, recipe) for p in PLAYERS}
        jit_compile = self.choose_jit(list(optimizers.values()), recipe.jit_compile)
        self.generator_optimizer = optimizers["generator"]
        self.discriminator_optimizer = optimizers["discriminator"]
        given = {
            f"{p}_rate": float(optimizer.learning_rate.numpy())
            for p, optimizer in optimizers.items()
            if getattr(recipe, f"{p}_optimizer") and not has_schedule(optimizer)
        }

        # The graph: the compiled recipe says which terms it has, the switches how much they weigh.
        self._compiled_recipe = self.recipe = recipe = dataclasses.replace(recipe, **given)
        with self.strategy.scope():
            self.switches = {name: _switch(name) for name in recipe.terms}
            self.loss_switches = {
                option: {name: _switch(name) for name in getattr(recipe, several)}
                for option, several in CHOICES.items()
            }
        for name in (*CHOICES, "steps", "generator_rate", "discriminator_rate", *recipe.terms):
            self._apply_setting(name)
        step, steps_of_d = Step(self), recipe.discriminator_steps
        trained = [(optimizers[p], self.networks[p].trainable_variables) for p in PLAYERS]
        draws = [(steps_of_d, self.latent_shape), (1, self.latent_shape)]
        self.compile_step(step, LOGS, trained, draws, steps_of_d, jit_compile)
        self._half_steps = {
            "discriminator": backend.compiled(step.update_discriminator, jit_compile),
            "generator": backend.compiled(step.update_generator, jit_compile),
        }

    def set(self, recipe=None, **changes):
        """Changes what needs no new graph: weights of terms, learning rates, their fall, the loss.

        The graph has the terms that had a weight when compiled; they can go to 0 and come back. It
        has a fall of the rates if `steps` were given; None then keeps the rates. ``loss="name"``
        chooses one of several losses, ``feature_loss="name"`` one of several feature losses.

        Raises:
            ValueError: as `Recipe`; or the change needs a new graph. Nothing is changed then.
        """
        self.check_compiled("set")
        for option in CHOICES:
            several, chosen = getattr(self.recipe, option), changes.get(option)
            if isinstance(chosen, str) and isinstance(several, dict):
                check_choice(option, chosen, several)
                changes[option] = {chosen: several[chosen]} | several
        if isinstance(recipe, Recipe):  # beside an optimizer that was given, a rate says nothing
            given = [p for p in PLAYERS if getattr(recipe, f"{p}_optimizer")]
            changes = {f"{p}_rate": getattr(self.recipe, f"{p}_rate") for p in given} | changes
        new = _changed(recipe or self.recipe, changes)
        names = [field.name for field in dataclasses.fields(Recipe)]
        changed = [name for name in names if getattr(new, name) != getattr(self.recipe, name)]
        for option, several in CHOICES.items():  # the first is the one that counts
            if list(getattr(new, several)) != list(getattr(self.recipe, several)):
                changed.append(option)
        allowed = sorted(filter(self.can_set, names))
        for name in changed:
            several = CHOICES.get(name, name)
            other = getattr(new, several) != getattr(self._compiled_recipe, several)
            if name not in allowed or (name in CHOICES and other):
                raise ValueError(
                    f"{name} needs a new graph, by compile. Without one can change: "
                    f"{', '.join(allowed)}. Received: {getattr(new, name)!r}"
                )
        self.recipe = new
        for name in {*changed, *changes.keys() & {*allowed}}:  # a loaded state may have other rates
            self._apply_setting(name)

    def can_set(self, name):
        """Whether an option can change without a new graph."""
        compiled, player = self._compiled_recipe, name.removesuffix("_rate")
        if player in PLAYERS:
            given = getattr(compiled, f"{player}_optimizer") is not None
            return not (given and has_schedule(self._optimizer_of(player)))
        others = {option: isinstance(getattr(compiled, option), dict) for option in CHOICES}
        others["steps"] = compiled.steps is not None
        return name in self.switches or others.get(name, False)

    def _apply_setting(self, name):
        """Brings an option of the recipe to the graph's variables."""
        value = getattr(self.recipe, name)
        if name in self.switches:
            self.switches[name].assign(value)
        elif name in CHOICES:
            chosen = next(iter(getattr(self.recipe, CHOICES[name])), None)
            for loss, switch in self.loss_switches[name].items():
                switch.assign(float(loss == chosen))
        elif name == "steps":
            updates = NEVER if value is None else value
            self._decay_steps["generator"].assign(updates)
            self._decay_steps["discriminator"].assign(updates * self.recipe.discriminator_steps)
        else:
            player = name.removesuffix("_rate")
            self._rates[player].assign(value)
            if not has_schedule(self._optimizer_of(player)):
                self._optimizer_of(player).learning_rate = value

    def _make_optimizer(self, player, recipe):
        """A player's optimizer: the one given, or one of the recipe's kind, whose rate may fall."""
        given = getattr(recipe, f"{player}_optimizer")
        if given is not None:
            return given
        rate = getattr(recipe, f"{player}_rate")
        if recipe.steps is not None:
            rate = CosineDecay(self._rates[player], self._decay_steps[player])
        return make_optimizer(recipe.optimizer, self.networks[player], rate, recipe.beta_1)

    def _optimizer_of(self, player):
        return getattr(self, f"{player}_optimizer")

    def half_step(self, player, images, labels=None):
        """Updates the "discriminator" or the "generator" alone, on one batch: slow motion.

        The discriminator's half-step and then the generator's are a step of `fit` in which they
        take turns. Returns the player's share of a step's scalars. Not for several devices.
        """
        self.check_compiled("half_step")
        check_choice("player", player, self._half_steps)
        if self.strategy.num_replicas_in_sync > 1:
            raise ValueError("half_step is for one device")
        self.check_data(images, labels, len(images))
        updates, kind = int(self._optimizer_of(player).iterations.numpy()), DRAWN[player]
        latents = draw(self.seed, kind, updates, (len(images), *self.latent_shape))
        batch = [ops.convert_to_tensor(latents), ops.convert_to_tensor(images, "float32")]
        if labels is not None:
            batch.append(ops.convert_to_tensor(labels, "int32"))
        return {name: float(value) for name, value in self._half_steps[player](*batch).items()}

    def save(self, filepath, overwrite=True):
        """Writes the averaged generator to a ``.keras`` file, whole or not at all."""
        if Path(filepath).suffix != ".keras":
            raise ValueError(f"A generator goes to a file NAME.keras. Received: {filepath}")
        if not overwrite and Path(filepath).exists():
            raise FileExistsError(f"{filepath} is there already, and overwrite=False")
        with files.atomic_path(filepath) as part:
            self.ema_generator.save(part)

    def call(self, latents, training=False):
        """Images of latents, or of ``[latents, labels]``, by the averaged generator."""
        return self.ema_generator(latents, training=training)

    def generate(self, count, seed=0, labels=None):
        """New images of the averaged generator; NumPy array (count, ...), float32.

        The seed draws latents. Labels are classes (count,), where the generator takes them; codes
        are drawn if not given.
        """
        check_count("count", count)
        if self.codes and labels is None:
            labels = np.random.default_rng(seed).integers(self.num_classes, size=count)
        if self.conditional != (labels is not None):
            takes = "takes labels" if self.conditional else "takes no labels"
            raise ValueError(f"This generator {takes}. Received: labels={labels!r}")
        if labels is not None:
            labels = np.asarray(labels)
            check_labels(labels, count, self.num_classes)
        if self.compiled and self.steps == 0:
            pair = self.generator.get_weights(), self.ema_generator.get_weights()
            if not all(map(np.array_equal, *pair)):
                warnings.warn(
                    "The weights of generator and ema_generator differ, and nothing is trained yet: "
                    "these images are ema_generator's, and fit will begin with generator's",
                    stacklevel=2,
                )
        latents = keras.random.normal((count, *self.latent_shape), seed=seed)
        return in_blocks(self, [latents, labels] if self.conditional else latents)


def _changed(recipe, changes):
    """A recipe with changes; raises TypeError if it is none, ValueError if one has no such name."""
    check_kind("recipe", recipe, Recipe)
    for name in changes:
        check_choice("option", name, [option.name for option in dataclasses.fields(Recipe)])
    return dataclasses.replace(recipe, **changes)


def _switch(name, value=0.0):
    return keras.Variable(value, trainable=False, name=name)
