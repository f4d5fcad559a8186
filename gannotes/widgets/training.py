"""A GAN's training: looked back on, half a step at a time, and under the hand."""

import asyncio
import time

from gannotes import models, plotting
from gannotes.checks import check_count, check_images
from gannotes.training import GAN, backend, losses
from gannotes.training.callbacks import Diagnosis
from gannotes.widgets import base
import ipywidgets
from keras import ops
import numpy as np
from scipy.special import expit as sigmoid

PLAYERS = ("discriminator", "generator")
BATCH_SIZE, SEED = 128, 0
SHOWN = 150  # points of each kind in the picture
ROUNDS = 25  # of one click
WEIGHTS = (0, 0.01, 0.03, 0.1, 0.3, 1, 3, 10)
RATES = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03)
SETTINGS = {  # of a recipe: what stands beside the slider, and its values
    "discriminator_rate": ("D's rate", RATES),
    "generator_rate": ("G's rate", RATES),
    "r1": ("r1 weight", WEIGHTS),
    "r2": ("r2 weight", WEIGHTS),
    "wgan_gp": ("wgan_gp weight", WEIGHTS),
    "feature_weight": ("feature weight", WEIGHTS),
}
STEPS = (500, 1000, 2000, 5000, 10_000)
LOOKED_AT = 200  # images, for the diagnosis and the metrics
PAUSE = 0.01  # seconds in which the kernel hears clicks, between two calls of `fit`


class TrainingExplorer(base.Widget):
    """A slider through training time: one ready picture for each snapshot.

    Args:
        steps: list of steps, increasing.
        pictures: for each step, an array (height, width, 3), uint8.
        captions: for each step, a line of text under the picture; none by default.
    """

    def __init__(self, steps, pictures, captions=None, title="training"):
        captions = captions or [""] * len(steps)
        if not len(steps) == len(pictures) == len(captions) > 0:
            raise ValueError(
                "steps, pictures and captions must be equally many, at least one. "
                f"Received: {len(steps)}, {len(pictures)} and {len(captions)}"
            )
        self._steps, self._pictures, self._captions = list(steps), list(pictures), list(captions)
        options = [(f"{step:,}", k) for k, step in enumerate(steps)]
        self.slider = base.chooser("step", options, value=len(steps) - 1, layout={"width": "420px"})
        self.image, self.note = base.Picture(), base.note()
        super().__init__(title, [], [self.slider, self.image, self.note])
        self.on_change(self.draw, self.slider)
        self.draw()

    def draw(self):
        """Shows the chosen time."""
        self.image.show(self._pictures[self.slider.value])
        self.note.value = self._captions[self.slider.value]

    def still(self, count=5):
        """A figure of pictures at some times, from the first to the last, side by side."""
        chosen = np.unique(np.linspace(0, len(self._steps) - 1, count).round().astype(int))
        pictures = {f"step {self._steps[k]:,}": self._pictures[k] for k in chosen}
        return plotting.plot_images(pictures, title=self.title, across=len(pictures), width=10)


class GameStepper(base.Widget):
    """A GAN in the plane that takes its half-steps under the reader's hand.

    The map is D's judgement, sigmoid of its scores: blue where it sees real points. Arrows show
    where D's slope draws the fakes. Each round of half-steps has a new batch; another loss starts
    over with the same weights.

    Args:
        points: real ones, (n, 2), float32.
        learning_rate: of both networks' Adams.
        extent: half the width of the square that is shown.
    """

    def __init__(self, points, learning_rate=0.005, extent=None):
        check_images(points, (2,))
        self._points = points
        self._extent = extent or 1.5 * float(np.abs(points).max())
        self.gan = GAN(
            models.mlp_generator((2,), latent_dim=4, widths=(32, 32)),
            models.mlp_discriminator((2,), widths=(32, 32)),
        )
        self.gan.compile(  # without XLA, whose compilation would take longer than the game
            loss={name: name for name in losses.LOSSES}, generator_rate=learning_rate,
            discriminator_rate=learning_rate, r1=1, ema_decay=0, jit_compile=False,
        )  # fmt: skip
        self.image, self.note = base.Picture(), base.note()
        shown = [self.image, self.note]
        super().__init__("The game, half a step at a time", self._make_controls(), shown)
        self._start()

    def _make_controls(self):
        self.loss = base.menu("loss", list(losses.LOSSES), value="nonsaturating")
        self.weight = base.levels("r1 weight", WEIGHTS, 0)
        in_turn = PLAYERS * ROUNDS
        self.step_d = base.button("D's step", "D learns", lambda: self._take("discriminator"))
        self.step_g = base.button("G's step", "G learns", lambda: self._take("generator"))
        self.rounds = base.button(f"{ROUNDS} rounds", "in turn", lambda: self._take(*in_turn))
        self.reset = base.button("reset", "the first weights again", self._start)
        self.play = ipywidgets.Play(0, min=0, max=1_000_000, interval=400, show_repeat=False)
        self.speed = base.slider("ms a half-step", 400, 100, 1000, 100)
        ipywidgets.jslink((self.speed, "value"), (self.play, "interval"))
        self.on_change(self._start, self.loss)
        self.on_change(lambda: self.gan.set(r1=self.weight.value), self.weight)
        self.play.observe(self._tick, "value")
        steps = base.row(self.step_d, self.step_g, self.rounds, self.reset)
        return [self.loss, self.weight, steps, self.play, self.speed]

    def _start(self):
        self.gan.reset(SEED)
        self.gan.set(loss=self.loss.value, r1=self.weight.value)
        self._counts, self._logs = dict.fromkeys(PLAYERS, 0), {}
        self._next = PLAYERS[0]
        self.draw()

    def _take(self, *players):
        """Half-steps of these players, one after the other, and then a picture."""
        for player in players:
            rng = np.random.default_rng((SEED, self._counts[player]))
            batch = self._points[rng.integers(len(self._points), size=BATCH_SIZE)]
            self._logs |= self.gan.half_step(player, batch)
            self._counts[player] += 1
            self._next = PLAYERS[player == PLAYERS[0]]
        self.draw()

    def _tick(self, change):
        if change["new"] > change["old"]:  # not where the player goes back to its beginning
            self._take(self._next)

    def draw(self):
        """Shows the game, and says how it stands."""
        self.image.show(plotting.figure_picture(self.still()))
        d, g = self._counts.values()
        said = [f"D's steps {d}, G's {g}", *(_sentence(*item) for item in self._logs.items())]
        self.note.value = " · ".join(said)

    def still(self):
        """A figure of the game as it stands."""
        fakes = self.gan.generate(SHOWN, SEED)
        plane = plotting.plane(self._extent, 48)
        scores = ops.convert_to_numpy(self.gan.discriminator(plane))
        if not (np.isfinite(fakes).all() and np.isfinite(scores).all()):
            return plotting.plot_game(self._extent, None, self._points[:SHOWN])
        slopes = backend.image_gradients(self.gan.discriminator, ops.convert_to_tensor(fakes))
        return plotting.plot_game(
            self._extent, sigmoid(scores).reshape(48, 48), self._points[:SHOWN], fakes,
            ops.convert_to_numpy(slopes),
        )  # fmt: skip


def _sentence(name, value):
    kind, _, what = name.partition("_")
    if what == "loss":
        return f"{kind[0].upper()}'s loss {value:.2f}"
    return f"{kind} right {value:.0%}"


class LiveTrainer(base.Widget):
    """Trains a GAN in the kernel, and shows 64 images of its averaged generator while it learns.

    The kernel hears clicks between slices of the training. "train" starts over with new weights,
    without compiling again. Under the picture stand losses, metrics, and what
    `callbacks.Diagnosis` says. Starting one training stops any other; `close` stops it too.
    `settings` has a slider for each of SETTINGS that the GAN has.

    Args:
        gan: a compiled `training.GAN`, whose learning rates have no schedule.
        images, labels, batch_size: as `GAN.fit` takes them.
        steps: of one training, to begin with.
        every: steps of a slice; after each there is a new picture.
        choices: more sliders, ``{description: (options, function of the chosen one)}``; the
            function is called at once with the first.
        measure: function that takes 200 generated images and gives metrics, ``{name: number}``;
            not of a conditional generator.
    """

    _latest = None  # the one that trains, or trained last

    def __init__(
        self, gan, images, labels=None, batch_size=64, steps=2000, every=50, choices=None,
        measure=None, title="Training under the hand",
    ):  # fmt: skip
        if not gan.compiled:
            raise RuntimeError("Call compile before LiveTrainer")
        gan.check_data(images, labels, batch_size)
        check_count("steps", steps)
        check_count("every", every)
        if len(gan.image_shape) != 3:
            raise ValueError(f"LiveTrainer is for images. Received: shape {gan.image_shape}")
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
        self.settings = {
            name: base.levels(*SETTINGS[name], value) for name, value in _values(self._gan).items()
        }
        for name, slider in self.settings.items():
            self.on_change(lambda name=name, s=slider: self._gan.set(**{name: s.value}), slider)
        self.choices = {name: base.chooser(name, options) for name, (options, _) in choices.items()}
        for slider, (_, choose) in zip(self.choices.values(), choices.values(), strict=True):
            self.on_change(lambda choose=choose, slider=slider: choose(slider.value), slider)
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
                seconds = time.perf_counter() - start
                self.note.value = (
                    f"step {gan.steps:,} · losses D {d:.2f}, G {g:.2f} · {seconds:.1f} s"
                )
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
        """Shows 64 images, of each class in turn, and metrics once the GAN has trained."""
        gan = self._gan
        labels = [k % gan.num_classes for k in range(64)] if gan.conditional else None
        images = gan.generate(64, labels=labels).clip(-1, 1)
        self.image.show(plotting.image_grid(images, 8, max(1, 48 // gan.image_shape[1])))
        if self._measure is not None and gan.steps > 0:
            measured = self._measure(gan.generate(LOOKED_AT).clip(-1, 1))
            self.metrics.value = " · ".join(f"{name} {x:.3g}" for name, x in measured.items())


def _values(gan):
    """What of SETTINGS the GAN has, and how it stands, ``{name: number}``."""
    for name in ("discriminator_rate", "generator_rate"):
        if not gan.can_set(name):
            raise ValueError(
                "LiveTrainer sets learning rates, so the optimizers may have no schedule of their "
                f"own. Received: a schedule for {name}"
            )
    shown = [name for name in SETTINGS if gan.can_set(name)]
    if gan.recipe.feature_loss is None:
        shown.remove("feature_weight")
    return {name: float(f"{getattr(gan.recipe, name):.6g}") for name in shown}
