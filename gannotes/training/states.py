"""A training's state in an npz file: its seed, and the values of its variables in order."""

from gannotes import files
import numpy as np


def write(path, seed, variables):
    """Writes them, whole or not at all."""
    values = {name: v.numpy() for name, v in zip(_names(variables), variables, strict=True)}
    files.save_arrays(path, seed=np.array(seed), **values)


def read(path, variables):
    """Reads what `write` wrote for variables of the same number and shapes.

    Returns:
        The seed, and the list of values.

    Raises:
        ValueError: the file is damaged, or of other variables.
    """
    state = files.read_arrays(path)
    seed = state.pop("seed", None)
    expected = {name: tuple(v.shape) for name, v in zip(_names(variables), variables, strict=True)}
    if seed is None or {name: array.shape for name, array in state.items()} != expected:
        raise ValueError(
            f"{path} is not a state of this model: it must hold a seed and {len(expected)} arrays "
            f"of its variables' shapes. Received: {len(state)} arrays"
        )
    return int(seed), [state[name] for name in expected]


def _names(variables):
    return [f"{i:04d}" for i in range(len(variables))]
