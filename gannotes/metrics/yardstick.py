"""Yardstick: all metrics, by the same evaluator, to the same held-out images."""

from dataclasses import dataclass

from gannotes import metrics
from gannotes.checks import check_count
from gannotes.metrics import evaluators
import numpy as np


@dataclass(frozen=True)
class Scale:
    """What a metric is called, and where good is."""

    label: str  # for axes and tables
    worse: int  # +1 if larger values are worse, -1 if smaller ones are


METRICS = {
    "frechet": Scale("Fréchet distance", 1),
    "kid": Scale("kernel distance (KID)", 1),
    "sliced_wasserstein": Scale("sliced Wasserstein distance", 1),
    "precision": Scale("precision", -1),
    "recall": Scale("recall", -1),
    "density": Scale("density", -1),
    "coverage": Scale("coverage", -1),
    "two_sample": Scale("two-sample accuracy", 1),
    "reverse_kl": Scale("classes, reverse KL", 1),
    "repeats": Scale("birthday test", 1),
    "copies": Scale("very close to training images", 1),
}


class Yardstick:
    """Measures generated images of a `datasets.Dataset`, in features of `evaluators.for_dataset`.

    They are compared with the first `count` held-out images, and ``copies`` with all training
    images. Most metrics depend on how many images there are: compare at equal numbers.
    """

    def __init__(self, data, count=1000):
        check_count("count", count, minimum=2)
        self.data = data
        self.evaluator = evaluators.for_dataset(data)
        self._train = self.evaluator.features(data.images)
        self._held_out = self.evaluator.features(data.held_out_images)[:count]
        _, classes, names = evaluators.evaluator_classes(data)
        self._shares = np.bincount(classes, minlength=len(names)) / len(classes)

    def measure(self, images):
        """Every metric of METRICS, as a dictionary of floats."""
        fake, classes = self.evaluator(images)
        held_out, shares = self._held_out, self._shares
        near = metrics.precision_recall(held_out, fake) | metrics.density_coverage(held_out, fake)
        return {
            "frechet": metrics.frechet_distance(held_out, fake),
            "kid": metrics.kernel_distance(held_out, fake)["mean"],
            "sliced_wasserstein": metrics.sliced_wasserstein(held_out, fake, projections=100),
            **near,
            "two_sample": metrics.classifier_two_sample(held_out, fake)["accuracy"],
            "reverse_kl": metrics.class_coverage(classes, len(shares), shares)["reverse_kl"],
            "repeats": metrics.birthday(held_out, fake)["closer"],
            "copies": metrics.memorization(self._train, held_out, fake)["very_close"],
        }

    def classes(self, images):
        """Class of each image, one of those of `evaluators.evaluator_classes`."""
        return self.evaluator.predict(images)
