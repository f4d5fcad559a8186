"""Figures of single lessons that no chart can draw."""

from gannotes.plotting.style import SERIES, colours_of, new_figure
import numpy as np


def plot_dirac(paths, exact, measured, title=""):
    """Paths of the Dirac-GAN's two weights, from a dot to a ring, and the eigenvalues behind them.

    Args:
        paths: ``{name: array (steps, 2) of (θ, ψ)}``.
        exact, measured: ``{name: eigenvalues}`` of some of them.
    """
    fig, (*axes, plane) = new_figure(1, len(paths) + 1, figsize=(3 * len(paths) + 3, 3))
    colours = dict(zip(paths, SERIES, strict=False))
    for ax, (name, path) in zip(axes, paths.items(), strict=True):
        ax.plot(*path.T, lw=1, color=colours[name])
        ax.plot(*path[0], "o", ms=5, color=colours[name])
        ax.plot(*path[-1], "o", ms=8, mfc="none", color=colours[name])
        ax.plot(0, 0, "+", color="black", ms=10)
        ax.set(title=name, xlabel="θ (generator)", xlim=(-0.25, 0.25), ylim=(-0.25, 0.25))
        ax.set_aspect("equal")
    axes[0].set_ylabel("ψ (discriminator)")
    for name, values in exact.items():
        found, colour = measured[name], colours[name]
        plane.plot(values.real, values.imag, "x", ms=8, color=colour, label=name)
        plane.plot(found.real, found.imag, "o", ms=12, mfc="none", color=colour)
    plane.axvline(0, color="black", lw=0.8)
    plane.set(title="eigenvalues: × exact, ○ measured", xlabel="real part", ylabel="imaginary part")
    plane.set(xlim=(-0.6, 0.3), ylim=(-0.9, 0.7))
    plane.legend(loc="lower left", fontsize="small")
    fig.suptitle(title, fontsize="medium")
    return fig


def plot_gabors(fits, title=""):
    """How much like Gabor functions atoms are, and at what orientation and frequency.

    Args:
        fits: ``{name: result of gabor.fit}``; orientations are drawn of the first three.
    """
    chosen = list(fits)[:3]
    fig, axes = new_figure(
        1, 1 + len(chosen), figsize=(9.5, 2.8), width_ratios=[2.2, *(1 for _ in chosen)]
    )
    colours = colours_of(fits)
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
        ax.scatter(found["orientation"], found["frequency"], size, colours[name], alpha=0.4)
        ax.set(thetamin=0, thetamax=180, ylim=(0, 0.5), yticks=[0.25, 0.5])
        ax.tick_params(labelsize="x-small")
        ax.set_title(name, fontsize="small")
        ax.set_xlabel("cycles a pixel", fontsize="x-small")
    fig.suptitle(title, fontsize="medium")
    return fig
