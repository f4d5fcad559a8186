"""Autoencoders, trained by the same loop as the GAN."""

from dataclasses import dataclass
import math

from gannotes.checks import check_count
from gannotes.training import gradients
from gannotes.training.blocks import in_blocks
from gannotes.training.fused import FusedModel
from gannotes.training.options import as_optimizer, check_float32
import keras
from keras import ops


class VAE(FusedModel):
    r"""A variational autoencoder: images → distribution of latents → images.

    It lowers a bound on the negative log-likelihood of an image x, in nats,

    E_z[-log N(x; decoder(z), σ²)] + KL(N(μ(x), s(x)²) ‖ N(0, 1)),  z = μ(x) + s(x)·noise,

    with the σ² that suits the batch best, its mean squared error (σ-VAE), so that no weight between
    the two terms is to be chosen. As a GAN it has `fit`, `reset` and `generate`.

    Args:
        encoder: Keras model, images (batch, ...) → μ and log s², (batch, 2·latents).
        decoder: Keras model, latents (batch, latents) → images; such as a GAN's generator.
        seed: draws latents, batches and, after `reset`, initial weights.

    Raises:
        ValueError: the networks do not fit together, or compute in another precision than float32.

    Reference: Kingma and Welling 2014, eq. 3 and appendix B; σ: Rybkin, Daniilidis, Levine 2021.
    """

    def __init__(self, encoder, decoder, seed=0, name="vae"):
        latents, image = decoder.input_shape, decoder.output_shape
        if len(latents) != 2 or encoder.output_shape != (None, 2 * latents[1]):
            raise ValueError(
                "encoder must give mean and log variance of the decoder's latents, (batch, "
                f"2·latents). Received: {encoder.output_shape} and {latents}"
            )
        if encoder.input_shape != image:
            raise ValueError(
                f"encoder must take what decoder gives. Received: {encoder.input_shape} and {image}"
            )
        check_float32({"encoder": encoder, "decoder": decoder})
        super().__init__(image[1:], seed=seed, name=name)
        self.encoder = encoder
        self.decoder = decoder
        self.latent_dim = latents[1]

    @property
    def networks(self):
        """Encoder and decoder, by name."""
        return {"encoder": self.encoder, "decoder": self.decoder}

    def compile(self, optimizer=None, jit_compile="auto"):
        """Chooses how to train.

        Args:
            optimizer: a Keras optimizer; by default Adam with learning rate 0.001.
            jit_compile: as for `training.GAN.compile`.
        """
        with self.strategy.scope():
            optimizer = as_optimizer("optimizer", optimizer, beta_1=0.9)
        jit_compile = self.check_devices([optimizer], jit_compile)
        variables = self.encoder.trainable_variables + self.decoder.trainable_variables
        step = VAEStep(self.encoder, self.decoder, optimizer, variables)
        scalars = ("loss", "divergence", "squared_error")
        draws = [(1, (self.latent_dim,))]
        self.compile_step(step, scalars, [(optimizer, variables)], draws, jit_compile=jit_compile)

    def call(self, latents, training=False):
        """Images of latents, (batch, latents)."""
        return self.decoder(latents, training=training)

    def generate(self, count, seed=0):
        """New images, the means of the decoder; NumPy array (count, ...), float32.

        Args:
            count: how many.
            seed: draws the latents.
        """
        check_count("count", count)
        return in_blocks(self, keras.random.normal((count, self.latent_dim), seed=seed))


@dataclass
class VAEStep:
    """One update of both networks; gives the scalars of `VAE.compile`."""

    encoder: keras.Model
    decoder: keras.Model
    optimizer: keras.optimizers.Optimizer
    variables: list

    def __call__(self, noise, images):
        """Takes the step with noise (batch, latents) and images (batch, ...).

        Several devices take a σ² each.
        """
        pixels = math.prod(images.shape[1:])

        def loss():
            mean, log_variance = ops.split(self.encoder(images, training=True), 2, axis=-1)
            latents = mean + ops.exp(log_variance / 2) * noise
            squared_error = ops.mean((images - self.decoder(latents, training=True)) ** 2)
            reconstruction = pixels / 2 * (ops.log(2 * math.pi * squared_error) + 1)
            terms = ops.exp(log_variance) + mean**2 - 1 - log_variance  # (batch, latents)
            divergence = ops.mean(ops.sum(terms, axis=-1)) / 2
            return reconstruction + divergence, (divergence, squared_error)

        value, (divergence, squared_error), slopes = gradients.gradients_of(loss, self.variables)
        self.optimizer.apply(slopes, self.variables)
        return {"loss": value, "divergence": divergence, "squared_error": squared_error}
