"""Figures of notebook 06, one a function."""

from gannotes import plotting
from matplotlib.ticker import NullFormatter
import numpy as np


def no_neighbours(images, shuffled, scores):
    """Images, the same with all pixels shuffled alike, and two networks' scores of both.

    Args:
        images, shuffled: (n, height, width, channels).
        scores: ``{network: (scores of images, scores of shuffled ones)}``.
    """
    fig, axes = plotting.new_figure(
        1, 2 + len(scores), figsize=(8.5, 2.4), width_ratios=(1, 1, *[1.3] * len(scores))
    )
    titles = "images", "one shuffle for all"
    for ax, shown, title in zip(axes, (images, shuffled), titles, strict=False):
        ax.imshow(plotting.image_grid(shown[:16], 4), interpolation="nearest")
        ax.set_title(title, fontsize="small")
        ax.axis("off")
    for ax, (name, pair) in zip(axes[2:], scores.items(), strict=True):
        ax.plot(*pair, "o", ms=4, alpha=0.6)
        ends = [np.min(pair), np.max(pair)]
        ax.plot(ends, ends, color="black", lw=0.8)
        ax.set(xlabel="score", ylabel="score, shuffled")
        ax.set_title(name, fontsize="small")
    return fig


def measured_factors(panels):
    """Factors that drew pictures, and what feature functions make of the pictures.

    Args:
        panels: ``{title: (known, measured, unit)}``; known are numbers, or names of classes.
    """
    rows = -(-len(panels) // 4)
    fig, axes = plotting.new_figure(rows, 4, figsize=(9, 2.3 * rows))
    for ax in axes.flat[len(panels) :]:
        ax.axis("off")
    for ax, (title, (known, measured, unit)) in zip(axes.flat, panels.items(), strict=False):
        ax.set_title(title, fontsize="small")
        known = np.asarray(known)
        if known.dtype.kind == "U":
            names = list(dict.fromkeys(sorted(known)))
            ax.boxplot([measured[known == name] for name in names], tick_labels=names, widths=0.6)
            ax.tick_params(axis="x", labelsize="x-small")
            ax.set_ylabel(unit, fontsize="small")
            continue
        ax.plot(known, measured, ".", ms=2, alpha=0.4)
        ends = [known.min(), known.max()]
        ax.plot(ends, ends, color="black", lw=0.8)
        ax.set_xlabel(f"known, {unit}", fontsize="small")
        ax.set_ylabel("measured", fontsize="small")
    return fig


def heat_map(steps, distances, families, title=None, matched=None, marked=None):
    """How far each feature is off along training: features by time, families together.

    Args:
        steps: the times.
        distances: ``{feature: (times,)}``, from 0 to 1.
        families: ``{feature: its family}``.
        matched: ``{feature: (times,) of bool}``; a dot where true.
        marked: number of a time to frame.
    """
    names = sorted(distances, key=lambda name: list(families.values()).index(families[name]))
    grid = np.array([distances[name] for name in names])
    fig, ax = plotting.new_figure(figsize=(0.5 * len(steps) + 3.2, 0.24 * len(names) + 1.1))
    image = ax.imshow(grid, cmap="magma_r", vmin=0, vmax=1, aspect="auto")
    for row, name in enumerate(names):
        for column in np.flatnonzero(matched[name]) if matched else ():
            ax.plot(column, row, "o", ms=4, color=plotting.REAL)
    kinds = [families[name] for name in names]
    for row in range(1, len(names)):
        if kinds[row] != kinds[row - 1]:
            ax.axhline(row - 0.5, color="white", lw=3)
    if marked is not None:
        ax.axvspan(marked - 0.5, marked + 0.5, fill=False, color=plotting.REAL, lw=2)
    ax.set_xticks(range(len(steps)), [f"{step:,}" for step in steps], fontsize="small")
    labels = [f"{families[name]}: {name}" for name in names]
    ax.set_yticks(range(len(names)), labels, fontsize="small")
    ax.set(xlabel="step", title=title)
    ax.grid(False)
    fig.colorbar(image, label="Kolmogorov–Smirnov statistic")
    return fig


def heat_map_frames(steps, distances, families, images):
    """For each time the heat map with that time framed, beside what was generated then.

    Args:
        steps, distances, families: as for `heat_map`.
        images: at each time, (n, height, width, channels).

    Returns:
        List of pictures (height, width, 3), uint8.
    """
    frames = []
    for number, shown in enumerate(images):
        drawn = heat_map(steps, distances, families, marked=number)
        chart = plotting.figure_picture(drawn)
        grid = plotting.image_grid(shown[:40], 5, 2 if shown.shape[1] > 12 else 4)
        page = np.full(
            (max(len(chart), len(grid)), chart.shape[1] + grid.shape[1], 3), 255, "uint8"
        )
        page[: len(chart), : chart.shape[1]] = chart
        page[: len(grid), chart.shape[1] :] = grid
        frames.append(page)
    return frames


def probes(skills, factors, layers, references):
    """How well linear probes read each factor off each layer; a band over the seeds.

    Args:
        skills: ``{network: (seeds, layers, factors)}``, 0 chance, 1 perfect.
        factors, layers: their names.
        references: ``{name: (factors,)}``, one level each.
    """
    fig, axes = plotting.new_figure(1, len(factors), figsize=(1.5 * len(factors), 2.9), sharey=True)
    places = np.arange(len(layers))
    colours = (plotting.FAKE, plotting.NEUTRAL)
    for k, (ax, factor) in enumerate(zip(axes, factors, strict=True)):
        for (name, values), colour in zip(skills.items(), colours, strict=False):
            plotting.draw_band(ax, places, values[:, :, k], name, color=colour, marker="o", ms=3)
        for (name, levels), style in zip(references.items(), ("--", ":"), strict=False):
            ax.axhline(levels[k], color=plotting.REAL, ls=style, lw=1.2, label=name)
        ax.set_title(factor, fontsize="small")
        ax.set_xticks(places, layers, fontsize="small")
        ax.set(ylim=(-0.1, 1.05), xlim=(-0.3, len(layers) - 0.7))
    axes[0].set_ylabel("skill of the probe")
    axes[len(axes) // 2].set_xlabel("hidden layer of D")
    handles, labels = axes[0].get_legend_handles_labels()
    fig.legend(handles, labels, loc="outside upper center", ncols=4, fontsize="small")
    return fig


def far_apart(groups, chance):
    """Agreement of far-apart parts by steps and by seconds, and how well single parts match.

    Args:
        groups: ``{title: table}``, a row of panels each, with columns variant, seed, steps, seconds,
            agreement, local.
        chance: agreement of parts that know nothing of each other.
    """
    fig, rows = plotting.new_figure(
        len(groups), 3, figsize=(10, 2.9 * len(groups)), sharex="col", sharey="col", squeeze=False
    )
    panels = (("steps", "agreement"), ("seconds", "agreement"), ("steps", "local"))
    for axes, (title, table) in zip(rows, groups.items(), strict=True):
        for ax, (along, what) in zip(axes, panels, strict=True):
            for name, trainings in table.groupby("variant", sort=False):
                runs = trainings.pivot(index="seed", columns="steps", values=what).to_numpy()
                x = trainings.groupby("steps")[along].median().to_numpy()
                plotting.draw_band(ax, x, runs, name)
            ax.set_ylim(0, 1)
        for ax in axes[:2]:
            ax.axhline(chance, color="black", ls="--", lw=1)
            ax.set_ylabel("share whose squares agree")
        axes[1].set_title(title, fontsize="small")
        axes[2].set_ylabel("mean KS statistic, left halves")
        axes[2].legend(fontsize="small", loc="lower left")
    for ax, (along, _) in zip(rows[-1], panels, strict=True):
        ax.set_xlabel("step" if along == "steps" else "seconds of training, one core")
    return fig


def spectra(frequencies, real, variants):
    """Radial power spectra of real and generated images, before and after training.

    Args:
        frequencies: periods across the picture.
        real: (frequencies,).
        variants: ``{name: (before, after)}``, arrays (seeds, frequencies).
    """
    fig, axes = plotting.new_figure(1, 3, figsize=(10, 3.1))
    titles = "before training", "after training", "after training: generated / real"
    for k, (ax, title) in enumerate(zip(axes, titles, strict=True)):
        for name, runs in variants.items():
            shown = runs[min(k, 1)]
            plotting.draw_band(ax, frequencies, shown / real if k == 2 else shown, name)
        level = np.ones_like(real) if k == 2 else real
        ax.plot(frequencies, level, color="black", lw=1.5, ls="--", label="real")
        ax.set(xscale="log", yscale="log", title=title, xlabel="periods across the picture")
        ax.set_xticks(frequencies, map(str, frequencies))
        ax.minorticks_off()
    axes[0].set_ylabel("mean power")
    axes[0].legend(fontsize="small")
    return fig


def conditioning(steps, values, distance):
    """Singular values of G's Jacobian along training, their ratio, and quality.

    Args:
        steps: the times.
        values: (seeds, times, latents), median over latents, falling.
        distance: Fréchet distance, (seeds, times).
    """
    fig, (left, middle, right) = plotting.new_figure(1, 3, figsize=(10, 3))
    shown = np.median(values, axis=0)
    for k in range(shown.shape[1]):
        shade = plotting.PROBABILITY(k / max(shown.shape[1] - 1, 1))
        left.plot(steps, shown[:, k], color=shade)
    left.set(
        xlabel="step", ylabel="singular value", yscale="log", title="median of latents and seeds"
    )
    ratio = values[:, :, 0] / values[:, :, -1]
    plotting.draw_band(middle, steps, ratio)
    middle.set(xlabel="step", ylabel="largest / smallest", yscale="log")
    for runs, off in zip(ratio, distance, strict=True):
        right.plot(runs[1:], off[1:], "o-", ms=3, lw=0.8, alpha=0.7)
    right.set(xlabel="largest / smallest", ylabel="Fréchet distance", xscale="log", yscale="log")
    right.xaxis.set_minor_formatter(NullFormatter())  # labels of minor ticks would overlap
    right.set_title("a line a seed, from the first snapshot on", fontsize="small")
    return fig


def eigenvalues(exact, measured, trained):
    """Eigenvalues of the game's vector field: the Dirac-GAN's, and those of small trained networks.

    Args:
        exact, measured: ``{name: complex array}``, closed forms and by differentiation.
        trained: ``{name: list of complex arrays, one a seed}``.
    """
    fig, axes = plotting.new_figure(1, 1 + len(trained), figsize=(3.3 * (1 + len(trained)), 3.1))
    for (name, values), colour in zip(measured.items(), plotting.COLOURS, strict=False):
        axes[0].plot(values.real, values.imag, "o", ms=9, mfc="none", color=colour, label=name)
        axes[0].plot(exact[name].real, exact[name].imag, "x", color=colour)
    axes[0].legend(fontsize="x-small", loc="center left")
    axes[0].set_title("Dirac-GAN: × exact, ○ by differentiation", fontsize="small")
    for ax, (name, seeds) in zip(axes[1:], trained.items(), strict=True):
        for values in seeds:
            ax.plot(values.real, values.imag, ".", ms=4, alpha=0.7)
        ax.set_xscale("symlog", linthresh=1e-3)
        ax.set_yscale("symlog", linthresh=1e-3)
        ax.set_xticks([-1, -1e-2, 0, 1e-2, 1])
        ax.set_title(name, fontsize="small")
    for ax in axes:
        ax.axvline(0, color="black", lw=0.8)
        ax.set_xlabel("real part")
    axes[0].set_ylabel("imaginary part")
    return fig
