"""What the full tier recorded of a notebook's claims, beside what this run measured."""

from itertools import cycle
import textwrap

from gannotes import files, plotting
from gannotes.studies import claims
from IPython.display import Image
import numpy as np
import pandas as pd

ROWS = 16  # values shown at most
THIS_RUN = "black"


def full_tier(notebook, data_set, path=None):
    """Values of this run's verdicts and the recorded ones: a row a value, a colour a data set.

    Args:
        notebook: its name.
        data_set: that of this run.
        path: of the recorded results; by default those that ship.

    Returns:
        A picture, whose text never changes, so that new records don't disturb nbval.
    """
    path = path or files.data_folder() / "results" / "full_tier.csv"
    table = (
        pd.read_csv(path)
        if path.exists()
        else pd.DataFrame(columns=["notebook", "data_set", "claim", "value"])
    )
    colours = _colours(table)
    table = table[table.notebook == notebook]
    chosen = _chosen(notebook, table)
    if not chosen:
        return _sentence(
            f"No full-tier results are recorded for this: make full NOTEBOOK={notebook[:2]}"
        )
    return _picture(_draw(chosen, table, data_set, colours))


def _colours(table):
    """A colour for each data set of all notebooks; not those of real and fake."""
    return dict(zip(sorted(set(table.data_set)), cycle(plotting.COLOURS[2:]), strict=False))


def _chosen(notebook, table):
    """This run's values that the table has too, as many of each claim: ``{id: {name: value}}``."""
    found = {}
    for id, verdict in claims.GIVEN.items():
        known = set(table[table.claim == id]["value"])
        values = claims.values_on_data(verdict.as_json())
        shared = {name: value for name, value in values.items() if name in known}
        if shared and claims.CLAIMS[id]["notebook"] == notebook:
            found[id] = shared
    share = max(1, ROWS // max(1, len(found)))
    return {
        id: {name: values[name] for name in list(values)[:share]} for id, values in found.items()
    }


def _draw(given, table, data_set, colours):
    """The figure of ``{id: {name: value of this run}}`` beside the table."""
    sources = {name: rows for name, rows in table.groupby("data_set")}
    lines = sum(len(values) + 1 for values in given.values())
    fig, ax = plotting.new_figure(figsize=(9, 0.34 * lines + 0.9 + 0.16 * len(sources)))
    ticks, y = {}, 0
    for id, values in given.items():
        _draw_outcomes(ax, y, id, sources, colours)
        for name, value in values.items():
            y += 1
            ticks[y] = "\n".join(textwrap.wrap(f"{name}, {value['unit']}".strip(", "), 52))
            _draw_value(ax, y, id, name, value, sources, colours)
        y += 1
    ax.set(xlim=(-0.13, 1.13), ylim=(lines - 0.4, -0.7), xticks=[])
    ax.set_yticks(list(ticks), list(ticks.values()), fontsize="small")
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.grid(False)
    ax.plot([], [], "o", color=THIS_RUN, label=f"this run: {data_set}")
    for name, rows in sources.items():
        ax.plot([], [], "o", color=colours[name], label=_about(name, rows))
    fig.legend(loc="outside lower left", fontsize="small", handletextpad=0.2)
    return fig


def _draw_outcomes(ax, y, id, sources, colours):
    """A claim's line: its id, and what became of it, in the colours of the data sets."""
    words = [(_short(claims.GIVEN[id].verdict), THIS_RUN)]
    for name, rows in sources.items():
        outcomes = rows[rows.claim == id].outcome
        if len(outcomes):
            words.append((_short(outcomes.iloc[0]), colours[name]))
    ax.axhline(y - 0.5, color="0.85", lw=1)
    ax.text(-0.15, y, id, ha="right", va="center", weight="bold", fontsize="small")
    for place, (word, colour) in zip(np.linspace(0, 1, 4), words, strict=False):
        ax.text(place, y, word, color=colour, va="center", fontsize="small")


def _short(verdict):
    """A verdict without its condition."""
    conditional = claims.VERDICTS[-1]
    return f"{conditional} …" if verdict.startswith(conditional) else verdict


def _draw_value(ax, y, id, name, value, sources, colours):
    """A row, in its own scale: means as dots, from least to greatest seed as lines."""
    points = [([value["value"], value["low"], value["high"]], THIS_RUN)]
    for source, rows in sources.items():
        found = rows[(rows.claim == id) & (rows["value"] == name)]
        points += [(row, colours[source]) for row in found[["mean", "low", "high"]].to_numpy(float)]
    numbers = np.array([point for point, _ in points], float)  # (points, 3); nan: no spread
    least, most = np.nanmin(numbers), np.nanmax(numbers)
    places = (
        (numbers - least) / (most - least)
        if most > least
        else np.where(numbers == numbers, 0.5, np.nan)
    )
    heights = y + np.linspace(-0.25, 0.25, len(points) + 2)[1:-1]
    for (mean, low, high), height, (_, colour) in zip(places, heights, points, strict=True):
        ax.plot([low, high], [height, height], color=colour, lw=2, alpha=0.5)
        ax.plot([mean], [height], "o", color=colour, ms=5)
    if most > least:
        ax.text(-0.02, y, _number(least), ha="right", va="center", fontsize="small", color="0.35")
        ax.text(1.02, y, _number(most), ha="left", va="center", fontsize="small", color="0.35")
    else:
        ax.text(
            1.02, y, f"all {_number(least)}", ha="left", va="center", fontsize="small", color="0.35"
        )


def _number(value):
    """Three digits, or all of a large number; what rounding left of nothing is 0."""
    if abs(value) < 1e-12:
        return "0"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _about(name, rows):
    """How a data set's results came about."""
    last, seeds = rows.iloc[-1], rows.seeds.max()
    stopped = f", {last.outcome}" if pd.isna(last.claim) else ""
    many = "" if pd.isna(seeds) else f", {seeds:.0f} seeds"
    return f"{name}: {last.date}{many}, {last.machine}{stopped}"


def _sentence(text):
    """A picture of one line of text."""
    fig, ax = plotting.new_figure(figsize=(7, 0.35))
    ax.axis("off")
    ax.text(0, 0.5, text, va="center", transform=ax.transAxes)
    return _picture(fig)


def _picture(fig):
    return Image(plotting.png(plotting.figure_picture(fig)))
