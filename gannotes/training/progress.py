"""What shows a training while it goes on: a bar with the time left, TensorBoard."""

import os

from gannotes.training import gradients
import keras
from tqdm.auto import tqdm


def bar(description, total, done=0, unit="step"):
    """A progress bar, with the time left, that goes once they are done; none where TQDM_DISABLE is set."""
    hide = "TQDM_DISABLE" in os.environ  # tqdm heeds it in a terminal, but not in a notebook
    return tqdm(
        desc=description, total=total, initial=done, unit=f" {unit}s", leave=False, disable=hide
    )


class Progress(keras.callbacks.Callback):
    """Shows steps, losses and time left; for ``fit(..., verbose=0)``.

    Args:
        shared: a `bar` of several trainings, whoever made it closes it; by default each training
            has one of its own.
    """

    def __init__(self, shared=None):
        super().__init__()
        self._shared = shared

    def on_train_begin(self, logs=None):
        self._bar = None

    def on_epoch_begin(self, epoch, logs=None):
        if self._bar is None:  # only now is it known with which epoch fit begins
            self._seen = self.model.steps
            left = (self.params["epochs"] - epoch) * self.params["steps"]
            self._bar = self._shared
            if self._bar is None:
                self._bar = bar("training", self._seen + left, done=self._seen)

    def on_train_batch_end(self, batch, logs):
        losses = [f"{name.replace('_', ' ')} {x:.3f}" for name, x in logs.items() if "loss" in name]
        self._bar.set_postfix_str(", ".join(losses), refresh=False)
        self._bar.update(self.model.steps - self._seen)
        self._seen = self.model.steps

    def on_train_end(self, logs=None):
        if self._shared is None and self._bar is not None:
            self._bar.close()


class TensorBoard(keras.callbacks.Callback):
    """Logs each epoch's scalars, and pictures, for TensorBoard to show at the GAN's steps.

    ```python
    TensorBoard("runs/digits/log", {"samples": lambda gan: plotting.image_grid(gan.generate(64))})
    ```

    ``pip install tensorboard`` and ``tensorboard --logdir runs`` show it; writing needs neither,
    as `keras.callbacks.TensorBoard` would. The values of a `callbacks.Metric` that stands before
    it are logged too.

    Args:
        folder: where the log's files lie; each object writes one more.
        pictures: ``{name: function of the GAN that gives an array (height, width, 3), uint8}``.
    """

    def __init__(self, folder, pictures=None):
        super().__init__()
        self.folder, self.pictures = folder, pictures or {}
        self._write = None

    def on_epoch_end(self, epoch, logs):
        if self._write is None:
            self._write = gradients.event_log(self.folder)
        pictures = {name: draw(self.model) for name, draw in self.pictures.items()}
        self._write(self.model.steps, logs, pictures)
