"""Checks of what comes in: what was wrong, what is allowed, what was received."""

import math
import numbers
import warnings

import keras
import numpy as np


def check_choice(what, value, allowed):
    """Raises ValueError unless `value` is one of `allowed`."""
    if value not in allowed:
        raise ValueError(
            f"Unknown {what}. Allowed: {', '.join(map(str, allowed)) or 'none'}. Received: {value!r}"
        )


def check_keras():
    """Raises ValueError where Keras is set to images of another layout than ours."""
    if keras.config.image_data_format() != "channels_last":
        raise ValueError(
            "gannotes needs images with channels last: call "
            'keras.config.set_image_data_format("channels_last"), or set it in ~/.keras/keras.json. '
            f"Received: {keras.config.image_data_format()!r}"
        )


def check_count(what, value, minimum=1):
    """Raises ValueError unless `value` is a whole number of at least `minimum`."""
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not whole or value < minimum:
        raise ValueError(f"{what} must be a whole number, {minimum} or more. Received: {value!r}")


def check_weight(what, value, maximum=math.inf):
    """Returns `value` as a float; raises ValueError unless it is finite and in [0, maximum]."""
    if not (isinstance(value, numbers.Real) and 0 <= value <= maximum and math.isfinite(value)):
        bounds = "0 or more" if maximum == math.inf else f"from 0 to {maximum}"
        raise ValueError(f"{what} must be a finite number, {bounds}. Received: {value!r}")
    return float(value)


def check_flag(what, value, *others):
    """Raises ValueError unless `value` is True, False or one of `others`."""
    if not (isinstance(value, bool) or value in others):
        allowed = ", ".join(map(repr, (True, False, *others)))
        raise ValueError(f"{what} must be one of {allowed}. Received: {value!r}")


def check_function(what, value):
    """Raises ValueError unless `value` is a function or None."""
    if value is not None and not callable(value):
        raise ValueError(f"{what} must be a function or None. Received: {value!r}")


def check_kind(what, value, kind):
    """Raises TypeError unless `value` is of a class."""
    if not isinstance(value, kind):
        raise TypeError(f"{what} must be a {kind.__name__}. Received: {value!r}")


def check_layers(what, names, network):
    """Raises ValueError unless each name is a layer's; a model inside has outputs of its own graph."""
    known = [layer.name for layer in network.layers if not isinstance(layer, keras.Model)]
    for name in names:
        check_choice(f"layer of the {what}", name, known)


def check_network(what, network):
    """Raises ValueError unless this is a Keras model with inputs and outputs."""
    if not isinstance(network, keras.Model) or not getattr(network, "outputs", None):
        raise ValueError(
            f"The {what} must be a built keras.Model, functional or sequential. "
            f"Received: {network!r}"
        )


def check_labels(labels, count, num_classes=None):
    """Raises TypeError or ValueError unless labels are `count` classes, whole numbers from 0 on."""
    dtype = getattr(labels, "dtype", None)
    if dtype is None or not np.issubdtype(np.dtype(dtype), np.integer):
        raise TypeError(
            "labels must be an array of whole numbers. "
            f"Received: {dtype if dtype is not None else type(labels).__name__}"
        )
    if labels.shape != (count,) or labels.min() < 0:
        raise ValueError(
            f"labels must have shape ({count},) and be 0 or more. "
            f"Received: shape {labels.shape}, least {labels.min() if labels.size else None}"
        )
    if num_classes is not None and labels.max() >= num_classes:
        raise ValueError(
            f"For {num_classes} classes, labels must be less than {num_classes}. "
            f"Received: {labels.max()}"
        )


def check_images(images, shape=None):
    """Raises TypeError or ValueError unless these are images or points, floats, one of this shape.

    Images are (n, height, width, channels) in [-1, 1]; points are (n, features) and finite.
    """
    dtype = images.dtype if isinstance(images, np.ndarray) else None
    if dtype is None or not np.issubdtype(dtype, np.floating):
        raise TypeError(
            "images must be a NumPy array of floating-point numbers (float32; 8-bit pixels become "
            f"it by x / 127.5 - 1). Received: {type(images).__name__ if dtype is None else dtype}"
        )
    if images.ndim not in (2, 4) or (shape is not None and tuple(images.shape[1:]) != tuple(shape)):
        wanted = f"(n, {', '.join(map(str, shape))})" if shape else "(n, height, width, channels)"
        raise ValueError(f"images must have shape {wanted}. Received: {images.shape}")
    if len(images) == 0:
        raise ValueError(f"images must hold at least one image. Received: shape {images.shape}")
    low, high = float(np.min(images)), float(np.max(images))  # NaN if any value is
    if not (np.isfinite(low) and np.isfinite(high)):
        raise ValueError(f"images must be finite. Received: values from {low} to {high}")
    if images.ndim == 4 and (low < -1 or high > 1):
        raise ValueError(
            f"images must lie in [-1, 1]. Received: values from {low:.3g} to {high:.3g}"
        )


def check_range(images):
    """Warns where images (n, height, width, channels) look as if they were in [0, 1].

    Raises ValueError where they look as if they were in [0, 255].
    """
    low, high = (float(f(images)) for f in (np.min, np.max))
    if images.ndim == 4 and max(-low, high) > 10:
        raise ValueError(
            "Images must lie in [-1, 1]; from 0 to 255 they come by x / 127.5 - 1. "
            f"Received: values from {low:.3g} to {high:.3g}"
        )
    if images.ndim == 4 and low >= 0 < high:
        warnings.warn(
            "Images should lie in [-1, 1], and no value is below 0. From [0, 1] they come by 2·x - 1",
            stacklevel=3,
        )


def check_features(*sets):
    """Returns sets of features as arrays of floats; raises ValueError unless they go together."""
    sets = [np.asarray(features, float) for features in sets]
    shapes = [features.shape for features in sets]
    if any(len(shape) != 2 or 0 in shape or shape[1] != shapes[0][1] for shape in shapes):
        raise ValueError(
            "Features must have shape (n, features), with equally many features in each set. "
            f"Received: {' and '.join(map(str, shapes))}"
        )
    if not all(np.isfinite(features).all() for features in sets):
        raise ValueError("Features must be finite. Received: NaN or infinite values")
    return sets


def check_enough(minimum, purpose, *sets):
    """Raises ValueError unless each set holds at least `minimum` samples."""
    count = min(map(len, sets))
    if count < minimum:
        raise ValueError(f"{purpose} needs {minimum} samples or more. Received: {count}")
