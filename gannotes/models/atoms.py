"""Dictionaries of atoms, sparse codes in them, and the Gabor functions nearest to them."""

from dataclasses import dataclass
import functools
import itertools
import math
import warnings

from gannotes.checks import check_count, check_images, check_weight
import numpy as np
from sklearn.decomposition import PCA, MiniBatchDictionaryLearning, sparse_encode
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import normalize


@dataclass(frozen=True)
class Atoms:
    """Images as sparse sums of atoms: x ≈ bias + Σ_i z_i · atom_i."""

    atoms: np.ndarray  # (number, height, width, channels), each of length 1
    bias: np.ndarray  # the image of the code 0

    def __post_init__(self):
        shapes = self.bias.shape, self.atoms.shape[1:]
        if shapes[0] != shapes[1]:
            raise ValueError(f"The bias must have the shape of an atom. Received: {shapes}")
        if not np.allclose(np.square(self._flat).sum(axis=1), 1, atol=1e-4):
            raise ValueError("Atoms must have length 1")

    @property
    def _flat(self):
        return self.atoms.reshape(len(self.atoms), -1).astype(float)

    def encode(self, images, active, visible=None):
        """Codes (n, atoms) by orthogonal matching pursuit (OMP), of at most `active` non-zeros.

        `visible`, of one image's shape, is False where a pixel is hidden, in all images; codes
        then fit the others alone.
        """
        check_images(images, self.bias.shape)
        check_count("active", active)
        seen = np.ones(self.bias.shape, bool) if visible is None else np.asarray(visible, bool)
        atoms = self._flat[:, seen.ravel()]
        lengths = np.maximum(np.linalg.norm(atoms, axis=1), 1e-6)  # of what is seen of each atom
        signals = (images - self.bias)[:, seen].astype(float)
        units, most = atoms / lengths[:, None], min(active, *atoms.shape)
        return sparse_encode(signals, units, algorithm="omp", n_nonzero_coefs=most) / lengths

    def decode(self, codes):
        """Images of codes, clipped to [-1, 1]."""
        signals = (codes @ self._flat).reshape(-1, *self.bias.shape) + self.bias
        return np.clip(signals, -1, 1).astype("float32")

    def error(self, images, active):
        """Mean squared error, a pixel, of what `active` non-zeros keep of the images."""
        return float(np.mean(np.square(self.decode(self.encode(images, active)) - images)))


def of_layer(layer):
    """The atoms of a `layers.Dictionary`, as it is now."""
    return Atoms(np.array(layer.atoms), np.array(layer.bias))


def of_conv_layer(layer, places):
    """The atoms of a built `layers.ConvDictionary`, at each of its maps' places (height, width).

    Those that an edge cuts have length 1 all the same.
    """
    number = math.prod(places) * layer.kernel.shape[-1]
    maps = np.eye(number, dtype="float32").reshape(number, *places, -1)
    bias = np.array(layer(np.zeros_like(maps[:1])))[0]
    atoms = np.array(layer(maps)) - bias
    return Atoms(normalize(atoms.reshape(number, -1)).reshape(atoms.shape), bias)


def learn(images, number, penalty, epochs=10, seed=0):
    """So many atoms by scikit-learn's mini-batch dictionary learning; `penalty` is its alpha.

    Reference: Mairal et al. 2009, algorithm 1.
    """
    check_images(images)
    mean = images.mean(axis=0, dtype=float)
    learner = MiniBatchDictionaryLearning(
        number, alpha=penalty, max_iter=epochs, batch_size=64, max_no_improvement=None,
        random_state=seed,
    )  # fmt: skip
    with warnings.catch_warnings():  # an atom that nothing uses, which it replaces
        warnings.simplefilter("ignore", ConvergenceWarning)
        learner.fit((images - mean).reshape(len(images), -1))
    return Atoms(normalize(learner.components_).reshape(-1, *mean.shape), mean)


def principal(images, number=None):
    """Principal components as atoms, the leading ones first; as many as there are by default."""
    check_images(images)
    pca = PCA(number).fit(images.reshape(len(images), -1).astype(float))
    shape = images.shape[1:]
    return Atoms(pca.components_.reshape(-1, *shape), pca.mean_.reshape(shape))


def leading(dictionary, images, active):
    """Mean squared error, a pixel, of what the first `active` atoms keep, if they are orthogonal."""
    first = Atoms(dictionary.atoms[:active], dictionary.bias)
    codes = (images - first.bias).reshape(len(images), -1) @ first._flat.T
    return float(np.mean(np.square(first.decode(codes) - images)))


# A Gabor function is a wave under a bell, the shape of edge detectors in eyes and networks:
# exp(-|p - c|² / 2σ²)·cos(2π f·(p - c) + φ), with p in pixels, (x to the right, y downwards)


def draw_gabor(side, frequency, orientation, phase, width, centre):
    """One Gabor function on a square of pixels, (side, side).

    The frequency |f| is in cycles a pixel, the orientation, across the stripes, and the phase φ in
    radians, 0 for upright stripes and even waves, width σ and centre c, ``(x, y)``, in pixels.
    """
    check_weight("frequency", frequency, maximum=0.5)
    y, x = np.mgrid[:side, :side] - np.array(centre[::-1])[:, None, None]
    along = np.cos(orientation) * x + np.sin(orientation) * y
    return np.exp(-(x**2 + y**2) / (2 * width**2)) * np.cos(2 * np.pi * frequency * along + phase)


def fit_gabor(pictures):
    """The Gabor function nearest to each picture (n, side, side), of a few thousand in a bank.

    Gives arrays (n,) by name: ``share`` of the picture's squared length that it holds, 0 to 1;
    ``frequency`` in cycles a pixel; ``orientation`` in radians, 0 to π; ``width`` in pixels.
    """
    pictures = np.asarray(pictures, float)
    if pictures.ndim != 3 or pictures.shape[1] != pictures.shape[2]:
        raise ValueError(f"Pictures must be (n, side, side). Received: {pictures.shape}")
    flat = pictures.reshape(len(pictures), -1)
    settings, planes = _bank(pictures.shape[1])  # (bank, 3), (bank, pixels, 2)
    held = np.square(np.einsum("np,bpk->nbk", flat, planes, optimize=True)).sum(axis=-1)
    best = held.argmax(axis=1)
    lengths = np.square(flat).sum(axis=1)
    share = held.max(axis=1) / np.where(lengths > 0, lengths, 1)
    names = ("frequency", "orientation", "width")
    return {"share": share, **dict(zip(names, settings[best].T, strict=True))}


@functools.cache
def _bank(side):
    """Settings, and for each an orthonormal basis of its Gabor functions of all phases."""
    places = np.linspace(side / 8 - 0.5, side * 7 / 8 - 0.5, 6)
    settings, planes = [], []
    for frequency, turn, width, x, y in itertools.product(
        np.linspace(1 / (2 * side), 0.5, 8, endpoint=False),
        np.pi * np.arange(16) / 16,
        side * np.array([0.12, 0.18, 0.26, 0.38]),
        places,
        places,
    ):
        pair = [draw_gabor(side, frequency, turn, phase, width, (x, y)) for phase in (0, np.pi / 2)]
        settings.append((frequency, turn, width))
        planes.append(np.reshape(pair, (2, -1)).T)
    return np.array(settings), np.linalg.qr(np.array(planes))[0]
