"""Evaluators: as good as their cards say, with features that are all alive."""

import json
import shutil

from gannotes import datasets, files, models, training
from gannotes.datasets import published
from gannotes.metrics import evaluators
from gannotes.training import losses
import keras
import numpy as np
import pytest

LEAST_ACCURACY = {
    "digits": 0.98,
    "shapes": 0.97,
    "shapes16": 0.94,
    "mnist": 0.99,
    "fashion_mnist": 0.91,
    "cifar10": 0.75,
}


@pytest.mark.data
@pytest.mark.parametrize("name", evaluators.evaluator_names())
def test_evaluator_is_as_good_as_its_card_says(name):
    if name in published.SHA256 and not (files.cache_folder() / f"{name}.npz").exists():
        pytest.skip(f"{name} is not in the cache; fill the folder named by GANNOTES_DATA")
    options = {"count": 20_000} if name.startswith("shapes") else {}  # as in its training
    evaluator, data = evaluators.load_evaluator(name), datasets.load(name, **options)
    _, held_out_classes, class_names = evaluators.evaluator_classes(data)
    assert evaluator.card["num_classes"] == len(class_names)
    accuracy = np.mean(evaluator.predict(data.held_out_images) == held_out_classes)
    assert accuracy == pytest.approx(evaluator.card["test_accuracy"], abs=0.002)
    assert accuracy >= LEAST_ACCURACY[name]
    found = evaluator.features(data.held_out_images)
    assert found.shape == (len(data.held_out_images), evaluator.card["num_features"])
    assert found.std(axis=0).min() > 0.25  # of 1 on average: none is dead
    assert np.linalg.matrix_rank(np.cov(found, rowvar=False)) == found.shape[1]


def test_files_are_small():
    for path in (files.data_folder() / "evaluators").iterdir():
        assert path.stat().st_size < 1_000_000


def test_where_there_is_no_evaluator_the_name_says_what_is_used():
    data = datasets.load("patches", count=200)
    stand_in = evaluators.for_dataset(data)
    assert stand_in.name == "32 principal components of the pixels"
    assert stand_in.features(data.held_out_images).shape == (1000, 32)


def test_for_dataset_finds_the_evaluator():
    assert (
        evaluators.for_dataset(datasets.load("digits")).name == "32 features of a digits classifier"
    )


def test_fids_own_network_is_refused_with_the_reason():
    with pytest.raises(ValueError, match="Inception network of December 2015, whose weights"):
        evaluators.load_evaluator("inception")


def test_unknown_evaluator():
    with pytest.raises(ValueError, match="Unknown evaluator. Allowed: cifar10, digits"):
        evaluators.load_evaluator("letters")


@pytest.mark.parametrize("shape", [(3, 28, 28, 1), (3, 64)])
def test_images_of_another_shape(shape):
    with pytest.raises(ValueError, match=r"images must have shape \(n, 8, 8, 1\)"):
        evaluators.load_evaluator("digits").features(np.zeros(shape, "float32"))


def test_changed_weights_are_refused(monkeypatch, tmp_path):
    folder = tmp_path / "evaluators"
    shutil.copytree(files.data_folder() / "evaluators", folder)
    monkeypatch.setattr(evaluators, "_folder", lambda: folder)
    with np.load(folder / "digits.npz", allow_pickle=False) as file:
        weights = dict(file)
    weights["weight_00"] = weights["weight_00"] + 1
    np.savez(folder / "digits.npz", **weights)
    with pytest.raises(ValueError, match=r"digits\.npz is damaged: array 'weight_00'"):
        evaluators.load_evaluator("digits")
    assert json.loads((folder / "digits.json").read_text())["data_set"] == "digits"


# A network's own layers


def test_layers_give_what_the_network_computes_and_follow_its_weights():
    network = models.conv_discriminator((8, 8, 1), (2, 3, 4))
    names = models.hidden_layers(network)
    layers = evaluators.LayerFeatures(network, names)
    images = np.random.default_rng(0).uniform(-1, 1, (5, 8, 8, 1)).astype("float32")
    found = layers(images)
    assert [layer.shape for layer in found] == [(5, 4 * 4 * 2), (5, 2 * 2 * 3), (5, 4)]
    kernel, bias = network.get_layer("score").get_weights()
    np.testing.assert_allclose(found[-1] @ kernel + bias, network(images), rtol=1e-5, atol=1e-6)
    network.set_weights([0 * weight for weight in network.get_weights()])
    assert not layers(images)[-1].any()


def test_layers_of_one_name_and_with_labels():
    network = models.mlp_discriminator((2,), (4, 3), num_classes=2)
    layers = evaluators.LayerFeatures(network, models.hidden_layers(network)[1:])
    [last] = layers(np.zeros((5, 2), "float32"), np.zeros(5, "int32"))
    assert last.shape == (5, 3)


def test_attention_maps_of_a_network():
    network = models.conv_discriminator((8, 32, 3), (4, 8), block="attention")
    images = np.random.default_rng(0).uniform(-1, 1, (3, 8, 32, 3)).astype("float32")
    maps = evaluators.attention_maps(network, images)
    assert maps.shape == (3, 4, 2, 8, 2, 8)
    np.testing.assert_allclose(maps.sum(axis=(-2, -1)), 1, atol=1e-5)
    with pytest.raises(ValueError, match="one layer of self-attention. Received: 0"):
        evaluators.attention_maps(models.conv_discriminator((8, 32, 3)), images)


@pytest.mark.parametrize("name", ["inside", "nowhere"])
def test_features_of_a_model_inside_or_of_no_layer_are_refused(name):
    image = keras.Input((2,))
    inside = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)], name="inside")
    network = keras.Model(image, keras.layers.Dense(1, name="score")(inside(image)))
    known = (
        f"Unknown layer of the {{}}. Allowed: {network.layers[0].name}, score. Received: '{name}'"
    )
    with pytest.raises(ValueError, match=known.format("network")):
        evaluators.LayerFeatures(network, [name])
    gan = training.GAN(models.mlp_generator((2,), 2, (8,)), network)
    with pytest.raises(ValueError, match=known.format("discriminator")):
        gan.compile(feature_loss=losses.l2_matching, feature_layers=[name])
