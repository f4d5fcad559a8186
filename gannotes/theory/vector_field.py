"""The game's vector field: where both networks' gradients send all weights, and how it turns."""

from gannotes.training import gradients, losses
from gannotes.training.options import as_loss_pair, check_penalties
from keras import ops
import numpy as np


def field_jacobian(generator, discriminator, images, latents, loss="nonsaturating", penalties=None):
    r"""Jacobian of v = -(∇_θ L_G, ∇_ψ L_D), at the networks' present weights and these points.

    Its eigenvalues say what simultaneous small steps do nearby: real parts below 0 draw the weights
    in, above 0 drive them out, imaginary parts turn them.

    Args:
        generator, discriminator: Keras models, smooth in their weights: second derivatives of
            LeakyReLU sit in kinks, which no finite batch sees.
        images: real ones, (n, ...).
        latents: as many, (n, latents).
        loss, penalties: as for `GAN.compile`, but by default no penalties; those that look at
            random places are refused.

    Returns:
        Array (weights, weights), G's first.

    Raises:
        ValueError: an unknown loss or penalty, or unequally many images and latents.

    Reference: Mescheder, Nowozin, Geiger 2017, section 3.
    """
    if len(images) != len(latents):
        raise ValueError(
            f"There must be as many latents as images. Received: {len(latents)} and {len(images)}"
        )
    d_loss, g_loss = as_loss_pair(loss)
    penalties = check_penalties(penalties, discriminator)
    if "wgan_gp" in penalties:
        raise ValueError(
            "wgan_gp looks at random places, so that its field is not one of these points"
        )
    images, latents = ops.convert_to_tensor(images), ops.convert_to_tensor(latents)

    def discriminator_loss():
        fakes = generator(latents)
        total = d_loss(discriminator(images), discriminator(fakes))
        for name, weight in penalties.items():
            where, penalize = losses.PENALTIES[name]
            slopes = gradients.image_gradients(discriminator, where(images, fakes, None))
            total = total + weight * penalize(slopes)
        return total

    def generator_loss():
        return g_loss(discriminator(images), discriminator(generator(latents)))

    players = [
        (generator_loss, generator.trainable_variables),
        (discriminator_loss, discriminator.trainable_variables),
    ]
    return ops.convert_to_numpy(gradients.field_jacobian(players))


def eigenvalues(jacobian):
    """Eigenvalues of a field's Jacobian, those with the greatest real part first."""
    found = np.linalg.eigvals(np.asarray(jacobian, float)).astype(complex)
    return found[np.argsort(-found.real)]
