"""Damage to real images under the reader's hand, and what every metric says to it."""

import html

from gannotes.checks import check_count
from gannotes.metrics.damage import DAMAGES
from gannotes.metrics.yardstick import METRICS
from gannotes.widgets import parts
import ipywidgets
import numpy as np

LIMIT = 10  # of the bars, in spreads


class DamageExplorer(ipywidgets.VBox):
    """Choose a damage and its strength; see the images, and how far each metric moves.

    Args:
        pool: a `damage.Pool`.
        yardstick: a `yardstick.Yardstick` of the same images.
        means, spreads: of each metric over undamaged images, in the order of METRICS.
        count: images to damage and to measure.
        seed: draws them.

    Raises:
        ValueError: means or spreads are not one number a metric, or count is none.
    """

    def __init__(self, pool, yardstick, means, spreads, count=400, seed=0):
        for name, values in (("means", means), ("spreads", spreads)):
            if np.shape(values) != (len(METRICS),):
                raise ValueError(
                    f"{name} must be one number for each of the {len(METRICS)} metrics. "
                    f"Received: shape {np.shape(values)}"
                )
        check_count("count", count)
        self._pool, self._yardstick, self._count, self._seed = pool, yardstick, count, seed
        self._means, self._spreads = np.asarray(means), np.asarray(spreads)
        self.damage = ipywidgets.Dropdown(options=list(DAMAGES), description="damage", **parts.WIDE)
        self.strength = ipywidgets.FloatSlider(
            0.4, min=0, max=1, step=0.1, description="strength", readout_format=".1f", **parts.WIDE
        )
        self.image, self.table = parts.picture(), ipywidgets.HTML()
        for control in (self.damage, self.strength):
            control.observe(self._show, "value")
        super().__init__([
            parts.heading("Damage the images, and watch the metrics"),
            parts.beside(
                ipywidgets.VBox([parts.column(self.damage, self.strength), self.image]), self.table
            ),
        ])  # fmt: skip
        self._show()

    def measure(self):
        """Every metric of the images as the controls stand, ``{name: number}``."""
        return self._yardstick.measure(self._images())

    def _images(self):
        rng = np.random.default_rng(self._seed)
        return DAMAGES[self.damage.value](self._pool, self._count, self.strength.value, rng)

    def _show(self, change=None):
        images = self._images()
        some = images[:: max(1, len(images) // 32)][:32]
        parts.show_images(self.image, some, scale=max(1, 40 // images.shape[2]))
        self.table.value = self._bars(self._yardstick.measure(images))

    def _bars(self, measured):
        """Rows of label, number and bar: to the right and orange is worse, blue is better."""
        rows = []
        for (name, scale), mean, spread in zip(
            METRICS.items(), self._means, self._spreads, strict=True
        ):
            value = measured[name]
            effect = np.nan_to_num(scale.worse * (value - mean) / max(spread, 1e-12))
            rows.append(
                f"<tr><td>{html.escape(scale.label)}</td>"
                f'<td style="text-align:right;padding:0 8px">{value:.3f}</td>'
                f"{parts.bar(effect / LIMIT)}</tr>"
            )
        head = (
            '<tr><td colspan="2">against undamaged images:</td>'
            '<td style="text-align:center;white-space:nowrap">◂ better · worse ▸</td></tr>'
        )
        return f'<table style="line-height:20px">{head}{"".join(rows)}</table>'

    def __repr__(self):
        return (
            f"damage to real images: {len(DAMAGES)} kinds, a slider for their strength, "
            f"{len(METRICS)} metrics of {self._count} images"
        )
