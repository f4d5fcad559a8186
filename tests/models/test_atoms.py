"""Sparse codes in known dictionaries, and learned ones that must find what made the images."""

from gannotes import datasets, models
from gannotes.models.atoms import Atoms, leading, learn, of_layer, principal
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


def test_atoms_refuse():
    with pytest.raises(ValueError, match="length 1"):
        Atoms(np.ones((2, 4, 4, 1)), np.zeros((4, 4, 1)))
    with pytest.raises(ValueError, match="shape of an atom"):
        Atoms(orthonormal().atoms, np.zeros((4, 4)))
    with pytest.raises(ValueError, match="active must be a whole number"):
        orthonormal().encode(IMAGES, 0)


def test_atoms_are_learned_around_the_mean_and_by_the_seed():
    rng = np.random.default_rng(0)
    stroke = rng.normal(size=(1, 4, 4, 1))
    stroke /= np.linalg.norm(stroke)
    images = (0.5 + 0.1 * rng.normal(size=(200, 1, 1, 1)) * stroke).astype("float32")
    found = learn(images, 1, penalty=0.01)
    np.testing.assert_allclose(found.bias, images.mean(axis=0), atol=1e-5)
    assert abs((found.atoms * stroke).sum()) > 0.99
    noise = rng.uniform(-1, 1, (60, 4, 4, 1)).astype("float32")
    again, other = (learn(noise, 3, 0.1, 1, seed).atoms for seed in (0, 1))
    np.testing.assert_array_equal(again, learn(noise, 3, 0.1, 1, 0).atoms)
    assert not np.allclose(again, other)
