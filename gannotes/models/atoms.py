"""Dictionaries of atoms, and sparse codes in them."""

from dataclasses import dataclass
import warnings

from gannotes.checks import check_count, check_enough, check_images, check_kind
from gannotes.layers import Dictionary
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
    check_kind("layer", layer, Dictionary)
    return Atoms(np.array(layer.atoms), np.array(layer.bias))


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
    check_enough(number or 1, f"Finding {number} components", images)
    pca = PCA(number).fit(images.reshape(len(images), -1).astype(float))
    shape = images.shape[1:]
    return Atoms(pca.components_.reshape(-1, *shape), pca.mean_.reshape(shape))


def leading(dictionary, images, active):
    """Mean squared error, a pixel, of what the first `active` atoms keep, if they are orthogonal."""
    check_images(images, dictionary.bias.shape)
    first = Atoms(dictionary.atoms[:active], dictionary.bias)
    codes = (images - first.bias).reshape(len(images), -1) @ first._flat.T
    return float(np.mean(np.square(first.decode(codes) - images)))
