"""What the experiments on sparse codes share: a sparse GAN, a BiGAN, the atoms that they learn, and their images.

The GAN's G is a coder (16-64-96-atoms, batch norm), a k-sparse layer and a dictionary. The BiGAN has such a coder, too;
its encoder is three steps of LISTA and a k-sparse layer, its decoder a dictionary, and its D sees images beside codes.
One compiled graph serves all seeds and rates, with a squared error or without, and any number of non-zeros.
"""

import contextlib
from functools import cache
import time

from gannotes import datasets, metrics, models, training
from gannotes.metrics import evaluators
from gannotes.models import atoms
from gannotes.training import autoencoders
from gannotes.training.callbacks import Diverged
import keras
from keras.optimizers import Adam, schedules
import numpy as np

SIZES = {  # rival: the widths of D's hidden layers
    "digits": {"atoms": 96, "active": 8, "rival": (128, 96)},
    "mnist5k": {"atoms": 256, "active": 16, "rival": (256, 128)},
}
LATENT_DIM, R1, RATIO, WEIGHT = 16, 0.6, 4, 10  # D's rate by G's; weight of the squared error
EPOCHS, MADE = 1, 500  # of the classical method; images of which a distance is


def coder_of(name, num_classes=None):
    """Latents (and classes) → sparse codes."""
    size = SIZES[name]
    return models.sparse_coder(size["atoms"], size["active"], LATENT_DIM, num_classes=num_classes)


def build(name, num_classes=None):
    """A sparse GAN that is not compiled; with classes it is conditional."""
    shape = datasets.load(name).shape
    generator = models.sparse_generator(shape, coder_of(name, num_classes))
    judge = models.mlp_discriminator(shape, SIZES[name]["rival"], num_classes=num_classes)
    return training.GAN(generator, judge)


@cache
def compiled(name, **recipe):
    """A sparse GAN, compiled by a recipe's options."""
    gan = build(name)
    gan.compile(r1=R1, **recipe)
    return gan


@cache
def bigan(name, steps):
    """A BiGAN, and two variables: the rates, G's and D's, which fall to 0 over so many steps."""
    data, (size, active, rival) = datasets.load(name), SIZES[name].values()
    encoder = models.sparse_encoder(data.shape, size, active, unrolled=3)
    decoder = models.dictionary_decoder(data.shape, size)
    judge = models.mlp_discriminator((data.images[0].size + size,), rival)
    network = autoencoders.BiGAN(encoder, decoder, coder_of(name), judge)
    rates = [keras.Variable(0.0) for _ in "GD"]
    adams = [Adam(schedules.CosineDecay(rate, steps), beta_1=0.5) for rate in rates]
    network.compile(*adams, WEIGHT, r1=R1)
    return network, rates


def fit(network, images, steps):
    """Goes on; what diverges is judged by the good state that it goes back to. Gives seconds of all cores."""
    began = time.process_time()
    with contextlib.suppress(Diverged):
        network.fit(images, steps_per_epoch=steps, verbose=0)
    return time.process_time() - began


def learn(name, form, seed, number, steps, images=None, active=None):
    """Atoms, learned anew, and the network that learned them, or None.

    Forms are "GAN", "BiGAN", "BiGAN + error", whose number is the rate (0: atoms stay as drawn), and "classical",
    dictionary learning of a penalty. `active`: non-zeros of the GAN's codes, or of the encoder's.
    """
    images, size = datasets.load(name).images if images is None else images, SIZES[name]
    if form == "classical":
        return atoms.learn(images, size["atoms"], number, EPOCHS, seed), None
    if form == "GAN":
        network = compiled(name, steps=steps)
        network.set(generator_rate=number, discriminator_rate=RATIO * number)
        coder, decoder = network.generator.get_layer("coder"), network.generator
    else:
        network, rates = bigan(name, steps)
        network.set(reconstruction=WEIGHT * (form == "BiGAN + error"))
        rates[0].assign(number), rates[1].assign(RATIO * number)
        coder, decoder = network.encoder, network.decoder
    coder.get_layer("code").k = active or size["active"]
    network.reset(seed)
    if number:
        fit(network, images, steps)
    return atoms.of_layer(decoder.get_layer("dictionary")), network


@cache
def features(name):
    """The evaluator's features, and those of held-out images."""
    data = datasets.load(name)
    seen = evaluators.for_dataset(data).features
    return seen, seen(data.held_out_images)


def distance(name, gan, seed):
    """The Fréchet distance from held-out images to those that the averaged G makes."""
    seen, real = features(name)
    return metrics.frechet_distance(real, seen(np.clip(gan.generate(MADE, seed), -1, 1)))
