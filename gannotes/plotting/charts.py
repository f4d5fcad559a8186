"""Four charts: bands over x, dots a seed, numbers as tiles, and pictures.

All take ``{panel: {name: …}}``; a chart of one panel calls it "". At most `across` panels stand side
by side; `colours` are ``{name: colour}``. Each chart writes its alternative text from its numbers.
"""

from gannotes.plotting.pictures import image_grid
from gannotes.plotting.style import colours_of, new_figure, number, sentences
from matplotlib import colormaps
from matplotlib.colors import LogNorm, Normalize, to_rgb
from matplotlib.ticker import LogFormatter, NullLocator
import numpy as np
from scipy.optimize import isotonic_regression


def plot_bands(
    x, panels, *, title="", xlabel="", ylabel="", xscale="linear", yscale="linear", xlim=None,
    ylim=None, xticks=None, yticks=None, references=None, points=None, colours=None, marker="",
    across=4, size=(3.8, 2.7), sharey=False,
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
    """
    _check_panels(panels)
    drawn = {
        panel: {name: _runs(x, panel, name, runs) for name, runs in series.items()}
        for panel, series in panels.items()
    }
    groups = (*panels.values(), *(points or {}).values())
    names = dict.fromkeys(name for series in groups for name in series)
    last_of = {name: panel for panel, series in panels.items() for name in series}
    colours = colours_of(names, colours)
    fig, axes = _axes(panels, across, size, sharey=sharey)
    said, ends = {panel: [] for panel in panels}, {panel: [] for panel in panels}
    for panel, ax in axes.items():
        for name, (places, runs) in drawn[panel].items():
            middle = np.median(runs, axis=0)
            ax.plot(places, middle, color=colours[name], marker=marker, ms=4, label=name)
            if len(runs) > 1:
                low, high = runs.min(axis=0), runs.max(axis=0)
                ax.fill_between(places, low, high, color=colours[name], alpha=0.2, lw=0)
            if last_of[name] == panel:
                ends[panel].append((name, places, middle, colours[name]))
            said[panel].append(_band_text(name, middle, runs))
        for text, level in _of_panel(references, panel).items():
            if np.ndim(level):
                places = next(iter(drawn[panel].values()))[0]
                ax.plot(places, level, "k--", lw=1)
                ends[panel].append((text, places, level, "black"))
            else:
                ax.axhline(level, color="black", ls="--", lw=1)
                ends[panel].append((text, None, level, "black"))
                said[panel].append(f"{text} {number(level)}")
        for name, (places, values) in (points or {}).get(panel, {}).items():
            ax.plot(places, values, "x", ms=5, color=colours[name])
            middle = np.median(places), np.median(values)
            said[panel].append(f"{name} {number(middle[1])} at {number(middle[0])}")
            if name not in drawn[panel]:
                ends[panel].append((name, *middle, colours[name]))
        _set_axes(ax, panel, xlabel=xlabel, ylabel=ylabel, xlim=xlim, ylim=ylim)
        _set_scale(ax, "x", _value(xscale, panel), xticks)
        _set_scale(ax, "y", _value(yscale, panel), yticks)
    _labels_once(axes, across, xlabel, ylabel)
    fig.draw_without_rendering()  # limits are known, so that names can stand at their lines
    for panel, ax in axes.items():
        _name_ends(ax, [end for end in ends[panel] if end[0]])
    return _finish(fig, title, _axes_text(xlabel, ylabel, x), said)


def plot_dots(
    panels, *, title="", xlabel="", xscale="linear", xlim=None, xticks=None, references=None,
    intervals=None, colours=None, across=4, width=2.6,
):  # fmt: skip
    """A dot for each value (a seed), their median as a bar; a row for each name.

    Args:
        panels: ``{panel: {name: values}}``.
        xlabel, xscale, xlim, xticks: as for `plot_bands`.
        references: ``{text: x}``, dashed lines, or ``{panel: {text: x}}``.
        intervals: ``{panel: {name: (low, high)}}``, drawn as thin lines.
        width: of a panel, inches.
    """
    _check_panels(panels)
    panels = {
        panel: {name: _values(panel, name, values) for name, values in groups.items()}
        for panel, groups in panels.items()
    }
    names = {panel: list(groups) for panel, groups in panels.items()}
    colours = colours_of(dict.fromkeys(name for found in names.values() for name in found), colours)
    most = max(len(found) for found in names.values())
    alike = len({tuple(found) for found in names.values()}) == 1
    words = [name.split("\n") for found in names.values() for name in found]
    lines, longest = max(map(len, words)), max(len(line) for name in words for line in name)
    size = width + 0.07 * longest * (1 if not alike else 1 / min(across, len(panels)))
    fig, axes = _axes(panels, across, (size, most * (0.1 + 0.16 * lines) + 0.9), sharey=alike)
    said = {panel: [] for panel in panels}
    for panel, ax in axes.items():
        for row, (name, values) in enumerate(panels[panel].items()):
            colour = colours[name]
            ax.plot(values, np.full(len(values), row), "o", ms=5, alpha=0.5, color=colour)
            ax.plot(np.median(values), row, "|", ms=13, mew=2, color=colour)
            interval = (intervals or {}).get(panel, {}).get(name)
            if interval is not None:
                ax.plot(interval, [row, row], color=colour, lw=1)
            said[panel].append(_dots_text(name, values))
        for text, value in _of_panel(references, panel).items():
            ax.axvline(value, color="black", lw=1, ls="--")
            ax.annotate(text, (value, -0.95), xytext=(3, 0), textcoords="offset points",
                        va="center", fontsize="x-small")  # fmt: skip
            said[panel].append(f"{text} {number(value)}")
        ax.set_yticks(range(len(names[panel])), names[panel], fontsize="small")
        ax.set_ylim(most - 0.4, -1.3 if references else -0.6)
        _set_axes(ax, panel, xlabel=xlabel, xlim=xlim)
        _set_scale(ax, "x", _value(xscale, panel), xticks)
    _labels_once(axes, across, xlabel, {})
    return _finish(fig, title, _axes_text(xlabel, "", None), said)


def plot_tiles(
    panels, rows, columns, *, title="", label="", vmin=None, vmax=None, cmap="viridis",
    scale="linear", form=".2g", row_label="", column_label="", marks=None, across=4, size=None,
):  # fmt: skip
    """Numbers as coloured tiles; the first row on top.

    With a `label` all panels share one scale and a colour bar; without, each has its own scale.

    Args:
        panels: ``{panel: array (rows, columns)}``, of named rows and columns.
        label: what the numbers are.
        vmin, vmax: ends of the colours; by default the least and the greatest number.
        cmap, scale: one for all, or ``{panel: value}``; scales are "linear" and "log".
        form: how a number is written, as in f-strings; "" writes none.
        marks: (rows, columns) of words to write after the numbers.
        size: of a tile, inches.
    """
    if not panels:
        raise ValueError("panels must be {panel: array (rows, columns)}. Received: none")
    panels = {panel: np.asarray(values, float) for panel, values in panels.items()}
    for panel, values in panels.items():
        if values.shape != (len(rows), len(columns)):
            raise ValueError(
                f"panel {panel!r} must have the shape of rows and columns, "
                f"{(len(rows), len(columns))}. Received: {values.shape}"
            )
    width, height = size or (0.62 if form else 0.3, 0.34)
    size = width * len(columns) + 0.9, height * len(rows) + 0.6
    fig, axes = _axes(panels, across, size, sharex=True, sharey=True)
    for panel, ax in axes.items():
        values = panels[panel]
        ends = list(panels.values()) if label else values
        low = np.nanmin(ends) if vmin is None else vmin
        high = np.nanmax(ends) if vmax is None else vmax
        norm = (LogNorm if _value(scale, panel) == "log" else Normalize)(low, high)
        shades = colormaps.get_cmap(_value(cmap, panel))
        image = ax.imshow(values, shades, norm=norm, aspect="auto")
        for (i, j), value in np.ndenumerate(values):
            words = f"{value:{form}}" if form else ""
            words = f"{words} {marks[i][j]}".strip() if marks is not None else words
            light = np.dot(to_rgb(shades(norm(value))), (0.3, 0.59, 0.11)) > 0.5
            if words:
                ax.text(j, i, words, ha="center", va="center", color="black" if light else "white",
                        fontsize=8)  # fmt: skip
        ax.set_xticks(range(len(columns)), columns, fontsize="small")
        ax.set_yticks(range(len(rows)), rows, fontsize="small")
        ax.set_title(panel, fontsize="small")
        _hide_frame(ax)
    fig.supxlabel(column_label, fontsize="medium")
    fig.supylabel(row_label, fontsize="medium")
    if label:
        fig.colorbar(image, ax=list(axes.values()), label=label)
    said = {panel: _tiles_text(values, rows, columns) for panel, values in panels.items()}
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
    named = across > 1 and any(images)
    ratios = [picture.shape[0] / wide for picture in pictures.values()]
    heights = [max(ratios[k : k + across]) for k in range(0, len(ratios), across)]
    shown_width = width / across if named else width - 0.08 * max(map(len, images))
    height = shown_width * sum(heights) + (0.3 if named else 0.05) * len(heights)
    fig, axes = new_figure(
        len(heights), across, figsize=(width, height + 0.35 * bool(title)), height_ratios=heights,
        squeeze=False,
    )  # fmt: skip
    for ax in axes.flat:
        ax.set(xticks=[], yticks=[])
        _hide_frame(ax)
    for ax, (name, picture) in zip(axes.flat, pictures.items(), strict=False):
        ax.imshow(picture, interpolation="nearest")
        if named:
            ax.set_title(name, fontsize="small")
        else:
            ax.set_ylabel(name, rotation=0, ha="right", va="center", fontsize="small")
    return _finish(fig, title, "", {name: _images_text(shown) for name, shown in images.items()})


def panels_of(table, labels, by="variant"):
    """``{label: {name: values}}`` of a table with a row a training, as `plot_dots` takes it.

    Args:
        table: a data frame with the column `by`, which holds the names, and those in `labels`.
        labels: ``{column: label}``, a panel each.
    """
    groups = dict(iter(table.groupby(by, sort=False)))
    return {
        label: {str(name): rows[column].to_numpy() for name, rows in groups.items()}
        for column, label in labels.items()
    }


# Input


def _check_panels(panels):
    good = isinstance(panels, dict) and panels
    if not good or not all(isinstance(found, dict) and found for found in panels.values()):
        raise ValueError(f"panels must be {{panel: {{name: values}}}}. Received: {panels!r:.100}")


def _runs(x, panel, name, runs):
    """Places (points,) and values (runs, points) of a line."""
    if isinstance(x, dict):
        x = x[panel] if panel in x else x[name]
    x, runs = np.asarray(x), np.asarray(runs, float)
    if runs.ndim not in (1, 2) or runs.shape[-1] != len(x) or not runs.size:
        raise ValueError(
            f"{name!r} must have the shape (runs, {len(x)}) or ({len(x)},), as x has {len(x)} "
            f"points. Received: {runs.shape}"
        )
    return x, np.atleast_2d(runs)


def _values(panel, name, values):
    values = np.asarray(values, float)
    if values.ndim != 1 or not values.size:
        raise ValueError(f"{name!r} of {panel!r} must be values (seeds,). Received: {values.shape}")
    return values


def _value(option, panel):
    return option.get(panel) if isinstance(option, dict) else option


def _of_panel(references, panel):
    references = references or {}
    if any(isinstance(found, dict) for found in references.values()):
        return references.get(panel, {})
    return references


# Axes


def _axes(panels, across, size, **options):
    """A figure with ``{panel: axes}``, `across` side by side."""
    across = min(across, len(panels))
    down = -(-len(panels) // across)
    figsize = size[0] * across, size[1] * down
    fig, axes = new_figure(down, across, figsize=figsize, squeeze=False, **options)
    for ax in axes.flat[len(panels) :]:
        ax.axis("off")
    return fig, dict(zip(panels, axes.flat, strict=False))


def _set_axes(ax, panel, **options):
    values = {key: _value(option, panel) for key, option in options.items()}
    ax.set(**{key: value for key, value in values.items() if value is not None})
    ax.set_title(panel, fontsize="small")


def _hide_frame(ax):
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.grid(False)


def _labels_once(axes, across, xlabel, ylabel):
    """Leaves out the labels that panels below or on the left say already."""
    for k, ax in enumerate(axes.values()):
        if not isinstance(xlabel, dict) and k + across < len(axes):
            ax.set_xlabel("")
        if not isinstance(ylabel, dict) and k % across:
            ax.set_ylabel("")


class _PlainNumbers(LogFormatter):
    """Numbers of a logarithmic axis, written out."""

    def __call__(self, x, pos=None):
        return f"{x:,g}" if super().__call__(x, pos) else ""


def _set_scale(ax, letter, scale, ticks):
    axis, set_scale = getattr(ax, f"{letter}axis"), getattr(ax, f"set_{letter}scale")
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
    places, texts = [], []
    to_axes = ax.transData + ax.transAxes.inverted()
    for name, x, values, colour in ends:
        x = ax.get_xlim()[1] if x is None else x
        points = to_axes.transform(np.c_[x, values])
        shown = np.isfinite(points).all(axis=1) & (np.abs(points[:, 0] - 0.5) < 0.501)
        if shown.any():
            places.append(points[shown][-1])
            texts.append((name, colour))
    x, y = np.reshape(places, (-1, 2)).T
    gap = 11 / (72 * ax.bbox.height / ax.figure.dpi)  # of two lines of text, in the axes' height
    for column in np.unique(x.round(1)):
        beside = np.flatnonzero(x.round(1) == column)
        order = beside[np.argsort(y[beside], kind="stable")]
        steps = gap * np.arange(len(order))
        free = isotonic_regression(y[order] - steps).x
        y[order] = np.clip(free, 0, max(0, 1 - steps[-1])) + steps
    for place, (name, colour) in zip(np.c_[x, y], texts, strict=True):
        ax.annotate(
            name, place, xycoords="axes fraction", xytext=(4, 0), va="center",
            textcoords="offset points", color=colour, fontsize="small", annotation_clip=False,
        )  # fmt: skip


# Alternative text


def _finish(fig, title, about, said):
    """Sets title and alternative text, of ``{panel: [what its series are]}``."""
    fig.suptitle(title, fontsize="medium")
    panels = (f"{panel}: {'; '.join(texts)}".removeprefix(": ") for panel, texts in said.items())
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
    text = f"{name} {number(middle[first])} to {number(middle[last])}".strip()
    at_end = runs[:, last]
    spread = f" (runs {number(at_end.min())} to {number(at_end.max())})"
    return text + spread * (len(runs) > 1)


def _dots_text(name, values):
    spread = f" ({number(values.min())} to {number(values.max())})"
    return f"{name} {number(np.median(values))}".strip() + spread * (len(values) > 1)


def _tiles_text(values, rows, columns):
    ends = []
    for find in (np.nanargmin, np.nanargmax):
        i, j = np.unravel_index(find(values), values.shape)
        ends.append(f"{number(values[i, j])} ({rows[i]}, {columns[j]})")
    return [" to ".join(ends)]


def _images_text(shown):
    height, width = shown.shape[-3:-1]
    what = "a picture" if shown.dtype == np.uint8 else f"{len(shown)} images"
    return [f"{what} of {height} × {width} pixels"]
