"""What the experiment on hybrids trains: sparse GANs, autoencoders, and both together, of the same parts."""

import functools

from experiments import _sparse
from gannotes import datasets, models, training
from gannotes.training import autoencoders, backend, losses
import keras
from keras import ops
import numpy as np

ARMS = GAN, AUTO, VAE, BIGAN, BOTH, ADVERSARIAL, CHANCE = (
    "GAN", "autoencoder", "VAE", "BiGAN + error", "VAE + GAN", "adversarial autoencoder", "untrained",
)  # fmt: skip


class VAEGAN(autoencoders.VAE):
    """A VAE; after each of its steps D sees images beside draws, and the decoder learns to deceive it."""

    def __init__(self, encoder, decoder, discriminator, optimizers):
        super().__init__(encoder, decoder)
        self.discriminator, self._names = discriminator, (*self._names, "discriminator")
        self.game = list(zip(optimizers, (discriminator, decoder), strict=True))

    def compile_decoding(self, step, scalars, trained, jit_compile):
        game = [(optimizer, player.trainable_variables) for optimizer, player in self.game]
        super().compile_decoding(step, scalars, trained + game, jit_compile)

    def _step(self, optimizer, variables, noise, images):
        logs, judge = super()._step(optimizer, variables, noise, images), self.discriminator
        fakes = ops.stop_gradient(self.decoder(noise, training=True))

        def of_d():
            value = losses.minimax_d_loss(judge(images), judge(fakes))
            return value + losses.penalty({"r1": _sparse.R1}, judge, images, fakes), None

        def of_g():
            return losses.nonsaturating_g_loss(
                None, judge(self.decoder(noise, training=True))
            ), None

        for loss, (adam, player) in zip((of_d, of_g), self.game, strict=True):
            slopes = backend.gradients_of(loss, player.trainable_variables)[2]
            adam.apply(slopes, player.trainable_variables)
        return logs


@functools.cache
def compiled(name, arm, steps):
    """A network with one graph for all seeds; its dictionary; its coder, or None; variables of two rates."""
    shape, (size, active, rival) = datasets.load(name).shape, _sparse.SIZES[name].values()
    rates = [keras.Variable(0.0) for _ in "GD"]
    falls = [keras.optimizers.schedules.CosineDecay(rate, steps) for rate in rates]
    momentum = 0.9 if arm in (AUTO, VAE) else 0.5
    adams = [keras.optimizers.Adam(falls[k], momentum) for k in (0, 1, 0)]
    coder, dim = _sparse.coder_of(name), _sparse.LATENT_DIM
    maker, judge = models.sparse_generator(shape, coder), models.mlp_discriminator
    if arm in (GAN, CHANCE):
        network = training.GAN(maker, judge(shape, rival))
        pair = dict(zip(("generator_optimizer", "discriminator_optimizer"), adams, strict=False))
        network.compile(r1=_sparse.R1, ema_decay=0.0, **pair)
    elif arm in (VAE, BOTH):
        encoder = models.mlp_encoder(shape, 2 * dim, rival)
        network = autoencoders.VAE(encoder, maker)
        if arm == BOTH:
            network = VAEGAN(encoder, maker, judge(shape, rival), (adams[1], adams[0]))
        network.compile(adams[2])
    elif arm == ADVERSARIAL:
        x = keras.Input((dim,))
        drawn = keras.Model(x, keras.layers.Identity()(x))
        encoder = models.mlp_encoder(shape, dim, rival)
        network = autoencoders.AdversarialAutoencoder(encoder, maker, drawn, judge((dim,), rival))
        network.compile(*adams[:2], _sparse.WEIGHT, r1=_sparse.R1)
    else:
        encoder = models.sparse_encoder(shape, size, active, unrolled=3)
        parts = encoder, models.dictionary_decoder(shape, size), coder
        if arm == BIGAN:
            network = autoencoders.BiGAN(*parts, judge((np.prod(shape) + size,), rival))
            network.compile(*adams[:2], _sparse.WEIGHT, r1=_sparse.R1)
        else:
            network = autoencoders.Autoencoder(*parts)
            network.compile(adams[0])
        maker, coder = network.decoder, None
    return network, maker.get_layer("dictionary"), coder, rates


def own(network, coder, images):
    """Sparse codes by a network's own encoder; of a distribution of latents, the mean's."""
    seen = ops.convert_to_numpy(network.encoder(images))
    return seen if coder is None else ops.convert_to_numpy(coder(seen[:, : _sparse.LATENT_DIM]))
