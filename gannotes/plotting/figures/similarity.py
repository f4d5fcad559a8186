"""Figures of notebook 05, one a function."""

from gannotes import plotting
import numpy as np

KINDS = dict(
    zip(("means", "pairs", "nearest real", "nearest fake"), plotting.COLOURS, strict=False)
)


def lost_game(steps, real, fake, images):
    """What a discriminator thinks of real and fake along training, beside what is generated.

    Args:
        steps: of the snapshots.
        real, fake: mean D(x) and D(G(z)), shape (seeds, steps) each.
        images: generated at the end.
    """
    fig, (left, right) = plotting.new_figure(1, 2, figsize=(8, 2.6), width_ratios=(3, 2))
    plotting.draw_band(left, steps, real, "real images", color=plotting.REAL)
    plotting.draw_band(left, steps, fake, "generated images", color=plotting.FAKE, ls="--")
    left.set(xlabel="step", ylabel="mean D(x)", ylim=(0, 1))
    left.legend()
    right.imshow(plotting.image_grid(images), interpolation="nearest")
    right.axis("off")
    right.set_title("generated at the end", fontsize="small")
    return fig


def formula(scores, cosines, score_cosines, feature_cosines):
    """The formula of scores: two values, no slope; and of feature vectors: angles of all sizes.

    Args:
        scores: of a fake.
        cosines: ``{what D's output is: cosine with a real image's output, at each of the scores}``.
        score_cosines, feature_cosines: of real with fake images.
    """
    fig, (left, right) = plotting.new_figure(1, 2, figsize=(8, 2.8))
    for (name, values), colour, style in zip(
        cosines.items(), (plotting.NEUTRAL, plotting.FAKE), ("-", "--"), strict=True
    ):
        left.plot(scores, values, color=colour, ls=style, lw=2, label=name)
    left.set(xlabel="score of the fake (that of the real image is 1)", ylabel="cosine")
    left.set(ylim=(-1.15, 1.15))
    left.legend(loc="center right")
    bins = np.linspace(-1, 1, 61)
    right.hist(score_cosines, bins, color=plotting.NEUTRAL, density=True, label="D's scores")
    right.hist(
        feature_cosines, bins, color=plotting.REAL, density=True, alpha=0.8, label="D's features"
    )
    right.set(xlabel="cosine of a real and a fake image", ylabel="density, log scale", yscale="log")
    right.legend()
    return fig


def geometry(panels):
    """Feature vectors by length and by angle to the real ones' mean: real blue, fake orange.

    Each vector is drawn where its length and angle put it in the half-plane; rays are angles.

    Args:
        panels: ``{title: (real vectors, fake vectors)}``.
    """
    fig, [axes] = plotting.new_figure(
        1, len(panels), figsize=(3.1 * len(panels), 2.7), squeeze=False
    )
    for ax, (title, sets) in zip(axes, panels.items(), strict=True):
        mean = sets[0].mean(axis=0)
        mean = mean / max(np.linalg.norm(mean), 1e-12)
        longest = 0
        for vectors, colour, name in zip(
            sets, (plotting.REAL, plotting.FAKE), ("real", "fake"), strict=True
        ):
            along = vectors @ mean
            across = np.sqrt(np.maximum((vectors**2).sum(axis=1) - along**2, 0))
            ax.scatter(along, across, s=7, color=colour, alpha=0.5, lw=0, label=name)
            longest = max(longest, np.hypot(along, across).max())
        for angle in (15, 30, 45, 60, 75, 90):
            end = 1.08 * longest * np.exp(1j * np.deg2rad(angle))
            ax.plot([0, end.real], [0, end.imag], color="black", lw=0.5, alpha=0.4)
            ax.text(end.real, end.imag, f"{angle}°", fontsize="x-small", ha="left", va="center")
        ax.set(title=title, xlabel="along the reals' mean", aspect="equal")
        ax.set(xlim=(min(0, ax.get_xlim()[0]), 1.2 * longest), ylim=(0, 1.15 * longest))
        ax.grid(False)
    axes[0].set_ylabel("across it")
    axes[0].legend(fontsize="small", markerscale=2)
    return fig


def along_training(steps, trainings):
    """Similarities and distance along training; a column a training, bands over the seeds.

    Args:
        steps: of the snapshots.
        trainings: ``{name: ({kind: (seeds, steps)}, Fréchet distance (seeds, steps))}``.
    """
    fig, axes = plotting.new_figure(
        2, len(trainings), figsize=(4 * len(trainings), 4.6), sharex=True, sharey="row",
        squeeze=False,
    )  # fmt: skip
    for (top, bottom), (name, (similarities, distance)) in zip(
        axes.T, trainings.items(), strict=True
    ):
        for kind, values in similarities.items():
            plotting.draw_band(top, steps, values, kind, color=KINDS[kind])
        plotting.draw_band(bottom, steps, distance, color=plotting.NEUTRAL)
        top.set_title(name)
        bottom.set(xlabel="step", yscale="log")
    axes[0, 0].set_ylabel("similarity,\nlast hidden layer")
    axes[1, 0].set_ylabel("Fréchet distance")
    axes[0, 0].legend(fontsize="small")
    return fig


def correlations(trainings, kinds, layers):
    """Rank correlation of each similarity with quality: the mean over seeds and its 95 % interval.

    Args:
        trainings: ``{name: {distance: (mean, low, high), each of shape (kinds, layers)}}``.
        kinds: names of the similarities.
        layers: names of the layers.
    """
    fig, [axes] = plotting.new_figure(
        1, len(trainings), figsize=(4 * len(trainings), 3.8), sharey=True, squeeze=False
    )
    labels = [f"{kind}, {layer}" for kind in kinds for layer in layers]
    places = np.arange(len(labels))
    for ax, (name, distances) in zip(axes, trainings.items(), strict=True):
        for shift, colour, (distance, values) in zip(
            (-0.15, 0.15), (plotting.REAL, plotting.FAKE), distances.items(), strict=True
        ):
            mean, low, high = (np.ravel(value) for value in values)
            ax.errorbar(
                mean, places + shift, xerr=(mean - low, high - mean), fmt="o", ms=4, color=colour,
                label=distance,
            )  # fmt: skip
        ax.axvline(0, color="black", lw=0.8)
        ax.set(title=name, xlabel="rank correlation with quality", xlim=(-1.1, 1.1))
        ax.set_yticks(places, labels)
    axes[0].set_ylim(len(labels) - 0.5, -0.5)
    axes[0].set_ylabel("similarity, layer of D")
    axes[0].legend(loc="upper left", fontsize="small", title="quality is minus")
    return fig


def collapsed(similarities, kinds):
    """What each similarity gives to real images, to a GAN's, and to one picture; a dot a seed.

    Args:
        similarities: ``{name of the images: (seeds, kinds)}``.
        kinds: names of the similarities.
    """
    fig, [axes] = plotting.new_figure(1, len(kinds), figsize=(2.3 * len(kinds), 2.7), squeeze=False)
    for k, (ax, kind) in enumerate(zip(axes, kinds, strict=True)):
        for place, ((_, values), colour) in enumerate(
            zip(similarities.items(), (plotting.REAL, plotting.NEUTRAL, plotting.FAKE), strict=True)
        ):
            ax.plot(np.full(len(values), place), values[:, k], "o", ms=5, alpha=0.6, color=colour)
        ax.set(title=kind, xlim=(-0.5, len(similarities) - 0.5))
        ax.set_xticks(range(len(similarities)), similarities, fontsize="small", rotation=20)
    axes[0].set_ylabel("similarity to held-out images")
    return fig


def stopping(targets, trainings):
    """Quality where a similarity first reaches a target, in units of quality at the best KID.

    Args:
        targets: similarities to stop at.
        trainings: ``{name: {kind: ratio of Fréchet distances, (seeds, targets)}}``.
    """
    fig, [axes] = plotting.new_figure(
        1, len(trainings), figsize=(4 * len(trainings), 3), sharey=True, squeeze=False
    )
    for ax, (name, ratios) in zip(axes, trainings.items(), strict=True):
        for kind, values in ratios.items():
            plotting.draw_band(ax, range(len(targets)), values, kind, color=KINDS[kind])
        ax.axhline(1, color="black", lw=1, ls="--")
        ax.set_xticks(range(len(targets)), [f"{target:g}" for target in targets], rotation=45)
        ax.set(title=name, xlabel="stop where the similarity reaches", yscale="log")
    axes[0].set_ylabel("Fréchet distance there /\nwhere KID was best")
    axes[0].legend(fontsize="small")
    return fig


def descent(evaluations, reached):
    """A similarity as it is climbed in several ways; bands over the seeds.

    Args:
        evaluations: of the similarity.
        reached: ``{way: (seeds, evaluations)}``.
    """
    fig, ax = plotting.new_figure(figsize=(5, 2.8))
    for name, values in reached.items():
        plotting.draw_band(ax, evaluations, values, name)
    ax.set(
        xlabel="evaluations of the similarity", ylabel="cosine of mean features", ylim=(None, 1.02)
    )
    ax.legend()
    return fig


def scale(rows, width=128):
    """Seconds and memory of each way against batch and width, logarithmic, with their slopes.

    Args:
        rows: of data/results/similarity_scale.json.
        width: of the features.
    """
    fig, axes = plotting.new_figure(2, 2, figsize=(8.5, 6))
    panels = [
        (what, measured) for measured in ("seconds", "mebibytes") for what in ("batch", "width")
    ]
    largest = max(row["batch"] for row in rows if row["way"] == "full matrix")
    for ax, (what, measured) in zip(axes.flat, panels, strict=True):
        for way, colour in zip(
            dict.fromkeys(row["way"] for row in rows), plotting.COLOURS, strict=False
        ):
            chosen = [
                row for row in rows
                if row["way"] == way and row["width" if what == "batch" else "batch"]
                == (width if what == "batch" else largest)
            ]  # fmt: skip
            x = np.array([row[what] for row in chosen], float)
            y = np.maximum(
                [row[measured] for row in chosen], 1e-1 if measured == "mebibytes" else 1e-6
            )
            upper = slice(-3, None)
            slope = np.polyfit(np.log(x[upper]), np.log(y[upper]), 1)[0]
            ax.plot(x, y, "o-", ms=4, color=colour, label=f"{way}: slope {slope:.1f}")
        ax.set(xscale="log", yscale="log", xlabel=what, ylabel=measured)
        ax.set_xticks(x, [f"{value:,.0f}" for value in x], rotation=45, fontsize="small")
        ax.minorticks_off()
        ax.legend(fontsize="small")
    axes[0, 0].set_title(f"width {width}", fontsize="small")
    axes[0, 1].set_title(f"batch {largest:,}", fontsize="small")
    return fig


def matrix(cosines, real_labels, fake_labels, low=None):
    """Cosines of every real with every fake image, both sorted by class; lines part the classes.

    Args:
        cosines: (real, fake), sorted.
        real_labels, fake_labels: sorted classes.
        low: lower end of the colours; the upper one is 1.
    """
    fig, ax = plotting.new_figure(figsize=(4.4, 3.8))
    image = ax.imshow(cosines, "viridis", vmin=low, vmax=1, interpolation="nearest")
    for labels, draw, ticks in (
        (real_labels, ax.axhline, ax.set_yticks),
        (fake_labels, ax.axvline, ax.set_xticks),
    ):
        classes, starts, counts = np.unique(labels, return_index=True, return_counts=True)
        for start in starts[1:]:
            draw(start - 0.5, color="white", lw=0.7)
        ticks(starts + counts / 2 - 0.5, classes, fontsize="small")
    ax.tick_params(length=0)
    ax.set(
        xlabel="class of the fake image, as the evaluator sees it", ylabel="class of the real image"
    )
    ax.grid(False)
    fig.colorbar(image, ax=ax, label="cosine, last hidden layer")
    return fig


def recorded(groups, ways):
    """Recorded trainings: Fréchet distance and coverage of each kind of matching; a dot a seed.

    Args:
        groups: ``{title: table}``, a column of panels each, with columns at (what stands side by
            side), way, frechet, coverage.
        ways: kinds of matching, from left to right.
    """
    tables = {title: (table, list(dict.fromkeys(table["at"]))) for title, table in groups.items()}
    counts = [table.groupby("at").way.nunique().sum() for table, _ in tables.values()]
    fig, axes = plotting.new_figure(
        2, len(tables), figsize=(12, 5), sharex="col", width_ratios=counts, squeeze=False
    )
    colours = dict(zip(ways, (plotting.NEUTRAL, *plotting.COLOURS), strict=False))
    for column, (title, (table, places)) in zip(axes.T, tables.items(), strict=True):
        present = [way for way in ways if way in set(table.way)]
        for ax, metric in zip(column, ("frechet", "coverage"), strict=True):
            for k, way in enumerate(present):
                rows = table[table.way == way]
                x = rows["at"].map(places.index) + 0.7 * ((k + 0.5) / len(present) - 0.5)
                ax.plot(x, rows[metric], "o", ms=3.5, alpha=0.6, color=colours[way], label=way)
            ax.set(xlim=(-0.5, len(places) - 0.5))
        column[0].set(title=title, yscale="log")
        column[1].set_xticks(range(len(places)), places, rotation=30, ha="right", fontsize="small")
    axes[0, 0].set_ylabel("Fréchet distance")
    axes[1, 0].set_ylabel("coverage")
    handles, labels = axes[0, -1].get_legend_handles_labels()
    fig.legend(handles, labels, loc="outside right center", title="G learns from", fontsize="small")
    return fig
