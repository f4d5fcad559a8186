"""Damage to real images by a known amount: a test of what metrics see.

Each function draws `count` images of a `Pool` and damages them by `strength`, from 0 (none) to 1.
"""

from dataclasses import dataclass

from gannotes.checks import check_count, check_enough, check_images, check_labels, check_weight
import numpy as np
from scipy.ndimage import gaussian_filter


@dataclass(frozen=True)
class Pool:
    """Real images to draw from."""

    images: np.ndarray  # (n, height, width, channels), values in [-1, 1]
    labels: np.ndarray  # the class of each, (n,): its mode
    train_images: np.ndarray  # of the training set, which a generator might copy

    def __post_init__(self):
        check_images(self.images)
        check_images(self.train_images, self.images.shape[1:])
        check_labels(self.labels, len(self.images))


def noise(pool, count, strength, rng):
    """Gaussian noise on each value, of standard deviation ½·strength; cut to [-1, 1]."""
    images = _draw(pool, count, strength, rng)
    noisy = images + strength / 2 * rng.standard_normal(images.shape, "float32")
    return np.clip(noisy, -1, 1, dtype="float32")


def blur(pool, count, strength, rng):
    """A Gaussian blur, of standard deviation strength · width / 8."""
    images = _draw(pool, count, strength, rng)
    return gaussian_filter(images, strength * images.shape[2] / 8, axes=(1, 2))


def colour_shift(pool, count, strength, rng):
    """Red up and blue down by ½·strength, of grey images all up; cut to [-1, 1]."""
    images = _draw(pool, count, strength, rng)
    shift = np.linspace(1, -1, images.shape[3])  # of grey images 1
    return np.clip(images + strength / 2 * shift, -1, 1).astype("float32")


def lost_modes(pool, count, strength, rng):
    """A share ⅔·strength of the classes is lost, drawn at random; the others keep their shares."""
    classes = rng.permutation(np.unique(pool.labels))
    lost = classes[: round(len(classes) * strength * 2 / 3)]
    return _draw(pool, count, strength, rng, weights=~np.isin(pool.labels, lost))


def imbalance(pool, count, strength, rng):
    """Shares of the classes, in random order, fall off: the last is exp(-3·strength) of the first.

    So it is for a pool with equal shares, and many more images than are drawn.
    """
    classes = rng.permutation(np.unique(pool.labels))
    rank = np.empty(classes.max() + 1)
    rank[classes] = np.linspace(0, 1, len(classes))
    return _draw(pool, count, strength, rng, weights=np.exp(-3 * strength * rank[pool.labels]))


def copies(pool, count, strength, rng):
    """A share `strength` of the images are copies from the training set, the others are new."""
    copied = round(count * strength)
    train = rng.choice(pool.train_images, copied, replace=copied > len(pool.train_images))
    return np.concatenate([train, _draw(pool, count, strength, rng)[copied:]])


DAMAGES = {
    function.__name__.replace("_", " "): function
    for function in (noise, blur, colour_shift, lost_modes, imbalance, copies)
}


def _draw(pool, count, strength, rng, weights=None):
    """Images drawn without repetition, with chances in proportion to `weights`."""
    check_count("count", count)
    check_weight("strength", strength, maximum=1)
    weights = np.ones(len(pool.images)) if weights is None else weights.astype(float)
    check_enough(count, f"Drawing {count} different images", pool.images[weights > 0])
    drawn = rng.choice(len(weights), count, replace=False, p=weights / weights.sum())
    return pool.images[drawn]
