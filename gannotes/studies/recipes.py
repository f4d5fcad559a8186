"""Recipes of notebook 03 and of its records, and what is measured of them."""

from gannotes import metrics, models
from gannotes.metrics import evaluators
from gannotes.studies.runs import trained
from gannotes.training import GAN, Recipe, augmentation, losses
from gannotes.training.callbacks import Diagnosis, Diverged
from keras import ops
import numpy as np
from sklearn.metrics import roc_auc_score

# Changes to a recipe, as for `GAN.set` and `dataclasses.replace`

NONE = dict.fromkeys(losses.PENALTIES, 0.0)
PENALTIES = {
    "none": NONE,
    "R1": NONE | {"r1": 0.6},
    "R1 + R2": NONE | {"r1": 0.3, "r2": 0.3},
    "WGAN-GP": NONE | {"wgan_gp": 10.0},
}
REGULARIZERS = {  # name: (what needs a graph of its own, as for `regularized`; what does not)
    "none": ({}, {"r1": 0}),
    "L1": ({}, {"r1": 0, "loss": "L1"}),
    "L2": ({}, {"r1": 0, "loss": "L2"}),
    "dropout": ({"dropout": 0.3}, {"r1": 0}),
    "R1": ({}, {}),
    "augmentation": ({"augment": augmentation.translate}, {"r1": 0}),
    "R1, augmentation": ({"augment": augmentation.translate}, {}),
}
BASE = "falling rates"  # from it each remedy but "constant rates" differs in one thing
PLANE = Recipe(generator_rate=0.002, discriminator_rate=0.002, r1=0, ema_decay=0, steps=10_000)
REMEDIES = {  # name: changes to PLANE, on mixtures in the plane
    "constant rates": {"steps": None},
    BASE: {},
    "average (EMA)": {"ema_decay": 0.999},
    "instance noise": {"instance_noise": 0.03},
    "two time scales": {"discriminator_rate": 0.004, "generator_rate": 0.001},
    "spectral norm": {},
    "packing": {},
    "R1": {"r1": 0.003},
    "WGAN-GP": {"loss": "wasserstein", "wgan_gp": 0.1},
    "WGAN-GP, D × 5": {"loss": "wasserstein", "wgan_gp": 0.1, "discriminator_steps": 5},
    "relativistic, R1, R2": {"loss": "relativistic", "r1": 0.003, "r2": 0.003},
}


def twice_d_loss(real_scores, fake_scores):
    """D's loss with a sigmoid at D's end and another in the cross-entropy; a mistake."""
    return losses.minimax_d_loss(ops.sigmoid(real_scores), ops.sigmoid(fake_scores))


def twice_g_loss(real_scores, fake_scores):
    """G's loss, with the same two sigmoids."""
    return losses.nonsaturating_g_loss(None, ops.sigmoid(fake_scores))


def plane_gan(remedy=BASE):
    """A small GAN of points in the plane, with what a remedy asks of its networks."""
    packing = 2 if remedy == "packing" else 1
    generator = models.mlp_generator((2,), 2, (64, 64))
    normed = remedy == "spectral norm"
    return GAN(generator, models.mlp_discriminator((2 * packing,), (64, 64), normed), packing)


def decayed(gan, power, weight):
    """The non-saturating losses, each with weight · Σ|w|^power / power over its network's kernels."""

    def added(network, loss):
        def total(real_scores, fake_scores):
            kernels = [w for w in network.trainable_variables if len(w.shape) > 1]
            sizes = sum(ops.sum(ops.abs(kernel) ** power) for kernel in kernels)
            return loss(real_scores, fake_scores) + weight * sizes / power

        return total

    d_loss, g_loss = losses.LOSSES["nonsaturating"]
    return added(gan.discriminator, d_loss), added(gan.generator, g_loss)


def regularized(shape, steps, dropout=0.0, augment=None, **changes):
    """A GAN of small images, compiled with the losses nonsaturating, wasserstein, L1 and L2."""
    gan = GAN(*models.mlp_pair(shape, dropout=dropout))
    choices = {name: name for name in ("nonsaturating", "wasserstein")}
    choices |= {"L1": decayed(gan, 1, 1e-4), "L2": decayed(gan, 2, 3e-3)}
    gan.compile(loss=choices, steps=steps, augment=augment, **changes)
    return gan


def diagnosed(gan, images, seed, steps, count=500):
    """Trains; new images, and the last of the diagnoses, made every hundred steps, in a few words.

    These are "diverged", "healthy", or what comes before the colon in `callbacks.Diagnosis`.
    """
    gan.reset(seed)
    diagnosis = Diagnosis(images[:count])
    try:
        gan.fit(images, epochs=steps // 100, steps_per_epoch=100, callbacks=[diagnosis], verbose=0)
        said = [sentence for step, sentence in diagnosis.findings if step == gan.steps] or [
            "healthy"
        ]
    except Diverged:
        said = ["diverged"]
    return gan.generate(count, seed), said[0].partition(":")[0]


def overfitting(gan, data, count, seed, steps):
    """Trains on a few images; how D and G treat those that they have seen, ``{name: number}``.

    "gap" is the chance that D scores a training image above a held-out one, ½ without overfitting;
    "frechet" the distance to held-out images, "coverage" that of them; "copies" the share of
    generated images as close to a training image as the closest 5 % of held-out ones.
    """
    held_out = data.held_out_images[:1000]
    seen, rows = subset(data, count, seed)
    fake = trained(gan, rows, steps, len(held_out))(seed)
    scores = gan.discriminator(np.concatenate([seen, held_out]), training=False)
    is_seen = np.repeat([1, 0], [len(seen), len(held_out)])
    evaluator = evaluators.for_dataset(data)
    real, near, made = (evaluator.features(x) for x in (held_out, seen, fake))
    return {
        "gap": float(roc_auc_score(is_seen, ops.convert_to_numpy(scores)[:, 0])),
        "frechet": metrics.frechet_distance(real, made),
        "coverage": metrics.density_coverage(real, made)["coverage"],
        "copies": metrics.memorization(near, real, made)["very_close"],
    }


def subset(data, count, seed):
    """So many training images, drawn by the seed; and repeats of them, as many as all."""
    chosen = np.random.default_rng(seed).permutation(len(data.images))[:count]
    rows = np.resize(chosen, len(data.images))  # so that all counts share a compiled graph
    return data.images[chosen], data.images[rows]


def imbalanced(data, seed, ratio=0.7):
    """Training images whose classes fall off geometrically: their indices, an array a class.

    The commonest comes first; the order of the classes is drawn by the seed, and returned too.
    """
    rng = np.random.default_rng(seed)
    counts = np.bincount(data.labels).min() * ratio ** np.arange(len(data.class_names))
    order = rng.permutation(len(counts))
    chosen = [
        rng.choice(np.flatnonzero(data.labels == label), max(1, round(count)), replace=False)
        for label, count in zip(order, counts, strict=True)
    ]
    return chosen, order
