"""One step of a GAN's training: what D and G lose, and how they move."""

from collections.abc import Callable
from dataclasses import dataclass
import functools

from gannotes.training import gradients, losses
from gannotes.training.batches import pack
import keras
from keras import ops


@dataclass
class Step:
    """Updates D `discriminator_steps` times, G once, and the average of G's weights.

    Attributes are those of `training.GAN` and of its `compile`, and:
        loss_pair: D's loss and G's, functions of ``(real_scores, fake_scores)``.
        weights: variables by name, of penalties and other terms; new values need no new graph.
        penalties: names of those in `losses.PENALTIES` that D gets.
        noisy: whether instance noise is added.
        generator_sees_reals: whether G's loss asks for D's view of real images.
        num_codes: how many codes fakes draw from, in place of labels; None without codes.
        seeds: draws all but the latents.
    """

    generator: keras.Model
    discriminator: keras.Model
    ema_generator: keras.Model
    generator_optimizer: keras.optimizers.Optimizer
    discriminator_optimizer: keras.optimizers.Optimizer
    loss_pair: tuple
    weights: dict
    penalties: tuple
    penalty_every: int
    discriminator_steps: int
    simultaneous: bool
    noisy: bool
    augment: Callable | None
    feature_loss: Callable | None
    feature_layers: tuple
    generator_sees_reals: bool
    packing: int
    num_codes: int | None
    seeds: keras.random.SeedGenerator

    def __post_init__(self):
        features = [self.discriminator.get_layer(name).output for name in self.feature_layers]
        self._judge = keras.Model(
            self.discriminator.inputs, [*self.discriminator.outputs, *features]
        )

    def __call__(self, discriminator_latents, generator_latents, images, labels=None):
        """Takes the step.

        Args:
            discriminator_latents: of the fakes that D sees, (discriminator_steps · batch, ...).
            generator_latents: of those that G learns from, (batch, ...).
            images: real ones, (discriminator_steps · batch, ...).
            labels: their classes, if the networks take labels.

        Returns:
            The scalars named in `training.LOGS`; D's are those of its last update. Its accuracies
            are shares of scores on their side of the midpoint between the real and the fake
            scores' means, so that they mean the same under every loss.
        """
        size = images.shape[0] // self.discriminator_steps
        for k in range(self.discriminator_steps):
            batch = slice(k * size, (k + 1) * size)
            real, classes = images[batch], None if labels is None else labels[batch]
            latents = discriminator_latents[batch]
            update_discriminator, logs = self._discriminator_update(latents, real, classes)
            if not self.simultaneous:
                update_discriminator()
        update_generator, loss = self._generator_update(generator_latents, real, classes)
        if self.simultaneous:
            update_discriminator()
        update_generator()
        self._update_ema()
        return logs | {"generator_loss": loss}

    def update_discriminator(self, latents, images, labels=None):
        """Updates D alone, once; returns its scalars."""
        update, logs = self._discriminator_update(latents, images, labels)
        update()
        return logs

    def update_generator(self, latents, images, labels=None):
        """Updates G alone, and its average; returns its loss."""
        update, loss = self._generator_update(latents, images, labels)
        update()
        self._update_ema()
        return {"generator_loss": loss}

    def _discriminator_update(self, latents, real_images, labels):
        fake_labels = self._labels_of_fakes(real_images.shape[0], labels)
        fake_images = self._make(latents, fake_labels)

        def loss():
            real_scores, _, real_class_loss = self._see(real_images, labels)
            fake_scores, _, fake_class_loss = self._see(fake_images, fake_labels)
            value = self.loss_pair[0](real_scores, fake_scores)
            total = value + real_class_loss + fake_class_loss + sum(self.discriminator.losses)
            if self.penalties and self.penalty_every == 1:
                total = total + self._penalty(real_images, fake_images, labels)
            return total, (value, real_scores, fake_scores)

        def lazy_penalty():
            return self.penalty_every * self._penalty(real_images, fake_images, labels), None

        variables = self.discriminator.trainable_variables
        _, (value, real_scores, fake_scores), slopes = gradients.gradients_of(loss, variables)
        if self.penalties and self.penalty_every > 1:
            due = self.discriminator_optimizer.iterations % self.penalty_every == 0
            lazy_slopes = gradients.gradients_if(due, lazy_penalty, variables)
            slopes = [slope + lazy for slope, lazy in zip(slopes, lazy_slopes, strict=True)]
        middle = (ops.mean(real_scores) + ops.mean(fake_scores)) / 2
        logs = {
            "discriminator_loss": value,
            "real_accuracy": ops.mean(ops.cast(real_scores > middle, "float32")),
            "fake_accuracy": ops.mean(ops.cast(fake_scores <= middle, "float32")),
        }
        return functools.partial(self.discriminator_optimizer.apply, slopes, variables), logs

    def _generator_update(self, latents, real_images, labels):
        fake_labels = self._labels_of_fakes(real_images.shape[0], labels)

        def loss():
            fake_images = self._make(latents, fake_labels)
            fake_scores, fake_features, class_loss = self._see(fake_images, fake_labels)
            real_scores = real_features = None
            if self.generator_sees_reals:
                real_scores, real_features, _ = self._see(real_images, labels)
            value = self.loss_pair[1](real_scores, fake_scores)
            total = value + class_loss + sum(self.generator.losses)
            if self.feature_loss is not None:
                weight = self.weights["feature_weight"]
                total = total + weight * self.feature_loss(real_features, fake_features)
            return total, value

        variables = self.generator.trainable_variables
        _, value, slopes = gradients.gradients_of(loss, variables)
        return functools.partial(self.generator_optimizer.apply, slopes, variables), value

    def _labels_of_fakes(self, count, labels):
        """Those of the real images, or new codes."""
        if self.num_codes is None:
            return labels
        draw = functools.partial(keras.random.randint, minval=0, maxval=self.num_codes)
        return self._draw(draw, (count,))

    def _make(self, latents, labels):
        """Fake images."""
        inputs = latents if len(self.generator.inputs) == 1 else [latents, labels]
        return ops.cast(self.generator(inputs, training=True), "float32")

    def _see(self, images, labels):
        """D's scores of images, its features, and its loss as a classifier, in float32."""
        images = self._disguise(images)
        outputs = keras.tree.flatten(self._judge(self._with_labels(images, labels), training=True))
        scores, *others = [ops.cast(output, "float32") for output in outputs]
        if len(self.discriminator.outputs) == 1:
            return scores, others, 0.0
        logits, *features = others
        if labels is None:  # a real image has no code
            return scores, features, 0.0
        class_loss = ops.mean(
            keras.losses.sparse_categorical_crossentropy(labels, logits, from_logits=True)
        )
        return scores, features, self.weights["class_weight"] * class_loss

    def _disguise(self, images):
        """Images as D gets to see them: augmented, noisy, packed."""
        if self.augment is not None:
            images = self.augment(images, self.seeds)
        if self.noisy:
            noise = self._draw(keras.random.normal, images.shape)
            images = images + self.weights["instance_noise"] * noise
        if self.packing > 1:
            images = pack(images, self.packing)
        return images

    def _draw(self, distribution, shape):
        return gradients.draw(distribution, shape, self.seeds)

    def _with_labels(self, images, labels):
        return images if len(self.discriminator.inputs) == 1 else [images, labels]

    def _penalty(self, real_images, fake_images, labels):
        """Sum of the penalties, each weighted, at images as D gets to see them."""
        real, fake = self._disguise(real_images), self._disguise(fake_images)

        def judge(images):
            return self._judge(self._with_labels(images, labels), training=True)

        uniform = functools.partial(self._draw, keras.random.uniform)
        weights = {name: self.weights[name] for name in self.penalties}
        return losses.penalty(weights, judge, real, fake, uniform)

    def _update_ema(self):
        steps = ops.cast(self.generator_optimizer.iterations, "float32")
        decay = ops.minimum(self.weights["ema_decay"], (1 + steps) / (10 + steps))
        pairs = zip(self.ema_generator.variables, self.generator.variables, strict=True)
        for average, variable in pairs:
            if keras.backend.is_float_dtype(variable.dtype):  # not the states of random layers
                average.assign_add((1 - decay) * (variable - average))
