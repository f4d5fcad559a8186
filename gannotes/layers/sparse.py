"""Sparse codes and the dictionaries that they are written in."""

import math

from gannotes.checks import check_count
import keras
from keras import ops

HALVINGS = 20  # to a millionth of the largest entry


def _iterate(signals, inputs, recurrent, thresholds, steps):
    """z ← S(x W + z V, θ), from z = 0."""
    given = ops.matmul(signals, inputs)
    codes = ops.soft_shrink(given, thresholds)
    for _ in range(steps - 1):
        codes = ops.soft_shrink(given + ops.matmul(codes, recurrent), thresholds)
    return codes


def _ista_weights(atoms, penalty):
    """W, V and θ of ISTA: Aᵀ / L, I - AAᵀ / L and penalty / L."""
    atoms = ops.convert_to_tensor(atoms, "float32")
    gram = ops.matmul(atoms, ops.transpose(atoms))
    largest = ops.max(ops.linalg.eigh(gram)[0])
    return ops.transpose(atoms) / largest, ops.eye(len(gram)) - gram / largest, penalty / largest


@keras.saving.register_keras_serializable("gannotes")
class KSparse(keras.layers.Layer):
    """Keeps the k largest entries of each sample, by absolute value; the others become 0.

    Entries as large as the k-th, to a millionth of the largest, stay with it. No gradient passes
    through the choice. Halving an interval finds the least size to keep, without sorting: thirteen
    times as fast with XLA on a CPU. `k` may be set later too, and no graph is traced anew.

    Reference: Makhzani and Frey 2014, section 2.1, there with the k largest values.
    """

    def __init__(self, k, **kwargs):
        super().__init__(**kwargs)
        check_count("k", k)
        start = keras.initializers.Constant(int(k))
        self._k = self.add_weight((), start, "int32", trainable=False, name="k")

    @property
    def k(self):
        return int(ops.convert_to_numpy(self._k))

    @k.setter
    def k(self, value):
        check_count("k", value)
        self._k.assign(value)

    def call(self, inputs):
        axes = tuple(range(1, len(inputs.shape)))
        sizes = ops.stop_gradient(ops.abs(inputs))
        high = ops.max(sizes, axis=axes, keepdims=True)
        low = ops.zeros_like(high)
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            kept = ops.sum(ops.cast(sizes > middle, "int32"), axis=axes, keepdims=True)
            low = ops.where(kept >= self._k, middle, low)
            high = ops.where(kept >= self._k, high, middle)
        return ops.where(sizes > low, inputs, 0.0)

    def get_config(self):
        return super().get_config() | {"k": self.k}


@keras.saving.register_keras_serializable("gannotes")
class Dictionary(keras.layers.Layer):
    """Signals as sums of atoms of length 1: codes (batch, atoms) → z A + b, (batch, *shape).

    The atoms A, (atoms, *shape), are the directions of the kernel's rows: their length is 1 whatever
    happens to the kernel, in training, in a moving average of weights, after loading.
    """

    def __init__(self, shape, **kwargs):
        super().__init__(**kwargs)
        self.shape = tuple(shape)

    def build(self, input_shape):
        shape = (input_shape[-1], math.prod(self.shape))
        self.kernel = self.add_weight(shape, "random_normal", name="kernel")
        self.bias = self.add_weight(shape=self.shape, initializer="zeros", name="bias")

    @property
    def atoms(self):
        return ops.reshape(ops.normalize(self.kernel, axis=-1), (-1, *self.shape))

    def call(self, inputs):
        return ops.tensordot(inputs, self.atoms, 1) + self.bias


@keras.saving.register_keras_serializable("gannotes")
class LISTA(keras.layers.Layer):
    """Unrolled, learned ISTA: signals (batch, ...) → sparse codes (batch, atoms).

    z ← S((x - b) W + z V, θ), from z = 0, with W, V, b and θ ≥ 0 the same in all steps. Untrained it
    is ISTA of random atoms, which goes towards the least ½‖x - zA‖² + penalty·Σ|z|, with b = 0;
    `start_from` gives it other atoms.

    Reference: Gregor and LeCun 2010, eq. 3 and section 3.2; Daubechies, Defrise, De Mol 2004 (ISTA).
    """

    def __init__(self, atoms, steps=3, penalty=0.1, **kwargs):
        super().__init__(**kwargs)
        self.atoms, self.steps, self.penalty = atoms, steps, penalty

    def build(self, input_shape):
        pixels, atoms = math.prod(input_shape[1:]), self.atoms
        self.centre = self.add_weight(shape=(pixels,), initializer="zeros", name="centre")
        self.inputs = self.add_weight(shape=(pixels, atoms), name="inputs")
        self.recurrent = self.add_weight(shape=(atoms, atoms), name="recurrent")
        self.thresholds = self.add_weight(shape=(atoms,), constraint="non_neg", name="thresholds")
        drawn = keras.initializers.RandomNormal()((atoms, pixels))
        self.start_from(ops.normalize(drawn, axis=-1), self.penalty)

    def start_from(self, atoms, penalty):
        """Becomes ISTA with these atoms, (atoms, pixels), and this penalty."""
        inputs, recurrent, threshold = _ista_weights(atoms, penalty)
        self.inputs.assign(inputs)
        self.recurrent.assign(recurrent)
        self.thresholds.assign(ops.full((self.atoms,), threshold))

    def call(self, inputs):
        signals = ops.reshape(inputs, (-1, self.centre.shape[0])) - self.centre
        return _iterate(signals, self.inputs, self.recurrent, self.thresholds, self.steps)
