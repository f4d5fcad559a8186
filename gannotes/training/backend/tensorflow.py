"""TensorFlow's edition."""

import logging

import tensorflow as tf

# Every GAN has a graph of its own, which TensorFlow takes for one that it traces again and again.
logging.getLogger("tensorflow").addFilter(lambda record: "retracing" not in record.getMessage())


def sees_gpu():
    """Whether there is a GPU to train on; memory growth and the like can still be set."""
    return bool(tf.config.list_physical_devices("GPU"))


def gradients_of(loss, variables):
    """Value, extras and gradients of ``loss()``, which returns ``(value, extras)``."""
    values = [variable.value for variable in variables]
    devices = tf.distribute.get_strategy().num_replicas_in_sync
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(values)
        value, extra = loss()
        if devices > 1:  # optimizers add up the devices' gradients
            value = value / devices
    slopes = tape.gradient(value, values, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    return value, extra, slopes


def image_gradients(function, images):
    """Gradients with respect to images of scores (batch, 1), first of what the function gives."""
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(images)
        scores = tf.nest.flatten(function(images))[0]
    return tape.gradient(scores, images)


def along(function, inputs, directions):
    """Derivative of a function along a direction for each input (n, ...), each on its own."""
    with tf.autodiff.ForwardAccumulator(inputs, directions) as accumulator:
        outputs = function(inputs)
    return accumulator.jvp(outputs, unconnected_gradients=tf.UnconnectedGradients.ZERO)


def field_jacobian(players):
    """Jacobian of a game's vector field, minus each player's gradient: (weights, weights).

    A player is a pair ``(loss, variables)``: it lowers ``loss()`` by its Keras variables.
    """
    everything = [variable.value for _, mine in players for variable in mine]
    zero = tf.UnconnectedGradients.ZERO
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(everything)
        found = [gradients_of(lambda loss=loss: (loss(), None), mine) for loss, mine in players]
        slopes = [tf.reshape(slope, [-1]) for _, _, slopes in found for slope in slopes]
        field = -tf.concat(slopes, axis=0)
    columns = tape.jacobian(field, everything, unconnected_gradients=zero)
    return tf.concat([tf.reshape(c, (field.shape[0], -1)) for c in columns], axis=1)


def gradients_if(due, loss, variables):
    """Gradients of a loss where `due`; zeros, without computing, where not.

    A loop of no or one turn: of a conditional XLA would compute both sides.
    """

    def once(_, totals):
        _, _, slopes = gradients_of(loss, variables)
        return False, [total + slope for total, slope in zip(totals, slopes, strict=True)]

    zeros = [tf.zeros_like(variable.value) for variable in variables]
    return tf.while_loop(lambda turn, _: turn, once, (due, zeros))[1]


STRATEGIES = {
    "one": tf.distribute.get_strategy,
    "all": tf.distribute.MirroredStrategy,
    "workers": tf.distribute.MultiWorkerMirroredStrategy,  # finds the others by TF_CONFIG
}


def strategy_of(model):
    """The `tf.distribute.Strategy` that a Keras model was made in."""
    return model.distribute_strategy


def is_first_worker(strategy):
    """Whether this process is the one that writes files."""
    return strategy.cluster_resolver is None or strategy.cluster_resolver.task_id == 0


def draw(distribution, shape, seed):
    """Random numbers by a function of `keras.random`; each device has its part of one's draw."""
    context = tf.distribute.get_replica_context()
    if context is None or context.num_replicas_in_sync == 1:
        return distribution(shape, seed=seed)
    count, *rest = shape
    first = context.replica_id_in_sync_group * count
    drawn = distribution((count * context.num_replicas_in_sync, *rest), seed=seed)
    return drawn[first : first + count]


def fused(step, names, parts, jit_compile, strategy):
    """Compiles many steps into one call, so that Python's share is paid once for all of them.

    Several devices take a part of every batch each; optimizers add up their gradients.

    Args:
        step: function of arrays of random numbers and of a batch of images (and of labels) that
            updates variables and returns scalars by these names.
        parts: how many batches of images, one behind the other, a step takes.

    Returns:
        Function of lists of random numbers (steps, any multiple of batch, ...) and of images
        (n, ...) (and labels (n,)), and of each step's indices into these (steps, parts · batch),
        that returns the mean of each scalar over the steps.
    """
    devices = strategy.num_replicas_in_sync

    def share(rows, batch_size):
        """This device's part of every batch in rows (batches · batch_size, ...)."""
        if devices == 1:
            return rows
        device = tf.distribute.get_replica_context().replica_id_in_sync_group
        shared = tf.reshape(rows, (-1, devices, batch_size // devices, *rows.shape[1:]))
        return tf.reshape(shared[:, device], (rows.shape[0] // devices, *rows.shape[1:]))

    def step_here(draws, data, chosen):
        batch_size = chosen.shape[0] // parts
        draws = [share(drawn, batch_size) for drawn in draws]
        chosen = share(chosen, batch_size)
        return step(*draws, *(tf.gather(part, chosen) for part in data))

    def step_everywhere(*arguments):
        if devices == 1:
            return step_here(*arguments)
        logs = strategy.run(step_here, arguments)
        return {name: strategy.reduce("MEAN", logs[name], axis=None) for name in names}

    @tf.function(jit_compile=jit_compile, autograph=False)
    def run(draws, data, indices):
        num_steps = indices.shape[0]

        def body(i, totals):
            logs = step_everywhere([drawn[i] for drawn in draws], data, indices[i])
            return i + 1, {name: total + logs[name] for name, total in totals.items()}

        start = 0, dict.fromkeys(names, 0.0)
        totals = tf.while_loop(lambda i, _: i < num_steps, body, start)[1]
        return {name: total / num_steps for name, total in totals.items()}

    return run


def compiled(function, jit_compile):
    """Compiles a function of arrays; a new shape of theirs has it compiled again."""
    return tf.function(function, jit_compile=jit_compile, autograph=False)
