"""The GAN as a `keras.Model`: trained by `fit`, many steps in one call of a compiled graph."""

import math
from pathlib import Path

from gannotes import files
from gannotes.checks import check_choice, check_count, check_function, check_labels, check_weight
from gannotes.training import gradients
from gannotes.training.blocks import in_blocks
from gannotes.training.fused import FusedModel
from gannotes.training.options import (
    RECIPE,
    as_loss_pair,
    as_optimizers,
    check_codes,
    check_feature_loss,
    check_networks,
    check_penalties,
    check_updates,
    count_classes,
)
from gannotes.training.step import Step
import keras
from keras import ops
import numpy as np

LOGS = ("discriminator_loss", "generator_loss", "real_accuracy", "fake_accuracy")


class GAN(FusedModel):
    """A generator and a discriminator that train each other.

    ```python
    gan = GAN(generator, discriminator)
    gan.compile()
    gan.fit(images, batch_size=64, epochs=50, steps_per_epoch=100)
    gan.generate(16)
    ```

    One step draws a batch of real images, updates the discriminator, then the generator, then
    the moving average of the generator's weights.

    With labels the generator takes ``[latents, labels]``; the discriminator takes ``[images,
    labels]``, or gives ``[scores, class logits]``, as an auxiliary classifier does. Fakes get the
    labels of the batch's real images. With `codes` there are none to give: each fake draws its own,
    all equally likely, and the classifier learns from fakes alone to tell which it was, as in
    InfoGAN. What regularizers of the networks' layers ask for is added to their losses.

    Args:
        generator: Keras model, latents (batch, ...) → images (batch, ...).
        discriminator: Keras model, images (batch, ...) → scores (batch, 1), before any sigmoid.
        packing: images of one kind that the discriminator sees at once, side by side in the
            channels, as in PacGAN; it then takes (batch / packing, ..., packing · channels).
        codes: whether the labels are codes; the generator takes them, and the discriminator is an
            auxiliary classifier.
        seed: draws latents, batches and, after `reset`, initial weights.

    Attributes:
        ema_generator: the generator with the moving average of its weights; `generate` uses it.
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
        conditional = len(generator.inputs) == 2
        judges_labels = len(discriminator.inputs) == 2 or len(discriminator.outputs) == 2
        takes_labels = conditional or judges_labels
        num_classes = count_classes(generator, discriminator) if takes_labels else None
        asked_for = None if codes else num_classes
        super().__init__(generator.outputs[0].shape[1:], asked_for, packing, seed, name)
        self.num_classes, self.codes = num_classes, codes
        self.generator = generator
        self.discriminator = discriminator
        self.ema_generator = keras.models.clone_model(generator)
        self.ema_generator.set_weights(generator.get_weights())
        self.ema_generator.trainable = False
        self.latent_shape = tuple(generator.inputs[0].shape[1:])
        self.conditional = conditional

    @property
    def networks(self):
        """Generator and discriminator, by name."""
        return {"generator": self.generator, "discriminator": self.discriminator}

    @property
    def averages(self):
        """The averaged generator, with the generator."""
        return [(self.ema_generator, "generator")]

    def compile(
        self,
        generator_optimizer=None,
        discriminator_optimizer=None,
        loss="nonsaturating",
        penalties=None,
        penalty_every=1,
        discriminator_steps=1,
        simultaneous=False,
        instance_noise=0.0,
        augment=None,
        feature_loss=None,
        feature_layers=(),
        feature_weight=1.0,
        class_weight=1.0,
        ema_decay=0.999,
        jit_compile="auto",
        *,
        steps=None,
    ):
        """Chooses how to train; by default with `options.RECIPE`, which notebook 02 arrives at.

        Args:
            generator_optimizer, discriminator_optimizer: Keras optimizers, one each; by default
                Adam with learning rate 0.002 for G and 0.008 for D, and β₁ = 0.5.
            loss: a name in `losses.LOSSES`, or a pair of functions ``(discriminator's loss,
                generator's loss)`` of ``(real_scores, fake_scores)``.
            penalties: weights of penalties on D's gradients, by name in `losses.PENALTIES`; by
                default R1 with weight 0.6, and ``{}`` for none.
            penalty_every: updates of D from one penalty to the next; its weight is multiplied by
                them (lazy regularization).
            discriminator_steps: updates of D, each on a batch of its own, for one of G. A schedule of
                D's learning rate counts them all.
            simultaneous: whether G answers the same D that D's own update started from; else
                the two take turns, D first.
            instance_noise: standard deviation of Gaussian noise on all that D sees.
            augment: function of ``(images, seed)`` that gives images, the same for all that D
                sees, and differentiable; of `gannotes.training.augmentation`, or one's own. Each of several
                devices draws the same changes for its part.
            feature_loss: function of ``(real_features, fake_features)``, lists of arrays, that is
                added to G's loss; each of several devices sees its part of the batch.
            feature_layers: names of D's layers that give these features.
            feature_weight: weight of `feature_loss`.
            class_weight: weight of an auxiliary classifier's cross-entropy, for both networks. Of
                codes log(num_classes) less this cross-entropy bounds from below what images tell of
                them, in nats.
            ema_decay: share of the moving average that each step keeps, at most, 0 to 1; early
                steps keep less, (1 + steps) / (10 + steps). 0 follows the generator.
            jit_compile: whether XLA compiles the steps; "auto" chooses it for networks without
                convolutions, where it pays on a CPU. Under JAX it always compiles them, and this
                chooses whether a CPU takes many of them in one loop.
            steps: of the whole training, over which the rates of the default optimizers fall to 0
                along a cosine; without them they stay.

        Raises:
            ValueError: an unknown name, a weight out of range, options that exclude each other, or
                a penalty, be it the default one, for a discriminator with batch normalization.

        Reference: Karras et al. 2020 (lazy regularization); Sønderby et al. 2017 (instance noise);
            Zhao et al. 2020 (augmentation); Salimans et al. 2016 (feature matching); Odena et al.
            2017 (auxiliary classifier).
        """
        check_updates(discriminator_steps, simultaneous)
        with self.strategy.scope():
            generator_optimizer, discriminator_optimizer = as_optimizers(
                generator_optimizer, discriminator_optimizer, steps, discriminator_steps
            )
        loss_pair = as_loss_pair(loss)
        penalties = {"r1": RECIPE["r1"]} if penalties is None else penalties
        penalties = check_penalties(penalties, self.discriminator, penalty_every)
        weights = {
            **penalties,
            "instance_noise": check_weight("instance_noise", instance_noise),
            "feature_weight": check_weight("feature_weight", feature_weight),
            "class_weight": check_weight("class_weight", class_weight),
            "ema_decay": check_weight("ema_decay", ema_decay, maximum=1),
        }
        check_function("augment", augment)
        check_feature_loss(feature_loss, feature_layers, self.discriminator)
        jit_compile = self.check_devices(
            [generator_optimizer, discriminator_optimizer], jit_compile
        )

        with self.strategy.scope():
            self._weights_of_terms = {
                name: keras.Variable(float(weight), trainable=False, name=name)
                for name, weight in weights.items()
            }
        self.generator_optimizer = generator_optimizer
        self.discriminator_optimizer = discriminator_optimizer
        self.discriminator_steps = discriminator_steps
        self.matches_features = feature_loss is not None
        self._noisy = instance_noise > 0
        step = Step(
            generator=self.generator,
            discriminator=self.discriminator,
            ema_generator=self.ema_generator,
            generator_optimizer=generator_optimizer,
            discriminator_optimizer=discriminator_optimizer,
            loss_pair=loss_pair,
            weights=self._weights_of_terms,
            penalties=tuple(penalties),
            penalty_every=penalty_every,
            discriminator_steps=discriminator_steps,
            simultaneous=simultaneous,
            noisy=self._noisy,
            augment=augment,
            feature_loss=feature_loss,
            feature_layers=tuple(feature_layers),
            generator_sees_reals=(
                feature_loss is not None or not isinstance(loss, str) or loss == "relativistic"
            ),
            packing=self.packing,
            num_codes=self.num_classes if self.codes else None,
            seeds=self.seeds,
        )
        trained = [
            (generator_optimizer, self.generator.trainable_variables),
            (discriminator_optimizer, self.discriminator.trainable_variables),
        ]
        draws = [(discriminator_steps, self.latent_shape), (1, self.latent_shape)]
        self.compile_step(step, LOGS, trained, draws, discriminator_steps, jit_compile)
        self._half_steps = {
            "discriminator": gradients.compiled(step.update_discriminator, jit_compile),
            "generator": gradients.compiled(step.update_generator, jit_compile),
        }  # in the order of `draws`

    @property
    def term_weights(self):
        """Weights of the penalties and other terms, ``{name: number}``; see `set_weight`."""
        return {name: float(weight.numpy()) for name, weight in self._weights_of_terms.items()}

    def set_weight(self, name, weight):
        """Changes the weight of a penalty or of another term; no graph is traced anew.

        Raises:
            ValueError: `compile` was not given this term, or the weight is out of range.
        """
        check_choice("weight", name, self._weights_of_terms)
        if name == "instance_noise" and not self._noisy and weight > 0:
            raise ValueError("instance_noise was 0 when compiled, so that D's graph has no noise")
        maximum = 1 if name == "ema_decay" else math.inf
        self._weights_of_terms[name].assign(check_weight(name, weight, maximum))

    def half_step(self, player, images, labels=None):
        """Updates one network alone, on one batch: training in slow motion.

        The discriminator's half-step and then the generator's, on one batch, are a step of `fit`
        in which they take turns. Not for several devices.

        Args:
            player: "discriminator" or "generator".
            images: real ones, (batch, ...); G needs them for their number alone, but for losses of
                pairs.
            labels: their classes, (batch,), where a network takes labels.

        Returns:
            ``{name: number}``, the player's share of a step's scalars.

        Raises:
            TypeError, ValueError: as `fit`.
        """
        if not self.compiled:
            raise RuntimeError("Call compile before half_step")
        check_choice("player", player, self._half_steps)
        if self.strategy.num_replicas_in_sync > 1:
            raise ValueError("half_step is for one device")
        self.check_data(images, labels, len(images))
        optimizer = getattr(self, f"{player}_optimizer")
        updates, kind = int(optimizer.iterations.numpy()), list(self._half_steps).index(player)
        latents = self._feed.draw(kind, updates, len(images), self.seed)
        batch = [ops.convert_to_tensor(latents), ops.convert_to_tensor(images, "float32")]
        if labels is not None:
            batch.append(ops.convert_to_tensor(labels, "int32"))
        return {name: float(value) for name, value in self._half_steps[player](*batch).items()}

    def save(self, filepath, overwrite=True):
        """Writes the averaged generator to a ``.keras`` file, whole or not at all."""
        if not overwrite and Path(filepath).exists():
            raise FileExistsError(f"{filepath} is there already, and overwrite=False")
        with files.atomic_path(filepath) as part:
            self.ema_generator.save(part)

    def call(self, latents, training=False):
        """Images of latents, or of ``[latents, labels]``, by the averaged generator."""
        return self.ema_generator(latents, training=training)

    def generate(self, count, seed=0, labels=None):
        """New images of the averaged generator.

        Args:
            count: how many.
            seed: draws the latents.
            labels: classes of the images, (count,), where the generator takes labels; codes, which
                are drawn like the latents if not given.

        Returns:
            NumPy array (count, ...), float32.

        Raises:
            ValueError: labels are missing, not asked for, or not `count` many.
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
        latents = keras.random.normal((count, *self.latent_shape), seed=seed)
        return in_blocks(self, [latents, labels] if self.conditional else latents)
