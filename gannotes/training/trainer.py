"""`Trainer`: a `keras.Model` whose `fit` takes many steps in one call of a compiled graph."""

import math
import random
import warnings

from gannotes import files
from gannotes.checks import check_count, check_flag, check_range
from gannotes.layers import multiply_adds
from gannotes.training import backend
from gannotes.training.callbacks import Diverged, StopOnDivergence, check_callbacks
from gannotes.training.feed import Feed, is_stream
from gannotes.training.networks import clone
import keras
from keras import ops
import numpy as np


class Trainer(keras.Model):
    """A model that trains on images (and labels) by steps of its own.

    A subclass has `networks`, by name, which `reset` gives new weights, and hands its step to
    `compile_step`; `take_step` is that step, a function of arrays.

    Args:
        image_shape: of one real image.
        num_classes: of the labels that a step takes; None where it takes none.
        packing: images that a network sees at once.
        seed: draws latents, batches and, after `reset`, initial weights.
    """

    def __init__(self, image_shape, num_classes=None, packing=1, seed=0, name=None):
        super().__init__(name=name)
        check_count("packing", packing)
        check_count("seed", seed, minimum=0)
        self.image_shape = tuple(image_shape)
        self.num_classes = num_classes
        self.takes_labels = num_classes is not None
        self.packing = packing
        self.seed = seed
        self.seeds = keras.random.SeedGenerator(seed)
        self.built = True  # nothing is left for Keras to build
        self._jit_by_itself = False

    @property
    def averages(self):
        """Networks of averaged weights, by the names of the networks that they average."""
        return {}

    @property
    def strategy(self):
        """The devices it trains on: a `tf.distribute.Strategy`, or its like under JAX."""
        return backend.strategy_of(self)

    @property
    def steps(self):
        """Steps trained so far."""
        self.check_compiled("steps")
        return int(self._optimizers[0].iterations.numpy())

    # What a step is

    def _trainable_paths(self):
        return {name: [v.path for v in x.trainable_variables] for name, x in self.networks.items()}

    def check_compiled(self, what):
        """Raises RuntimeError if there is no step yet."""
        if not self.compiled:
            raise RuntimeError(f"Call compile before {what}")

    def choose_jit(self, optimizers, jit_compile):
        """Returns whether XLA compiles; raises ValueError if this cannot train on its devices.

        "auto" chooses XLA on one device, for networks without convolutions, which it slows on a CPU.
        """
        check_flag("jit_compile", jit_compile, "auto")
        several_devices = self.strategy.num_replicas_in_sync > 1
        if several_devices:
            made = [network.variables[0] for network in self.networks.values()]
            made += [optimizer.iterations for optimizer in optimizers]
            knows = self.strategy.extended.variable_created_in_scope
            if not all(knows(variable.value) for variable in made):
                raise ValueError(
                    "Several devices: make networks, optimizers and model within strategy.scope()"
                )
            if any(o.clipnorm or o.clipvalue or o.global_clipnorm for o in optimizers):
                raise ValueError(
                    "Several devices: no clipping in the optimizers, which would clip each "
                    "device's share of the gradient by itself"
                )
        self._jit_by_itself = jit_compile == "auto"
        if self._jit_by_itself:
            parts = self._flatten_layers()
            slow = any("Conv" in type(part).__name__ or not part.supports_jit for part in parts)
            return not (several_devices or slow)
        if jit_compile and several_devices:
            raise ValueError("XLA and several devices do not go together here: jit_compile=False")
        return jit_compile

    def compile_step(self, step, scalars, trained, draws=(), batches=1, jit_compile=False):
        """Makes `fit` repeat a step: a function of random numbers, images and labels.

        It gives scalars by these names, and takes `draws` and `batches` as `Feed` says. `trained`
        are pairs of an optimizer and its variables; the first optimizer moves once a step.
        """
        with self.strategy.scope():
            super().compile(optimizer=None, loss=None, jit_compile=jit_compile)  # is compiled
            self._optimizers = [optimizer for optimizer, _ in trained]
            for optimizer, variables in trained:
                if not variables:
                    raise ValueError("Each network must have trainable weights. Received: none")
                optimizer.build(variables)
        self._trainable = self._trainable_paths()
        self._initial_optimizer_values = [v.numpy() for v in self.optimizer_variables]
        self.take_step = step
        self._scalars = scalars
        classes = self.num_classes if self.takes_labels else None
        multiple = self.packing * self.strategy.num_replicas_in_sync
        work = sum(map(multiply_adds, self.networks.values()))
        self._feed = Feed(self.image_shape, classes, batches, list(draws), multiple, work)
        self._fused_steps = backend.fused(step, scalars, batches, jit_compile, self.strategy)

    # Many steps

    def fit(
        self,
        x,
        y=None,
        batch_size=None,
        epochs=1,
        steps_per_epoch=None,
        callbacks=None,
        verbose="auto",
        initial_epoch=0,
    ):
        """Trains; see `keras.Model.fit`.

        Args:
            x: images (n, height, width, channels) in [-1, 1], or points (n, features); or a stream:
                anything that gives batches of such, or pairs with labels, of one size, anew each time
                that it is gone through, as a `tf.data.Dataset` does; of a GAN they hold
                `discriminator_steps` times the batch. Or a function of the number of batches that
                were seen before, which gives those that follow (`feed.stream_folder`).
            y: classes of the images, whole numbers (n,), where a network takes labels.
            batch_size: images in a batch, by default 64 or, of fewer images, all; a stream has its own.
            epochs: how often callbacks and the history hear of an epoch's end.
            steps_per_epoch: by default about as many as pass once over the images. The compiled graph
                takes up to 100 steps a call, a divisor of these: round numbers are fast.

        Returns:
            Keras's `History`: each epoch's mean of the steps' scalars.

        Raises:
            TypeError, ValueError: the images, labels or a size are not as above; before any step.
            callbacks.Diverged: a loss or a weight is no longer finite; the model is back in a good
                state.
        """
        # Check what was given.
        self.check_compiled("fit")
        if self._trainable != self._trainable_paths():
            raise ValueError("Layers were frozen or thawed since compile; call compile again")
        source = self._feed.source(x, y, batch_size)
        if isinstance(x, np.ndarray):
            check_range(x)
        if steps_per_epoch is None:
            steps_per_epoch = source.steps_an_epoch
        if steps_per_epoch is None:
            raise ValueError("A stream needs steps_per_epoch. Received: None")
        check_count("steps_per_epoch", steps_per_epoch)
        check_count("epochs", epochs)
        check_count("initial_epoch", initial_epoch, minimum=0)

        # Divide the steps into calls: as many as divide an epoch and, where a callback has `every`, that
        # and the steps so far.
        if isinstance(callbacks, keras.callbacks.Callback):
            callbacks = [callbacks]
        check_callbacks(callbacks or [])
        callbacks = [StopOnDivergence(), *(callbacks or [])]
        known = ("every", "save_freq", "update_freq")  # ours, and those of Keras's own
        found = [getattr(callback, name, None) for callback in callbacks for name in known]
        every = [number for number in found if isinstance(number, int)]
        common = math.gcd(steps_per_epoch, self.steps if every else 0, *every)
        most = self._feed.most_steps(source)
        self.steps_per_execution = max(n for n in range(1, most + 1) if common % n == 0)
        if not every and 4 * self.steps_per_execution < min(most, steps_per_epoch):
            better = math.ceil(steps_per_epoch / most) * most
            warnings.warn(
                f"{steps_per_epoch} steps an epoch go in calls of {self.steps_per_execution}, which is "
                f"slow: no larger number up to {most} divides them. {better} would be fast",
                stacklevel=2,
            )

        # Train.
        watchers = keras.callbacks.CallbackList(
            callbacks,
            add_history=True,
            add_progbar=verbose != 0,
            model=self,
            verbose=verbose,
            epochs=epochs,
            steps=steps_per_epoch,
        )
        self.stop_training = False
        if self.steps == 0:  # weights may have been loaded since the model was made
            for name, average in self.averages.items():
                _assign(average.variables, self.networks[name].variables)
        watchers.on_train_begin()  # BackupAndRestore may bring a state and an epoch
        try:
            self._train(source, watchers, initial_epoch, epochs, steps_per_epoch)
        except Diverged:
            for callback in callbacks[1:]:  # bars and files are closed
                callback.on_train_end()
            raise
        return self.history  # set by watchers

    def _train(self, source, watchers, initial_epoch, epochs, steps_per_epoch):
        """The loop of `fit`: epochs, calls of many steps, callbacks."""
        first, self._initial_epoch, means = self._initial_epoch or initial_epoch, None, None
        calls = self._feed.calls(source, self.steps, self.steps_per_execution, self.seed)
        for epoch in range(first, epochs):
            watchers.on_epoch_begin(epoch)
            logs_of_calls = []
            for step in range(0, steps_per_epoch, self.steps_per_execution):
                # Draw, and take the steps of one call.
                watchers.on_train_batch_begin(step)
                draws, data, indices = next(calls)
                logs_of_calls.append(self._take_steps(draws, data, indices))
                watchers.on_train_batch_end(step + self.steps_per_execution - 1, logs_of_calls[-1])
                if self.stop_training:
                    break
            # Tell the epoch's means.
            means = {
                name: float(np.mean([ops.convert_to_numpy(logs[name]) for logs in logs_of_calls]))
                for name in self._scalars
            }
            watchers.on_epoch_end(epoch, means)
            if self.stop_training:
                break
        watchers.on_train_end(means)

    def _take_steps(self, *arrays):
        """The steps of one call; where they fail and XLA was chosen by itself, it says how to go without."""
        try:
            return self._fused_steps(*arrays)
        except Exception as error:
            if self._jit_by_itself and self.jit_compile:
                error.add_note("XLA compiled the steps; compile(jit_compile=False) goes without it")
            raise

    def evaluate(self, *args, **keywords):
        """Not for a game of networks: says what is."""
        raise NotImplementedError(
            "This model has no loss on given images: its networks judge each other. Measure images "
            "by metrics.yardstick.Yardstick(data).measure(images); train by fit"
        )

    train_on_batch = test_on_batch = evaluate

    def get_config(self):
        """Not for copies, pickles and files: says what is."""
        raise NotImplementedError(
            "This model is not copied or pickled: make another of new networks, compile it alike and "
            "bring it the state by save_state and load_state. Its networks are Keras models, to be "
            "saved and copied by themselves"
        )

    def check_data(self, images, labels, batch_size):
        """Raises TypeError or ValueError unless `fit` can train with these; a stream has its labels."""
        self._feed.source(images, None if is_stream(images) else labels, batch_size)

    # Before and after

    def reset(self, seed):
        """Starts over with new initial weights and draws, without compiling the graph again.

        Networks, averages, optimizers and the random state are as in a new model; learning rates and
        the weights of terms stay as they were set.
        """
        self.check_compiled("reset")
        check_count("seed", seed, minimum=0)
        self.seed = seed
        pythons = random.getstate()
        random.seed(seed)  # initializers take their seeds from Python's generator
        for network in self.networks.values():
            _assign(network.variables, clone(network).variables)
        random.setstate(pythons)
        for name, average in self.averages.items():
            _assign(average.variables, self.networks[name].variables)
        self.seeds.state.assign(keras.random.SeedGenerator(seed).state)
        pairs = zip(self.optimizer_variables, self._initial_optimizer_values, strict=True)
        for variable, value in pairs:
            if variable.name != "learning_rate":
                variable.assign(value)

    @property
    def optimizer_variables(self):
        """All variables of the optimizers: iterations, moments, rates that follow no schedule."""
        self.check_compiled("the state is asked for")
        return [variable for optimizer in self._optimizers for variable in optimizer.variables]

    @property
    def state_variables(self):
        """All variables that training goes on from."""
        networks = [*self.networks.values(), *self.averages.values()]
        variables = [variable for network in networks for variable in network.variables]
        return [*variables, *self.optimizer_variables, self.seeds.state]

    def save_state(self, path):
        """Writes all that training goes on from, to an npz file, whole or not at all.

        The position in the data follows from the steps. What was resumed equals what was never
        interrupted, bit for bit where XLA compiles the steps; else TensorFlow's threads may round
        a sum differently from one run to the next.
        """
        values = {f"{i:04d}": v.numpy() for i, v in enumerate(self.state_variables)}
        files.save_arrays(path, seed=np.array(self.seed), **values)

    def load_state(self, path):
        """Goes back to a state written by `save_state`, of a model made and compiled alike.

        Raises:
            ValueError: the file is damaged, or of another model; nothing is changed then.
        """
        self.check_compiled("load_state")
        state = files.read_arrays(path)
        seed = state.pop("seed", None)
        expected = {f"{i:04d}": tuple(v.shape) for i, v in enumerate(self.state_variables)}
        found = {name: array.shape for name, array in state.items()}
        if seed is None or found != expected:
            other = [name for name in expected if name in found and found[name] != expected[name]]
            why = f"{len(found)} arrays and {'no' if seed is None else 'a'} seed"
            if other:
                variable = self.state_variables[int(other[0])]
                why = f"{found[other[0]]} where {variable.path} has {expected[other[0]]}"
            raise ValueError(
                f"{path} is not a state of this model: it must hold a seed and {len(expected)} "
                f"arrays of its variables' shapes. Received: {why}"
            )
        self.seed = int(seed)
        _assign(self.state_variables, [state[name] for name in expected])


def in_blocks(network, inputs, size=1024):
    """What a network makes of an array or a list of arrays, so many at a time; NumPy, float32.

    For a few inputs it takes a millisecond or two, where `keras.Model.predict` takes forty.
    """
    count = len(keras.tree.flatten(inputs)[0])
    made = []
    for start in range(0, count, size):
        block = keras.tree.map_structure(lambda x, start=start: x[start : start + size], inputs)
        made.append(ops.convert_to_numpy(ops.cast(network(block), "float32")))
    return np.concatenate(made)


def _assign(variables, values):
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
