"""Bad input is refused before any step."""

from gannotes import models
from gannotes.training import GAN, augmentation
import keras
from keras import layers
import numpy as np
import pytest
from small import LABELS, POINTS, conditional_gan, small_gan, train
import tensorflow as tf

OPTIMIZERS = ("generator_optimizer", "discriminator_optimizer")


# What is refused, before any step

NAN = np.where(np.arange(128).reshape(64, 2) == 5, np.nan, POINTS)
PIXELS = np.zeros((64, 8, 8, 1), "float32")


@pytest.mark.parametrize(
    ("images", "batch_size", "message"),
    [
        (POINTS, 65, "batch_size must be at most the number of images, 64. Received: 65"),
        (POINTS, 0, "batch_size must be a whole number, 1 or more. Received: 0"),
        (POINTS, -4, "batch_size must be a whole number"),
        (POINTS, 2.5, "batch_size must be a whole number"),
        (POINTS[:0], 16, "at least one image"),
        (POINTS[:, :1], 16, r"images must have shape \(n, 2\). Received: \(64, 1\)"),
        (POINTS[0], 16, r"images must have shape \(n, 2\)"),
        (PIXELS, 16, r"images must have shape \(n, 2\). Received: \(64, 8, 8, 1\)"),
        (NAN.astype("float32"), 16, "images must be finite"),
        (POINTS * np.inf, 16, "images must be finite"),
        (np.zeros((64, 2), "uint8"), 16, "floating-point numbers.*Received: uint8"),
        ([[0.0, 0.0]], 16, "Received: list"),
    ],
)
def test_bad_images(images, batch_size, message):
    gan = small_gan()
    with pytest.raises((ValueError, TypeError), match=message):
        gan.fit(images, batch_size=batch_size, verbose=0)
    assert gan.steps == 0


@pytest.mark.parametrize("images", [PIXELS + 1.5, PIXELS - 1.01, PIXELS + 127])
def test_images_out_of_range(images):
    gan = GAN(models.mlp_generator((8, 8, 1), 2, ()), models.mlp_discriminator((8, 8, 1), ()))
    gan.compile()
    with pytest.raises(ValueError, match=r"images must lie in \[-1, 1\]. Received: values from"):
        gan.fit(images, batch_size=16, verbose=0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"epochs": 0}, "epochs must be a whole number"),
        ({"steps_per_epoch": -1}, "steps_per_epoch must be a whole number"),
        ({"initial_epoch": -1}, "initial_epoch must be a whole number"),
    ],
)
def test_bad_lengths(options, message):
    with pytest.raises(ValueError, match=message):
        small_gan().fit(POINTS, batch_size=16, verbose=0, **options)


def test_a_stream_needs_its_number_of_steps():
    with pytest.raises(ValueError, match="needs steps_per_epoch"):
        small_gan().fit(tf.data.Dataset.from_tensor_slices(POINTS).batch(16, drop_remainder=True))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: POINTS[:, :1], r"\(batch, 2\).*Received: float32 of shape \(16, 1\)"),
        (lambda: POINTS.astype("float64"), "Received: float64"),
        (lambda: (POINTS, LABELS), "Labels are needed.*Received: labels"),
        (lambda: (POINTS, LABELS, LABELS), "Batches must be"),
        (lambda: NAN.astype("float32"), "images must be finite"),
        (lambda: POINTS[:8], "at least.*Received: an empty one"),
    ],
)
def test_bad_streams(make, message):
    batches = tf.data.Dataset.from_tensor_slices(make()).batch(16, drop_remainder=True)
    with pytest.raises(ValueError, match=message):
        train(small_gan(), images=batches)


def test_a_stream_has_batches_of_one_size():
    ragged = tf.data.Dataset.from_tensor_slices(POINTS).batch(16)
    with pytest.raises(ValueError, match="all of one size"):
        train(small_gan(), images=ragged)
    odd = tf.data.Dataset.from_tensor_slices(POINTS).batch(16, drop_remainder=True)
    with pytest.raises(ValueError, match="discriminator_steps · packing · devices = 3"):
        train(small_gan(discriminator_steps=3), images=odd)


def test_a_labelled_stream_trains():
    pairs = tf.data.Dataset.from_tensor_slices((POINTS, LABELS.astype("int32")))
    gan = conditional_gan()
    train(gan, images=pairs.batch(16, drop_remainder=True))
    assert gan.steps == 4


ADAM = keras.optimizers.Adam()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"loss": "hinges"}, "Unknown loss. Allowed: minimax.*Received: 'hinges'"),
        ({"r1": -1.0}, "r1 must be a finite number, 0 or more. Received: -1.0"),
        ({"r1": np.nan}, "r1 must be a finite number"),
        ({"r1": "much"}, "r1 must be a finite number"),
        ({"penalty_every": 0}, "penalty_every must be a whole number, 1 or more"),
        ({"discriminator_steps": -1}, "discriminator_steps must be a whole number"),
        ({"discriminator_steps": 2, "simultaneous": True}, "one step of D for one of G"),
        ({"instance_noise": -0.1}, "instance_noise must be a finite number, 0 or more"),
        ({"feature_loss": max}, "feature_loss and feature_layers go together"),
        ({"feature_layers": ["score"]}, "feature_loss and feature_layers go together"),
        ({"feature_loss": max, "feature_layers": ["none"]}, "Unknown layer of the discriminator"),
        ({"feature_weight": np.inf}, "feature_weight must be a finite number"),
        ({"class_weight": -1}, "class_weight must be a finite number"),
        ({"ema_decay": 1.5}, "ema_decay must be a finite number, from 0 to 1. Received: 1.5"),
        ({"generator_optimizer": "adam"}, "must be a keras.optimizers.Optimizer"),
        ({"generator_optimizer": ADAM, "discriminator_optimizer": ADAM}, "must be two objects"),
        ({"generator_optimizer": keras.optimizers.SGD(-1.0)}, "learning rate.*Received: -1.0"),
        ({"loss": None}, "loss must be one of minimax,.*Received: None"),
        ({"loss": ("hinge", "hinge")}, "or a pair of functions"),
        ({"penalty_every": 4, "r1": 0}, "there are none. Received: 4"),
        ({"optimizer": "sgd"}, "Unknown optimizer. Allowed: adam, muon. Received: 'sgd'"),
        ({"steps": 0}, "steps must be a whole number"),
        ({"steps": 2.5, "discriminator_steps": 2}, "steps must be a whole number"),
        (
            {"steps": 5} | {name: keras.optimizers.SGD() for name in OPTIMIZERS},
            "steps is for optimizers that are not given, and both were. Received: 5",
        ),
        ({"jit_compile": "never"}, "jit_compile must be one of True, False, 'auto'"),
        ({"simultaneous": "no"}, "simultaneous must be one of True, False. Received: 'no'"),
        ({"augment": "flip"}, "augment must be a function or None. Received: 'flip'"),
        ({"feature_loss": 1.0}, "feature_loss must be a function or None"),
    ],
)
def test_bad_options(options, message):
    with pytest.raises(ValueError, match=message):
        small_gan(**options)


def test_a_refused_compile_changes_nothing():
    gan, adam = small_gan(), keras.optimizers.Adam()
    with pytest.raises(ValueError, match="Unknown loss"):
        gan.compile(generator_optimizer=adam, loss="hinges")
    train(gan)
    assert gan.steps == 4
    gan.compile(generator_optimizer=adam, loss="hinge")


def test_before_compile_there_is_no_training():
    gan = GAN(models.mlp_generator((2,), 2, (8,)), models.mlp_discriminator((2,), (8,)))
    for call in (lambda: train(gan), lambda: gan.reset(0)):
        with pytest.raises(RuntimeError, match="Call compile before"):
            call()


@pytest.mark.parametrize("seed", [-1, None, 0.5])
def test_bad_seeds(seed):
    with pytest.raises(ValueError, match="seed must be a whole number, 0 or more"):
        small_gan().reset(seed)


def judge(*parts, inputs=2):
    return keras.Sequential([keras.Input((inputs,)), *parts])


@pytest.mark.parametrize(
    ("discriminator", "recipe", "message"),
    [
        (judge(keras.layers.Dense(1, activation="sigmoid")), {}, "before any sigmoid"),
        (
            judge(keras.layers.BatchNormalization(), keras.layers.Dense(1)),
            {"r1": 1.0},
            "without batch normalization",
        ),
        (
            judge(keras.layers.BatchNormalization(), keras.layers.Dense(1)),
            {},
            "r1=0 switches the default one off",
        ),
    ],
)
def test_bad_discriminators(discriminator, recipe, message):
    with pytest.raises(ValueError, match=message):
        GAN(models.mlp_generator((2,), 2, (8,)), discriminator).compile(**recipe)


def test_labels_without_an_embedding_are_refused():
    latents, labels = keras.Input((2,)), keras.Input((), dtype="int32")
    one_hot = keras.layers.CategoryEncoding(3, output_mode="one_hot")(labels)
    joined = keras.layers.Concatenate()([latents, one_hot])
    generator = keras.Model([latents, labels], keras.layers.Dense(2)(joined))
    with pytest.raises(ValueError, match=r"must have a keras\.layers\.Embedding"):
        GAN(generator, models.mlp_discriminator((2,), (8,)))


def test_float16_is_refused():
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        judge16 = judge(keras.layers.Dense(1))
    finally:
        keras.config.set_dtype_policy(policy)
    with pytest.raises(ValueError, match="not scaled for float16"):
        GAN(models.mlp_generator((2,), 2, (8,)), judge16)


@pytest.mark.parametrize("labels", ["embedding", "projection", "classifier"])
def test_labels_beyond_the_classes_are_refused(labels):
    gan = GAN(
        models.mlp_generator((2,), 2, (8,), num_classes=2),
        models.mlp_discriminator((2,), (8,), num_classes=2, labels=labels),
    )
    gan.compile(jit_compile=False)
    with pytest.raises(ValueError, match="labels must be less than 2.*Received: 2"):
        gan.fit(POINTS, np.full(len(POINTS), 2), batch_size=16, verbose=0)
    with pytest.raises(ValueError, match="labels must be less than 2"):
        gan.generate(1, labels=np.array([2]))


# What people report of GANs elsewhere


def test_networks_share_no_weights():
    known, drawn, image = layers.Embedding(2, 4), keras.Input((2,)), keras.Input((2,))
    label, other = (keras.Input((), dtype="int32") for _ in range(2))
    g = keras.Model([drawn, label], layers.Dense(2)(layers.Concatenate()([drawn, known(label)])))
    d = keras.Model([image, other], layers.Dense(1)(layers.Concatenate()([image, known(other)])))
    with pytest.raises(ValueError, match="share no weights: .* Received: embedding"):
        GAN(g, d)


@pytest.mark.parametrize("dtype", ["float16", "float64"])
def test_one_layer_of_another_dtype_is_refused(dtype):
    d = judge(layers.Dense(8, dtype=dtype), layers.Dense(1))
    with pytest.raises(ValueError, match=f"must compute in float32.* Received: {dtype}"):
        GAN(models.mlp_generator((2,), 2, (8,)), d)


def test_what_was_frozen_since_compile_is_told():
    gan = small_gan()
    gan.discriminator.trainable = False
    with pytest.raises(ValueError, match="frozen or thawed since compile; call compile again"):
        train(gan)
    with pytest.raises(ValueError, match="must have trainable weights"):
        gan.compile()


def test_early_stopping_is_told_which_way_is_good():
    stop, gan = keras.callbacks.EarlyStopping("generator_loss"), small_gan()
    with pytest.raises(ValueError, match="needs mode='min' or mode='max'"):
        train(gan, callbacks=[stop])
    best = keras.callbacks.ModelCheckpoint("x.weights.h5", "distance", save_best_only=True)
    with pytest.raises(ValueError, match="ModelCheckpoint needs mode='min' or mode='max'"):
        train(gan, callbacks=[best])
    assert gan.steps == 0
    train(gan, callbacks=[keras.callbacks.EarlyStopping("generator_loss", mode="min")])


def test_keras_saves_at_each_save_freq(tmp_path):
    path = str(tmp_path / "{batch}.keras")
    train(small_gan(), steps=20, callbacks=[keras.callbacks.ModelCheckpoint(path, save_freq=5)])
    assert {found.stem for found in tmp_path.iterdir()} == {"5", "10", "15", "20"}


def test_inputs_by_name_are_refused():
    drawn = keras.Input((2,), name="z")
    g = keras.Model({"z": drawn}, layers.Dense(2)(drawn))
    with pytest.raises(ValueError, match=r"in a list, not by name.* Received: inputs z"):
        GAN(g, models.mlp_discriminator((2,), (8,)))


ROWS = (lambda real, fake: real - fake, lambda real, fake: -fake)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"loss": ROWS}, r"loss must give a number. Received: \(2, 1\)"),
        ({"loss": (max, min)}, "loss must give a number. Received: "),
        ({"augment": lambda x, seed: x[:1]}, r"of images of shape \(2, 2\) such images"),
        ({"augment": augmentation.flip}, "augment must give .* Received: "),
        ({"feature_loss": lambda real, fake: real[0]}, "feature_loss must give a number"),
        (
            {"generator_optimizer": keras.optimizers.SGD(gradient_accumulation_steps=2)},
            "larger batch_size in place of gradient_accumulation_steps. Received: 2",
        ),
        (
            {"discriminator_optimizer": keras.optimizers.Adam(use_ema=True)},
            "a GAN averages those of G, by ema_decay. Received: use_ema=True",
        ),
    ],
)
def test_functions_are_tried_before_any_step(options, message):
    gan = GAN(models.mlp_generator((2,), 2, (8,)), models.mlp_discriminator((2,), (8,)))
    if "feature_loss" in options:
        options = options | {"feature_layers": models.hidden_layers(gan.discriminator)}
    with pytest.raises(ValueError, match=message):
        gan.compile(**options)
