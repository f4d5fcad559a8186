"""A training that starts, stops and is steered by sliders."""

import asyncio
import time

from gannotes import plotting
from gannotes.checks import check_count, check_kind
from gannotes.training.callbacks import Diagnosis
from gannotes.training.gan import GAN
from gannotes.widgets import base
import ipywidgets

WEIGHTS = (0, 0.01, 0.03, 0.1, 0.3, 1, 3, 10)
RATES = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03)
SETTINGS = {  # of a recipe: what stands beside the slider, and its values
    "discriminator_rate": ("D's rate", RATES),
    "generator_rate": ("G's rate", RATES),
    "instance_noise": ("noise", WEIGHTS),
    "r1": ("r1 weight", WEIGHTS),
    "r2": ("r2 weight", WEIGHTS),
    "wgan_gp": ("wgan_gp weight", WEIGHTS),
    "feature_weight": ("feature weight", WEIGHTS),
}
STEPS = (500, 1000, 2000, 5000, 10_000)
LOOKED_AT = 200  # images, for the diagnosis and the metrics
PAUSE = 0.01  # seconds in which the kernel hears clicks, between two calls of `fit`


class LiveTrainer(base.Widget):
    """Trains a GAN in the kernel, and shows 64 images of its averaged generator while it learns.

    Or 1,000 points, of a GAN in the plane, on the real ones.

    The kernel hears clicks between slices of the training. "train" starts over with new weights,
    without compiling again. Under the picture stand losses, metrics, and what
    `callbacks.Diagnosis` says. Starting one training stops any other; `close` stops it too.

    Args:
        gan: a compiled `training.GAN`, whose learning rates have no schedule.
        steps, every: of one training, to begin with; and of a slice, which ends with a picture.
        choices: more sliders, ``{description: (options, function of the chosen one)}``; the
            function is called at once with the first.
        measure: function of 200 images, or 1,000 points, that gives metrics, ``{name: number}``; without labels.
    """

    _latest = None  # the one that trains, or trained last

    def __init__(
        self, gan, images, labels=None, batch_size=None, steps=2000, every=50, choices=None,
        measure=None, title="Training under the hand",
    ):  # fmt: skip
        check_kind("gan", gan, GAN)
        if not gan.compiled:
            raise RuntimeError("Call compile before LiveTrainer")
        gan.check_data(images, labels, batch_size)
        check_count("steps", steps)
        check_count("every", every)
        if len(gan.image_shape) != 3 and gan.image_shape != (2,):
            raise ValueError(
                f"LiveTrainer is for images, or points (2,). Received: shape {gan.image_shape}"
            )
        if measure is not None and gan.conditional:
            raise ValueError("measure is for generators that take no labels")
        self._gan, self._data, self._batch_size = gan, (images, labels), batch_size
        self._every, self._measure, self._task = every, measure, None
        controls = self._make_controls(steps, choices or {})
        self.image = base.Picture()
        notes = self.note, self.metrics, self.findings = [base.note() for _ in range(3)]
        super().__init__(title, controls, [self.image, *notes])
        self.note.value = f"step {gan.steps:,}" if gan.steps else "not trained yet"
        self.draw()

    def _make_controls(self, steps, choices):
        self.settings, self.choices = {}, {}
        for name, value in _values(self._gan).items():
            slider = self.settings[name] = base.levels(*SETTINGS[name], value)
            self.on_change(lambda name=name, s=slider: self._gan.set(**{name: s.value}), slider)
        for name, (options, choose) in choices.items():
            slider = self.choices[name] = base.chooser(name, options)
            self.on_change(lambda choose=choose, s=slider: choose(s.value), slider)
            choose(slider.value)
        self.steps, self.seed = base.levels("steps", STEPS, steps), base.seed_box()
        self.train = base.button("train", "start over with new weights", lambda: self._start(True))
        self.go_on = base.button("go on", "train on from here", lambda: self._start(False))
        self.stop = base.button("stop", "stop after this slice", self._stop)
        self.progress = ipywidgets.IntProgress(0, layout=base.WIDE["layout"])
        self._set_going(False)
        sliders = [*self.settings.values(), *self.choices.values(), self.steps]
        return [*sliders, self.seed, base.row(self.train, self.go_on, self.stop), self.progress]

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
                self.findings.value = " ".join(found) or "Nothing wrong is seen."
                d, g = logs["discriminator_loss"][-1], logs["generator_loss"][-1]
                losses = f"losses D {d:.2f}, G {g:.2f}"
                seconds = time.perf_counter() - start
                self.note.value = f"step {gan.steps:,} · {losses} · {seconds:.1f} s"
                self.draw()
                await asyncio.sleep(PAUSE)
            if not self._going:
                self.note.value += " · stopped"
        except Exception as error:  # nobody else would hear of it
            self.note.value = f"{type(error).__name__}: {error}"
        self._set_going(False)

    def _set_going(self, going):
        self._going = going
        for control in (self.train, self.go_on, self.seed, self.steps):
            control.disabled = going
        self.stop.disabled = not going

    def draw(self):
        """Shows 64 images, of each class in turn, or points; and metrics once it has trained."""
        gan = self._gan
        if gan.image_shape == (2,):
            self._draw_points()
            return
        labels = [k % gan.num_classes for k in range(64)] if gan.conditional else None
        images = gan.generate(64, labels=labels).clip(-1, 1)
        self.image.show(plotting.image_grid(images, 8, max(1, 48 // gan.image_shape[1])))
        self._show_metrics(lambda: gan.generate(LOOKED_AT).clip(-1, 1))

    def _draw_points(self):
        real, fake = self._data[0][:300], self._gan.generate(1000)
        fig = plotting.plot_points({"": (real, fake)}, width=3.4)
        self.image.show(plotting.figure_picture(fig))
        self._show_metrics(lambda: fake)

    def _show_metrics(self, make):
        if self._measure is not None and self._gan.steps > 0:
            measured = self._measure(make())
            self.metrics.value = " · ".join(f"{name} {x:.3g}" for name, x in measured.items())


def _values(gan):
    """What of SETTINGS the GAN has, and how it stands, ``{name: number}``."""
    shown = [name for name in SETTINGS if gan.can_set(name)]
    if not {"discriminator_rate", "generator_rate"}.issubset(shown):
        raise ValueError("LiveTrainer is for optimizers that have no schedule of their own")
    if gan.recipe.feature_loss is None:
        shown.remove("feature_weight")
    return {name: float(f"{getattr(gan.recipe, name):.6g}") for name in shown}
