"""A generator's latent space under the hand."""

from collections import deque
from pathlib import Path

from gannotes import files, plotting
from gannotes.checks import check_count
from gannotes.latent import generators, latents
from gannotes.widgets import parts
import ipywidgets
import numpy as np

FRAMES = 24  # from one kept point to the next
MOST_KEPT = 8
EACH = -1  # the choice of all classes in turn


class LatentExplorer(ipywidgets.VBox):
    """Sliders over latent coordinates: each shifts all images of a grid along one direction.

    ```python
    LatentExplorer(gan.ema_generator)
    LatentExplorer(generator, directions=directions.of_measures(generator))
    ```

    The latents are ψ times a draw by the seed, plus the sliders' values times their directions.
    "keep" keeps them; a walk goes through what was kept, on the sphere. "save" writes the picture
    and its latents.

    Args:
        generator: Keras model, latents (batch, latents) → images in [-1, 1], (batch, h, w, c); or
            of ``[latents, labels]``.
        coordinates: which coordinates get a slider; the first four by default, if there are no
            directions.
        count: images in the grid; or one.
        columns: images in a row.
        seed: draws the grid's latents; also under the reader's hand.
        scale: factor by which pixels grow; by default so that the grid is at most 480 wide.
        directions: array (directions, latents), or ``{name: (latents,)}``, whose sliders come next.
        names: of the directions of an array.
        classes: names of the classes, of a conditional generator; their numbers by default.
        folder: where "save" writes.
        title: what the sliders do.

    Attributes:
        latents, labels: of what is shown, (count, latents) and (count,), or None.
        kept: the kept ``(latents, labels)``, the last eight.

    Raises:
        ValueError: the generator does not map latents to images, or has no such coordinate.
    """

    def __init__(
        self,
        generator,
        coordinates=None,
        count=32,
        columns=8,
        seed=0,
        scale=None,
        directions=None,
        names=None,
        classes=None,
        folder="latents",
        title=None,
    ):
        generators.check_generator(generator)
        check_count("count", count)
        check_count("columns", columns)
        size = generator.inputs[0].shape[1]
        what = "coordinate" if directions is None else "direction"
        title = title or f"Each slider shifts every image along one latent {what}"
        directions = latents.name_directions(size, coordinates, directions, names)
        self._directions = np.array(list(directions.values())).reshape(-1, size)
        self._generator, self._count, self._columns = generator, count, columns
        self._classes = generators.name_classes(generator, classes)
        self._folder = Path(folder)
        width = generator.outputs[0].shape[2]
        self._scale = scale or max(1, min(480 // (min(count, columns) * (width + 1)), 256 // width))
        self.kept = deque(maxlen=MOST_KEPT)
        self._pictures = deque(maxlen=MOST_KEPT)
        self._held = False
        self._make_controls(list(directions), seed)
        self._make_walk()
        super().__init__(self._lay_out(title))
        self._show()

    def _make_controls(self, names, seed):
        self.sliders = [
            ipywidgets.FloatSlider(
                0, min=-3, max=3, step=0.1, description=name, readout_format=".1f", **parts.WIDE
            )
            for name in names
        ]
        self.truncation = ipywidgets.FloatSlider(
            1, min=0, max=1, step=0.05, description="truncation ψ", **parts.WIDE
        )
        self.seed = ipywidgets.BoundedIntText(
            seed, min=0, max=2**31 - 1, description="seed", **parts.NARROW
        )
        options = [(name, number) for number, name in enumerate(self._classes)]
        if self._count > 1 and options:
            options = [("each in turn", EACH), *options]
        self.classes = ipywidgets.Dropdown(options=options, description="class", **parts.NARROW)
        self.random = parts.button("random", "another seed", self._draw_seed)
        self.reset = parts.button("reset", "all sliders to 0, ψ to 1", self._reset)
        self.keep = parts.button("keep", "keep these latents for a walk", self._keep)
        self.forget = parts.button("forget", "drop all that was kept", self._forget)
        self.save = parts.button("save", "write picture and latents to files", self._save)
        for control in (*self.sliders, self.truncation, self.seed, self.classes):
            control.observe(self._show, "value")

    def _make_walk(self):
        self.walk = ipywidgets.IntSlider(
            0, min=0, max=0, description="walk", readout=False, disabled=True,
            layout={"width": "260px"},
        )  # fmt: skip
        self.play = ipywidgets.Play(0, min=0, max=0, interval=60, disabled=True)
        ipywidgets.jslink((self.play, "value"), (self.walk, "value"))
        self.walk.observe(self._show_walk, "value")
        self.strip = parts.picture()
        self.strip.layout.display = "none"
        self.image, self._note = parts.picture(), parts.note()

    def _lay_out(self, title):
        seed = parts.row(self.seed, self.random)
        classes = [self.classes] if self._classes else []
        buttons = parts.row(self.reset, self.keep, self.forget, self.save)
        controls = parts.column(*self.sliders, self.truncation, seed, *classes, buttons)
        walk = parts.row(self.walk, self.play)
        return [
            parts.heading(title),
            parts.beside(controls, self.image, walk, self.strip, self._note),
        ]

    # What is shown

    def _show(self, change=None):
        """Shows what the controls say."""
        if self._held:
            return
        size = self._directions.shape[1]
        drawn = latents.draw(self._count, size, self.seed.value, self.truncation.value)
        values = np.array([slider.value for slider in self.sliders], "float32")
        labels = None
        if self._classes:
            chosen = self.classes.value
            each = np.arange(self._count) % len(self._classes)
            labels = (each if chosen == EACH else np.full(self._count, chosen)).astype("int32")
        self._render(drawn + values @ self._directions, labels)

    def _show_walk(self, change=None):
        """Shows a point on the way through those kept, with the nearest one's classes."""
        if self._held or len(self.kept) < 2:
            return
        share = self.walk.value / FRAMES
        points, labels = zip(*self.kept, strict=True)
        self._render(latents.along(points, share), labels[round(share)])

    def _render(self, points, labels):
        self.latents, self.labels = points, labels
        self._images = generators.make(self._generator, points, labels)
        parts.show_images(self.image, self._images, self._columns, self._scale)

    # Buttons

    def _draw_seed(self):
        self.seed.value = int(np.random.default_rng().integers(1_000_000))

    def _reset(self):
        with parts.once(self):
            self.truncation.value = 1
            for slider in self.sliders:
                slider.value = 0

    def _keep(self):
        self.kept.append((self.latents, self.labels))
        self._pictures.append(self._images[0])
        self._show_kept()

    def _forget(self):
        self.kept.clear()
        self._pictures.clear()
        self._show_kept()

    def _show_kept(self):
        end = FRAMES * max(len(self.kept) - 1, 0)
        for control in (self.play, self.walk):
            control.max, control.disabled = end, end == 0
        self.strip.layout.display = None if self.kept else "none"
        if self.kept:
            scale = max(1, 48 // self._images.shape[2])
            parts.show_images(self.strip, np.stack(self._pictures), MOST_KEPT, scale)
        self._note.value = _kept_line(len(self.kept), self._count)

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
            self._note.value = f"not written: {error}"
        else:
            self._note.value = f"written: {path} and .npz"

    # For readers without a kernel

    def still(self, columns=9):
        """A figure of what each slider does: a row of the first image's latents along each."""
        if not self.sliders:
            return plotting.plot_pictures({"": plotting.image_grid(self._images, self._columns)})
        values = np.linspace(-3, 3, columns)
        steps = values[:, None] * self._directions[:, None]  # (directions, columns, latents)
        points = (self.latents[0] + steps).reshape(-1, self._directions.shape[1])
        labels = None if self.labels is None else np.repeat(self.labels[:1], len(points))
        images = generators.make(self._generator, points, labels)
        rows = images.reshape(len(self.sliders), columns, *images.shape[1:])
        names = [slider.description for slider in self.sliders]
        return plotting.plot_rows(names, rows, "one image, each slider from −3 to 3")

    def __repr__(self):
        classes = f", {len(self._classes)} classes" if self._classes else ""
        return f"latent space: {len(self.sliders)} sliders over {self._count} images{classes}"


def _kept_line(kept, count):
    if not kept:
        return ""
    whose = "first image of each" if count > 1 else "one image each"
    return f"kept: {kept} ({whose})" + ("; one more for a walk" if kept == 1 else "")
