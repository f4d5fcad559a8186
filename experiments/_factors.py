"""What the experiments on factors share: dense GANs, and GANs whose generator is of a low rank.

Generators are 16-width-width-pixels with batch norm; D is 128-96-64; the recipe is the default one, at a multiple of
its learning rates. One compiled graph serves all ranks up to its own: what is 0 in both factors stays 0.
"""

from functools import cache

from gannotes import datasets, layers, metrics, models, training
from gannotes.metrics import evaluators
from gannotes.training import losses
from gannotes.training.callbacks import Diverged
import keras
from keras import ops
import numpy as np

IMAGES, LATENT_DIM, WIDTH, FAILED = 1000, 16, 256, 9.0  # FAILED: log distance of what diverged
NARROW = {24: {8: 126, 28: 52}, 32: {8: 144, 28: 65}}  # as many weights as a rank, by the side


@cache
def judged(name):
    """A data set, and a function: images → log Fréchet distance to held-out ones."""
    data = datasets.load(name)
    features = evaluators.for_dataset(data).features
    real = features(data.held_out_images[:IMAGES])
    return data, lambda images: np.log(metrics.frechet_distance(real, features(images)))


@keras.saving.register_keras_serializable("experiments")
class Softplus(keras.layers.Layer):
    """x·A·B, where A and B are softplus of free weights."""

    def __init__(self, units, rank, **kwargs):
        super().__init__(**kwargs)
        self.units, self.rank = units, rank

    def build(self, shape):
        start = keras.initializers.RandomNormal(-3.5, 0.4)  # light of about 1
        self.left = self.add_weight((shape[-1], self.rank), start, name="left")
        self.right = self.add_weight((self.rank, self.units), start, name="right")

    @property
    def atoms(self):
        return ops.convert_to_numpy(ops.softplus(self.right))

    def call(self, x):
        return ops.matmul(ops.matmul(x, ops.softplus(self.left)), ops.softplus(self.right))

    def get_config(self):
        return super().get_config() | {"units": self.units, "rank": self.rank}


def real(name, seed):
    """The log distance of training images, drawn by the seed."""
    data, distance = judged(name)
    return distance(np.random.default_rng(seed).permutation(data.images)[:IMAGES])


@cache
def compiled(shape, rank=None, width=WIDTH, decay=0.0):
    """A GAN with a dense G, or one of at most a rank; `set` may choose the loss "decay"."""
    generator = models.mlp_generator(shape, LATENT_DIM, (width, width), batch_norm=True, rank=rank)
    gan = training.GAN(generator, models.mlp_discriminator(shape, (128, 96, 64)))
    of_d, of_g = losses.LOSSES["nonsaturating"]

    def decayed(*scores):  # the squared norm of kernels, of factors that of their products
        return of_g(*scores) + decay * sum(ops.sum(kernel**2) for kernel in kernels(generator)) / 2

    gan.compile(loss={"plain": (of_d, of_g)} | ({"decay": (of_d, decayed)} if decay else {}))
    return gan


def kernels(network):
    """Kernels of dense layers, and products of factors."""
    for layer in network.layers:
        if isinstance(layer, layers.LowRankDense):
            yield ops.matmul(layer.first.kernel, layer.second.kernel)
        elif isinstance(layer, keras.layers.Dense):
            yield layer.kernel


def begin(gan, seed, rank=None, network=None):
    """New weights. Factors are the truncated SVD of a dense G of the seed (Khodak et al. 2021), or of a network."""
    gan.reset(seed)
    if rank is not None:
        shape, most = gan.image_shape, max(x.rank for x in low_rank(gan.generator))
        if network is None:
            compiled(shape).reset(seed)
            network = compiled(shape).generator
        gan.generator.set_weights(layers.factorize(network, most).get_weights())
        for layer in low_rank(gan.generator):
            layer.truncate(min(rank, layer.rank))
        gan.ema_generator.set_weights(gan.generator.get_weights())


def low_rank(network):
    return [layer for layer in network.layers if isinstance(layer, layers.LowRankDense)]


def train(gan, images, times, steps):
    """Goes on at a multiple of the recipe's rates. Whether it did not diverge."""
    default = training.Recipe()
    gan.set(**{x: times * getattr(default, x) for x in ("generator_rate", "discriminator_rate")})
    try:
        gan.fit(images, None, 64, 1, steps, verbose=0)
    except Diverged:
        return False
    return True


def far(name, gan, images, times, steps):
    """The log distance of what the averaged G makes after that training."""
    if not train(gan, images, times, steps):
        return FAILED
    return judged(name)[1](gan.generate(IMAGES, gan.seed))


def cut(network, rank, seed, of="kernels", norm=True):
    """Cuts kernels of a dense G to a rank, from the first layer on; `norm`: batch norm is measured anew.

    What is kept is the main directions of the kernels (truncated SVD) or of their responses to latents
    (Zhang et al. 2015), or directions by chance.
    """
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((2000, LATENT_DIM), "float32")
    for layer in network.layers[1:]:
        if isinstance(layer, keras.layers.Dense) and min(layer.kernel.shape) > rank:
            kernel, bias = layer.get_weights()
            seen, centre = kernel, 0 * bias
            if of == "responses":
                seen, centre = x @ kernel, (x @ kernel).mean(axis=0)
            basis = np.linalg.svd(seen - centre, full_matrices=False)[2][:rank].T
            if of == "chance":
                basis = np.linalg.qr(rng.standard_normal(basis.shape))[0]
            inside = basis @ basis.T
            layer.set_weights([kernel @ inside, bias + centre - centre @ inside])
        elif isinstance(layer, keras.layers.BatchNormalization) and norm:
            layer.moving_mean.assign(x.mean(axis=0))
            layer.moving_variance.assign(x.var(axis=0))
        x = ops.convert_to_numpy(layer(x))


def sparsity(atoms):
    """Hoyer's (2004): 0 of an atom of equal pixels, 1 of one pixel; mean over atoms that are not 0."""
    atoms = atoms[np.linalg.norm(atoms, axis=1) > 1e-6]
    ratios, root = np.abs(atoms).sum(axis=1) / np.linalg.norm(atoms, axis=1), atoms.shape[1] ** 0.5
    return float(np.mean((root - ratios) / (root - 1)))
