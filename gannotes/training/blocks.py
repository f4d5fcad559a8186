"""What a network makes of more inputs than fit into memory at once."""

import keras
from keras import ops
import numpy as np


def in_blocks(network, inputs, size=1024):
    """What a network makes of many inputs, so many at a time; NumPy array, float32.

    Args:
        network: function of `inputs`, a block of each.
        inputs: array, or list of arrays of equal length.
    """
    count = len(keras.tree.flatten(inputs)[0])
    made = []
    for start in range(0, count, size):
        block = keras.tree.map_structure(lambda x, start=start: x[start : start + size], inputs)
        made.append(ops.convert_to_numpy(ops.cast(network(block), "float32")))
    return np.concatenate(made)
