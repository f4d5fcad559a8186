"""Automatic differentiation, fused loops, data feeds and logs: what is TensorFlow's own in training.

Another Keras backend needs its own edition of this file, and of no other.
"""

import logging

import tensorflow as tf

# Every GAN has a graph of its own, which TensorFlow takes for one that it traces again and again.
logging.getLogger("tensorflow").addFilter(lambda record: "retracing" not in record.getMessage())


def start():
    """Wakes the devices, XLA and MLIR (by way of tanh), each of which logs when it first works."""
    tf.function(tf.tanh, jit_compile=True)(tf.zeros(1))


def gradients_of(loss, variables):
    """Value and gradients of a loss.

    Args:
        loss: function without arguments that returns ``(value, anything else)``.
        variables: list of Keras variables.

    Returns:
        ``value, anything else, gradients``.
    """
    values = [variable.value for variable in variables]
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(values)
        value, extra = loss()
    slopes = tape.gradient(value, values, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    return value, extra, slopes


def image_gradients(function, images):
    """Gradient with respect to images, shaped like them.

    Args:
        function: function of images that gives scores (batch, 1), or a list that starts with
            them; each image's score may depend on that image alone.
    """
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(images)
        scores = tf.nest.flatten(function(images))[0]
    return tape.gradient(scores, images)


def gradients_if(due, loss, variables):
    """Gradients of a loss where `due`, zeros where not, in which case nothing is computed.

    A loop of no or one turn: XLA would compute both sides of a conditional, and choose.
    """

    def once(_, totals):
        _, _, slopes = gradients_of(loss, variables)
        return False, [total + slope for total, slope in zip(totals, slopes, strict=True)]

    zeros = [tf.zeros_like(variable.value) for variable in variables]
    return tf.while_loop(lambda turn, _: turn, once, (due, zeros))[1]


def fused(step, names, jit_compile):
    """Compiles many steps into one call, so that Python's share is paid once for all of them.

    Args:
        step: function of a batch of images (and of labels) that updates variables and returns a
            dictionary of scalars.
        names: the keys of that dictionary.
        jit_compile: whether XLA compiles the loop.

    Returns:
        Function of a list of images (n, ...) (and of labels (n,)), and of the indices of each
        step's batch (steps, batch), that returns the mean of each scalar over the steps.
    """

    @tf.function(jit_compile=jit_compile, autograph=False)
    def run(data, indices):
        num_steps = indices.shape[0]

        def body(i, totals):
            logs = step(*(tf.gather(part, indices[i]) for part in data))
            return i + 1, {name: total + logs[name] for name, total in totals.items()}

        start = 0, dict.fromkeys(names, 0.0)
        totals = tf.while_loop(lambda i, _: i < num_steps, body, start)[1]
        return {name: total / num_steps for name, total in totals.items()}

    return run


def is_stream(data):
    """Whether data is a `tf.data.Dataset`."""
    return isinstance(data, tf.data.Dataset)


def stream_parts(batches):
    """``(shape, name of dtype)`` of a stream's images, and of its labels if it has any."""
    specs = tf.nest.flatten(batches.element_spec)
    return [(tuple(spec.shape), spec.dtype.name) for spec in specs]


def stream(batches, num_steps):
    """Groups a stream of batches by `num_steps`; without end, quiet and without stalls."""
    options = tf.data.Options()
    options.autotune.enabled = False  # its wake-ups delay the end of a short fit by seconds
    grouped = batches.repeat().batch(num_steps, drop_remainder=True)
    return grouped.prefetch(2).with_options(options)


def clock():
    """A stream that only ticks, for data that already lie in memory."""
    return stream(tf.data.Dataset.from_tensors(0), 1)


def event_log(folder):
    """A log that TensorBoard shows, in a new file of `folder`.

    Returns:
        Function of ``(step, scalars, pictures)``, of ``{name: number}`` and ``{name: array (height,
        width, 3), uint8}``, that adds them to the log.
    """
    writer = tf.summary.create_file_writer(str(folder))
    Summary = tf.compat.v1.Summary  # needs no TensorBoard, as tf.summary.scalar does

    def image(picture):
        png = tf.io.encode_png(picture).numpy()
        height, width, _ = picture.shape
        return Summary.Image(height=height, width=width, colorspace=3, encoded_image_string=png)

    def write(step, scalars, pictures):
        values = [Summary.Value(tag=name, simple_value=x) for name, x in scalars.items()]
        values += [Summary.Value(tag=name, image=image(x)) for name, x in pictures.items()]
        with writer.as_default():
            tf.summary.experimental.write_raw_pb(Summary(value=values).SerializeToString(), step)
        writer.flush()

    return write
