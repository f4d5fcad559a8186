"""Generators, whoever made them: what they take and give, and files of strangers."""

import hashlib
import json
from pathlib import Path
import tempfile
import zipfile

from gannotes import files
from gannotes.checks import check_choice, check_labels, check_network, check_range
import keras
import numpy as np


def check_generator(generator, may_take_labels=True):
    """Raises ValueError unless a Keras model maps latents, or latents and labels, to images."""
    inputs, outputs = (getattr(generator, name, None) or [] for name in ("inputs", "outputs"))
    shapes = [tuple(tensor.shape) for tensor in (*inputs, *outputs)]
    sizes = [size for shape in shapes for size in shape[1:]]
    ranks, labels = [len(shape) for shape in shapes], [shape[1:] for shape in shapes[1:-1]]
    of_images = ranks[:1] == [2] and ranks[-1] == 4 and sizes[-1] in (1, 3)
    of_images = of_images and labels in ([], [()], [(1,)])  # a label an image
    if not isinstance(generator, keras.Model) or not of_images or None in sizes:
        raise ValueError(
            "The generator must map latents (batch, latents), or [latents, labels (batch,)], to "
            "images (batch, height, width, 1 or 3 channels), all of fixed sizes. "
            f"Received: {generator!r} of shapes {shapes}"
        )
    if takes_labels(generator) and not may_take_labels:
        raise ValueError("The generator must take latents alone. Received: one that takes labels")


def load(path):
    """Loads a generator from a ``.keras`` file of whomever: nothing in it can run code.

    Only layers that Keras or this process knows by name are made; Lambda layers, pickles and older
    formats raise ValueError.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"There is no file {path}")
    try:
        if path.suffix != ".keras":
            raise ValueError("another suffix")
        generator = _load_model(path)
    except Exception as error:  # zipfile, h5py, json and keras each have their own
        raise ValueError(
            f"{path} must be a .keras file of a generator made of known layers, without Lambda. "
            f"Received: {type(error).__name__}: {error}"
        ) from error
    check_generator(generator)
    return generator


def _load_model(path):
    """A model; without batch norm's synchronization, if the backend refuses it."""
    if keras.backend.backend() == "tensorflow":
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        with zipfile.ZipFile(path) as archive, zipfile.ZipFile(copy, "w") as file:
            for name in archive.namelist():
                content = archive.read(name)
                if name == "config.json":
                    content = content.replace(b'"synchronized": true', b'"synchronized": false')
                file.writestr(name, content)
        return keras.saving.load_model(copy, compile=False, safe_mode=True)


def load_shipped(name):
    """A generator that ships, and its card: how it was made and how good it is."""
    check_choice("shipped generator", name, sorted(path.stem for path in _folder().glob("*.json")))
    path = _folder() / f"{name}.keras"
    card = json.loads(path.with_suffix(".json").read_text())
    received = hashlib.sha256(path.read_bytes()).hexdigest()
    if received != card["sha256"]:
        raise ValueError(
            f"{path} is damaged: its SHA-256 must be {card['sha256']}. Received: {received}"
        )
    return load(path), card


def _folder():
    return files.data_folder() / "generators"


def takes_labels(generator):
    """Whether it takes ``[latents, labels]``."""
    check_network("generator", generator)
    return len(generator.inputs) == 2


def name_classes(generator, names=None):
    """Names of a conditional generator's classes, by default their numbers; none of another."""
    if not takes_labels(generator):
        if names is not None:
            raise ValueError("This generator takes no labels, so its classes have no names")
        return []
    inside = generator._flatten_layers()
    embedded = [each.input_dim for each in inside if isinstance(each, keras.layers.Embedding)]
    if names is None:
        names = range(min(embedded, default=0))
    names, most = list(map(str, names)), min(embedded, default=np.inf)
    if not 0 < len(names) <= most:
        raise ValueError(
            f"Names must be one for each class, {most} at most; a generator without an Embedding "
            f"needs them. Received: {len(names)}"
        )
    return names


def make(generator, latents, labels=None):
    """Images (n, height, width, channels) in [-1, 1] of latents and, where it takes them, labels.

    What lies a little beyond is cut off; ValueError if values go beyond 10, as in [0, 255].
    """
    check_network("generator", generator)
    size = generator.inputs[0].shape[1]
    latents = np.asarray(latents, "float32")
    if latents.ndim != 2 or latents.shape[1] != size or not np.isfinite(latents).all():
        raise ValueError(f"latents must be finite, of shape (n, {size}). Received: {latents.shape}")
    if takes_labels(generator) != (labels is not None):
        raise ValueError("Labels go to a generator that takes them, and only there")
    if labels is not None:
        check_labels(labels, len(latents))
    inputs = latents if labels is None else [latents, labels]
    if len(latents) > 8192:  # in parts, as memory is finite
        images = generator.predict(inputs, 8192, verbose=0)
    else:
        images = generator.predict_on_batch(inputs)  # twice as fast as a plain call
    images = np.asarray(images, "float32")
    check_range(images)
    return np.clip(images, -1, 1)
