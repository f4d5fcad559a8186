"""The canvas: what is drawn, cleared, and centred as MNIST's digits are."""

from gannotes import widgets
import numpy as np
import pytest
from scipy import ndimage


def bar(top, left, height, width, size=28):
    """An image with a white rectangle."""
    image = np.full((size, size, 1), -1, "float32")
    image[top : top + height, left : left + width] = 1
    return image


@pytest.mark.parametrize("size", [8, 28])
def test_the_value_is_the_drawing(size):
    image = np.random.default_rng(0).uniform(-1, 1, (size, size, 1)).astype("float32")
    canvas = widgets.Canvas(image)
    assert canvas.value.shape == image.shape and canvas.value.dtype == "float32"
    np.testing.assert_allclose(canvas.value, image, atol=1 / 255)
    assert canvas.keys and "pixels" in canvas.keys  # which the browser knows
    canvas.clear()
    np.testing.assert_array_equal(canvas.value, -np.ones_like(image))
    np.testing.assert_array_equal(canvas.centred(), canvas.value)  # nothing is there


@pytest.mark.parametrize("where", [(0, 0, 5, 2), (20, 3, 8, 4), (2, 15, 26, 6)])
def test_centred_is_20_pixels_large_and_in_the_middle(where):
    centred = widgets.Canvas(bar(*where)).centred()
    ink = (centred[..., 0] + 1) / 2
    assert centred.min() >= -1 and centred.max() <= 1
    assert np.ptp(np.flatnonzero(ink.max(axis=1) > 0.5)) + 1 == pytest.approx(20, abs=1)
    assert ndimage.center_of_mass(ink) == pytest.approx((13.5, 13.5), abs=0.3)
    height, width = where[2:]
    assert (ink.max(axis=0) > 0.5).sum() == pytest.approx(20 * width / height, abs=1.5)


@pytest.mark.parametrize("shape", [(28, 20, 1), (28, 28, 3)])
def test_it_must_be_a_grey_square(shape):
    with pytest.raises(ValueError, match="shape"):
        widgets.Canvas(np.zeros(shape, "float32"))
