"""Drawn Gabor functions are found again."""

from gannotes.models import gabor
import numpy as np
import pytest


def test_by_hand():
    drawn = gabor.draw(9, 0.25, 0.0, width=2.0)  # upright stripes, a wave of four pixels
    assert drawn[4, 4] == pytest.approx(1)
    assert drawn[4, 5] == pytest.approx(0, abs=1e-12)
    assert drawn[4, 6] == pytest.approx(-np.exp(-4 / 8))
    assert drawn[6, 4] == pytest.approx(np.exp(-4 / 8))  # along the stripes only the bell falls


@pytest.mark.parametrize("orientation", [0.0, np.pi / 4, np.pi / 2, 2.5])
@pytest.mark.parametrize("frequency", [0.15, 0.22, 0.33])
def test_orientation_and_frequency_of_drawn_ones(orientation, frequency):
    phases = (0.0, 0.7, 2.0, 4.0)
    drawn = [gabor.draw(8, frequency, orientation, p, 1.8, (3.2, 4.1)) for p in phases]
    found = gabor.fit(-3 * np.array(drawn))
    assert (found["share"] > 0.9).all()
    apart = (found["orientation"] - orientation + np.pi / 2) % np.pi - np.pi / 2
    np.testing.assert_allclose(apart, 0, atol=0.15)
    np.testing.assert_allclose(found["frequency"], frequency, atol=0.05)


def test_noise_is_no_gabor_function_and_nothing_has_no_share():
    noise = np.random.default_rng(0).normal(size=(50, 8, 8))
    assert np.median(gabor.fit(noise)["share"]) < 0.35
    assert gabor.fit(np.zeros((1, 8, 8)))["share"].tolist() == [0]


def test_it_refuses():
    with pytest.raises(ValueError, match="must be"):
        gabor.fit(np.zeros((2, 4, 5)))
    with pytest.raises(ValueError, match="frequency"):
        gabor.draw(8, 0.7, 0.0)
