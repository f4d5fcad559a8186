"""What the experiments on latent space share: the usual GAN of a data set, one compiled graph for all seeds."""

import functools

from gannotes import datasets, models, training
from gannotes.metrics import evaluators


@functools.cache
def compiled(name, latent_dim, **recipe):
    """Data, its GAN (dense for the digits, else convolutional), and what judges its images."""
    data, pair = datasets.load(name), models.mlp_pair if name == "digits" else models.conv_pair
    gan = training.GAN(*pair(data.shape, latent_dim))
    gan.compile(**recipe)
    return data, gan, evaluators.for_dataset(data)


def trained(name, plan, latent_dim, seed):
    """As `compiled`, and trained by ``plan``, {"recipe": …, "batch_size": …}."""
    data, gan, judge = compiled(name, latent_dim, **plan["recipe"])
    gan.reset(seed)
    gan.fit(data.images, None, plan["batch_size"], 1, gan.recipe.steps, verbose=0)
    return data, gan, judge
