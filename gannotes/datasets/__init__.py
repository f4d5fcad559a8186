"""Data sets: `load(name)` gives images, labels, class names and a card.

Offline: ring, grid, digits, shapes, shapes16, squares16, twins, patches. Fetched once, then cached: mnist,
fashion_mnist, cifar10. And any folder of images.
"""

from dataclasses import dataclass
from pathlib import Path

from gannotes.checks import check_choice, check_count
from gannotes.datasets import mixtures, published, shapes
from gannotes.datasets.folders import Folder
import numpy as np


@dataclass(frozen=True)
class Dataset:
    """A data set, split into training and held-out parts.

    Attributes:
        images, held_out_images: float32. Images have shape (n, height, width, channels) and
            values in [-1, 1]; the 2-D mixtures have points of shape (n, 2).
        labels, held_out_labels: class of each image, int64, shape (n,).
        class_names: name of each class.
        source, licence: where it is from, and under which terms.
        factors, held_out_factors: of ``shapes``: the factors that drew each picture; of ``twins``
            those of the left square.
        mixture: of ``ring`` and ``grid``: the `mixtures.Mixture` with its exact density.
    """

    name: str
    images: np.ndarray
    labels: np.ndarray
    held_out_images: np.ndarray
    held_out_labels: np.ndarray
    class_names: tuple
    source: str
    licence: str
    factors: dict | None = None
    held_out_factors: dict | None = None
    mixture: mixtures.Mixture | None = None

    @property
    def shape(self):
        """Shape of one image."""
        return self.images.shape[1:]

    @property
    def card(self):
        """What it is, how much, from where, under which licence; one line each."""
        kind = "points in the plane" if self.mixture else "images " + "×".join(map(str, self.shape))
        return (
            f"{self.name}: {len(self.images):,} training and {len(self.held_out_images):,} "
            f"held-out {kind}, {len(self.class_names)} classes\n"
            f"source: {self.source}\nlicence: {self.licence}"
        )

    def __repr__(self):
        return self.card


def load(name, *, seed=0, **options):
    """Loads a data set.

    Args:
        name: one of `names()`, or the path of a folder of images (JPEG, PNG …; the names of its
            subfolders, if it has any, become the classes).
        seed: draws or splits what has no published split.
        **options: of the data set: ``std`` and ``count`` (ring, grid), ``count`` (shapes, twins),
            ``count`` and ``size`` in pixels (patches), ``size``, ``channels`` and ``most`` images of
            each part (folder).

    Returns:
        A `Dataset`.

    Raises:
        ValueError: unknown name, damaged cache file, empty folder, broken image, wrong option.
        ConnectionError: the data set is not in the cache and cannot be fetched.
    """
    if str(name) not in LOADERS and Path(name).expanduser().is_dir():
        return _load_folder(Path(name).expanduser(), seed, **options)
    check_choice("data set, and no folder of that name", str(name), LOADERS)
    return LOADERS[name](name, seed, **options)


def names():
    """Names that `load` knows, those that need no network first."""
    return tuple(LOADERS)


def offline_names():
    """Names that need no network."""
    return tuple(name for name in LOADERS if name not in published.SHA256)


def _load_mixture(name, seed, count=100_000, std=None):
    check_count("count", count)
    make = {"ring": mixtures.ring, "grid": mixtures.grid}[name]
    mixture = make() if std is None else make(std)
    rng = np.random.default_rng(seed)
    images, labels = mixture.sample(count, rng)
    held_out_images, held_out_labels = mixture.sample(max(2500, count // 10), rng)
    return Dataset(
        name, images, labels, held_out_images, held_out_labels,
        class_names=tuple(f"({x:.2g}, {y:.2g})" for x, y in mixture.centres.round(2) + 0.0),
        source=f"drawn by gannotes: {len(mixture.centres)} Gaussians, std {mixture.std}",
        licence="MIT", mixture=mixture,
    )  # fmt: skip


def _load_digits(name, seed):
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    pixels, labels = load_digits(return_X_y=True)  # 0 to 16
    images = (pixels.reshape(-1, 8, 8, 1) / 8 - 1).astype("float32")
    images, held_out_images, labels, held_out_labels = train_test_split(
        images, labels, test_size=500, stratify=labels, random_state=seed
    )
    return Dataset(
        name, images, labels, held_out_images, held_out_labels,
        class_names=tuple("0123456789"),
        source="scikit-learn's load_digits (Alpaydin, Kaynak 1998, UCI)", licence="CC BY 4.0",
    )  # fmt: skip


def _load_shapes(name, seed, count=5000):
    """Shapes by their shape; plain squares by their colour."""
    check_count("count", count)
    size = 32 if name == "shapes" else 16
    rng = np.random.default_rng(seed)
    train, held_out = (shapes.sample_factors(n, rng) for n in (count, max(1000, count // 5)))
    class_names = shapes.SHAPES
    labels, held_out_labels = train["shape"], held_out["shape"]
    if name == "squares16":
        for factors in (train, held_out):
            factors["shape"] = np.full_like(factors["shape"], shapes.SHAPES.index("square"))
            factors["texture"] = np.full_like(factors["texture"], shapes.TEXTURES.index("plain"))
        class_names = shapes.COLOURS
        labels, held_out_labels = (shapes.kinds(f) % len(class_names) for f in (train, held_out))
    return Dataset(
        name, shapes.draw(train, size), labels, shapes.draw(held_out, size), held_out_labels,
        class_names=class_names, source="drawn by gannotes from known factors", licence="MIT",
        factors=train, held_out_factors=held_out,
    )  # fmt: skip


def _load_twins(name, seed, count=5000):
    """Two plain squares of one hue at both ends of a strip, the rest of their factors independent."""
    check_count("count", count)
    rng = np.random.default_rng(seed)

    def draw(count):
        left, right = (shapes.sample_factors(count, rng) for _ in range(2))
        for factors in (left, right):
            factors["shape"] = np.full(count, shapes.SHAPES.index("square"))
            factors["texture"] = np.full(count, shapes.TEXTURES.index("plain"))
            factors["x"] = np.zeros(count)  # so that they stay far apart
        right["hue"] = left["hue"]
        colours = shapes.kinds(left) % len(shapes.COLOURS)
        return shapes.draw_pair(left, right), colours, left

    images, labels, factors = draw(count)
    held_out_images, held_out_labels, held_out_factors = draw(max(1000, count // 5))
    return Dataset(
        name, images, labels, held_out_images, held_out_labels,
        class_names=shapes.COLOURS, source="drawn by gannotes from known factors", licence="MIT",
        factors=factors, held_out_factors=held_out_factors,
    )  # fmt: skip


def _load_patches(name, seed, count=20_000, size=16):
    """Grey patches; the held-out ones come from the right quarter of each photograph."""
    from sklearn.datasets import load_sample_images

    check_count("count", count)
    check_count("size", size, minimum=2)
    photographs = [
        photo @ [0.299, 0.587, 0.114] / 127.5 - 1 for photo in load_sample_images().images
    ]
    height, width = photographs[0].shape
    if size > width // 4:
        raise ValueError(f"size must be at most {width // 4} pixels. Received: {size}")
    rng = np.random.default_rng(seed)

    def crop(count, left, right):
        labels = rng.integers(len(photographs), size=count)
        tops = rng.integers(height - size + 1, size=count)
        lefts = rng.integers(left, right - size + 1, size=count)
        patches = [
            photographs[k][t : t + size, s : s + size]
            for k, t, s in zip(labels, tops, lefts, strict=True)
        ]
        return np.stack(patches)[..., None].astype("float32"), labels

    border = width * 3 // 4
    images, labels = crop(count, 0, border)
    held_out_images, held_out_labels = crop(max(1000, count // 5), border, width)
    return Dataset(
        name, images, labels, held_out_images, held_out_labels,
        class_names=("china", "flower"),
        source="scikit-learn's load_sample_images: China by Tore Rasmussen, flower by dany13",
        licence="CC BY 2.0",
    )  # fmt: skip


def _load_published(name, seed):
    """MNIST and the like, with their published split; `seed` plays no part."""
    arrays = published.load_arrays(name)

    def as_images(pixels):
        return pixels.reshape(len(pixels), *pixels.shape[1:3], -1).astype("float32") / 127.5 - 1

    source, licence = published.CARDS[name]
    return Dataset(
        name, as_images(arrays["x_train"]), arrays["y_train"].astype("int64"),
        as_images(arrays["x_test"]), arrays["y_test"].astype("int64"),
        class_names=tuple(published.CLASS_NAMES[name].split()), source=source, licence=licence,
    )  # fmt: skip


def _load_folder(path, seed, most=None, **options):
    folder = Folder(path, seed, **options)
    return Dataset(
        folder.name, folder.read(folder.paths[:most]), folder.labels[:most],
        folder.read(folder.held_out_paths[:most]), folder.held_out_labels[:most],
        class_names=folder.class_names, source="your own folder", licence="your own",
    )  # fmt: skip


LOADERS = {
    "ring": _load_mixture,
    "grid": _load_mixture,
    "digits": _load_digits,
    "shapes": _load_shapes,
    "shapes16": _load_shapes,
    "squares16": _load_shapes,
    "twins": _load_twins,
    "patches": _load_patches,
    "mnist": _load_published,
    "fashion_mnist": _load_published,
    "cifar10": _load_published,
}
