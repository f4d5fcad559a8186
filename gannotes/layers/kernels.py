"""Kernels of Keras's linear layers as matrices, and what applying them costs."""

import math

import keras
from keras import ops
import numpy as np

LINEAR = (keras.layers.Dense, keras.layers.Conv2D, keras.layers.Conv2DTranspose)


def kernel_matrix(layer):
    """The kernel as a matrix (inputs, outputs), a NumPy array.

    Of a convolution (height · width · channels, filters): a patch goes in, a pixel comes out. Of a
    transposed one (channels, height · width · filters): a pixel goes in, a patch comes out.

    Args:
        layer: a Dense, Conv2D or Conv2DTranspose, or one with `factors`, as `LowRank`; built.

    Raises:
        TypeError: another layer.
        ValueError: the layer is not built.
    """
    if not layer.built:
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


def variance_of(initializer, kernel_shape):
    """Variance of the numbers that a `keras.initializers.VarianceScaling` draws for a kernel."""
    *window, fan_in, fan_out = kernel_shape
    fans = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}
    return initializer.scale / (math.prod(window) * fans[initializer.mode])


def multiply_adds(network, input_shape=None):
    """Multiply-adds of the linear layers for one image, forward.

    Biases, normalizations and nonlinearities are not counted, nor are zeros that a convolution pads.

    Args:
        network: a functional Keras model; or a layer, with `input_shape`, (batch, ...).
    """
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


def _check_linear(layer):
    if not isinstance(layer, LINEAR):
        names = ", ".join(kind.__name__ for kind in LINEAR)
        raise TypeError(f"The layer must be one of {names}. Received: {layer!r}")
