"""The factors of `shapes` under the hand, and the features of what a generator has nearest."""

import html

from gannotes import plotting
from gannotes.checks import check_choice, check_images
from gannotes.datasets.drawn import RANGES, SHAPES, TEXTURES, draw_shapes
from gannotes.metrics import features
from gannotes.widgets import parts
import ipywidgets
import numpy as np

LIMIT = 3  # of the bars, in spreads
MIDDLE = {name: sum(bounds) / 2 for name, bounds in RANGES.items()}


class FeatureExplorer(ipywidgets.VBox):
    """Walk a factor of `shapes`; see the generated image nearest to it, and every feature of both.

    Nearest is by Euclidean distance of all pixels.

    Args:
        images: generated ones, (n, size, size, 3), in [-1, 1].
        real_images: of the data set, for the features' spreads.

    Attributes:
        drawn, nearest: what is shown, (size, size, 3) each.

    Raises:
        TypeError, ValueError: the images are not square colour pictures.
    """

    def __init__(self, images, real_images):
        for given in (images, real_images):
            check_images(given, (images.shape[1], images.shape[1], 3))
        self._images = images
        self._spreads = features.measure(real_images).std()
        self._make_controls()
        self.image, self.table = parts.picture(), ipywidgets.HTML()
        self._note = parts.note()
        self._note.value = "left: drawn from the factors · right: the generator's nearest"
        controls = parts.column(self.shape, self.texture, *self.sliders.values())
        left = ipywidgets.VBox([controls, self.image, self._note])
        super().__init__([
            parts.heading("Walk a factor, and watch the features of the generator's nearest image"),
            parts.beside(left, self.table),
        ])  # fmt: skip
        self._show()

    def _make_controls(self):
        def names(names):
            return [(name, number) for number, name in enumerate(names)]

        self.shape = ipywidgets.Dropdown(options=names(SHAPES), description="shape", **parts.WIDE)
        self.texture = ipywidgets.Dropdown(
            options=names(TEXTURES), description="texture", **parts.WIDE
        )
        self.sliders = {
            name: ipywidgets.FloatSlider(
                MIDDLE[name], min=low, max=high, step=(high - low) / 40, description=name,
                readout_format=".2f", **parts.WIDE,
            )
            for name, (low, high) in RANGES.items()
        }  # fmt: skip
        for control in (self.shape, self.texture, *self.sliders.values()):
            control.observe(self._show, "value")

    @property
    def factors(self):
        """What the controls say, as `draw_shapes` takes it."""
        chosen = {name: np.array([slider.value]) for name, slider in self.sliders.items()}
        classes = {"shape": self.shape.value, "texture": self.texture.value}
        return {name: np.array([value]) for name, value in classes.items()} | chosen

    def find(self, factors):
        """Pictures of these factors, and the generated image nearest to each."""
        drawn = draw_shapes(factors, self._images.shape[1])
        pixels = self._images.reshape(len(self._images), -1)
        nearest = [((pixels - x.ravel()) ** 2).sum(axis=1).argmin() for x in drawn]
        return drawn, self._images[nearest]

    def _show(self, change=None):
        drawn, nearest = self.find(self.factors)
        self.drawn, self.nearest = drawn[0], nearest[0]
        both = np.concatenate([drawn, nearest])
        parts.show_images(self.image, both, 2, max(1, 160 // both.shape[1]))
        self.table.value = self._rows(features.measure(both))

    def _rows(self, measured):
        rows = []
        for name, feature in features.FEATURES.items():
            drawn, found = measured[name]
            apart = found - drawn
            if feature.period:
                half = feature.period / 2
                apart = (apart + half) % feature.period - half
            spread = self._spreads[name]
            rows.append(
                f"<tr><td>{feature.family}</td><td>{html.escape(name)}</td>"
                f'<td style="text-align:right;padding:0 8px">{drawn:.3f}</td>'
                f'<td style="text-align:right;padding:0 8px">{found:.3f}</td>'
                f"<td>{html.escape(feature.unit)}</td>"
                f"{parts.bar(apart / spread / LIMIT if spread > 0 else 0)}</tr>"
            )
        head = (
            '<tr><td colspan="2">feature</td><td>drawn</td><td>nearest</td><td>unit</td>'
            '<td style="text-align:center;white-space:nowrap">◂ less · more ▸</td></tr>'
        )
        return f'<table style="line-height:20px">{head}{"".join(rows)}</table>'

    def still(self, factor="hue", columns=9):
        """A figure of a walk along one factor: what is drawn, and the generator's nearest."""
        check_choice("factor", factor, self.sliders)
        slider = self.sliders[factor]
        factors = {name: values.repeat(columns) for name, values in self.factors.items()}
        factors[factor] = np.linspace(slider.min, slider.max, columns)
        names = [f"drawn, {factor} {slider.min:g} to {slider.max:g}", "generator's nearest"]
        return plotting.plot_rows(names, np.stack(self.find(factors)), f"a walk along {factor}", 8)

    def __repr__(self):
        return (
            f"features: {2 + len(self.sliders)} factors to set, {len(self._images)} generated images, "
            f"{len(features.FEATURES)} features"
        )
