"""What watches and steers a training: snapshots, checkpoints, the best generator, schedules, divergence."""

import operator
from pathlib import Path

from gannotes import files
from gannotes.checks import check_choice, check_count
import keras
from keras import ops
import numpy as np

STATES_APART = 500  # a copy of the state takes as long as up to 5 steps
BETTER = {"min": (operator.lt, np.inf), "max": (operator.gt, -np.inf)}  # and the worst value


class Diverged(RuntimeError):
    """A loss or a weight is no longer finite."""


class StopOnDivergence(keras.callbacks.Callback):
    """Stops training where a loss or a weight is no longer finite, and goes back to a good state.

    `fit` adds it to every training, before all others. The losses it sees after every call, the
    averaged generator's (or else all) weights after every epoch; all that training goes on from, weights and
    optimizers' averages, it copies where `STATES_APART` steps have passed, and at the end, and keeps
    the copy if every number of it is finite. So fewer than 600 steps are lost.
    """

    def on_train_begin(self, logs=None):
        self._kept = None
        self._keep()

    def on_train_batch_end(self, batch, logs=None):
        broken = [name for name, value in (logs or {}).items() if not np.isfinite(float(value))]
        if broken:
            self._go_back(broken)
        if self.model.steps >= self._kept_step + STATES_APART:
            self._keep()

    def on_epoch_end(self, epoch, logs=None):
        averaged = {name: average for average, name in self.model.averages}
        self._go_back_if_broken(averaged or self.model.networks)

    def on_train_end(self, logs=None):
        if self.model.steps > self._kept_step:
            self._keep()

    def _keep(self):
        state = [variable.numpy() for variable in self.model._state_variables()]
        if not all(np.isfinite(array).all() for array in state):
            self._go_back_if_broken(self.model.networks)
            self._go_back(["moving averages"])
        self._kept, self._kept_step = state, self.model.steps

    def _go_back_if_broken(self, networks):
        names = [name for name, network in networks.items() if not _are_finite(network.variables)]
        if names:
            self._go_back([f"{name}'s weights" for name in names])

    def _go_back(self, broken):
        what, step = ", ".join(broken), self.model.steps
        if self._kept is None:
            raise Diverged(f"{what} not finite before training. Start over with reset.")
        for variable, value in zip(self.model._state_variables(), self._kept, strict=True):
            variable.assign(value)
        raise Diverged(
            f"{what} not finite by step {step}. The model is back at step {self.model.steps}. Try lower "
            "learning rates, gradient clipping in the optimizers (clipnorm), or, of a GAN, a penalty "
            "on D's slope (r1)."
        )


class Snapshots(keras.callbacks.Callback):
    """Keeps what a GAN makes of the same latents, and how D judges fixed points, along training.

    Args:
        every: steps between two snapshots; the first is taken before training.
        count: images in each snapshot.
        probe: images at which to keep D's scores, (n, ...), if any.
        labels: classes of the images, (count,), of a conditional generator.
        seed: draws the latents.

    Attributes:
        steps: list of the steps at which snapshots were taken.
        images: list of arrays (count, ...), by the averaged generator.
        scores: list of arrays (n,), D's scores of `probe`.
        weights: list of ``(generator's, discriminator's)`` lists of weights.
    """

    def __init__(self, every, count=64, probe=None, labels=None, seed=0):
        super().__init__()
        check_count("every", every)
        check_count("count", count)
        self.every, self.count, self.probe = every, count, probe
        self.labels, self.seed = labels, seed
        self.steps, self.images, self.scores, self.weights = [], [], [], []

    def on_train_begin(self, logs=None):
        if self.probe is not None and len(self.model.discriminator.inputs) > 1:
            raise ValueError("probe is for discriminators that take images alone, without labels")
        if not self.steps:
            self._take()

    def on_train_batch_end(self, batch, logs=None):
        if self.model.steps % self.every == 0:
            self._take()

    def _take(self):
        gan = self.model
        self.steps.append(gan.steps)
        self.images.append(gan.generate(self.count, self.seed, self.labels))
        self.weights.append((gan.generator.get_weights(), gan.discriminator.get_weights()))
        if self.probe is not None:
            scores = keras.tree.flatten(gan.discriminator(self.probe))[0]
            self.scores.append(ops.convert_to_numpy(scores)[:, 0])


class TermSchedule(keras.callbacks.Callback):
    """Changes the weight of a GAN's term along training, as a schedule says.

    Args:
        name: of the term, as for `GAN.set_weight`; `compile` must be given it.
        schedule: function of the steps trained that gives the weight; those of
            `keras.optimizers.schedules` will do.
        every: steps from one change to the next; the first comes before training.
    """

    def __init__(self, name, schedule, every=100):
        super().__init__()
        if not callable(schedule):
            raise ValueError(f"schedule must be a function of the step. Received: {schedule!r}")
        check_count("every", every)
        self.name, self.schedule, self.every = name, schedule, every

    def on_train_begin(self, logs=None):
        self._set()

    def on_train_batch_end(self, batch, logs=None):
        if self.model.steps % self.every == 0:
            self._set()

    def _set(self):
        self.model.set_weight(self.name, float(self.schedule(self.model.steps)))


class Checkpoint(keras.callbacks.Callback):
    """Writes the training's whole state to one file, from which `resume` goes on bit for bit.

    A state that is not finite is not written.

    Args:
        path: an npz file; it is always whole, the older state until the newer one is written.
        every: steps between two states.
    """

    def __init__(self, path, every):
        super().__init__()
        check_count("every", every)
        self.path, self.every = Path(path), every

    def resume(self, gan):
        """Loads the state, if there is one; returns the steps trained so far."""
        files.remove_parts(self.path)
        if self.path.exists():
            gan.load_state(self.path)
        return gan.steps

    def write(self, gan):
        """Writes the state now, if it is finite."""
        if _are_finite(gan._state_variables()):
            gan.save_state(self.path)

    def on_train_batch_end(self, batch, logs=None):
        if self.model.steps % self.every == 0:
            self.write(self.model)


class Metric(keras.callbacks.Callback):
    """Measures what a GAN makes along training, and keeps the averaged generator that was best.

    ```python
    metric = Metric(distance, every=500, count=1000, name="distance")
    gan.fit(images, epochs=10, steps_per_epoch=500, callbacks=[metric])
    metric.restore_best()
    ```

    Each epoch's logs get the last value, for the history and for callbacks that come later.

    Args:
        function: of images (count, ...) by the averaged generator; gives a number.
        every: steps between two measurements; the first is made before training.
        count: images to measure, of the same latents each time.
        name: of the value in the logs.
        mode: "min" or "max", whichever is best.
        labels: classes of the images, (count,), of a conditional generator.
        seed: draws the latents.
        path: a ``.keras`` file for the best generator, if wanted; it is always whole.
        restore_best_weights: whether training ends with `restore_best`.

    Attributes:
        steps, values: lists, of all measurements.
        best_step, best_value, best_weights: of the best one; NaN, as of images that are not finite,
            never is.
    """

    def __init__(
        self,
        function,
        every,
        count=1000,
        name="metric",
        mode="min",
        labels=None,
        seed=0,
        path=None,
        restore_best_weights=False,
    ):
        super().__init__()
        check_count("every", every)
        check_count("count", count)
        check_choice("mode", mode, BETTER)
        self.function, self.every, self.count, self.name = function, every, count, name
        self.labels, self.seed = labels, seed
        self.path = None if path is None else Path(path)
        self.restore_best_weights = restore_best_weights
        self.steps, self.values = [], []
        self.best_step, self.best_weights = None, None
        self._is_better, self.best_value = BETTER[mode]

    def resume(self, gan):
        """Measures the generator in the file, if there is one; only a better one replaces it."""
        if self.path is not None and self.path.exists():
            weights = gan.ema_generator.get_weights()
            gan.ema_generator.load_weights(self.path)
            self.best_value, self.best_weights = self._value(gan), gan.ema_generator.get_weights()
            gan.ema_generator.set_weights(weights)

    def restore_best(self):
        """Gives the averaged generator the weights with which it was best."""
        if self.best_weights is not None:
            self.model.ema_generator.set_weights(self.best_weights)

    def on_train_begin(self, logs=None):
        if not self.steps:
            self._measure()

    def on_train_batch_end(self, batch, logs=None):
        if self.model.steps % self.every == 0:
            self._measure()

    def on_epoch_end(self, epoch, logs):
        logs[self.name] = self.values[-1]

    def on_train_end(self, logs=None):
        if self.restore_best_weights:
            self.restore_best()

    def _value(self, gan):
        images = gan.generate(self.count, self.seed, self.labels)
        return float(self.function(images)) if np.isfinite(images).all() else np.nan

    def _measure(self):
        value = self._value(self.model)
        self.steps.append(self.model.steps)
        self.values.append(value)
        if self._is_better(value, self.best_value):
            self.best_step, self.best_value = self.model.steps, value
            self.best_weights = self.model.ema_generator.get_weights()
            if self.path is not None:
                with files.atomic_path(self.path) as part:
                    self.model.ema_generator.save(part)


def _are_finite(variables):
    return all(np.isfinite(variable.numpy()).all() for variable in variables)
