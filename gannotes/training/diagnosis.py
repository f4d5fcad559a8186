"""What is wrong with a training, in plain words."""

from gannotes.training.batches import pack
import keras
from keras import ops
import numpy as np


class Diagnosis(keras.callbacks.Callback):
    """Says in plain words what is wrong with a training, at every epoch's end.

    Not finite: some weights, fakes or scores; then it looks no further. D has won: it is right
    about more than 99 of 100 images, over the epoch. Modes collapsed: the fakes' spread is less
    than 0.3 times the real images'. A network does not move: over the epoch its weights changed by
    no more than a ten-millionth of their length.

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

    def on_train_begin(self, logs=None):
        if self.model.takes_labels != (self.labels is not None):
            raise ValueError("Diagnosis needs labels where the GAN takes them, and only there")

    def on_epoch_begin(self, epoch, logs=None):
        self._before = self._weights()

    def on_epoch_end(self, epoch, logs):
        weights = self._weights()
        fakes = self.model.generate(len(self.images), labels=self.labels)
        scores = _scores(self.model, self.images, self.labels)
        numbers = {f"the {name}'s weights": values for name, values in weights.items()}
        numbers |= {"the fakes": fakes, "D's scores": scores}
        broken = [what for what, values in numbers.items() if not np.isfinite(values).all()]
        if broken:
            found = [f"Not finite: {', '.join(broken)}. Start over with lower learning rates."]
        else:
            found = self._look(logs, fakes, weights)
        self.findings += [(self.model.steps, sentence) for sentence in found]

    def _look(self, logs, fakes, weights):
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
        networks = {name: getattr(self.model, name) for name in ("generator", "discriminator")}
        return {
            name: np.concatenate(
                [np.zeros(0), *(v.numpy().ravel() for v in network.trainable_variables)]
            )
            for name, network in networks.items()
        }


def _scores(gan, images, labels):
    """D's scores of images, packed as D takes them, without noise or augmentation."""
    whole = len(images) // gan.packing * gan.packing
    inputs = pack(images[:whole], gan.packing)
    if len(gan.discriminator.inputs) == 2:
        inputs = [inputs, ops.convert_to_tensor(labels)]
    return ops.convert_to_numpy(keras.tree.flatten(gan.discriminator(inputs))[0])


def _spread(images):
    """Root mean square distance from the mean image."""
    return float(np.sqrt(np.asarray(images, float).reshape(len(images), -1).var(axis=0).sum()))
