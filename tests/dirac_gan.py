"""The Dirac-GAN: the smallest game that shows whether training settles.

Real data sit at 0, the generator puts all its mass at θ, and D's score is ψ·x. V(θ, ψ) = f(ψθ) + f(0),
with f(t) = -log(1 + e^(-t)) and f'(0) = 1/2. The only equilibrium is θ = ψ = 0.

Reference: Mescheder, Geiger, Nowozin 2018, sections 2 and 4.
"""

import keras
from keras import layers, ops
import numpy as np


@keras.saving.register_keras_serializable("tests")
class Point(layers.Layer):
    """One trainable point, shape (features,), given for every input of shape (batch, features)."""

    def build(self, input_shape):
        self.point = self.add_weight(shape=input_shape[1:], initializer="zeros", name="point")

    def call(self, inputs):
        return ops.zeros_like(inputs) + self.point


def generator():
    """Latents (batch, 1) → the point θ, whatever the latents: (batch, 1). θ is the only weight."""
    inputs = keras.Input((1,), name="latents")
    return keras.Model(inputs, Point(name="theta")(inputs), name="dirac_generator")


def discriminator():
    """Points (batch, 1) → scores ψ·x, (batch, 1). ψ is the only weight."""
    inputs = keras.Input((1,), name="images")
    return keras.Model(inputs, layers.Dense(1, use_bias=False, name="psi")(inputs))


def eigenvalues(r1=0.0, slope=0.5, noise=0.0):
    """Eigenvalues of the Dirac-GAN's gradient flow at its equilibrium, in closed form.

    Those of [[0, -slope], [slope, -damping]] with damping = r1 + noise²/2. Real part below 0: the
    flow settles; 0: it turns for ever, at the imaginary part's rate.

    Args:
        r1: weight of the penalty r1/2·ψ².
        slope: f'(0): 1/2 for the minimax and the non-saturating loss, 1 for Wasserstein's.
        noise: standard deviation of noise on all that D sees, for a loss with f''(0) = -1/4 (all
            but Wasserstein's).
    """
    damping = r1 + noise**2 / 2
    root = np.sqrt(complex(damping**2 / 4 - slope**2))
    return np.array([-damping / 2 - root, -damping / 2 + root])
