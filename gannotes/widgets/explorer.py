"""A generator's latent space."""

from collections import deque
from pathlib import Path

from gannotes import files, plotting
from gannotes.latent import generators, latents
from gannotes.widgets import base
import ipywidgets
import numpy as np

FRAMES = 24  # from one kept point to the next
MOST_KEPT = 8
EACH = -1  # the choice of all classes in turn


class LatentExplorer(base.Widget):
    """Sliders over latent coordinates: each shifts all images of a grid along one direction.

    The latents are ψ times a draw by the seed, plus the sliders' values times their directions.
    "keep" keeps them for a walk on the sphere. "save" writes the picture and its latents. `latents`
    and `labels` are those of what is shown; `kept` are the last eight ``(latents, labels, image)``.

    Args:
        generator: Keras model, latents (batch, latents) → images in [-1, 1], (batch, h, w, c); or
            of ``[latents, labels]``.
        coordinates, directions, names: as for `latents.name_directions`; `directions.of_measures`
            finds directions.
        count, columns: of the grid of images.
        classes: names of the classes, of a conditional generator; their numbers by default.
        folder: where "save" writes.
    """

    def __init__(
        self, generator, coordinates=None, count=32, columns=8, directions=None, names=None,
        classes=None, folder="latents", title=None,
    ):  # fmt: skip
        self._scale = base.grid_scale(generator, count, columns)
        size = generator.inputs[0].shape[1]
        what = "coordinate" if directions is None else "direction"
        title = title or f"Each slider shifts every image along one latent {what}"
        directions = latents.name_directions(size, coordinates, directions, names)
        self._directions = np.array(list(directions.values())).reshape(-1, size)
        self._classes = generators.name_classes(generator, classes)
        self._generator, self._count, self._columns = generator, count, columns
        self._folder = Path(folder)
        self.kept = deque(maxlen=MOST_KEPT)
        controls = self._make_controls(list(directions))
        super().__init__(title, controls, self._make_shown())
        self.draw()

    def _make_controls(self, names):
        self.sliders = [base.slider(name, 0, -3, 3, 0.1, readout_format=".1f") for name in names]
        self.truncation = base.slider("truncation ψ", 1, 0, 1, 0.05)
        self.seed = base.seed_box()
        options = [(name, number) for number, name in enumerate(self._classes)]
        if self._count > 1 and options:
            options = [("each in turn", EACH), *options]
        self.classes = base.menu("class", options, **base.NARROW)
        self.random = base.button("random", "another seed", self._draw_seed)
        self.reset = base.button("reset", "all sliders to 0, ψ to 1", self._reset)
        self.keep = base.button("keep", "keep these latents for a walk", self._keep)
        self.forget = base.button("forget", "drop all that was kept", self._forget)
        self.save = base.button("save", "write picture and latents to files", self._save)
        self.on_change(self.draw, *self.sliders, self.truncation, self.seed, self.classes)
        classes = [self.classes] if self._classes else []
        buttons = base.row(self.reset, self.keep, self.forget, self.save)
        return [*self.sliders, self.truncation, base.row(self.seed, self.random), *classes, buttons]

    def _make_shown(self):
        bare = {"readout": False, "layout": {"width": "260px"}, "style": {}}
        self.walk = base.slider("walk", 0, 0, 0, disabled=True, **bare)
        self.play = ipywidgets.Play(0, min=0, max=0, interval=60, disabled=True)
        ipywidgets.jslink((self.play, "value"), (self.walk, "value"))
        self.on_change(self._draw_walk, self.walk)
        self.image, self.strip, self.note = base.Picture(), base.Picture(), base.note()
        self.strip.layout.display = "none"
        return [self.image, base.row(self.walk, self.play), self.strip, self.note]

    def draw(self):
        """Shows what the controls say."""
        size = self._directions.shape[1]
        drawn = latents.draw(self._count, size, self.seed.value, self.truncation.value)
        values = np.array([control.value for control in self.sliders], "float32")
        labels = None
        if self._classes:
            chosen = self.classes.value
            each = np.arange(self._count) % len(self._classes)
            labels = (each if chosen == EACH else np.full(self._count, chosen)).astype("int32")
        self._render(drawn + values @ self._directions, labels)

    def _draw_walk(self):
        """Shows a point of the walk, with the classes of the nearest kept one."""
        if len(self.kept) > 1:
            share = self.walk.value / FRAMES
            points, labels, _ = zip(*self.kept, strict=True)
            self._render(latents.along(points, share), labels[round(share)])

    def _render(self, points, labels):
        self.latents, self.labels = points, labels
        self._images = generators.make(self._generator, points, labels)
        self.image.show_images(self._images, self._columns, self._scale)

    def _draw_seed(self):
        self.seed.value = int(np.random.default_rng().integers(1_000_000))

    def _reset(self):
        with self.hold():
            self.truncation.value = 1
            for control in self.sliders:
                control.value = 0

    def _keep(self):
        self.kept.append((self.latents, self.labels, self._images[0]))
        self._show_kept()

    def _forget(self):
        self.kept.clear()
        self._show_kept()

    def _show_kept(self):
        end = FRAMES * max(len(self.kept) - 1, 0)
        for control in (self.play, self.walk):
            control.max, control.disabled = end, end == 0
        self.strip.layout.display = None if self.kept else "none"
        self.note.value = ""
        if self.kept:
            scale = max(1, 48 // self._images.shape[2])
            self.strip.show_images(np.stack([image for *_, image in self.kept]), MOST_KEPT, scale)
            whose = "first image of each" if self._count > 1 else "one image each"
            more = "; one more for a walk" if len(self.kept) == 1 else ""
            self.note.value = f"kept: {len(self.kept)} ({whose}){more}"

    def _save(self):
        number = 1
        while (path := self._folder / f"latents-{number:03d}.png").exists():
            number += 1
        arrays = {"latents": self.latents}
        if self.labels is not None:
            arrays["labels"] = self.labels
        try:
            files.save_arrays(path.with_suffix(".npz"), **arrays)
            picture = plotting.image_grid(self._images, self._columns, self._scale)
            files.write_bytes(path, plotting.png(picture))
        except OSError as error:
            self.note.value = f"not written: {error}"
        else:
            self.note.value = f"written: {path} and .npz"

    def still(self, columns=9):
        """A figure of what each slider does: a row of the first image's latents along each."""
        if not self.sliders:
            return super().still()
        values = np.linspace(-3, 3, columns)
        steps = values[:, None] * self._directions[:, None]  # (directions, columns, latents)
        points = (self.latents[0] + steps).reshape(-1, self._directions.shape[1])
        labels = None if self.labels is None else np.repeat(self.labels[:1], len(points))
        rows = np.split(generators.make(self._generator, points, labels), len(self.sliders))
        names = [control.description for control in self.sliders]
        return plotting.plot_images(
            dict(zip(names, rows, strict=True)), columns=columns, across=1,
            title="one image, each slider from −3 to 3",
        )  # fmt: skip
