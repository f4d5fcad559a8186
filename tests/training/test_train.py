"""Training from the shell."""

import csv
import dataclasses
import subprocess
import sys

from gannotes import datasets, files, metrics, plotting, training
from gannotes.__main__ import build, main, parser, recipe_of
from gannotes.latent import generators, latents
from gannotes.metrics import evaluators
from gannotes.training.callbacks import Checkpoint, Diverged
from gannotes.training.recipe import Recipe
import keras
import numpy as np
from PIL import Image
import pytest

SHORT = ["--steps", "40", "--every", "20", "--widths", "16", "16"]


@pytest.mark.slow
def test_a_training_leaves_its_files_and_goes_on_where_it_stopped(tmp_path, capsys):
    slowly = ["--schedule", "constant", "--r1", "0.1", "--discriminator-rate", "0.001"]
    half, whole = ["--steps", "20", *SHORT[2:], *slowly], [*SHORT, *slowly]
    main(["train", str(tmp_path / "halves"), *half])
    halves = main(["train", str(tmp_path / "halves"), *whole])
    assert "20 of 40 steps done" in capsys.readouterr().out
    at_once = main(["train", str(tmp_path / "whole {1}"), *whole])
    for a, b in zip(halves.ema_generator.weights, at_once.ema_generator.weights, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())

    with Image.open(tmp_path / "whole {1}" / "samples.png") as picture:
        assert picture.size == (142, 142)
    rows = list(csv.DictReader((tmp_path / "halves" / "history.csv").read_text().splitlines()))
    assert [row["epoch"] for row in rows] == ["0", "1"]
    films = [tmp_path / name / "training.gif" for name in ("halves", "whole {1}")]
    assert len(plotting.gif_pictures(films[0].read_bytes())) == 2
    assert films[0].read_bytes() == films[1].read_bytes()

    evaluator, data = evaluators.load_evaluator("digits"), datasets.load("digits")
    real, labels = evaluator.features(data.held_out_images), data.held_out_labels
    closest = keras.models.load_model(tmp_path / "halves" / "closest.keras", safe_mode=True)
    halves.ema_generator.set_weights(closest.get_weights())
    fake = np.clip(halves.generate(len(labels)), -1, 1)
    found = metrics.frechet_distance(real, evaluator.features(fake))
    assert found == pytest.approx(min(float(row["frechet_distance"]) for row in rows), rel=1e-4)
    generator = keras.models.load_model(tmp_path / "whole {1}" / "generator.keras", safe_mode=True)
    latents = np.zeros((1, 16), "float32")
    np.testing.assert_allclose(generator(latents), at_once(latents), atol=1e-6)
    main(["train", str(tmp_path / "whole {1}"), *whole])
    assert "40 steps are done already" in capsys.readouterr().out


@pytest.mark.slow
def test_what_a_kill_left_beyond_the_state_is_trained_again_and_stands_once(tmp_path, monkeypatch):
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    main(["train", str(whole), *SHORT])

    def die(checkpoint, gan):
        if gan.steps == 40:
            raise Diverged  # files are closed then, as the system does it for the killed
        gan.save_state(checkpoint.path)

    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(Checkpoint, "write", die)
        main(["train", str(killed), *SHORT])
    half = killed / f".samples.{'0a' * 16}.png"
    half.write_bytes(b"half a pic")
    main(["train", str(killed), *SHORT])
    assert not half.exists()
    for name in ("history.csv", "samples.png", "training.gif"):
        assert (killed / name).read_bytes() == (whole / name).read_bytes()


def test_a_second_training_in_the_same_folder_is_refused_while_the_first_runs(tmp_path, capsys):
    with files.alone_in(tmp_path), pytest.raises(SystemExit):
        main(["train", str(tmp_path), *SHORT])
    assert f"Another process is writing to {tmp_path}" in capsys.readouterr().err


EVERYTHING = [
    ["--labels", "projection", "--spectral-norm", "--loss", "hinge", "--discriminator-steps", "2"],
    ["--labels", "classifier", "--augment", "translate", "cutout", "--instance-noise", "0.1"],
    ["--packing", "2", "--batch-norm", "--loss", "relativistic", "--r1", "1", "--r2", "1"],
    ["--simultaneous", "--loss", "wasserstein", "--wgan-gp", "10", "--penalty-every", "2"],
]


@pytest.mark.parametrize("options", EVERYTHING, ids=lambda options: options[1])
@pytest.mark.slow
def test_every_option_trains(tmp_path, options):
    gan = main(["train", str(tmp_path), "--steps", "4", "--every", "4", *SHORT[4:], *options])
    assert gan.steps == 4
    assert (tmp_path / "samples.png").exists()


def test_every_number_and_switch_of_a_recipe_is_an_option():
    for option in dataclasses.fields(Recipe):
        if option.type not in (bool, int, float) or option.name == "feature_weight":
            continue
        flag = f"--{option.name.replace('_', '-')}"
        others = {
            bool: not option.default,
            int: option.default + 1,
            float: option.default / 2 or 0.5,
        }
        value = others[option.type]
        given = [flag] if option.type is bool else [flag, str(value)]
        recipe = recipe_of(parser().parse_args(["train", "out", *given]))
        assert recipe == Recipe(**{"steps": 5000, option.name: value})


def test_the_default_is_the_engines(tmp_path):
    """From the shell as by `compile`, with all its steps."""
    gan = main(["train", str(tmp_path), *SHORT])
    expected = gan.generate(4)
    again = training.GAN(gan.generator, gan.discriminator)
    again.compile(steps=40)
    again.reset(0)
    again.fit(datasets.load("digits").images, steps_per_epoch=40, verbose=0)
    np.testing.assert_array_equal(again.generate(4), expected)
    assert gan.recipe == again.recipe


def test_a_conv_pair_trains(tmp_path):
    options = ["--network", "conv", "--dataset", "shapes16", "--widths", "8", "8", "4"]
    gan = main(["train", str(tmp_path), "--steps", "2", "--every", "2", *options])
    assert gan.image_shape == (16, 16, 3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--dataset", "mnits"], "Unknown data set"),
        (["--loss", "hinges"], "invalid choice: 'hinges'"),
        (["--steps", "30", "--every", "20"], "--steps must be a multiple of --every"),
        (["--r1", "-1"], "r1 must be a finite number, 0 or more. Received: -1.0"),
        (["--packing", "0"], "packing must be a whole number"),
        (["--packing", "2", "--labels", "projection"], "packing and labels do not go together"),
        (["--network", "conv", "--dataset", "ring"], "image_shape must be (height"),
        (["--latent-dim", "0"], "latent_dim must be a whole number"),
        (["--ema-decay", "2"], "ema_decay must be a finite number, from 0 to 1"),
        (["--simultaneous", "--discriminator-steps", "2"], "one step of D for one of G"),
        (["--generator-rate", "-1"], "generator_rate must be a finite number"),
        (["--seed", "-1"], "seed must be a whole number"),
        (["--batch-size", "100000000"], "batch_size must be at most"),
        (["--packing", "3", "--batch-size", "64"], "batch_size must be a multiple of packing"),
        (["--dataset", "ring", "--augment", "flip"], "--augment is for images"),
    ],
)
def test_bad_options_are_refused_before_any_work(tmp_path, capsys, options, message):
    with pytest.raises(SystemExit):
        main(["train", str(tmp_path / "out"), *SHORT, *options])
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_what_is_no_folder_is_refused(tmp_path, capsys):
    """As sentences, not as the system's numbers: a file, and a folder in a file."""
    file = tmp_path / "file"
    file.write_text("")
    for output, message in (
        (file, f"output must be a folder. Received a file: {file}"),
        (file / "inside", f"{file / 'inside'}: Not a directory"),
    ):
        with pytest.raises(SystemExit):
            main(["train", str(output), *SHORT])
        said = capsys.readouterr().err
        assert message in said and "Errno" not in said and "Traceback" not in said


def test_a_training_that_diverges_says_so(tmp_path, capsys, monkeypatch):
    def diverge(*arguments, **options):
        raise Diverged("generator_loss not finite by step 3.")

    monkeypatch.setattr(training.GAN, "fit", diverge)
    with pytest.raises(SystemExit) as stopped:
        main(["train", str(tmp_path), *SHORT])
    assert stopped.value.code == 1
    assert capsys.readouterr().err == "generator_loss not finite by step 3.\n"


def test_help_names_every_option():
    command = [sys.executable, "-m", "gannotes", "train", "--help"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    for option in ("--dataset", "--loss", "--wgan-gp", "--augment", "(default: nonsaturating)"):
        assert option in printed


def test_what_the_options_ask_for_is_built():
    data = datasets.load("digits")
    options = ["train", "out", "--network", "conv", "--schedule", "constant", "--widths", "16", "8"]

    def built(*more):
        arguments = parser().parse_args([*options, *more])
        return recipe_of(arguments), build(arguments, data)

    recipe, gan = built("--augment", "flip", "translate", "--seed", "3")
    assert recipe.steps is None  # rates do not fall
    changed = np.asarray(recipe.augment(data.images[:64], keras.random.SeedGenerator(0)))
    mirrored = data.images[:64, :, ::-1]
    for flips in (data.images[:64], mirrored):  # some are shifted, too
        assert (np.abs(changed - flips).max(axis=(1, 2, 3)) > 0).any()
    kept = [np.abs(changed - x).max(axis=(1, 2, 3)) == 0 for x in (data.images[:64], mirrored)]
    assert np.logical_or(*kept).mean() < 0.5
    d, g = (
        [layer.filters for layer in network.layers if "Conv" in type(layer).__name__]
        for network in (gan.discriminator, gan.generator)
    )
    assert d == [16, 8] and g == [16, 1]  # G's maps are D's the other way round
    others = [built("--seed", seed)[1].generator.get_weights()[0] for seed in ("3", "4")]
    np.testing.assert_array_equal(gan.generator.get_weights()[0], others[0])
    assert not np.array_equal(*others)


def test_a_folder_keeps_to_one_training(tmp_path, capsys):
    main(["train", str(tmp_path), *SHORT])
    before = (tmp_path / "arguments.json").read_text()
    for option, other in (("generator-rate", "0.5"), ("loss", "hinge")):
        with pytest.raises(SystemExit):
            main(["train", str(tmp_path), *SHORT, f"--{option}", other])
        said = capsys.readouterr().err
        assert f"{option.replace('-', '_')} was" in said and other in said.split(", is ")[1]
    assert (tmp_path / "arguments.json").read_text() == before


@pytest.mark.parametrize("labels", ["none", "projection"])
def test_a_trained_generator_draws(labels, tmp_path, capsys):
    gan = main(["train", str(tmp_path), *SHORT, "--labels", labels])
    images = main(["draw", str(tmp_path), "--count", "12", "--seed", "3"])
    given = None if labels == "none" else np.resize(range(10), 12).astype("int32")
    latent = latents.draw(12, 16, 3)
    np.testing.assert_allclose(
        images, generators.make(gan.ema_generator, latent, given), rtol=0, atol=1e-5
    )
    assert "12 pictures: see" in capsys.readouterr().out
    with Image.open(tmp_path / "drawn" / "seed 3" / "11.png") as picture:
        assert np.array_equal(np.asarray(picture), np.rint((images[11, :, :, 0] + 1) * 127.5))
    assert len(list((tmp_path / "drawn" / "seed 3").iterdir())) == 12
    assert (tmp_path / "drawn" / "seed 3.png").exists()


def test_a_trained_generator_draws_one_class(tmp_path):
    gan = main(["train", str(tmp_path), *SHORT, "--labels", "projection"])
    images = main(["draw", str(tmp_path), "--count", "3", "--label", "7"])
    sevens = generators.make(gan.ema_generator, latents.draw(3, 16, 0), np.full(3, 7, "int32"))
    np.testing.assert_allclose(images, sevens, rtol=0, atol=1e-5)
    assert (tmp_path / "drawn" / "seed 0, class 7" / "2.png").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--label", "10"], "labels must be less than 10"),
        (["--label", "-1"], "be 0 or more"),
        (["--count", "0"], "--count"),
    ],
)
def test_what_cannot_be_drawn_is_refused(options, said, tmp_path, capsys):
    main(["train", str(tmp_path), *SHORT, "--labels", "projection"])
    with pytest.raises(SystemExit):
        main(["draw", str(tmp_path), *options])
    assert said in capsys.readouterr().err
    assert not (tmp_path / "drawn").exists()


def test_without_labels_there_is_no_class_to_draw(tmp_path, capsys):
    for train, said in ((False, "There is no file"), (True, "Labels go to a generator")):
        if train:
            main(["train", str(tmp_path), *SHORT])
        with pytest.raises(SystemExit):
            main(["draw", str(tmp_path), "--label", "0"])
        assert said in capsys.readouterr().err


def test_options_that_came_later_had_their_defaults(tmp_path, capsys):
    main(["train", str(tmp_path), *SHORT])
    path = tmp_path / "arguments.json"
    path.write_text(path.read_text().replace('"channels": 3,', ""))
    assert "channels" not in path.read_text()
    with pytest.raises(SystemExit):
        main(["train", str(tmp_path), *SHORT, "--channels", "1"])
    assert "channels was 3, is 1" in capsys.readouterr().err
    main(["train", str(tmp_path), *SHORT])
    assert "steps are done already" in capsys.readouterr().out


def test_discriminators_schedule_counts_its_own_updates():
    options = ["train", "out", "--dataset", "ring", "--steps", "40", "--discriminator-steps", "5"]
    gan = build(parser().parse_args(options), datasets.load("ring"))
    optimizers = gan.generator_optimizer, gan.discriminator_optimizer
    for optimizer, updates, rate in zip(optimizers, (40, 200), (0.002, 0.008), strict=True):
        assert float(optimizer._learning_rate(updates)) == pytest.approx(0, abs=1e-9)
        assert float(optimizer._learning_rate(updates / 2)) == pytest.approx(rate / 2, rel=1e-5)


def test_a_rate_of_zero_is_zero(tmp_path):
    options = ["train", "out", "--discriminator-rate", "0", "--schedule", "constant"]
    gan = build(parser().parse_args(options), datasets.load("ring"))
    assert float(gan.discriminator_optimizer.learning_rate) == 0
