"""Bars beside images: what metrics say to a damage, and features to a factor."""

import html

from gannotes import plotting
from gannotes.checks import check_choice, check_count, check_images
from gannotes.datasets.drawn import RANGES, SHAPES, TEXTURES, draw_shapes
from gannotes.metrics import features
from gannotes.metrics.damage import DAMAGES
from gannotes.metrics.yardstick import METRICS
from gannotes.widgets import base
import ipywidgets
import numpy as np

STYLE = """<style>
.gannotes-bars td { padding: 3px 8px; line-height: 14px; }
.gannotes-bars td:last-child { width: 220px; text-align: center; background: no-repeat content-box; }
</style>"""


class DamageExplorer(base.Widget):
    """Choose a damage and its strength; see the images, and how far each metric moves.

    `measured`, ``{name: number}``, are the metrics of `count` damaged images of a `damage.Pool`,
    by a `Yardstick`; `means` and `spreads` those of undamaged ones, in the order of METRICS. Other
    `damages`, ``{name: function}``, and the metrics to be `shown`, ``{name: label}``, may be given.
    """

    column = "auto"
    limit = 10  # of the bars, in spreads

    def __init__(self, pool, yardstick, means, spreads, count=400, damages=DAMAGES, shown=None):
        if not len(means) == len(spreads) == len(METRICS):
            raise ValueError(
                f"means and spreads must be one number for each of the {len(METRICS)} metrics. "
                f"Received: {len(means)} and {len(spreads)}"
            )
        check_count("count", count)
        self._shown = shown or {name: scale.label for name, scale in METRICS.items()}
        self._pool, self._yardstick, self._count, self._damages = pool, yardstick, count, damages
        self._fair = dict(zip(METRICS, np.stack([means, spreads], axis=1), strict=True))
        self.damage = base.menu("damage", list(damages))
        self.strength = base.slider("strength", 0.4, 0, 1, 0.1, readout_format=".1f")
        self.image, self.table = base.Picture(), ipywidgets.HTML()
        text = f"bars: against undamaged images, in their spreads, {self.limit} at most"
        self.note = base.note(text)
        controls = [self.damage, self.strength, self.image, self.note]
        super().__init__("Damage the images, and watch the metrics", controls, [self.table])
        self.on_change(self.draw, self.damage, self.strength)
        self.draw()

    def draw(self):
        """Shows some of the images, and the metrics; a bar to the right is worse."""
        rng = np.random.default_rng(0)
        images = self._damages[self.damage.value](self._pool, self._count, self.strength.value, rng)
        some = images[:: max(1, len(images) // 32)][:32]
        self.image.show_images(some, scale=max(1, 40 // images.shape[2]))
        self.measured, self._rows = self._yardstick.measure(images), []
        for name, label in self._shown.items():
            (mean, spread), value = self._fair[name], self.measured[name]
            effect = METRICS[name].worse * (value - mean) / max(spread, 1e-12)
            self._rows.append((label, value, np.nan_to_num(effect) / self.limit))
        self.table.value = _table(["metric", "", "◂ better · worse ▸"], self._rows)

    def still(self):
        """A figure of the images, and of the bars beside them."""
        fig, (left, right) = plotting.new_figure(1, 2, figsize=(10, 3.2), width_ratios=(2, 1))
        left.imshow(self.image.array).axes.axis("off")
        labels, _, shares = zip(*self._rows[::-1], strict=True)
        colours = np.where(np.greater(shares, 0), plotting.FAKE, plotting.REAL)
        right.barh(labels, np.clip(shares, -1, 1), color=colours)
        ends = [f"better: −{self.limit}", "0", f"worse: {self.limit}"]
        right.set(xlim=(-1, 1), xticks=[-1, 0, 1], xticklabels=ends, xlabel="in spreads")
        fig.suptitle(f"{self.title}: {self.damage.value}, strength {self.strength.value}")
        said = "; ".join(f"{label} {self.limit * share:.1f}" for label, _, share in self._rows)
        fig.alt = f"{fig.get_suptitle()}. In spreads: {said}."
        return fig


class FeatureExplorer(base.Widget):
    """Walk a factor of `shapes`; see the nearest generated image, and every feature of both.

    Nearest is by Euclidean distance of all pixels; `drawn` and `nearest` are what is shown. Images
    are (n, size, size, 3); the real ones say how much the features spread.
    """

    column = "auto"
    limit = 3  # of the bars, in spreads

    def __init__(self, images, real_images):
        for given in (images, real_images):
            check_images(given, (images.shape[1], images.shape[1], 3))
        self._images = images
        self._spreads = features.measure(real_images).std()
        self.shape = base.menu("shape", [(name, k) for k, name in enumerate(SHAPES)])
        self.texture = base.menu("texture", [(name, k) for k, name in enumerate(TEXTURES)])
        self.sliders = {
            name: base.slider(name, (low + high) / 2, low, high, (high - low) / 40)
            for name, (low, high) in RANGES.items()
        }
        self.image, self.table = base.Picture(), ipywidgets.HTML()
        self.note = base.note("left: drawn from the factors · right: the generator's nearest")
        factors = self.shape, self.texture, *self.sliders.values()
        title = "Walk a factor, and watch the features of the generator's nearest image"
        super().__init__(title, [*factors, self.image, self.note], [self.table])
        self.on_change(self.draw, *factors)
        self.draw()

    @property
    def factors(self):
        """What the controls say, as `draw_shapes` takes it."""
        controls = {"shape": self.shape, "texture": self.texture} | self.sliders
        return {name: np.array([control.value]) for name, control in controls.items()}

    def find(self, factors):
        """Pictures of these factors, and the generated image nearest to each."""
        drawn = draw_shapes(factors, self._images.shape[1])
        pixels = self._images.reshape(len(self._images), -1)
        nearest = [((pixels - x.ravel()) ** 2).sum(axis=1).argmin() for x in drawn]
        return drawn, self._images[nearest]

    def draw(self):
        """Shows both images and their features; a bar to the right is more in the nearest."""
        both = np.concatenate(self.find(self.factors))
        self.drawn, self.nearest = both
        self.image.show_images(both, 2, max(1, 160 // both.shape[1]))
        measured, rows = features.measure(both), []
        for name, feature in features.FEATURES.items():
            drawn, found = measured[name]
            apart = found - drawn
            if feature.period:
                apart = (apart + feature.period / 2) % feature.period - feature.period / 2
            share = apart / max(self._spreads[name], 1e-12) / self.limit
            rows.append((feature.family, name, drawn, found, feature.unit, share))
        head = ["", "feature", "drawn", "nearest", "unit", "◂ less · more ▸"]
        self.table.value = _table(head, rows)

    def still(self, factor="hue", columns=9):
        """A figure of a walk along one factor: what is drawn, and the generator's nearest."""
        check_choice("factor", factor, RANGES)
        low, high = RANGES[factor]
        factors = {name: values.repeat(columns) for name, values in self.factors.items()}
        factors[factor] = np.linspace(low, high, columns)
        drawn, nearest = self.find(factors)
        images = {f"drawn, {low:g} to {high:g}": drawn, "generator's nearest": nearest}
        title = f"a walk along {factor}"
        return plotting.plot_images(images, columns=columns, title=title, across=1)


def _table(head, rows):
    """HTML of rows ``(*texts and numbers, share)``; the share is a bar from the middle, full at ±1."""
    lines = [f"<td>{'<td>'.join(head)}"]
    for *cells, share in rows:
        texts = [
            f"<td>{html.escape(cell)}" if isinstance(cell, str) else f'<td align="right">{cell:.3f}'
            for cell in cells
        ]
        end = 50 + 45 * np.clip(share, -1, 1)  # percent of the cell
        left, right = sorted((50, end))
        colour = plotting.FAKE if share > 0 else plotting.REAL
        stops = f"#0000 {left:.1f}%, {colour} {left:.1f}% {right:.1f}%, #0000 {right:.1f}%"
        texts.append(f'<td style="background-image: linear-gradient(90deg, {stops})">')
        lines.append("".join(texts))
    return f'{STYLE}<table class="gannotes-bars"><tr>{"<tr>".join(lines)}</table>'
