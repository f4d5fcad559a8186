"""Callbacks: divergence, snapshots, states, measurements, diagnosis, progress."""

from collections.abc import Callable
import os
from pathlib import Path
import warnings

from gannotes import files
from gannotes.checks import check_count, check_images, check_kind
from gannotes.training.feed import pack
import keras
from keras import ops
import numpy as np
from tqdm.auto import tqdm

STATES_APART = 500  # a copy of the state takes as long as up to 5 steps


class Diverged(RuntimeError):
    """A loss or a weight is no longer finite."""


class StopOnDivergence(keras.callbacks.Callback):
    """Stops training where a loss or a weight is no longer finite, and goes back to a good state.

    It checks losses after every call of the graph, the averaged (or else all) weights after every
    epoch, and keeps a copy of the whole state every `STATES_APART` steps: fewer than 600 are lost.
    """

    def on_train_begin(self, logs=None):
        self._kept = None
        self._keep()

    def on_train_batch_end(self, batch, logs):
        broken = [name for name, value in logs.items() if not np.isfinite(float(value))]
        if broken:
            self._go_back(broken)
        if self.model.steps >= self._kept_step + STATES_APART:
            self._keep()

    def on_epoch_end(self, epoch, logs=None):
        self._check(self.model.averages or self.model.networks)

    def on_train_end(self, logs=None):
        if self.model.steps > self._kept_step:
            self._keep()

    def _keep(self):
        state = [variable.numpy() for variable in self.model.state_variables]
        if not all(np.isfinite(array).all() for array in state):
            self._check(self.model.networks)
            self._go_back(["moving averages"])
        self._kept, self._kept_step = state, self.model.steps

    def _check(self, networks):
        names = [name for name, network in networks.items() if not _are_finite(network.variables)]
        if names:
            self._go_back([f"{name}'s weights" for name in names])

    def _go_back(self, broken):
        what, step = ", ".join(broken), self.model.steps
        if self._kept is None:
            raise Diverged(f"{what} not finite before training. Start over with reset.")
        for variable, value in zip(self.model.state_variables, self._kept, strict=True):
            variable.assign(value)
        raise Diverged(
            f"{what} not finite by step {step}. The model is back at step {self.model.steps}. Try lower "
            "learning rates, gradient clipping in the optimizers (clipnorm), or, of a GAN, a penalty "
            "on D's slope (r1)."
        )


class Snapshots(keras.callbacks.Callback):
    """Keeps what a GAN makes of the same latents, and D's scores of fixed points, along training.

    Its lists have an entry for each snapshot, every so many steps, the first before training:
    `steps`; `images` (count, ...) of the averaged generator, with `labels` (count,) if it takes
    them; `scores` (n,) of the images `probe` (n, ...), if any; `weights`, G's and D's.
    """

    def __init__(self, every, count=64, probe=None, labels=None, seed=0):
        super().__init__()
        check_count("every", every)
        check_count("count", count)
        self.every, self.count = every, count
        self.probe, self.labels, self.seed = probe, labels, seed
        self.steps, self.images, self.scores, self.weights = [], [], [], []

    def on_train_begin(self, logs=None):
        if self.probe is not None:
            if len(self.model.discriminator.inputs) > 1:
                raise ValueError("probe is for discriminators that take images alone, not labels")
            check_images(self.probe, self.model.discriminator.inputs[0].shape[1:])
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
            self.scores.append(_scores(gan.discriminator, self.probe))


class Checkpoint(keras.callbacks.Callback):
    """Writes all that training goes on from, if finite, to an npz file every so many steps."""

    def __init__(self, path, every):
        super().__init__()
        check_count("every", every)
        self.path, self.every = Path(path), every

    def resume(self, gan):
        """Loads the state, if there is one; returns the steps trained so far."""
        check_kind("gan", gan, keras.Model)
        files.remove_parts(self.path)
        if self.path.exists():
            gan.load_state(self.path)
        return gan.steps

    def write(self, gan):
        """Writes the state now."""
        if _are_finite(gan.state_variables):
            gan.save_state(self.path)

    def on_train_batch_end(self, batch, logs=None):
        if self.model.steps % self.every == 0:
            self.write(self.model)


class Measure(keras.callbacks.Callback):
    """Measures the averaged generator at every epoch's end, and adds the number to the logs.

    So the history has it, and so do later callbacks, as Keras's `EarlyStopping`, or

    ```python
    keras.callbacks.ModelCheckpoint("best.keras", "distance", save_best_only=True, mode="min")
    ```

    Args:
        function: of images (count, ...), of the same latents each time; gives a number. Images that
            are not finite give NaN; if the first may, `ModelCheckpoint` needs the worst value,
            ``initial_value_threshold=np.inf``.
        labels: classes of the images, (count,), of a conditional generator.
    """

    def __init__(self, name, function, count=1000, labels=None, seed=0):
        super().__init__()
        check_count("count", count)
        check_kind("function", function, Callable)
        self.name, self.function = name, function
        self.count, self.labels, self.seed = count, labels, seed

    def on_epoch_end(self, epoch, logs):
        images = self.model.generate(self.count, self.seed, self.labels)
        logs[self.name] = float(self.function(images)) if np.isfinite(images).all() else np.nan


class Diagnosis(keras.callbacks.Callback):
    """Says in plain words what is wrong with a training, at every epoch's end.

    `findings` are pairs ``(step, sentence)``. Not finite: some weights, fakes or scores; then it
    looks no further. D has won: it is right about more than 99 of 100 images. Modes collapsed: the
    fakes' spread is less than 0.3 times that of the real `images` (n, ...), with `labels` (n,) if
    the GAN takes them. A network does not move: its weights changed by no more than a ten-millionth
    of their length.
    """

    def __init__(self, images, labels=None):
        super().__init__()
        self.images, self.labels = images, labels
        self.findings = []

    def on_train_begin(self, logs=None):
        if self.model.takes_labels != (self.labels is not None):
            raise ValueError("Diagnosis needs labels where the GAN takes them, and only there")
        check_images(self.images, self.model.image_shape)

    def on_epoch_begin(self, epoch, logs=None):
        self._before = self._weights()

    def on_epoch_end(self, epoch, logs):
        gan, weights = self.model, self._weights()
        fakes = gan.generate(len(self.images), labels=self.labels)
        whole = len(self.images) // gan.packing * gan.packing
        scores = _scores(gan.discriminator, pack(self.images[:whole], gan.packing), self.labels)
        numbers = {f"the {name}'s weights": values for name, values in weights.items()}
        numbers |= {"the fakes": fakes, "D's scores": scores}
        broken = [what for what, values in numbers.items() if not np.isfinite(values).all()]
        if broken:
            found = [f"Not finite: {', '.join(broken)}. Start over with lower learning rates."]
        else:
            found = self._sentences(logs, fakes, weights)
        self.findings += [(gan.steps, sentence) for sentence in found]

    def _sentences(self, logs, fakes, weights):
        if min(logs["real_accuracy"], logs["fake_accuracy"]) > 0.99:
            yield "D has won: G hears little. Penalize D's slope (r1), or slow D down."
        fake_spread, real_spread = _spread(fakes), _spread(self.images)
        if fake_spread < 0.3 * real_spread:
            ratio = fake_spread / real_spread
            yield f"Modes collapsed: the fakes spread {ratio:.2f} times as far as the real."
        for name, after in weights.items():
            before = self._before[name]
            if np.linalg.norm(after - before) <= 1e-7 * np.linalg.norm(before):
                yield f"The {name} does not move: is its learning rate 0, or is it frozen?"

    def _weights(self):
        """Each network's trainable weights in a row, float64; none of one frozen by now."""
        weights = {}
        for name, network in self.model.networks.items():
            rows = [variable.numpy().ravel() for variable in network.trainable_variables]
            weights[name] = np.concatenate([np.zeros(0), *rows])
        return weights


def progress_bar(description, total, done=0, unit="step"):
    """A tqdm bar with the time left, which goes at the end; none where TQDM_DISABLE is set."""
    hide = "TQDM_DISABLE" in os.environ  # tqdm heeds it in a terminal, but not in a notebook
    return tqdm(
        desc=description, total=total, initial=done, unit=f" {unit}s", leave=False, disable=hide
    )


def _scores(discriminator, images, labels=None):
    """D's scores (n,), without noise or augmentation; labels go where D takes them."""
    takes_labels = len(discriminator.inputs) == 2
    inputs = [images, ops.convert_to_tensor(labels)] if takes_labels else images
    return ops.convert_to_numpy(keras.tree.flatten(discriminator(inputs))[0])[:, 0]


def _spread(images):
    """Root mean square distance from the mean image."""
    return float(np.sqrt(np.asarray(images, float).reshape(len(images), -1).var(axis=0).sum()))


def _are_finite(variables):
    return all(np.isfinite(variable.numpy()).all() for variable in variables)


def check_callbacks(callbacks):
    """Raises ValueError if one cannot work here; warns if it would hear only of some batches."""
    single = keras.callbacks.ReduceLROnPlateau | keras.callbacks.LearningRateScheduler
    for callback in callbacks:
        check_kind("A callback", callback, keras.callbacks.Callback)
        if isinstance(callback, single):
            raise ValueError(
                f"{type(callback).__name__} changes the rate of model.optimizer, and a game has two. "
                "Let rates fall by compile(steps=…), or set them in a LambdaCallback by "
                "model.set(generator_rate=…, discriminator_rate=…)"
            )
        watches = isinstance(callback, keras.callbacks.EarlyStopping)
        watches = watches or getattr(callback, "save_best_only", False)
        if watches and callback.mode == "auto":
            raise ValueError(
                f"{type(callback).__name__} needs mode='min' or mode='max': Keras does not know which way "
                f"{callback.monitor} is good. Received: mode='auto'"
            )
        batches = [f"on{x}_batch_{y}" for x in ("", "_train") for y in ("begin", "end")]
        own = not type(callback).__module__.startswith(("keras.", "gannotes."))
        own = own or isinstance(callback, keras.callbacks.LambdaCallback)
        given = [getattr(getattr(callback, x), "__func__", None) for x in batches]
        hears = given != [getattr(keras.callbacks.Callback, x) for x in batches]
        if own and hears and not hasattr(callback, "every"):
            warnings.warn(
                f"{type(callback).__name__} hears only of the last of up to 100 steps. Give it an "
                "attribute every, the number of steps between two that it must hear of",
                stacklevel=3,
            )
