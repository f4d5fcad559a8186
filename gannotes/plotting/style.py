"""Colours and figures: one style in every picture, with alternative text where it is shown."""

import io

from IPython import get_ipython
import matplotlib
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure as MatplotlibFigure

REAL, FAKE = "#2166ac", "#e66101"  # differ in lightness too, and for colour-blind readers
NEUTRAL = "#555555"
DISCRIMINATOR, GENERATOR = "#1b9e77", "#7b3294"
SERIES = ("#1b9e77", "#7b3294", "#b8860b", "#d01c8b", "#0a7c86", "#8c510a", "#66a61e", "#555555")
PALE = "#f3ab75", "#f7f7f7", "#8fbbe3"  # points of both colours can be seen on these
PROBABILITY = LinearSegmentedColormap.from_list("fake_to_real", PALE)
OWN = {"": NEUTRAL, "real": REAL, "real images": REAL}
OWN |= {"fake": FAKE, "generated": FAKE, "generated images": FAKE}


def use_style(dpi=80):
    """Sets the notebooks' style for matplotlib, and shows figures with their alternative text."""
    matplotlib.rcParams.update({
        "figure.dpi": dpi,
        "figure.constrained_layout.use": True,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.prop_cycle": matplotlib.cycler(color=SERIES),
        "axes.titlesize": "medium",
        "axes.grid": True,
        "grid.alpha": 0.25,
        "legend.frameon": False,
        "image.cmap": "gray",
    })  # fmt: skip
    shell = get_ipython()
    if shell is not None:  # matplotlib-inline registers a printer for all figures, without text
        shell.display_formatter.formatters["image/png"].for_type(Figure, Figure._repr_png_)


class Figure(MatplotlibFigure):
    """A figure that knows its alternative text, and shows only where a cell ends with it."""

    alt = None

    def _repr_png_(self):
        """PNG bytes; on the page an inch is 96 pixels, so that text is as large in all figures."""
        content = io.BytesIO()
        self.savefig(content, format="png", bbox_inches="tight", dpi=self.dpi)
        png = content.getvalue()
        width = int.from_bytes(png[16:20]) * 96 / self.dpi
        return png, {"alt": self.alt or axes_text(self), "width": round(width)}


def new_figure(rows=1, columns=1, figsize=(5, 3), **options):
    """A figure and its axes, as `plt.subplots` gives, that shows only where a cell ends with it."""
    fig = Figure(figsize=figsize, layout="constrained")
    return fig, fig.subplots(rows, columns, **options)


def new_grid(panels, across, size, **options):
    """A figure and ``{panel: axes}`` with titles, `across` side by side, each of `size` inches."""
    across = min(across, len(panels))
    down = -(-len(panels) // across)
    figsize = size[0] * across, size[1] * down
    fig, axes = new_figure(down, across, figsize=figsize, squeeze=False, **options)
    for ax in axes.flat[len(panels) :]:
        ax.axis("off")
    for panel, ax in zip(panels, axes.flat, strict=False):
        ax.set_title(panel, fontsize="small")
    return fig, dict(zip(panels, axes.flat, strict=False))


def colours_of(groups, given=None):
    """A colour for each name in groups: real is blue, fake is orange; `given` goes first."""
    given = OWN | (given or {})
    others = dict.fromkeys(name for group in groups for name in group if name not in given)
    return given | {name: SERIES[k % len(SERIES)] for k, name in enumerate(others)}


def number(value):
    """A number with three digits, or all of a large one."""
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e15 else f"{value:.3g}"


def axes_text(fig):
    """Alternative text of a figure that has none of its own: titles, axes, what has a name."""
    said = [fig.get_suptitle()]
    for ax in fig.axes:
        said += [ax.get_title(), " against ".join(filter(None, (ax.get_ylabel(), ax.get_xlabel())))]
        for line in ax.lines:
            values = line.get_ydata()
            if len(values) and not line.get_label().startswith("_"):
                said.append(f"{line.get_label()}: {number(values[0])} to {number(values[-1])}")
        for points in ax.collections:
            if not points.get_label().startswith("_"):
                said.append(f"{points.get_label()}: {len(points.get_offsets())} points")
    return sentences(said)


def sentences(parts):
    """Parts joined into one line of text, each with a full stop; empty ones are left out."""
    parts = (" ".join(str(part).split()).strip(". ") for part in parts)
    return " ".join(part if part.endswith(("?", "!")) else f"{part}." for part in parts if part)
