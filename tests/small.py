"""A small GAN that trains in no time, and points for it."""

from gannotes import models
from gannotes.training import GAN
import numpy as np

POINTS = np.random.default_rng(0).normal(size=(64, 2)).astype("float32")


def small_gan(**options):
    """Compiled with `options`, without XLA, whose compilation would take longer than the training."""
    gan = GAN(models.mlp_generator((2,), 2, (8,)), models.mlp_discriminator((2,), (8,)))
    gan.compile(**{"jit_compile": False, **options})
    gan.reset(0)
    return gan
