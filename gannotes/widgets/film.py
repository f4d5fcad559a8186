"""A training's course as a film under a slider."""

from gannotes import plotting
from gannotes.widgets import base
import numpy as np


class TrainingExplorer(base.Widget):
    """A slider through training time: for each of some steps a picture, (height, width, 3), uint8.

    Captions, if there are any, are lines of text under the pictures; `what` is what steps are.
    """

    def __init__(self, steps, pictures, captions=None, title="training", what="step"):
        captions = captions or [""] * len(steps)
        if not len(steps) == len(pictures) == len(captions) > 0:
            raise ValueError(
                "steps, pictures and captions must be equally many, at least one. "
                f"Received: {len(steps)}, {len(pictures)} and {len(captions)}"
            )
        self._steps, self._pictures, self._captions = list(steps), list(pictures), list(captions)
        options = [(f"{step:,}", k) for k, step in enumerate(steps)]
        self.slider = base.chooser(what, options, value=len(steps) - 1, layout={"width": "420px"})
        self.image, self.note = base.Picture(), base.note()
        super().__init__(title, [], [self.slider, self.image, self.note])
        self.on_change(self.draw, self.slider)
        self.draw()

    def draw(self):
        """Shows the chosen time."""
        self.image.show(self._pictures[self.slider.value])
        self.note.value = self._captions[self.slider.value]

    def still(self, count=5):
        """A figure of pictures at some times, more of early ones; wide ones are rows with captions."""
        number = len(self._steps)
        early = np.geomspace(1, number, count).round().astype(int) - 1
        chosen = np.unique(early) if number > count else range(number)
        height, width, _ = self._pictures[0].shape
        is_wide, what = width >= 4 * height, self.slider.description
        said = [f"\n{self._captions[k]}" if is_wide else "" for k in chosen]
        names = [f"{what} {self._steps[k]:,}{x}".strip() for k, x in zip(chosen, said, strict=True)]
        pictures = {name: self._pictures[k] for name, k in zip(names, chosen, strict=True)}
        across = 1 if is_wide else len(pictures)
        return plotting.plot_images(pictures, title=self.title, across=across, width=10)
