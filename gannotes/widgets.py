"""Sliders that answer at once: each redraws one picture, a PNG in an `ipywidgets.Image`."""

from gannotes import plotting
from gannotes.checks import check_count
import ipywidgets
from keras import ops
import numpy as np


def _picture():
    return ipywidgets.Image(format="png", layout={"align_self": "flex-start"})  # not stretched


class TrainingExplorer(ipywidgets.VBox):
    """A slider through training time: one ready picture for each snapshot.

    Args:
        steps: list of steps, increasing.
        pictures: for each step, an array (height, width, 3), uint8.
        captions: for each step, a line of text under the picture; none by default.
        title: what the pictures show.
    """

    def __init__(self, steps, pictures, captions=None, title="training"):
        captions = captions or [""] * len(steps)
        if not len(steps) == len(pictures) == len(captions) > 0:
            raise ValueError(
                "steps, pictures and captions must be equally many, at least one. "
                f"Received: {len(steps)}, {len(pictures)} and {len(captions)}"
            )
        self._title = title
        self._frames = [plotting.png(picture) for picture in pictures]
        self._captions = list(captions)
        self.slider = ipywidgets.SelectionSlider(
            options=[(f"{step:,}", i) for i, step in enumerate(steps)],
            value=len(steps) - 1,
            description="step",
            layout={"width": "420px"},
        )
        self.image = _picture()
        self._caption = ipywidgets.Label()
        self.slider.observe(self._show, "value")
        super().__init__(
            [ipywidgets.HTML(f"<b>{title}</b>"), self.slider, self.image, self._caption]
        )
        self._show()

    def _show(self, change=None):
        self.image.value = self._frames[self.slider.value]
        self._caption.value = self._captions[self.slider.value]

    def __repr__(self):
        (first, _), *_, (last, _) = self.slider.options
        return f"{self._title}: slider over {len(self._frames)} snapshots, steps {first} to {last}"


class LatentExplorer(ipywidgets.VBox):
    """Sliders over latent coordinates: each shifts all images of a grid along one coordinate.

    Args:
        generator: Keras model, latents (batch, latents) → images in [-1, 1], (batch, h, w, c).
        coordinates: which coordinates get a slider; the first four by default.
        count: images in the grid.
        columns: images in a row.
        seed: draws the grid's latents; also under the reader's hand.
        scale: factor by which pixels grow; by default so that an image is about 48 wide.

    Raises:
        ValueError: the generator does not map vectors to images, or has no such coordinate.
    """

    def __init__(self, generator, coordinates=None, count=32, columns=8, seed=0, scale=None):
        if len(generator.input_shape) != 2 or len(generator.output_shape) != 4:
            raise ValueError(
                "The generator must map latents (batch, latents) to images (batch, height, width, "
                f"channels). Received: {generator.input_shape} to {generator.output_shape}"
            )
        size = generator.input_shape[1]
        coordinates = list(range(min(4, size))) if coordinates is None else list(coordinates)
        for coordinate in coordinates:
            if coordinate not in range(size):
                raise ValueError(f"Coordinates lie in 0 to {size - 1}. Received: {coordinate}")
        check_count("count", count)
        self._generator = generator
        self._coordinates = coordinates
        self._count, self._columns = count, columns
        self._scale = scale or max(1, 48 // generator.output_shape[2])
        self.sliders = [
            ipywidgets.FloatSlider(0, min=-3, max=3, step=0.1, description=f"z{coordinate}")
            for coordinate in coordinates
        ]
        self.seed = ipywidgets.BoundedIntText(seed, min=0, max=2**31 - 1, description="seed")
        self.reset = ipywidgets.Button(description="reset", tooltip="all sliders to 0")
        self.image = _picture()
        for control in (*self.sliders, self.seed):
            control.observe(self._show, "value")
        self.reset.on_click(self._reset)
        controls = ipywidgets.VBox([*self.sliders, self.seed, self.reset])
        super().__init__([
            ipywidgets.HTML("<b>Each slider shifts every image along one latent coordinate</b>"),
            ipywidgets.HBox([controls, self.image]),
        ])  # fmt: skip
        self._show()

    @property
    def latents(self):
        """The grid's latents as the sliders stand, shape (count, latents)."""
        shape = (self._count, self._generator.input_shape[1])
        latents = np.random.default_rng(self.seed.value).standard_normal(shape).astype("float32")
        latents[:, self._coordinates] += [slider.value for slider in self.sliders]
        return latents

    def _show(self, change=None):
        images = ops.convert_to_numpy(self._generator(self.latents, training=False))
        grid = plotting.image_grid(np.clip(images, -1, 1), self._columns, self._scale)
        self.image.value = plotting.png(grid)

    def _reset(self, button):
        for slider in self.sliders:
            slider.value = 0

    def __repr__(self):
        return f"latent space: {len(self.sliders)} sliders over {self._count} images"
