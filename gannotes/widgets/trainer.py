"""A training that starts, changes and stops under the hand."""

import asyncio
import time

from gannotes import plotting
from gannotes.checks import check_count
from gannotes.training import losses
from gannotes.training.callbacks import Diagnosis
from gannotes.widgets import parts
import ipywidgets
import keras

RATES = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03)
WEIGHTS = (0, 0.01, 0.03, 0.1, 0.3, 1, 3, 10)
STEPS = (500, 1000, 2000, 5000, 10_000)
LOOKED_AT = 200  # images, for the diagnosis and by default for the metrics
PAUSE = 0.01  # seconds in which the kernel hears clicks, between two calls of `fit`


class LiveTrainer(ipywidgets.VBox):
    """Trains a GAN in the kernel, and shows what it makes while it learns.

    Training goes on in slices, between which the kernel hears the hand: sliders act at once,
    "stop" within a slice. "train" starts over with new weights, without compiling again; "go on"
    goes on. Under the picture stand the losses, metrics, and what `callbacks.Diagnosis` says.
    Starting one training stops any other; `close` stops it too.

    ```python
    gan.compile()
    LiveTrainer(gan, data.images)
    ```

    Args:
        gan: a compiled `training.GAN`, whose optimizers have a learning rate each, no schedule.
            The penalties it was compiled with get a slider each, and so does the weight of
            `feature_loss`, if there is one.
        images, labels: as `GAN.fit` takes them.
        batch_size: images in a batch.
        steps: of one training, to begin with.
        every: steps of a slice; after each there is a new picture.
        draw: function of the GAN that gives a picture (height, width, 3), uint8; by default 64
            images of the averaged generator, in a grid.
        choices: more sliders, ``{description: (options, function of the chosen one)}``; the
            function is called at once with the first.
        measure: function of generated images, 200 by the averaged generator, that gives metrics to
            show, ``{name: number}``; not of a conditional generator.
        title: what is learnt.

    Raises:
        RuntimeError: the GAN is not compiled.
        TypeError, ValueError: it cannot be trained with these, or has a schedule.
    """

    _latest = None  # the one that trains, or trained last

    def __init__(
        self, gan, images, labels=None, batch_size=64, steps=2000, every=50, draw=None,
        choices=None, measure=None, title="Training under the hand",
    ):  # fmt: skip
        if not gan.compiled:
            raise RuntimeError("Call compile before LiveTrainer")
        gan.check_data(images, labels, batch_size)
        check_count("steps", steps)
        check_count("every", every)
        if draw is None and len(gan.image_shape) != 3:
            raise ValueError("LiveTrainer draws images; for points give it a function draw(gan)")
        if measure is not None and gan.conditional:
            raise ValueError("measure is for generators that take no labels")
        self._measure = measure
        self._gan, self._data, self._batch_size = gan, (images, labels), batch_size
        self._every, self._draw, self._title = every, draw or self._grid, title
        self._task, self._going = None, False
        self._make_controls(steps, choices or {})
        terms = [*self.weights.values(), *self.choices.values()]
        settings = [self.rate_d, self.rate_g, *terms, self.steps]
        buttons = parts.row(self.train, self.go_on, self.stop)
        controls = parts.column(*settings, parts.row(self.seed), buttons, self.progress)
        super().__init__([parts.heading(title), parts.beside(controls, self.image, *self._notes)])
        self._show("not trained yet" if gan.steps == 0 else f"step {gan.steps:,}")

    def _make_controls(self, steps, choices):
        gan = self._gan
        self.rate_d = _rate("D's rate", gan.discriminator_optimizer)
        self.rate_g = _rate("G's rate", gan.generator_optimizer)
        self.weights = {
            name: parts.choice(f"{name.removesuffix('_weight')} weight", WEIGHTS, weight)
            for name, weight in gan.term_weights.items()
            if name in losses.PENALTIES or (name == "feature_weight" and gan.matches_features)
        }
        for name, slider in self.weights.items():
            slider.observe(lambda change, name=name: gan.set_weight(name, change["new"]), "value")
        self.choices = {name: _chooser(name, *choice) for name, choice in choices.items()}
        self.steps = parts.choice("steps", STEPS, steps)
        self.seed = ipywidgets.BoundedIntText(
            0, min=0, max=2**31 - 1, description="seed",
            **parts.NARROW,
        )  # fmt: skip
        self.train = parts.button("train", "start over with new weights", self._train)
        self.go_on = parts.button("go on", "train on from here", self._go_on)
        self.stop = parts.button("stop", "stop after this slice", self._stop)
        self.progress = ipywidgets.IntProgress(0, layout=parts.WIDE["layout"])
        self.image, self._notes = parts.picture(), [parts.note() for _ in range(3)]
        self._set_going(False)

    # Training

    def _train(self):
        self._start(fresh=True)

    def _go_on(self):
        self._start(fresh=False)

    def _stop(self):
        self._going = False

    def close(self):
        """Stops training, and takes the widget from the page."""
        self._stop()
        super().close()

    def _start(self, fresh):
        if self._going:
            return
        if LiveTrainer._latest is not None:  # a cell that is run again has its stop button gone
            LiveTrainer._latest._stop()
        LiveTrainer._latest = self
        self._set_going(True)
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # no kernel, so nobody could press stop
            asyncio.run(self._run(fresh))
        else:
            self._task = loop.create_task(self._run(fresh))

    async def _run(self, fresh):
        gan, (images, labels) = self._gan, self._data
        start = time.perf_counter()
        diagnosis = Diagnosis(*(None if x is None else x[:LOOKED_AT] for x in self._data))
        try:
            if fresh:
                gan.reset(self.seed.value)
            first, self.progress.max = gan.steps, self.steps.value
            self.progress.value = 0
            while self._going and self.progress.value < self.progress.max:
                logs = gan.fit(
                    images, labels, self._batch_size, steps_per_epoch=self._every,
                    callbacks=[diagnosis], verbose=0,
                ).history  # fmt: skip
                self.progress.value = gan.steps - first
                found = [said for step, said in diagnosis.findings if step == gan.steps]
                said = _line(gan.steps, logs, time.perf_counter() - start)
                self._show(said, self._metrics(), " ".join(found) or "Nothing wrong is seen.")
                await asyncio.sleep(PAUSE)
            said = self._notes[0].value + ("" if self._going else " · stopped")
        except Exception as error:  # nobody else would hear of it
            said = f"{type(error).__name__}: {error}"
        self._notes[0].value = said
        self._set_going(False)

    def _set_going(self, going):
        self._going = going
        self.train.disabled = self.go_on.disabled = going
        self.seed.disabled = self.steps.disabled = going
        self.stop.disabled = not going

    # What is shown

    def _grid(self, gan):
        labels = None
        if gan.conditional:
            labels = [number % gan.num_classes for number in range(64)]
        scale = max(1, 48 // gan.image_shape[1])
        return plotting.image_grid(gan.generate(64, labels=labels).clip(-1, 1), 8, scale)

    def _metrics(self):
        if self._measure is None:
            return ""
        measured = self._measure(self._gan.generate(LOOKED_AT).clip(-1, 1))
        return " · ".join(f"{name} {value:.3g}" for name, value in measured.items())

    def _show(self, *said):
        self._picture = self._draw(self._gan)
        self.image.value = plotting.png(self._picture)
        for note, line in zip(self._notes, said, strict=False):
            note.value = line

    def still(self):
        """A figure of what the GAN makes as it stands."""
        return plotting.plot_pictures({self._notes[0].value: self._picture}, self._title, height=4)

    def __repr__(self):
        return f"{self._title}: {3 + len(self.weights) + len(self.choices)} settings; train, go on, stop"


def _rate(description, optimizer):
    """A slider that sets an optimizer's learning rate."""
    if not isinstance(optimizer._learning_rate, keras.Variable):
        raise ValueError(
            "LiveTrainer sets learning rates, so the optimizers may have no schedule. "
            f"Received: {optimizer._learning_rate!r}"
        )
    slider = parts.choice(description, RATES, float(f"{optimizer.learning_rate.numpy():.6g}"))

    def set_rate(change):
        optimizer.learning_rate = change["new"]

    slider.observe(set_rate, "value")
    return slider


def _chooser(description, options, choose):
    """A slider that calls a function with what is chosen, first with the first option."""
    slider = ipywidgets.SelectionSlider(options=options, description=description, **parts.WIDE)
    slider.observe(lambda change: choose(change["new"]), "value")
    choose(slider.value)
    return slider


def _line(step, logs, seconds):
    d, g = logs["discriminator_loss"][-1], logs["generator_loss"][-1]
    return f"step {step:,} · losses D {d:.2f}, G {g:.2f} · {seconds:.1f} s"
