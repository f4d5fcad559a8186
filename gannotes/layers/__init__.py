"""Layers that Keras lacks, and what its own cost."""

from gannotes.layers.attention import SelfAttention
from gannotes.layers.kernels import kernel_matrix, multiply_adds
from gannotes.layers.low_rank import LowRankConv2D, LowRankConv2DTranspose, LowRankDense, factorize
from gannotes.layers.sparse import LISTA, Dictionary, KSparse
from gannotes.layers.spectral import SpectralNormalization
