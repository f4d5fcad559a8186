"""What the experiment on recurrent generators trains: dense and recurrent GANs, VAEs, and one after the other."""

import contextlib
import functools

from gannotes import datasets, models, training
from gannotes.training import autoencoders
from gannotes.training.callbacks import Diverged
import keras
from keras import layers

ARMS = DENSE, RECURRENT, VAE, START, QUARTER, REAL = "dense", "recurrent", "VAE", "VAE, then GAN", "dense, a quarter of the time", "training images"  # fmt: skip
LATENT_DIM, WIDTHS, CONTEXT = 16, (128, 128), 64  # of the dense G; between latents and lines
START_RATE = 0.004  # of a VAE that a GAN follows


def recurrent(shape, units, lines):
    """Latents → lines of pixels, some at a time, one after another → images."""
    latents, times = keras.Input((LATENT_DIM,)), shape[0] // lines
    x = models.mlp.hidden_stack(latents, [CONTEXT], batch_norm=True)
    start = layers.Dense(units, "tanh")(x)
    x = layers.RepeatVector(times)(x)
    x = layers.GRU(units, return_sequences=True, unroll=True)(x, initial_state=start)
    x = layers.Dense(lines * shape[1] * shape[2], "tanh")(x)
    return keras.Model(latents, layers.Reshape(shape)(x), name="generator")


@functools.cache
def compiled(name, kind, units, lines):
    """A GAN; or a VAE, and variables of its rate and steps; of one graph for all seeds."""
    shape = datasets.load(name).shape
    if kind == RECURRENT:
        generator = recurrent(shape, units, lines)
    else:
        generator = models.mlp_generator(shape, LATENT_DIM, WIDTHS, batch_norm=True)
    if kind == VAE:
        vae = autoencoders.VAE(models.mlp_encoder(shape, 2 * LATENT_DIM), generator)
        falls = keras.Variable(0.0), keras.Variable(1.0)
        vae.compile(keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(*falls)))
        return vae, falls
    gan = training.GAN(generator, models.mlp_discriminator(shape, (128, 96, 64)))
    gan.compile(steps=100)
    return gan


def train(name, arm, images, seed, rate, setting):
    """The VAE, the GAN or one after the other; what diverges is judged as the good state before."""
    (first, then), size, network = setting["steps"][arm], (setting["units"], setting["lines"]), None
    with contextlib.suppress(Diverged):
        if first:
            network, falls = compiled(name, VAE, *size)
            falls[0].assign(START_RATE if then else rate), falls[1].assign(first)
            network.reset(seed)
            network.fit(images, steps_per_epoch=first, verbose=0)
        if then:
            vae, network = network, compiled(name, arm if arm == RECURRENT else DENSE, *size)
            network.set(generator_rate=rate, discriminator_rate=4 * rate, steps=then)
            network.reset(seed)
            if vae:
                network.generator.set_weights(vae.decoder.get_weights())
            network.fit(images, steps_per_epoch=then, verbose=0)
    return network
