"""Small GANs that train in no time, and points for them."""

from gannotes import models
from gannotes.training import GAN
import numpy as np

POINTS = np.random.default_rng(0).normal(size=(64, 2)).astype("float32")
LABELS = (POINTS[:, 0] > 0).astype("int64")


def small_gan(**options):
    """Compiled with `options`, without XLA, whose compilation would take longer than the training."""
    gan = GAN(models.mlp_generator((2,), 2, (8,)), models.mlp_discriminator((2,), (8,)))
    gan.compile(**{"jit_compile": False, **options})
    gan.reset(0)
    return gan


def conditional_gan():
    gan = GAN(
        models.mlp_generator((2,), 2, (8,), num_classes=2),
        models.mlp_discriminator((2,), (8,), num_classes=2),
    )
    gan.compile(jit_compile=False)
    return gan


def alike(weights, others):
    """Whether two trainings gave the same; without XLA threads may round a sum differently."""
    pairs = zip(weights, others, strict=True)
    return all(np.allclose(a, b, rtol=0, atol=1e-3) for a, b in pairs)


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
