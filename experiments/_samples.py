"""What several experiments train on, and how: subsets, imbalanced classes, losses with weight decay."""

from gannotes.training import losses
from keras import ops
import numpy as np


def decayed(gan, power, weight):
    """The non-saturating losses, each with weight · Σ|w|^power / power over its network's kernels."""

    def added(network, loss):
        def total(real_scores, fake_scores):
            kernels = [w for w in network.trainable_variables if len(w.shape) > 1]
            sizes = sum(ops.sum(ops.abs(kernel) ** power) for kernel in kernels)
            return loss(real_scores, fake_scores) + weight * sizes / power

        return total

    d_loss, g_loss = losses.LOSSES["nonsaturating"]
    return added(gan.discriminator, d_loss), added(gan.generator, g_loss)


def subset(data, count, seed):
    """So many training images, drawn by the seed; and repeats of them, as many as all."""
    chosen = np.random.default_rng(seed).permutation(len(data.images))[:count]
    rows = np.resize(chosen, len(data.images))  # so that all counts share a compiled graph
    return data.images[chosen], data.images[rows]


def imbalanced(data, seed, ratio=0.7):
    """Training images whose classes fall off geometrically: their indices, an array a class.

    The commonest comes first; the order of the classes is drawn by the seed, and returned too.
    """
    rng = np.random.default_rng(seed)
    counts = np.bincount(data.labels).min() * ratio ** np.arange(len(data.class_names))
    order = rng.permutation(len(counts))
    chosen = [
        rng.choice(np.flatnonzero(data.labels == label), max(1, round(count)), replace=False)
        for label, count in zip(order, counts, strict=True)
    ]
    return chosen, order
