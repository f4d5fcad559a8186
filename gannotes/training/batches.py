"""What each step sees: which images and which random numbers, checked, and cut into calls."""

from dataclasses import dataclass
import functools
import itertools
import math

from gannotes.checks import check_count, check_images, check_labels
from gannotes.training import gradients
import keras
from keras import ops
import numpy as np

# In one call; bytes of what is brought to it; multiply-adds of its forward passes, under a second's
# work on two cores, so that bars move and an interrupt is heard
MAX_STEPS, MAX_BYTES, MAX_WORK = 100, 2**26, 10**10


@dataclass(frozen=True)
class Feed:
    """What a step takes, and in what portions training brings it.

    Attributes:
        image_shape: of one real image.
        num_classes: of the labels that go with images; None where there are none.
        batches: of images, one behind the other, that a step takes.
        draws: list of ``(batches, shape)`` of the standard normal numbers that a step takes.
        multiple: what the size of a batch is a multiple of, packing · devices.
        work: multiply-adds of all networks for one image, forward.
    """

    image_shape: tuple
    num_classes: int | None
    batches: int
    draws: list
    multiple: int
    work: int = 0

    def check_arrays(self, images, labels, batch_size):
        """Raises TypeError or ValueError unless these are as the steps need them."""
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
        if batch_size % self.multiple:
            raise ValueError(
                f"batch_size must be a multiple of packing · devices = {self.multiple}. "
                f"Received: {batch_size}"
            )

    def check_stream(self, stream):
        """Checks the kind of a stream's batches, and the first one.

        Args:
            stream: as `fit` takes it.

        Returns:
            Images in one batch of the stream: in all batches of a step.
        """
        stream = stream(0) if callable(stream) else stream
        (shape, dtype), *labels = gradients.stream_parts(stream)
        multiple = self.batches * self.multiple
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
        images, *labels = gradients.first_batch(stream)
        check_images(images, self.image_shape)
        if labels:
            check_labels(labels[0], len(images), self.num_classes)
        return shape[0]

    def _check_labels_are_asked_for(self, given):
        if (self.num_classes is not None) != given:
            raise ValueError(
                "Labels are needed where a network takes or gives classes, and only there. "
                f"Received: {'labels' if given else 'none'}"
            )

    def most_steps(self, batch_size, streamed=False):
        """How many steps may be brought to one call."""
        floats = batch_size * sum(batches * math.prod(shape) for batches, shape in self.draws)
        if streamed:
            floats += batch_size * self.batches * math.prod(self.image_shape)
        work = batch_size * self.batches * self.work
        most = MAX_BYTES // max(1, 4 * floats), MAX_WORK // max(1, work)
        return max(1, min(MAX_STEPS, *most))

    def calls_on_arrays(self, images, labels, batch_size, first_step, num_steps, seed):
        """What one call after another takes: draws, data, indices of each step's images."""
        data = [ops.convert_to_tensor(images, "float32")]
        if labels is not None:
            data.append(ops.convert_to_tensor(labels, "int32"))
        for step in itertools.count(first_step, num_steps):
            size = batch_size * self.batches
            indices = batch_indices(len(images), size, step, num_steps, seed)
            draws = self._drawn(step, num_steps, batch_size, seed)
            yield draws, data, ops.convert_to_tensor(indices)

    def calls_on_stream(self, stream, first_step, num_steps, seed):
        """The same, of a `tf.data.Dataset` of batches, all behind those that were seen before."""
        rest, skip = (stream(first_step), 0) if callable(stream) else (stream, first_step)
        chunks = iter(gradients.stream(rest, num_steps, skip))
        for step, chunk in zip(itertools.count(first_step, num_steps), chunks, strict=False):
            data = keras.tree.flatten(chunk)  # images (steps, batch, ...), perhaps labels
            size = data[0].shape[1]
            indices = np.arange(num_steps * size, dtype="int32").reshape(num_steps, size)
            data = [ops.reshape(part, (-1, *part.shape[2:])) for part in data]
            draws = self._drawn(step, num_steps, size // self.batches, seed)
            yield draws, data, ops.convert_to_tensor(indices)

    def draw(self, kind, update, batch_size, seed):
        """The standard normal numbers of one update, (batch_size, ...).

        Args:
            kind: which of `draws`.
            update: how many updates came before that took this kind.
            seed: of the training; another seed, kind or update has other numbers.
        """
        numbers = np.empty((batch_size, *self.draws[kind][1]), "float32")
        key = np.random.SeedSequence(seed, spawn_key=(kind, update))
        np.random.default_rng(key).standard_normal(out=numbers, dtype="float32")
        return numbers

    def _drawn(self, first_step, num_steps, batch_size, seed):
        """Every kind's numbers of many steps, (steps, batches · batch_size, ...) each."""
        drawn = []
        for kind, (batches, shape) in enumerate(self.draws):
            updates = range(first_step * batches, (first_step + num_steps) * batches)
            numbers = np.stack([self.draw(kind, update, batch_size, seed) for update in updates])
            numbers = numbers.reshape(num_steps, batches * batch_size, *shape)
            drawn.append(ops.convert_to_tensor(numbers))
        return drawn


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
        order = _order(num_images, seed, int(number))
        indices[passes == number] = order[places[passes == number]]
    return indices.reshape(num_steps, batch_size)


@functools.lru_cache(maxsize=2)
def _order(num_images, seed, number):
    return np.random.default_rng((seed, number)).permutation(num_images)


def pack(images, packing):
    """Puts images side by side in the channels: (n, ..., c) → (n / packing, ..., packing · c)."""
    rank = len(images.shape)
    groups = ops.reshape(images, (-1, packing, *images.shape[1:]))
    last = ops.transpose(groups, (0, *range(2, rank), 1, rank))  # (n / packing, ..., packing, c)
    return ops.reshape(last, (-1, *images.shape[1:-1], packing * images.shape[-1]))
