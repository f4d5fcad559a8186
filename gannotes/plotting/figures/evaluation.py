"""Figures of notebook 07, one a function."""

from gannotes import plotting
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.ticker import LogLocator, NullLocator
import numpy as np

VERDICT = LinearSegmentedColormap.from_list(
    "better_to_worse", [plotting.REAL, "#f7f7f7", plotting.FAKE]
)


def damaged_images(pictures, strengths, columns=4):
    """One picture a damage and strength: rows are damages.

    Args:
        pictures: ``{damage: list of images (n, height, width, channels), one a strength}``.
        strengths: what they are.
        columns: images shown of each.
    """
    fig, axes = plotting.new_figure(
        len(pictures), len(strengths), figsize=(1.8 * len(strengths), 0.62 * len(pictures) + 0.3)
    )
    for row, (name, sets) in zip(axes, pictures.items(), strict=True):
        for ax, images in zip(row, sets, strict=True):
            ax.imshow(plotting.image_grid(images[:columns], columns), interpolation="nearest")
            ax.set(xticks=[], yticks=[])
            ax.spines[:].set_visible(False)
            ax.grid(False)
        row[0].set_ylabel(name, rotation=0, ha="right", va="center")
    for ax, strength in zip(axes[0], strengths, strict=True):
        ax.set_title(f"strength {strength:.1f}")
    return fig


def damage_matrix(effects, labels, damages, strengths, limit=10):
    """Which metric sees which damage: metrics by damages, a tile a strength.

    Args:
        effects: (metrics, damages, strengths), how much worse than undamaged images, in units of
            their own spread; negative is better.
        labels: of the metrics.
        damages: their names.
        strengths: what they are.
        limit: of the colours.
    """
    num_metrics, num_damages, num_strengths = effects.shape
    fig, axes = plotting.new_figure(
        1, num_damages, figsize=(1.35 * num_damages + 3, 0.36 * num_metrics + 1.1), sharey=True
    )
    for k, (ax, name) in enumerate(zip(axes, damages, strict=True)):
        image = ax.imshow(effects[:, k], VERDICT, vmin=-limit, vmax=limit, aspect="auto")
        ax.set_title(name)
        ax.set_xticks(range(num_strengths), [f"{s:g}" for s in strengths], fontsize="small")
        ax.set_yticks(range(num_metrics), labels)
        ax.tick_params(length=0)
        ax.set_xticks(np.arange(num_strengths - 1) + 0.5, minor=True)
        ax.set_yticks(np.arange(num_metrics - 1) + 0.5, minor=True)
        ax.grid(False)
        ax.grid(True, which="minor", color="white", lw=1.5, alpha=1)
        ax.tick_params(which="minor", length=0)
        ax.spines[:].set_visible(False)
    fig.supxlabel("strength of the damage", fontsize="medium")
    fig.colorbar(
        image, ax=axes, extend="both", label="worse than undamaged images,\nin their own spreads"
    )
    return fig


def sample_sizes(sizes, measured, labels, expected=None):
    """What metrics say of two sets from one distribution, against the number of samples.

    Args:
        sizes: numbers of samples.
        measured: ``{name: {metric: array (repeats, sizes)}}``, of several kinds of fakes.
        labels: ``{metric: label}``, the panels.
        expected: ``{metric: function of the number of samples}``, where theory knows it.
    """
    fig, axes = plotting.new_figure(1, len(labels), figsize=(3.1 * len(labels), 3))
    colours = (plotting.REAL, plotting.FAKE)
    for ax, (metric, label) in zip(axes, labels.items(), strict=True):
        for (name, values), colour in zip(measured.items(), colours, strict=False):
            plotting.draw_band(ax, sizes, values[metric], label=name, color=colour)
        if expected and metric in expected:
            theory = [expected[metric](size) for size in sizes]
            ax.plot(sizes, theory, "--", color="black", lw=1, label="theory")
        ax.set_xscale("log")
        ax.set_xticks(sizes, [f"{size:,}" for size in sizes], fontsize="small", rotation=45)
        ax.minorticks_off()
        ax.set(xlabel="samples of each kind", title=label)
    axes[0].legend(fontsize="small")
    return fig


def compare(table, real, labels, columns=4, width=2.7):
    """Variants side by side, a panel a metric: a dot a seed, and the real data's value.

    Args:
        table: as from `studies.compare`.
        real: ``{metric: value of real images}``, the dashed lines, where they are known.
        labels: ``{metric: label}``, the panels.
        columns: panels in a row.
        width: of a panel.
    """
    rows = -(-len(labels) // columns)
    fig, axes = plotting.new_figure(rows, columns, figsize=(width * columns, 1.9 * rows + 0.4))
    variants = list(dict.fromkeys(table.variant))
    for ax, (metric, label) in zip(axes.flat, labels.items(), strict=False):
        for k, name in enumerate(variants):
            values = table[table.variant == name][metric]
            ax.plot(np.full(len(values), k), values, "o", ms=5, alpha=0.6)
        if metric in real:
            ax.axhline(real[metric], color="black", lw=1, ls="--")
        if metric in ("frechet", "reverse_kl"):
            ax.set_yscale("log")
        ax.set_xticks(range(len(variants)), variants, fontsize="small")
        ax.set(title=label, xlim=(-0.5, len(variants) - 0.5))
    for ax in axes.flat[len(labels) :]:
        ax.axis("off")
    return fig


def rare_classes(shares, made, coverage):
    """What becomes of classes by their share of the training images; a dot a seed.

    Args:
        shares: of the training images, (classes,).
        made: of the generated images, (seeds, classes).
        coverage: of each class's held-out images, (seeds, classes).
    """
    fig, (left, right) = plotting.new_figure(1, 2, figsize=(9, 3.2))
    for ax, values in ((left, made), (right, coverage)):
        for seed in values:
            ax.plot(shares, seed, "o", ms=5, alpha=0.4, color=plotting.FAKE)
        ax.plot(shares, np.mean(values, axis=0), "_", ms=16, mew=2, color=plotting.FAKE)
        ax.set(xscale="log", xlabel="share of the training images")
        _percent_ticks(ax.xaxis)
    left.plot(shares, shares, "--", color="black", lw=1, label="equal shares")
    left.set(yscale="log", ylabel="share of the generated images")
    _percent_ticks(left.yaxis)
    left.legend()
    right.set(ylabel="coverage of the class", ylim=(0, 1))
    return fig


def _percent_ticks(axis):
    axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.set_major_formatter(lambda share, _: f"{100 * share:g} %")
    axis.set_minor_locator(NullLocator())


def falling_loss(steps, history, fake_images, real_images):
    """A discriminator's loss along training, beside what the generator makes and should make."""
    fig, (left, right) = plotting.new_figure(1, 2, figsize=(8, 2.8), width_ratios=(3, 2))
    left.plot(steps, history["discriminator_loss"], color=plotting.NEUTRAL)
    left.set(xlabel="step", ylabel="loss, nats")
    picture = plotting.image_grid(np.concatenate([fake_images, real_images]), columns=8)
    right.imshow(picture, interpolation="nearest")
    right.axis("off")
    right.set_title("generated (upper half), real (lower half)", fontsize="small")
    return fig


def galleries(samples, columns=12, across=2):
    """Several sets of images, ``{name: images}``, each under its name, `across` side by side."""
    pictures = {name: plotting.image_grid(images, columns) for name, images in samples.items()}
    height, width, _ = next(iter(pictures.values())).shape
    down = -(-len(pictures) // across)
    figsize = 8, down * (8 / across * height / width + 0.35)
    fig, axes = plotting.new_figure(down, across, figsize=figsize, squeeze=False)
    for ax, (name, picture) in zip(axes.flat, pictures.items(), strict=True):
        ax.imshow(picture, interpolation="nearest")
        ax.set_title(name)
        ax.axis("off")
    return fig
