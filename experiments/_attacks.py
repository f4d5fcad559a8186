"""Adversarial attacks: changes of images, small in every pixel, large in D's score."""

from gannotes.checks import check_choice, check_count, check_images, check_network, check_weight
from gannotes.training import backend
import keras
from keras import ops
import numpy as np

SIGN = {"fake": -1.0, "real": 1.0}  # of the change in score that makes D say so


def fgsm(discriminator, images, epsilon, towards="fake"):
    """Images changed by the fast gradient sign method: x ± ε·sign(∇D(x)), best for a linear D.

    Args:
        discriminator: any Keras model, images (batch, ...) → scores (batch, 1), or a list that
            starts with them; each image's score may depend on that image alone.
        images: (n, height, width, channels) in [-1, 1], where the changed ones stay, or points.
        epsilon: the largest change of a pixel.
        towards: what D is to take the images for, "fake" (lower scores) or "real" (higher ones).

    Reference: Goodfellow, Shlens, Szegedy 2015.
    """
    return pgd(discriminator, images, epsilon, towards, steps=1, step_size=epsilon)


def pgd(discriminator, images, epsilon, towards="fake", steps=10, step_size=None):
    """Projected gradient descent: steps of `fgsm`, each brought back into the ball |x' - x| ≤ ε.

    By default the step size is 2.5·ε / steps, so that the ball's edge is in reach. Differs from the
    paper: it starts at the images themselves, not at random in the ball.

    Reference: Madry et al. 2018.
    """
    check_network("discriminator", discriminator)
    check_images(images)
    check_choice("aim", towards, SIGN)
    check_count("steps", steps)
    epsilon = check_weight("epsilon", epsilon)
    step_size = 2.5 * epsilon / steps if step_size is None else check_weight("step_size", step_size)
    images = images.astype("float32")
    bounds = (-1, 1) if images.ndim == 4 else (-np.inf, np.inf)
    low, high = np.maximum(images - epsilon, bounds[0]), np.minimum(images + epsilon, bounds[1])
    changed = images
    for _ in range(steps):
        slopes = backend.image_gradients(
            lambda x: discriminator(x, training=False), ops.convert_to_tensor(changed)
        )
        step = SIGN[towards] * step_size * np.sign(ops.convert_to_numpy(slopes))
        changed = np.clip(changed + step, low, high).astype("float32")
    return changed


def success(discriminator, images, changed, threshold=0.0, towards="fake"):
    """Of the images that D judged rightly, the share that it judges wrongly after the change.

    NaN if it judged none rightly. The images are reals if the change is towards "fake", else fakes;
    above `threshold` a score says real.
    """
    for each in (images, changed):
        check_images(each)
    outputs = [discriminator(x, training=False) for x in (images, changed)]
    scores = [ops.convert_to_numpy(keras.tree.flatten(output)[0])[:, 0] for output in outputs]
    before, after = (SIGN[towards] * (score - threshold) for score in scores)
    right = before < 0
    return float((after[right] > 0).mean()) if right.any() else float("nan")
