"""Trainings that notebook 02 runs in short and `benchmarks/` at length: same recipes, same rows."""

from gannotes import metrics, models
from gannotes.metrics import evaluators
from gannotes.studies.board import Board
from gannotes.training import augmentation
from gannotes.training.callbacks import Diagnosis, Diverged
from keras import ops
import numpy as np
from sklearn.metrics import roc_auc_score

RECIPE = {"rate": 0.008, "generator_rate": 0.002, "r1": 0.6}
PENALTIES = {  # name: weights for `Board.set`
    "none": {},
    "R1": {"r1": 0.6},
    "R1 + R2": {"r1": 0.3, "r2": 0.3},
    "WGAN-GP": {"wgan_gp": 10.0},
}
RATES = (0.0005, 0.002, 0.008, 0.032)
REGULARIZERS = {  # name: (share of D's units dropped, changes to RECIPE)
    "none": (0.0, {"r1": 0.0}),
    "L1": (0.0, {"r1": 0.0, "l1": 1e-4}),
    "L2": (0.0, {"r1": 0.0, "l2": 3e-3}),
    "dropout": (0.3, {"r1": 0.0}),
    "R1": (0.0, {}),
    "augmentation": (0.0, {"r1": 0.0, "augmented": 1.0}),
    "R1, augmentation": (0.0, {"augmented": 1.0}),
}


def networks(shape, batch_norm=True, **options):
    """The notebooks' dense pair for small images; D's options are `models.mlp_discriminator`'s."""
    return models.mlp_pair(shape, batch_norm=batch_norm, **options)


def everyday_board(shape, steps, dropout=0.0, **options):
    """A `Board` with R1, weight decay and shifted images; options as for `Board`."""
    pair = networks(shape, dropout=dropout)
    return Board(*pair, steps=steps, augment=augmentation.translate, **options)


def penalty_board(shape, steps, **options):
    """A `Board` with all penalties; options as for `Board`."""
    return Board(*networks(shape), steps=steps, penalties=("r1", "r2", "wgan_gp"), **options)


def diagnosed(board, images, seed, count=500, **recipe):
    """Trains with a recipe, and asks for the diagnosis, every hundred steps.

    Returns:
        Images of the averaged generator, and the last diagnosis in two or three words: "diverged",
        what comes before the colon in a sentence of `callbacks.Diagnosis`, or "healthy".
    """
    board.set(**recipe)
    board.gan.reset(seed)
    diagnosis = Diagnosis(images[:count])
    try:
        board.gan.fit(
            images, epochs=board.steps // 100, steps_per_epoch=100, callbacks=[diagnosis], verbose=0
        )
    except Diverged:
        return board.gan.generate(count, seed), "diverged"
    last = [sentence for step, sentence in diagnosis.findings if step == board.gan.steps]
    return board.gan.generate(count, seed), last[0].partition(":")[0] if last else "healthy"


def subset(data, count, seed):
    """So many training images, drawn by the seed.

    Returns:
        The images, and the same, each as often as the others but for one, in as many rows as the data
        set has: so all counts share a compiled graph.
    """
    chosen = np.random.default_rng(seed).permutation(len(data.images))[:count]
    return data.images[chosen], data.images[np.resize(chosen, len(data.images))]


def imbalanced(data, seed, ratio=0.7):
    """Training images whose classes fall off geometrically, in an order drawn by the seed.

    Returns:
        Indices of the images: a list of arrays, one a class, the commonest class first; and the order
        of the classes.
    """
    rng = np.random.default_rng(seed)
    most = np.bincount(data.labels).min()
    counts = np.round(most * ratio ** np.arange(len(data.class_names))).astype(int)
    order = rng.permutation(len(counts))
    chosen = [
        rng.choice(np.flatnonzero(data.labels == label), max(1, count), replace=False)
        for label, count in zip(order, counts, strict=True)
    ]
    return chosen, order


def overfitting(board, data, count, seed, **recipe):
    """Trains on a few images, and asks how D and G treat those that they have seen.

    Args:
        board: with `steps`.
        data: a `datasets.Dataset`.
        count: training images.
        **recipe: as for `Board.set`.

    Returns:
        ``{"gap": chance that D scores a training image above a held-out one, ½ without overfitting;
        "frechet": distance to held-out images; "coverage": of them; "copies": share of generated
        images as close to a training image as the closest 5 % of held-out ones}``.
    """
    held_out = data.held_out_images[:1000]
    seen, rows = subset(data, count, seed)
    fake = board.trained(rows, len(held_out), **RECIPE | recipe)(seed)
    scores = [
        ops.convert_to_numpy(board.gan.discriminator(x, training=False))[:, 0]
        for x in (seen, held_out)
    ]
    evaluator = evaluators.for_dataset(data)
    real, near, made = (evaluator.features(x) for x in (held_out, seen, fake))
    return {
        "gap": float(
            roc_auc_score(np.repeat([1, 0], [len(x) for x in scores]), np.concatenate(scores))
        ),
        "frechet": metrics.frechet_distance(real, made),
        "coverage": metrics.density_coverage(real, made)["coverage"],
        "copies": metrics.memorization(near, real, made)["very_close"],
    }
