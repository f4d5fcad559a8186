"""Which images a step sees, and how they are packed."""

import functools

from keras import ops
import numpy as np


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
