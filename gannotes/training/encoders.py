"""Autoencoders and GANs with an encoder, all of one kind of parts, trained by the GAN's loop."""

from dataclasses import dataclass

from gannotes.checks import check_choice, check_count, check_weight
from gannotes.training import gradients, losses
from gannotes.training.blocks import in_blocks
from gannotes.training.fused import FusedModel
from gannotes.training.options import as_optimizer, check_float32, check_penalties
import keras
from keras import ops
import numpy as np

LOGS = ("squared_error", "discriminator_loss", "encoder_loss")


class Autoencoder(FusedModel):
    """Images → codes → images, by squared error alone.

    Args:
        encoder: Keras model, images (batch, ...) → codes (batch, size).
        decoder: Keras model, codes → images.
        coder: Keras model, latents (batch, latents) → codes, from which `generate` draws.
        discriminator: None here; in the classes below, what it sees → scores (batch, 1).
        seed: draws latents, batches and, after `reset`, initial weights.

    Raises:
        ValueError: the networks do not fit together, or compute in another precision than float32.
    """

    players = ("encoder", "decoder")  # what moves against the discriminator

    def __init__(self, encoder, decoder, coder, discriminator=None, seed=0, name=None):
        image, code = encoder.input_shape, encoder.output_shape
        for what, shapes, expected in (
            ("decoder", (decoder.input_shape, decoder.output_shape), (code, image)),
            ("coder", (coder.output_shape,), (code,)),
            ("discriminator", discriminator and (discriminator.input_shape,), self._seen(encoder)),
        ):
            if shapes != expected:
                raise ValueError(
                    f"The {what} must fit an encoder from {image} to {code}: it needs shapes "
                    f"{expected}. Received: {shapes}"
                )
        super().__init__(image[1:], seed=seed, name=name)
        self.encoder, self.decoder, self.coder = encoder, decoder, coder
        self.discriminator = discriminator
        check_float32(self.networks)

    def _seen(self, encoder):
        """Shape of what the discriminator sees; None without one."""
        return None

    def views(self, images, latents):
        """What the discriminator sees of real and of drawn things; see the subclasses."""
        return None

    @property
    def networks(self):
        """All networks, by name."""
        names = ("encoder", "decoder", "coder", "discriminator")
        return {name: getattr(self, name) for name in names if getattr(self, name) is not None}

    def compile(
        self,
        optimizer=None,
        discriminator_optimizer=None,
        reconstruction=1.0,
        penalties=None,
        jit_compile="auto",
    ):
        """Chooses how to train.

        Args:
            optimizer: a Keras optimizer; by default Adam with learning rate 0.001, β₁ 0.5.
            discriminator_optimizer: another one, of the discriminator.
            reconstruction: weight of the squared error, mean over pixels.
            penalties, jit_compile: as for `training.GAN.compile`, but by default no penalties.
        """
        reconstruction = check_weight("reconstruction", reconstruction)
        with self.strategy.scope():
            optimizer = as_optimizer("optimizer", optimizer)
            rival = as_optimizer("discriminator_optimizer", discriminator_optimizer)
        if self.discriminator is None:
            if penalties or discriminator_optimizer is not None or reconstruction == 0:
                raise ValueError(
                    "Without discriminator there is the squared error, and nothing else"
                )
            penalties = {}
        else:
            penalties = check_penalties(penalties, self.discriminator)
        jit_compile = self.check_devices([optimizer, rival], jit_compile)
        moved = [v for name in self.players for v in self.networks[name].trainable_variables]
        trained = [(optimizer, moved)]
        if self.discriminator is not None:
            trained.append((rival, self.discriminator.trainable_variables))
        with self.strategy.scope():
            self._reconstruction = keras.Variable(reconstruction, trainable=False)
        self._has_error = reconstruction > 0
        step = EncoderStep(self, trained, self._reconstruction, self._has_error, penalties)
        draws = [(1, self.coder.input_shape[1:])]
        self.compile_step(step, LOGS, trained, draws, jit_compile=jit_compile)

    def set_weight(self, name, weight):
        """Changes the weight of the squared error, "reconstruction"; no graph is traced anew.

        Raises:
            ValueError: another name, a weight out of range, or it was 0 when compiled.
        """
        check_choice("weight", name, ("reconstruction",))
        if not self._has_error and weight > 0:
            raise ValueError("reconstruction was 0 when compiled, so that the graph has no error")
        self._reconstruction.assign(check_weight(name, weight))

    def call(self, latents, training=False):
        """Images of latents, (batch, latents)."""
        return self.decoder(self.coder(latents, training=training), training=training)

    def encode(self, images):
        """Codes of images; NumPy array (n, size)."""
        return in_blocks(self.encoder, images)

    def decode(self, codes):
        """Images of codes; NumPy array (n, ...)."""
        return in_blocks(self.decoder, codes)

    def generate(self, count, seed=0):
        """New images of drawn codes; NumPy array (count, ...), float32.

        Args:
            count: how many.
            seed: draws the latents.
        """
        check_count("count", count)
        size = self.coder.input_shape[1]
        return in_blocks(self, keras.random.normal((count, size), seed=seed))


class AdversarialAutoencoder(Autoencoder):
    """An autoencoder whose codes a discriminator cannot tell from drawn ones.

    Real is a code that the coder draws, which does not learn; fake is an image's.

    Reference: Makhzani et al. 2015, section 2.
    """

    def _seen(self, encoder):
        return (encoder.output_shape,)

    def views(self, images, latents):
        """Drawn codes (real) and codes of images (fake)."""
        return self.coder(latents, training=True), self.encoder(images, training=True)


class BiGAN(Autoencoder):
    """A GAN with an encoder; the discriminator sees images with their codes, side by side.

    Real is an image with its code, fake a drawn code with its image: (batch, pixels + size), flat.
    Where it cannot tell them apart, encoder and decoder are each other's inverse, although no error
    is ever measured, but with `reconstruction`.

    Reference: Donahue et al. 2017, section 3; Dumoulin et al. 2017 (ALI); Li et al. 2017
        (ALICE, with `reconstruction`).
    """

    players = ("encoder", "decoder", "coder")

    def _seen(self, encoder):
        return ((None, int(np.prod(encoder.input_shape[1:])) + encoder.output_shape[1]),)

    def compile(self, optimizer=None, discriminator_optimizer=None, reconstruction=0.0, **options):
        """As `Autoencoder.compile`, by default without the squared error."""
        super().compile(optimizer, discriminator_optimizer, reconstruction, **options)

    def views(self, images, latents):
        """Images with their codes (real) and drawn codes with their images (fake)."""
        codes = self.coder(latents, training=True)
        fakes = self.decoder(codes, training=True)
        return _joined(images, self.encoder(images, training=True)), _joined(fakes, codes)


@dataclass
class EncoderStep:
    """One update of the discriminator, if there is one, and one of its opponents.

    The opponents lower its chance to be right about either kind: with s its scores,
    E softplus(-s(fake)) + E softplus(s(real)), and the weighted squared error.
    """

    model: Autoencoder
    trained: list
    reconstruction: keras.Variable
    has_error: bool
    penalties: dict

    def __call__(self, latents, images):
        """Takes the step with latents (batch, latents) and images (batch, ...)."""
        judge = self.model.discriminator

        def loss():
            deceived = judged = error = 0.0
            if judge:
                real, fake = self.model.views(images, latents)
                judged = self._update_discriminator(*map(ops.stop_gradient, (real, fake)))
                real, fake = judge(real), judge(fake)
                deceived = losses.nonsaturating_g_loss(real, fake) + ops.mean(ops.softplus(real))
            if self.has_error:
                codes = self.model.encoder(images, training=True)
                error = ops.mean(ops.square(images - self.model.decoder(codes, training=True)))
            return deceived + self.reconstruction.value * error, (error, judged, deceived)

        optimizer, variables = self.trained[0]
        _, logs, slopes = gradients.gradients_of(loss, variables)
        optimizer.apply(slopes, variables)
        return dict(zip(LOGS, logs, strict=True))

    def _update_discriminator(self, real, fake):
        """Updates it, between the views, which do not depend on it, and its new judgement."""
        judge = self.model.discriminator

        def loss():
            value = total = losses.minimax_d_loss(judge(real), judge(fake))
            for name, weight in self.penalties.items():
                where, penalize = losses.PENALTIES[name]
                slopes = gradients.image_gradients(judge, where(real, fake, self._uniform))
                total = total + weight * penalize(slopes)
            return total, value

        optimizer, variables = self.trained[1]
        _, value, slopes = gradients.gradients_of(loss, variables)
        optimizer.apply(slopes, variables)
        return value

    def _uniform(self, shape):
        count, *rest = shape
        return gradients.share_of_device(
            count, lambda total: keras.random.uniform((total, *rest), seed=self.model.seeds)
        )


def _joined(images, codes):
    return ops.concatenate([ops.reshape(images, (images.shape[0], -1)), codes], axis=-1)
