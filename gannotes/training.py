"""The GAN as a `keras.Model`: trained by `fit`, many steps in one call of a compiled graph."""

import contextlib
import functools
import math
import random

from gannotes import files, gradients
from gannotes.batches import batch_indices
from gannotes.callbacks import Diverged, StopOnDivergence
from gannotes.checks import (
    check_choice,
    check_count,
    check_flag,
    check_function,
    check_images,
    check_labels,
    check_weight,
)
from gannotes.options import (
    as_loss_pair,
    as_optimizer,
    check_networks,
    check_penalties,
    count_classes,
    has_convolution,
)
from gannotes.step import Step
import keras
from keras import ops
import numpy as np

MAX_FUSED_STEPS, MAX_CALL_BYTES = 100, 2**26  # in one call; of a stream's images
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

    With labels the generator takes ``[latents, labels]``; the discriminator takes ``[images,
    labels]``, or gives ``[scores, class logits]``, as an auxiliary classifier does. Fakes get the
    labels of the batch's real images.

    Args:
        generator: Keras model, latents (batch, ...) → images (batch, ...).
        discriminator: Keras model, images (batch, ...) → scores (batch, 1), before any sigmoid.
        packing: images of one kind that the discriminator sees at once, side by side in the
            channels, as in PacGAN; it then takes (batch / packing, ..., packing · channels).
        seed: draws latents, batches and, after `reset`, initial weights.

    Attributes:
        ema_generator: the generator with the moving average of its weights; `generate` uses it.

    Raises:
        ValueError: the networks do not fit together, or one of them has no trainable weights.

    Reference: Goodfellow et al. 2014; Lin et al. 2018 (packing).
    """

    def __init__(self, generator, discriminator, packing=1, seed=0, name="gan"):
        super().__init__(name=name)
        check_count("packing", packing)
        check_count("seed", seed, minimum=0)
        check_networks(generator, discriminator, packing)
        self.generator = generator
        self.discriminator = discriminator
        self.ema_generator = keras.models.clone_model(generator)
        self.ema_generator.set_weights(generator.get_weights())
        self.ema_generator.trainable = False
        self.latent_shape = tuple(generator.inputs[0].shape[1:])
        self.image_shape = tuple(generator.outputs[0].shape[1:])
        self.conditional = len(generator.inputs) == 2
        self.takes_labels = (
            self.conditional or len(discriminator.inputs) == 2 or len(discriminator.outputs) == 2
        )
        self.num_classes = count_classes(generator, discriminator) if self.takes_labels else None
        self.packing = packing
        self.seed = seed
        self.latent_seeds = keras.random.SeedGenerator(seed)
        self.built = True

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
    ):
        """Chooses how to train.

        Args:
            generator_optimizer, discriminator_optimizer: Keras optimizers, one each; by default
                Adam with learning rate 0.001 and β₁ = 0.5.
            loss: a name in `losses.LOSSES`, or a pair of functions ``(discriminator's loss,
                generator's loss)`` of ``(real_scores, fake_scores)``.
            penalties: weights of penalties on D's gradients, by name in `losses.PENALTIES`.
            penalty_every: updates of D from one penalty to the next; its weight is multiplied by
                them (lazy regularization).
            discriminator_steps: updates of D, each on a batch of its own, for one of G.
            simultaneous: whether G answers the same D that D's own update started from; else
                the two take turns, D first.
            instance_noise: standard deviation of Gaussian noise on all that D sees.
            augment: function of ``(images, seed)`` that gives images, the same for all that D
                sees, and differentiable; of `gannotes.augmentation`, or one's own. Each of several
                devices draws the same changes for its part.
            feature_loss: function of ``(real_features, fake_features)``, lists of arrays, that is
                added to G's loss; each of several devices sees its part of the batch.
            feature_layers: names of D's layers that give these features.
            feature_weight: weight of `feature_loss`.
            class_weight: weight of an auxiliary classifier's cross-entropy, for both networks.
            ema_decay: share of the moving average that each step keeps, at most, 0 to 1; early
                steps keep less, (1 + steps) / (10 + steps). 0 follows the generator.
            jit_compile: whether XLA compiles the steps; "auto" chooses it for networks without
                convolutions, where it pays on a CPU.

        Raises:
            ValueError: an unknown name, a weight out of range, or options that exclude each other.

        Reference: Karras et al. 2020 (lazy regularization); Sønderby et al. 2017 (instance noise);
            Zhao et al. 2020 (augmentation); Salimans et al. 2016 (feature matching); Odena et al.
            2017 (auxiliary classifier).
        """
        with self.distribute_strategy.scope():
            generator_optimizer = as_optimizer("generator_optimizer", generator_optimizer)
            discriminator_optimizer = as_optimizer(
                "discriminator_optimizer", discriminator_optimizer
            )
        if generator_optimizer is discriminator_optimizer:
            raise ValueError("generator_optimizer and discriminator_optimizer must be two objects")
        loss_pair = as_loss_pair(loss)
        penalties = check_penalties(penalties, self.discriminator)
        weights = {
            **penalties,
            "instance_noise": check_weight("instance_noise", instance_noise),
            "feature_weight": check_weight("feature_weight", feature_weight),
            "class_weight": check_weight("class_weight", class_weight),
            "ema_decay": check_weight("ema_decay", ema_decay, maximum=1),
        }
        check_flag("simultaneous", simultaneous)
        check_flag("jit_compile", jit_compile, "auto")
        check_function("augment", augment)
        check_function("feature_loss", feature_loss)
        check_count("penalty_every", penalty_every)
        if penalty_every > 1 and not penalties:
            raise ValueError(
                f"penalty_every is for penalties, and there are none. Received: {penalty_every}"
            )
        check_count("discriminator_steps", discriminator_steps)
        if simultaneous and discriminator_steps > 1:
            raise ValueError(
                "simultaneous updates have one step of D for one of G. "
                f"Received: discriminator_steps={discriminator_steps}"
            )
        if (feature_loss is None) != (len(feature_layers) == 0):
            raise ValueError(
                "feature_loss and feature_layers go together. "
                f"Received: {feature_loss!r} and {feature_layers!r}"
            )
        known = [layer.name for layer in self.discriminator.layers]
        for name in feature_layers:
            check_choice("layer of the discriminator", name, known)
        several_devices = self.distribute_strategy.num_replicas_in_sync > 1
        if several_devices:
            made = [self.generator.variables[0], self.discriminator.variables[0]]
            made += [generator_optimizer.iterations, discriminator_optimizer.iterations]
            if not gradients.are_on_all_devices(made, self.distribute_strategy):
                raise ValueError(
                    "Several devices: make networks, optimizers and GAN within strategy.scope()"
                )
            for optimizer in (generator_optimizer, discriminator_optimizer):
                if optimizer.clipnorm or optimizer.clipvalue or optimizer.global_clipnorm:
                    raise ValueError(
                        "Several devices: no clipping in the optimizers, which would clip each "
                        "device's share of the gradient by itself"
                    )
        if jit_compile == "auto":
            convolves = any(map(has_convolution, (self.generator, self.discriminator)))
            jit_compile = not convolves and not several_devices
        elif jit_compile and several_devices:
            raise ValueError("XLA and several devices do not go together here: jit_compile=False")

        with self.distribute_strategy.scope():
            self._weights_of_terms = {
                name: keras.Variable(float(weight), trainable=False, name=name)
                for name, weight in weights.items()
            }
            super().compile(optimizer=None, loss=None, jit_compile=jit_compile)
            self.generator_optimizer = generator_optimizer
            self.discriminator_optimizer = discriminator_optimizer
            generator_optimizer.build(self.generator.trainable_variables)
            discriminator_optimizer.build(self.discriminator.trainable_variables)
        self._initial_optimizer_values = [v.numpy() for v in self._optimizer_variables()]
        self.discriminator_steps = discriminator_steps
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
            seeds=self.latent_seeds,
        )
        self._fused_steps = gradients.fused(
            step, LOGS, discriminator_steps, jit_compile, self.distribute_strategy
        )
        self._half_steps = {
            "discriminator": gradients.compiled(step.update_discriminator, jit_compile),
            "generator": gradients.compiled(step.update_generator, jit_compile),
        }

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

    @property
    def steps(self):
        """Steps trained so far."""
        return int(self.generator_optimizer.iterations.numpy())

    # Many steps

    def fit(
        self,
        x,
        y=None,
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
                `tf.data.Dataset` of batches of such, or of pairs with labels, all of one size:
                `discriminator_steps` times the batch. It is repeated, and, where the GAN has
                trained before, gone through up to where that ended.
            y: classes of the images, whole numbers (n,), where a network takes labels.
            batch_size: images in a batch; of a `tf.data.Dataset`, its own counts.
            epochs: how often callbacks and the history hear of an epoch's end.
            steps_per_epoch: by default about as many as pass once over the images. Steps are
                compiled into calls of at most 100, which end where an epoch ends and a callback has
                a promise to keep: round numbers are fast.

        Returns:
            Keras's `History`: each epoch's mean of the steps' scalars.

        Raises:
            TypeError, ValueError: the images, labels or a size are not as above; before any step.
            callbacks.Diverged: a loss or a weight is no longer finite; the GAN is back in a good
                state, fewer than 600 steps before.
        """
        if not self.compiled:
            raise RuntimeError("Call compile before fit")
        streamed = gradients.is_stream(x)
        if streamed:
            if steps_per_epoch is None or y is not None:
                raise ValueError("A tf.data.Dataset needs steps_per_epoch, and holds its labels")
            most = self._check_stream(x)
        else:
            self.check_data(x, y, batch_size)
            most = MAX_FUSED_STEPS
            if steps_per_epoch is None:
                steps_per_epoch = _round_down(len(x) // batch_size)
        check_count("steps_per_epoch", steps_per_epoch)
        check_count("epochs", epochs)
        check_count("initial_epoch", initial_epoch, minimum=0)
        if isinstance(callbacks, keras.callbacks.Callback):
            callbacks = [callbacks]

        callbacks = [StopOnDivergence(), *(callbacks or [])]
        promised = [callback.every for callback in callbacks if hasattr(callback, "every")]
        common = math.gcd(steps_per_epoch, self.steps if promised else 0, *promised)
        self.steps_per_execution = _largest_divisor(common, most)
        if streamed:
            chunks = iter(gradients.stream(x, self.steps_per_execution, skip=self.steps))
            train = functools.partial(self._train_on_stream, chunks)
        else:
            data = [ops.convert_to_tensor(x, "float32")]
            if y is not None:
                data.append(ops.convert_to_tensor(y, "int32"))
            train = functools.partial(self._train_on_arrays, data, batch_size)
        self.train_function = functools.partial(self._train_and_remember, train)
        try:
            return super().fit(
                gradients.clock(self.distribute_strategy),
                shuffle=False,
                epochs=epochs,
                steps_per_epoch=steps_per_epoch,
                callbacks=callbacks,
                verbose=verbose,
                initial_epoch=initial_epoch,
            )
        except Diverged:
            for callback in callbacks[1:]:  # bars and files are closed
                callback.on_train_end()
            raise
        finally:
            self.train_function = None  # it holds the data

    def make_train_function(self, force=False):
        """Does nothing: `fit` has set `train_function`."""

    def check_data(self, images, labels, batch_size):
        """Raises TypeError or ValueError unless `fit` can train with these."""
        check_images(images, self.image_shape)
        self._check_labels_are_asked_for(labels is not None)
        if labels is not None:
            check_labels(labels, len(images), self.num_classes)
        check_count("batch_size", batch_size)
        if batch_size > len(images):
            raise ValueError(
                f"batch_size must be at most the number of images, {len(images)}. "
                f"Received: {batch_size}"
            )
        devices = self.distribute_strategy.num_replicas_in_sync
        if batch_size % (self.packing * devices):
            raise ValueError(
                f"batch_size must be a multiple of packing · devices = {self.packing} · {devices}. "
                f"Received: {batch_size}"
            )

    def _check_stream(self, batches):
        """Checks the kind of batches and the first one; returns how many a call may hold."""
        (shape, dtype), *labels = gradients.stream_parts(batches)
        devices = self.distribute_strategy.num_replicas_in_sync
        multiple = self.discriminator_steps * self.packing * devices
        if (
            dtype != "float32"
            or shape is None
            or shape[1:] != self.image_shape
            or not shape[0]
            or shape[0] % multiple
            or len(labels) > 1
        ):
            raise ValueError(
                f"Batches must be float32 of shape (batch, {', '.join(map(str, self.image_shape))}), "
                "all of one size (drop_remainder=True), a multiple of discriminator_steps · packing "
                f"· devices = {multiple}. Received: {dtype} of shape {shape}"
            )
        self._check_labels_are_asked_for(len(labels) > 0)
        images, *labels = gradients.first_batch(batches)
        check_images(images, self.image_shape)
        if labels:
            check_labels(labels[0], len(images), self.num_classes)
        return max(1, min(MAX_FUSED_STEPS, MAX_CALL_BYTES // images.nbytes))

    def _check_labels_are_asked_for(self, given):
        if self.takes_labels != given:
            raise ValueError(
                "Labels are needed where a network takes or gives classes, and only there. "
                f"Received: {'labels' if given else 'none'}"
            )

    def _train_and_remember(self, train, ticks):
        next(ticks)
        logs = train()
        self._logs_of_epoch.append(logs)
        return logs

    def reset_metrics(self):
        """Starts a new epoch's means."""
        self._logs_of_epoch = []

    def get_metrics_result(self):
        """The epoch's mean of each of the steps' scalars."""
        means = {name: [logs[name] for logs in self._logs_of_epoch] for name in LOGS}
        return {name: float(np.mean(values)) for name, values in means.items()}

    def _train_on_arrays(self, data, batch_size):
        indices = batch_indices(
            len(data[0]),
            batch_size * self.discriminator_steps,
            self.steps,
            self.steps_per_execution,
            self.seed,
        )
        return self._fused_steps(data, ops.convert_to_tensor(indices))

    def _train_on_stream(self, chunks):
        data = keras.tree.flatten(next(chunks))  # images (steps, batch, ...), perhaps labels
        num_steps, batch_size = data[0].shape[:2]
        indices = np.arange(num_steps * batch_size, dtype="int32").reshape(num_steps, batch_size)
        data = [ops.reshape(part, (-1, *part.shape[2:])) for part in data]
        return self._fused_steps(data, ops.convert_to_tensor(indices))

    # Half a step

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
        if self.distribute_strategy.num_replicas_in_sync > 1:
            raise ValueError("half_step is for one device")
        self.check_data(images, labels, len(images))
        batch = [ops.convert_to_tensor(images, "float32")]
        if labels is not None:
            batch.append(ops.convert_to_tensor(labels, "int32"))
        return {name: float(value) for name, value in self._half_steps[player](*batch).items()}

    # Before and after

    def reset(self, seed):
        """Starts over with new initial weights and draws, without compiling the graph again.

        Both networks, the average, the optimizers and the random state are as in a new GAN; learning
        rates and the weights of terms stay as they were set.
        """
        if not self.compiled:
            raise RuntimeError("Call compile before reset")
        check_count("seed", seed, minimum=0)
        self.seed = seed
        with _python_seed(seed):  # initializers take their seeds from Python's generator
            for model in (self.generator, self.discriminator):
                _assign(model.variables, keras.models.clone_model(model).variables)
        _assign(self.ema_generator.variables, self.generator.variables)
        _assign([self.latent_seeds.state], [keras.random.SeedGenerator(seed).state])
        for variable, value in zip(
            self._optimizer_variables(), self._initial_optimizer_values, strict=True
        ):
            if variable.name != "learning_rate":
                variable.assign(value)

    def save_state(self, path):
        """Writes all that training goes on from, to an npz file, whole or not at all.

        Both networks, the average, both optimizers, the random state and the seed; the position
        in the data follows from the steps. What was resumed then equals what was never interrupted,
        bit for bit where XLA compiles the steps; else TensorFlow's threads may round a sum
        differently from one run to the next.
        """
        state = {f"{i:04d}": v.numpy() for i, v in enumerate(self._state_variables())}
        files.save_arrays(path, seed=np.array(self.seed), **state)

    def load_state(self, path):
        """Goes back to a state written by `save_state`, of a GAN made and compiled alike.

        Raises:
            ValueError: the file is damaged, or of another GAN; nothing is changed then.
        """
        variables = self._state_variables()
        state = files.read_arrays(path)
        seed = state.pop("seed", None)
        shapes = {name: tuple(array.shape) for name, array in state.items()}
        expected = {f"{i:04d}": tuple(v.shape) for i, v in enumerate(variables)}
        if seed is None or shapes != expected:
            raise ValueError(
                f"{path} is not a state of this GAN: it must hold a seed and {len(expected)} arrays "
                f"of its variables' shapes. Received: {len(shapes)} arrays"
            )
        self.seed = int(seed)
        _assign(variables, [state[name] for name in expected])

    def call(self, latents, training=False):
        """Images of latents, or of ``[latents, labels]``, by the averaged generator."""
        return self.ema_generator(latents, training=training)

    def generate(self, count, seed=0, labels=None):
        """New images of the averaged generator.

        Args:
            count: how many.
            seed: draws the latents.
            labels: classes of the images, (count,), where the generator takes labels.

        Returns:
            NumPy array (count, ...), float32.

        Raises:
            ValueError: labels are missing, not asked for, or not `count` many.
        """
        check_count("count", count)
        if self.conditional != (labels is not None):
            takes = "takes labels" if self.conditional else "takes no labels"
            raise ValueError(f"This generator {takes}. Received: labels={labels!r}")
        if labels is not None:
            labels = np.asarray(labels)
            check_labels(labels, count, self.num_classes)
        latents = keras.random.normal((count, *self.latent_shape), seed=seed)
        made = []
        for block in (slice(i, i + 1024) for i in range(0, count, 1024)):
            part = latents[block]
            made.append(self([part, labels[block]] if self.conditional else part))
        return np.concatenate([ops.convert_to_numpy(ops.cast(x, "float32")) for x in made])

    def _optimizer_variables(self):
        return [*self.generator_optimizer.variables, *self.discriminator_optimizer.variables]

    def _state_variables(self):
        return [
            *self.generator.variables,
            *self.discriminator.variables,
            *self.ema_generator.variables,
            *self._optimizer_variables(),
            self.latent_seeds.state,
        ]


def _assign(variables, values):
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def _round_down(steps):
    """A number of steps that calls of many steps divide."""
    return steps // 100 * 100 if steps > 100 else max(steps, 1)


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
