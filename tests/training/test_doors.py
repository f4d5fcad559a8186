"""What strangers bring: it plays the game that was asked for, or is refused before any step."""

import copy
import os
import pickle
import subprocess
import sys
import warnings

from gannotes import datasets, models, training
from gannotes.latent import generators, latents
from gannotes.metrics import evaluators
import keras
from keras import layers, ops
import numpy as np
import pytest
from small import small_gan
import tensorflow as tf

DIGITS = datasets.load("digits")
POINTS = datasets.load("ring").images


def pair(**options):
    return models.mlp_generator((8, 8, 1), 8, (16,), **options), judge()


def judge(*last):
    parts = [keras.Input((8, 8, 1)), layers.Flatten(), layers.Dense(16, "relu"), layers.Dense(1)]
    return keras.Sequential([*parts, *last])


def nested(discriminator):
    image = keras.Input((8, 8, 1))
    return keras.Model(image, layers.Reshape((1,))(discriminator(image)))


@pytest.mark.parametrize(
    "last",
    [layers.Activation("sigmoid"), layers.Lambda(ops.sigmoid), layers.Activation("hard_sigmoid")],
)
@pytest.mark.parametrize("wrap", [lambda d: d, nested])
def test_a_sigmoid_is_found_wherever_it_is(last, wrap):
    with pytest.raises(ValueError, match="before any sigmoid"):
        training.GAN(pair()[0], wrap(judge(last)))


@pytest.mark.parametrize("last", [[], [layers.Activation("tanh")], [layers.Rescaling(1e-3, 0.4)]])
def test_scores_without_a_sigmoid_are_taken(last):
    training.GAN(pair()[0], nested(judge(*last)))


def test_an_auxiliary_classifiers_score_has_no_sigmoid():
    images = keras.Input((8, 8, 1))
    seen = layers.Dense(16)(layers.Flatten()(images))
    scores = layers.Dense(1, "sigmoid")(seen)
    d = keras.Model(images, [scores, layers.Dense(10)(seen)])
    with pytest.raises(ValueError, match="before any sigmoid"):
        training.GAN(pair(num_classes=10)[0], d)


def test_labels_come_second():
    latent, label = keras.Input((8,)), keras.Input((), dtype="int32")
    known = layers.Concatenate()([latent, layers.Embedding(10, 4)(label)])
    image = layers.Reshape((8, 8, 1))(layers.Dense(64, "tanh")(known))
    d = models.mlp_discriminator((8, 8, 1), (16,), num_classes=10)
    training.GAN(keras.Model([latent, label], image), d)
    with pytest.raises(
        ValueError, match=r"\[latents, labels\], in this order.*\(None,\), \(None, 8\)"
    ):
        training.GAN(keras.Model([label, latent], image), d)


def test_sequences_are_refused_at_once():
    g = keras.Sequential([keras.Input((4,)), layers.Dense(64), layers.Reshape((64, 1))])
    d = keras.Sequential([keras.Input((64, 1)), layers.Flatten(), layers.Dense(1)])
    with pytest.raises(
        ValueError, match=r"images .*or points.*Received: outputs of shape \(None, 64, 1\)"
    ):
        training.GAN(g, d)


@pytest.mark.parametrize("scaled", [{"loss_scale_factor": 8.0}, {}])
def test_losses_are_not_scaled_so_optimizers_must_not_unscale(scaled):
    optimizer = keras.optimizers.SGD(0.1, **scaled)
    optimizer = optimizer if scaled else keras.optimizers.LossScaleOptimizer(optimizer)
    with pytest.raises(ValueError, match="generator_optimizer expects losses that were scaled"):
        small_gan(generator_optimizer=optimizer)


def of_truth(y_true, y_pred):
    return ops.mean(y_true - y_pred)


@pytest.mark.parametrize(
    "loss", [keras.losses.BinaryCrossentropy(from_logits=True), keras.losses.hinge, of_truth]
)
def test_a_loss_of_truth_and_prediction_is_refused(loss):
    with pytest.raises(
        ValueError, match=r"\(real_scores, fake_scores\), not of \(y_true, y_pred\)"
    ):
        small_gan(loss=(loss, loss))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"beta_1": 1.0}, "beta_1 must be less than 1"),
        ({"feature_weight": 2.0}, "feature_weight is for a feature_loss, and there is none"),
        (
            {"class_weight": 2.0},
            r"class_weight is for a discriminator that gives \[scores, class logits\]",
        ),
    ],
)
def test_options_that_would_do_nothing_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        small_gan(**options)


def test_a_kind_of_optimizer_goes_with_those_that_are_not_given():
    given = [keras.optimizers.SGD(0.1) for _ in range(2)]
    small_gan(optimizer="muon", generator_optimizer=given[0])
    with pytest.raises(ValueError, match="whose own is not given, and both were. Received: 'muon'"):
        training.Recipe(
            optimizer="muon", generator_optimizer=given[0], discriminator_optimizer=given[1]
        )


@pytest.mark.parametrize(
    "callback",
    [
        keras.callbacks.ReduceLROnPlateau("generator_loss", mode="min"),
        keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2),
    ],
)
def test_callbacks_of_one_optimizer_are_refused_before_any_step(callback):
    gan = small_gan()
    with pytest.raises(ValueError, match=r"a game has two. Let rates fall by compile\(steps=…\)"):
        gan.fit(np.ones((64, 2), "float32"), steps_per_epoch=1, verbose=0, callbacks=[callback])
    assert gan.steps == 0


@pytest.mark.parametrize("door", ["evaluate", "train_on_batch", "test_on_batch"])
def test_what_has_no_meaning_in_a_game_says_what_has(door):
    with pytest.raises(NotImplementedError, match="Measure images by metrics.yardstick"):
        getattr(small_gan(), door)(np.ones((64, 2), "float32"))


def test_weights_that_were_loaded_reach_the_average():
    gan = small_gan()
    gan.generator.set_weights([np.full_like(x, 0.5) for x in gan.generator.get_weights()])
    gan.set(generator_rate=0)
    gan.fit(np.ones((64, 2), "float32"), steps_per_epoch=1, verbose=0)
    drawn = gan.generate(5, seed=1)
    assert np.ptp(drawn) > 0
    np.testing.assert_allclose(drawn, gan.generator(keras.random.normal((5, 2), seed=1)), atol=1e-6)


def test_another_models_state_names_what_differs(tmp_path):
    small_gan().save_state(tmp_path / "state.npz")
    other = training.GAN(models.mlp_generator((2,), 2, (9,)), models.mlp_discriminator((2,), (8,)))
    other.compile(jit_compile=False)
    with pytest.raises(ValueError, match=r"Received: \(2, 8\) where .*kernel has \(2, 9\)"):
        other.load_state(tmp_path / "state.npz")


def test_a_rate_that_is_set_counts_after_another_was_loaded(tmp_path):
    def rates(gan):
        return [
            float(x.learning_rate.numpy())
            for x in (gan.generator_optimizer, gan.discriminator_optimizer)
        ]

    gan = small_gan()
    gan.set(generator_rate=0.125, discriminator_rate=0.25)
    gan.save_state(tmp_path / "state.npz")
    other = small_gan()
    own = other.recipe.generator_rate, other.recipe.discriminator_rate
    other.load_state(tmp_path / "state.npz")
    assert rates(other) == [0.125, 0.25]
    other.set(generator_rate=own[0])
    assert rates(other) == [pytest.approx(own[0]), 0.25]
    other.set(discriminator_rate=own[1])
    assert rates(other) == [pytest.approx(x) for x in own]


@pytest.mark.filterwarnings("default:Images should lie")
def test_images_from_0_to_1_are_told():
    gan = training.GAN(*pair())
    gan.compile(jit_compile=False)
    with pytest.warns(UserWarning, match="no value is below 0. From .* by 2·x - 1"):
        gan.fit((DIGITS.images[:64] + 1) / 2, steps_per_epoch=1, verbose=0)
    with pytest.warns(UserWarning, match="no value is below 0"):
        generators.make(
            keras.Sequential([pair()[0], layers.Activation("sigmoid")]), latents.draw(4, 8, 0)
        )
    with pytest.raises(
        ValueError, match=r"from 0 to 255 they come by x / 127.5 - 1. Received: values"
    ):
        generators.make(
            keras.Sequential([pair()[0], layers.Rescaling(127.5, 127.5)]), latents.draw(4, 8, 0)
        )


def test_a_prime_number_of_steps_is_told():
    gan = small_gan()
    with pytest.warns(
        UserWarning, match="137 steps an epoch go in calls of 1, .* 200 would be fast"
    ):
        gan.fit(POINTS, steps_per_epoch=137, verbose=0)


class Every(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        pass


def test_a_callback_that_wants_each_batch_is_told_how():
    gan, quiet = small_gan(), Every()
    with pytest.warns(UserWarning, match="Every hears only of the last .* attribute every"):
        gan.fit(POINTS, steps_per_epoch=10, callbacks=[Every()], verbose=0)
    for name in ("on_train_batch_begin", "on_train_batch_end"):
        hears = keras.callbacks.LambdaCallback(**{name: lambda batch, logs: None})
        with pytest.warns(UserWarning, match="LambdaCallback hears only of the last"):
            gan.fit(POINTS, steps_per_epoch=10, callbacks=[hears], verbose=0)
    quiet.every = 5
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        gan.fit(POINTS, steps_per_epoch=10, callbacks=[quiet], verbose=0)
        known = [keras.callbacks.TerminateOnNaN(), keras.callbacks.CSVLogger(os.devnull)]
        gan.fit(POINTS, steps_per_epoch=10, callbacks=known, verbose=0)


class OutsideOfTheGraph(layers.Layer):
    def call(self, x):
        return x + ops.reshape(tf.numpy_function(np.mean, [x], "float32"), ())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("layer", "told"),
    [(layers.RandomRotation(0.1), None), (OutsideOfTheGraph(), "jit_compile=False")],
)
def test_where_xla_cannot_compile_it_goes_without_or_says_how(layer, told):
    parts = [keras.Input((8, 8, 1)), layer, layers.Flatten(), layers.Dense(1)]
    gan = training.GAN(pair()[0], keras.Sequential(parts))
    gan.compile()
    try:
        gan.fit(DIGITS.images, steps_per_epoch=10, verbose=0)
    except Exception as error:  # TensorFlow's own
        assert told in error.__notes__[0]
    else:
        assert told is None


def test_channels_first_is_refused_by_name(monkeypatch):
    monkeypatch.setattr(keras.config, "image_data_format", lambda: "channels_first")
    for make in (models.conv_generator, models.conv_discriminator):
        with pytest.raises(ValueError, match='set_image_data_format\\("channels_last"\\)'):
            make((8, 8, 1))


def test_labels_of_one_column_are_labels():
    z, label = keras.Input((8,)), keras.Input((1,), dtype="int32")
    known = layers.multiply([z, layers.Flatten()(layers.Embedding(10, 8)(label))])
    image = layers.Reshape((8, 8, 1))(layers.Dense(64, "tanh")(known))
    generator = keras.Model([z, label], image)
    training.GAN(generator, models.mlp_discriminator((8, 8, 1), (16,), num_classes=10))
    images = generators.make(generator, latents.draw(3, 8, 0), np.arange(3))
    generators.check_generator(generator)
    assert images.shape == (3, 8, 8, 1)


def scaled():
    return layers.Lambda(lambda x: 0.9 * x)


FLAT, NESTED, FUNCTIONAL = (
    lambda parts: parts[1:],
    lambda parts: [keras.Sequential(parts)],
    lambda parts: [nested_in(*parts)],
)


@pytest.mark.parametrize("wrap", [FLAT, NESTED, FUNCTIONAL])
def test_a_lambda_is_shared_by_the_average(wrap):
    inner = wrap([keras.Input((8,)), scaled(), layers.Dense(2)])
    parts = [keras.Input((2,)), layers.Dense(8), *inner]
    gan = training.GAN(keras.Sequential(parts), models.mlp_discriminator((2,), (8,)))
    gan.compile(jit_compile=False)
    gan.fit(np.ones((64, 2), "float32"), steps_per_epoch=2, verbose=0)
    gan.reset(1)
    drawn = latents.draw(5, 2, 0)
    np.testing.assert_allclose(gan(drawn), gan.generator(drawn), atol=1e-6)


def nested_in(start, *parts):
    x = start
    for part in parts:
        x = part(x)
    return keras.Model(start, x)


def test_a_layer_that_cannot_be_copied_is_refused():
    parts = [keras.Input((2,)), layers.Reshape((2, 1)), layers.TimeDistributed(scaled())]
    parts += [layers.Flatten(), layers.Dense(2)]
    with pytest.raises(ValueError, match=r"come back from its get_config. Received: <TimeDistri"):
        training.GAN(keras.Sequential(parts), models.mlp_discriminator((2,), (8,)))


def nothing(*given):
    return np.nan * ops.sum(keras.tree.flatten(given)[-1])


def mean_gap(real, fake):
    return ops.sum(ops.square(ops.mean(real[0], axis=0) - ops.mean(fake[0], axis=0)))


@pytest.mark.parametrize("jit_compile", [False, pytest.param(True, marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    ("loss", "feature_loss", "weight"),
    [
        ({"good": "hinge", "bad": (nothing, nothing)}, None, 1),
        ("hinge", {"good": mean_gap, "bad": nothing}, 1),
        ("hinge", nothing, 0),
    ],
)
def test_what_is_switched_off_may_be_nan(loss, feature_loss, weight, jit_compile):
    gan = training.GAN(models.mlp_generator((2,), 2, (8,)), models.mlp_discriminator((2,), (8,)))
    feature_layers = models.hidden_layers(gan.discriminator) if feature_loss else ()
    features = {"feature_loss": feature_loss, "feature_layers": feature_layers}
    gan.compile(loss=loss, feature_weight=weight, jit_compile=jit_compile, **features)
    history = gan.fit(POINTS, steps_per_epoch=2, verbose=0).history
    assert np.isfinite(history["generator_loss"] + history["discriminator_loss"]).all()


def made_for(num_classes, **options):
    generator = models.mlp_generator((2,), 2, (8,), num_classes=num_classes[0])
    return generator, models.mlp_discriminator((2,), (8,), num_classes=num_classes[1], **options)


@pytest.mark.parametrize("num_classes", [(2, None), (None, 2), (None, None)])
@pytest.mark.parametrize("with_labels", [True, False])
def test_classes_of_one_network_alone(num_classes, with_labels):
    gan, drawn = training.GAN(*made_for(num_classes)), POINTS[:64]
    gan.compile(jit_compile=False)
    labels = (drawn[:, 0] > 0).astype(int) if with_labels else None
    if with_labels == (num_classes != (None, None)):
        gan.fit(drawn, labels, steps_per_epoch=2, verbose=0)
        made = gan.generate(3, labels=np.array([0, 1, 1]) if gan.conditional else None)
        assert np.isfinite(made).all()
    else:
        told = "labels" if with_labels else "none"
        with pytest.raises(ValueError, match=f"takes or gives classes, .* Received: {told}"):
            gan.fit(drawn, labels, steps_per_epoch=2, verbose=0)


def test_labels_are_numbers_not_rows():
    drawn, label = keras.Input((2,)), keras.Input((2,))
    both = keras.Model([drawn, label], layers.Dense(2)(layers.Concatenate()([drawn, label])))
    with pytest.raises(
        ValueError, match=r"labels have shape \(batch,\). Received: .*\(None, 2\)\]"
    ):
        training.GAN(both, made_for((2, 2))[1])


def test_weights_that_differ_before_training_are_told():
    gan = small_gan()
    gan.generate(1)
    gan.generator.set_weights([x + 1 for x in gan.generator.get_weights()])
    with pytest.warns(UserWarning, match="these images are ema_generator's, and fit will begin"):
        gan.generate(1)
    gan.fit(POINTS, steps_per_epoch=1, verbose=0)
    gan.generate(1)


@pytest.mark.parametrize(
    "copied", [copy.deepcopy, pickle.dumps, keras.saving.serialize_keras_object]
)
def test_a_gan_is_copied_by_its_state(copied):
    with pytest.raises(NotImplementedError, match="bring it the state by save_state"):
        copied(small_gan())


def test_the_evaluators_need_channels_last_too(monkeypatch):
    monkeypatch.setattr(keras.config, "image_data_format", lambda: "channels_first")
    with pytest.raises(ValueError, match='set_image_data_format\\("channels_last"\\)'):
        evaluators.load_evaluator("digits")


def test_a_state_is_read_once_compiled(tmp_path):
    gan = training.GAN(*made_for((None, None)))
    with pytest.raises(RuntimeError, match="Call compile before load_state"):
        gan.load_state(tmp_path / "none.npz")


def test_importing_in_a_notebook_starts_no_device():
    code = (
        "import ipykernel, gannotes, tensorflow as tf\n"
        "tf.config.threading.set_intra_op_parallelism_threads(1)\n"
        "tf.config.set_logical_device_configuration(tf.config.list_physical_devices('CPU')[0],"
        " [tf.config.LogicalDeviceConfiguration()] * 2)\n"
        "print(len(tf.config.list_logical_devices()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("2\n", "")


@pytest.mark.parametrize(("count", "size"), [(20, 20), (64, 64), (65, 64)])
def test_a_batch_is_no_larger_than_the_data(count, size):
    seen = []
    gan = small_gan(augment=lambda images, seed: seen.append(images.shape[0]) or images)
    seen.clear()  # compile tries it
    gan.fit(POINTS[:count], steps_per_epoch=1, verbose=0)
    assert set(seen) == {size}
