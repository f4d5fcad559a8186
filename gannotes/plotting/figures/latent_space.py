"""Figures of notebook 08, one a function."""

from gannotes import plotting
import numpy as np
from scipy import stats

PATHS = {"line": plotting.FAKE, "sphere": plotting.REAL}


def paths(shares, norms, distances, real, size):
    """What becomes of two ways from one point to another: how long latents are, how good pictures.

    Args:
        shares: how far on the way.
        norms: ``{path: latents' lengths (points, shares)}``.
        distances: ``{path: distance to the nearest real features (seeds, shares)}``.
        real: the same distance of real images.
        size: of the latents.
    """
    fig, (left, right) = plotting.new_figure(1, 2, figsize=(8.5, 3))
    for name, lengths in norms.items():
        low, middle, high = np.quantile(lengths, [0.05, 0.5, 0.95], axis=0)
        left.plot(shares, middle, color=PATHS[name], label=name)
        left.fill_between(shares, low, high, color=PATHS[name], alpha=0.2, lw=0)
    for bound in stats.chi(size).ppf([0.005, 0.995]):
        left.axhline(bound, color="black", ls="--", lw=1)
    left.set(xlabel="share of the way", ylabel="length of the latents", ylim=(0, None))
    left.legend(fontsize="small", loc="lower left")
    for name, values in distances.items():
        plotting.draw_band(right, shares, values, color=PATHS[name], label=name)
    right.axhline(real, color="black", ls="--", lw=1, label="other real images")
    right.set(xlabel="share of the way", ylabel="distance to the nearest real image")
    right.legend(fontsize="small")
    return fig


def truncation(psis, measured, real):
    """Fidelity and diversity against ψ.

    Args:
        psis: values of ψ.
        measured: ``{metric: (seeds, psis)}``.
        real: ``{metric: value of other real images}``, dotted.
    """
    fig, ax = plotting.new_figure(figsize=(5.5, 3.2))
    for (name, values), colour in zip(measured.items(), plotting.COLOURS, strict=False):
        plotting.draw_band(ax, psis, values, color=colour, label=name)
        ax.axhline(real[name], color=colour, ls=":", lw=1.2)
    ax.set(xlabel="truncation ψ", ylabel="metric", ylim=(0, None))
    ax.legend(fontsize="small", loc="center left", bbox_to_anchor=(1, 0.5))
    return fig


def shares_against(steps, curves, xlabel, ylabel):
    """Shares from 0 to 1 against a step, a band over seeds each.

    Args:
        steps: shape (steps,).
        curves: ``{name: (seeds, steps)}``.
    """
    fig, ax = plotting.new_figure(figsize=(5, 3))
    for (name, values), colour in zip(curves.items(), plotting.COLOURS, strict=False):
        plotting.draw_band(ax, steps, values, color=colour, label=name, marker="o", ms=3)
    ax.set(xlabel=xlabel, ylabel=ylabel, ylim=(0, 1))
    ax.legend(fontsize="small")
    return fig


def table_of(values, rows, columns, label, xlabel="", ylabel="", limit=1.0):
    """Numbers as tiles, each with its value.

    Args:
        values: (rows, columns), from 0 to `limit`.
        rows, columns: their names.
        label: what the numbers are.
    """
    figsize = (0.75 * len(columns) + 2.6, 0.42 * len(rows) + 1.1)
    fig, ax = plotting.new_figure(figsize=figsize)
    image = ax.imshow(values, "Blues", vmin=0, vmax=limit, aspect="auto")
    for (row, column), value in np.ndenumerate(values):
        colour = "white" if value > 0.6 * limit else "black"
        ax.text(
            column, row, f"{value:.2f}", ha="center", va="center", color=colour, fontsize="small"
        )
    ax.set_xticks(range(len(columns)), columns)
    ax.set_yticks(range(len(rows)), rows)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.grid(False)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    fig.colorbar(image, ax=ax, label=label)
    return fig


def dots(groups, ylabel, references=None):
    """A dot a seed, in a column a group.

    Args:
        groups: ``{name: values (seeds,)}``.
        references: ``{name: value}``, dashed lines.
    """
    fig, ax = plotting.new_figure(figsize=(1.15 * len(groups) + 1.4, 2.8))
    for k, (values, colour) in enumerate(zip(groups.values(), plotting.COLOURS, strict=False)):
        ax.plot(np.full(len(values), k), values, "o", alpha=0.6, color=colour)
    for name, value in (references or {}).items():
        ax.axhline(value, color="black", ls="--", lw=1)
        ax.annotate(name, (len(groups) - 0.5, value), ha="right", va="bottom", fontsize="small")
    ax.set_xticks(range(len(groups)), groups)
    ax.set(ylabel=ylabel, xlim=(-0.5, len(groups) - 0.5))
    return fig
