"""Layers that Keras lacks."""

from gannotes.layers.point import Point
from gannotes.layers.spectral import SpectralNormalization

__all__ = ["Point", "SpectralNormalization"]
