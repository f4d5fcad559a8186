"""Figures of notebook 03, one a function."""

from gannotes import plotting
from matplotlib.ticker import NullLocator
import numpy as np

DENSE, LOW_RANK = plotting.NEUTRAL, plotting.FAKE


def costs(ranks, weights, dense, crossing):
    """Weights of a factorized layer over those of the dense one, against rank.

    Args:
        ranks: shape (ranks,).
        weights: ``{name of a layer: weights at each rank, up to its largest}``.
        dense: ``{name: weights of the dense layer}``.
        crossing: ``{name: rank from which the factors hold more}``.
    """
    fig, ax = plotting.new_figure(figsize=(6, 3.2))
    for name, values in weights.items():
        (line,) = ax.plot(ranks[: len(values)], np.asarray(values) / dense[name], label=name)
        ax.plot(crossing[name], 1, "o", color=line.get_color())
    ax.axhline(1, color="black", lw=1, ls="--")
    ax.set(xscale="log", yscale="log", xlabel="rank", ylabel="weights, factors / dense")
    _plain_ticks(ax.xaxis, ranks)
    ax.legend(fontsize="small", title="inputs → outputs")
    return fig


def step_times(table):
    """Time of a step, and how many times faster than the dense twin, against the width.

    Args:
        table: columns width, rank (0: dense), ms_per_step, least, greatest, times_faster.
    """
    fig, (left, right) = plotting.new_figure(1, 2, figsize=(9, 3.2))
    for number, (rank, rows) in enumerate(table.groupby("rank")):
        colour = DENSE if rank == 0 else plotting.COLOURS[number]
        name = "dense" if rank == 0 else f"rank {rank}"
        spread = [rows.ms_per_step - rows.least, rows.greatest - rows.ms_per_step]
        left.errorbar(rows.width, rows.ms_per_step, spread, color=colour, marker="o", label=name)
        if rank:
            right.plot(rows.width, rows.times_faster, "o-", color=colour, label=name)
    right.axhline(1, color="black", lw=1, ls="--")
    for ax in (left, right):
        ax.set(xscale="log", yscale="log", xlabel="width of the two hidden layers")
        _plain_ticks(ax.xaxis, sorted(table.width.unique()))
    left.set_ylabel("ms a step")
    right.set_ylabel("times faster than dense")
    _plain_ticks(right.yaxis, (0.5, 1, 2, 4, 8, 16, 32))
    left.legend(fontsize="small")
    return fig


def trade_off(pictures, table, costs, floor, real):
    """The price of rank: what is drawn at each rank, what it costs, and how far from real it is.

    Args:
        pictures: ``{variant: images (n, height, width, channels)}``, columns of the upper part.
        table: as from `studies.compare`.
        costs: ``{variant: (weights, multiply-adds an image) of its generator}``; names of ranks
            first, then dense ones.
        floor: ``{variant: Fréchet distance of real images in as many principal components}``.
        real: ``{metric: value of real images}``.
    """
    fig = plotting.new_figure(figsize=(9.5, 6))[0]
    fig.clear()
    upper, lower = fig.subfigures(2, 1, height_ratios=(2, 3))
    for ax, (name, images) in zip(upper.subplots(1, len(pictures)), pictures.items(), strict=True):
        ax.imshow(plotting.image_grid(images, 4), interpolation="nearest")
        weights, multiply_adds = costs[name]
        ax.set_title(
            f"{name}\n{weights:,} weights\n{weights * 4 / 1000:.0f} kB\n{multiply_adds:,} mult.-adds",
            fontsize="x-small",
        )
        ax.axis("off")
    axes = lower.subplots(1, 3)
    for ax, metric, label in (
        (axes[0], "frechet", "Fréchet distance to held-out images"),
        (axes[1], "kid", "KID to held-out images"),
        (axes[2], "coverage", "coverage of held-out images"),
    ):
        runs = {name: table[table.variant == name][metric] for name in costs}
        ranks = [costs[name][0] for name in floor]
        ax.plot(ranks, [runs[name].mean() for name in floor], color=LOW_RANK, lw=1)
        for name, values in runs.items():
            weights, colour = costs[name][0], LOW_RANK if name in floor else DENSE
            ax.plot(np.full(len(values), weights), values, "o", color=colour, ms=4, alpha=0.6)
            low = (metric == "coverage") == (name in floor)  # a name stands where no line goes on
            place = (weights, values.min() if low else values.max())
            ax.annotate(name, place, xytext=(0, -12 if low else 5), textcoords="offset points",
                        ha="center", fontsize="x-small", color=colour)  # fmt: skip
        ax.axhline(real[metric], color=plotting.REAL, lw=1, ls="--", label="other real images")
        ax.set(xscale="log", xlabel="weights of the generator", ylabel=label)
        ax.margins(x=0.16, y=0.16)
    axes[0].plot([costs[name][0] for name in floor], list(floor.values()), ":", color=plotting.REAL,
                 label="real images in as many\nprincipal components")  # fmt: skip
    axes[0].set_yscale("log")
    axes[1].set_yscale("symlog", linthresh=0.1)  # an unbiased KID may be negative
    axes[0].legend(fontsize="x-small")
    return fig


def spectra(steps, ranks, values):
    """Effective ranks along training, and singular values at its start, middle and end.

    Args:
        steps: of the snapshots.
        ranks: ``{matrix: effective rank, (seeds, steps)}``.
        values: ``{matrix: singular values, (seeds, steps, values)}``.
    """
    fig, (upper, lower) = plotting.new_figure(2, len(ranks), figsize=(2.8 * len(ranks), 4.6))
    times = {"start": 0, "middle": len(steps) // 2, "end": len(steps) - 1}
    colours = DENSE, plotting.FAKE, plotting.REAL
    for above, below, name in zip(upper, lower, ranks, strict=True):
        plotting.draw_band(above, steps, ranks[name])
        above.set(xlabel="step", title=name, ylim=(0, 1.08 * ranks[name].max()))
        index = np.arange(1, values[name].shape[2] + 1)
        for (label, k), colour in zip(times.items(), colours, strict=True):
            plotting.draw_band(below, index, values[name][:, k], label=label, color=colour)
        below.set(xlabel="number", ylim=(0, None))
    upper[0].set_ylabel("effective rank")
    lower[0].set_ylabel("singular value")
    lower[-1].legend(fontsize="small")
    return fig


def distances(groups, values, ylabel, dense=None):
    """Variants side by side within groups: a dot a seed, a bar the mean.

    Args:
        groups: names along the axis.
        values: ``{variant: array (groups, seeds)}``.
        dense: value of the dense generator, a dashed line, if given.
    """
    fig, ax = plotting.new_figure(figsize=(min(9, 1.6 * len(groups) + 2), 3.2))
    colours = (DENSE, *plotting.COLOURS[1:])
    for k, ((name, runs), colour) in enumerate(zip(values.items(), colours, strict=False)):
        x = np.arange(len(groups)) + 0.16 * (k - (len(values) - 1) / 2)
        for seed, column in enumerate(np.asarray(runs).T):
            label = name if seed == 0 else None
            ax.plot(x, column, "o", ms=5, alpha=0.5, color=colour, label=label)
        ax.plot(x, np.mean(runs, axis=1), "_", ms=14, mew=2, color=colour)
    ax.set_xticks(range(len(groups)), groups)
    ax.set(ylabel=ylabel, xlim=(-0.6, len(groups) - 0.4), yscale="log")
    if dense is not None:
        ax.axhline(dense, color="black", lw=1, ls="--", label="dense")
    ax.legend(fontsize="small")
    return fig


def two_tables(here, recorded, name):
    """Fréchet distances of variants in two tables of `studies.compare`, side by side.

    Args:
        here: of this notebook, on the data set `name`.
        recorded: of a file, on CIFAR-10.
    """
    fig, axes = plotting.new_figure(1, 2, figsize=(9, 3), width_ratios=(2, 3))
    steps = f"{recorded.steps.max():,}" if len(recorded) else "no"
    titles = f"{name}", f"cifar10, recorded: {steps} steps"
    for ax, table, title in zip(axes, (here, recorded), titles, strict=True):
        variants = list(dict.fromkeys(table.variant))
        for k, variant in enumerate(variants):
            values = table[table.variant == variant].frechet
            colour = LOW_RANK if "rank" in variant else DENSE
            ax.plot(np.full(len(values), k), values, "o", ms=6, alpha=0.6, color=colour)
        ax.set_xticks(range(len(variants)), variants)
        ax.set(title=title, xlim=(-0.5, len(variants) - 0.5), ylim=(0, None))
    axes[0].set_ylabel("Fréchet distance")
    return fig


def subspaces(steps, angles, tolerance, random):
    """Largest principal angle between the learned subspace and that of PCA, along training.

    Args:
        angles: degrees, (seeds, steps).
        tolerance: degrees.
        random: the angle of random subspaces, degrees.
    """
    fig, ax = plotting.new_figure(figsize=(5, 3))
    plotting.draw_band(ax, steps, angles, label="learned", color=plotting.FAKE)
    ax.axhline(random, color=plotting.NEUTRAL, ls=":", label="random subspaces, mean")
    ax.axhline(tolerance, color="black", lw=1, ls="--", label="tolerance")
    ax.set(xlabel="step", ylabel="largest angle to PCA's subspace, °", ylim=(0, 92))
    ax.legend(fontsize="small")
    return fig


def _plain_ticks(axis, values):
    axis.set_ticks(list(values), [f"{value:g}" for value in values])
    axis.set_minor_locator(NullLocator())
