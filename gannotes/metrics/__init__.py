"""Metrics: how far generated samples are from real ones. NumPy arrays in, numbers out.

A metric of one number returns a float, one of several a dictionary of them by name.
"""

from gannotes.metrics.distances import (
    classifier_two_sample,
    frechet_distance,
    kernel_distance,
    sliced_wasserstein,
)
from gannotes.metrics.neighbours import (
    birthday,
    class_coverage,
    density_coverage,
    memorization,
    mode_coverage,
    precision_recall,
)
