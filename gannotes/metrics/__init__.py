"""How far generated samples are from real ones. NumPy arrays in, numbers out.

A metric of one number returns a float, one of several a dictionary of them by name.
"""

from gannotes.metrics.copies import birthday, memorization
from gannotes.metrics.coverage import (
    class_coverage,
    density_coverage,
    mode_coverage,
    precision_recall,
)
from gannotes.metrics.distances import (
    classifier_two_sample,
    frechet_distance,
    kernel_distance,
    sliced_wasserstein,
)
from gannotes.metrics.errors import standard_error

__all__ = [
    "birthday",
    "class_coverage",
    "classifier_two_sample",
    "density_coverage",
    "frechet_distance",
    "kernel_distance",
    "memorization",
    "mode_coverage",
    "precision_recall",
    "sliced_wasserstein",
    "standard_error",
]
