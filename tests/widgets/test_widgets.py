"""Widgets without a browser: what sliders and buttons do, and what is refused."""

import asyncio
import io

from gannotes import datasets, layers, models, plotting, widgets
from gannotes.datasets.drawn import draw_shapes, sample_factors
from gannotes.latent import generators, latents
from gannotes.metrics import damage, features
from gannotes.metrics.yardstick import Yardstick
from gannotes.models import dictionaries
from gannotes.training import GAN, callbacks, losses
import ipywidgets
import keras
import numpy as np
from PIL import Image
import pytest
from small import POINTS, small_gan


def picture(widget):
    return np.asarray(Image.open(io.BytesIO(widget.image.value)).convert("RGB"))


def generator():
    keras.utils.set_random_seed(0)
    return models.mlp_generator((8, 8, 1), latent_dim=5, widths=(16,))


def test_training_explorer_goes_through_its_pictures():
    pictures = [np.full((4, 6, 3), 80 * i, "uint8") for i in range(3)]
    explorer = widgets.TrainingExplorer([0, 500, 1000], pictures, ["a", "b", "c"], "digits")
    assert picture(explorer).mean() == 160  # opens at the end
    explorer.slider.value = 0
    assert picture(explorer).mean() == 0 and explorer.children[-1].value == "a"
    explorer.slider.value = 2
    assert picture(explorer).mean() == 160
    assert repr(explorer) == "digits: slider over 3 snapshots, steps 0 to 1,000"


@pytest.mark.parametrize("lengths", [(0, 0, 0), (2, 1, 2), (2, 2, 1)])
def test_training_explorer_refuses_unequal_lists(lengths):
    steps, pictures, captions = lengths
    with pytest.raises(ValueError, match="equally many"):
        widgets.TrainingExplorer(
            range(steps), [np.zeros((2, 2, 3), "uint8")] * pictures, ["x"] * captions
        )


def test_latent_explorer_shows_what_the_generator_makes():
    model = generator()
    explorer = widgets.LatentExplorer(model, coordinates=(0, 3), count=6, columns=3, scale=2)
    expected = plotting.image_grid(np.asarray(model(explorer.latents)), columns=3)
    np.testing.assert_array_equal(picture(explorer), expected)
    assert explorer.image.width == str(2 * expected.shape[1])  # pixels enlarged by the browser


def test_latent_sliders_move_their_coordinate_alone_and_reset():
    explorer = widgets.LatentExplorer(generator(), coordinates=(0, 3), count=6)
    latents, first = explorer.latents, explorer.image.value
    explorer.sliders[1].value = 1.5
    np.testing.assert_allclose(explorer.latents - latents, [[0, 0, 0, 1.5, 0]] * 6, atol=1e-6)
    assert explorer.image.value != first
    explorer.reset.click()
    assert explorer.image.value == first
    explorer.seed.value = 7
    assert explorer.image.value != first


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"coordinates": [5]}, "Coordinates lie in 0 to 4. Received: 5"),
        ({"coordinates": [-1]}, "Coordinates lie in 0 to 4"),
        ({"count": 0}, "count must be a whole number"),
    ],
)
def test_latent_explorer_refuses(options, message):
    with pytest.raises(ValueError, match=message):
        widgets.LatentExplorer(generator(), **options)


def test_latent_explorer_needs_images():
    with pytest.raises(ValueError, match="must map latents"):
        widgets.LatentExplorer(models.mlp_generator((2,)))


def conditional():
    return models.mlp_generator((8, 8, 1), latent_dim=5, widths=(16,), num_classes=3)


def test_directions_and_truncation():
    direction = np.array([[0, 1.0, 0, -1.0, 0]])
    explorer = widgets.LatentExplorer(generator(), directions=direction, names=["tilt"], count=4)
    assert [slider.description for slider in explorer.sliders] == ["tilt"]
    drawn = explorer.latents
    explorer.truncation.value = 0.5
    explorer.sliders[0].value = 2
    np.testing.assert_allclose(explorer.latents, drawn / 2 + 2 * direction, atol=1e-6)
    explorer.reset.click()
    np.testing.assert_array_equal(explorer.latents, drawn)


def test_reset_draws_once(monkeypatch):
    explorer = widgets.LatentExplorer(generator(), count=4)
    for slider in explorer.sliders:
        slider.value = 1
    drawn = []
    monkeypatch.setattr(generators, "make", lambda *given: drawn.append(given) or IMAGES)
    explorer.reset.click()
    assert len(drawn) == 1


IMAGES = np.zeros((4, 8, 8, 1), "float32")


def test_classes_in_turn_or_one():
    model = conditional()
    explorer = widgets.LatentExplorer(model, count=5, scale=6, classes=["a", "b", "c"])
    assert explorer.labels.tolist() == [0, 1, 2, 0, 1]
    explorer.classes.value = 2
    assert explorer.labels.tolist() == [2] * 5
    expected = plotting.image_grid(generators.make(model, explorer.latents, explorer.labels), 8)
    np.testing.assert_array_equal(picture(explorer), expected)
    assert repr(explorer) == "latent space: 4 sliders over 5 images, 3 classes"
    one = widgets.LatentExplorer(model, count=1)
    assert [name for name, _ in one.classes.options] == ["0", "1", "2"]  # no turns with one image


def test_a_walk_goes_through_what_was_kept():
    explorer = widgets.LatentExplorer(generator(), count=3)
    assert explorer.walk.disabled and explorer.play.disabled
    explorer.keep.click()
    assert explorer.walk.disabled
    first = explorer.latents
    explorer.seed.value = 1
    explorer.sliders[2].value = -1
    second = explorer.latents
    explorer.keep.click()
    assert not explorer.walk.disabled and explorer.play.max == explorer.walk.max
    explorer.walk.value = explorer.walk.max
    np.testing.assert_allclose(explorer.latents, second, atol=1e-6)
    explorer.walk.value = explorer.walk.max // 2
    np.testing.assert_array_equal(explorer.latents, latents.between(first, second, 0.5))
    explorer.sliders[2].value = 0  # leaves the walk
    np.testing.assert_array_equal(explorer.latents, latents.draw(3, 5, 1))
    explorer.forget.click()
    assert explorer.walk.disabled and not explorer.kept


def test_only_the_last_points_are_kept():
    explorer = widgets.LatentExplorer(conditional(), count=1)
    for seed in range(10):
        explorer.seed.value = seed
        explorer.keep.click()
    assert len(explorer.kept) == 8
    np.testing.assert_array_equal(explorer.kept[0][0], latents.draw(1, 5, 2))


def test_random_draws_another_seed_and_leaves_the_notebooks_generator_alone():
    explorer = widgets.LatentExplorer(generator(), count=1)
    np.random.seed(0)
    before = explorer.latents
    explorer.random.click()
    assert not np.array_equal(explorer.latents, before)
    assert np.random.randint(1000) == 684  # the first of seed 0


def test_save_writes_picture_and_latents_and_overwrites_nothing(tmp_path):
    explorer = widgets.LatentExplorer(conditional(), count=3, folder=tmp_path / "out")
    explorer.save.click()
    explorer.seed.value = 5
    explorer.save.click()
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == [f"latents-00{n}.{kind}" for n in (1, 2) for kind in ("npz", "png")]
    with np.load(tmp_path / "out" / "latents-002.npz", allow_pickle=False) as saved:
        np.testing.assert_array_equal(saved["latents"], explorer.latents)
        assert saved["labels"].tolist() == [0, 1, 2]
    saved = np.asarray(Image.open(tmp_path / "out" / "latents-002.png").convert("RGB"))
    shown = picture(explorer)
    scale = int(explorer.image.width) // shown.shape[1]
    np.testing.assert_array_equal(saved[::scale, ::scale], shown)
    assert saved.shape[1] == int(explorer.image.width) > shown.shape[1]


def test_save_says_what_went_wrong(tmp_path):
    (tmp_path / "file").write_text("in the way")
    explorer = widgets.LatentExplorer(generator(), count=1, folder=tmp_path / "file")
    explorer.save.click()
    assert "not written" in text(explorer)


def text(widget):
    """All that a widget says in labels."""
    if isinstance(widget, ipywidgets.Label):
        return widget.value
    return " ".join(map(text, getattr(widget, "children", ())))


def test_titles_are_text_not_markup():
    explorer = widgets.LatentExplorer(generator(), count=1, title="<img src=x onerror=alert(1)>")
    assert "<img" not in explorer.children[0].value


def test_stills():
    explorer = widgets.LatentExplorer(conditional(), coordinates=(1, 3), count=2)
    [ax] = explorer.still().axes
    assert [label.get_text() for label in ax.get_yticklabels()] == ["z1", "z3"]
    pictures = [np.full((4, 6, 3), 80 * i, "uint8") for i in range(3)]
    film = widgets.TrainingExplorer([0, 500, 1000], pictures)
    titles = [ax.get_title() for ax in film.still(2).axes]
    assert titles == ["step 0", "step 1,000"]


# A film of a training


def snapshots(gan, **options):
    shots = callbacks.Snapshots(every=5, count=16, **options)
    gan.fit(POINTS, batch_size=16, steps_per_epoch=10, callbacks=[shots], verbose=0)
    return shots


def test_a_curves_mark_follows_the_slider():
    pictures = [np.zeros((4, 4, 3), "uint8")] * 3
    explorer = widgets.TrainingExplorer([0, 10, 40], pictures, curves={"loss": [3, 2, 1]})
    columns = []
    for chosen in range(3):
        explorer.slider.value = chosen
        curve = np.asarray(Image.open(io.BytesIO(explorer.curve.value)))
        marked = (curve == (208, 28, 139)).all(axis=-1)
        [column] = set(np.nonzero(marked)[1])
        columns.append(column)
    assert (columns[2] - columns[0]) / (columns[1] - columns[0]) == pytest.approx(4, abs=0.1)
    with pytest.raises(ValueError, match="Curve 'loss' must have one number for each of the 3"):
        widgets.TrainingExplorer([0, 1, 2], pictures, curves={"loss": [1]})


def test_a_film_of_points_on_ds_map():
    shots = snapshots(small_gan(), probe=plotting.plane(3, 8))
    explorer = widgets.TrainingExplorer.of_snapshots(shots, POINTS, metrics={"m": [1, 2, 3]})
    assert repr(explorer) == "training: slider over 3 snapshots, steps 0 to 10"
    first = picture(explorer)
    explorer.slider.value = 0
    assert (picture(explorer) != first).any()
    with pytest.raises(ValueError, match="the probe must be a square of points"):
        widgets.TrainingExplorer.of_snapshots(snapshots(small_gan(), probe=POINTS[:7]))


def digits_gan(**options):
    gan = GAN(generator(), models.mlp_discriminator((8, 8, 1), (8,)))
    gan.compile(penalties={"r1": 0.1}, jit_compile=False, **options)
    return gan


DIGITS = np.random.default_rng(0).uniform(-1, 1, (64, 8, 8, 1)).astype("float32")


def test_a_film_of_images_with_the_probes_scores():
    shots = callbacks.Snapshots(every=5, count=16, probe=DIGITS)
    digits_gan().fit(DIGITS, batch_size=16, steps_per_epoch=10, callbacks=[shots], verbose=0)
    explorer = widgets.TrainingExplorer.of_snapshots(shots)
    expected = plotting.image_grid(shots.images[-1], 8, 5)
    np.testing.assert_array_equal(picture(explorer), expected)
    assert explorer.curve.value


# The game


def test_buttons_take_half_steps_and_reset_starts_over():
    game = widgets.GameStepper(POINTS)
    first = game.image.value
    weights = [network.get_weights() for network in (game.gan.generator, game.gan.discriminator)]

    def moved():
        networks = game.gan.generator, game.gan.discriminator
        return [
            any((a != b).any() for a, b in zip(network.get_weights(), before, strict=True))
            for network, before in zip(networks, weights, strict=True)
        ]

    game.step_d.click()
    assert moved() == [False, True]
    game.step_g.click()
    assert moved() == [True, True]
    assert "D's steps 1, G's 1 · D's loss" in text(game)
    game.reset.click()
    assert moved() == [False, False]
    assert game.image.value == first


def test_rounds_are_half_steps_in_turn_and_each_tick_is_the_next(monkeypatch):
    monkeypatch.setattr("gannotes.widgets.stepper.ROUNDS", 3)
    by_rounds, by_ticks = (widgets.GameStepper(POINTS) for _ in range(2))
    by_ticks.gan.generator.set_weights(by_rounds.gan.generator.get_weights())
    by_ticks.gan.discriminator.set_weights(by_rounds.gan.discriminator.get_weights())
    by_rounds.rounds.click()
    for tick in range(1, 7):
        by_ticks.play.value = tick
    by_ticks.play.value = 0  # the player's stop
    assert text(by_ticks) == text(by_rounds)


def test_a_game_compiles_once_for_each_loss_whatever_the_weight():
    game = widgets.GameStepper(POINTS)
    game.step_d.click()
    compiled = game.gan._half_steps["discriminator"]
    game.weight.value = 1
    assert game.gan.term_weights["r1"] == 1
    game.step_d.click()
    game.loss.value = "hinge"
    game.step_d.click()
    assert "D's steps 1, G's 0" in text(game)
    game.loss.value = "nonsaturating"
    assert game.gan.term_weights["r1"] == 1
    game.step_d.click()
    assert game.gan._half_steps["discriminator"] is compiled
    assert compiled.experimental_get_tracing_count() == 1
    assert repr(game) == "the game in the plane: 6 losses, weight of r1"


def test_a_game_that_diverged_is_shown_and_reset():
    game = widgets.GameStepper(POINTS, learning_rate=1e30)
    first = game.image.value
    game.rounds.click()
    assert "nan" in text(game)
    game.reset.click()
    assert game.image.value == first


def test_the_game_refuses():
    with pytest.raises(ValueError, match=r"images must have shape \(n, 2\)"):
        widgets.GameStepper(DIGITS)
    with pytest.raises(ValueError, match="Unknown loss"):
        widgets.GameStepper(POINTS, loss="kl")


# A live training


def test_without_a_kernel_train_runs_to_its_end_and_the_second_time_the_same():
    trainer = widgets.LiveTrainer(digits_gan(), DIGITS, batch_size=16, steps=20, every=10)
    untrained = trainer.image.value
    trainer.train.click()
    first = trainer.image.value
    assert trainer.progress.value == 20 and "step 20 · losses D" in text(trainer)
    trainer.go_on.click()
    assert "step 40" in text(trainer)
    trainer.train.click()
    assert trainer.image.value == first != untrained
    assert trainer._gan._fused_steps.experimental_get_tracing_count() == 1
    assert trainer.stop.disabled and not trainer.train.disabled


def test_stop_is_heard_between_slices():
    trainer = widgets.LiveTrainer(digits_gan(), DIGITS, batch_size=16, steps=100_000, every=10)

    async def reader():
        trainer.train.click()
        await asyncio.sleep(0.2)
        assert not trainer.stop.disabled and trainer.train.disabled
        trainer.train.click()  # no second one beside the first
        trainer.stop.click()
        await asyncio.wait_for(trainer._task, 5)

    asyncio.run(reader())
    assert "stopped" in text(trainer)
    assert 0 < trainer._gan.steps < 100_000


def test_a_second_training_stops_the_first_and_so_does_closing():
    first, second = (
        widgets.LiveTrainer(digits_gan(), DIGITS, batch_size=16, steps=100_000, every=10)
        for _ in range(2)
    )

    async def reader():
        first.train.click()
        await asyncio.sleep(0.1)
        second.train.click()
        await asyncio.wait_for(first._task, 5)
        assert not second.stop.disabled
        second.close()
        await asyncio.wait_for(second._task, 5)

    asyncio.run(reader())
    assert "stopped" in text(first)
    assert 0 < first._gan.steps < 100_000 and 0 < second._gan.steps < 100_000


def test_sliders_set_rates_and_weights():
    gan = digits_gan(generator_optimizer=keras.optimizers.Adam(0.002))
    trainer = widgets.LiveTrainer(gan, DIGITS, batch_size=16)
    assert trainer.rate_g.value == 0.002  # among the choices, though not one of the round ones
    trainer.rate_g.value, trainer.rate_d.value = 0.01, 0.0003
    trainer.weights["r1"].value = 3
    assert gan.generator_optimizer.learning_rate.numpy() == pytest.approx(0.01)
    assert gan.discriminator_optimizer.learning_rate.numpy() == pytest.approx(0.0003)
    assert gan.term_weights["r1"] == 3
    assert repr(trainer) == "Training under the hand: 4 settings; train, go on, stop"


def test_the_weight_of_feature_matching_has_a_slider_where_there_is_matching():
    assert list(widgets.LiveTrainer(digits_gan(), DIGITS, batch_size=16).weights) == ["r1"]
    gan = GAN(generator(), models.mlp_discriminator((8, 8, 1), (8,)))
    layers = models.hidden_layers(gan.discriminator)
    gan.compile(jit_compile=False, feature_loss=losses.l2_matching, feature_layers=layers)
    trainer = widgets.LiveTrainer(gan, DIGITS, batch_size=16)
    assert trainer.weights["feature_weight"].description == "feature weight"
    trainer.weights["feature_weight"].value = 3
    assert gan.term_weights["feature_weight"] == 3


def test_more_choices_are_sliders_that_call_a_function():
    chosen = []
    choices = {"layer": (("first", "last"), chosen.append)}
    trainer = widgets.LiveTrainer(digits_gan(), DIGITS, batch_size=16, choices=choices)
    trainer.choices["layer"].value = "last"
    assert chosen == ["first", "last"]
    assert repr(trainer) == "Training under the hand: 5 settings; train, go on, stop"


def test_metrics_and_the_diagnosis_stand_under_the_picture():
    gan = digits_gan(generator_optimizer=keras.optimizers.Adam(0.0))
    trainer = widgets.LiveTrainer(
        gan, DIGITS, batch_size=16, steps=10, every=10, measure=lambda x: {"images": len(x)}
    )
    trainer.train.click()
    assert "images 200" in text(trainer)
    assert "The generator does not move" in text(trainer)
    trainer.rate_g.value = 0.001
    trainer.go_on.click()
    assert "does not move" not in text(trainer)


def test_a_training_that_diverged_says_so_and_trains_again():
    gan = digits_gan(discriminator_optimizer=keras.optimizers.SGD(1e30))
    trainer = widgets.LiveTrainer(gan, DIGITS, batch_size=16, steps=20, every=10)
    trainer.train.click()
    assert "Diverged: " in text(trainer) and not trainer.train.disabled
    trainer.rate_d.value = 0.001
    trainer.train.click()
    assert "step 20" in text(trainer)


def test_live_training_with_labels_shows_each_class_in_turn():
    gan = GAN(conditional(), models.mlp_discriminator((8, 8, 1), (8,), num_classes=3))
    gan.compile(jit_compile=False)
    labels = np.arange(64) % 3
    trainer = widgets.LiveTrainer(gan, DIGITS, labels, batch_size=16, steps=10, every=10)
    trainer.train.click()
    images = gan.generate(64, labels=labels)
    np.testing.assert_array_equal(picture(trainer), plotting.image_grid(images, 8, 6))


def test_live_trainer_refuses():
    gan = GAN(generator(), models.mlp_discriminator((8, 8, 1), (8,)))
    with pytest.raises(RuntimeError, match="Call compile"):
        widgets.LiveTrainer(gan, DIGITS)
    gan.compile(keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.1, 10)))
    with pytest.raises(ValueError, match="no schedule"):
        widgets.LiveTrainer(gan, DIGITS)
    with pytest.raises(ValueError, match="measure is for generators that take no labels"):
        gan = GAN(conditional(), models.mlp_discriminator((8, 8, 1), (8,), num_classes=3))
        gan.compile(jit_compile=False)
        labels = np.arange(64) % 3
        widgets.LiveTrainer(gan, DIGITS, labels, batch_size=16, measure=len)
    with pytest.raises(ValueError, match="give it a function draw"):
        widgets.LiveTrainer(small_gan(), POINTS)


# Damage


@pytest.fixture(scope="module")
def spoiled():
    data = datasets.load("digits")
    pool = damage.Pool(data.held_out_images, data.held_out_labels, data.images)
    ruler = Yardstick(data, count=100)
    fair = [
        list(ruler.measure(damage.noise(pool, 80, 0.0, np.random.default_rng(seed))).values())
        for seed in range(4)
    ]
    return pool, ruler, np.mean(fair, axis=0), np.std(fair, axis=0)


def test_damage_moves_picture_and_metrics(spoiled):
    explorer = widgets.DamageExplorer(*spoiled, count=80)
    first, picture, bars = explorer.measure(), explorer.image.value, explorer.table.value
    assert [name in bars for name in ("precision", "birthday test")] == [True, True]
    explorer.strength.value = 1.0
    second = explorer.measure()
    assert second["precision"] < first["precision"]
    assert explorer.image.value != picture and explorer.table.value != bars
    assert f"{second['precision']:.3f}" in explorer.table.value
    explorer.damage.value = "copies"
    assert explorer.measure()["copies"] > 0.9
    explorer.damage.value, explorer.strength.value = "noise", 0.4
    assert explorer.image.value == picture and explorer.table.value == bars


def test_damage_reads_as_text(spoiled):
    explorer = widgets.DamageExplorer(*spoiled, count=80)
    assert repr(explorer) == (
        "damage to real images: 6 kinds, a slider for their strength, 11 metrics of 80 images"
    )


def test_damage_needs_a_mean_for_each_metric(spoiled):
    pool, ruler, means, spreads = spoiled
    with pytest.raises(ValueError, match=r"means must be one number for each of the 11 metrics"):
        widgets.DamageExplorer(pool, ruler, means[:3], spreads)


def test_rank_explorer_cuts_every_kernel_and_comes_back():
    model = generator()  # 5-16-64
    explorer = widgets.RankExplorer(model, count=6, columns=3)
    drawn = latents.draw(6, 5, 0)
    assert (explorer.slider.min, explorer.slider.max, explorer.slider.value) == (1, 16, 16)
    whole = explorer.image.value
    np.testing.assert_allclose(explorer.images, model(drawn), atol=1e-5)
    explorer.slider.value = 3
    np.testing.assert_allclose(explorer.images, layers.factorize(model, 3)(drawn), atol=1e-5)
    assert explorer.image.value != whole
    note = explorer.children[1].children[1].children[1].value
    assert f"factors of {3 * (5 + 16 + 16 + 64):,} weights, where the kernels have 1,104" in note
    explorer.slider.value = 16
    assert explorer.image.value == whole
    assert repr(explorer) == "rank: slider from 1 to 16 over 6 images"
    labels = [tick.get_text() for tick in explorer.still([1, 4]).axes[0].get_yticklabels()]
    assert labels == ["rank 1", "rank 4"] and explorer.slider.value == 16


def test_rank_explorer_refuses():
    with pytest.raises(ValueError, match="takes labels"):
        widgets.RankExplorer(conditional())
    with pytest.raises(ValueError, match="rank must be at most 16. Received: 17"):
        widgets.RankExplorer(generator(), rank=17)
    inputs = keras.Input((4,))
    bare = keras.Model(inputs, keras.layers.Reshape((2, 2, 1))(inputs))
    with pytest.raises(ValueError, match="must have dense kernels"):
        widgets.RankExplorer(bare)


def square_pictures(count, seed=0):
    return draw_shapes(sample_factors(count, np.random.default_rng(seed)), 16)


def test_features_of_the_nearest_image():
    images = square_pictures(50)
    explorer = widgets.FeatureExplorer(images, square_pictures(40, seed=1))
    own = sample_factors(50, np.random.default_rng(0))
    for name, slider in explorer.sliders.items():
        slider.value = own[name][7]
    explorer.shape.value, explorer.texture.value = int(own["shape"][7]), int(own["texture"][7])
    np.testing.assert_array_equal(explorer.nearest, images[7])
    assert abs(explorer.drawn - images[7]).mean() < 0.05
    first, table = explorer.image.value, explorer.table.value
    explorer.sliders["hue"].value = (own["hue"][7] + 0.5) % 1
    assert explorer.image.value != first and explorer.table.value != table
    value = features.hue(explorer.nearest[None])[0]
    assert f"{value:.3f}" in explorer.table.value


def test_features_read_as_text_and_stand_still():
    explorer = widgets.FeatureExplorer(square_pictures(20), square_pictures(20))
    assert repr(explorer) == "features: 7 factors to set, 20 generated images, 19 features"
    assert explorer.still("x", columns=5).axes[0].get_title() == "a walk along x"
    with pytest.raises(ValueError, match="Unknown factor"):
        explorer.still("shape")


@pytest.mark.parametrize("shape", [(3, 16, 16, 1), (3, 8, 16, 3), (3, 2)])
def test_features_need_square_colour_pictures(shape):
    with pytest.raises(ValueError, match="images must have shape"):
        widgets.FeatureExplorer(np.zeros(shape, "float32"), square_pictures(20))


def attention_of(count=2, heads=2):
    maps = np.random.default_rng(0).uniform(size=(count, heads, 2, 8, 2, 8))
    return maps / maps.sum(axis=(-2, -1), keepdims=True)


def test_attention_shows_where_a_place_looks():
    images = np.full((2, 8, 32, 3), -1.0, "float32")
    maps = attention_of()
    maps[0, 0] = 1e-9
    maps[0, 0, 1, 3, 0, 6] = 1  # from row 2, column 4 to row 1, column 7
    explorer = widgets.AttentionExplorer(images, maps)
    explorer.head.value = 0
    seen = explorer.looked_at(1, 3)
    assert seen.shape == (8, 32, 3)
    rows, columns = np.nonzero(seen.any(axis=-1))
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (0, 3, 24, 27)
    assert explorer.picture.value.count('class="gannotes-place"') == 16
    before = explorer.picture.value
    explorer.number.value = 1
    assert explorer.picture.value != before


def test_attention_reads_as_text_and_stands_still():
    images = np.zeros((2, 8, 32, 3), "float32")
    explorer = widgets.AttentionExplorer(images, attention_of(), title="D looks")
    assert repr(explorer) == "D looks: 2 pictures, 2 × 8 places to point at"
    assert len(explorer.still([(0, 0), (1, 7)]).axes) == 2


@pytest.mark.parametrize("shape", [(3, 2, 2, 8, 2, 8), (2, 2, 3, 8, 3, 8), (2, 2, 16, 16)])
def test_attention_needs_maps_of_its_images(shape):
    with pytest.raises(ValueError, match="maps must have shape"):
        widgets.AttentionExplorer(np.zeros((2, 8, 32, 3), "float32"), np.ones(shape))


# Sparse codes


def code_explorer(**options):
    atoms = np.linalg.qr(np.random.default_rng(1).normal(size=(64, 64)))[0].reshape(64, 8, 8, 1)
    dictionary = dictionaries.Atoms(atoms, np.zeros((8, 8, 1)))
    return widgets.CodeExplorer(dictionary, DIGITS, **options), dictionary


def test_the_code_explorer_shows_image_and_code():
    explorer, dictionary = code_explorer(active=5)
    code = dictionary.encode(DIGITS[:1], 5)
    np.testing.assert_allclose(explorer.code, code[0])
    pair = np.concatenate([DIGITS[:1], dictionary.decode(code)])
    np.testing.assert_array_equal(picture(explorer), plotting.image_grid(pair, 2))
    assert "5 non-zeros of 64" in text(explorer)
    assert repr(explorer) == (
        "sparse codes of 64 images: slider for the non-zeros, 8 entries with switch and weight, "
        "64 atoms"
    )


def test_switches_and_weights_change_their_entry_alone_and_reset():
    explorer, _ = code_explorer(active=5)
    first, found = explorer.image.value, explorer.code
    atom = explorer.order[0]
    explorer.switches[0].value = False
    assert np.flatnonzero(explorer.code != found).tolist() == [atom] and explorer.code[atom] == 0
    assert explorer.image.value != first
    explorer.switches[0].value = True
    explorer.weights[0].value = 0.5
    assert np.flatnonzero(explorer.code != found).tolist() == [atom]
    assert explorer.code[atom] == pytest.approx(0.5)
    explorer.reset.click()
    np.testing.assert_array_equal(explorer.code, found)
    assert explorer.image.value == first
    assert explorer.switches[6].disabled and explorer.weights[6].disabled  # there are five


def test_a_browser_that_rounds_a_weight_to_the_sliders_steps_changes_nothing():
    explorer, _ = code_explorer(active=5)
    first, found = explorer.image.value, explorer.code
    for weight in explorer.weights:
        weight.value = round(weight.value / weight.step) * weight.step
    np.testing.assert_array_equal(explorer.code, found)
    assert explorer.image.value == first


def test_another_image_and_another_sparsity_have_another_code():
    explorer, dictionary = code_explorer(active=5, shown=3)
    explorer.which.value = 9
    np.testing.assert_allclose(explorer.code, dictionary.encode(DIGITS[9:10], 5)[0])
    explorer.sparsity.value = 12
    assert np.count_nonzero(explorer.code) == 12
    titles = [ax.get_title() for ax in explorer.still().axes]
    assert titles[0] == "no atom" and titles[-1] == "the image" and len(titles) == 5


def test_the_code_explorer_refuses():
    with pytest.raises(ValueError, match="active must be a whole number"):
        code_explorer(active=0)
    _, dictionary = code_explorer()
    with pytest.raises(ValueError, match="images must have shape"):
        widgets.CodeExplorer(dictionary, DIGITS[:, :4])
