"""Sparse codes in known dictionaries, and learned ones that must find what made the images."""

from gannotes import datasets, layers, models
from gannotes.models.atoms import (
    Atoms,
    draw_gabor,
    fit_gabor,
    leading,
    learn,
    of_conv_layer,
    of_layer,
    principal,
)
import numpy as np
import pytest

RNG = np.random.default_rng(0)


def orthonormal():
    atoms = np.linalg.qr(RNG.normal(size=(16, 16)))[0].reshape(16, 4, 4, 1)
    return Atoms(atoms, np.full((4, 4, 1), 0.1))


IMAGES = RNG.uniform(-0.5, 0.5, (7, 4, 4, 1)).astype("float32")


def test_in_an_orthonormal_dictionary_a_code_has_the_largest_products():
    dictionary = orthonormal()
    products = (IMAGES - 0.1).reshape(7, 16) @ dictionary.atoms.reshape(16, 16).T
    codes = dictionary.encode(IMAGES, 3)
    assert np.count_nonzero(codes, axis=1).tolist() == [3] * 7
    for code, product in zip(codes, products, strict=True):
        largest = np.argsort(-np.abs(product))[:3]
        np.testing.assert_allclose(code[largest], product[largest], atol=1e-6)
    whole = dictionary.decode(dictionary.encode(IMAGES, 16))
    np.testing.assert_allclose(whole, IMAGES, atol=1e-5)
    assert dictionary.error(IMAGES, 16) < 1e-9 < dictionary.error(IMAGES, 3)


def test_hidden_pixels_play_no_part():
    """A signal of two atoms is found again from what is visible of it."""
    atoms = RNG.normal(size=(20, 6, 6, 1))
    atoms /= np.linalg.norm(atoms.reshape(20, -1), axis=1)[:, None, None, None]
    dictionary = Atoms(atoms, np.zeros((6, 6, 1)))
    code = np.zeros((1, 20))
    code[0, [3, 11]] = 0.9, -0.7
    image = dictionary.decode(code)
    visible = np.ones((6, 6, 1), bool)
    visible[:3, :3] = False
    spoilt = np.where(visible, image, 1).astype("float32")
    np.testing.assert_allclose(dictionary.encode(spoilt, 2, visible), code, atol=1e-5)


def test_dictionary_learning_finds_the_atoms_that_made_the_images():
    truth = np.linalg.qr(RNG.normal(size=(16, 16)))[0][:8]
    codes = np.zeros((600, 8))
    for code in codes:
        code[RNG.choice(8, 2, replace=False)] = RNG.uniform(0.3, 0.5, 2) * RNG.choice((-1, 1), 2)
    images = (codes @ truth).reshape(-1, 4, 4, 1).astype("float32")
    found = learn(images, 8, penalty=0.2, epochs=60)
    alike = np.abs(found.atoms.reshape(8, 16) @ truth.T)  # cosines
    assert np.sort(alike.max(axis=0))[1:].min() > 0.9  # all but one at most


def test_principal_components():
    data = datasets.load("digits")
    dictionary = principal(data.images)
    errors = [leading(dictionary, data.images, k) for k in (4, 16, 64)]
    assert errors[0] > errors[1] > errors[2] and errors[2] < 1e-6
    few = principal(data.images, 4)
    assert leading(few, data.images, 4) == pytest.approx(errors[0], rel=1e-6)
    assert dictionary.error(data.images[:50], 4) < leading(dictionary, data.images[:50], 4)


def test_atoms_of_a_layer():
    decoder = models.dictionary_decoder((4, 4, 1), 9)
    dictionary = of_layer(decoder.get_layer("dictionary"))
    codes = RNG.normal(size=(5, 9)).astype("float32") / 10
    np.testing.assert_allclose(dictionary.decode(codes), decoder(codes), atol=1e-5)


def test_atoms_of_a_convolutional_layer_lie_at_every_place():
    layer = layers.ConvDictionary(1, kernel_size=3, strides=2)
    layer.build((None, 4, 4, 5))
    layer.bias.assign([0.3])
    dictionary = of_conv_layer(layer, (4, 4))
    assert dictionary.atoms.shape == (80, 8, 8, 1)
    middle = dictionary.atoms.reshape(4, 4, 5, 8, 8)[1, 2, 3]  # not cut
    found = middle[np.ix_(middle.any(axis=1), middle.any(axis=0))]
    np.testing.assert_allclose(found, layer.atoms[3, :, :, 0], atol=1e-5)
    maps = np.zeros((1, 4, 4, 5), "float32")
    maps[0, 1, 2, 3], maps[0, 2, 1, 0] = 0.5, -0.25
    expected = np.clip(np.array(layer(maps)), -1, 1)
    np.testing.assert_allclose(dictionary.decode(maps.reshape(1, -1)), expected, atol=1e-5)


def test_atoms_refuse():
    with pytest.raises(ValueError, match="length 1"):
        Atoms(np.ones((2, 4, 4, 1)), np.zeros((4, 4, 1)))
    with pytest.raises(ValueError, match="shape of an atom"):
        Atoms(orthonormal().atoms, np.zeros((4, 4)))
    with pytest.raises(ValueError, match="active must be a whole number"):
        orthonormal().encode(IMAGES, 0)


# Gabor functions


def test_by_hand():
    drawn = draw_gabor(9, 0.25, 0.0, 0.0, 2.0, (4, 4))  # upright stripes, a wave of four pixels
    assert drawn[4, 4] == pytest.approx(1)
    assert drawn[4, 5] == pytest.approx(0, abs=1e-12)
    assert drawn[4, 6] == pytest.approx(-np.exp(-4 / 8))
    assert drawn[6, 4] == pytest.approx(np.exp(-4 / 8))  # along the stripes only the bell falls


@pytest.mark.parametrize("orientation", [0.0, np.pi / 4, np.pi / 2, 2.5])
@pytest.mark.parametrize("frequency", [0.15, 0.22, 0.33])
def test_orientation_and_frequency_of_drawn_ones(orientation, frequency):
    phases = (0.0, 0.7, 2.0, 4.0)
    drawn = [draw_gabor(8, frequency, orientation, p, 1.8, (3.2, 4.1)) for p in phases]
    found = fit_gabor(-3 * np.array(drawn))
    assert (found["share"] > 0.9).all()
    apart = (found["orientation"] - orientation + np.pi / 2) % np.pi - np.pi / 2
    np.testing.assert_allclose(apart, 0, atol=0.15)
    np.testing.assert_allclose(found["frequency"], frequency, atol=0.05)


def test_noise_is_no_gabor_function_and_nothing_has_no_share():
    noise = np.random.default_rng(0).normal(size=(50, 8, 8))
    assert np.median(fit_gabor(noise)["share"]) < 0.35
    assert fit_gabor(np.zeros((1, 8, 8)))["share"].tolist() == [0]


def test_it_refuses():
    with pytest.raises(ValueError, match="must be"):
        fit_gabor(np.zeros((2, 4, 5)))
    with pytest.raises(ValueError, match="frequency"):
        draw_gabor(8, 0.7, 0.0, 0.0, 2.0, (4, 4))
