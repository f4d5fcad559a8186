"""Evaluators: features in which images are compared, of a classifier or of the pixels.

Evaluators are trained by ``scripts/train_evaluators.py`` and stand in ``data/evaluators``.
"""

import json

from gannotes import files, models
from gannotes.checks import check_choice, check_images, check_labels, check_layers, check_network
from gannotes.datasets.drawn import KINDS, kinds
from gannotes.layers import SelfAttention
import keras
from keras import ops
import numpy as np
from sklearn.decomposition import PCA
from sklearn.neighbors import KNeighborsClassifier
from sklearn.utils import gen_batches

SHARED = {"mnist5k": "mnist"}  # data sets that are judged by another one's evaluator


class Evaluator:
    """A classifier of one data set, and the features it sees.

    One number divides them, so that their variance over the training images is 1 on average:
    distances of all data sets have one size, and KID's kernel weighs means and covariances alike.
    `name` is for axis labels; `card` says how the classifier was made and how good it is.
    """

    def __init__(self, model, card):
        self.card = card
        self.name = f"{card['num_features']} features of a {card['data_set']} classifier"
        self._model = keras.Model(model.input, [model.get_layer("features").output, model.output])

    def __call__(self, images):
        """Features, shape (n, num_features), and most likely class, (n,), of images."""
        check_images(images, self._model.input_shape[1:])
        blocks = [  # no `predict`, which takes 75 ms or more a call
            [ops.convert_to_numpy(x) for x in self._model(images[rows])]
            for rows in gen_batches(len(images), 1000)
        ]
        features, scores = [np.concatenate(part) for part in zip(*blocks, strict=True)]
        return features / self.card["feature_scale"], scores.argmax(axis=1)

    def features(self, images):
        """Features of images, shape (n, num_features)."""
        return self(images)[0]

    def predict(self, images):
        """Most likely class of each image, shape (n,)."""
        return self(images)[1]


class LayerFeatures:
    """Outputs of a network's layers, by their `names`; they follow the network's weights."""

    def __init__(self, network, names):
        check_network("network", network)
        check_layers("network", names, network)
        self.names = list(names)
        outputs = [network.get_layer(name).output for name in names]
        self._model = keras.Model(network.input, outputs)

    def __call__(self, images, labels=None):
        """Features of images, a list of arrays (n, width), one a layer."""
        check_images(images, self._model.inputs[0].shape[1:])
        outputs = keras.tree.flatten(self._model(images if labels is None else [images, labels]))
        return [ops.convert_to_numpy(x).reshape(len(images), -1) for x in outputs]


def attention_maps(network, images):
    """How much each place of a feature map looks at each other, in the network's `SelfAttention`.

    Array (n, heads, h, w, h, w): from a place, row and column, to a place; the latter sum to 1.
    """
    check_network("network", network)
    found = [layer for layer in network.layers if isinstance(layer, SelfAttention)]
    if len(found) != 1:
        raise ValueError(f"There must be one layer of self-attention. Received: {len(found)}")
    check_images(images, network.inputs[0].shape[1:])
    inputs = keras.Model(network.input, found[0].input)(images)
    maps = ops.convert_to_numpy(found[0].maps(inputs))
    return maps.reshape(*maps.shape[:2], *inputs.shape[1:3], *inputs.shape[1:3])


class PrincipalComponents:
    """Principal components of the pixels, for images without an evaluator.

    The class of an image is that of the nearest training image. Distances in these features do not
    compare with an evaluator's.
    """

    def __init__(self, images, labels, num_features=32, seed=0):
        check_images(images)
        check_labels(labels, len(images))
        pixels = images.reshape(len(images), -1)
        num_features = min(num_features, *pixels.shape)
        self._pca = PCA(num_features, svd_solver="randomized", random_state=seed).fit(pixels)
        self._scale = max(spread(self._pca.transform(pixels)), np.finfo("float32").tiny)
        self._shape = images.shape[1:]
        neighbour = KNeighborsClassifier(n_neighbors=1, algorithm="brute")
        self._neighbour = neighbour.fit(self.features(images), labels)
        self.name = f"{num_features} principal components of the pixels"

    def __call__(self, images):
        """Features and class of images, as of an `Evaluator`."""
        features = self.features(images)
        return features, self._neighbour.predict(features)

    def features(self, images):
        """Features of images, shape (n, num_features)."""
        check_images(images, self._shape)
        return self._pca.transform(images.reshape(len(images), -1)) / self._scale

    predict = Evaluator.predict


def spread(features):
    """Root of the features' mean variance: one number to divide them by."""
    return float(np.sqrt(features.var(axis=0).mean()))


def evaluator_classes(data):
    """Classes of a data set's training images, of its held-out ones, and the classes' names.

    Those of ``shapes`` are `KINDS`, so that its evaluator sees colour and texture too.
    """
    if data.factors is None or data.name not in evaluator_names():
        return data.labels, data.held_out_labels, data.class_names
    return kinds(data.factors), kinds(data.held_out_factors), KINDS


def evaluator_names():
    """Data sets that have an evaluator."""
    return sorted(path.stem for path in _folder().glob("*.json"))


def load_evaluator(name):
    """The evaluator of a data set; ValueError if there is none, or its files are damaged."""
    if name == "inception":
        raise ValueError(
            "Published FIDs are measured with the Inception network of December 2015, whose weights "
            "come neither with Keras nor with gannotes; any other network gives other numbers. "
            f"Distances by one of {', '.join(evaluator_names())} compare with each other only."
        )
    check_choice("evaluator", name, evaluator_names())
    card = json.loads((_folder() / f"{name}.json").read_text())
    weights = files.load_arrays(_folder() / f"{name}.npz", card["sha256"])
    model = models.classifier(
        tuple(card["image_shape"]), card["num_classes"], tuple(card["widths"]), card["num_features"]
    )
    model.set_weights([weights[key] for key in card["sha256"]])
    return Evaluator(model, card)


def for_dataset(data):
    """The evaluator of a data set, or principal components where there is none; `name` says which.

    At most a third as many components as held-out images: each half of these has a covariance.
    """
    name = SHARED.get(data.name, data.name)
    if name in evaluator_names():
        return load_evaluator(name)
    num_features = min(32, max(1, len(data.held_out_images) // 3))
    return PrincipalComponents(data.images, data.labels, num_features)


def _folder():
    return files.data_folder() / "evaluators"
