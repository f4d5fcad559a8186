"""Whole networks, factorized."""

from gannotes.layers.factors import is_share
from gannotes.layers.kernels import kernel_matrix
from gannotes.layers.low_rank import LowRankConv2D, LowRankConv2DTranspose, LowRankDense
import keras

LOW_RANK = {
    kind.dense_layer: kind for kind in (LowRankDense, LowRankConv2D, LowRankConv2DTranspose)
}


def factorize(network, rank):
    """A copy of a network with its dense layers and convolutions factorized by truncated SVD.

    Args:
        network: a functional or sequential Keras model; it is not changed.
        rank: as for `LowRank.from_dense`; a layer whose smaller side is less gets that.

    Returns:
        A Keras model of the same inputs, outputs and layers' names.
    """

    def nearest(layer):
        if type(layer) not in LOW_RANK:
            return layer.__class__.from_config(layer.get_config())
        largest = min(kernel_matrix(layer).shape)
        wanted = rank if is_share(rank) else min(rank, largest)
        return LOW_RANK[type(layer)].from_dense(layer, wanted)

    copy = keras.models.clone_model(network, clone_function=nearest)
    for old, new in zip(network.layers, copy.layers, strict=True):
        if type(old) not in LOW_RANK:
            new.set_weights(old.get_weights())
    return copy
