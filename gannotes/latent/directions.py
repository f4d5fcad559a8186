"""Directions of a latent space along which numbers of the pictures grow."""

from gannotes.checks import check_count
from gannotes.latent import generators, latents
from gannotes.metrics import features
import numpy as np

MEASURES = {  # of light drawings on dark ground
    "ink": features.brightness,
    "lean": lambda images: features.second_moments(images)[:, 2],
    "width": lambda images: features.second_moments(images)[:, 0],
    "height": lambda images: features.second_moments(images)[:, 1],
}


def of_measures(generator, measures=None, samples=2000, seed=0):
    """Directions along which numbers of the images grow most, ``{name: unit vector (latents,)}``.

    Each is the least-squares fit of a number by random latents. `measures` are functions of images
    that give (n,), by name, as those of `features`; MEASURES by default.
    """
    generators.check_generator(generator, may_take_labels=False)
    size = generator.inputs[0].shape[1]
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
