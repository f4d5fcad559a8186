"""The game in the plane, by half-steps."""

from gannotes import models, plotting
from gannotes.checks import check_images
from gannotes.training import GAN, backend, losses
from gannotes.widgets import base
import ipywidgets
from keras import ops
import numpy as np

PLAYERS = ("discriminator", "generator")
BATCH_SIZE, SEED = 128, 0
SHOWN = 150  # points of each kind in the picture
ROUNDS = 25  # of one click
WEIGHTS = (0, 0.01, 0.03, 0.1, 0.3, 1, 3, 10)


class GameStepper(base.Widget):
    """A GAN in the plane that takes its half-steps under the reader's hand.

    The map is D's judgement, sigmoid of its scores: blue where it sees real points, (n, 2). Arrows
    show where D's slope draws the fakes. Each round of half-steps has a new batch; another loss
    starts over with the same weights. `extent` is half the width of the square that is shown.
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
        title = "The game, half a step at a time"
        super().__init__(title, self._make_controls(), [self.image, self.note])
        self._start()

    def _make_controls(self):
        self.loss = base.menu("loss", list(losses.LOSSES), value="nonsaturating")
        self.weight = base.levels("r1 weight", WEIGHTS, 0)
        self.many = base.chooser("steps a click", [1, 10, 30])
        of_d, of_g = ((lambda p=p: self._take(*[p] * self.many.value)) for p in PLAYERS)
        self.step_d = base.button("D's step", "D learns", of_d)
        self.step_g = base.button("G's step", "G learns", of_g)
        self.rounds = base.button(f"{ROUNDS} rounds", "both", lambda: self._take(*PLAYERS * ROUNDS))
        self.reset = base.button("reset", "the first weights again", self._start)
        self.play = ipywidgets.Play(0, min=0, max=1_000_000, interval=400, show_repeat=False)
        self.speed = base.slider("ms a half-step", 400, 100, 1000, 100)
        ipywidgets.jslink((self.speed, "value"), (self.play, "interval"))
        self.on_change(self._start, self.loss)
        self.on_change(lambda: self.gan.set(r1=self.weight.value), self.weight)
        self.play.observe(self._tick, "value")
        steps = base.row(self.step_d, self.step_g, self.rounds, self.reset)
        return [self.loss, self.weight, self.many, steps, self.play, self.speed]

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
        judge, real = self.gan.discriminator, self._points[:SHOWN]
        fakes = self.gan.generate(SHOWN, SEED)
        judged = plotting.discriminator_map(judge, self._extent, 48)
        if not (np.isfinite(fakes).all() and np.isfinite(judged).all()):
            return plotting.plot_game(self._extent, None, real)
        slopes = ops.convert_to_numpy(backend.image_gradients(judge, ops.convert_to_tensor(fakes)))
        return plotting.plot_game(self._extent, judged, real, fakes, slopes)


def _sentence(name, value):
    kind, _, what = name.partition("_")
    if what == "loss":
        return f"{kind[0].upper()}'s loss {value:.2f}"
    return f"{kind} right {value:.0%}"
