"""What watches a training: snapshots, checkpoints, divergence."""

from pathlib import Path

from gannotes.checks import check_count
import keras
from keras import ops
import numpy as np


class Diverged(RuntimeError):
    """A loss is no longer finite."""


class StopOnDivergence(keras.callbacks.Callback):
    """Stops training where a loss is no longer finite, and goes back to the last good state.

    `GAN.fit` adds it to every training.
    """

    def on_train_begin(self, logs=None):
        self._keep()

    def on_train_batch_end(self, batch, logs=None):
        broken = [name for name, value in (logs or {}).items() if not np.isfinite(float(value))]
        if not broken:
            self._keep()
            return
        step = self.model.steps
        for variable, value in zip(self.model._state_variables(), self._kept, strict=True):
            variable.assign(value)
        raise Diverged(
            f"{', '.join(broken)} not finite within {self.model.steps_per_execution} steps before "
            f"step {step}. The GAN is back at step {self.model.steps}. Try lower learning rates, a "
            "penalty on D's slope (r1), or gradient clipping in the optimizers (clipnorm)."
        )

    def _keep(self):
        self._kept = [variable.numpy() for variable in self.model._state_variables()]


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
            self.scores.append(ops.convert_to_numpy(gan.discriminator(self.probe))[:, 0])


class Checkpoint(keras.callbacks.Callback):
    """Writes the training's whole state to one file, from which `resume` goes on bit for bit.

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
        if self.path.exists():
            gan.load_state(self.path)
        return gan.steps

    def on_train_batch_end(self, batch, logs=None):
        if self.model.steps % self.every == 0:
            self.model.save_state(self.path)


class Diagnosis(keras.callbacks.Callback):
    """Says in plain words what is wrong with a training, at every epoch's end.

    D has won: it is right about more than 99 of 100 images, over the epoch. Modes collapsed: the
    fakes' spread is less than 0.3 times the real images'. A network does not move: over the epoch
    its weights changed by less than a ten-millionth of their length.

    Args:
        images: real ones to compare with, (n, ...).
        labels: classes of these, (n,), of a conditional generator.

    Attributes:
        findings: list of ``(step, sentence)``; empty if nothing was found.
    """

    def __init__(self, images, labels=None):
        super().__init__()
        self.images, self.labels = images, labels
        self.findings = []

    def on_epoch_begin(self, epoch, logs=None):
        self._before = self._weights()

    def on_epoch_end(self, epoch, logs):
        found = []
        if min(logs["real_accuracy"], logs["fake_accuracy"]) > 0.99:
            found.append("D has won: G hears little. Penalize D's slope (r1), or slow D down.")
        fakes = self.model.generate(len(self.images), labels=self.labels)
        ratio = _spread(fakes) / _spread(self.images)
        if ratio < 0.3:
            found.append(f"Modes collapsed: the fakes spread {ratio:.2f} times as far as the real.")
        for name, after in self._weights().items():
            before = self._before[name]
            if np.linalg.norm(after - before) < 1e-7 * np.linalg.norm(before):
                found.append(f"The {name} does not move: is its learning rate 0, or it frozen?")
        self.findings += [(self.model.steps, sentence) for sentence in found]

    def _weights(self):
        networks = {name: getattr(self.model, name) for name in ("generator", "discriminator")}
        return {
            name: np.concatenate([v.numpy().ravel() for v in network.trainable_variables])
            for name, network in networks.items()
        }


def _spread(images):
    """Root mean square distance from the mean image."""
    return float(np.sqrt(np.asarray(images).reshape(len(images), -1).var(axis=0).sum()))
