"""Automatic differentiation, fused loops, data feeds and logs: what is a Keras backend's own.

Each backend that GANs train on has an edition of this folder, and of nothing else. What the functions
do stands in TensorFlow's.
"""

import keras

if keras.backend.backend() == "tensorflow":
    from gannotes.training.gradients import tensorflow as edition
elif keras.backend.backend() == "jax":
    from gannotes.training.gradients import jax as edition
else:
    raise ImportError(
        "gannotes trains on Keras's backends tensorflow and jax, by the variable KERAS_BACKEND. "
        f"Received: {keras.backend.backend()}"
    )

start = edition.start

# Derivatives
gradients_of = edition.gradients_of
gradients_if = edition.gradients_if
image_gradients = edition.image_gradients
along = edition.along
field_jacobian = edition.field_jacobian

# Loops
compiled = edition.compiled
fused = edition.fused

# Devices
STRATEGIES = edition.STRATEGIES
strategy_of = edition.strategy_of
is_first_worker = edition.is_first_worker
are_on_all_devices = edition.are_on_all_devices
draw = edition.draw

# Feeds and logs
is_stream = edition.is_stream
stream_parts = edition.stream_parts
first_batch = edition.first_batch
stream = edition.stream
read_ahead = edition.read_ahead
event_log = edition.event_log
