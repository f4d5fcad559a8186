"""The weights that a network starts with, drawn anew."""

import contextlib
import random

import keras


def initial_variables(network):
    """New variables like a network's, in its order, with new initial values.

    They are those of `keras.models.clone_model`, and so depend on Python's random state alone (see
    `python_seed`), for a quarter of the time: no layer is called.

    Args:
        network: a functional or sequential Keras model, of layers that are built.

    Returns:
        List of Keras variables.
    """
    made = []
    for layer in network.layers:
        if isinstance(layer, keras.Model):
            made += initial_variables(layer)
        elif layer.variables:
            new = type(layer).from_config(layer.get_config())
            new.build_from_config(layer.get_build_config())
            made += new.variables
    return made


@contextlib.contextmanager
def python_seed(seed):
    """A context in which layers draw the initial values that follow from a seed."""
    state = random.getstate()
    random.seed(seed)
    try:
        yield
    finally:
        random.setstate(state)
