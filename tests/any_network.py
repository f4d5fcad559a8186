"""Random games: images, labels, networks, options and optimizers, right and wrong ones.

Each trains two steps, or is refused before any by a ValueError or TypeError of the package's own.
"""

import traceback
import warnings

from gannotes import models, training
from gannotes.training import augmentation, feed, losses
import keras
from keras import layers, ops
import numpy as np
import tensorflow as tf

TRAINED, REFUSED = "trained", "refused"
WRONG = 0.04  # share of each choice that is none
SGD_RATE = 0.05


class Draw:
    """Choices of one case, by its number."""

    def __init__(self, number):
        self.rng = np.random.default_rng(number)
        self.said = {}

    def maybe(self, share):
        return bool(self.rng.random() < share)

    def one(self, name, right, wrong=()):
        """One of the right ones, seldom a wrong one; it is noted."""
        some = list(wrong) if wrong and self.maybe(WRONG) else list(right)
        chosen = some[self.rng.integers(len(some))]
        self.said[name] = str(chosen)
        return chosen


def images_of(draw, shape):
    count = int(draw.one("count", [16, 33, 60], [1, 5]))
    images = draw.rng.uniform(-1, 1, (count, *shape))
    low = draw.one("range", ["-1 to 1"], ["0 to 1", "0 to 255", "-2 to 2", "NaN", "infinite"])
    if low == "NaN" or low == "infinite":
        images.flat[3] = float(low[:3])
    images = {
        "0 to 1": (images + 1) / 2,
        "0 to 255": (images + 1) * 127.5,
        "-2 to 2": 2 * images,
    }.get(low, images)
    dtype = draw.one("dtype", ["float32", "float64", "float16"], ["uint8", "int64", "bool", "list"])
    with np.errstate(invalid="ignore"):
        return images.tolist() if dtype == "list" else images.astype(dtype)


def labels_of(draw, count, classes):
    labels = draw.rng.integers(classes, size=count)
    kinds = ["floats", "rows", "column", "too large", "negative", "list", "bool", "none", "short"]
    kind = draw.one("labels", ["int64", "int32", "uint8"], kinds)
    wrong = {
        "floats": labels / 1.0, "rows": np.eye(classes)[labels], "column": labels[:, None],
        "too large": labels + classes, "negative": labels - 1, "list": labels.tolist(),
        "bool": labels > 0, "none": None, "short": labels[1:],
    }  # fmt: skip
    return wrong[kind] if kind in wrong else labels.astype(kind)


def middle(draw, x, name):
    """A hidden layer or three, of many kinds; a nested model sometimes."""
    for k in range(draw.rng.integers(1, 4)):
        kinds = ["dense", "dense", "normalized", "batch", "dropout", "noise", "lambda", "nested", "spectral",
                 "residual", "attention", "regularized", "reused", "frozen", "prelu"]  # fmt: skip
        kind = draw.one(f"{name} {k}", kinds)
        width = x.shape[-1]
        if kind == "dense":
            x = layers.Dense(8, draw.one(f"{name} {k} by", ["relu", "tanh", "gelu", "swish"]))(x)
        elif kind == "nested":
            inside = keras.Input((width,))
            seen = layers.LayerNormalization()(layers.Dense(width)(inside))
            x = keras.Model(inside, seen)(x)
        elif kind == "residual":
            x = layers.Add()([x, layers.Dense(width, "relu")(x)])
        elif kind == "attention":
            x = layers.Multiply()([x, layers.Dense(width, "sigmoid")(x)])
        elif kind == "reused":
            same = layers.Dense(width, "tanh")
            x = same(same(x))
        else:
            frozen = layers.Dense(width)
            frozen.trainable = False
            x = {
                "normalized": layers.LayerNormalization(), "batch": layers.BatchNormalization(),
                "dropout": layers.Dropout(0.2), "noise": layers.GaussianNoise(0.1),
                "lambda": layers.Lambda(lambda x: 0.9 * x), "frozen": frozen, "prelu": layers.PReLU(),
                "regularized": layers.Dense(8, kernel_regularizer="l2"),
                "spectral": layers.SpectralNormalization(layers.Dense(8)),
            }[kind](x)  # fmt: skip
    return x


def generator_of(draw, shape, classes):
    kind = draw.one("G", ["functional", "functional", "sequential", "package", "conv"],
                    ["no weights", "other shape", "no batch", "two outputs", "labels first"])  # fmt: skip
    latents = int(draw.rng.integers(2, 6))
    size = int(np.prod(shape))
    if kind == "package":
        return models.mlp_generator(shape, latents, (8,), num_classes=classes)
    if kind == "sequential" and classes is None:
        parts = [layers.Dense(8, "relu"), layers.BatchNormalization(), layers.Dense(size, "tanh")]
        return keras.Sequential([keras.Input((latents,)), *parts, layers.Reshape(shape)])
    drawn = x = keras.Input((latents,), name="a_latent")
    given = [drawn]
    if classes is not None:
        label = keras.Input(draw.one("label's shape", [(), (1,)], [(classes,)]),
                            dtype=draw.one("label's dtype", ["int32", "int64", "float32"]))  # fmt: skip
        known = (
            layers.Embedding(classes, latents)(label) if label.shape[1:] != (classes,) else label
        )
        known = layers.Reshape((known.shape[-1],))(known)
        together = draw.one("together", [layers.Concatenate, layers.Multiply])
        if known.shape[-1] != latents:
            together = layers.Concatenate
        x = together()([drawn, known])
        given = [label, drawn] if kind == "labels first" else [drawn, label]
    if kind != "no weights":
        x = middle(draw, x, "G")
    if kind == "no weights":
        images = layers.Reshape(shape)(layers.Concatenate()([x] * size)[:, :size])
    elif kind == "conv" and len(shape) == 3:
        x = layers.Reshape((*shape[:2], 2))(layers.Dense(2 * shape[0] * shape[1])(x))
        images = layers.Conv2D(shape[-1], 3, padding="same", activation="tanh")(x)
    else:
        by = draw.one("G's end", ["tanh", "tanh", "linear", "sigmoid"])
        images = layers.Reshape(shape)(layers.Dense(size, by)(x))
    if kind == "other shape":
        images = layers.Concatenate(axis=-1)([images, images])
    outputs = [images, images] if kind == "two outputs" else images
    if kind == "no batch":
        return layers.Dense(3)
    inputs = given if len(given) > 1 else drawn
    if draw.maybe(0.08):
        inputs = draw.one("inputs", [given], [{x.name: x for x in given}])
    return keras.Model(inputs, outputs)


def discriminator_of(draw, shape, classes):
    kinds = ["functional", "functional", "sequential", "package", "conv"]
    kind = draw.one(
        "D", kinds, ["sigmoid", "two scores", "other shape", "rows of scores", "no weights"]
    )
    use = draw.one("labels of D", ["inputs", "classifier"] if classes else ["none"])
    if kind == "package":
        how = "classifier" if use == "classifier" else draw.one("how", ["embedding", "projection"])
        return models.mlp_discriminator(
            shape, (8,), num_classes=classes, **({"labels": how} if classes else {})
        )
    image = x = keras.Input((*shape[:-1], shape[-1] + (kind == "other shape")))
    if kind == "conv" and len(shape) == 3:
        x = layers.Conv2D(4, 3, padding="same", strides=2)(x)
    x = layers.Flatten()(x)
    given = [image]
    if use == "inputs":
        label = keras.Input((), dtype="int32")
        x = layers.Concatenate()([x, layers.Embedding(classes, 3)(label)])
        given.append(label)
    if kind == "no weights":
        scores = layers.Lambda(lambda x: ops.mean(x, axis=-1, keepdims=True))(x)
    else:
        x = middle(draw, x, "D")
        scores = layers.Dense(2 if kind == "two scores" else 1)(x)
    if kind == "sigmoid":
        scores = layers.Activation("sigmoid")(scores)
    if kind == "rows of scores":
        scores = layers.Reshape((1, 1))(scores)
    told = [scores, layers.Dense(classes)(x)] if use == "classifier" else scores
    if kind == "sequential" and use == "none":
        return keras.Sequential(
            [keras.Input(shape), layers.Flatten(), layers.Dense(8, "relu"), layers.Dense(1)]
        )
    return keras.Model(given if len(given) > 1 else image, told)


NEEDS = {"class_weight", "feature_weight", "penalty_every"}  # another choice


def parts_of(network):
    return network._flatten_layers() if isinstance(network, keras.Model) else []


def optimizer_of(draw, player):
    kinds = ["SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta", "Adamax", "Nadam", "Lion",
             "Lamb", "Adafactor", "Ftrl", "Muon", "ours"]  # fmt: skip
    kind = draw.one(f"{player}'s optimizer", [None, None, *kinds], ["adam", 0.1])
    if kind is None or not isinstance(kind, str) or kind == "adam":
        return kind
    rate = draw.one(f"{player}'s rate", [0.01, 0.001, "schedule"], [0.0] if kind != "Ftrl" else ())
    if rate == "schedule":
        rate = keras.optimizers.schedules.ExponentialDecay(0.01, 10, 0.9)
    if kind == "ours":
        return training.Muon(rate)
    options = draw.one(f"{player}'s options", [
        {}, {"clipnorm": 1.0}, {"clipvalue": 0.5}, {"global_clipnorm": 1.0}, {"weight_decay": 0.01},
        {"use_ema": True}, {"use_ema": True, "ema_overwrite_frequency": 1},
        {"gradient_accumulation_steps": 2}], [{"loss_scale_factor": 8.0}])  # fmt: skip
    made = getattr(keras.optimizers, kind)(learning_rate=rate, **options)
    return keras.optimizers.LossScaleOptimizer(made) if draw.maybe(WRONG) else made


def mean_gap(real, fake):
    return ops.sum(ops.square(ops.mean(real[0], axis=0) - ops.mean(fake[0], axis=0)))


def of_truth(y_true, y_pred):
    return ops.mean(y_true - y_pred)


def recipe_of(draw, discriminator, shape):
    pair = losses.LOSSES["hinge"]
    rows = (lambda real, fake: ops.softplus(-real), lambda real, fake: ops.softplus(-fake))
    wrong_loss = [
        "crossentropy",
        keras.losses.BinaryCrossentropy(),
        (of_truth, of_truth),
        rows,
        pair[0],
        None,
    ]
    options = {
        "loss": draw.one("loss", [*losses.LOSSES, pair, {"a": "hinge", "b": pair}], wrong_loss),
        "jit_compile": False,
    }
    some = {
        "r1": ([0, 0.5], [-1.0, "much"]), "r2": ([0, 0.5], [np.nan]), "wgan_gp": ([1.0], [None]),
        "penalty_every": ([2, 3], [0, 1.5]), "discriminator_steps": ([2, 3], [0, 2.0]),
        "simultaneous": ([True], ["yes"]), "extragradient": ([True], [1]), "steps": ([10], [0, -1]),
        "instance_noise": ([0.1], [-0.1]), "ema_decay": ([0, 0.9, 1], [1.1]), "beta_1": ([0, 0.9], [1]),
        "optimizer": (["muon", "adam"], ["sgd"]), "generator_rate": ([0.01], [-1, "fast"]),
        "class_weight": ([2.0], [-1]), "feature_weight": ([0.5], [-1]),
        "augment": ([augmentation.flip, augmentation.translate, augmentation.chain(augmentation.brightness)],
                    ["flip", lambda images, seed: images[:, :1]]),
    }  # fmt: skip
    for name, (right, wrong) in some.items():
        if draw.maybe(0.12) and (name not in NEEDS or draw.maybe(0.05)):
            options[name] = draw.one(name, right, wrong)
    batch_normalized = any(
        isinstance(x, layers.BatchNormalization) for x in parts_of(discriminator)
    )
    if batch_normalized and draw.maybe(0.9):
        options |= {"r1": 0, "r2": 0, "wgan_gp": 0, "penalty_every": 1}
    if len(getattr(discriminator, "outputs", [0])) > 1 and draw.maybe(0.3):
        options["class_weight"] = draw.one("class_weight", [0, 2.0])
    if draw.maybe(0.1):
        named = (
            [layer.name for layer in discriminator.layers[1:]]
            if isinstance(discriminator, keras.Model)
            else ["x"]
        )
        options["feature_loss"] = draw.one(
            "feature_loss",
            [mean_gap, losses.l2_matching, {"a": losses.cosine_matching}],
            ["l2", lambda real, fake: real[0]],
        )
        options["feature_layers"] = [draw.one("feature_layer", named, ["no such layer"])]
    for player in ("generator", "discriminator"):
        if draw.maybe(0.5):
            options[f"{player}_optimizer"] = optimizer_of(draw, player)
    return options


def play(number):
    """Plays case `number`: ("trained" or "refused" or "FAULT …", what was chosen)."""
    draw, gan = Draw(number), None
    keras.utils.set_random_seed(number)
    try:
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            gan, fit = make(draw)
            before = [network.get_weights() for network in gan.networks.values()]
            history = gan.fit(**fit).history
            fault = look(gan, before, history, draw)
        strange = [str(x.message) for x in told if "gannotes" not in x.filename and not ours(x)]
        if not fault and strange:
            fault = f"warns: {strange[0][:200]}"
        return ("trained" if not fault else f"FAULT {fault}"), draw.said
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        own = "/gannotes/" in place.filename and type(error) in (ValueError, TypeError)
        if own and (gan is None or not gan.compiled or gan.steps == 0):
            return f"refused: {str(error)[:160]}", draw.said
        where = f"{place.filename.rsplit('/', 1)[-1]}:{place.lineno}"
        return f"FAULT {type(error).__name__} {where} {str(error)[:300]}", draw.said


def ours(warning):
    return issubclass(warning.category, UserWarning) and "[-1, 1]" in str(warning.message)


def make(draw):
    shapes = [(2,), (3,), (4, 4, 1), (5, 7, 1), (8, 8, 3), (6, 6, 4)]
    shape = draw.one("shape", shapes)
    classes = int(draw.one("classes", [2, 3, 5])) if draw.maybe(0.4) else None
    of_d = classes if draw.maybe(0.9) else None
    of_g = classes if draw.maybe(0.9) else None
    packing = draw.one("packing", [1] if classes else [1, 1, 2], [0, 1.5, 2])
    packed = (*shape[:-1], shape[-1] * packing) if packing in (1, 2, 3) else shape
    generator = generator_of(draw, shape, of_g)
    discriminator = discriminator_of(draw, packed, of_d)
    told = getattr(discriminator, "outputs", [0])[1:]
    codes = draw.maybe(0.5 if told and len(generator_inputs(generator)) == 2 else 0.02)
    draw.said["codes"] = str(codes)
    gan = training.GAN(generator, discriminator, packing, seed=1, codes=codes)
    options = recipe_of(draw, discriminator, shape)
    gan.compile(**options)
    images = images_of(draw, shape)
    asks = gan.takes_labels != draw.maybe(WRONG)
    fit = {
        "x": images,
        "y": labels_of(draw, len(images), classes or 2) if asks else None,
        "batch_size": draw.one("batch_size", [8, 12, 16], [0, 7, 200, 2.5]),
        "steps_per_epoch": 2,
        "verbose": 0,
    }
    return gan, fit


def generator_inputs(network):
    return getattr(network, "inputs", None) or []


def look(gan, before, history, draw):
    """What is wrong with a game that was played; None if nothing."""
    values = [value for values in history.values() for value in values]
    weights = [network.get_weights() for network in [*gan.networks.values(), gan.ema_generator]]
    if not all(
        np.isfinite(array).all() for array in [values, *(x for some in weights for x in some)]
    ):
        return "not finite"
    if gan.steps != 2:
        return f"steps {gan.steps}"
    for name, old, new in zip(gan.networks, before, weights, strict=False):
        moved = any(not np.array_equal(a, b) for a, b in zip(old, new, strict=True))
        still = draw.said.get(f"{name}'s rate") == "0.0" or (
            # Labels of D add the same to scores of real and generated images; G's are cut away.
            draw.said[{"generator": "G", "discriminator": "D"}[name]] == "no weights"
        )
        if not moved and not still:
            return f"{name} does not move"
    labels = np.zeros(3, "int64") if gan.conditional else None
    if gan.generate(3, labels=labels).shape != (3, *gan.image_shape):
        return "generate"
    return None


def reference(generator, discriminator, images, loss, seed=3, batch=8, r1=0.5):
    """Both networks' weights after two steps by hand: eager, with plain gradient descent."""
    judged, made = losses.LOSSES[loss]
    latents = generator.input_shape[1]
    for step in range(2):
        real = tf.constant(images[feed.batch_indices(len(images), batch, step, 1, seed)[0]])
        with tf.GradientTape() as tape:
            fake = generator(feed.draw(seed, 0, step, (batch, latents)), training=True)
            with tf.GradientTape() as inner:
                inner.watch(real)
                real_scores = discriminator(real, training=True)
            slope = tf.reshape(inner.gradient(real_scores, real), (batch, -1))
            value = judged(real_scores, discriminator(fake, training=True))
            value = value + r1 * tf.reduce_mean(tf.reduce_sum(slope**2, axis=1)) / 2
        descend(tape, value, discriminator)
        with tf.GradientTape() as tape:
            fake = generator(feed.draw(seed, 1, step, (batch, latents)), training=True)
            scores = discriminator(real, training=True), discriminator(fake, training=True)
            value = made(*scores)
        descend(tape, value, generator)
    return generator.get_weights(), discriminator.get_weights()


def descend(tape, value, network):
    variables = [variable.value for variable in network.trainable_variables]
    for variable, slope in zip(variables, tape.gradient(value, variables), strict=True):
        variable.assign_sub(SGD_RATE * slope)
