"""Layers that Keras lacks, and what its own cost."""

from gannotes.layers.attention import SelfAttention
from gannotes.layers.factorize import factorize
from gannotes.layers.kernels import kernel_matrix, multiply_adds
from gannotes.layers.low_rank import LowRankConv2D, LowRankConv2DTranspose, LowRankDense
from gannotes.layers.sparse import (
    LISTA,
    ConvDictionary,
    Dictionary,
    KSparse,
    SoftThreshold,
    ista,
    soft_threshold,
)
from gannotes.layers.spectral import SpectralNormalization

__all__ = [
    "LISTA",
    "ConvDictionary",
    "Dictionary",
    "KSparse",
    "LowRankConv2D",
    "LowRankConv2DTranspose",
    "LowRankDense",
    "SelfAttention",
    "SoftThreshold",
    "SpectralNormalization",
    "factorize",
    "ista",
    "kernel_matrix",
    "multiply_adds",
    "soft_threshold",
]
