"""Checks at their bounds: what just passes, and what just does not."""

import warnings

from gannotes import checks
import numpy as np
import pytest

IMAGES = np.linspace(-1, 1, 8).reshape(2, 2, 2, 1).astype("float32")


def refused(message, check, *arguments):
    with pytest.raises((ValueError, TypeError), match=message):
        check(*arguments)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_images_and_features_are_finite(value):
    broken = IMAGES.copy()
    broken[1, 0, 0, 0] = value
    refused("images must be finite", checks.check_images, broken)
    refused("Features must be finite", checks.check_features, broken.reshape(2, 4))
    refused("weight must be a finite number", checks.check_weight, "weight", value)


def test_images_lie_from_minus_1_to_1_and_points_anywhere():
    checks.check_images(IMAGES, (2, 2, 1))
    checks.check_images(9 * IMAGES.reshape(2, 4))
    beyond = IMAGES.copy()
    beyond[0, 0, 0, 0] = 1.01
    refused(r"in \[-1, 1\]. Received: .* to 1.01", checks.check_images, beyond)
    refused(r"shape \(n, 2, 2, 3\)", checks.check_images, IMAGES, (2, 2, 3))
    refused("at least one image", checks.check_images, IMAGES[:0])


def test_what_looks_like_another_range_is_told():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        checks.check_range(IMAGES)
    with pytest.warns(UserWarning, match="no value is below 0"):
        checks.check_range((IMAGES + 1) / 2)
    refused("from 0 to 255", checks.check_range, 127.5 * (IMAGES + 1))


def test_labels_are_less_than_the_number_of_classes():
    checks.check_labels(np.array([0, 2]), 2, 3)
    refused("less than 3. Received: 3", checks.check_labels, np.array([0, 3]), 2, 3)
    refused("be 0 or more", checks.check_labels, np.array([0, -1]), 2, 3)


def test_weights_and_counts_at_their_bounds():
    assert [checks.check_weight("w", x, maximum=1) for x in (0, 1)] == [0.0, 1.0]
    for value in (-1e-9, 1 + 1e-9, "1", None):
        refused("w must be a finite number", checks.check_weight, "w", value, 1)
    checks.check_count("n", np.int64(1))
    for value in (0, 1.0, True, "1"):
        refused("n must be a whole number, 1 or more", checks.check_count, "n", value)
