"""Figures of several notebooks: variants side by side, galleries."""

from gannotes import plotting
import numpy as np


def compare(table, real, labels, columns=4, width=2.7):
    """Variants side by side, a panel a metric: a dot a seed, and the real data's value.

    Args:
        table: as from `studies.train_variants`.
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
