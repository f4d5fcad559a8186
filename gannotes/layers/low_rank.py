"""Linear layers whose kernel is a product of two thin factors."""

import math

from gannotes.checks import check_count, check_flag
from gannotes.layers.factors import HalfNormal, factor_std, truncated_svd
from gannotes.layers.kernels import kernel_matrix, set_kernel_matrix, variance_of
import keras
import numpy as np

PLAIN = {  # options of Keras's layers that the low-rank ones do not have
    "groups": 1,
    "dilation_rate": (1, 1),
    "data_format": "channels_last",
    "output_padding": None,
    "kernel_regularizer": None,
    "bias_regularizer": None,
    "activity_regularizer": None,
    "kernel_constraint": None,
    "bias_constraint": None,
}


class LowRank(keras.layers.Layer):
    """What the low-rank layers share: `first` and `second`, two linear layers of Keras's, for one.

    The initial product of the factors has entries of the same second moment v as the dense layer's
    kernel, whatever the rank: signed factors are normal, of standard deviation (v / rank)^¼ each;
    non-negative ones are the absolute values of normal numbers.

    Args:
        rank: of the kernel as a matrix, at most its smaller side.
        activation, use_bias: as of the dense layer; they come behind the second factor.
        non_negative: whether both factors are 0 or more, at the start and by a constraint.
        kernel_initializer: of the dense layer, whose variance is kept: a
            `keras.initializers.VarianceScaling`, such as Glorot's, He's and LeCun's.

    Raises:
        ValueError: no such rank, or an initializer of another kind.

    Differs from Keras's ``lora_rank``: that *adds* factors to a dense kernel which stands still, and
    so saves memory in fine-tuning, but neither weights nor time.
    """

    dense_layer = None  # of Keras, which it stands in for
    sizes = ()  # names of what that is given, besides activation, bias and initializer

    def __init__(
        self,
        rank,
        activation=None,
        use_bias=True,
        non_negative=False,
        kernel_initializer="glorot_uniform",
        **kwargs,
    ):
        super().__init__(**kwargs)
        check_count("rank", rank)
        check_flag("use_bias", use_bias)
        check_flag("non_negative", non_negative)
        self.rank, self.use_bias, self.non_negative = int(rank), use_bias, non_negative
        self.activation = keras.activations.get(activation)
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        if not isinstance(self.kernel_initializer, keras.initializers.VarianceScaling):
            raise ValueError(
                "kernel_initializer must be a VarianceScaling, such as glorot_uniform. "
                f"Received: {kernel_initializer!r}"
            )

    def _make_factors(self, first, second):
        """The two layers, each with the options given."""
        raise NotImplementedError

    def _kernel_shape(self, channels):
        """Of the dense layer's kernel."""
        raise NotImplementedError

    def build(self, input_shape):
        kernel_shape = self._kernel_shape(input_shape[-1])
        self._check_rank(min(math.prod(kernel_shape[:-1]), kernel_shape[-1]))
        self._moment = variance_of(self.kernel_initializer, kernel_shape)
        make = HalfNormal if self.non_negative else keras.initializers.RandomNormal
        std = factor_std(self._moment, self.rank, self.non_negative)
        first, second = (
            {
                "kernel_initializer": make(stddev=std),  # two, as each repeats its own numbers
                "kernel_constraint": keras.constraints.NonNeg() if self.non_negative else None,
                "dtype": self.dtype_policy,
            }
            for _ in range(2)
        )
        first |= {"use_bias": False}
        second |= {"use_bias": self.use_bias, "activation": self.activation}
        self.first, self.second = self._make_factors(first, second)
        self.first.build(input_shape)
        self.second.build(self.first.compute_output_shape(input_shape))

    def _check_rank(self, largest):
        if self.rank > largest:
            raise ValueError(
                f"rank must be at most the smaller side of the kernel's matrix, {largest}. "
                f"Received: {self.rank}"
            )

    def call(self, inputs):
        return self.second(self.first(inputs))

    def compute_output_shape(self, input_shape):
        return self.second.compute_output_shape(self.first.compute_output_shape(input_shape))

    @property
    def factors(self):
        """Left (m, rank) and right (rank, n): the kernel's matrix is their product."""
        return kernel_matrix(self.first), kernel_matrix(self.second)

    def truncate(self, rank, keep_variance=False):
        """Sets all but the first `rank` columns of the left factor and rows of the right one to 0.

        They stay 0 in training, as the gradient of each is a product with the other: from then on
        this is a layer of the smaller rank, though not a faster one. After `from_dense` it is what
        `from_dense` gives at the smaller rank.

        Args:
            rank: at most the layer's.
            keep_variance: whether the rest grows, so that the entries of a random product keep their
                second moment.
        """
        check_count("rank", rank)
        if rank > self.rank:
            raise ValueError(f"rank must be at most the layer's, {self.rank}. Received: {rank}")
        stds = [factor_std(self._moment, r, self.non_negative) for r in (rank, self.rank)]
        kept = (np.arange(self.rank) < rank) * (stds[0] / stds[1] if keep_variance else 1.0)
        left, right = self.factors
        set_kernel_matrix(self.first, left * kept)
        set_kernel_matrix(self.second, right * kept[:, None])

    @classmethod
    def from_dense(cls, layer, rank):
        """The layer nearest to a dense one, by the truncated SVD of its kernel's matrix.

        Args:
            layer: built, of the class that this one stands in for.
            rank: a whole number; or, as a float above 0 and at most 1, a share of the kernel's energy,
                its squared norm: the smallest rank that keeps it.

        Returns:
            A built layer of the same name; at full rank it computes the same.

        Raises:
            TypeError: a layer of another class.
            ValueError: it is not built, has options that this class lacks, or there is no such rank.

        Reference: Eckart and Young 1936.
        """
        if type(layer) is not cls.dense_layer:
            raise TypeError(
                f"{cls.__name__} stands in for a {cls.dense_layer.__name__}. Received: {layer!r}"
            )
        config = layer.get_config()
        lacking = [name for name, plain in PLAIN.items() if config.get(name, plain) != plain]
        if lacking:
            raise ValueError(f"{cls.__name__} has no {', '.join(lacking)}. Received: {layer!r}")
        left, right = truncated_svd(kernel_matrix(layer), rank)
        initializer = layer.kernel_initializer
        scales = isinstance(initializer, keras.initializers.VarianceScaling)
        made = cls(
            **{name: config[name] for name in cls.sizes},
            rank=left.shape[1],
            activation=layer.activation,
            use_bias=layer.use_bias,
            kernel_initializer=initializer if scales else "glorot_uniform",  # for a new start
            name=layer.name,
            dtype=layer.dtype_policy,
        )
        made.build_from_config(layer.get_build_config())
        set_kernel_matrix(made.first, left)
        set_kernel_matrix(made.second, right)
        if layer.use_bias:
            made.second.bias.assign(layer.bias)
        return made

    def to_dense(self):
        """The dense layer that computes the same, built, of the same name."""
        layer = self.dense_layer(
            **{name: getattr(self, name) for name in self.sizes},
            activation=self.activation,
            use_bias=self.use_bias,
            kernel_initializer=self.kernel_initializer,
            name=self.name,
            dtype=self.dtype_policy,
        )
        layer.build_from_config(self.get_build_config())
        set_kernel_matrix(layer, kernel_matrix(self))
        if self.use_bias:
            layer.bias.assign(self.second.bias)
        return layer

    def get_config(self):
        return {
            **super().get_config(),
            **{name: getattr(self, name) for name in self.sizes},
            "rank": self.rank,
            "activation": keras.activations.serialize(self.activation),
            "use_bias": self.use_bias,
            "non_negative": self.non_negative,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
        }


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


class LowRankConvolution(LowRank):
    """What the two low-rank convolutions share."""

    sizes = ("filters", "kernel_size", "strides", "padding")

    def __init__(self, filters, kernel_size, rank, strides=1, padding="valid", **kwargs):
        super().__init__(rank, **kwargs)
        dense = self.dense_layer(filters, kernel_size, strides, padding)  # checks and completes
        for name in self.sizes:
            setattr(self, name, getattr(dense, name))

    @property
    def _window(self):
        return {name: getattr(self, name) for name in ("kernel_size", "strides", "padding")}


@keras.saving.register_keras_serializable("gannotes")
class LowRankConv2D(LowRankConvolution):
    """A convolution to `rank` channels, then one of 1×1 to all filters; see `LowRank`.

    The kernel as a matrix (height · width · channels, filters) has this rank.

    Args:
        filters, kernel_size, strides, padding: as of `keras.layers.Conv2D`.

    Reference: Zhang et al. 2015, section 3.1 (there of a trained network).
    """

    dense_layer = keras.layers.Conv2D

    def _make_factors(self, first, second):
        conv = keras.layers.Conv2D
        return conv(self.rank, **self._window, **first), conv(self.filters, 1, **second)

    def _kernel_shape(self, channels):
        return *self.kernel_size, channels, self.filters


@keras.saving.register_keras_serializable("gannotes")
class LowRankConv2DTranspose(LowRankConvolution):
    """A convolution of 1×1 to `rank` channels, then a transposed one to all filters; see `LowRank`.

    The kernel as a matrix (channels, height · width · filters) has this rank.

    Args:
        filters, kernel_size, strides, padding: as of `keras.layers.Conv2DTranspose`.
    """

    dense_layer = keras.layers.Conv2DTranspose

    def _make_factors(self, first, second):
        return (
            keras.layers.Conv2D(self.rank, 1, **first),
            keras.layers.Conv2DTranspose(self.filters, **self._window, **second),
        )

    def _kernel_shape(self, channels):
        return *self.kernel_size, self.filters, channels
