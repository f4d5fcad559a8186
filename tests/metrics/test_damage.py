"""Damage is as large as it says, and leaves the rest alone."""

from gannotes.metrics import damage
import numpy as np
import pytest

RNG = np.random.default_rng(0)


def pool(n=4000, channels=3, classes=8, value=None):
    images = RNG.uniform(-0.4, 0.4, (n, 8, 8, channels)).astype("float32")
    if value is not None:
        images[:] = value
    train_images = np.full((50, 8, 8, channels), 0.9, "float32")
    return damage.Pool(images, np.arange(n) % classes, train_images)


def class_of(images, source):
    """Label of each drawn image, found by its first value."""
    values = {
        value: label for value, label in zip(source.images[:, 0, 0, 0], source.labels, strict=True)
    }
    return np.array([values[value] for value in images[:, 0, 0, 0]])


@pytest.mark.parametrize("name", damage.DAMAGES)
def test_no_damage_at_strength_0(name):
    source = pool()
    images = damage.DAMAGES[name](source, 100, 0.0, np.random.default_rng(1))
    assert images.shape == (100, 8, 8, 3) and images.dtype == np.float32
    known = {image.tobytes() for image in source.images}
    drawn = {image.tobytes() for image in images}
    assert drawn <= known and len(drawn) == 100  # real ones, none twice


@pytest.mark.parametrize("name", damage.DAMAGES)
def test_strongest_damage_gives_images(name):
    images = damage.DAMAGES[name](pool(), 100, 1.0, np.random.default_rng(1))
    assert images.shape == (100, 8, 8, 3) and images.dtype == np.float32
    assert abs(images).max() <= 1


def test_noise_has_half_the_strength():
    noisy = damage.noise(pool(value=0.0), 500, 0.5, np.random.default_rng(1))
    assert noisy.std() == pytest.approx(0.25, rel=0.01)
    assert noisy.mean() == pytest.approx(0, abs=0.01)


def test_blur_keeps_the_mean_and_takes_the_detail():
    source = pool()
    sharp, soft = (
        damage.blur(source, 200, strength, np.random.default_rng(1)) for strength in (0.0, 1.0)
    )
    assert soft.mean() == pytest.approx(sharp.mean(), abs=0.01)
    expected = 1 / (2 * np.sqrt(np.pi))  # of white noise, for a standard deviation of one pixel
    assert soft[:, 3:5, 3:5].std() / sharp.std() == pytest.approx(expected, rel=0.1)


@pytest.mark.parametrize(("channels", "shift"), [(3, [0.3, 0, -0.3]), (1, [0.3])])
def test_colour_shift(channels, shift):
    shifted = damage.colour_shift(pool(10, channels, value=0.1), 5, 0.6, np.random.default_rng(1))
    assert shifted == pytest.approx(np.broadcast_to(np.array(shift) + 0.1, shifted.shape))


@pytest.mark.parametrize(("strength", "left"), [(0.0, 8), (0.5, 5), (1.0, 3)])
def test_lost_modes(strength, left):
    source = pool()
    found = class_of(damage.lost_modes(source, 400, strength, np.random.default_rng(1)), source)
    assert len(np.unique(found)) == left
    assert np.bincount(found)[np.unique(found)] == pytest.approx(400 / left, rel=0.4)


@pytest.mark.parametrize("strength", [0.0, 0.5, 1.0])
def test_imbalance_has_the_shares_it_says(strength):
    source = pool(80_000)
    found = class_of(damage.imbalance(source, 4000, strength, np.random.default_rng(1)), source)
    shares = np.sort(np.bincount(found, minlength=8))[::-1] / 4000
    expected = np.exp(-3 * strength * np.linspace(0, 1, 8))
    assert shares == pytest.approx(expected / expected.sum(), abs=0.03)


def test_imbalance_chooses_other_classes_each_time():
    source = pool()
    first = {
        np.bincount(class_of(damage.imbalance(source, 300, 1.0, rng), source)).argmax()
        for rng in map(np.random.default_rng, range(8))
    }
    assert len(first) > 2


def test_copies():
    images = damage.copies(pool(), 200, 0.3, np.random.default_rng(1))
    assert (images[:60] == np.float32(0.9)).all() and (images[60:] < 0.5).all()


@pytest.mark.parametrize(
    ("name", "count", "strength", "message"),
    [
        ("noise", 10, 1.1, r"strength must be a finite number, from 0 to 1. Received: 1.1"),
        ("noise", 10, -0.1, r"strength must be"),
        ("blur", 0, 0.5, r"count must be a whole number, 1 or more"),
        ("lost modes", 40, 1.0, r"Drawing 40 different images needs 40 samples or more"),
    ],
)
def test_refused(name, count, strength, message):
    with pytest.raises(ValueError, match=message):
        damage.DAMAGES[name](pool(80), count, strength, RNG)


def test_pool_of_unequal_parts():
    images = np.zeros((5, 8, 8, 1), "float32")
    with pytest.raises(ValueError, match=r"labels must have shape \(5,\)"):
        damage.Pool(images, np.arange(4), images)
    with pytest.raises(ValueError, match=r"images must have shape \(n, 8, 8, 1\)"):
        damage.Pool(images, np.arange(5), np.zeros((5, 4, 4, 1), "float32"))
