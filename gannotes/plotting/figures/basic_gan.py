"""Figures of notebook 01, one a function."""

from itertools import pairwise

from gannotes import plotting
import numpy as np
from scipy import stats
from scipy.special import expit


def tournament(accuracy, steps):
    """How well the discriminator of one time tells real from what the generator of another made.

    Args:
        accuracy: balanced accuracy, (times of D, times of G), from 0 to 1; ½ is chance.
        steps: those times.
    """
    fig, ax = plotting.new_figure(figsize=(6, 4))
    image = ax.imshow(accuracy, cmap="viridis", vmin=0.4, vmax=1, origin="lower", aspect="auto")
    for i, row in enumerate(accuracy):
        for j, share in enumerate(row):
            colour = "black" if share > 0.75 else "white"
            ax.text(j, i, f"{share:.0%}", ha="center", va="center", color=colour, fontsize=8)
    ticks = range(len(steps))
    ax.set_xticks(ticks, [f"{s:,}" for s in steps])
    ax.set_yticks(ticks, [f"{s:,}" for s in steps])
    ax.set(xlabel="generator after … steps", ylabel="discriminator after … steps")
    ax.grid(False)
    fig.colorbar(image, label="D's accuracy (50 % is chance)")
    return fig


def gains(steps, gains):
    """What each player gained from one time of the training to the next.

    Args:
        steps: the times.
        gains: ``{player: array (seeds, times - 1)}``; shown with the mean's 95 % interval.
    """
    fig, ax = plotting.new_figure(figsize=(6, 2.8))
    places = np.arange(len(steps) - 1)
    for (name, runs), colour, shift in zip(
        gains.items(), (plotting.REAL, plotting.FAKE), (-0.1, 0.1), strict=True
    ):
        interval = stats.ttest_1samp(runs, 0).confidence_interval()
        mean = runs.mean(axis=0)
        errors = mean - interval.low, interval.high - mean
        ax.errorbar(places + shift, mean, errors, fmt="o", capsize=4, color=colour, label=name)
        for seed in runs:
            ax.plot(places + shift, seed, ".", ms=4, color=colour, alpha=0.4)
    ax.axhline(0, color="black", lw=0.8)
    spans = [f"{start:,} to {end:,}" for start, end in pairwise(steps)]
    ax.set_xticks(places, spans)
    ax.set(xlabel="steps", ylabel="gain in accuracy")
    ax.legend()
    return fig


def known_game(x, log_p, log_q, shifts, values):
    """Two known densities with their best D, and the game's value against their distance.

    Args:
        x, log_p, log_q: a grid, and the log-densities of real and generated data on it.
        shifts: distances between the densities.
        values: ``{sureness: V at each shift}``, of D with the best scores times the sureness.
    """
    fig, (left, right) = plotting.new_figure(1, 2, figsize=(9, 3))
    for log_density, colour, label in (
        (log_p, plotting.REAL, "real, p"),
        (log_q, plotting.FAKE, "generated, q"),
    ):
        left.fill_between(x, np.exp(log_density), color=colour, alpha=0.4, lw=0, label=label)
    left.plot(x, expit(log_p - log_q), color="black", label="best D = p / (p + q)")
    left.set(xlim=(-4, 6), xlabel="x", ylabel="density; probability of real", ylim=(0, 1.05))
    left.legend(loc="upper right")
    names = {1.0: "best D", 0.5: "half its scores", 2.0: "twice its scores"}
    for (sureness, line), style in zip(values.items(), ("-", "--", ":"), strict=True):
        right.plot(shifts, line, style, color="black", label=names[sureness])
    right.axhline(-np.log(4), color=plotting.NEUTRAL, lw=0.8)
    right.text(shifts[-1], -np.log(4), "−log 4", ha="right", va="bottom", color=plotting.NEUTRAL)
    right.set(xlabel="shift between the densities", ylabel="V(D, G), nats")
    right.legend(loc="center right")
    return fig


def values(steps, values, optimum):
    """V reached along training by several objectives, symmetric logarithmic below -1.

    Args:
        steps: of the snapshots.
        values: ``{name: array (seeds, snapshots)}``.
        optimum: V of the best discriminator.
    """
    fig, ax = plotting.new_figure(figsize=(7, 3.2))
    for name, runs in values.items():
        plotting.draw_band(ax, steps, runs, label=name)
    ax.axhline(optimum, color="black", lw=1, ls="--", label="best possible, V(D*)")
    ax.set_yscale("symlog", linthresh=1)
    ax.set(xlabel="step", ylabel="V on held-out points, nats", ylim=(None, 0))
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return fig


def saturation(scores, slopes, steps, heard):
    """Gradients of two generator losses: against a fake's score, and along D's training.

    Args:
        scores: of one fake.
        slopes: ``{loss: gradient at each score}``.
        steps: of the snapshots.
        heard: ``{loss: mean size of the gradient, array (seeds, snapshots)}``.
    """
    fig, (left, right) = plotting.new_figure(1, 2, figsize=(9, 3), sharey=True)
    for name, slope in slopes.items():
        left.plot(scores, abs(slope), label=name)
        plotting.draw_band(right, steps, heard[name], label=name)
    left.set(
        xlabel="score of a fake (below 0: D is sure)", ylabel="size of G's gradient", ylim=(0, 1)
    )
    right.set(xlabel="steps of D, while G stands still")
    right.legend()
    return fig


def dirac(paths, exact, measured):
    """Paths of the Dirac-GAN's two weights, and the eigenvalues behind them.

    Args:
        paths: ``{name: array (steps, 2) of (θ, ψ)}``.
        exact, measured: ``{name: eigenvalues}`` of some of them.
    """
    fig, axes = plotting.new_figure(1, len(paths) + 1, figsize=(3 * len(paths) + 3, 3))
    colours = dict(zip(paths, plotting.COLOURS, strict=False))
    for ax, (name, path) in zip(axes, paths.items(), strict=False):
        ax.plot(*path.T, lw=1, color=colours[name])
        ax.plot(*path[0], "o", ms=5, color=colours[name])
        ax.plot(*path[-1], "o", ms=8, mfc="none", color=colours[name])
        ax.plot(0, 0, "+", color="black", ms=10)
        ax.set(
            title=name,
            xlabel="θ (generator)",
            xlim=(-0.25, 0.25),
            ylim=(-0.25, 0.25),
            aspect="equal",
        )
    axes[0].set_ylabel("ψ (discriminator)")
    plane = axes[-1]
    for name in exact:
        plane.plot(exact[name].real, exact[name].imag, "x", ms=8, color=colours[name], label=name)
        plane.plot(
            measured[name].real, measured[name].imag, "o", ms=12, mfc="none", color=colours[name]
        )
    plane.axvline(0, color="black", lw=0.8)
    plane.set(title="eigenvalues: × exact, ○ measured", xlabel="real part", ylabel="imaginary part")
    plane.set(xlim=(-0.6, 0.3), ylim=(-0.9, 0.7))
    plane.legend(loc="lower left", fontsize="small")
    return fig


def coverage(steps, modes, good, num_modes):
    """Modes found and share of good samples along training; arrays (seeds, snapshots)."""
    fig, (left, right) = plotting.new_figure(1, 2, figsize=(9, 2.8))
    plotting.draw_band(left, steps, modes)
    left.axhline(num_modes, color="black", lw=1, ls="--")
    left.set(xlabel="step", ylabel=f"modes found, of {num_modes}", ylim=(0, num_modes + 0.5))
    plotting.draw_band(right, steps, 100 * good)
    right.axhline(100 * (1 - np.exp(-4.5)), color="black", lw=1, ls="--", label="perfect generator")
    right.set(xlabel="step", ylabel="good samples, %", ylim=(0, 102))
    right.legend(loc="lower right")
    return fig


def movement(steps, moved):
    """How far a network's weights move from one snapshot to the next.

    Args:
        steps: of the snapshots, the first excepted.
        moved: shares of the weights' length, (seeds, snapshots - 1).
    """
    fig, ax = plotting.new_figure()
    plotting.draw_band(ax, steps, 100 * moved)
    ax.set(xlabel="step", ylabel="weights moved since the last snapshot, %", ylim=(0, None))
    return fig


def ring_frame(probability, fakes, extent):
    """One picture of D's map with the fakes on it, (height, width, 3), uint8."""
    fig, ax = plotting.new_figure(figsize=(4.5, 4.5))
    plotting.draw_probability(ax, probability, extent)
    plotting.draw_points(ax, fake=fakes, extent=extent)
    return plotting.figure_picture(fig)


def losses_and_distance(steps, histories, distances, yardstick, feature_name):
    """What the losses say, beside how far the samples are.

    Args:
        steps: of the snapshots, the first before training.
        histories: each seed's ``{name: list of the means between snapshots}``.
        distances: Fréchet distances, (seeds, snapshots).
        yardstick: the distance between training and held-out images.
        feature_name: what the distance is measured in.
    """
    fig, (left, right) = plotting.new_figure(1, 2, figsize=(9.5, 3.2))
    for name, colour in (("discriminator", plotting.REAL), ("generator", plotting.FAKE)):
        runs = [history[f"{name}_loss"] for history in histories]
        plotting.draw_band(left, steps[1:], runs, label=f"{name}'s loss", color=colour)
    left.axhline(2 * np.log(2), color="black", lw=1, ls="--", label="2·log 2")
    left.set(xlabel="step", ylabel="loss, nats", ylim=(0, None))
    left.legend()
    plotting.draw_band(right, steps, distances, color=plotting.FAKE)
    right.axhline(yardstick, color=plotting.REAL, ls="--", label="training against held-out images")
    right.set(xlabel="step", ylabel="Fréchet distance", yscale="log", title=f"in {feature_name}")
    right.legend()
    ranks = [
        stats.spearmanr(history["generator_loss"], distance[1:]).statistic
        for history, distance in zip(histories, distances, strict=True)
    ]
    told = ", ".join(f"{rank:.1f}" for rank in ranks)
    left.set_title(f"rank correlation with the distance, G's loss: {told}", fontsize="small")
    return fig
