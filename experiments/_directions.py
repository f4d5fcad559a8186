"""Directions of a generator without labels, for `directions`: by weights, as SeFa, and by activations, as GANSpace."""

from gannotes.latent import latents
import keras
from keras import ops
import numpy as np
from sklearn.decomposition import PCA


def of_weights(generator, count):
    """Directions along which the first layer moves most, (count, latents): as SeFa.

    They are the leading eigenvectors of AᵀA, with A the weight of the Dense layer that the latents
    enter. Differs from the paper: a batch normalization behind it belongs to A.

    Reference: Shen, Zhou 2021, eq. 6.
    """
    behind = [x for x in generator.layers if not isinstance(x, keras.layers.InputLayer)]
    first, second = [*behind, None][:2]
    weights = ops.convert_to_numpy(first.kernel).T  # (outputs, latents)
    if isinstance(second, keras.layers.BatchNormalization):
        scale = 1 / np.sqrt(ops.convert_to_numpy(second.moving_variance) + second.epsilon)
        scale = scale * ops.convert_to_numpy(second.gamma) if second.scale else scale
        weights = weights * scale[:, None]
    values, vectors = np.linalg.eigh(weights.T @ weights)  # ascending; a column a vector
    return vectors[:, np.argsort(values)[::-1][:count]].T


def of_activations(generator, layer, count, samples=5000, seed=0):
    """Directions along which a layer's activations vary most, (count, latents): as GANSpace.

    These are unit vectors along d_j = argmin Σ ‖d·x_j - z‖², over `samples` random latents z; x_j
    is the coordinate of their activations along principal component j. `layer` is a name.

    Reference: Härkönen et al. 2020, section 2.2.
    """
    drawn = latents.draw(samples, generator.inputs[0].shape[1], seed)
    inside = keras.Model(generator.inputs[0], generator.get_layer(layer).output)
    activations = ops.convert_to_numpy(inside(drawn, training=False)).reshape(samples, -1)
    coordinates = PCA(count, random_state=seed).fit_transform(activations)
    found = coordinates.T @ drawn / np.square(coordinates).sum(axis=0)[:, None]
    return found / np.linalg.norm(found, axis=1, keepdims=True)
