"""Figures of notebook 04, one a function."""

from gannotes import plotting
import numpy as np


def _colours(names):
    return dict(zip(names, plotting.COLOURS * 3, strict=False))


def wrong_sign(history, steps, made, real):
    """Losses of both networks along training, and what the generator makes, above real images."""
    fig, (left, right) = plotting.new_figure(1, 2, figsize=(8, 2.6), width_ratios=(3, 2))
    for name, colour in (("generator", plotting.FAKE), ("discriminator", plotting.REAL)):
        left.plot(steps, history[f"{name}_loss"], color=colour, label=name)
    left.set(xlabel="step", ylabel="loss, nats")
    left.legend()
    right.imshow(plotting.image_grid(np.concatenate([made, real]), 8), interpolation="nearest")
    right.axis("off")
    right.set_title("generated (upper half), real (lower half)", fontsize="small")
    return fig


def error_curves(active, curves, points=None, scale=1.0):
    """Held-out error against non-zeros: a line a dictionary, a band over the seeds.

    Args:
        active: numbers of non-zeros.
        curves: ``{name: errors (seeds, numbers)}``.
        points: ``{name: (non-zeros (seeds,), errors (seeds,))}``, of encoders by themselves.
        scale: the error of no code at all, in which errors are shown.
    """
    fig, ax = plotting.new_figure(figsize=(6.4, 3.6))
    names = [*curves, *(points or {})]
    colours = _colours(names)
    for name, errors in curves.items():
        plotting.draw_band(ax, active, np.array(errors) / scale, label=name, color=colours[name])
    for (name, (count, errors)), marker in zip((points or {}).items(), "osD^v", strict=False):
        ax.plot(
            np.asarray(count), np.array(errors) / scale, marker, color=colours[name], ms=5,
            alpha=0.6, label=name,
        )  # fmt: skip
    ax.set(xscale="log", yscale="log", xlabel="non-zeros of a code")
    ax.set(ylabel="held-out error, share of the variance")
    ax.set_xticks(active, [str(k) for k in active])
    ax.minorticks_off()
    ticks = [t for t in (0.02, 0.05, 0.1, 0.2, 0.5, 1) if t > 0.9 * ax.get_ylim()[0]]
    ax.set_yticks(ticks, [f"{100 * t:g} %" for t in ticks])
    ax.legend(fontsize="small", loc="center left", bbox_to_anchor=(1, 0.5))
    return fig


def atoms(dictionaries, count=64, columns=16):
    """The atoms of several dictionaries, ``{name: (number, h, w, c)}``, each scaled to be seen."""
    shown = {name: scaled(pictures[:count]) for name, pictures in dictionaries.items()}
    across = 2 if len(shown) > 1 else 1
    down = -(-len(shown) // across)
    fig, axes = plotting.new_figure(down, across, figsize=(9, 1.5 * down), squeeze=False)
    for ax, (name, pictures) in zip(axes.flat, shown.items(), strict=False):
        ax.imshow(plotting.image_grid(pictures, columns), interpolation="nearest")
        ax.set_title(name, fontsize="small")
    for ax in axes.flat:
        ax.axis("off")
    return fig


def scaled(pictures):
    """Pictures with 0 in the middle grey and the largest value of each at black or white."""
    largest = np.abs(pictures).max(axis=(1, 2, 3), keepdims=True)
    return (pictures / np.where(largest > 0, largest, 1)).astype("float32")


def gabors(fits):
    """How much like Gabor functions atoms are, and at what orientation and frequency.

    Args:
        fits: ``{name: result of gabor.fit}``.
    """
    chosen = list(fits)[:3]
    ratios = [2.2, *(1 for _ in chosen)]
    fig, axes = plotting.new_figure(1, 1 + len(chosen), figsize=(9.5, 2.8), width_ratios=ratios)
    colours = _colours(fits)
    for name, found in fits.items():
        share = np.sort(found["share"])
        above = 1 - np.arange(len(share)) / len(share)
        axes[0].plot(share, above, color=colours[name], label=name)
    axes[0].set(xlabel="share held by one Gabor function", ylabel="share of the atoms above")
    axes[0].set_xlim(0, 1)
    axes[0].legend(fontsize="x-small")
    for ax, name in zip(axes[1:], chosen, strict=True):
        place = ax.get_subplotspec()
        ax.remove()
        ax, found = fig.add_subplot(place, projection="polar"), fits[name]
        size = 4 + 20 * found["share"] ** 2
        angle, radius = found["orientation"], found["frequency"]
        ax.scatter(angle, radius, s=size, color=colours[name], alpha=0.4)
        ax.set(thetamin=0, thetamax=180, ylim=(0, 0.5), yticks=[0.25, 0.5])
        ax.tick_params(labelsize="x-small")
        ax.set_title(name, fontsize="small")
        ax.set_xlabel("cycles a pixel", fontsize="x-small")
    return fig


def panels(metrics, references=None, log=()):
    """Metrics side by side, each of several variants: a dot a seed, the mean as a bar.

    Args:
        metrics: ``{label: {variant: array (seeds,)}}``, a panel each.
        references: ``{label: number}``, dashed lines.
        log: labels of panels with a logarithmic axis.
    """
    most = max(len(values) for values in metrics.values())
    width = len(metrics) * (0.55 * most + 1.4)
    fig, axes = plotting.new_figure(1, len(metrics), figsize=(min(width, 11), 2.9), squeeze=False)
    colours = _colours(dict.fromkeys(name for values in metrics.values() for name in values))
    for ax, (label, values) in zip(axes[0], metrics.items(), strict=True):
        for k, (name, seeds) in enumerate(values.items()):
            ax.plot(np.full(len(seeds), k), seeds, "o", ms=5, alpha=0.5, color=colours[name])
            ax.plot(k, np.mean(seeds), "_", ms=18, mew=2, color=colours[name])
        if label in (references or {}):
            ax.axhline(references[label], color="black", lw=1, ls="--")
        if label in log:
            _plain_log_axis(ax)
        ax.set_xticks(range(len(values)), list(values), fontsize="small", rotation=20, ha="right")
        ax.set(title=label, xlim=(-0.5, len(values) - 0.5))
    return fig


def rows(pictures, columns=10):
    """Images a row each, ``{name: images}``."""
    images = np.stack([shown[:columns] for shown in pictures.values()])
    return plotting.plot_rows(list(pictures), images, "", width=6)


def learning_curve(sizes, accuracy):
    """Accuracy against real images a class, a line and a band a variant.

    Args:
        sizes: real images a class.
        accuracy: ``{variant: (seeds, sizes)}``.
    """
    fig, ax = plotting.new_figure(figsize=(5.4, 3))
    for name, values in accuracy.items():
        plotting.draw_band(ax, sizes, values, label=name, marker="o", ms=4)
    ax.set(xscale="log", xlabel="real images a class", ylabel="held-out accuracy")
    ax.set_xticks(sizes, [str(size) for size in sizes])
    ax.minorticks_off()
    ax.legend(fontsize="small")
    return fig


def grid_search(grids, found, label):
    """A metric against the learning rate, a line a variant; a ring marks the best of each.

    Args:
        grids: ``{variant: learning rates}``.
        found: ``{variant: (seeds, rates)}``; what is not finite has diverged, a cross on top.
        label: of the metric.
    """
    fig, ax = plotting.new_figure(figsize=(5, 2.8))
    colours = _colours(grids)
    for name, rates in grids.items():
        values = np.asarray(found[name], float)
        means, colour = values.mean(axis=0), colours[name]
        ends = np.isfinite(means)
        ax.plot(np.asarray(rates)[ends], means[ends], color=colour, label=name)
        for rate, column in zip(rates, values.T, strict=True):
            good = column[np.isfinite(column)]
            ax.plot(np.full(len(good), rate), good, "o", ms=4, color=colour, alpha=0.6)
            if len(good) < len(column):
                ax.plot(rate, 0.97, "x", color=colour, transform=ax.get_xaxis_transform())
        best = int(np.argmin(means))
        ax.plot(rates[best], means[best], "o", ms=12, mfc="none", color=colour)
    _plain_log_axis(ax)
    ax.set(xscale="log", xlabel="learning rate, at the start (×: diverged)", ylabel=label)
    ticks = sorted({rate for rates in grids.values() for rate in rates})
    ax.set_xticks(ticks, [f"{rate:g}" for rate in ticks])
    ax.set_xticks([], minor=True)
    ax.legend(fontsize="small")
    return fig


def _plain_log_axis(ax):
    """A logarithmic axis upwards, with its numbers written out."""
    ax.set_yscale("log")
    for which in (ax.yaxis.set_major_formatter, ax.yaxis.set_minor_formatter):
        which(lambda value, _: f"{value:g}")
    ax.tick_params(axis="y", which="minor", labelsize="x-small")
