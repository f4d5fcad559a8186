"""Linear layers whose kernel is a product of two thin factors."""

import math
import numbers

from gannotes.checks import check_count, check_flag, check_network
from gannotes.layers.kernels import energy_rank, kernel_matrix, set_kernel_matrix
import keras
from keras import ops
import numpy as np


class LowRank(keras.layers.Layer):
    """Base of the low-rank layers: `first` and `second`, two linear layers of Keras's, for one.

    The initial product of the factors has entries of the same second moment as the dense layer's
    kernel of Glorot, whatever the rank.

    Args:
        rank: of the kernel as a matrix, at most its smaller side.
        activation, use_bias: as of the dense layer; they come behind the second factor.
        non_negative: whether both factors are 0 or more, at the start and by a constraint.

    Differs from Keras's ``lora_rank``, whose factors are *added* to a dense kernel that stands still:
    that saves memory in fine-tuning, but neither weights nor time.
    """

    # A subclass has `dense_layer`, the class of Keras's that it stands in for; `sizes`, names of that
    # class's arguments; `_kernel_shape`, of its kernel; and `_make_factors`, from options of each

    def __init__(self, rank, activation=None, use_bias=True, non_negative=False, **kwargs):
        super().__init__(**kwargs)
        check_count("rank", rank)
        check_flag("use_bias", use_bias)
        check_flag("non_negative", non_negative)
        self.rank, self.use_bias, self.non_negative = int(rank), use_bias, non_negative
        self.activation = keras.activations.get(activation)

    def build(self, input_shape):
        *window, fan_in, fan_out = self._kernel_shape(input_shape[-1])
        largest = min(math.prod(window) * fan_in, fan_out)
        if self.rank > largest:
            raise ValueError(
                f"rank must be at most the smaller side of the kernel's matrix, {largest}. "
                f"Received: {self.rank}"
            )
        std = self._std(2 / (math.prod(window) * (fan_in + fan_out)))
        constraint = "non_neg" if self.non_negative else None
        both = {"kernel_constraint": constraint, "dtype": self.dtype_policy}
        self.first, self.second = self._make_factors(
            {"use_bias": False, **both},
            {"use_bias": self.use_bias, "activation": self.activation, **both},
        )
        for factor in (self.first, self.second):
            factor.kernel_initializer = keras.initializers.RandomNormal(stddev=std)
            factor.build(input_shape)
            if self.non_negative:
                factor.kernel.assign(ops.abs(factor.kernel))
            input_shape = factor.compute_output_shape(input_shape)

    def _std(self, moment):
        """Standard deviation s of the numbers in both factors; their product has Glorot's moment."""
        # An entry of the product sums `rank` products of two numbers: its second moment is s⁴·rank,
        # and s⁴·(rank + rank·(rank - 1)·(2/π)²) of absolute values, whose mean is s·√(2/π)
        rank = self.rank
        pairs = rank * (rank - 1) * (2 / math.pi) ** 2 if self.non_negative else 0
        return (moment / (rank + pairs)) ** 0.25

    def call(self, inputs):
        return self.second(self.first(inputs))

    def compute_output_shape(self, input_shape):
        return self.second.compute_output_shape(self.first.compute_output_shape(input_shape))

    @property
    def factors(self):
        """Left (m, rank) and right (rank, n): the kernel's matrix is their product."""
        return kernel_matrix(self.first), kernel_matrix(self.second)

    def truncate(self, rank):
        """Sets all but the first `rank` columns of the left factor and rows of the right one to 0.

        They stay 0 in training, as the gradient of each is a product with the other. After
        `from_dense` this is what `from_dense` gives at the smaller rank.
        """
        check_count("rank", rank)
        if rank > self.rank:
            raise ValueError(f"rank must be at most the layer's, {self.rank}. Received: {rank}")
        kept = np.arange(self.rank) < rank
        left, right = self.factors
        set_kernel_matrix(self.first, left * kept)
        set_kernel_matrix(self.second, right * kept[:, None])

    @classmethod
    def from_dense(cls, layer, rank):
        """The layer nearest to a dense one, by the truncated SVD of its kernel's matrix.

        It is built, has the dense layer's name, and at full rank computes the same.

        Args:
            layer: built, of the class that this one stands in for.
            rank: a whole number; or, as a float above 0 and at most 1, a share of the kernel's energy,
                its squared norm: the smallest rank that keeps it.

        Reference: Eckart and Young 1936.
        """
        if type(layer) is not cls.dense_layer:
            raise TypeError(
                f"{cls.__name__} stands in for a {cls.dense_layer.__name__}. Received: {layer!r}"
            )
        u, sigma, vt = np.linalg.svd(kernel_matrix(layer), full_matrices=False)
        if not isinstance(rank, numbers.Integral):
            rank = energy_rank(sigma, rank)
        config = layer.get_config()
        taken = (*cls.sizes, "activation", "use_bias", "name", "dtype")
        made = cls(rank=rank, **{name: config[name] for name in taken})
        own = made.get_config().keys() | {"kernel_initializer", "bias_initializer"}
        defaults = (None, 1, (1, 1), "channels_last")  # of the arguments that `cls` lacks
        lacking = [name for name in config if name not in own and config[name] not in defaults]
        if lacking:
            raise ValueError(f"{cls.__name__} has no {', '.join(lacking)}. Received: {layer!r}")
        made.build_from_config(layer.get_build_config())
        roots = np.sqrt(sigma[: made.rank])  # both factors are equally large
        set_kernel_matrix(made.first, u[:, : made.rank] * roots)
        set_kernel_matrix(made.second, roots[:, None] * vt[: made.rank])
        if layer.use_bias:
            made.second.bias.assign(layer.bias)
        return made

    def get_config(self):
        names = (*self.sizes, "rank", "use_bias", "non_negative")
        config = super().get_config() | {name: getattr(self, name) for name in names}
        return config | {"activation": keras.activations.serialize(self.activation)}


@keras.saving.register_keras_serializable("gannotes")
class LowRankDense(LowRank):
    """x·A·B + b, with A (inputs, rank) and B (rank, units); see `LowRank` for the other arguments.

    It saves weights and multiply-adds where rank < inputs·units / (inputs + units).
    """

    dense_layer = keras.layers.Dense
    sizes = ("units",)

    def __init__(self, units, rank, **kwargs):
        super().__init__(rank, **kwargs)
        check_count("units", units)
        self.units = int(units)

    def _make_factors(self, first, second):
        return keras.layers.Dense(self.rank, **first), keras.layers.Dense(self.units, **second)

    def _kernel_shape(self, channels):
        return channels, self.units


@keras.saving.register_keras_serializable("gannotes")
class LowRankConv2D(LowRank):
    """A convolution to `rank` channels, then one of 1×1 to all filters; see `LowRank`.

    The kernel as a matrix (height · width · channels, filters) has this rank.

    Reference: Zhang et al. 2015, section 3.1 (there of a trained network).
    """

    dense_layer = keras.layers.Conv2D
    sizes = ("filters", "kernel_size", "strides", "padding")

    def __init__(self, filters, kernel_size, rank, strides=1, padding="valid", **kwargs):
        super().__init__(rank, **kwargs)
        dense = self.dense_layer(filters, kernel_size, strides, padding)  # checks and completes
        self.filters, self.padding = dense.filters, dense.padding
        self.kernel_size, self.strides = dense.kernel_size, dense.strides
        self._window = (self.kernel_size, self.strides, self.padding)

    def _make_factors(self, first, second):
        conv = keras.layers.Conv2D
        return conv(self.rank, *self._window, **first), conv(self.filters, 1, **second)

    def _kernel_shape(self, channels):
        return *self.kernel_size, channels, self.filters


@keras.saving.register_keras_serializable("gannotes")
class LowRankConv2DTranspose(LowRankConv2D):
    """A convolution of 1×1 to `rank` channels, then a transposed one to all filters.

    The kernel as a matrix (channels, height · width · filters) has this rank.
    """

    dense_layer = keras.layers.Conv2DTranspose

    def _make_factors(self, first, second):
        transposed = keras.layers.Conv2DTranspose(self.filters, *self._window, **second)
        return keras.layers.Conv2D(self.rank, 1, **first), transposed

    def _kernel_shape(self, channels):
        return *self.kernel_size, self.filters, channels


def factorize(network, rank):
    """A copy of a Keras model with its dense layers and convolutions factorized by truncated SVD.

    `rank` is as for `LowRank.from_dense`; a layer whose smaller side is less gets that.
    """
    check_network("network", network)
    kinds = (LowRankDense, LowRankConv2D, LowRankConv2DTranspose)
    low_rank = {kind.dense_layer: kind for kind in kinds}

    def nearest(layer):
        if type(layer) not in low_rank:
            return layer.__class__.from_config(layer.get_config())
        most = min(rank, *kernel_matrix(layer).shape)  # a share of energy stays below
        return low_rank[type(layer)].from_dense(layer, most)

    copy = keras.models.clone_model(network, clone_function=nearest)
    for old, new in zip(network.layers, copy.layers, strict=True):
        if type(old) not in low_rank:
            new.set_weights(old.get_weights())
    return copy
