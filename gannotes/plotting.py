"""Figures, one a function, in one style: real is blue, fake is orange, in every picture."""

import io

from gannotes.checks import check_images
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap
import matplotlib.pyplot as plt
import numpy as np
from PIL import Image, ImageSequence
from scipy.special import expit
from scipy.stats import spearmanr

REAL, FAKE = "#2166ac", "#e66101"  # differ in lightness too, and for colour-blind readers
NEUTRAL = "#555555"
COLOURS = (REAL, FAKE, "#1b9e77", "#7b3294", "#b8860b", "#d01c8b")
PROBABILITY = LinearSegmentedColormap.from_list("fake_to_real", [FAKE, "#f7f7f7", REAL])


def use_style():
    """Sets the notebooks' style for matplotlib."""
    plt.rcParams.update({
        "figure.dpi": 80,
        "figure.constrained_layout.use": True,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.prop_cycle": plt.cycler(color=COLOURS),
        "axes.titlesize": "medium",
        "axes.grid": True,
        "grid.alpha": 0.25,
        "legend.frameon": False,
        "image.cmap": "gray",
    })  # fmt: skip


# Pictures as arrays


def image_grid(images, columns=8, scale=1, gap=1):
    """Lays images out in rows, as one picture of 8-bit RGB.

    Args:
        images: (n, height, width, 1 or 3), values in [-1, 1].
        columns: images in a row; the last row may be shorter.
        scale: whole factor by which each pixel grows.
        gap: pixels between images, before scaling.

    Returns:
        Array (height, width, 3), uint8.
    """
    check_images(images)
    images = np.repeat(images, 3, axis=-1) if images.shape[-1] == 1 else images
    n, height, width, _ = images.shape
    columns = min(columns, n)
    rows = -(-n // columns)
    grid = np.ones((rows * (height + gap) - gap, columns * (width + gap) - gap, 3), "float32")
    for k, image in enumerate(images):
        top, left = (k // columns) * (height + gap), (k % columns) * (width + gap)
        grid[top : top + height, left : left + width] = image
    picture = np.rint((grid + 1) * 127.5).astype("uint8")
    return picture.repeat(scale, axis=0).repeat(scale, axis=1)


def png(picture):
    """PNG bytes of an array (height, width, 3), uint8; quick rather than small."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "png", compress_level=1)
    return buffer.getvalue()


def gif(pictures, seconds=0.25):
    """GIF bytes of arrays (height, width, 3), uint8, all of one size: an endless film.

    Pictures of at most 256 colours keep every pixel. The last one stays a second longer.

    Args:
        seconds: each picture's time.
    """
    first, *others = [Image.fromarray(picture) for picture in pictures]
    times = [round(1000 * seconds)] * len(others) + [round(1000 * seconds) + 1000]
    buffer = io.BytesIO()
    first.save(buffer, "gif", save_all=True, append_images=others, duration=times, loop=0)
    return buffer.getvalue()


def gif_pictures(content):
    """The pictures in a GIF's bytes, as `gif` takes them."""
    with Image.open(io.BytesIO(content)) as film:
        return [np.asarray(frame.convert("RGB")) for frame in ImageSequence.Iterator(film)]


def figure_picture(fig):
    """A figure as an array (height, width, 3), uint8."""
    canvas = FigureCanvasAgg(fig)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()


def new_figure(rows=1, columns=1, figsize=(5, 3), **options):
    """A figure and its axes, as `plt.subplots` gives, that shows only where a cell ends with it."""
    fig, axes = plt.subplots(rows, columns, figsize=figsize, **options)
    plt.close(fig)
    return fig, axes


# Parts of figures: each draws into axes that it is given


def draw_band(ax, x, runs, label=None, **line):
    """The median of several runs as a line, and a band from the least to the greatest.

    Args:
        x: shape (points,).
        runs: shape (runs, points).
    """
    runs = np.asarray(runs)
    (drawn,) = ax.plot(x, np.median(runs, axis=0), label=label, **line)
    ax.fill_between(x, runs.min(axis=0), runs.max(axis=0), color=drawn.get_color(), alpha=0.2, lw=0)


def draw_probability(ax, probability, extent):
    """D(x) over a square of the plane: orange is "surely fake", blue "surely real".

    Args:
        probability: shape (rows, columns), row 0 at the bottom, values in [0, 1].
        extent: half the square's width.
    """
    box = (-extent, extent, -extent, extent)
    ax.grid(False)
    return ax.imshow(probability, PROBABILITY, vmin=0, vmax=1, origin="lower", extent=box)


def draw_points(ax, real=None, fake=None, extent=None):
    """Points of the plane: real ones blue, fake ones orange."""
    for points, colour, label in ((real, REAL, "real"), (fake, FAKE, "fake")):
        if points is not None:
            ax.scatter(*points.T, s=8, color=colour, edgecolor="black", linewidth=0.4, label=label)
    ax.set(aspect="equal", xlabel="x₁", ylabel="x₂")
    if extent is not None:
        ax.set(xlim=(-extent, extent), ylim=(-extent, extent))


def plane(extent, resolution=64):
    """Points of a square grid over the plane, shape (resolution², 2), float32; rows go upwards."""
    ticks = np.linspace(-extent, extent, resolution, dtype="float32")
    return np.stack(np.meshgrid(ticks, ticks), axis=-1).reshape(-1, 2)


# Whole figures


def plot_images(images, title, columns=8, width=4.5):
    """Images in rows, under a title."""
    picture = image_grid(images, columns)
    fig, ax = new_figure(figsize=(width, width * picture.shape[0] / picture.shape[1] + 0.4))
    ax.imshow(picture, interpolation="nearest")
    ax.set_title(title)
    ax.axis("off")
    return fig


def plot_along(steps, images, title, columns=10, rows=6, width=4.5):
    """What the same latents became along training: a row a time.

    Args:
        steps: of the snapshots.
        images: at each of them, (n, height, width, channels).
        columns: images in a row, the first of their time.
        rows: times shown at most, evenly spread from the first to the last.
    """
    chosen = np.unique(np.linspace(0, len(steps) - 1, rows).round().astype(int))
    shown = np.stack([images[k][:columns] for k in chosen])  # (rows, columns, height, width, c)
    picture = image_grid(np.concatenate(shown), shown.shape[1])
    fig, ax = new_figure(figsize=(width, width * picture.shape[0] / picture.shape[1] + 0.4))
    ax.imshow(picture, interpolation="nearest")
    pitch = shown.shape[2] + 1
    ax.set_yticks(np.arange(len(chosen)) * pitch + pitch / 2 - 1, [f"{steps[k]:,}" for k in chosen])
    ax.set(title=title, ylabel="step", xticks=[])
    ax.grid(False)
    return fig


def plot_discriminator_maps(maps, extent, points=None):
    """Maps of D(x) side by side, each with its title, in one scale.

    Args:
        maps: ``{title: probability (rows, columns)}``.
        extent: half the square's width.
        points: ``{title: fake points (n, 2)}`` to draw on top, if any.
    """
    fig, axes = new_figure(1, len(maps), figsize=(2.1 * len(maps) + 0.8, 2.5), sharey=True)
    for ax, (title, probability) in zip(axes, maps.items(), strict=True):
        image = draw_probability(ax, probability, extent)
        if points:
            draw_points(ax, fake=points[title], extent=extent)
        ax.set_xlabel("x₁")
        ax.set_title(title, fontsize="small")
    axes[0].set_ylabel("x₂")
    fig.colorbar(image, ax=axes, label="D(x), probability of real", shrink=0.85)
    return fig


def plot_tournament(accuracy, steps):
    """How well the discriminator of one time tells real from what the generator of another made.

    Args:
        accuracy: balanced accuracy, (times of D, times of G), from 0 to 1; ½ is chance.
        steps: those times.
    """
    fig, ax = new_figure(figsize=(6, 4))
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


def plot_known_game(x, log_p, log_q, shifts, values):
    """Two known densities with their best D, and the game's value against their distance.

    Args:
        x, log_p, log_q: a grid, and the log-densities of real and generated data on it.
        shifts: distances between the densities.
        values: ``{sureness: V at each shift}``, of D with the best scores times the sureness.
    """
    fig, (left, right) = new_figure(1, 2, figsize=(9, 3))
    for log_density, colour, label in ((log_p, REAL, "real, p"), (log_q, FAKE, "generated, q")):
        left.fill_between(x, np.exp(log_density), color=colour, alpha=0.4, lw=0, label=label)
    left.plot(x, expit(log_p - log_q), color="black", label="best D = p / (p + q)")
    left.set(xlim=(-4, 6), xlabel="x", ylabel="density; probability of real", ylim=(0, 1.05))
    left.legend(loc="upper right")
    names = {1.0: "best D", 0.5: "half its scores", 2.0: "twice its scores"}
    for (sureness, line), style in zip(values.items(), ("-", "--", ":"), strict=True):
        right.plot(shifts, line, style, color="black", label=names[sureness])
    right.axhline(-np.log(4), color=NEUTRAL, lw=0.8)
    right.text(shifts[-1], -np.log(4), "−log 4", ha="right", va="bottom", color=NEUTRAL)
    right.set(xlabel="shift between the densities", ylabel="V(D, G), nats")
    right.legend(loc="center right")
    return fig


def plot_values(steps, values, optimum):
    """V reached along training by several objectives, symmetric logarithmic below -1.

    Args:
        steps: of the snapshots.
        values: ``{name: array (seeds, snapshots)}``.
        optimum: V of the best discriminator.
    """
    fig, ax = new_figure(figsize=(7, 3.2))
    for name, runs in values.items():
        draw_band(ax, steps, runs, label=name)
    ax.axhline(optimum, color="black", lw=1, ls="--", label="best possible, V(D*)")
    ax.set_yscale("symlog", linthresh=1)
    ax.set(xlabel="step", ylabel="V on held-out points, nats", ylim=(None, 0))
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return fig


def plot_saturation(scores, slopes, steps, heard):
    """Gradients of two generator losses: against a fake's score, and along D's training.

    Args:
        scores: of one fake.
        slopes: ``{loss: gradient at each score}``.
        steps: of the snapshots.
        heard: ``{loss: mean size of the gradient, array (seeds, snapshots)}``.
    """
    fig, (left, right) = new_figure(1, 2, figsize=(9, 3), sharey=True)
    for name, slope in slopes.items():
        left.plot(scores, abs(slope), label=name)
        draw_band(right, steps, heard[name], label=name)
    left.set(
        xlabel="score of a fake (below 0: D is sure)", ylabel="size of G's gradient", ylim=(0, 1)
    )
    right.set(xlabel="steps of D, while G stands still")
    right.legend()
    return fig


def plot_dirac(paths, exact, measured):
    """Paths of the Dirac-GAN's two weights, and the eigenvalues behind them.

    Args:
        paths: ``{name: array (steps, 2) of (θ, ψ)}``.
        exact, measured: ``{name: eigenvalues}`` of some of them.
    """
    fig, axes = new_figure(1, len(paths) + 1, figsize=(3 * len(paths) + 3, 3))
    colours = dict(zip(paths, COLOURS, strict=False))
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


def plot_coverage(steps, modes, good, num_modes):
    """Modes found and share of good samples along training; arrays (seeds, snapshots)."""
    fig, (left, right) = new_figure(1, 2, figsize=(9, 2.8))
    draw_band(left, steps, modes)
    left.axhline(num_modes, color="black", lw=1, ls="--")
    left.set(xlabel="step", ylabel=f"modes found, of {num_modes}", ylim=(0, num_modes + 0.5))
    draw_band(right, steps, 100 * good)
    right.axhline(100 * (1 - np.exp(-4.5)), color="black", lw=1, ls="--", label="perfect generator")
    right.set(xlabel="step", ylabel="good samples, %", ylim=(0, 102))
    right.legend(loc="lower right")
    return fig


def plot_movement(steps, moved):
    """How far a network's weights move from one snapshot to the next.

    Args:
        steps: of the snapshots, the first excepted.
        moved: shares of the weights' length, (seeds, snapshots - 1).
    """
    fig, ax = new_figure()
    draw_band(ax, steps, 100 * moved)
    ax.set(xlabel="step", ylabel="weights moved since the last snapshot, %", ylim=(0, None))
    return fig


def ring_frame(probability, fakes, extent):
    """One picture of D's map with the fakes on it, (height, width, 3), uint8."""
    fig, ax = new_figure(figsize=(4.5, 4.5))
    draw_probability(ax, probability, extent)
    draw_points(ax, fake=fakes, extent=extent)
    return figure_picture(fig)


def plot_losses_and_distance(steps, histories, distances, yardstick, feature_name):
    """What the losses say, beside how far the samples are.

    Args:
        steps: of the snapshots, the first before training.
        histories: each seed's ``{name: list of the means between snapshots}``.
        distances: Fréchet distances, (seeds, snapshots).
        yardstick: the distance between training and held-out images.
        feature_name: what the distance is measured in.
    """
    fig, (left, right) = new_figure(1, 2, figsize=(9.5, 3.2))
    for name, colour in (("discriminator", REAL), ("generator", FAKE)):
        runs = [history[f"{name}_loss"] for history in histories]
        draw_band(left, steps[1:], runs, label=f"{name}'s loss", color=colour)
    left.axhline(2 * np.log(2), color="black", lw=1, ls="--", label="2·log 2")
    left.set(xlabel="step", ylabel="loss, nats", ylim=(0, None))
    left.legend()
    draw_band(right, steps, distances, color=FAKE)
    right.axhline(yardstick, color=REAL, ls="--", label="training against held-out images")
    right.set(xlabel="step", ylabel="Fréchet distance", yscale="log", title=f"in {feature_name}")
    right.legend()
    ranks = [
        spearmanr(history["generator_loss"], distance[1:]).statistic
        for history, distance in zip(histories, distances, strict=True)
    ]
    told = ", ".join(f"{rank:.1f}" for rank in ranks)
    left.set_title(f"rank correlation with the distance, G's loss: {told}", fontsize="small")
    return fig
