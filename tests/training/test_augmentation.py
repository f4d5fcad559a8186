"""Augmentation: what it changes, what it leaves, and that gradients pass."""

from gannotes.training import augmentation, backend
import keras
import numpy as np
import pytest

IMAGES = np.random.default_rng(0).uniform(-1, 1, (200, 8, 8, 3)).astype("float32")


def changed(change, seed=0, images=IMAGES):
    images = keras.ops.convert_to_tensor(images)
    return np.asarray(change(images, keras.random.SeedGenerator(seed)))


def test_translate_shifts_whole_pixels_and_fills_with_black():
    """Each picture is one of the nine that a shift by at most one pixel can give."""
    padded = np.pad(IMAGES, ((0, 0), (1, 1), (1, 1), (0, 0)), constant_values=-1)
    possible = np.stack(
        [padded[:, r : r + 8, c : c + 8] for r in range(3) for c in range(3)]
    )  # (9, n, ...)
    errors = np.abs(possible - changed(augmentation.translate)).max(axis=(2, 3, 4))
    assert errors.min(axis=0).max() < 1e-5
    assert set(errors.argmin(axis=0)) == set(range(9))


def test_flip_mirrors_about_half():
    flipped = changed(augmentation.flip)
    mirrored = np.array(
        [np.array_equal(a, b[:, ::-1]) for a, b in zip(flipped, IMAGES, strict=True)]
    )
    kept = np.array([np.array_equal(a, b) for a, b in zip(flipped, IMAGES, strict=True)])
    assert np.all(mirrored ^ kept)
    assert 60 < mirrored.sum() < 140


def test_brightness_adds_one_number_to_each_image():
    added = changed(augmentation.brightness) - IMAGES
    assert np.ptp(added, axis=(1, 2, 3)).max() < 1e-6
    assert -0.25 <= added.min() < -0.15 and 0.15 < added.max() <= 0.25


def test_cutout_sets_a_square_to_zero_and_leaves_the_rest():
    cut = changed(augmentation.cutout)
    gone = cut == 0
    np.testing.assert_array_equal(cut[~gone], IMAGES[~gone])
    areas = gone[..., 0].sum(axis=(1, 2))
    assert areas.max() == 16 and areas.min() >= 4  # a square of 4, or what of it is inside


def test_rotate_turns_by_its_angle():
    """A smooth picture, turned and known in closed form; the angle is found again."""
    rows, columns = np.mgrid[:16, :16] - 7.5

    def slope(angle):  # a plane that falls towards the angle, small enough to stay inside
        return ((np.cos(angle) * columns + np.sin(angle) * rows) / 40).astype("float32")

    flat = np.repeat(slope(0.0)[None, ..., None], 50, axis=0)
    turned = changed(lambda x, seed: augmentation.rotate(x, seed, degrees=20), images=flat)
    inner = slice(5, 11)
    down, across = (np.gradient(turned[:, inner, inner, 0], axis=axis) for axis in (1, 2))
    angles = np.arctan2(down.mean(axis=(1, 2)), across.mean(axis=(1, 2)))
    limit = np.deg2rad(20)
    assert -limit - 0.01 <= angles.min() < -0.6 * limit
    assert 0.6 * limit < angles.max() <= limit + 0.01
    for image, angle in zip(turned, angles, strict=True):
        np.testing.assert_allclose(image[inner, inner, 0], slope(angle)[inner, inner], atol=0.01)


def test_crop_blows_up_a_part():
    """Of a plane that rises from left to right, slopes are divided by the enlargement."""
    plane = np.linspace(-0.9, 0.9, 16, dtype="float32")
    images = np.tile(plane[None, None, :, None], (200, 16, 1, 1))
    cropped = changed(augmentation.crop, images=images)
    shares = np.gradient(cropped[:, 8, 4:12, 0], axis=1).mean(axis=1) / np.gradient(plane)[0]
    assert 0.74 < shares.min() < 0.8 and 0.95 < shares.max() < 1.01
    assert cropped.min() >= -0.9 - 1e-6 and cropped.max() <= 0.9 + 1e-6
    np.testing.assert_allclose(
        changed(lambda x, s: augmentation.crop(x, s, 1.0)), IMAGES, atol=1e-5
    )
    np.testing.assert_allclose(
        changed(lambda x, s: augmentation.rotate(x, s, 0.0)), IMAGES, atol=1e-5
    )


def test_a_chain_changes_what_was_changed():
    both = augmentation.chain(lambda x, seed: x + 1, lambda x, seed: 2 * x)
    np.testing.assert_allclose(changed(both), 2 * (IMAGES + 1), atol=1e-6)


CHANGES = [
    augmentation.translate,
    augmentation.flip,
    augmentation.brightness,
    augmentation.cutout,
    augmentation.rotate,
    augmentation.crop,
    augmentation.chain(augmentation.translate, augmentation.brightness),
]


@pytest.mark.parametrize("change", CHANGES)
def test_the_seed_decides_and_gradients_pass(change):
    np.testing.assert_array_equal(changed(change, 1), changed(change, 1))
    assert not np.array_equal(changed(change, 1), changed(change, 2))
    seed = keras.random.SeedGenerator(0)
    images = keras.ops.convert_to_tensor(IMAGES)
    slopes = backend.image_gradients(lambda x: keras.ops.sum(change(x, seed)), images)
    assert np.isfinite(slopes).all() and np.abs(slopes).max() > 0
