"""Spectra: singular values of a generator's Jacobian, eigenvalues of the game's vector field."""

from gannotes.checks import check_count, check_images, check_network
from gannotes.training import backend, losses
from gannotes.training.networks import check_penalties
from gannotes.training.recipe import as_loss_pair
from keras import ops
import numpy as np
from sklearn.utils import gen_batches


def jacobians(generator, latents, images_at_once=2048):
    """Jacobian of the generator at each latent, ∂G(z)/∂z: NumPy array (n, pixels, latents), float32.

    By forward differentiation, as there are fewer latent coordinates than pixels; `images_at_once`
    are held in memory, one a coordinate of each latent.
    """
    check_network("generator", generator)
    latents = np.asarray(latents, "float32")
    taken = [tuple(tensor.shape[1:]) for tensor in generator.inputs]
    if latents.ndim != 2 or len(latents) == 0 or taken != [latents.shape[1:]]:
        raise ValueError(
            "The generator must take latents alone, and be given them in shape (n, latents). "
            f"Received: inputs of shapes {taken}, latents of {latents.shape}"
        )
    check_count("images_at_once", images_at_once)
    size = latents.shape[1]
    found = []
    for rows in gen_batches(len(latents), max(1, images_at_once // size)):
        block = latents[rows]
        where = ops.convert_to_tensor(np.repeat(block, size, axis=0))
        directions = ops.convert_to_tensor(np.tile(np.eye(size, dtype="float32"), (len(block), 1)))
        moved = backend.along(lambda z: generator(z, training=False), where, directions)
        moved = ops.convert_to_numpy(ops.cast(moved, "float32"))
        found.append(moved.reshape(len(block), size, -1).transpose(0, 2, 1))
    return np.concatenate(found)


def jacobian_singular_values(generator, latents):
    """Singular values of `jacobians`, falling: array (n, min(latents, pixels)), float32.

    How far the image moves, in the norm of all pixels, per step along each principal direction of the
    latent; the generator ignores a direction of 0.

    Reference: Odena et al. 2018, section 2.
    """
    return np.linalg.svd(jacobians(generator, latents), compute_uv=False)


def field_jacobian(generator, discriminator, images, latents, loss="nonsaturating", **penalties):
    """Jacobian of v = -(∇_θ L_G, ∇_ψ L_D) at these weights and points: (weights, weights), G's first.

    Its eigenvalues say what simultaneous small steps do nearby: real parts below 0 draw the weights
    in, above 0 drive them out, imaginary parts turn them.

    Args:
        generator, discriminator: Keras models, smooth in their weights: second derivatives of
            LeakyReLU sit in kinks, which no finite batch sees.
        images, latents: real images (n, ...), and as many latents, (n, latents).
        loss, penalties: as for `GAN.compile`, r1 and r2; by default no penalties.

    Reference: Mescheder, Nowozin, Geiger 2017, section 3.
    """
    check_network("generator", generator)
    check_network("discriminator", discriminator)
    check_images(images)
    if len(images) != len(latents):
        raise ValueError(
            f"There must be as many latents as images. Received: {len(latents)} and {len(images)}"
        )
    d_loss, g_loss = as_loss_pair(loss)
    penalties = check_penalties(penalties, discriminator)
    if "wgan_gp" in penalties:
        raise ValueError("wgan_gp looks at random places, not only at these points")
    images, latents = ops.convert_to_tensor(images), ops.convert_to_tensor(latents)

    def discriminator_loss():
        fakes = generator(latents)
        loss = d_loss(discriminator(images), discriminator(fakes))
        return loss + losses.penalty(penalties, discriminator, images, fakes)

    def generator_loss():
        return g_loss(discriminator(images), discriminator(generator(latents)))

    players = [
        (generator_loss, generator.trainable_variables),
        (discriminator_loss, discriminator.trainable_variables),
    ]
    return ops.convert_to_numpy(backend.field_jacobian(players))


def eigenvalues(jacobian):
    """Eigenvalues of a field's Jacobian, those with the greatest real part first."""
    found = np.linalg.eigvals(np.asarray(jacobian, float)).astype(complex)
    return found[np.argsort(-found.real)]
