"""Theory of the game: its value at known densities, and a generator of one."""

import keras
from keras import layers
import numpy as np

# Known densities: p of real and q of generated data, their logarithms on an even grid x, all (n,);
# scores are D's before the sigmoid


def value(scores, log_p, log_q, x):
    """V(D, G) = E_p[log D] + E_q[log(1 - D)] by quadrature, in nats; the grid holds nearly all.

    Reference: Goodfellow et al. 2014, eq. 1.
    """
    log_d, log_not_d = -np.logaddexp(0, -scores), -np.logaddexp(0, scores)
    return np.trapezoid(np.exp(log_p) * log_d + np.exp(log_q) * log_not_d, x)


def optimal_scores(log_p, log_q):
    """Scores of the best discriminator, log p - log q; their sigmoid is D* = p/(p + q).

    Reference: Goodfellow et al. 2014, Proposition 1.
    """
    return log_p - log_q


def gaussian_generator(std, features=2):
    """Latents (batch, features) → Gaussian points of known density: std times the latents."""
    inputs = keras.Input((features,), name="latents")
    scale = keras.initializers.Identity(gain=std)
    points = layers.Dense(features, use_bias=False, kernel_initializer=scale)(inputs)
    return keras.Model(inputs, points, name="gaussian_generator")
