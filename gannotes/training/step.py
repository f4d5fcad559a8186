"""One step of a GAN's training: D, G, and the average of G."""

import functools

from gannotes.training import backend, losses
from gannotes.training.feed import pack
import keras
from keras import ops

# Losses whose G sees fakes alone.
BLIND = [pair for name, pair in losses.LOSSES.items() if name != "relativistic"]


class Step:
    """Updates D `discriminator_steps` times, G once, and the moving average of G's weights.

    The recipe, as compiled, says which terms the graph has. The GAN's `switches` and
    `loss_switches`, variables that `GAN.set` changes, say how much they weigh.
    """

    def __init__(self, gan):
        self.gan, self.recipe = gan, gan.recipe
        features = [gan.discriminator.get_layer(name).output for name in self.recipe.feature_layers]
        outputs = [*gan.discriminator.outputs, *features]
        self.judge = keras.Model(gan.discriminator.inputs, outputs)
        self.generator_sees_reals = bool(self.recipe.feature_losses) or any(
            pair not in BLIND for pair in self.recipe.losses.values()
        )

    def __call__(self, discriminator_latents, generator_latents, images, labels=None):
        """Takes the step; returns the scalars named in gan.py's LOGS, D's of its last update.

        Losses are told without penalties and other terms.

        Args:
            discriminator_latents: of the fakes that D sees, (discriminator_steps · batch, ...).
            generator_latents: of those that G learns from, (batch, ...).
            images, labels: real ones, (discriminator_steps · batch, ...).
        """
        if self.recipe.extragradient:
            return self.extragradient(discriminator_latents, generator_latents, images, labels)
        parts = [discriminator_latents, images, *([] if labels is None else [labels])]
        batches = (ops.split(part, self.recipe.discriminator_steps) for part in parts)
        known = None
        for latents, *real in zip(*batches, strict=True):
            if self.recipe.simultaneous:  # then there is one batch
                known = self.generator_slopes(generator_latents, *real)
            logs = self.update_discriminator(latents, *real)
        # G learns with D's last batch of reals and labels.
        return logs | self.update_generator(generator_latents, *real, known=known)

    # The discriminator

    def update_discriminator(self, latents, real, labels=None):
        """Moves D once; returns its scalars."""
        slopes, logs = self.discriminator_slopes(latents, real, labels)
        self.apply("discriminator", slopes)
        return logs

    def discriminator_slopes(self, latents, real, labels=None):
        """The slopes of D's loss, one for each of its weights, and its scalars."""
        fake_labels = self.labels_of_fakes(real.shape[0], labels)
        fake = self.make(latents, fake_labels)

        def total_loss():
            real_scores, _, real_class_loss = self.see(real, labels)  # scores: (batch, 1)
            fake_scores, _, fake_class_loss = self.see(fake, fake_labels)
            value = self.loss(0, real_scores, fake_scores)
            total = value + real_class_loss + fake_class_loss + sum(self.gan.discriminator.losses)
            if self.recipe.penalties and self.recipe.penalty_every == 1:
                total = total + self.penalty(real, fake, labels)
            return total, (value, real_scores, fake_scores)

        variables = self.gan.discriminator.trainable_variables
        _, (value, real_scores, fake_scores), slopes = backend.gradients_of(total_loss, variables)
        if self.recipe.penalties and self.recipe.penalty_every > 1:
            lazy = self.lazy_penalty_slopes(real, fake, labels)
            slopes = [slope + more for slope, more in zip(slopes, lazy, strict=True)]
        return slopes, {"discriminator_loss": value, **accuracies(real_scores, fake_scores)}

    def penalty(self, real, fake, labels):
        """Sum of the penalties on D's slope, each weighted, at images prepared anew."""
        real, fake = self.prepare(real), self.prepare(fake)
        weights = {name: self.gan.switches[name] for name in self.recipe.penalties}
        score = functools.partial(self.judged, labels=labels)
        uniform = functools.partial(self.draw, keras.random.uniform)
        return losses.penalty(weights, score, real, fake, uniform)

    def lazy_penalty_slopes(self, real, fake, labels):
        """Slopes of the penalty where it is due, every so many updates; else zeros."""
        every = self.recipe.penalty_every
        due = self.gan.discriminator_optimizer.iterations % every == 0
        loss = lambda: (every * self.penalty(real, fake, labels), None)  # noqa: E731
        return backend.gradients_if(due, loss, self.gan.discriminator.trainable_variables)

    # The generator

    def update_generator(self, latents, real, labels=None, known=None):
        """Moves G and its average once; returns G's loss. `known`: from `generator_slopes`."""
        slopes, logs = known or self.generator_slopes(latents, real, labels)
        self.apply("generator", slopes)
        self.update_average()
        return logs

    def generator_slopes(self, latents, real, labels=None):
        """The slopes of G's loss, one for each of its weights, and its loss."""
        fake_labels = self.labels_of_fakes(real.shape[0], labels)

        def total_loss():
            fake = self.make(latents, fake_labels)
            fake_scores, fake_features, class_loss = self.see(fake, fake_labels)
            real_scores = real_features = None
            if self.generator_sees_reals:
                real_scores, real_features, _ = self.see(real, labels)
            value = self.loss(1, real_scores, fake_scores)
            total = value + class_loss + sum(self.gan.generator.losses)
            if self.recipe.feature_losses:
                total = total + self.feature_loss(real_features, fake_features)
            return total, value

        variables = self.gan.generator.trainable_variables
        _, value, slopes = backend.gradients_of(total_loss, variables)
        return slopes, {"generator_loss": value}

    # Both

    def apply(self, player, slopes):
        """The optimizer of one network moves its weights."""
        optimizer = getattr(self.gan, f"{player}_optimizer")
        optimizer.apply(slopes, self.gan.networks[player].trainable_variables)

    def extragradient(self, discriminator_latents, generator_latents, real, labels):
        """Both step ahead, look at the slopes there, go back, and move along those."""
        networks = self.gan.networks.values()
        state = [variable for network in networks for variable in network.trainable_variables]
        state += self.gan.optimizer_variables
        before = [variable + 0 for variable in state]  # read now, not when it is used

        def slopes():
            d_slopes, d_logs = self.discriminator_slopes(discriminator_latents, real, labels)
            g_slopes, g_logs = self.generator_slopes(generator_latents, real, labels)
            return {"discriminator": d_slopes, "generator": g_slopes}, d_logs | g_logs

        for player, here in slopes()[0].items():
            self.apply(player, here)
        there, logs = slopes()
        for variable, value in zip(state, before, strict=True):
            variable.assign(value)
        for player, slope in there.items():
            self.apply(player, slope)
        self.update_average()
        return logs

    def update_average(self):
        """The average comes closer to G's weights: w̄ ← w̄ + (1 - decay)·(w - w̄), decay ≤ (1 + n)/(10 + n)."""
        steps = ops.cast(self.gan.generator_optimizer.iterations, "float32")
        decay = ops.minimum(self.gan.switches["ema_decay"], (1 + steps) / (10 + steps))
        pairs = zip(self.gan.ema_generator.variables, self.gan.generator.variables, strict=True)
        for average, variable in pairs:
            if keras.backend.is_float_dtype(variable.dtype):  # not the states of random layers
                average.assign_add((1 - decay) * (variable - average))

    def loss(self, side, real_scores, fake_scores):
        """D's loss (side 0) or G's (side 1). Of several losses one is switched on."""
        given = {name: pair[side] for name, pair in self.recipe.losses.items()}
        return chosen(self.gan.loss_switches["loss"], given, real_scores, fake_scores)

    def feature_loss(self, real_features, fake_features):
        """What G's loss adds for features, lists of (batch, ...), by the loss switched on."""
        weight, switches = (
            self.gan.switches["feature_weight"],
            self.gan.loss_switches["feature_loss"],
        )
        given = self.recipe.feature_losses
        value = lambda: chosen(switches, given, real_features, fake_features)  # noqa: E731
        return weight * ops.cond(weight > 0, value, lambda: ops.zeros(()))

    def make(self, latents, labels):
        """Fake images."""
        inputs = [latents, labels] if self.gan.conditional else latents
        return ops.cast(self.gan.generator(inputs, training=True), "float32")

    def labels_of_fakes(self, count, labels):
        """The labels of the real images; of a GAN with codes, new codes."""
        if not self.gan.codes:
            return labels
        codes = functools.partial(keras.random.randint, minval=0, maxval=self.gan.num_classes)
        return self.draw(codes, (count,))

    def see(self, images, labels):
        """D's scores of images (batch, 1), its features, and its loss as a classifier; float32."""
        outputs = keras.tree.flatten(self.judged(self.prepare(images), labels))
        scores, *others = [ops.cast(output, "float32") for output in outputs]
        if len(self.gan.discriminator.outputs) == 1:
            return scores, others, 0.0
        logits, *features = others
        if labels is None:  # a real image has no code
            return scores, features, 0.0
        class_loss = ops.mean(
            keras.losses.sparse_categorical_crossentropy(labels, logits, from_logits=True)
        )
        return scores, features, self.gan.switches["class_weight"] * class_loss

    def prepare(self, images):
        """Images as D gets to see them: augmented, noisy, packed."""
        if self.recipe.augment is not None:
            images = self.recipe.augment(images, self.gan.seeds)
        if self.recipe.instance_noise > 0:
            noise = self.draw(keras.random.normal, images.shape)
            images = images + self.gan.switches["instance_noise"] * noise
        return pack(images, self.gan.packing) if self.gan.packing > 1 else images

    def judged(self, images, labels):
        """All that D says of images as it gets to see them."""
        inputs = images if len(self.gan.discriminator.inputs) == 1 else [images, labels]
        return self.judge(inputs, training=True)

    def draw(self, distribution, shape):
        """Random numbers; several devices draw what one would for the whole batch."""
        return backend.draw(distribution, shape, self.gan.seeds)


def chosen(switches, losses, *given):
    """The loss that is switched on; the others are left out, so that they may be NaN."""
    if len(losses) == 1:
        return next(iter(losses.values()))(*given)
    return sum(
        ops.cond(switches[name] > 0, lambda loss=loss: loss(*given), lambda: ops.zeros(()))
        for name, loss in losses.items()
    )


def accuracies(real_scores, fake_scores):
    """Shares of scores on their side of the midpoint between the real and the fake scores' means.

    So they mean the same under every loss.
    """
    middle = (ops.mean(real_scores) + ops.mean(fake_scores)) / 2
    return {
        "real_accuracy": ops.mean(ops.cast(real_scores > middle, "float32")),
        "fake_accuracy": ops.mean(ops.cast(fake_scores <= middle, "float32")),
    }
