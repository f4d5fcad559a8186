"""The yardstick measures as the metrics do, on images that were held out."""

import dataclasses

from gannotes import datasets, metrics
from gannotes.metrics import evaluators
from gannotes.metrics.yardstick import METRICS, Yardstick
import numpy as np
import pytest

DIGITS = datasets.load("digits")


def test_measures_all_in_the_features_of_the_evaluator():
    found = Yardstick(DIGITS, count=300).measure(DIGITS.images[:200])
    assert list(found) == list(METRICS)
    evaluator = evaluators.load_evaluator("digits")
    held_out, fake = (
        evaluator.features(x) for x in (DIGITS.held_out_images[:300], DIGITS.images[:200])
    )
    assert found["frechet"] == metrics.frechet_distance(held_out, fake)
    assert found["recall"] == metrics.precision_recall(held_out, fake)["recall"]
    assert found["coverage"] == metrics.density_coverage(held_out, fake)["coverage"]
    assert found["copies"] == 1  # they are training images


def test_noise_is_worse_by_every_metric_that_can_see_it():
    yardstick, rng = Yardstick(DIGITS, count=300), np.random.default_rng(0)
    real = yardstick.measure(DIGITS.images[:300])
    noise = yardstick.measure(rng.uniform(-1, 1, (300, 8, 8, 1)).astype("float32"))
    for name in METRICS.keys() - {"repeats", "copies"}:  # noise is not like anything
        assert METRICS[name].worse * (noise[name] - real[name]) > 0, name


def test_classes_are_compared_with_their_real_shares():
    few = DIGITS.held_out_labels < 2
    parts = {"held_out_images": DIGITS.held_out_images[few]}
    parts |= {"held_out_labels": DIGITS.held_out_labels[few]}
    yardstick = Yardstick(dataclasses.replace(DIGITS, **parts))
    assert yardstick.measure(DIGITS.held_out_images[few])["reverse_kl"] < 0.05


def test_features_of_training_images_have_a_spread_of_1():
    evaluator = evaluators.load_evaluator("digits")
    assert evaluators.spread(evaluator.features(DIGITS.images)) == pytest.approx(1, abs=0.02)


def test_classes_are_those_of_the_evaluator():
    shapes = datasets.load("shapes16", count=500)
    yardstick = Yardstick(shapes)
    (kinds, _, names) = evaluators.evaluator_classes(shapes)
    assert len(names) == 72
    assert np.mean(yardstick.classes(shapes.images) == kinds) > 0.9
    assert yardstick.measure(shapes.images[:300])["reverse_kl"] < 0.5


def test_without_an_evaluator_classes_are_those_of_the_nearest_training_image():
    patches = datasets.load("patches", count=500, size=8)
    yardstick = Yardstick(patches)
    assert (yardstick.classes(patches.images) == patches.labels).all()
    assert np.isfinite(list(yardstick.measure(patches.images[:300]).values())).all()
