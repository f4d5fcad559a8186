"""Generators of whomever: what they take, files that may be hostile, those that ship."""

import json
import pickle
import shutil
import zipfile

from gannotes import datasets, files, metrics, models
from gannotes.datasets import published
from gannotes.latent import generators, latents
from gannotes.metrics import evaluators
import keras
import numpy as np
import pytest

SHIPPED = sorted(path.stem for path in (files.data_folder() / "generators").glob("*.json"))


@pytest.fixture
def generator():
    return models.mlp_generator((4, 4, 1), latent_dim=3, widths=(5,))


@pytest.fixture
def conditional():
    return models.mlp_generator((4, 4, 1), latent_dim=3, widths=(5,), num_classes=2)


def test_a_saved_generator_comes_back_the_same(generator, tmp_path):
    generator.save(tmp_path / "mine.keras")
    again = generators.load(tmp_path / "mine.keras")
    latents = np.ones((2, 3), "float32")
    np.testing.assert_array_equal(
        generators.make(again, latents), generators.make(generator, latents)
    )


def test_what_lies_a_little_beyond_the_range_is_cut_off():
    inputs = keras.Input((4,))
    beyond = keras.Model(inputs, keras.layers.Reshape((2, 2, 1))(keras.layers.Rescaling(1)(inputs)))
    made = generators.make(beyond, [[-1.5, -0.5, 0.5, 1.5]])
    assert made.ravel().tolist() == [-1, -0.5, 0.5, 1]


class Bomb:
    """Makes a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


def lambda_file(path, trace):
    inputs = keras.Input((3,))
    touches = eval(f"lambda x: (__import__('pathlib').Path({str(trace)!r}).touch(), x)[1]")
    hostile = keras.layers.Lambda(touches, output_shape=(3,))  # as Keras can load it
    images = keras.layers.Reshape((1, 1, 3))(hostile(inputs))
    keras.Model(inputs, images).save(path)
    keras.saving.load_model(path, safe_mode=False)(np.zeros((1, 3), "float32"))
    trace.unlink()  # who trusts the file runs it: it does what it should not


def pickle_file(path, trace):
    path.write_bytes(pickle.dumps(Bomb(trace)))


def zipped_pickle(path, trace):
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("metadata.json", "config.json", "model.weights.h5"):
            archive.writestr(name, pickle.dumps(Bomb(trace)))


def foreign_function(path, trace):
    """A config that names one of Python's own functions as an activation."""
    models.mlp_generator((4, 4, 1), latent_dim=3, widths=(5,)).save(path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    foreign = b'"activation": {"module": "os", "class_name": "function", "config": "mkdir", '
    foreign += b'"registered_name": "mkdir"}'
    assert b'"activation": "linear"' in parts["config.json"]
    parts["config.json"] = parts["config.json"].replace(b'"activation": "linear"', foreign, 1)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


@pytest.mark.parametrize("write", [lambda_file, pickle_file, zipped_pickle, foreign_function])
def test_a_hostile_file_is_refused_and_runs_nothing(write, tmp_path):
    path, trace = tmp_path / "stranger.keras", tmp_path / "trace"
    write(path, trace)
    with pytest.raises(
        ValueError, match="must be a .keras file of a generator made of known layers"
    ):
        generators.load(path)
    assert not trace.exists()


def test_load_refuses_other_formats_damage_and_other_models(generator, tmp_path):
    with pytest.raises(FileNotFoundError, match="There is no file"):
        generators.load(tmp_path / "none.keras")
    generator.save(tmp_path / "whole.keras")
    content = (tmp_path / "whole.keras").read_bytes()
    (tmp_path / "part.keras").write_bytes(content[: len(content) // 2])
    (tmp_path / "other.zip").write_bytes(content)
    for name in ("part.keras", "other.zip"):
        with pytest.raises(ValueError, match=f"{name} must be a .keras file"):
            generators.load(tmp_path / name)
    models.mlp_discriminator((4, 4, 1), widths=(2,)).save(tmp_path / "d.keras")
    with pytest.raises(ValueError, match="must map latents"):
        generators.load(tmp_path / "d.keras")


@pytest.mark.parametrize(
    ("latents", "labels", "message"),
    [
        (np.zeros((2, 4)), None, r"latents must be finite, of shape \(n, 3\). Received: \(2, 4\)"),
        (np.zeros(3), None, "latents must be finite, of shape"),
        (np.full((1, 3), np.inf), None, "latents must be finite"),
        (np.zeros((1, 3)), np.array([0]), "Labels go to a generator that takes them"),
    ],
)
def test_make_refuses(generator, latents, labels, message):
    with pytest.raises(ValueError, match=message):
        generators.make(generator, latents, labels)


def test_a_conditional_generator_makes_what_its_labels_say(conditional):
    latents = np.ones((2, 3), "float32")
    made = generators.make(conditional, latents, np.array([0, 1]))
    assert not np.array_equal(made[0], made[1])
    with pytest.raises(ValueError, match="Labels go to a generator that takes them"):
        generators.make(conditional, latents)


def test_more_latents_than_one_batch_holds_give_the_same_pictures(conditional):
    z, labels = latents.draw(8200, 3, 0), np.arange(8200) % 2
    images, last = generators.make(conditional, z, labels), slice(8190, 8200)
    assert len(images) == 8200
    alone = generators.make(conditional, z[last], labels[last])
    np.testing.assert_allclose(images[last], alone, atol=1e-5)


def test_classes_are_counted_or_named(generator, conditional):
    assert generators.name_classes(generator) == []
    assert generators.name_classes(conditional) == ["0", "1"]
    assert generators.name_classes(conditional, ["cat", "dog"]) == ["cat", "dog"]
    with pytest.raises(ValueError, match="takes no labels"):
        generators.name_classes(generator, ["cat"])
    with pytest.raises(ValueError, match="one for each class, 2 at most.*needs them. Received: 3"):
        generators.name_classes(conditional, "abc")


# Those that ship


@pytest.mark.data
@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_generator_is_as_good_as_its_card_says(name):
    generator, card = generators.load_shipped(name)
    assert generator.count_params() == card["weights"]
    assert (files.data_folder() / "generators" / f"{name}.keras").stat().st_size < 2_000_000
    in_cache = (files.cache_folder() / f"{card['data_set']}.npz").exists()
    if card["data_set"] in published.SHA256 and not in_cache:
        pytest.skip("not in the cache; fill the folder named by GANNOTES_DATA")
    data = datasets.load(card["data_set"])
    evaluator = evaluators.for_dataset(data)
    drawn = latents.draw(card["measured_images"], generator.inputs[0].shape[1], seed=1)
    distance = metrics.frechet_distance(
        evaluator.features(data.held_out_images[: card["measured_images"]]),
        evaluator.features(generators.make(generator, drawn)),
    )
    assert distance == pytest.approx(card["frechet_distance"], rel=0.02, abs=0.02)


def test_shipped_digits_are_read_as_digits():
    generator, _ = generators.load_shipped("mnist")
    reader = evaluators.load_evaluator("mnist")
    classes = reader.predict(generators.make(generator, latents.draw(1000, 64, seed=0)))
    assert np.bincount(classes, minlength=10).min() > 50  # none is left out


def test_an_unknown_shipped_generator():
    with pytest.raises(
        ValueError, match="Unknown shipped generator. Allowed: cifar10, fashion_mnist, mnist"
    ):
        generators.load_shipped("letters")


def test_another_file_under_a_shipped_name_is_refused(monkeypatch, tmp_path):
    folder = tmp_path / "generators"
    shutil.copytree(files.data_folder() / "generators", folder)
    monkeypatch.setattr(generators, "_folder", lambda: folder)
    models.mlp_generator((28, 28, 1)).save(folder / "mnist.keras")
    with pytest.raises(ValueError, match=r"mnist\.keras is damaged: its SHA-256 must be"):
        generators.load_shipped("mnist")
    assert json.loads((folder / "mnist.json").read_text())["data_set"] == "mnist"
