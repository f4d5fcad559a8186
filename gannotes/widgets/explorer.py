"""A generator's latent space under sliders."""

from collections import deque
import itertools
from pathlib import Path

from gannotes import files, plotting
from gannotes.latent import generators, latents
from gannotes.widgets import base
import ipywidgets
import numpy as np

FRAMES = 24  # of the walk, from one kept point to the next
MOST_KEPT = 8
EACH = -1  # the choice of all classes in turn


class LatentExplorer(base.Widget):
    """Sliders over a latent space: each shifts all images of a grid along one direction.

    The latents are ψ times a draw by the seed, plus each slider's value times its direction.
    Controls are attributes, as in `explorer.save.click()`: "keep" keeps the latents for a walk on the
    sphere; "save" writes them, the picture and, of a walk, a film. Shown are images of `latents` and
    `labels`; `kept` are the last eight ``(latents, labels, image)``.

    Args:
        generator: Keras model of latents, or of ``[latents, labels]``.
        count, columns: of the grid of images.
        directions, names: as for `latents.name_directions`; `latent.directions.of_measures` finds some.
        classes: names of a conditional generator's classes; their numbers by default.
        folder: where "save" writes.
    """

    def __init__(
        self, generator, count=32, columns=8, directions=None, names=None, classes=None,
        folder="latents", title=None,
    ):  # fmt: skip
        self._generator, self._count, self._columns = generator, count, columns
        self._scale = base.grid_scale(generator, count, columns)
        self._size = generator.inputs[0].shape[1]
        self._directions = latents.name_directions(self._size, directions, names)
        self._classes = generators.name_classes(generator, classes)
        self._folder = Path(folder)
        self.kept = deque(maxlen=MOST_KEPT)
        what = "coordinate" if directions is None else "direction"
        title = title or f"Each slider shifts every image along one latent {what}"
        super().__init__(title, self._make_controls(), self._make_shown())
        self.draw()

    def _make_controls(self):
        self.sliders = [
            base.slider(name, 0, -3, 3, 0.1, readout_format=".1f") for name in self._directions
        ]
        self.truncation = base.slider("truncation ψ", 1, 0, 1, 0.05)
        self.seed = base.seed_box()
        self.random = base.button("random", "another seed", self._draw_seed)
        in_turn = [("each in turn", EACH)] if self._count > 1 else []
        numbered = [(name, number) for number, name in enumerate(self._classes)]
        self.classes = base.menu("class", in_turn + numbered, **base.NARROW)
        self.reset = base.button("reset", "all sliders to 0, ψ to 1", self._reset)
        self.keep = base.button("keep", "keep these latents for a walk", self._keep)
        self.forget = base.button("forget", "drop all that was kept", self._forget)
        self.save = base.button("save", "write picture, latents and walk to files", self._save)
        self.on_change(self.draw, *self.sliders, self.truncation, self.seed, self.classes)
        seed = base.row(self.seed, self.random)
        classes = [self.classes] if self._classes else []
        buttons = base.row(self.reset, self.keep, self.forget, self.save)
        return [*self.sliders, self.truncation, seed, *classes, buttons]

    def _make_shown(self):
        self.walk = base.slider("walk", 0, 0, 0, readout=False, style={})
        self.play = ipywidgets.Play(0, min=0, max=0, interval=60)  # ms
        ipywidgets.jslink((self.play, "value"), (self.walk, "value"))
        self.on_change(self._draw_walk, self.walk)
        self.image, self.strip, self.note = base.Picture(), base.Picture(), base.note()
        self._show_kept()
        return [self.image, base.row(self.walk, self.play), self.strip, self.note]

    def draw(self):
        """Shows what the controls say."""
        points = latents.draw(self._count, self._size, self.seed.value, self.truncation.value)
        for slider, direction in zip(self.sliders, self._directions.values(), strict=True):
            points += slider.value * direction
        labels = None
        if self._classes:
            each = range(len(self._classes))
            chosen = each if self.classes.value == EACH else self.classes.value
            labels = np.resize(chosen, self._count).astype("int32")
        self._show(points, labels)

    def _draw_walk(self):
        if len(self.kept) > 1:
            self._show(*self._on_walk(self.walk.value))

    def _on_walk(self, frame):
        """Latents at a frame of the walk, with the classes of the nearest kept ones."""
        points, labels, _ = zip(*self.kept, strict=True)
        return latents.along(points, frame / FRAMES), labels[round(frame / FRAMES)]

    def _grid(self, images):
        return plotting.image_grid(images, self._columns, self._scale)

    def _show(self, points, labels):
        self.latents, self.labels = points, labels
        self._images = generators.make(self._generator, points, labels)
        self.image.show_images(self._images, self._columns, self._scale)

    def _draw_seed(self):
        self.seed.value = int(np.random.default_rng().integers(1_000_000))

    def _reset(self):
        with self.hold():
            self.truncation.value = 1
            for slider in self.sliders:
                slider.value = 0

    def _keep(self):
        self.kept.append((self.latents, self.labels, self._images[0]))
        self._show_kept()

    def _forget(self):
        self.kept.clear()
        self._show_kept()

    def _show_kept(self):
        """Shows the first image of all that was kept, and lets two or more be walked through."""
        number = len(self.kept)
        for control in (self.play, self.walk):
            control.max, control.disabled = FRAMES * max(number - 1, 0), number < 2
        self.strip.layout.display = None if self.kept else "none"
        self.note.value = ""
        if self.kept:
            firsts = np.stack([image for *_, image in self.kept])
            self.strip.show_images(firsts, MOST_KEPT, max(1, 48 // firsts.shape[2]))
            more = "; one more for a walk" if number == 1 else ""
            self.note.value = f"kept: {number}, the first image of each{more}"

    def _save(self):
        paths = (self._folder / f"latents-{number:03d}.npz" for number in itertools.count(1))
        labels = {"labels": self.labels} if self._classes else {}
        written = {".png": plotting.png(self._grid(self._images))}
        if len(self.kept) > 1:
            walk = [self._on_walk(frame) for frame in range(self.walk.max + 1)]
            frames = [self._grid(generators.make(self._generator, *where)) for where in walk]
            written[".gif"] = plotting.gif(frames, seconds=0.06)
        try:
            path = next(path for path in paths if not path.exists())
            files.save_arrays(path, latents=self.latents, **labels)
            for suffix, content in written.items():
                files.write_bytes(path.with_suffix(suffix), content)
            self.note.value = f"written: {path} and {', '.join(written)}"
        except OSError as error:
            self.note.value = f"not written: {error}"

    def still(self, columns=9):
        """A figure of what each slider does to the first image, a row each."""
        values = np.linspace(-3, 3, columns)[:, None]
        labels = np.repeat(self.labels[:1], columns) if self._classes else None
        rows = {
            name: generators.make(self._generator, self.latents[0] + values * direction, labels)
            for name, direction in self._directions.items()
        }
        title = "one image, shifted by −3 to 3 along each direction"
        return plotting.plot_images(rows, columns=columns, title=title, across=1)
