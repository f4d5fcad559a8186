"""A slider through training time."""

from gannotes import plotting
from gannotes.widgets.base import Picture, Widget, chooser, note, row
import numpy as np
from scipy.special import expit as sigmoid

MARKER = np.array([208, 28, 139], "uint8")  # of the chosen time


class TrainingExplorer(Widget):
    """A slider through training time: one ready picture for each snapshot.

    Args:
        steps: list of steps, increasing.
        pictures: for each step, an array (height, width, 3), uint8.
        captions: for each step, a line of text under the picture; none by default.
        curves: ``{name: one number for each step}`` of losses, scores or metrics; drawn beside the
            picture, with the chosen time marked.
    """

    def __init__(self, steps, pictures, captions=None, title="training", curves=None):
        captions = captions or [""] * len(steps)
        if not len(steps) == len(pictures) == len(captions) > 0:
            raise ValueError(
                "steps, pictures and captions must be equally many, at least one. "
                f"Received: {len(steps)}, {len(pictures)} and {len(captions)}"
            )
        for name, values in (curves or {}).items():
            if np.shape(values) != (len(steps),):
                raise ValueError(
                    f"Curve {name!r} must have one number for each of the {len(steps)} steps. "
                    f"Received: shape {np.shape(values)}"
                )
        self._steps, self._pictures, self._captions = list(steps), list(pictures), list(captions)
        options = [(f"{step:,}", k) for k, step in enumerate(steps)]
        self.slider = chooser("step", options, value=len(steps) - 1, layout={"width": "420px"})
        self._frames = [plotting.png(picture) for picture in pictures]
        self.image, self.curve, self.note = Picture(), Picture(), note()
        self._curves = None
        if curves:
            panels = {name: {"": values} for name, values in curves.items()}
            figure = plotting.plot_bands(steps, panels, xlabel="step", across=1, size=(4.5, 1.6))
            self._curves = plotting.figure_picture(figure)
            self._columns, self._rows = _places(figure, steps)
        shown = row(self.image, self.curve) if curves else self.image
        super().__init__(title, [], [self.slider, shown, self.note])
        self.on_change(self.draw, self.slider)
        self.draw()

    @classmethod
    def of_snapshots(cls, snapshots, real=None, extent=None, metrics=None, title="training"):
        """What a `callbacks.Snapshots` kept, ready to look at.

        Images stand in a grid; D's scores of the probe are a curve of their means. Points of the
        plane stand on `real` ones and on D's map, if the probe was ``plotting.plane(extent)``.
        `metrics` are more curves.
        """
        curves = {}
        if snapshots.images[0].ndim == 4:
            scale = max(1, 40 // snapshots.images[0].shape[2])
            pictures = [plotting.image_grid(images, 8, scale) for images in snapshots.images]
            if snapshots.scores:
                curves["mean score of the probe"] = [x.mean() for x in snapshots.scores]
        else:
            extent = extent or 1.2 * max(np.abs(points).max() for points in snapshots.images)
            maps = [_square(scores) for scores in snapshots.scores] or [None] * len(snapshots.steps)
            pictures = [
                plotting.figure_picture(plotting.plot_game(extent, d, real, points))
                for d, points in zip(maps, snapshots.images, strict=True)
            ]
        return cls(snapshots.steps, pictures, title=title, curves=curves | (metrics or {}))

    def draw(self):
        """Shows the chosen time."""
        chosen = self.slider.value
        self.image.value = self._frames[chosen]
        self.note.value = self._captions[chosen]
        if self._curves is not None:
            marked = self._curves.copy()
            marked[self._rows, self._columns[chosen]] = MARKER
            self.curve.show(marked)

    def still(self, count=5):
        """A figure of pictures at some times, from the first to the last, side by side."""
        chosen = np.unique(np.linspace(0, len(self._steps) - 1, count).round().astype(int))
        pictures = {f"step {self._steps[k]:,}": self._pictures[k] for k in chosen}
        return plotting.plot_images(pictures, title=self.title, across=len(pictures), width=10)

    def __repr__(self):
        first, last = self._steps[0], self._steps[-1]
        span = f"{len(self._steps)} snapshots, steps {first:,} to {last:,}"
        return f"{self.title}: slider over {span}"


def _places(figure, steps):
    """Where a figure that was drawn has each step, a column, and its axes, an array of rows."""
    height = round(figure.bbox.height)
    boxes = [ax.get_window_extent() for ax in figure.axes]
    rows = [np.arange(height - round(box.y1), height - round(box.y0)) for box in boxes]
    to_pixels = figure.axes[0].transData.transform
    return [round(to_pixels((step, 0))[0]) for step in steps], np.concatenate(rows)


def _square(scores):
    side = round(len(scores) ** 0.5)
    if side**2 != len(scores):
        raise ValueError(
            "For D's map the probe must be a square of points, as of plotting.plane. "
            f"Received: {len(scores)} points"
        )
    return sigmoid(scores).reshape(side, side)
