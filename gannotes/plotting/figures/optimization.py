"""Figures of notebook 02, one a function."""

from gannotes import plotting
from matplotlib.colors import LogNorm, Normalize
import numpy as np


def ladder(rows, limit_ms, changed):
    """Steps per second on each rung, and seconds to a fixed quality.

    Args:
        rows: table with the columns rung, ms_per_step and seconds_to_quality, a row a round and seed.
        limit_ms: ``{rung: least time of a step by arithmetic}``.
        changed: what each rung changes, ``{rung: colour}``.
    """
    fig, (left, right) = plotting.new_figure(1, 2, figsize=(9.5, 3), sharey=True)
    rungs = list(dict.fromkeys(rows.rung))
    for k, name in enumerate(rungs):
        chosen = rows[rows.rung == name]
        speeds, seconds = 1000 / chosen.ms_per_step, chosen.seconds_to_quality
        left.barh(k, speeds.median(), color=changed[name], alpha=0.7)
        left.plot(speeds, np.full(len(speeds), k), ".", color="black", ms=4)
        left.plot(1000 / limit_ms[name], k, "|", color="black", ms=16, mew=2)
        left.text(3, k, f"{speeds.median():,.0f}", va="center", color="white")
        right.plot(seconds, np.full(len(seconds), k), "o", ms=5, alpha=0.6, color=changed[name])
        right.plot(seconds.median(), k, "|", color="black", ms=14)
    left.set_yticks(range(len(rungs)), rungs)
    left.invert_yaxis()
    left.set(xscale="log", xlim=(2, None), xlabel="steps per second (line: by arithmetic alone)")
    right.set(xscale="log", xlabel="seconds of training to the quality")
    return fig


def remedies(table, published, labels, perfect):
    """Mixtures under each remedy: a dot a seed, and published figures below, as such.

    Args:
        table: columns mixture, remedy and the metrics in `labels`, a row a training.
        published: ``{mixture: {name: {metric: (mean, standard error)}}}``.
        labels: ``{metric: label}``, the columns.
        perfect: ``{mixture: {metric: value of a perfect generator}}``, the dashed lines.
    """
    names = list(dict.fromkeys(table.remedy))
    others = list(next(iter(published.values())))
    below = len(names) + 0.5 + np.arange(len(others))
    fig, axes = plotting.new_figure(
        len(published), len(labels), figsize=(3.1 * len(labels) + 1.2, 3.7 * len(published)),
        sharey=True,
    )  # fmt: skip
    for row, (mixture, theirs) in zip(axes, published.items(), strict=True):
        for ax, (metric, label) in zip(row, labels.items(), strict=True):
            for k, name in enumerate(names):
                chosen = table[(table.mixture == mixture) & (table.remedy == name)][metric]
                ax.plot(chosen, np.full(len(chosen), k), "o", ms=4, alpha=0.5, color=plotting.FAKE)
                ax.plot(chosen.mean(), k, "|", ms=12, mew=2, color="black")
            for k, name in zip(below, others, strict=True):
                mean, error = theirs[name][metric]
                ax.errorbar(mean, k, xerr=error, fmt="s", ms=4, color=plotting.NEUTRAL)
            ax.axvline(perfect[mixture][metric], color="black", lw=1, ls="--")
            ax.axhline(len(names) - 0.25, color=plotting.NEUTRAL, lw=0.8)
            ax.set(title=f"{mixture}: {label}")
            if metric == "reverse_kl":
                ax.set_xscale("log")
        row[0].set_yticks([*range(len(names)), *below], [*names, *others], fontsize="small")
    axes[0, 0].invert_yaxis()
    return fig


def clouds(samples, across=6):
    """Points of several generators, each on the centres of a mixture.

    Args:
        samples: ``{name: (points (n, 2), centres (modes, 2))}``.
        across: pictures in a row.
    """
    down = -(-len(samples) // across)
    fig, axes = plotting.new_figure(down, across, figsize=(1.75 * across, 2 * down), squeeze=False)
    for ax, (name, (points, centres)) in zip(axes.flat, samples.items(), strict=False):
        extent = 1.3 * np.abs(centres).max()
        ax.scatter(*centres.T, s=14, color=plotting.REAL, lw=0)
        ax.scatter(*points.T, s=1.5, color=plotting.FAKE, lw=0)
        ax.set(aspect="equal", xlim=(-extent, extent), ylim=(-extent, extent), xlabel="x₁")
        ax.set_title(name, fontsize="small")
        ax.grid(False)
    for ax in axes[:, 0]:
        ax.set_ylabel("x₂")
    return fig


def heat_maps(maps, rows, columns, labels, row_label=None, column_label=None, marks=None, across=3):
    """Maps of metrics over two settings, `across` side by side, the better the lighter.

    Args:
        maps: ``{metric: array (rows, columns)}``.
        rows, columns: names of the settings.
        labels: ``{metric: (label, whether large values are worse)}``.
        marks: letters to write into the tiles, (rows, columns), beside the numbers.
    """
    across = min(across, len(maps))
    down = -(-len(maps) // across)
    fig, axes = plotting.new_figure(
        down, across, figsize=(2.9 * across + 0.9, down * (0.36 * len(rows) + 0.6) + 0.3),
        sharex=True, sharey=True, squeeze=False,
    )  # fmt: skip
    for ax, (metric, values) in zip(axes.flat, maps.items(), strict=True):
        label, worse = labels[metric]
        norm = (LogNorm if values.min() > 0 and worse else Normalize)(values.min(), values.max())
        ax.imshow(values, "viridis_r" if worse else "viridis", norm=norm, aspect="auto")
        good = 1 - norm(values) if worse else norm(values)
        for (i, j), value in np.ndenumerate(values):
            mark = f" {marks[i][j]}" if marks is not None else ""
            colour = "black" if good[i, j] > 0.6 else "white"
            ax.text(j, i, f"{value:.2g}{mark}", ha="center", va="center", color=colour, fontsize=8)
        ax.set_xticks(range(len(columns)), columns, fontsize="small")
        ax.set_yticks(range(len(rows)), rows)
        ax.set(title=label)
        ax.grid(False)
    fig.supxlabel(column_label, fontsize="medium")
    fig.supylabel(row_label, fontsize="medium")
    return fig


def attacks(rates, label="share of right judgements that turn"):
    """How often each attack turns D's judgement, by remedy: a dot a seed.

    Args:
        rates: ``{attack: {remedy: one number a seed}}``.
    """
    fig, ax = plotting.new_figure(figsize=(8, 3))
    remedies_shown = list(next(iter(rates.values())))
    places = np.arange(len(remedies_shown))
    for shift, (name, by_remedy), colour in zip(
        np.linspace(-0.25, 0.25, len(rates)), rates.items(), plotting.COLOURS, strict=False
    ):
        for place, remedy in zip(places, remedies_shown, strict=True):
            values = by_remedy[remedy]
            ax.plot(np.full(len(values), place + shift), values, "o", ms=5, alpha=0.5, color=colour,
                    label=name if place == 0 else None)  # fmt: skip
            ax.plot(place + shift, np.mean(values), "_", ms=14, mew=2, color=colour)
    ax.set_xticks(places, remedies_shown)
    ax.set(ylabel=label, ylim=(-0.03, 1.03))
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return fig


def by_number(recorded, live, names, metrics, expected, counts):
    """What regularizers do, against the number of training images.

    Args:
        recorded: table with the columns images, regularizer and the metrics, a row a training.
        live: the same, of this notebook's shorter trainings.
        names: of the regularizers, in order.
        metrics: ``{metric: label}``, the panels.
        expected: ``{metric: value without overfitting}``, the dashed lines.
        counts: numbers of images, the ticks.
    """
    fig, axes = plotting.new_figure(1, len(metrics), figsize=(3.2 * len(metrics) + 1.6, 3.2))
    colours = dict(zip(names, (plotting.NEUTRAL, *plotting.COLOURS), strict=False))
    for ax, (metric, label) in zip(axes, metrics.items(), strict=True):
        for k, name in enumerate(names):
            shift = 1.04 ** (k - len(names) / 2)
            chosen = recorded[recorded.regularizer == name]
            grouped = chosen.groupby("images")[metric]
            x = grouped.mean().index.to_numpy() * shift
            spread = grouped.mean() - grouped.min(), grouped.max() - grouped.mean()
            ax.errorbar(
                x, grouped.mean(), spread, fmt="o-", ms=4, lw=1, color=colours[name], label=name
            )
            now = live[live.regularizer == name]
            ax.plot(now.images * shift / 1.5, now[metric], "x", ms=5, color=colours[name])
        if metric in expected:
            ax.axhline(expected[metric], color="black", lw=1, ls="--")
        ax.set_xscale("log")
        ax.set_xticks(counts, [f"{count:,}" for count in counts])
        ax.minorticks_off()
        ax.set(xlabel="training images", title=label)
        if metric == "frechet":
            ax.set_yscale("log")
    axes[-1].legend(loc="center left", bbox_to_anchor=(1, 0.5), fontsize="small")
    return fig


def quality_against_time(table, real):
    """Fréchet distance against seconds of training: a thin line a training, a thick one their median.

    Args:
        table: columns way, seed, seconds and frechet, a row a look; trainings of one way are looked
            at equally often.
        real: the distance of real images, the dashed line.
    """
    fig, ax = plotting.new_figure(figsize=(7.5, 3))
    for (way, rows), colour in zip(
        table.groupby("way", sort=False), plotting.COLOURS, strict=False
    ):
        looks = rows.assign(look=rows.groupby("seed").cumcount())
        for _, its in looks.groupby("seed"):
            ax.plot(its.seconds, its.frechet, color=colour, lw=0.8, alpha=0.5)
        middle = looks.groupby("look")[["seconds", "frechet"]].median()
        ax.plot(middle.seconds, middle.frechet, "o-", ms=4, lw=2, color=colour, label=way)
    ax.axhline(real, color="black", lw=1, ls="--", label="real images")
    ax.set(
        xlabel="seconds of training on two cores", ylabel="Fréchet distance", xlim=(0, None),
        yscale="log",
    )  # fmt: skip
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return fig


def bounded_loss(scores, slopes):
    """Slope of G's loss with respect to a fake's score, ``{loss: slopes}``."""
    fig, ax = plotting.new_figure(figsize=(6, 2.6))
    for name, slope in slopes.items():
        ax.plot(scores, slope, label=name)
    ax.set(
        xlabel="score of a fake (below 0: D is sure that it is one)", ylabel="size of G's gradient"
    )
    ax.legend()
    return fig
