"""Automatic differentiation, loops of steps and devices: what is a Keras backend's own.

TensorFlow and JAX have an edition each. What the functions do stands in TensorFlow's.
"""

import keras

if keras.backend.backend() == "tensorflow":
    from gannotes.training.backend.tensorflow import *
elif keras.backend.backend() == "jax":
    from gannotes.training.backend.jax import *
else:
    raise ImportError(
        "gannotes trains on Keras's backends tensorflow and jax, by the variable KERAS_BACKEND. "
        f"Received: {keras.backend.backend()}"
    )
