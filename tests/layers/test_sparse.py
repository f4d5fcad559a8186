"""Sparse layers against scikit-learn's Lasso, sorting, and their own promises."""

from gannotes import models
from gannotes.layers import LISTA, Dictionary, KSparse
from gannotes.training import GAN
from gannotes.training.backend import gradients_of
import keras
from keras import ops
import numpy as np
import pytest
from sklearn.linear_model import Lasso

RNG = np.random.default_rng(0)
ROWS = RNG.normal(size=(6, 12)).astype("float32")


@pytest.mark.parametrize("penalty", [0.5, 1.0, 2.0])
def test_untrained_lista_finds_what_lasso_finds_zeros_included(penalty):
    atoms, signals = RNG.normal(size=(20, 12)), RNG.normal(size=(5, 12)).astype("float32")
    lasso = Lasso(alpha=penalty / 12, fit_intercept=False, tol=1e-10, max_iter=100_000)
    expected = np.array([lasso.fit(atoms.T, signal).coef_ for signal in signals])
    layer = LISTA(20, steps=5000)
    layer.build((None, 12))
    layer.start_from(atoms, penalty)
    found = np.array(keras.ops.convert_to_numpy(layer(signals)))
    np.testing.assert_allclose(found, expected, atol=1e-3)
    assert np.mean((found == 0) == (expected == 0)) > 0.97  # but where float32 is too short
    assert (found == 0).any()
    layer.centre.assign(signals[0])
    np.testing.assert_array_equal(layer(signals)[0], np.zeros(20))  # the code of its centre


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_unrolled_ista_takes_so_many_steps(steps):
    layer = LISTA(20, steps, penalty=0.2)
    layer.build((None, 12))
    layer.centre.assign(ROWS[0])
    w, v, threshold = (np.asarray(x) for x in (layer.inputs, layer.recurrent, layer.thresholds))
    codes = np.zeros((6, 20))
    for _ in range(steps):
        codes = (ROWS - ROWS[0]) @ w + codes @ v
        codes = np.sign(codes) * np.maximum(np.abs(codes) - threshold, 0)
    np.testing.assert_allclose(layer(ROWS), codes, atol=1e-5)


@pytest.mark.parametrize("k", [1, 3, 11, 12, 40])
def test_k_sparse_keeps_what_sorting_keeps(k):
    layer = KSparse(k)
    kept = np.array(layer(ROWS))
    largest = np.argsort(-np.abs(ROWS), axis=1)[:, :k]
    expected = np.zeros_like(ROWS)
    np.put_along_axis(expected, largest, np.take_along_axis(ROWS, largest, axis=1), axis=1)
    np.testing.assert_array_equal(kept, expected)


def test_k_sparse_counts_over_maps_and_can_be_set():
    maps = RNG.normal(size=(3, 4, 4, 5)).astype("float32")
    layer = KSparse(7)
    assert np.count_nonzero(layer(maps), axis=(1, 2, 3)).tolist() == [7] * 3
    layer.k = 2
    assert np.count_nonzero(layer(maps), axis=(1, 2, 3)).tolist() == [2] * 3
    assert layer.get_config()["k"] == 2


def test_k_sparse_of_zeros_and_of_few_non_zeros():
    few = np.zeros((2, 12), "float32")
    few[1, 3] = -2
    np.testing.assert_array_equal(KSparse(4)(few), few)


def test_only_what_is_kept_gets_a_gradient():
    layer = KSparse(3)
    values = keras.Variable(ROWS)
    layer(values.value)
    _, _, (slope,) = gradients_of(lambda: (ops.sum(layer(values.value)), None), [values])
    np.testing.assert_array_equal(slope, np.array(layer(ROWS)) != 0)


@pytest.mark.parametrize("wrong", [0, -1, 1.5, True])
def test_k_sparse_refuses(wrong):
    with pytest.raises(ValueError, match="k must be a whole number"):
        KSparse(wrong)


def test_a_dictionary_by_hand():
    layer = Dictionary((2, 2, 1))
    layer.build((None, 3))
    kernel = np.array([[2, 0, 0, 0], [0, 3, 4, 0], [1, 1, 1, 1]], "float32")
    layer.kernel.assign(kernel)
    layer.bias.assign(np.full((2, 2, 1), 0.5))
    made = np.array(layer(np.array([[1.0, 5.0, 0.0]], "float32")))
    np.testing.assert_allclose(made.ravel(), [1.5, 3.5, 4.5, 0.5], rtol=1e-6)


def norms(layer):
    atoms = np.array(layer.atoms)
    return np.linalg.norm(atoms.reshape(len(atoms), -1), axis=1)


def test_atoms_have_length_1_after_training_averaging_and_reloading(tmp_path):
    generator = models.sparse_generator((8, 8, 1), models.sparse_coder(10, 3, 4, (8,)))
    judge = keras.Sequential(
        [keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(1)]
    )
    gan = GAN(generator, judge)
    gan.compile(generator_rate=0.05, discriminator_rate=0.05, beta_1=0.9, r1=0.1, jit_compile=False)
    before = np.array(generator.get_layer("dictionary").atoms)
    images = RNG.uniform(-1, 1, (64, 8, 8, 1)).astype("float32")
    gan.fit(images, batch_size=16, steps_per_epoch=30, verbose=0)
    for network in (gan.generator, gan.ema_generator):
        layer = network.get_layer("dictionary")
        np.testing.assert_allclose(norms(layer), 1, atol=1e-5)
        assert np.abs(np.array(layer.atoms) - before).max() > 0.01
    gan.ema_generator.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_allclose(norms(again.get_layer("dictionary")), 1, atol=1e-5)
    latents = RNG.normal(size=(5, 4)).astype("float32")
    np.testing.assert_allclose(again(latents), gan(latents), atol=1e-6)


def test_encoders_survive_saving_with_the_k_that_was_set(tmp_path):
    images = RNG.uniform(-1, 1, (5, 8, 8, 1)).astype("float32")
    model = models.sparse_encoder((8, 8, 1), 10, active=3, unrolled=2)
    model.get_layer("code").k = 2
    assert np.count_nonzero(model(images), axis=1).max() <= 2
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_allclose(again(images), model(images), atol=1e-6)
    assert again.get_layer("code").k == 2


def test_codes_of_drawn_latents():
    prior = models.sparse_coder(20, 4, widths=())
    assert prior.trainable_variables == []
    codes = np.array(prior(RNG.normal(size=(9, 20)).astype("float32")))
    assert np.count_nonzero(codes, axis=1).tolist() == [4] * 9
    labelled = models.sparse_coder(20, 4, 3, (8,), num_classes=2)
    generator = models.sparse_generator((8, 8, 1), labelled)
    assert generator([np.zeros((2, 3)), np.array([0, 1])]).shape == (2, 8, 8, 1)
