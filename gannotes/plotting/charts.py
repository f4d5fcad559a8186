"""Four charts: bands over x, dots a seed, numbers as tiles, and pictures.

All take ``{panel: {name: …}}``; a chart of one panel calls it "". At most `across` panels stand side
by side; `colours` are ``{name: colour}``. Each chart writes its alternative text from its numbers.
"""

from itertools import groupby

from gannotes.plotting.pictures import image_grid
from gannotes.plotting.style import colours_of, new_grid, number, sentences
from matplotlib.colors import LogNorm, Normalize
from matplotlib.patches import Rectangle
from matplotlib.ticker import LogFormatter, NullLocator
import numpy as np
from scipy.optimize import isotonic_regression


def plot_bands(
    x, panels, *, title="", xlabel="", ylabel="", xscale="linear", yscale="linear", xlim=None,
    ylim=None, xticks=None, yticks=None, references=None, points=None, colours=None, marker="",
    across=4, size=(3.8, 2.7), sharey=False, arrow_at=None,
):  # fmt: skip
    """Lines of medians, each in a band from the least run to the greatest, named at its end.

    Args:
        x: shape (points,), or ``{panel: x}``, or ``{name: x}``.
        panels: ``{panel: {name: runs}}``, runs of shape (runs, points), or (points,) for one.
        xlabel, ylabel, xscale, yscale, xlim, ylim: one for all, or ``{panel: value}``. Scales are
            matplotlib's names, or ``("symlog", threshold)``.
        xticks, yticks: values, or ``{value: text}``.
        references: ``{text: y}``, dashed lines; y may have the shape of x. Or ``{panel: {text: y}}``.
        points: ``{panel: {name: (x, y)}}``, crosses beside the lines.
        size: of a panel, inches.
        arrow_at: number of the point at which an arrowhead shows which way a line goes.
    """
    drawn = _checked(panels, lambda panel, name, runs: _runs(x, panel, name, runs))
    colours = colours_of([*panels.values(), *(points or {}).values()], colours)
    last_of = {name: panel for panel, series in panels.items() for name in series}
    fig, axes = new_grid(panels, across, size, sharey=sharey)
    said, ends = {panel: [] for panel in panels}, {panel: [] for panel in panels}
    for panel, ax in axes.items():
        for name, (places, runs) in drawn[panel].items():
            middle = np.median(runs, axis=0)
            ax.plot(places, middle, color=colours[name], marker=marker, ms=4, label=name)
            if arrow_at is not None:
                way = {"arrowstyle": "-|>", "color": colours[name]}
                ax.annotate("", *np.c_[places, middle][[arrow_at + 1, arrow_at]], arrowprops=way)
            if len(runs) > 1:
                low, high = runs.min(axis=0), runs.max(axis=0)
                ax.fill_between(places, low, high, color=colours[name], alpha=0.2, lw=0)
            if last_of[name] == panel:
                ends[panel].append((name, places, middle, colours[name]))
            said[panel].append(_band_text(name, middle, runs))
        for text, level in _of_panel(references, panel).items():
            places = next(iter(drawn[panel].values()))[0] if np.ndim(level) else None
            if np.ndim(level):
                ax.plot(places, level, "k--", lw=1)
            else:
                ax.axhline(level, color="black", ls="--", lw=1)
                said[panel].append(f"{text} {number(level)}")
            ends[panel].append((text, places, level, "black"))
        for name, (places, values) in _of_panel(points, panel).items():
            ax.plot(places, values, "x", ms=5, color=colours[name])
            middle = np.median(places), np.median(values)
            said[panel].append(f"{name} {number(middle[1])} at {number(middle[0])}")
            if name not in drawn[panel]:
                ends[panel].append((name, *middle, colours[name]))
        _set_axis(ax, panel, "x", xlim, xscale, xticks)
        _set_axis(ax, panel, "y", ylim, yscale, yticks)
    _set_labels(axes, across, xlabel, ylabel)
    fig.draw_without_rendering()  # limits are known, so that names can stand at their lines
    for panel, ax in axes.items():
        _name_ends(ax, [end for end in ends[panel] if end[0]])
    return _finish(fig, title, _axes_text(xlabel, ylabel, x), said)


def plot_dots(
    panels, *, title="", xlabel="", xscale="linear", xlim=None, xticks=None, references=None,
    intervals=None, colours=None, across=4, width=2.6,
):  # fmt: skip
    """A dot for each value (a seed), their median as a bar, if there are two; a row for each name.

    Args:
        panels: ``{panel: {name: values}}``.
        xlabel, xscale, xlim, xticks: as for `plot_bands`.
        references: ``{text: x}``, dashed lines, or ``{panel: {text: x}}``.
        intervals: ``{panel: {name: (low, high)}}``, drawn as thin lines.
        width: of a panel, inches.
    """
    panels = _checked(panels, lambda _, name, x: _array(name, x, "values (seeds,)", (np.size(x),)))
    colours = colours_of(panels.values(), colours)
    names = [tuple(groups) for groups in panels.values()]
    across, alike = min(across, len(panels)), len(set(names)) == 1
    rows = [max(map(len, names[k : k + across])) for k in range(0, len(names), across)]
    words = [name.split("\n") for name in sum(names, ())]
    lines, longest = max(map(len, words)), max(len(line) for name in words for line in name)
    beside = 0.07 * longest / (across if alike else 1)  # for the names
    heights = [count * (0.1 + 0.16 * lines) + 0.9 for count in rows]
    size = width + beside, np.mean(heights)
    fig, axes = new_grid(panels, across, size, sharey=alike, height_ratios=heights)
    said = {panel: [] for panel in panels}
    for k, (panel, ax) in enumerate(axes.items()):
        for row, (name, values) in enumerate(panels[panel].items()):
            colour = colours[name]
            ax.plot(values, np.full(len(values), row), "o", ms=5, alpha=0.5, color=colour)
            if len(values) > 1:
                ax.plot(np.median(values), row, "|", ms=13, mew=2, color=colour)
            if name in _of_panel(intervals, panel):
                ax.plot(intervals[panel][name], [row, row], color=colour, lw=1)
            said[panel].append(f"{name} {number(np.median(values))}{_spread_text(values)}")
        for text, value in _of_panel(references, panel).items():
            ax.axvline(value, color="black", lw=1, ls="--")
            ax.text(value, -0.95, f" {text}", va="center", fontsize="x-small")
            said[panel].append(f"{text} {number(value)}")
        ax.set_yticks(range(len(panels[panel])), panels[panel], fontsize="small")
        ax.set_ylim(rows[k // across] - 0.4, -1.3 if references else -0.6)
        _set_axis(ax, panel, "x", xlim, xscale, xticks)
    _set_labels(axes, across, xlabel, {})
    return _finish(fig, title, _axes_text(xlabel, "", None), said)


def plot_tiles(
    panels, rows, columns, *, title="", label="", vmin=None, vmax=None, cmap="viridis",
    scale="linear", form=".2g", row_label="", column_label="", marks=None, outlined=None, across=4,
    size=None,
):  # fmt: skip
    """Numbers as coloured tiles; the first row on top.

    With a `label`, what the numbers are, all panels share one scale and a colour bar; without, each
    has its own scale.

    Args:
        panels: ``{panel: array (rows, columns)}``, of named rows and columns.
        vmin, vmax: ends of the colours; by default the least and the greatest number.
        cmap, scale: one for all, or ``{panel: value}``; scales are "linear" and "log".
        form: how a number is written, as in f-strings; "" writes none.
        marks: (rows, columns) of words to write after the numbers.
        outlined: (rows, columns) of truths, which tiles have an outline.
        size: of a tile, inches.
    """
    if not panels:
        raise ValueError("panels must be {panel: array (rows, columns)}. Received: none")
    shape = len(rows), len(columns)
    panels = {
        panel: _array(panel, values, f"numbers (rows, columns), {shape}", shape)
        for panel, values in panels.items()
    }
    width, height = size or (0.62 if form else 0.3, 0.34)
    size = width * len(columns) + 0.9, height * len(rows) + 0.6
    fig, axes = new_grid(panels, across, size, sharex=True, sharey=True)
    for panel, ax in axes.items():
        norm = (LogNorm if _value(scale, panel) == "log" else Normalize)(vmin, vmax)
        if label:
            numbers = np.concatenate([np.ravel(panel) for panel in panels.values()])
            norm.autoscale_None(np.ma.masked_invalid(numbers))
        image = ax.imshow(panels[panel], _value(cmap, panel), norm=norm, aspect="auto")
        is_light = image.to_rgba(panels[panel])[..., :3] @ (0.3, 0.59, 0.11) > 0.5
        for (i, j), value in np.ndenumerate(panels[panel]):
            words = [f"{value:{form}}"] if form else []
            words += [] if marks is None else [marks[i][j]]
            colour = "black" if is_light[i, j] else "white"
            ax.text(j, i, " ".join(words), ha="center", va="center", color=colour, fontsize=8)
        for i, j in np.argwhere([] if outlined is None else outlined):
            ax.add_patch(Rectangle((j - 0.5, i - 0.5), 1, 1, fill=False, lw=1.5, clip_on=False))
        ax.set_xticks(range(len(columns)), columns, fontsize="small")
        ax.set_yticks(range(len(rows)), rows, fontsize="small")
        _hide_frame(ax)
    fig.supxlabel(column_label, fontsize="medium")
    fig.supylabel(row_label, fontsize="medium")
    if label:
        fig.colorbar(image, ax=list(axes.values()), label=label)
    said = {panel: [_tiles_text(values, rows, columns)] for panel, values in panels.items()}
    return _finish(fig, title, f"{label}. {_axes_text(column_label, row_label, None)}", said)


def plot_images(images, *, columns=8, title="", across=None, width=7):
    """Sets of images, each under its name; with ``across=1`` the names stand on the left.

    Args:
        images: ``{name: images}``, or one set alone: (n, height, width, channels) in [-1, 1],
            laid out by `image_grid`; or ready pictures, (height, width, 3), uint8.
        columns: images in a row of a set.
        across: sets side by side; by default all up to four.
        width: of the figure, inches.
    """
    images = images if isinstance(images, dict) else {"": images}
    if not images:
        raise ValueError("images must be {name: images}. Received: none")
    images = {name: np.asarray(shown) for name, shown in images.items()}
    pictures = {
        name: shown if shown.dtype == np.uint8 else image_grid(shown, columns)
        for name, shown in images.items()
    }
    across = min(across or 4, len(images))
    wide = max(picture.shape[1] for picture in pictures.values())
    named_above = across > 1 and any(images)
    ratios = [picture.shape[0] / wide for picture in pictures.values()]
    heights = [max(ratios[k : k + across]) for k in range(0, len(ratios), across)]
    longest = max(len(line) for name in images for line in name.split("\n"))
    shown_width = width / across if named_above else width - 0.08 * longest
    height = shown_width * sum(heights) + 0.35 * bool(title)
    size = width / across, height / len(heights) + (0.3 if named_above else 0.05)
    fig, axes = new_grid(images, across, size, height_ratios=heights)
    for name, ax in axes.items():
        ax.imshow(pictures[name], interpolation="nearest")
        ax.set(xticks=[], yticks=[])
        _hide_frame(ax)
        if not named_above:
            ax.set_title("")
            ax.set_ylabel(name, rotation=0, ha="right", va="center", fontsize="small")
    return _finish(fig, title, "", {name: [_images_text(shown)] for name, shown in images.items()})


def panels_of(table, labels, by="variant"):
    """``{label: {name: values}}`` of a table with a row a training, as `plot_dots` takes it.

    `labels` are ``{column: label}``, a panel each; the column `by` holds the names.
    """
    groups = table.groupby(by, sort=False)
    return {
        label: {str(name): values.to_numpy() for name, values in groups[column]}
        for column, label in labels.items()
    }


def _checked(panels, check):
    """``{panel: {name: check(panel, name, values)}}``."""
    good = isinstance(panels, dict) and panels
    if not good or not all(isinstance(found, dict) and found for found in panels.values()):
        raise ValueError(f"panels must be {{panel: {{name: values}}}}. Received: {panels!r:.100}")
    return {
        panel: {name: check(panel, name, values) for name, values in groups.items()}
        for panel, groups in panels.items()
    }


def _runs(x, panel, name, runs):
    """Places (points,) and values (runs, points) of a line."""
    if isinstance(x, dict):
        x = x[panel] if panel in x else x[name]
    n = len(x)
    runs = np.atleast_2d(np.asarray(runs, float))
    return np.asarray(x), _array(name, runs, f"(runs, {n}) or ({n},), as x is", (len(runs), n))


def _array(name, values, wanted, shape):
    """Values as floats, of this shape and not empty."""
    values = np.asarray(values, float)
    if values.shape != shape or not values.size:
        raise ValueError(f"{name!r} must be {wanted}. Received: {values.shape}")
    return values


def _value(option, panel):
    return option.get(panel) if isinstance(option, dict) else option


def _of_panel(given, panel):
    """A panel's part of ``{panel: {…}}``; all of ``{…}`` that holds no dictionaries."""
    given = given or {}
    return given.get(panel, {}) if any(isinstance(x, dict) for x in given.values()) else given


def _hide_frame(ax):
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.grid(False)


def _set_labels(axes, across, xlabel, ylabel):
    """Labels of their own at each panel, one for all only below and on the left."""
    for k, (panel, ax) in enumerate(axes.items()):
        if isinstance(xlabel, dict) or k + across >= len(axes):
            ax.set_xlabel(_value(xlabel, panel))
        if isinstance(ylabel, dict) or k % across == 0:
            ax.set_ylabel(_value(ylabel, panel))


class _PlainNumbers(LogFormatter):
    """Numbers of a logarithmic axis, written out."""

    def __call__(self, x, pos=None):
        return f"{x:,g}" if super().__call__(x, pos) else ""


def _set_axis(ax, panel, letter, limits, scale, ticks):
    axis, set_scale = getattr(ax, f"{letter}axis"), getattr(ax, f"set_{letter}scale")
    limits, scale = _value(limits, panel), _value(scale, panel)
    if limits is not None:
        ax.set(**{f"{letter}lim": limits})
    if isinstance(scale, tuple):
        set_scale(scale[0], linthresh=scale[1])
    elif scale:
        set_scale(scale)
    if scale == "log":
        axis.set_major_formatter(_PlainNumbers())
        axis.set_minor_formatter(_PlainNumbers(minor_thresholds=(1.5, 0.5)))
    if ticks is not None:
        texts = ticks.values() if isinstance(ticks, dict) else [f"{tick:,g}" for tick in ticks]
        axis.set_ticks(list(ticks), list(texts))
        axis.set_minor_locator(NullLocator())


def _name_ends(ax, ends):
    """Names at the ends of lines, moved apart where they would touch."""
    found = []  # (place across, up, name, colour), in the axes' width and height
    to_axes = ax.transData + ax.transAxes.inverted()
    for name, x, values, colour in ends:
        points = to_axes.transform(np.c_[ax.get_xlim()[1] if x is None else x, values])
        shown = np.isfinite(points).all(axis=1) & (np.abs(points[:, 0] - 0.5) < 0.501)
        found += [(*point, name, colour) for point in points[shown][-1:]]
    gap = 11 / (72 * ax.bbox.height / ax.figure.dpi)  # of two lines of text
    found.sort(key=lambda end: (round(end[0], 1), end[1]))
    for _, column in groupby(found, key=lambda end: round(end[0], 1)):
        x, y, names, colours = zip(*column, strict=True)
        steps = gap * np.arange(len(y))
        free = isotonic_regression(y - steps).x
        y = np.clip(free, 0, max(0, 1 - steps[-1])) + steps
        for place, name, colour in zip(np.c_[x, y], names, colours, strict=True):
            ax.annotate(
                name, place, xycoords="axes fraction", xytext=(4, 0), va="center",
                textcoords="offset points", color=colour, fontsize="small", annotation_clip=False,
            )  # fmt: skip


def _finish(fig, title, about, said):
    """Sets title and alternative text, of ``{panel: [what its series are]}``."""
    fig.suptitle(title, fontsize="medium")
    panels = [f"{panel}: {'; '.join(texts)}".removeprefix(": ") for panel, texts in said.items()]
    fig.alt = sentences([title, about, *panels])
    return fig


def _axes_text(xlabel, ylabel, x):
    """What the axes are, and from where to where x goes."""
    labels = [
        ", ".join(dict.fromkeys(label.values())) if isinstance(label, dict) else label
        for label in (ylabel, xlabel)
    ]
    text = " against ".join(filter(None, labels))
    if x is None or isinstance(x, dict):
        return text
    return f"{text or 'x'}, {number(np.min(x))} to {number(np.max(x))}"


def _band_text(name, middle, runs):
    good = np.flatnonzero(np.isfinite(middle))
    if not len(good):
        return f"{name} without a number"
    first, last = good[[0, -1]]
    ends = f"{name} {number(middle[first])} to {number(middle[last])}"
    return ends + _spread_text(runs[:, last], "runs ")


def _spread_text(values, of=""):
    several = f" ({of}{number(values.min())} to {number(values.max())})"
    return several if len(values) > 1 else ""


def _tiles_text(values, rows, columns):
    ends = [divmod(find(values), len(columns)) for find in (np.nanargmin, np.nanargmax)]
    return " to ".join(f"{number(values[i, j])} ({rows[i]}, {columns[j]})" for i, j in ends)


def _images_text(shown):
    height, width = shown.shape[-3:-1]
    what = "a picture" if shown.dtype == np.uint8 else f"{len(shown)} images"
    return f"{what} of {height} × {width} pixels"
