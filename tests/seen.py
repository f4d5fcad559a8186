"""What a widget shows, and what it is made of."""

import io

from gannotes import models
from gannotes.training import GAN
import ipywidgets
import keras
import numpy as np
from PIL import Image


def picture(widget):
    return np.asarray(Image.open(io.BytesIO(widget.image.value)).convert("RGB"))


def generator():
    keras.utils.set_random_seed(0)
    return models.mlp_generator((8, 8, 1), latent_dim=5, widths=(16,))


def conditional():
    return models.mlp_generator((8, 8, 1), latent_dim=5, widths=(16,), num_classes=3)


def text(widget):
    """All that a widget says in labels."""
    if isinstance(widget, ipywidgets.Label):
        return widget.value
    return " ".join(map(text, getattr(widget, "children", ())))


def digits_gan(**options):
    gan = GAN(generator(), models.mlp_discriminator((8, 8, 1), (8,)))
    gan.compile(r1=0.1, jit_compile=False, **options)
    return gan


DIGITS = np.random.default_rng(0).uniform(-1, 1, (64, 8, 8, 1)).astype("float32")
