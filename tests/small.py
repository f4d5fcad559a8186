"""Small GANs that train in no time, and points for them."""

from gannotes import models
from gannotes.training import GAN
import keras
import numpy as np

POINTS = np.random.default_rng(0).normal(size=(64, 2)).astype("float32")
LABELS = (POINTS[:, 0] > 0).astype("int64")


def small_gan(**options):
    """Compiled with `options`, without XLA, whose compilation would take longer than the training."""
    gan = GAN(models.mlp_generator((2,), 2, (8,)), models.mlp_discriminator((2,), (8,)))
    gan.compile(**{"jit_compile": False, **options})
    gan.reset(0)
    return gan


def conditional_gan(labels="projection"):
    gan = GAN(
        models.mlp_generator((2,), 2, (8,), num_classes=2),
        models.mlp_discriminator((2,), (8,), num_classes=2, labels=labels),
    )
    gan.compile(jit_compile=False)
    return gan


def alike(weights, others):
    """Whether two trainings gave the same: 98 of 100 numbers to 1e-3.

    Without XLA threads round a sum differently, and Adam makes a step of any size of a slope near 0.
    """
    pairs = list(zip(weights, others, strict=True))
    apart = np.concatenate([np.ravel(np.abs(a - b)) for a, b in pairs])
    return all(a.shape == b.shape for a, b in pairs) and np.mean(apart > 1e-3) <= 0.02


def train(gan, steps=4, images=POINTS, **options):
    return gan.fit(images, batch_size=16, steps_per_epoch=steps, verbose=0, **options)


def fit_eigenvalues(path, step_size):
    """Eigenvalues of the linear flow that best explains simultaneous gradient steps.

    Least squares for M in x_{k+1} = M·x_k, the path (steps, 2) near the equilibrium; then the
    eigenvalues of (M - 1)/step_size.
    """
    step = np.linalg.lstsq(path[:-1], path[1:], rcond=None)[0].T
    values = np.linalg.eigvals((step - np.eye(2)) / step_size).astype(complex)
    return values[np.argsort(values.imag)]


def gaussian_generator(std):
    """Latents (batch, 2) → Gaussian points of known density: std times the latents."""
    scale = keras.initializers.Identity(gain=std)
    layer = keras.layers.Dense(2, use_bias=False, kernel_initializer=scale)
    return keras.Sequential([keras.Input((2,)), layer])
