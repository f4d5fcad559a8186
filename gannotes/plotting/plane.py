"""The plane: points, the discriminator's map over it, and the game on both."""

from gannotes.plotting.style import (
    FAKE,
    GENERATOR,
    NEUTRAL,
    PROBABILITY,
    REAL,
    new_figure,
    new_grid,
)
from matplotlib import patheffects
import numpy as np
from scipy.spatial.distance import cdist
from scipy.special import expit as sigmoid

EDGED = [patheffects.Stroke(linewidth=4.5, foreground="black"), patheffects.Normal()]


def _draw_probability(ax, probability, extent, spread=0.5):
    ax.grid(False)
    image = ax.imshow(probability, PROBABILITY, origin="lower", extent=2 * (-extent, extent))
    image.set_clim(0.5 - spread, 0.5 + spread)
    return image


def _draw_points(ax, real=None, fake=None, extent=None):
    for points, colour, label in ((real, REAL, "real"), (fake, FAKE, "fake")):
        if points is not None:
            ax.scatter(*points.T, s=11, color=colour, edgecolor="white", linewidth=0.5, label=label)
    ax.set(aspect="equal", xlabel="x₁", ylabel="x₂")
    if extent is not None:
        ax.set(xlim=(-extent, extent), ylim=(-extent, extent))


def plane(extent, resolution=64):
    """Points of a square grid over the plane, shape (resolution², 2), float32; rows go upwards."""
    ticks = np.linspace(-extent, extent, resolution, dtype="float32")
    return np.stack(np.meshgrid(ticks, ticks), axis=-1).reshape(-1, 2)


def discriminator_map(discriminator, extent, resolution=64):
    """D(x) = σ(score) over a square of the plane, (resolution, resolution); rows go upwards."""
    if (taken := getattr(discriminator, "input_shape", (None, 2))) != (None, 2):
        raise ValueError(f"D must take points (batch, 2). Received: {taken}")
    scores = np.asarray(discriminator(plane(extent, resolution)))
    return sigmoid(scores).reshape(resolution, resolution)


def plot_game(extent, probability=None, real=None, fake=None, arrows=None):
    """The game in the plane: D's map, real points, fakes, and where D's slope draws each fake.

    Args:
        extent: half the width of the square that is shown.
        probability: D(x), (rows, columns), row 0 at the bottom: orange is "surely fake", blue
            "surely real".
        arrows: (n, 2), at the fakes, each as long as it says, in units of the axes.
    """
    fig, ax = new_figure(figsize=(4.5, 4.5))
    if probability is not None:
        _draw_probability(ax, probability, extent)
    _draw_points(ax, real, fake, extent)
    if arrows is not None:
        ax.quiver(
            *fake.T, *arrows.T, color=NEUTRAL, width=0.004, angles="xy", scale_units="xy", scale=1
        )
        ax.set_title("Arrows: where D's slope pulls each fake", fontsize="medium")
    ax.legend(loc="upper right", fontsize="small", frameon=True, framealpha=0.8)
    return fig


def plot_discriminator_maps(
    maps, extent, points=None, title="", real=None, label="D(x), probability of real",
    spread=0.5, slopes=False, across=None, size=None,
):  # fmt: skip
    """Maps of D(x), ``{name: probability}``, in colours of ½ ± `spread`; ``{name: fake points}`` on top.

    With `slopes`, arrows show which way D(x) rises, each map's in a scale of its own. `across` maps,
    each of `size` inches, stand side by side, by default all.
    """
    size = size or ((4, 3.4) if len(maps) == 1 else (2.1 + 0.8 / len(maps), 2.5))
    fig, axes = new_grid(maps, across or len(maps), size, sharey=True)
    for name, ax in axes.items():
        image = _draw_probability(ax, maps[name], extent, spread)
        if slopes:
            ticks = np.linspace(-extent, extent, len(maps[name]))[4::8]
            up, right = (slope[4::8, 4::8] for slope in np.gradient(maps[name]))
            ax.quiver(ticks, ticks, right, up, color=NEUTRAL, width=0.008, zorder=2)
        _draw_points(ax, real, points[name] if points else None, extent)
        ax.label_outer()
    fig.colorbar(image, ax=fig.axes, label=label, shrink=0.85)
    fig.suptitle(title, fontsize="medium", y=1.06)
    return fig


def plot_points(panels, title="", across=4, width=2.4):
    """Points ``{name: (real (n, 2), fake (n, 2))}``, fake ones on real ones; panels of this width."""
    fig, axes = new_grid(panels, across, (width, width + 0.25 * any(panels)))  # names on top
    for k, (ax, (real, fake)) in enumerate(zip(axes.values(), panels.values(), strict=True)):
        extent, ylabel = 1.3 * np.abs(real).max(), "" if k % across else "x₂"
        ax.scatter(*real.T, s=12, color=REAL, lw=0)
        ax.scatter(*fake.T, s=2, color=FAKE, lw=0)
        ax.set(xlim=(-extent, extent), ylim=(-extent, extent), xlabel="x₁", ylabel=ylabel, aspect=1)
        ax.grid(False)
    fig.suptitle(title, fontsize="medium", y=1.06)
    return fig


def plot_sheets(generators, real, latents, title=""):
    """A net over latents (n, 2), to 2.5 standard deviations, and as each generator bends it.

    Two thick pieces of a circle hold as many latents: the black one is that which the last generator
    draws out most, far from real points; the white one the least.

    Args:
        generators: ``{name: a function of latents}``, which gives points (n, 2); a panel each.
        real: points (n, 2), drawn below the net.
        latents: (n, 2), drawn on the net, and what becomes of them.
    """
    turn, out = np.linspace(0, 2 * np.pi, 97), np.linspace(0, 2.5, 41)
    nets = [np.c_[r * np.cos(turn), r * np.sin(turn)] for r in (0.5, 1, 1.5, 2, 2.5)]
    nets += [np.c_[out * np.cos(t), out * np.sin(t)] for t in turn[:-1:6]]
    circle, (*_, last) = nets[2], generators.values()
    pieces = [circle[k : k + 7] for k in range(0, 96, 6)]
    bent = [np.asarray(last(piece)) for piece in pieces]
    lengths = [np.linalg.norm(np.diff(way, axis=0), axis=1).sum() for way in bent]
    apart = [cdist(way, real).min(axis=1).mean() for way in bent]
    longest = pieces[np.argmax(np.multiply(lengths, apart))]
    thick = {"black": longest, "white": pieces[np.argmin(lengths)]}
    fig, axes = new_grid(["latents z", *generators], 4, (3.4, 3.4))
    for name, ax in axes.items():
        bend = generators.get(name, lambda z: z)
        for line in nets:
            ax.plot(*np.asarray(bend(line)).T, color=GENERATOR, lw=0.5)
        extent = 1.5 * np.abs(real).max() if name in generators else 3.2
        fakes = np.asarray(bend(latents))
        _draw_points(ax, real if name in generators else None, fakes, extent)
        for colour, piece in thick.items():
            ax.plot(*np.asarray(bend(piece)).T, color=colour, lw=2.5, path_effects=EDGED)
        if name not in generators:
            ax.set(xlabel="z₁", ylabel="z₂")
        ax.grid(False)
    fig.suptitle(title, fontsize="medium", y=1.1)
    return fig
