"""Feature functions on drawn pictures with known answers, and on `shapes` with known factors."""

from gannotes.datasets.drawn import SHAPES, draw_shapes, sample_factors
from gannotes.metrics import features
from gannotes.metrics.features import FEATURES
import numpy as np
import pytest
from scipy import stats
from skimage.measure import regionprops

SIZE = 64
TICKS = (2 * np.arange(SIZE) + 1) / SIZE - 1
X, Y = TICKS[None], -TICKS[:, None]  # half-widths, y upwards


def picture(inside, colour=(1.0, 1.0, 1.0)):
    """One picture, black but where `inside` (h, w) is true; colour in [0, 1]."""
    pixels = np.asarray(inside, float)[..., None] * np.asarray(colour)
    return (2 * pixels - 1)[None].astype("float32")


def ellipse(a, b, degrees=0.0, x=0.0, y=0.0):
    turn = np.deg2rad(degrees)
    u = np.cos(turn) * (X - x) + np.sin(turn) * (Y - y)
    v = np.cos(turn) * (Y - y) - np.sin(turn) * (X - x)
    return (u / a) ** 2 + (v / b) ** 2 < 1


EMPTY = picture(np.zeros((SIZE, SIZE)))
RNG = np.random.default_rng(0)


# Colour


@pytest.mark.parametrize(
    ("colour", "turns"),
    [((1, 0, 0), 0), ((1, 1, 0), 1 / 6), ((0, 1, 0), 1 / 3), ((0, 1, 1), 0.5), ((0, 0, 1), 2 / 3)],
)
def test_hue_of_pure_colours(colour, turns):
    found = features.hue(picture(ellipse(0.5, 0.5), colour))[0]
    assert features.round_distance(found, turns, 1.0) < 1e-6


def test_hue_is_near_that_of_hsv():
    from matplotlib.colors import rgb_to_hsv

    colours = RNG.uniform(size=(200, 3))
    pictures = np.concatenate([picture(ellipse(0.5, 0.5), colour) for colour in colours])
    bright = colours.max(axis=1) - colours.min(axis=1) > 0.3
    apart = features.round_distance(features.hue(pictures), rgb_to_hsv(colours)[:, 0], 1.0)
    assert 0.002 < apart[bright].max() < 0.004


def test_an_object_that_leaves_the_picture_is_not_its_background():
    half = picture((X + 0 * Y) > 0.25)  # most of the border is black, and not all
    np.testing.assert_array_equal(features.coverage(half)[0], (half[0, ..., 0] + 1) / 2)


def test_two_hues_are_spread():
    halves = picture(X + 0 * Y < 0, (1, 0, 0)) + picture((X + 0 * Y >= 0), (0, 1, 1)) + 1
    halves[:, :2], halves[:, -2:], halves[:, :, :2], halves[:, :, -2:] = -1, -1, -1, -1  # black rim
    assert features.hue_spread(halves)[0] == pytest.approx(1, abs=1e-6)
    one = picture(ellipse(0.5, 0.5), (0.2, 0.9, 0.4))
    assert features.hue_spread(one)[0] == pytest.approx(0, abs=1e-6)


def test_brightness_and_saturation():
    full = picture(np.ones((SIZE, SIZE)), (1, 0, 0))
    assert features.brightness(full)[0] == pytest.approx(0.299)
    disc = picture(ellipse(0.5, 0.5), (0.8, 0.2, 0.2))
    assert features.saturation(disc)[0] == pytest.approx(0.75, abs=1e-6)


# Shape


def test_an_ellipse_has_its_moments():
    a, b, degrees, x, y = 0.6, 0.3, 30.0, 0.1, -0.2
    drawn = picture(ellipse(a, b, degrees, x, y))
    assert features.area(drawn)[0] == pytest.approx(np.pi * a * b / 4, rel=0.01)
    assert features.centre_x(drawn)[0] == pytest.approx(x, abs=0.005)
    assert features.centre_y(drawn)[0] == pytest.approx(y, abs=0.005)
    assert features.extent(drawn)[0] == pytest.approx(np.hypot(a, b) / 2, rel=0.01)
    assert features.elongation(drawn)[0] == pytest.approx(1 - b / a, abs=0.01)
    assert features.orientation(drawn)[0] == pytest.approx(degrees, abs=0.5)


def test_moments_are_those_of_scikit_image():
    inside = ellipse(0.7, 0.25, 130.0, -0.1, 0.05)
    region = regionprops(inside.astype(int))[0]
    drawn = picture(inside)
    assert features.area(drawn)[0] == pytest.approx(region.area / SIZE**2)
    row, column = region.centroid
    assert features.centre_x(drawn)[0] == pytest.approx((2 * column + 1) / SIZE - 1)
    assert features.centre_y(drawn)[0] == pytest.approx(1 - (2 * row + 1) / SIZE)
    skimage_degrees = np.rad2deg(region.orientation) + 90  # from the rows' axis
    assert features.orientation(drawn)[0] == pytest.approx(skimage_degrees % 180, abs=1e-6)
    axes = region.axis_minor_length / region.axis_major_length
    assert features.elongation(drawn)[0] == pytest.approx(1 - axes, abs=0.005)


def test_symmetry_of_a_square_is_known():
    """Of a square of side 2: ∫ Re (x+iy)⁴ / ∫ |x+iy|⁴ = (2/5 - 6/9) / (2/5 + 2/9)."""
    square = picture((abs(X) < 0.5) & (abs(Y) < 0.5))
    expected = (2 / 5 - 6 / 9) / (2 / 5 + 2 / 9)
    assert features.symmetry(square, 4)[0] == pytest.approx(expected, abs=0.002)
    for fold in (2, 3):
        assert abs(features.symmetry(square, fold)[0]) < 1e-9


def test_symmetry_turns_with_the_object():
    for fold, degrees in ((2, 25.0), (2, 70.0)):
        phase = np.angle(features.symmetry(picture(ellipse(0.6, 0.3, degrees)), fold)[0])
        assert np.rad2deg(phase) / fold == pytest.approx(degrees, abs=0.5)


def test_compactness_of_a_disc_a_square_and_a_comb():
    disc = picture(ellipse(0.8, 0.8))
    square = picture((abs(X) < 0.7) & (abs(Y) < 0.7))
    comb = picture((abs(X) < 0.7) & (abs(Y) < 0.7) & (np.arange(SIZE) // 4 % 2 == 0))
    found = [features.compactness(x)[0] for x in (disc, square, comb)]
    assert found[0] == pytest.approx(1, abs=0.05)
    assert found[1] == pytest.approx(np.pi / 4, abs=0.11)  # four directions are rough
    assert found[2] < 0.2


# Texture


def stripes(period, checks=False):
    """White and half-bright stripes, or checks, in a black frame."""
    wave = np.arange(SIZE) // (period // 2) % 2
    dark = wave[None] ^ wave[:, None] if checks else np.broadcast_to(wave[None], (SIZE, SIZE))
    return picture(np.where((abs(X) < 0.9) & (abs(Y) < 0.9), 1 - 0.5 * dark, 0))


def test_contrast_and_anisotropy():
    plain = picture((abs(X) < 0.9) & (abs(Y) < 0.9))
    assert features.contrast(plain)[0] == 0
    assert features.anisotropy(plain)[0] == 0
    expected = 0.25 / 0.75  # of 1 and ½, equally often
    assert features.contrast(stripes(8))[0] == pytest.approx(expected, rel=0.05)
    assert features.anisotropy(stripes(8))[0] == pytest.approx(1, abs=1e-6)
    assert features.anisotropy(stripes(8, checks=True))[0] < 0.1


def test_gradient_energy_of_a_ramp():
    slope = 0.01
    ramp = np.broadcast_to(slope * np.arange(SIZE), (SIZE, SIZE))
    found = features.gradient_energy(picture(ramp))[0]
    assert found == pytest.approx(slope**2, rel=1e-3)


def test_local_patterns():
    flat = features.local_patterns(EMPTY)[0]
    assert flat.sum() == pytest.approx(1) and flat.max() > 0.9
    assert features.pattern_entropy(EMPTY)[0] < 0.5
    noise = RNG.uniform(-1, 1, (1, SIZE, SIZE, 1)).astype("float32")
    assert 2.5 < features.pattern_entropy(noise)[0] <= np.log2(10)


def test_a_wave_has_all_its_power_at_its_frequency():
    wave = np.broadcast_to(0.5 + 0.5 * np.cos(2 * np.pi * 5 * np.arange(SIZE) / SIZE), (SIZE, SIZE))
    power = features.radial_power(picture(wave))[0]
    assert power.argmax() == 4  # 5 periods
    assert power[4] > 1e6 * np.delete(power, 4).max()
    low = np.broadcast_to(0.5 + 0.5 * np.cos(2 * np.pi * 25 * np.arange(SIZE) / SIZE), (SIZE, SIZE))
    shares = [features.high_frequencies(picture(w))[0] for w in (wave, low)]
    assert shares == pytest.approx([0, 1], abs=1e-6)


def test_power_of_white_noise_is_its_variance_over_the_pixels():
    noise = RNG.uniform(-1, 1, (400, 16, 16, 1)).astype("float32")
    power = features.radial_power(noise).mean(axis=0)  # luma in [0, 1]: variance 1/12
    np.testing.assert_allclose(power, 1 / 12 / 256, rtol=0.1)
    assert abs(features.spectral_slope(noise)).mean() < 0.5


def test_the_slope_of_a_power_law_is_found():
    frequency = np.hypot(np.fft.fftfreq(SIZE)[:, None], np.fft.fftfreq(SIZE)[None]) * SIZE
    amplitude = np.divide(1, frequency, np.zeros_like(frequency), where=frequency > 0)  # power f⁻²
    fields = np.fft.ifft2(amplitude * np.fft.fft2(RNG.normal(size=(50, SIZE, SIZE)))).real
    images = 0.3 * fields / abs(fields).max()
    found = features.spectral_slope(images[..., None].astype("float32"))
    assert found.mean() == pytest.approx(-2, abs=0.1)


# All of them


def test_without_an_object_its_features_are_0():
    measured = features.measure(EMPTY)
    for name in ("area", "hue", "hue spread", "saturation", "centre x", "extent", "elongation",
                 "threefold", "compactness", "contrast", "anisotropy", "high frequencies"):  # fmt: skip
        assert measured[name][0] == 0, name


@pytest.mark.parametrize("size", [16, 32])
def test_factors_of_shapes_are_found(size):
    factors = sample_factors(400, np.random.default_rng(1))
    images = draw_shapes(factors, size)
    pixel = 2 / size
    hue = features.round_distance(features.hue(images), factors["hue"], 1.0)
    assert hue.mean() < 0.005 and hue.max() < 0.015
    for name, function in (("x", FEATURES["centre x"]), ("y", FEATURES["centre y"])):
        assert abs(function(images) - factors[name]).mean() < pixel / 8
    sizes = np.sqrt(4 * features.area(images) / np.pi)
    assert 0 < (sizes - factors["size"]).mean() < pixel / 3  # edges count as covered
    assert stats.pearsonr(sizes, factors["size"]).statistic > 0.96
    triangles = factors["shape"] == SHAPES.index("triangle")
    degrees = np.rad2deg(np.angle(1j * features.symmetry(images[triangles], 3))) / 3
    assert abs(degrees - factors["angle"][triangles]).mean() < (2 if size == 16 else 0.8)


def test_classes_of_shapes_are_told():
    factors = sample_factors(400, np.random.default_rng(1))
    measured = features.measure(draw_shapes(factors, 32))
    plain, triangles = factors["texture"] == 0, factors["shape"] == 2
    assert measured["contrast"][plain].max() < measured["contrast"][~plain].min()
    assert measured["contrast"][plain].max() < 0.02  # edges, which are blended, do not count
    assert measured["threefold"][~triangles].max() < measured["threefold"][triangles].min()


def test_every_feature_gives_a_number_an_image_of_any_kind():
    for shape in ((3, 16, 16, 3), (2, 8, 8, 1), (4, 8, 32, 3)):
        measured = features.measure(RNG.uniform(-1, 1, shape).astype("float32"))
        assert measured.shape == (shape[0], len(FEATURES))
        assert np.isfinite(measured.to_numpy()).all()
    assert {feature.family for feature in FEATURES.values()} == {"colour", "shape", "texture"}
    assert all(feature.unit for feature in FEATURES.values())


def test_parts_and_gaps():
    left, right = picture(ellipse(0.5, 0.5), (1, 0, 0)), picture(ellipse(0.5, 0.5), (0, 1, 0))
    both = np.concatenate([left, right], axis=2)
    assert features.hue(both[:, :, SIZE:])[0] == pytest.approx(1 / 3)
    assert features.hue_gap(both)[0] == pytest.approx(1 / 3)
    half_empty = np.concatenate([left, EMPTY], axis=2)
    assert features.hue_gap(half_empty)[0] == 0.5
    assert features.round_distance(0.95, 0.05, 1.0) == pytest.approx(0.1)


def test_what_is_refused():
    with pytest.raises(ValueError, match="take images"):
        features.measure(np.zeros((3, 2), "float32"))
    with pytest.raises(ValueError, match="Unknown feature"):
        features.measure(EMPTY, ["beauty"])
    with pytest.raises(ValueError, match="must lie in"):
        features.hue(EMPTY + 3)
