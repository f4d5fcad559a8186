"""JAX's edition; what each function does stands in TensorFlow's.

JAX takes pure functions, while a step changes Keras variables. So what JAX takes runs in a scope,
where variables have values of their own, and hands out what they became.
"""

import contextlib
import functools

import jax
from jax import numpy as jnp
import keras
import numpy as np


class _Scope(keras.StatelessScope):
    """Here `variables` have these values, and all others the values that they have around.

    `seen` are the variables that were read or changed, `changed` these alone, by id.
    """

    def __init__(self, variables=(), values=()):
        mapping = zip(variables, values, strict=True)
        super().__init__(mapping, collect_losses=True, initialize_variables=False)
        self.seen, self.changed = {}, {}

    def get_current_value(self, variable):
        self.seen[id(variable)] = variable
        value = super().get_current_value(variable)
        if value is None and self.original_scope is not None:
            return self.original_scope.get_current_value(variable)
        return value

    def add_update(self, update):
        super().add_update(update)
        variable, _ = update
        self.seen[id(variable)] = self.changed[id(variable)] = variable


def _values(variables):
    return [variable.value for variable in variables]


def _assign(variables, values):
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def _pure(function, variables=()):
    """A function of values and inputs that changes no variable, but returns new values as well.

    And the list of the variables whose values these are, known once it has run.
    """
    changed = []

    def pure(values, *inputs):
        with _Scope(variables, values) as scope:
            result = function(*inputs)
            changed[:] = scope.changed.values()
            return result, _values(changed)

    return pure, changed


def sees_gpu():
    return jax.default_backend() == "gpu"


def gradients_of(loss, variables):
    pure, changed = _pure(loss, variables)

    def value_first(values):
        (value, extra), new = pure(values)
        return value, (extra, new)

    slopes_of = jax.value_and_grad(value_first, has_aux=True)
    (value, (extra, new)), slopes = slopes_of(_values(variables))
    _assign(changed, new)
    return value, extra, slopes


def gradients_if(due, loss, variables):
    pure, changed = _pure(lambda: gradients_of(loss, variables)[2])

    def zeros():  # is traced after the other, and knows what that changed
        return [jnp.zeros_like(value) for value in _values(variables)], _values(changed)

    slopes, new = jax.lax.cond(due, lambda: pure([]), zeros)
    _assign(changed, new)
    return slopes


def image_gradients(function, images):
    pure, changed = _pure(lambda images: jnp.sum(keras.tree.flatten(function(images))[0]))
    slopes, new = jax.grad(lambda images: pure([], images), has_aux=True)(images)
    _assign(changed, new)
    return slopes


def along(function, inputs, directions):
    return jax.jvp(function, (inputs,), (directions,))[1]


def field_jacobian(players):
    everything = [variable for _, mine in players for variable in mine]

    def field(values):
        with _Scope(everything, values):
            found = [gradients_of(lambda loss=loss: (loss(), None), mine) for loss, mine in players]
            return -jnp.concatenate([jnp.ravel(x) for _, _, slopes in found for x in slopes])

    columns = jax.jacrev(field)(_values(everything))
    return jnp.concatenate([jnp.reshape(c, (c.shape[0], -1)) for c in columns], axis=1)


def compiled(function, jit_compile):
    """XLA compiles it in any case."""

    def run(changed, *inputs):
        return function(*inputs), _values(changed)

    return _compiled(run, functools.partial(_touched, function))


def fused(step, names, parts, jit_compile, strategy):
    """XLA compiles it in any case, and there is one device.

    On a CPU steps are one loop only with `jit_compile`: convolutions are slow in there (see
    https://github.com/jax-ml/jax/issues/12868).
    """

    def nth(i, draws, data, indices):
        images = (part.at[indices[i]].get(mode="clip") for part in data)
        return step(*(drawn[i] for drawn in draws), *images)

    def loop(changed, *arguments):
        def body(values, i):
            with _Scope(changed, values):
                logs = nth(i, *arguments)
                return _values(changed), logs

        num_steps = len(arguments[-1])
        new, logs = jax.lax.scan(body, _values(changed), jnp.arange(num_steps))
        return {name: jnp.mean(logs[name]) for name in names}, new

    if jit_compile or jax.default_backend() != "cpu":
        return _compiled(loop, functools.partial(_touched, nth, 0))

    take_nth = compiled(nth, jit_compile)

    def one_by_one(draws, data, indices):
        logs = [take_nth(i, draws, data, indices) for i in range(len(indices))]
        return {name: np.mean([log[name] for log in logs]) for name in names}

    return one_by_one


def _touched(function, *inputs):
    """Variables that a function reads or changes, and those that it changes; by a dry run."""

    def dry(*inputs):
        with scope:
            function(*inputs)

    scope = _Scope()
    jax.eval_shape(dry, *inputs)
    return list(scope.seen.values()), list(scope.changed.values())


def _compiled(run, touched):
    """Compiles ``run(changed variables, *inputs)``, which gives a result and their new values.

    ``touched(*inputs)`` finds the variables, as `_touched` does. Their arrays are not donated: two
    variables may share one, as an average and its network at first.
    """
    seen, changed = [], []

    @jax.jit
    def pure(values, *inputs):
        with _Scope(seen, values):
            return run(changed, *inputs)

    def call(*inputs):
        if not seen:
            seen[:], changed[:] = touched(*inputs)
        result, new = pure(_values(seen), *inputs)
        _assign(changed, new)
        return result

    return call


class OneDevice:
    """What a `tf.distribute.Strategy` is to TensorFlow, of the only device used."""

    num_replicas_in_sync = 1

    def scope(self):
        return contextlib.nullcontext()


STRATEGIES = {"one": OneDevice}


def strategy_of(model):
    if keras.distribution.distribution() is not None:
        raise ValueError("Under JAX training takes one device: no keras.distribution, please")
    return OneDevice()


def is_first_worker(strategy):
    return True


def draw(distribution, shape, seed):
    return distribution(shape, seed=seed)
