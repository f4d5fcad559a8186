"""Layers that Keras lacks."""

from gannotes.layers.attention import SelfAttention
from gannotes.layers.point import Point
from gannotes.layers.spectral import SpectralNormalization

__all__ = ["Point", "SelfAttention", "SpectralNormalization"]
