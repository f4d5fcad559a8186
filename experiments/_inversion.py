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

    Minimizes Σ m·(G(z) - x)² / Σ m + prior·mean(z²) by Adam, whose rate falls to 0 by a cosine.
    The second term holds the latents where training had them.

    Gives latents z, (n, latents), and what was minimized, (n,), of the best of several starts.

    Args:
        generator: G, of latents alone; it is not changed.
        images: x, (n, height, width, channels) in [-1, 1].
        visible: m, of one image's shape: 1 where a pixel counts, 0 where it is hidden, so that the
            generator completes the images. All by default.

    Reference: Zhu et al. 2016, section 3.1 (inversion); Yeh et al. 2017 (completion).
    """
    generators.check_generator(generator, may_take_labels=False)
    check_images(images, generator.outputs[0].shape[1:])
    check_count("starts", starts)
    check_count("steps", steps)
    prior, learning_rate = check_weight("prior", prior), check_weight("rate", learning_rate)
    shape = images.shape[1:]
    mask = np.ones(shape, "float32") if visible is None else np.asarray(visible, "float32")
    if mask.shape != shape or not np.isin(mask, (0, 1)).all() or not mask.any():
        raise ValueError(
            f"visible must hold 0 and 1 alone, a 1 at least, of shape {shape}. "
            f"Received: shape {mask.shape}, values from {mask.min():g} to {mask.max():g}"
        )
    count, size = len(images), generator.inputs[0].shape[1]
    wanted = ops.convert_to_tensor(np.repeat(images, starts, axis=0), "float32")
    found = keras.Variable(latents.draw(count * starts, size, seed), name="latents")
    optimizer = keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(learning_rate, steps))
    optimizer.build([found])

    def errors():
        made = ops.cast(generator(found.value, training=False), "float32")
        misfit = ops.sum(mask * ops.square(made - wanted), axis=(1, 2, 3)) / mask.sum()
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
