"""Feed: which images, labels and random numbers each step sees; checked before the first step."""

from collections import deque
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
import functools
import itertools
import math

from gannotes.checks import check_count, check_images, check_kind, check_labels, check_range
from gannotes.datasets.folder import Folder
import keras
from keras import ops
import numpy as np

BATCH = 64  # images in a batch, where there are as many
MAX_STEPS = 100  # in one call
MAX_BYTES = 2**26  # that are brought to one call
MAX_WORK = 10**10  # multiply-adds, forward: under a second on two cores, so that bars move
READERS = 4  # batches of files that are read at once


@dataclass(frozen=True)
class Feed:
    """What a step takes."""

    image_shape: tuple  # of one real image
    num_classes: int | None  # of the labels that go with images; None where there are none
    batches: int  # of images, one behind the other, that a step takes
    draws: list  # of pairs (batches, shape): standard normal numbers that a step takes
    multiple: int  # what the size of a batch is a multiple of: packing · devices
    work: int = 0  # multiply-adds of all networks for one image, forward

    def source(self, x, y=None, batch_size=None):
        """Images and labels as `Trainer.fit` takes them, checked: an `Arrays` or a `Stream`."""
        return Stream(self, x, y) if is_stream(x) else Arrays(self, x, y, batch_size)

    def check_labels(self, labels, count):
        """Raises TypeError or ValueError unless there are labels where a step takes them."""
        if (self.num_classes is not None) != (labels is not None):
            raise ValueError(
                "Labels are needed where a network takes or gives classes, and only there. "
                f"Received: {'none' if labels is None else 'labels'}"
            )
        if labels is not None:
            check_labels(labels, count, self.num_classes)

    def most_steps(self, source):
        """How many steps may be brought to one call."""
        floats = source.floats_a_step + source.batch_size * sum(
            batches * math.prod(shape) for batches, shape in self.draws
        )
        work = source.batch_size * self.batches * self.work
        most = MAX_BYTES // max(1, 4 * floats), MAX_WORK // max(1, work)
        return max(1, min(MAX_STEPS, *most))

    def calls(self, source, first_step, num_steps, seed):
        """What one call after another takes, without end: draws, data, indices of each step's images."""
        steps = itertools.count(first_step, num_steps)
        for step, (data, indices) in zip(
            steps, source.data(first_step, num_steps, seed), strict=False
        ):
            data = [ops.convert_to_tensor(part) for part in data]
            draws = list(self.drawn(step, num_steps, source.batch_size, seed))
            yield draws, data, ops.convert_to_tensor(indices)

    def drawn(self, first_step, num_steps, batch_size, seed):
        """Every kind's numbers of many steps, (steps, batches · batch_size, ...) each."""
        for kind, (batches, shape) in enumerate(self.draws):
            updates = range(first_step * batches, (first_step + num_steps) * batches)
            numbers = [draw(seed, kind, update, (batch_size, *shape)) for update in updates]
            numbers = np.stack(numbers).reshape(num_steps, batches * batch_size, *shape)
            yield ops.convert_to_tensor(numbers)


class Arrays:
    """Images and labels in memory: a step is given the indices of its images."""

    floats_a_step = 0  # that are brought to a call, beside draws

    def __init__(self, feed, images, labels, batch_size):
        check_images(images, feed.image_shape)
        feed.check_labels(labels, len(images))
        if batch_size is None:
            batch_size = min(BATCH, len(images)) // feed.multiple * feed.multiple
        check_count("batch_size", batch_size)
        check_batch_fits(batch_size, len(images))
        if batch_size % feed.multiple:
            raise ValueError(
                f"batch_size must be a multiple of packing · devices = {feed.multiple}. "
                f"Received: {batch_size}"
            )
        self.images, self.labels = images, labels
        self.batch_size, self.size = batch_size, batch_size * feed.batches
        steps = max(1, len(images) // self.size)
        self.steps_an_epoch = steps // 100 * 100 if steps > 100 else steps  # round: few calls

    def data(self, first_step, num_steps, seed):
        """All images (and labels), each time; and indices (num_steps, size)."""
        data = [ops.convert_to_tensor(self.images, "float32")]
        if self.labels is not None:
            data.append(ops.convert_to_tensor(self.labels, "int32"))
        for step in itertools.count(first_step, num_steps):
            yield data, batch_indices(len(self.images), self.size, step, num_steps, seed)


class Stream:
    """Batches, brought when they are needed, so that memory holds a few of them."""

    steps_an_epoch = None  # nobody knows

    def __init__(self, feed, batches, labels=None):
        if labels is not None:
            raise ValueError("A stream holds its labels. Received: labels beside it")
        self._batches = batches
        stream = batches(0) if callable(batches) else batches
        if stream is batches and iter(stream) is stream:
            raise ValueError(
                "A stream must start anew each time that it is gone through. Received: an iterator"
            )
        images, *labels = next(repeated(stream))
        # tf.data without drop_remainder has batches of None images: refused now, not at the last one
        spec = keras.tree.flatten(getattr(stream, "element_spec", images))[0]
        multiple = feed.batches * feed.multiple
        if (
            images.dtype != "float32"
            or images.shape[1:] != feed.image_shape
            or spec.shape[0] is None
            or len(images) % multiple
            or len(labels) > 1
        ):
            raise ValueError(
                f"Batches must be float32 of shape (batch, {', '.join(map(str, feed.image_shape))}), "
                "all of one size (drop_remainder=True), a multiple of discriminator_steps · packing "
                f"· devices = {multiple}. Received: {images.dtype} of shape {spec.shape}"
            )
        check_images(images, feed.image_shape)
        check_range(images)
        feed.check_labels(labels[0] if labels else None, len(images))
        self.size, self.batch_size = len(images), len(images) // feed.batches
        self.floats_a_step = 4 * images.size  # four copies: batches, joined, a tensor, read ahead

    def data(self, first_step, num_steps, seed):
        """The images (and labels) of the next steps; and indices (num_steps, size)."""
        indices = np.arange(num_steps * self.size, dtype="int32").reshape(num_steps, self.size)
        if callable(self._batches):
            batches = repeated(self._batches(first_step))
        else:
            batches = itertools.islice(repeated(self._batches), first_step, None)
        for group in read_ahead(lambda _: list(itertools.islice(batches, num_steps))):
            if any(len(images) != self.size for images, *_ in group):
                raise ValueError("Batches must be all of one size (drop_remainder=True)")
            yield [np.concatenate(parts) for parts in zip(*group, strict=True)], indices


def stream_folder(folder, batch_size, seed=0, labelled=False):
    """What `GAN.fit` takes in place of a folder's images: the same batches, read when they are needed.

    It is a function of the number of batches that were seen before, and gives those that follow.

    Args:
        folder: a `datasets.folder.Folder`.
        batch_size: images in a batch; of several discriminator steps, all of their batches.
        seed: that of the GAN; then it sees the images in the same order as from memory.
        labelled: whether labels go with the images.

    Raises:
        ValueError: a file is no image; all of them are named, the first ten in full.
    """
    check_kind("folder", folder, Folder)
    count = len(folder.paths)
    check_batch_fits(batch_size, count)
    folder.check()  # now, and not in the middle of a training

    def read(step):
        (chosen,) = batch_indices(count, batch_size, step, 1, seed)
        images = folder.read([folder.paths[k] for k in chosen])
        return (images, folder.labels[chosen]) if labelled else (images,)

    return functools.partial(read_ahead, read, readers=READERS)


def check_batch_fits(batch_size, count):
    """Raises ValueError if there are fewer images than in a batch."""
    if batch_size > count:
        raise ValueError(
            f"batch_size must be at most the number of images, {count}. Received: {batch_size}"
        )


def is_stream(x):
    """Whether images come as batches: an iterable that is no array, or a function."""
    in_memory = isinstance(x, list | tuple | str) or hasattr(x, "shape")
    return callable(x) or (isinstance(x, Iterable) and not in_memory)


def repeated(stream):
    """A stream's batches, images and perhaps labels as NumPy arrays, again and again."""
    while True:
        batch = None
        for batch in stream:
            yield [np.asarray(part) for part in keras.tree.flatten(batch)]
        if batch is None:
            raise ValueError(
                "A stream must hold a batch at least, each time that it is gone through. "
                "Received: an empty one"
            )


def read_ahead(read, first=0, readers=1):
    """What ``read(first)``, ``read(first + 1)``, … give; so many are made while one is used."""
    with ThreadPoolExecutor(readers) as pool:
        coming = deque(pool.submit(read, first + n) for n in range(readers))
        for number in itertools.count(first + readers):
            coming.append(pool.submit(read, number))
            yield coming.popleft().result()  # keeps nothing of it


def batch_indices(num_images, batch_size, first_step, num_steps, seed):
    """Which images each step sees, int32 (num_steps, batch_size): passes, each in its own order.

    A pure function of the step, so that training can go on from any step.
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


def draw(seed, kind, update, shape):
    """The standard normal numbers of one update, float32: others for another seed, kind or update.

    `kind` is the place in a feed's `draws`; `update`, how many updates took this kind before.
    """
    numbers = np.empty(shape, "float32")
    key = np.random.SeedSequence(seed, spawn_key=(kind, update))
    np.random.default_rng(key).standard_normal(out=numbers, dtype="float32")
    return numbers


def pack(images, packing):
    """Puts images side by side in the channels: (n, ..., c) → (n / packing, ..., packing · c)."""
    rank = len(images.shape)
    groups = ops.reshape(images, (-1, packing, *images.shape[1:]))
    last = ops.transpose(groups, (0, *range(2, rank), 1, rank))  # (n / packing, ..., packing, c)
    return ops.reshape(last, (-1, *images.shape[1:-1], packing * images.shape[-1]))
