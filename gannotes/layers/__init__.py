"""Layers that Keras lacks."""

from gannotes.layers.point import Point
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
    "Point",
    "SoftThreshold",
    "SpectralNormalization",
    "ista",
    "soft_threshold",
]
