"""Checks of what comes in: what was wrong, what is allowed, what was received."""

import numpy as np


def check_choice(what, value, allowed):
    """Raises ValueError unless `value` is one of `allowed`."""
    if value not in allowed:
        raise ValueError(
            f"Unknown {what}. Allowed: {', '.join(map(str, allowed))}. Received: {value!r}"
        )


def check_count(what, value, minimum=1):
    """Raises ValueError unless `value` is a whole number of at least `minimum`."""
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not whole or value < minimum:
        raise ValueError(f"{what} must be a whole number, {minimum} or more. Received: {value!r}")


def check_images(images, shape=None):
    """Checks a batch of images, or of points of a 2-D mixture, before any work with them.

    Args:
        images: real floating-point array, (n, height, width, channels) with values in [-1, 1],
            or (n, features) with finite values.
        shape: the shape that one image must have; any, if None.

    Raises:
        TypeError: not an array of floating-point numbers.
        ValueError: wrong shape, no image, values not finite or out of range.
    """
    dtype = getattr(images, "dtype", None)
    if dtype is None or not np.issubdtype(np.dtype(dtype), np.floating):
        raise TypeError(
            "images must be an array of floating-point numbers (float32; 8-bit pixels become it "
            f"by x / 127.5 - 1). Received: {dtype if dtype is not None else type(images).__name__}"
        )
    if images.ndim not in (2, 4) or (shape is not None and tuple(images.shape[1:]) != tuple(shape)):
        wanted = f"(n, {', '.join(map(str, shape))})" if shape else "(n, height, width, channels)"
        raise ValueError(f"images must have shape {wanted}. Received: {images.shape}")
    if images.shape[0] == 0:
        raise ValueError(f"images must hold at least one image. Received: shape {images.shape}")
    low, high = float(np.min(images)), float(np.max(images))  # NaN if any value is
    if not (np.isfinite(low) and np.isfinite(high)):
        raise ValueError(f"images must be finite. Received: values from {low} to {high}")
    if images.ndim == 4 and (low < -1 or high > 1):
        raise ValueError(
            f"images must lie in [-1, 1]. Received: values from {low:.3g} to {high:.3g}"
        )
