"""Autoencoders, variational and adversarial ones, and the BiGAN, trained by the GAN's loop."""

import functools
import math

from gannotes.checks import check_count, check_images, check_network, check_weight
from gannotes.training import backend, losses
from gannotes.training.networks import check_penalties
from gannotes.training.optimizers import as_optimizer
from gannotes.training.trainer import Trainer, in_blocks
import keras
from keras import ops

LOGS = ("squared_error", "discriminator_loss", "encoder_loss")  # of an `Autoencoder`'s step


class _Decoding(Trainer):
    """Networks of which a decoder makes images; `call` makes them of latents."""

    def __init__(self, image_shape, latent_dim, networks, seed, name):
        super().__init__(image_shape, seed=seed, name=name)
        self.latent_dim = latent_dim
        self._names = tuple(networks)
        for key, network in networks.items():
            if network.compute_dtype != "float32":
                raise ValueError(
                    f"The {key} must compute in float32. Received: {network.compute_dtype}"
                )
            setattr(self, key, network)

    @property
    def networks(self):
        return {name: getattr(self, name) for name in self._names}

    def compile_decoding(self, step, scalars, trained, jit_compile):
        """`compile_step` for a step that takes latents."""
        jit_compile = self.choose_jit([optimizer for optimizer, _ in trained], jit_compile)
        draws = [(1, (self.latent_dim,))]
        self.compile_step(step, scalars, trained, draws, jit_compile=jit_compile)

    def generate(self, count, seed=0):
        """New images of latents drawn with a seed; NumPy array (count, ...), float32."""
        check_count("count", count)
        return in_blocks(self, keras.random.normal((count, self.latent_dim), seed=seed))


class VAE(_Decoding):
    r"""A variational autoencoder: images → distribution of latents → images.

    It lowers a bound on the negative log-likelihood of an image x, in nats,

    E_z[-log N(x; decoder(z), σ²)] + KL(N(μ(x), s(x)²) ‖ N(0, 1)),  z = μ(x) + s(x)·noise,

    with the σ² that suits the batch best, its mean squared error (σ-VAE). It generates means of the
    decoder. Several devices take a σ² each. A `beta` above 1, KL's weight, makes draws blurred, and whole.

    Args:
        encoder: Keras model, images (batch, ...) → μ and log s², (batch, 2·latents).
        decoder: Keras model, latents (batch, latents) → images; such as a GAN's generator.

    Reference: Kingma and Welling 2014, eq. 3; Rybkin et al. 2021 (σ); Higgins et al. 2017 (β).
    """

    def __init__(self, encoder, decoder, seed=0, name="vae"):
        check_network("encoder", encoder)
        check_network("decoder", decoder)
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
        networks = {"encoder": encoder, "decoder": decoder}
        super().__init__(image[1:], latents[1], networks, seed, name)

    def compile(self, optimizer=None, jit_compile="auto", beta=1.0):
        """Chooses a Keras optimizer, by default Adam(0.001); `jit_compile` is as for `training.GAN`."""
        with self.strategy.scope():
            optimizer = as_optimizer("optimizer", optimizer, beta_1=0.9)
        self._beta = check_weight("beta", beta)
        variables = self.encoder.trainable_variables + self.decoder.trainable_variables
        step = functools.partial(self._step, optimizer, variables)
        scalars = ("loss", "divergence", "squared_error")
        self.compile_decoding(step, scalars, [(optimizer, variables)], jit_compile)

    def call(self, latents, training=False):
        """Images of latents, (batch, latents)."""
        return self.decoder(latents, training=training)

    def _step(self, optimizer, variables, noise, images):
        """Updates both networks, with noise (batch, latents) and images (batch, ...)."""
        pixels = math.prod(images.shape[1:])

        def loss():
            mean, log_variance = ops.split(self.encoder(images, training=True), 2, axis=-1)
            latents = mean + ops.exp(log_variance / 2) * noise
            squared_error = ops.mean((images - self.decoder(latents, training=True)) ** 2)
            reconstruction = pixels / 2 * (ops.log(2 * math.pi * squared_error) + 1)
            terms = ops.exp(log_variance) + mean**2 - 1 - log_variance  # (batch, latents)
            divergence = ops.mean(ops.sum(terms, axis=-1)) / 2
            bound = reconstruction + self._beta * divergence
            asked = sum(self.encoder.losses) + sum(self.decoder.losses)  # by regularizers
            return bound + asked, (bound, divergence, squared_error)

        _, (value, divergence, squared_error), slopes = backend.gradients_of(loss, variables)
        optimizer.apply(slopes, variables)
        return {"loss": value, "divergence": divergence, "squared_error": squared_error}


class Autoencoder(_Decoding):
    """Images → codes → images, by squared error alone.

    Args:
        encoder: Keras model, images (batch, ...) → codes (batch, size).
        decoder: Keras model, codes → images.
        coder: Keras model, latents (batch, latents) → codes, from which `generate` draws.
        discriminator: None here; in the classes below, what it sees → scores (batch, 1).
    """

    players = ("encoder", "decoder")  # what moves against the discriminator
    discriminator = None

    def __init__(self, encoder, decoder, coder, discriminator=None, seed=0, name=None):
        networks = {"encoder": encoder, "decoder": decoder, "coder": coder}
        if discriminator is not None:
            networks["discriminator"] = discriminator
        for what, network in networks.items():
            check_network(what, network)
        image, code = encoder.input_shape, encoder.output_shape
        seen = None if discriminator is None else (discriminator.input_shape,)
        for what, shapes, expected in (
            ("decoder", (decoder.input_shape, decoder.output_shape), (code, image)),
            ("coder", (coder.output_shape,), (code,)),
            ("discriminator", seen, self._seen(encoder)),
        ):
            if shapes != expected:
                raise ValueError(
                    f"The {what} must fit an encoder from {image} to {code}: it needs shapes "
                    f"{expected}. Received: {shapes}"
                )
        super().__init__(image[1:], coder.input_shape[1], networks, seed, name)

    def _seen(self, encoder):
        """Shapes of what the discriminator sees; None without one."""

    def compile(
        self, optimizer=None, discriminator_optimizer=None, reconstruction=1.0, jit_compile="auto",
        **penalties,
    ):  # fmt: skip
        """Chooses how to train, by default with Adam of learning rate 0.001 and β₁ 0.5.

        `reconstruction` is the weight of the squared error, mean over pixels; `penalties` are
        weights, by names in `losses.PENALTIES`; `jit_compile` is as for `training.GAN`.
        """
        reconstruction = check_weight("reconstruction", reconstruction)
        with self.strategy.scope():
            optimizer = as_optimizer("optimizer", optimizer)
            rival = as_optimizer("discriminator_optimizer", discriminator_optimizer)
            self._reconstruction = keras.Variable(reconstruction, trainable=False)
        self._has_error = reconstruction > 0
        moved = [v for name in self.players for v in self.networks[name].trainable_variables]
        trained = [(optimizer, moved)]
        if self.discriminator is not None:
            check_penalties(penalties, self.discriminator)
            trained.append((rival, self.discriminator.trainable_variables))
        elif penalties or discriminator_optimizer is not None or reconstruction == 0:
            raise ValueError("Without discriminator there is the squared error, and nothing else")
        step = functools.partial(self._step, trained, penalties)
        self.compile_decoding(step, LOGS, trained, jit_compile)

    def set(self, reconstruction):
        """Changes the weight of the squared error, without a new graph."""
        reconstruction = check_weight("reconstruction", reconstruction)
        if not self._has_error and reconstruction > 0:
            raise ValueError(
                f"reconstruction was 0 when compiled, and must stay 0. Received: {reconstruction}"
            )
        self._reconstruction.assign(reconstruction)

    def call(self, latents, training=False):
        """Images of latents, (batch, latents)."""
        return self.decoder(self.coder(latents, training=training), training=training)

    def encode(self, images):
        """Codes of images; NumPy array (n, size)."""
        check_images(images, self.image_shape)
        return in_blocks(self.encoder, images)

    def decode(self, codes):
        """Images of codes; NumPy array (n, ...)."""
        return in_blocks(self.decoder, codes)

    def _step(self, trained, penalties, latents, images):
        """Updates the discriminator, if there is one, and the players against it.

        With its scores s they lower E softplus(-s(fake)) + E softplus(s(real)), and the error.
        """

        def loss():
            deceived = judged = error = 0.0
            if self.discriminator is not None:
                real, fake = self.views(images, latents)
                still = map(ops.stop_gradient, (real, fake))
                judged = self._update_discriminator(*trained[1], penalties, *still)
                real, fake = (self.discriminator(x, training=True) for x in (real, fake))  # anew
                deceived = losses.nonsaturating_g_loss(real, fake) + ops.mean(ops.softplus(real))
            if self._has_error:
                codes = self.encoder(images, training=True)
                error = ops.mean(ops.square(images - self.decoder(codes, training=True)))
            asked = sum(x for name in self.players for x in self.networks[name].losses)
            total = deceived + self._reconstruction.value * error + asked
            return total, (error, judged, deceived)

        optimizer, variables = trained[0]
        _, logs, slopes = backend.gradients_of(loss, variables)
        optimizer.apply(slopes, variables)
        return dict(zip(LOGS, logs, strict=True))

    def _update_discriminator(self, optimizer, variables, penalties, real, fake):
        judge = functools.partial(self.discriminator, training=True)
        uniform = functools.partial(backend.draw, keras.random.uniform, seed=self.seeds)

        def loss():
            value = losses.minimax_d_loss(judge(real), judge(fake))
            penalty = losses.penalty(penalties, judge, real, fake, uniform)
            return value + penalty + sum(self.discriminator.losses), value

        _, value, slopes = backend.gradients_of(loss, variables)
        optimizer.apply(slopes, variables)
        return value


class AdversarialAutoencoder(Autoencoder):
    """An autoencoder whose codes a discriminator cannot tell from drawn ones; the coder stays.

    Reference: Makhzani et al. 2015, section 2.
    """

    def _seen(self, encoder):
        return (encoder.output_shape,)

    def views(self, images, latents):
        """Drawn codes (real) and codes of images (fake)."""
        return self.coder(latents, training=True), self.encoder(images, training=True)


class BiGAN(Autoencoder):
    """A GAN with an encoder; the discriminator sees images beside codes, (batch, pixels + size).

    Where it cannot tell them apart, encoder and decoder are each other's inverse.

    Reference: Donahue et al. 2017, section 3; Dumoulin et al. 2017 (ALI); Li et al. 2017 (ALICE,
        with `reconstruction`).
    """

    players = ("encoder", "decoder", "coder")

    def _seen(self, encoder):
        return ((None, math.prod(encoder.input_shape[1:]) + encoder.output_shape[1]),)

    def compile(self, optimizer=None, discriminator_optimizer=None, reconstruction=0.0, **options):
        """As `Autoencoder.compile`, by default without squared error."""
        super().compile(optimizer, discriminator_optimizer, reconstruction, **options)

    def views(self, images, latents):
        """Images with their codes (real) and drawn codes with their images (fake)."""
        codes = self.coder(latents, training=True)
        fakes = self.decoder(codes, training=True)
        pairs = (images, self.encoder(images, training=True)), (fakes, codes)
        flat = [(ops.reshape(shown, (shown.shape[0], -1)), codes) for shown, codes in pairs]
        return [ops.concatenate(pair, axis=-1) for pair in flat]
