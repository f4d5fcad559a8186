"""Models that every backend trains alike: their layers draw nothing."""

from gannotes import models
from gannotes.training import GAN, Muon, autoencoders
import keras
from keras import ops
import numpy as np

IMAGES = np.random.default_rng(0).uniform(-1, 1, (64, 8, 8, 1)).astype("float32")
LABELS = np.arange(64, dtype="int32") % 3
LATENTS = np.random.default_rng(1).normal(size=(5, 4)).astype("float32")
STEPS = 6  # in a training; rounding has not grown yet


def sgds(*names):
    return {f"{name}optimizer": keras.optimizers.SGD(0.05, momentum=0.5) for name in names}


def players():
    return sgds("generator_", "discriminator_")


def mlp():
    """A pair with labels, batch norm, spectral norm and a lazy penalty."""
    gan = GAN(
        models.mlp_generator((8, 8, 1), 4, (16,), batch_norm=True, num_classes=3),
        models.mlp_discriminator((8, 8, 1), (16,), spectral_norm=True, num_classes=3),
    )
    gan.compile(**players(), r1=0.1, penalty_every=2, discriminator_steps=2)
    return gan


def conv():
    """A pair with batch norm, a penalty, matched features and Muon."""
    gan = GAN(
        models.conv_generator((8, 8, 1), 4, (8, 8, 4)),
        models.conv_discriminator((8, 8, 1), (4, 8)),
    )
    gan.compile(
        **sgds("generator_"),
        discriminator_optimizer=Muon(0.01),
        r1=0.1,
        feature_loss=lambda real, fake: ops.sum(ops.square(ops.mean(real[0] - fake[0], axis=0))),
        feature_layers=models.hidden_layers(gan.discriminator)[-1:],
        jit_compile=False,
    )
    return gan


def vae():
    model = autoencoders.VAE(models.mlp_encoder((8, 8, 1), 8), models.mlp_generator((8, 8, 1), 4))
    model.compile(keras.optimizers.SGD(0.001), jit_compile=False)
    return model


def bigan():
    """With a coder between latents and codes, squared error and a penalty."""
    model = autoencoders.BiGAN(
        models.mlp_encoder((8, 8, 1), 3),
        models.mlp_generator((8, 8, 1), 3),
        models.mlp_encoder((4,), 3, ()),
        models.mlp_discriminator((67,)),
    )
    model.compile(**sgds("", "discriminator_"), reconstruction=1.0, r1=0.1, jit_compile=False)
    return model


MAKERS = {maker.__name__: maker for maker in (mlp, conv, vae, bigan)}
PAIRS = ("mlp", "conv")  # GANs


def train(model):
    """Takes STEPS; gives the history."""
    labels = LABELS if model.takes_labels else None
    return model.fit(IMAGES, labels, batch_size=16, steps_per_epoch=STEPS, verbose=0).history


def pictures(generator):
    """Of LATENTS."""
    inputs = [LATENTS, LABELS[:5]] if len(generator.inputs) == 2 else LATENTS
    return ops.convert_to_numpy(generator(inputs, training=False))


def assert_same_state(model, path):
    """That of a file, but for rounding."""
    expected = dict(np.load(path))
    assert model.seed == expected.pop("seed")
    for (name, array), variable in zip(expected.items(), model.state_variables, strict=True):
        np.testing.assert_allclose(variable.numpy(), array, rtol=0, atol=1e-4, err_msg=name)
