"""What the experiments on similarity share: a GAN, and what shows features of its D, or fixed ones."""

import functools

from gannotes import datasets, models, training
from gannotes.metrics import evaluators
import keras


@functools.cache  # one compiled graph for all trainings
def compiled(name, latent_dim, penalty_every, epochs):
    """Data, GAN, ``{"D", "fixed": its last hidden layer and its scores}``, and a judge's features.

    "fixed" is of a dense classifier, which is not the judge.
    """
    data = datasets.load(name)
    pair = models.conv_pair if name == "mnist5k" else models.mlp_pair
    gan = training.GAN(*pair(data.shape, latent_dim))
    gan.compile(penalty_every=penalty_every, optimizer="muon" if name == "mnist5k" else "adam")
    keras.utils.set_random_seed(0)
    net = models.mlp_discriminator(data.shape, (128, 64), num_classes=10, labels="classifier")
    known = keras.Model(net.input, keras.layers.Softmax()(net.outputs[1]))
    known.compile("adam", "sparse_categorical_crossentropy")
    known.fit(data.images, data.labels, epochs=epochs, verbose=0)
    of = {"D": gan.discriminator, "fixed": known}
    last = {k: [models.hidden_layers(x)[-1], x.layers[-1].name] for k, x in of.items()}
    seen = {k: evaluators.LayerFeatures(of[k], last[k]) for k in of}
    return data, gan, seen, evaluators.for_dataset(data).features


def trainings(gan, images, settings, kinds, looks, seed):
    """Trains ``{kind: (R1's weight, factor of the rates)}`` one by one; yields the kind at each look."""
    for kind, (r1, speed) in kinds.items():
        g_rate, d_rate = (speed * rate for rate in settings["rates"])
        gan.set(r1=r1, generator_rate=g_rate, discriminator_rate=d_rate)
        gan.reset(seed)
        for _ in range(looks):
            gan.fit(images, None, settings["batch"], 1, settings["steps"], verbose=0)
            yield kind
