"""The GAN as a `keras.Model`: trained by `fit`, many steps in one call of a compiled graph."""

import contextlib
import functools
import math
import random

from gannotes import gradients, losses
from gannotes.checks import check_choice, check_count, check_images
import keras
from keras import ops
import numpy as np

MAX_FUSED_STEPS = 100
LOGS = ("discriminator_loss", "generator_loss", "real_accuracy", "fake_accuracy")


class GAN(keras.Model):
    """A generator and a discriminator that train each other.

    ```python
    gan = GAN(generator, discriminator)
    gan.compile(loss="nonsaturating", penalties={"r1": 0.1})
    gan.fit(images, batch_size=64, epochs=50, steps_per_epoch=100)
    gan.generate(16)
    ```

    One step draws a batch of real images, updates the discriminator, then the generator, then
    the moving average of the generator's weights.

    Args:
        generator: Keras model, latents (batch, ...) → images (batch, ...).
        discriminator: Keras model, images (batch, ...) → scores (batch, 1), before any sigmoid.
        seed: draws latents, batches and, after `reset`, initial weights.

    Attributes:
        ema_generator: the generator with the moving average of its weights; `generate` uses it.

    Raises:
        ValueError: the networks do not fit together, or one of them has no trainable weights.
    """

    def __init__(self, generator, discriminator, seed=0, name="gan"):
        super().__init__(name=name)
        _check_networks(generator, discriminator)
        self.generator = generator
        self.discriminator = discriminator
        self.ema_generator = keras.models.clone_model(generator)
        self.ema_generator.set_weights(generator.get_weights())
        self.ema_generator.trainable = False
        self.latent_shape = tuple(generator.input_shape[1:])
        self.image_shape = tuple(generator.output_shape[1:])
        self.seed = seed
        self.latent_seeds = keras.random.SeedGenerator(seed)
        self.built = True

    def compile(
        self,
        generator_optimizer=None,
        discriminator_optimizer=None,
        loss="nonsaturating",
        penalties=None,
        simultaneous=False,
        ema_decay=0.999,
        jit_compile="auto",
    ):
        """Chooses how to train.

        Args:
            generator_optimizer, discriminator_optimizer: Keras optimizers, one each; by default
                Adam with learning rate 0.001 and β₁ = 0.5.
            loss: a name in `losses.LOSSES`, or a pair of functions ``(discriminator's loss,
                generator's loss)`` of ``(real_scores, fake_scores)``.
            penalties: weights of penalties on D's gradients, by name in `losses.PENALTIES`.
            simultaneous: whether G answers the same D that D's own update started from; else
                the two take turns, D first.
            ema_decay: share of the moving average that each step keeps, at most, 0 to 1; early
                steps keep less, (1 + steps) / (10 + steps). 0 follows the generator.
            jit_compile: whether XLA compiles the steps; "auto" chooses it for networks without
                convolutions, where it pays on a CPU.

        Raises:
            ValueError: an unknown name, a negative weight, or one optimizer for both networks.
        """
        generator_optimizer = _optimizer("generator_optimizer", generator_optimizer)
        discriminator_optimizer = _optimizer("discriminator_optimizer", discriminator_optimizer)
        if generator_optimizer is discriminator_optimizer:
            raise ValueError("generator_optimizer and discriminator_optimizer must be two objects")
        _check_penalties(penalties or {})
        if not 0 <= ema_decay <= 1:
            raise ValueError(f"ema_decay must lie in [0, 1]. Received: {ema_decay}")
        if jit_compile == "auto":
            jit_compile = not (
                _has_convolution(self.generator) or _has_convolution(self.discriminator)
            )
        self.discriminator_loss, self.generator_loss = _loss_pair(loss)

        super().compile(optimizer=None, loss=None, jit_compile=jit_compile)
        self.generator_optimizer = generator_optimizer
        self.discriminator_optimizer = discriminator_optimizer
        generator_optimizer.build(self.generator.trainable_variables)
        discriminator_optimizer.build(self.discriminator.trainable_variables)
        self._initial_optimizer_values = [
            variable.numpy() for variable in self._optimizer_variables()
        ]
        self.penalty_weights = {
            name: keras.Variable(weight, trainable=False, dtype="float32", name=name)
            for name, weight in (penalties or {}).items()
        }
        self.simultaneous = simultaneous
        self.ema_decay = ema_decay
        self._fused_steps = gradients.fused(self.train_step, LOGS, jit_compile)

    @property
    def steps(self):
        """Steps trained so far."""
        return int(self.generator_optimizer.iterations.numpy())

    # One step

    def train_step(self, real_images):
        """Updates both networks once; returns the scalars named in LOGS, means over the batch."""
        update_discriminator, logs = self._discriminator_update(real_images)
        if self.simultaneous:
            update_generator, loss = self._generator_update(real_images)
            update_discriminator()
        else:
            update_discriminator()
            update_generator, loss = self._generator_update(real_images)
        update_generator()
        self._update_ema()
        return logs | {"generator_loss": loss}

    def _discriminator_update(self, real_images):
        def loss():
            fake_images = self.generator(self._draw_latents(real_images), training=True)
            fake_scores = self.discriminator(fake_images, training=True)
            if "r1" in self.penalty_weights:
                real_scores, slopes = gradients.scores_and_image_gradients(
                    self.discriminator, real_images
                )
                penalty = self.penalty_weights["r1"] * losses.gradient_penalty(slopes)
            else:
                real_scores, penalty = self.discriminator(real_images, training=True), 0.0
            value = self.discriminator_loss(real_scores, fake_scores)
            return value + penalty, (value, real_scores, fake_scores)

        variables = self.discriminator.trainable_variables
        _, (value, real_scores, fake_scores), slopes = gradients.gradients_of(loss, variables)
        logs = {
            "discriminator_loss": value,
            "real_accuracy": ops.mean(ops.cast(real_scores > 0, "float32")),
            "fake_accuracy": ops.mean(ops.cast(fake_scores <= 0, "float32")),
        }
        return functools.partial(self.discriminator_optimizer.apply, slopes, variables), logs

    def _generator_update(self, real_images):
        def loss():
            fake_images = self.generator(self._draw_latents(real_images), training=True)
            fake_scores = self.discriminator(fake_images, training=True)
            real_scores = self.discriminator(real_images, training=True)  # pruned where unused
            return self.generator_loss(real_scores, fake_scores), None

        variables = self.generator.trainable_variables
        value, _, slopes = gradients.gradients_of(loss, variables)
        return functools.partial(self.generator_optimizer.apply, slopes, variables), value

    def _draw_latents(self, images):
        return keras.random.normal((images.shape[0], *self.latent_shape), seed=self.latent_seeds)

    def _update_ema(self):
        steps = ops.cast(self.generator_optimizer.iterations, "float32")
        change = 1 - ops.minimum(self.ema_decay, (1 + steps) / (10 + steps))
        pairs = zip(self.ema_generator.variables, self.generator.variables, strict=True)
        for average, variable in pairs:
            average.assign_add(change * (variable - average))

    # Many steps

    def fit(
        self,
        x,
        batch_size=64,
        epochs=1,
        steps_per_epoch=None,
        callbacks=None,
        verbose="auto",
        initial_epoch=0,
    ):
        """Trains; see `keras.Model.fit`.

        Args:
            x: images (n, height, width, channels) in [-1, 1], or points (n, features); or a
                `tf.data.Dataset` of batches of such, all of one size.
            batch_size: images in a batch; of a `tf.data.Dataset`, its own counts.
            epochs: how often callbacks and the history hear of an epoch's end.
            steps_per_epoch: by default as many as pass once over the images.

        Returns:
            Keras's `History`: each epoch's mean of the steps' scalars.

        Raises:
            TypeError, ValueError: the images or a size are not as above; before any step.
        """
        callbacks = list(callbacks or [])
        if gradients.is_stream(x):
            if steps_per_epoch is None:
                raise ValueError("steps_per_epoch is needed with a tf.data.Dataset")
        else:
            check_images(x, self.image_shape)
            check_count("batch_size", batch_size)
            if batch_size > len(x):
                raise ValueError(
                    f"batch_size must be at most the number of images, {len(x)}. "
                    f"Received: {batch_size}"
                )
            steps_per_epoch = len(x) // batch_size if steps_per_epoch is None else steps_per_epoch
        check_count("steps_per_epoch", steps_per_epoch)
        check_count("epochs", epochs)

        promised = [callback.every for callback in callbacks if hasattr(callback, "every")]
        self.steps_per_execution = math.gcd(steps_per_epoch, *promised)
        self.steps_per_execution = _largest_divisor(self.steps_per_execution, MAX_FUSED_STEPS)
        if gradients.is_stream(x):
            feed = gradients.stream(x, self.steps_per_execution)
            self.train_function = self._train_on_stream
        else:
            feed = gradients.clock()
            self.train_function = functools.partial(
                self._train_on_array, ops.convert_to_tensor(x, "float32"), batch_size
            )
        return super().fit(
            feed,
            shuffle=False,
            epochs=epochs,
            steps_per_epoch=steps_per_epoch,
            callbacks=callbacks,
            verbose=verbose,
            initial_epoch=initial_epoch,
        )

    def make_train_function(self, force=False):
        """Does nothing: `fit` has set `train_function`."""

    def _train_on_array(self, images, batch_size, ticks):
        next(ticks)
        indices = batch_indices(
            len(images), batch_size, self.steps, self.steps_per_execution, self.seed
        )
        return self._fused_steps(images, ops.convert_to_tensor(indices, "int32"))

    def _train_on_stream(self, chunks):
        images = next(chunks)  # (steps, batch, ...)
        num_steps, batch_size = images.shape[:2]
        indices = np.arange(num_steps * batch_size, dtype="int32").reshape(num_steps, batch_size)
        images = ops.reshape(images, (-1, *self.image_shape))
        return self._fused_steps(images, ops.convert_to_tensor(indices))

    # Before and after

    def reset(self, seed):
        """Starts over with new initial weights and draws, without compiling the graph again.

        Both networks, the average, the optimizers and the random state are as in a new GAN.
        """
        self.seed = seed
        with _python_seed(seed):  # initializers take their seeds from Python's generator
            for model in (self.generator, self.discriminator):
                model.set_weights(keras.models.clone_model(model).get_weights())
        self.ema_generator.set_weights(self.generator.get_weights())
        self.latent_seeds.state.assign(keras.random.SeedGenerator(seed).state)
        pairs = zip(self._optimizer_variables(), self._initial_optimizer_values, strict=True)
        for variable, value in pairs:
            variable.assign(value)

    def call(self, latents, training=False):
        """Images of latents, by the averaged generator."""
        return self.ema_generator(latents, training=training)

    def generate(self, count, seed=0):
        """New images of the averaged generator.

        Args:
            count: how many.
            seed: draws the latents.

        Returns:
            NumPy array (count, ...), float32.
        """
        check_count("count", count)
        latents = keras.random.normal((count, *self.latent_shape), seed=seed)
        blocks = [self(latents[i : i + 1024]) for i in range(0, count, 1024)]
        return np.concatenate([ops.convert_to_numpy(block) for block in blocks])

    def _optimizer_variables(self):
        return [*self.generator_optimizer.variables, *self.discriminator_optimizer.variables]


class Snapshots(keras.callbacks.Callback):
    """Keeps what a GAN makes of the same latents, and how D judges fixed points, along training.

    Args:
        every: steps between two snapshots; the first is taken before training.
        count: images in each snapshot.
        probe: images at which to keep D's scores, (n, ...), if any.
        seed: draws the latents.

    Attributes:
        steps: list of the steps at which snapshots were taken.
        images: list of arrays (count, ...), by the averaged generator.
        scores: list of arrays (n,), D's scores of `probe`.
        weights: list of ``(generator's, discriminator's)`` lists of weights.
    """

    def __init__(self, every, count=64, probe=None, seed=0):
        super().__init__()
        check_count("every", every)
        check_count("count", count)
        self.every, self.count, self.probe, self.seed = every, count, probe, seed
        self.steps, self.images, self.scores, self.weights = [], [], [], []

    def on_train_begin(self, logs=None):
        if not self.steps:
            self._take()

    def on_train_batch_end(self, batch, logs=None):
        if self.model.steps % self.every == 0:
            self._take()

    def _take(self):
        gan = self.model
        self.steps.append(gan.steps)
        self.images.append(gan.generate(self.count, self.seed))
        self.weights.append((gan.generator.get_weights(), gan.discriminator.get_weights()))
        if self.probe is not None:
            self.scores.append(ops.convert_to_numpy(gan.discriminator(self.probe))[:, 0])


def batch_indices(num_images, batch_size, first_step, num_steps, seed):
    """Which images each step sees: one pass after another, each in an order of its own.

    A pure function of the step, so that training can go on from any step.

    Returns:
        Indices, int32, shape (num_steps, batch_size).
    """
    positions = np.arange(num_steps * batch_size) + first_step * batch_size
    passes, places = np.divmod(positions, num_images)
    indices = np.empty(len(positions), "int32")
    for number in np.unique(passes):
        order = np.random.default_rng((seed, number)).permutation(num_images)
        indices[passes == number] = order[places[passes == number]]
    return indices.reshape(num_steps, batch_size)


def _check_networks(generator, discriminator):
    for what, network in (("generator", generator), ("discriminator", discriminator)):
        if not isinstance(network, keras.Model) or not network.built:
            raise ValueError(f"The {what} must be a built keras.Model. Received: {network!r}")
        if not network.trainable_variables:
            raise ValueError(
                f"The {what} has no trainable weights, so it could not move in training"
            )
    made, judged = generator.output_shape[1:], discriminator.input_shape[1:]
    if made != judged:
        raise ValueError(
            "The discriminator must take the images that the generator makes. "
            f"Received: images of shape {made}, and a discriminator of images of shape {judged}"
        )
    if discriminator.output_shape[1:] != (1,):
        raise ValueError(
            "The discriminator must give one score an image, shape (batch, 1). "
            f"Received: output of shape {discriminator.output_shape}"
        )


def _check_penalties(penalties):
    for name, weight in penalties.items():
        check_choice("penalty", name, losses.PENALTIES)
        if not 0 <= weight < math.inf:
            raise ValueError(f"The weight of {name} must be finite, 0 or more. Received: {weight}")


def _optimizer(what, optimizer):
    if optimizer is None:
        return keras.optimizers.Adam(learning_rate=0.001, beta_1=0.5)
    if not isinstance(optimizer, keras.optimizers.Optimizer):
        raise ValueError(f"{what} must be a keras.optimizers.Optimizer. Received: {optimizer!r}")
    if optimizer.built:
        raise ValueError(f"{what} already trains other weights; make a new one")
    return optimizer


def _loss_pair(loss):
    if isinstance(loss, str):
        check_choice("loss", loss, losses.LOSSES)
        return losses.LOSSES[loss]
    discriminator_loss, generator_loss = loss
    return discriminator_loss, generator_loss


def _has_convolution(model):
    return any("Conv" in type(layer).__name__ for layer in model.layers)


def _largest_divisor(number, limit):
    return max(divisor for divisor in range(1, limit + 1) if number % divisor == 0)


@contextlib.contextmanager
def _python_seed(seed):
    state = random.getstate()
    random.seed(seed)
    try:
        yield
    finally:
        random.setstate(state)
