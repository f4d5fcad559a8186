"""Directions of a latent space, found without labels, of a generator that takes latents alone."""

from gannotes.checks import check_choice, check_count
from gannotes.latent import generators, latents
from gannotes.metrics import features
import keras
from keras import ops
import numpy as np
from sklearn.decomposition import PCA

MEASURES = {  # of light drawings on dark ground
    "ink": features.brightness,
    "lean": lambda images: features.second_moments(images)[:, 2],
    "width": lambda images: features.second_moments(images)[:, 0],
    "height": lambda images: features.second_moments(images)[:, 1],
}


def of_weights(generator, count):
    """Directions along which the first layer moves most, (count, latents): as SeFa.

    They are the leading eigenvectors of AᵀA, with A the weight of the Dense layer that the latents
    enter. Differs from the paper: a batch normalization behind it belongs to A.

    Reference: Shen, Zhou 2021, eq. 6.
    """
    _check(generator, count)
    behind = [x for x in generator.layers if not isinstance(x, keras.layers.InputLayer)]
    first, second = [*behind, None][:2]
    if not isinstance(first, keras.layers.Dense) or first.input is not generator.inputs[0]:
        raise ValueError(f"The latents must enter a Dense layer. Received: {first!r}")
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
    size = _check(generator, count)
    check_count("samples", samples, minimum=count)
    check_choice("layer of the generator", layer, [each.name for each in generator.layers])
    drawn = latents.draw(samples, size, seed)
    inside = keras.Model(generator.inputs[0], generator.get_layer(layer).output)
    activations = ops.convert_to_numpy(inside(drawn, training=False)).reshape(samples, -1)
    if count > activations.shape[1]:
        raise ValueError(f"Layer {layer!r} has {activations.shape[1]} outputs. Received: {count}")
    coordinates = PCA(count, random_state=seed).fit_transform(activations)
    found = coordinates.T @ drawn / np.square(coordinates).sum(axis=0)[:, None]
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def of_measures(generator, measures=None, samples=2000, seed=0):
    """Directions along which numbers of the images grow most, ``{name: unit vector (latents,)}``.

    Each is the least-squares fit of a number by random latents. `measures` are functions of images
    that give (n,), by name, as those of `features`; MEASURES by default.
    """
    size = _check(generator, 1)
    check_count("samples", samples, minimum=size + 1)
    drawn = latents.draw(samples, size, seed)
    images = generators.make(generator, drawn)
    found = {}
    for name, measure in (MEASURES if measures is None else measures).items():
        numbers = np.asarray(measure(images))
        if numbers.shape != (samples,) or not np.isfinite(numbers).all() or np.ptp(numbers) == 0:
            raise ValueError(
                f"Measure {name!r} must give a finite number an image, ({samples},), not all the "
                f"same. Received: shape {numbers.shape}, {numbers.min()} to {numbers.max()}"
            )
        slopes, *_ = np.linalg.lstsq(drawn - drawn.mean(axis=0), numbers - numbers.mean())
        found[name] = slopes / np.linalg.norm(slopes)
    return found


def _check(generator, count):
    """Returns the size of the latents; raises ValueError unless there can be `count` directions."""
    generators.check_generator(generator, may_take_labels=False)
    check_count("count", count)
    size = generator.inputs[0].shape[1]
    if count > size:
        raise ValueError(f"There are {size} directions at most. Received: count={count}")
    return size
