"""The way back: latents of an image that is given, by following the slope."""

from gannotes.checks import check_count, check_images, check_weight
from gannotes.latent import generators, latents
from gannotes.training import backend
import keras
from keras import ops
import numpy as np


def invert(
    generator, images, visible=None, starts=8, steps=200, learning_rate=0.1, prior=0.01, seed=0
):
    """Latents whose pictures come closest to images.

    Minimizes Σ m·(G(z) - x)² / Σ m + prior·mean(z²) by Adam, whose rate falls to 0 by a cosine. The
    second term holds the latents where training had them.

    Args:
        generator: G, of latents alone; it is not changed.
        images: x, (n, height, width, channels) in [-1, 1].
        visible: m, of one image's shape, or of `images`': 1 where a pixel counts, 0 where it is
            hidden; the generator then completes the image. All by default.
        starts: random latents that each image is sought from; the best one counts.

    Returns:
        Latents (n, latents), and what was minimized, (n,).

    Reference: Zhu et al. 2016, section 3.1 (inversion); Yeh et al. 2017 (completion).
    """
    generators.check_generator(generator)
    if generators.takes_labels(generator):
        raise ValueError("Only a generator of latents alone can be inverted; this one takes labels")
    check_images(images, generator.outputs[0].shape[1:])
    check_count("starts", starts)
    check_count("steps", steps)
    prior, learning_rate = check_weight("prior", prior), check_weight("rate", learning_rate)
    mask = _mask(visible, images)
    count, size = len(images), generator.inputs[0].shape[1]
    wanted, mask = (
        ops.convert_to_tensor(np.repeat(x, starts, axis=0), "float32") for x in (images, mask)
    )
    found = keras.Variable(latents.draw(count * starts, size, seed), name="latents")
    optimizer = keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(learning_rate, steps))
    optimizer.build([found])
    axes = tuple(range(1, len(images.shape)))

    def errors():
        made = ops.cast(generator(found.value, training=False), "float32")
        misfit = ops.sum(mask * ops.square(made - wanted), axis=axes) / ops.sum(mask, axis=axes)
        return misfit + prior * ops.mean(ops.square(found.value), axis=1)

    def step():
        # a sum, so that each start goes its own way, whatever their number
        _, _, slopes = backend.gradients_of(lambda: (ops.sum(errors()), None), [found])
        optimizer.apply(slopes, [found])

    step = backend.compiled(step, jit_compile=False)
    for _ in range(steps):
        step()
    reached = ops.convert_to_numpy(errors()).reshape(count, starts)
    best = reached.argmin(axis=1)
    points = ops.convert_to_numpy(found.value).reshape(count, starts, size)
    return points[np.arange(count), best], reached.min(axis=1)


def _mask(visible, images):
    """One weight a pixel of every image; raises ValueError if an image has nothing to see."""
    mask = np.ones(images.shape[1:]) if visible is None else np.asarray(visible, float)
    if mask.shape not in (images.shape[1:], images.shape) or not np.isin(mask, (0, 1)).all():
        raise ValueError(
            f"visible must hold 0 and 1 alone, of shape {images.shape[1:]} or {images.shape}. "
            f"Received: shape {mask.shape}, values from {mask.min():g} to {mask.max():g}"
        )
    mask = np.broadcast_to(mask, images.shape)
    if not mask.reshape(len(images), -1).any(axis=1).all():
        raise ValueError("visible must leave a pixel of each image to see. Received: none")
    return mask
