"""Dictionaries of atoms, whoever learned them, and sparse codes in them by one and the same method."""

from dataclasses import dataclass
import math
import warnings

from gannotes.checks import check_count, check_images
import numpy as np
from sklearn.decomposition import PCA, MiniBatchDictionaryLearning, sparse_encode
from sklearn.exceptions import ConvergenceWarning


@dataclass(frozen=True)
class Atoms:
    """Images as sparse sums of atoms: x ≈ bias + Σ_i z_i · atom_i.

    Attributes:
        atoms: (number, height, width, channels), each of length 1.
        bias: the image of the code 0.
    """

    atoms: np.ndarray
    bias: np.ndarray

    def __post_init__(self):
        if self.atoms.shape[1:] != self.bias.shape:
            raise ValueError(
                "The bias must have the shape of an atom. "
                f"Received: {self.bias.shape} and {self.atoms.shape[1:]}"
            )
        if not np.allclose(np.square(self._flat).sum(axis=1), 1, atol=1e-4):
            raise ValueError("Atoms must have length 1")

    @property
    def _flat(self):
        return self.atoms.reshape(len(self.atoms), -1).astype(float)

    def encode(self, images, active, visible=None):
        """Codes by orthogonal matching pursuit (OMP), of at most `active` non-zeros.

        Args:
            images: (n, height, width, channels) in [-1, 1].
            active: non-zeros of each code.
            visible: of one image's shape: False where a pixel is hidden, in all images. Codes then
                fit the others alone.

        Returns:
            (n, atoms).
        """
        check_images(images, self.bias.shape)
        check_count("active", active)
        seen = np.ones(self.bias.shape, bool) if visible is None else np.asarray(visible, bool)
        atoms = self._flat[:, seen.ravel()]
        lengths = np.maximum(np.linalg.norm(atoms, axis=1), 1e-6)  # of what is seen of each atom
        signals = (images - self.bias)[:, seen].astype(float)
        most = min(active, *atoms.shape)
        codes = sparse_encode(
            signals, atoms / lengths[:, None], algorithm="omp", n_nonzero_coefs=most
        )
        return codes / lengths

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
    """The atoms of a `layers.ConvDictionary`, each at every place that it can take.

    Those that an edge cuts have length 1 all the same.

    Args:
        layer: built.
        places: height and width of its maps.
    """
    number = math.prod(places) * layer.kernel.shape[-1]
    maps = np.eye(number, dtype="float32").reshape(number, *places, -1)
    bias = np.array(layer(np.zeros_like(maps[:1])))[0]
    atoms = np.array(layer(maps)) - bias
    lengths = np.sqrt(np.square(atoms).sum(axis=(1, 2, 3), keepdims=True))
    return Atoms(atoms / lengths, bias)


def learn(images, number, penalty, epochs=10, seed=0):
    """Atoms by scikit-learn's mini-batch dictionary learning.

    Args:
        images: (n, height, width, channels).
        number: of atoms.
        penalty: weight of the codes' absolute values while it learns, its alpha.
        epochs: passes over the images.
        seed: draws the batches.

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
    atoms = learner.components_
    lengths = np.linalg.norm(atoms, axis=1, keepdims=True)
    return Atoms((atoms / lengths).reshape(-1, *mean.shape), mean)


def principal(images, number=None):
    """Principal components as atoms, the leading ones first; as many as there are by default."""
    check_images(images)
    pca = PCA(number).fit(images.reshape(len(images), -1).astype(float))
    shape = images.shape[1:]
    return Atoms(pca.components_.reshape(-1, *shape), pca.mean_.reshape(shape))


def leading(dictionary, images, active):
    """Mean squared error, a pixel, of what the first `active` atoms keep, if they are orthogonal.

    So principal components compress: the same ones for all images.
    """
    first = Atoms(dictionary.atoms[:active], dictionary.bias)
    codes = (images - first.bias).reshape(len(images), -1) @ first._flat.T
    return float(np.mean(np.square(first.decode(codes) - images)))
