"""Kernels of linear layers: as matrices, their ranks, and what applying them costs."""

import math

from gannotes.checks import check_kind
import keras
from keras import ops
import numpy as np
from scipy import special

LINEAR = (keras.layers.Dense, keras.layers.Conv2D, keras.layers.Conv2DTranspose)


def kernel_matrix(layer):
    """The kernel as a matrix (inputs, outputs), a NumPy array.

    Of a convolution (height · width · channels, filters): a patch goes in, a pixel comes out. Of a
    transposed one (channels, height · width · filters): a pixel goes in, a patch comes out. Of a
    low-rank layer the product of its `factors`.
    """
    if not getattr(layer, "built", False):
        raise ValueError(f"The layer must be built, so that it has a kernel. Received: {layer!r}")
    if hasattr(layer, "factors"):
        left, right = layer.factors
        return left @ right
    _check_linear(layer)
    kernel = ops.convert_to_numpy(layer.kernel)
    if isinstance(layer, keras.layers.Conv2DTranspose):  # (height, width, filters, channels)
        return np.moveaxis(kernel, -1, 0).reshape(kernel.shape[-1], -1)
    return kernel.reshape(-1, kernel.shape[-1])


def set_kernel_matrix(layer, matrix):
    """Gives a Dense, Conv2D or Conv2DTranspose, built, the kernel of a matrix; see `kernel_matrix`."""
    _check_linear(layer)
    shape = tuple(layer.kernel.shape)
    if isinstance(layer, keras.layers.Conv2DTranspose):
        matrix = np.moveaxis(np.reshape(matrix, (shape[-1], *shape[:-1])), 0, -1)
    layer.kernel.assign(np.reshape(matrix, shape))


def _check_linear(layer):
    if not isinstance(layer, LINEAR):
        names = ", ".join(kind.__name__ for kind in LINEAR)
        raise TypeError(f"The layer must be one of {names}. Received: {layer!r}")


def effective_rank(singular_values):
    """Exponential of the entropy of σᵢ / Σσ, (..., k) → (...): r for r equal values, 0 for none.

    A smooth count of directions: the rank alone says "full" of any matrix that rounding has touched.

    Reference: Roy and Vetterli 2007, eq. 3 and 4.
    """
    values = _checked(singular_values)
    total = values.sum(axis=-1)
    shares = values / np.where(total > 0, total, 1)[..., None]
    return np.exp(special.entr(shares).sum(axis=-1)) * (total > 0)


def energy_rank(singular_values, share):
    """Fewest singular values, falling along (..., k), that hold a share of Σσ²: (...), at least 1.

    The truncated SVD of that rank has a squared error of at most (1 - share) of the matrix (Eckart
    and Young 1936).
    """
    values = _checked(singular_values)
    if not 0 < share <= 1:
        raise ValueError(f"share must be above 0, and at most 1. Received: {share!r}")
    held = np.cumsum(np.square(values, dtype=float), axis=-1)
    enough = share * held[..., -1:] * (1 - 1e-12)  # for a share that is met but for rounding
    return (held < enough).sum(axis=-1) + 1


def _checked(singular_values):
    values = np.asarray(singular_values, float)
    if values.ndim == 0 or values.shape[-1] == 0:
        raise ValueError(f"Singular values must have shape (..., k). Received: {values.shape}")
    if not (np.isfinite(values).all() and (values >= 0).all()):
        raise ValueError("Singular values must be finite and not negative")
    return values


def multiply_adds(network, input_shape=None):
    """Multiply-adds of the linear layers for one image, forward.

    Biases, normalizations and nonlinearities are not counted, nor are zeros that a convolution pads.
    `network` is a functional Keras model; or a layer, with `input_shape`, (batch, ...).
    """
    check_kind("network", network, keras.layers.Layer)
    if isinstance(network, keras.Model):
        given = [(part, keras.tree.flatten(part.input)) for part in network.layers]
        return sum(multiply_adds(part, tensors[0].shape) for part, tensors in given if tensors)
    if hasattr(network, "factors"):
        middle = network.first.compute_output_shape(input_shape)
        return multiply_adds(network.first, input_shape) + multiply_adds(network.second, middle)
    if isinstance(network, keras.layers.Wrapper):
        return multiply_adds(network.layer, input_shape)
    if not isinstance(network, LINEAR):
        return 0
    given = isinstance(network, keras.layers.Conv2DTranspose | keras.layers.Dense)
    shape = input_shape if given else network.compute_output_shape(input_shape)
    return math.prod(network.kernel.shape) * math.prod(shape[1:-1])
