"""Data sets: `load(name)` gives images, labels and class names, and prints as a card.

Offline: ring, grid, digits, shapes, shapes16, squares16, twins, patches. Fetched once, then cached: mnist,
fashion_mnist, cifar10. And any folder of images.
"""

from dataclasses import dataclass
from functools import partial
import inspect
from pathlib import Path

from gannotes.checks import check_choice, check_count, check_weight
from gannotes.datasets import drawn, published
from gannotes.datasets.folder import Folder
import numpy as np


@dataclass(frozen=True)
class Dataset:
    """A data set, split into training and held-out parts.

    Images are float32, (n, height, width, channels) in [-1, 1]; those of a 2-D mixture are points
    (n, 2). Labels are int64, (n,).
    """

    name: str
    images: np.ndarray
    labels: np.ndarray
    held_out_images: np.ndarray
    held_out_labels: np.ndarray
    class_names: tuple
    source: str
    licence: str
    factors: dict | None = None  # that drew each picture; of twins, those of the left square
    held_out_factors: dict | None = None
    mixture: drawn.Mixture | None = None  # of ring and grid, with its exact density
    folder: Folder | None = None  # of one's own images: lists them all

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


def load(name, *, seed=0, **options):
    """Loads a `Dataset`.

    Args:
        name: one of `names()`, or the path of a folder of images (JPEG, PNG …; the names of its
            subfolders, if it has any, become the classes).
        seed: draws or splits what has no published split.
        **options: of the data set: ``std`` and ``count`` (ring, grid), ``count`` (shapes, twins),
            ``count`` and ``size`` in pixels (patches), ``size``, ``channels`` and ``most`` images of
            each part (folder).

    Raises:
        ConnectionError: the data set is not in the cache and cannot be fetched.
    """
    path = find_folder(name)
    if path is None:
        check_choice("data set, and no such folder", str(name), LOADERS)
    loader = LOADERS[str(name)] if path is None else partial(_load_folder, path)
    allowed = [option for option in inspect.signature(loader).parameters if option != "seed"]
    for option in options:
        check_choice(f"option of {name}", option, allowed)
    return Dataset(str(name) if path is None else f"{path.name}/", **loader(seed, **options))


def find_folder(name):
    """Path of a folder of images, or None if there is none, or a data set has this name."""
    path = Path(name).expanduser()
    return path if str(name) not in LOADERS and path.is_dir() else None


def names(offline=False):
    """Names that `load` knows, those that need no network first; `offline` gives these alone."""
    return tuple(name for name in LOADERS if not (offline and name in published.SHA256))


# Each loader gives the fields of a `Dataset`, apart from its name; what follows `seed` are its options


def _fields(train, held_out, class_names, source, licence="MIT", **others):
    """Fields of a `Dataset`; both parts are ``(images, labels)``."""
    names = ("images", "labels", "held_out_images", "held_out_labels")
    parts = dict(zip(names, (*train, *held_out), strict=True))
    return parts | {"class_names": class_names, "source": source, "licence": licence} | others


def _load_mixture(make, seed, count=100_000, std=None):
    check_count("count", count)
    if std is not None:
        check_weight("std", std)
    mixture = make() if std is None else make(std)
    rng = np.random.default_rng(seed)
    train, held_out = (mixture.sample(n, rng) for n in (count, max(2500, count // 10)))
    class_names = tuple(f"({x:.2g}, {y:.2g})" for x, y in mixture.centres.round(2) + 0.0)
    source = f"drawn by gannotes: {len(mixture.centres)} Gaussians, std {mixture.std}"
    return _fields(train, held_out, class_names, source, mixture=mixture)


def _load_digits(seed):
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    pixels, labels = load_digits(return_X_y=True)  # 0 to 16
    images = (pixels.reshape(-1, 8, 8, 1) / 8 - 1).astype("float32")
    parts = train_test_split(images, labels, test_size=500, stratify=labels, random_state=seed)
    train, held_out = parts[::2], parts[1::2]  # images and labels alternate between the two
    source = "scikit-learn's load_digits (Alpaydin, Kaynak 1998, UCI)"
    return _fields(train, held_out, tuple("0123456789"), source, "CC BY 4.0")


def _load_pictures(draw, class_names, seed, count=5000):
    check_count("count", count)
    rng = np.random.default_rng(seed)
    train, held_out = (draw(number, rng) for number in (count, max(1000, count // 5)))
    factors = {"factors": train[2], "held_out_factors": held_out[2]}
    source = "drawn by gannotes from known factors"
    return _fields(train[:2], held_out[:2], class_names, source, **factors)


def _load_patches(seed, count=20_000, size=16):
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
    return _fields(train, held_out, ("china", "flower"), source, "CC BY 2.0")


def _load_published(name, seed):
    """MNIST and the like, with their published split; `seed` plays no part."""
    arrays = published.load_arrays(name)

    def part(kind):
        pixels, labels = arrays[f"x_{kind}"], arrays[f"y_{kind}"]
        images = pixels.reshape(len(pixels), *pixels.shape[1:3], -1).astype("float32") / 127.5 - 1
        return images, labels.astype("int64")

    class_names = tuple(published.CLASS_NAMES[name].split())
    return _fields(part("train"), part("test"), class_names, *published.CARDS[name])


def _load_folder(path, seed, size=32, channels=3, most=None):
    folder = Folder(path, seed, size, channels)
    if most is not None:
        check_count("most", most)
    parts = (folder.paths, folder.labels), (folder.held_out_paths, folder.held_out_labels)
    train, held_out = ((folder.read(paths[:most]), labels[:most]) for paths, labels in parts)
    source = "your own folder"
    return _fields(train, held_out, folder.class_names, source, "your own", folder=folder)


LOADERS = {
    "ring": partial(_load_mixture, drawn.ring),
    "grid": partial(_load_mixture, drawn.grid),
    "digits": _load_digits,
    "shapes": partial(_load_pictures, partial(drawn.shapes, size=32), drawn.SHAPES),
    "shapes16": partial(_load_pictures, partial(drawn.shapes, size=16), drawn.SHAPES),
    "squares16": partial(_load_pictures, drawn.squares, drawn.COLOURS),
    "twins": partial(_load_pictures, drawn.twins, drawn.COLOURS),
    "patches": _load_patches,
    **{name: partial(_load_published, name) for name in published.SHA256},
}
