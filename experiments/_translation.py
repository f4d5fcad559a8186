"""What the experiment on translation trains and reads: a network from images to images, by an error, a game, a cycle.

Reference: Isola et al. 2017 (pix2pix); Zhu et al. 2017 (cycle consistency), section 3; both here with R1.
"""

import contextlib
import functools

from gannotes import datasets, models
from gannotes.metrics.features import functions
from gannotes.training import backend, losses
from gannotes.training.callbacks import Diverged
from gannotes.training.trainer import Trainer
import keras
from keras import layers, ops
import numpy as np

REGRESSION, PAIRED, UNPAIRED = "regression", "paired", "unpaired"
NUMBERS = {"shape": 4, "texture": 3, "hue": 6}  # of classes
WIDTHS, R1, BATCH = (24, 48), 0.1, 16
LESS = 0.1  # weight of the round trip of targets, of which a source cannot hold all


def translator(shape, channels):
    """Images (batch, height, width, channels) → images of a shape, by a small U-Net."""
    x = inputs = keras.Input((*shape[:2], channels))
    seen = []
    for width in WIDTHS:
        seen.append(x)
        x = _normal(layers.Conv2D(width, 4, strides=2, padding="same", use_bias=False)(x))
    x = layers.Add()([x, _normal(layers.Conv2D(WIDTHS[-1], 3, padding="same", use_bias=False)(x))])
    for beside in seen[::-1]:
        x = layers.Conv2DTranspose(WIDTHS[0], 4, strides=2, padding="same", use_bias=False)(x)
        x = layers.Concatenate()([_normal(x), beside])
    images = layers.Conv2D(shape[-1], 3, padding="same", activation="tanh")(x)
    return keras.Model(inputs, images)


def _normal(x):
    return layers.LeakyReLU(0.2)(layers.BatchNormalization(**models.mlp.BATCH_NORM)(x))


class Translator(Trainer):
    """Trains on sources and targets side by side, (batch, height, width, channels of both).

    By a squared "regression"; "paired", by an absolute error and a D that sees sources beside targets; or "unpaired",
    by a D of targets, a way back with a D of sources, and the absolute error of both round trips.
    """

    def __init__(self, form, source, target):
        super().__init__((*target[:2], source[-1] + target[-1]))
        self.form, self.channels, self.there = form, source[-1], translator(target, source[-1])
        self.networks, self.judges = {"there": self.there}, []
        if form == UNPAIRED:
            self.back = self.networks["back"] = translator(source, target[-1])
        judged = {PAIRED: [self.image_shape], UNPAIRED: [target, source]}
        for shape in judged.get(form, []):
            self.judges.append(models.conv_discriminator(shape, (16, 32, 64)))
            self.networks[f"judge {len(self.judges)}"] = self.judges[-1]
        self.players = [
            v for x in self.networks.values() if x not in self.judges for v in x.trainable_variables
        ]

    def compile(self, steps, weight):
        self.rates = [keras.Variable(0.0) for _ in "GD"]
        self.weight = weight
        falls = [keras.optimizers.schedules.CosineDecay(rate, steps) for rate in self.rates]
        self.moved = [(keras.optimizers.Adam(falls[0], 0.5), self.players)]
        for judge in self.judges:
            self.moved.append((keras.optimizers.Adam(falls[1], 0.5), judge.trainable_variables))
        self.compile_step(self.step, ("error", "deceived"), self.moved)

    def play(self, images):
        """The error, and what is real and fake for each D."""
        source, target = images[..., : self.channels], images[..., self.channels :]
        made = self.there(source, training=True)
        if self.form == REGRESSION:
            return ops.mean(ops.square(made - target)), []
        if self.form == PAIRED:
            fake = ops.concatenate([source, made], axis=-1)
            return ops.mean(ops.abs(made - target)), [(images, fake)]
        back = self.back(target, training=True)
        first, second = self.back(made, training=True), self.there(back, training=True)
        error = ops.mean(ops.abs(first - source)) + LESS * ops.mean(ops.abs(second - target))
        return error, [(target, made), (source, back)]

    def step(self, images):
        """Each D moves, and then what plays against them."""
        if self.judges:
            pairs = self.play(images)[1]
            for judge, pair, moved in zip(self.judges, pairs, self.moved[1:], strict=True):
                self.judge(judge, *map(ops.stop_gradient, pair), *moved)

        def loss():
            error, pairs = self.play(images)
            scores = [judge(fake) for judge, (_, fake) in zip(self.judges, pairs, strict=True)]
            deceived = sum(losses.nonsaturating_g_loss(None, x) for x in scores)
            return self.weight * error + deceived, (
                error,
                ops.convert_to_tensor(deceived, "float32"),
            )

        _, (error, deceived), slopes = backend.gradients_of(loss, self.players)
        self.moved[0][0].apply(slopes, self.players)
        return {"error": error, "deceived": deceived}

    def judge(self, judge, real, fake, optimizer, variables):
        def loss():
            value = losses.minimax_d_loss(judge(real), judge(fake))
            return value + losses.penalty({"r1": R1}, judge, real, fake), None

        optimizer.apply(backend.gradients_of(loss, variables)[2], variables)


@functools.cache  # one graph for all seeds
def compiled(form, source, target, steps, weight):
    network = Translator(form, source, target)
    network.compile(steps, weight)
    return network


def train(form, sources, targets, seed, rate, steps, weight):
    """Trained anew; what diverges is judged as the good state before."""
    network = compiled(form, sources.shape[1:], targets.shape[1:], steps, weight)
    network.rates[0].assign(rate), network.rates[1].assign(rate)
    network.reset(seed)
    with contextlib.suppress(Diverged):
        both = np.concatenate([sources, targets], axis=-1)
        network.fit(both, batch_size=BATCH, steps_per_epoch=steps, verbose=0)
    return network


def edges(images):
    """How steep brightness is at each pixel, over the picture's greatest, (n, height, width, 1) in [-1, 1]."""
    slopes = np.hypot(*np.gradient(functions.as_luma(images), axis=(1, 2)))[..., None]
    return (2 * slopes / slopes.max(axis=(1, 2, 3), keepdims=True) - 1).astype("float32")


def noisy(images, seed, strength):
    """Pictures with Gaussian noise, clipped."""
    noise = strength * np.random.default_rng(seed).standard_normal(images.shape)
    return np.clip(images + noise, -1, 1).astype("float32")


def readings(images, factors, evaluator):
    """What is left of each factor: of right classes beyond chance, or of explained variance."""
    kinds = evaluator.predict(images)
    read = {"shape": kinds // 18, "texture": kinds // 6 % 3, "hue": kinds % 6}
    true = {**factors, "hue": datasets.drawn.colours(factors)}
    left = {k: (np.mean(x == true[k]) * NUMBERS[k] - 1) / (NUMBERS[k] - 1) for k, x in read.items()}
    centre = functions.centre(images)
    seen = {"size": np.sqrt(functions.area(images)), "x": centre.real, "y": centre.imag}
    return left | {k: np.corrcoef(x + 1e-9 * true[k], true[k])[0, 1] ** 2 for k, x in seen.items()}
