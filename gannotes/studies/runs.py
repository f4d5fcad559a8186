"""The same training over several seeds and variants: what its snapshots tell, a tidy table."""

from dataclasses import dataclass
from pathlib import Path
import time

from filelock import FileLock
from gannotes import files
from gannotes.checks import check_count
from gannotes.metrics.yardstick import METRICS
from gannotes.training.callbacks import Progress, Snapshots, progress_bar
from keras import ops
import numpy as np
import pandas as pd

KEY = ["notebook", "variant", "data_set", "seed", "steps"]
COLUMNS = [*KEY, "seconds", *METRICS]


@dataclass(frozen=True)
class Run:
    """One training.

    Attributes:
        seed: of the initial weights and all draws.
        history: ``{name: list of each epoch's mean}``.
        snapshots: the `callbacks.Snapshots` taken along it.
        seconds: of `fit`, wall clock.
    """

    seed: int
    history: dict
    snapshots: Snapshots
    seconds: float


def train_seeds(gan, images, seeds, steps, every, batch_size=64, count=500, probe=None):
    """Trains the same GAN anew for each seed.

    Args:
        gan: a compiled `training.GAN`; it ends with the last seed's weights.
        images: as for `GAN.fit`.
        seeds: how many; they are 0, 1, ….
        steps: of each training, a multiple of `every`.
        every: steps between two snapshots, and in an epoch of the history.
        batch_size: images in a batch.
        count, probe: as for `callbacks.Snapshots`.

    Returns:
        A list of `Run`.
    """
    check_count("seeds", seeds)
    check_count("every", every)
    check_count("steps", steps)
    if steps % every:
        raise ValueError(f"steps must be a multiple of every, {every}. Received: {steps}")
    runs = []
    with progress_bar("seeds", seeds * steps) as shared:
        for seed in range(seeds):
            shared.set_description(f"seed {seed + 1} of {seeds}")
            gan.reset(seed)
            snapshots = Snapshots(every, count, probe)
            start = time.monotonic()
            history = gan.fit(
                images,
                batch_size=batch_size,
                epochs=steps // every,
                steps_per_epoch=every,
                callbacks=[snapshots, Progress(shared)],
                verbose=0,
            )
            runs.append(Run(seed, history.history, snapshots, time.monotonic() - start))
    return runs


def tournament(discriminator, snapshots, real_images):
    """Every discriminator of a training against every generator of it.

    Args:
        discriminator: the network that the weights in `snapshots` belong to; it keeps its own.
        snapshots: of one training.
        real_images: (n, ...).

    Returns:
        Balanced accuracy of the discriminator at time i on real images and on those of the
        generator at time j, shape (times, times): 1 sees through all, ½ is no better than chance.
    """
    accuracy = []
    fake_images = np.stack(snapshots.images)  # (times, n, ...)
    flat = fake_images.reshape(-1, *fake_images.shape[2:])
    for _ in _through_time(discriminator, snapshots):
        real_share = np.mean(ops.convert_to_numpy(discriminator(real_images)) > 0)
        fake_scores = ops.convert_to_numpy(discriminator(flat)).reshape(len(fake_images), -1)
        accuracy.append((real_share + (fake_scores <= 0).mean(axis=1)) / 2)
    return np.array(accuracy)


def judged(discriminator, snapshots):
    """What the discriminator of each time made of the images of that time.

    Args:
        discriminator, snapshots: as for `tournament`.

    Returns:
        List of D's scores, (n,) each.
    """
    times = _through_time(discriminator, snapshots)
    return [
        ops.convert_to_numpy(discriminator(images))[:, 0]
        for _, images in zip(times, snapshots.images, strict=True)
    ]


def _through_time(discriminator, snapshots):
    """Gives the discriminator its weights of one time after the other, then its own again."""
    kept = discriminator.get_weights()
    for _, weights in snapshots.weights:
        discriminator.set_weights(weights)
        yield
    discriminator.set_weights(kept)


def trained(model, images, steps, count=1000, labels=None, batch_size=64):
    """A variant for `compare`: this model, trained anew with each seed.

    Args:
        model: a compiled `training.GAN` or `autoencoders.VAE`.
        images, labels, batch_size: as for its `fit`.
        steps: of each training.
        count: images to make; of a conditional generator their labels are drawn from `labels`, if
            there are any.

    Returns:
        Function of a seed that trains and returns images.
    """
    check_count("steps", steps)
    epochs, steps_per_epoch = (steps // 100, 100) if steps % 100 == 0 else (1, steps)

    def train(seed):
        model.reset(seed)
        model.fit(images, labels, batch_size, epochs, steps_per_epoch, verbose=0)
        if labels is not None and getattr(model, "conditional", False):
            drawn = np.random.default_rng(seed).choice(labels, count)
            return model.generate(count, seed, drawn)
        return model.generate(count, seed)

    return train


def compare(variants, seeds, yardstick, *, notebook, steps, path=None):
    """Trains every variant with every seed, and measures all that they make in the same way.

    Args:
        variants: ``{name: function of a seed that trains and returns images}``; see `trained`.
        seeds: how many; they are 0, 1, ….
        yardstick: a `yardstick.Yardstick`, also of all other notebooks with this data set.
        notebook: name of the notebook, for the table.
        steps: of each training: one number, or ``{variant: number}``.
        path: CSV file to which each row is added once it is known, and whose rows are not trained
            anew: so an interrupted study goes on, and all notebooks share one table. A recipe that
            has changed needs a new name, or its old rows deleted.

    Returns:
        `pandas.DataFrame` with the columns COLUMNS, a row a training, in order of variants and seeds.

    Raises:
        ValueError: no variants, no seeds, or a file with other columns.
    """
    check_count("seeds", seeds)
    check_count("The number of variants", len(variants))
    if not isinstance(steps, dict):
        steps = dict.fromkeys(variants, steps)
    table = read_table(path) if path else pd.DataFrame(columns=COLUMNS)
    data_set = yardstick.data.name
    keys = [
        (notebook, name, data_set, seed, steps[name]) for name in variants for seed in range(seeds)
    ]
    known = set(table[KEY].itertuples(index=False, name=None))
    done = len(known.intersection(keys))
    with progress_bar("trainings", len(keys), done, unit="training") as shown:
        for key in keys:
            if key in known:
                continue
            _, name, _, seed, _ = key
            shown.set_description(f"{name}, seed {seed}")
            start = time.monotonic()
            images = variants[name](seed)
            seconds = time.monotonic() - start
            row = dict(zip(KEY, key, strict=True)) | {"seconds": seconds}
            rows = pd.DataFrame([row | yardstick.measure(images)], columns=COLUMNS)
            table = _add(table, rows, path)
            shown.update()
    chosen = table.set_index(KEY, drop=False).loc[keys]
    return chosen.reset_index(drop=True)


def read_table(path):
    """The table in a CSV file of `compare`; empty if there is no such file.

    Raises:
        ValueError: the file's columns are others.
    """
    if not Path(path).exists():
        return pd.DataFrame(columns=COLUMNS)
    names = dict.fromkeys(("notebook", "variant", "data_set"), str)  # "01" stays "01"
    table = pd.read_csv(path, dtype=names)
    if list(table.columns) != COLUMNS:
        raise ValueError(
            f"{path} must have the columns {', '.join(COLUMNS)}. "
            f"Received: {', '.join(table.columns)}"
        )
    return table


def _add(table, rows, path):
    """The table with new rows; a file is read again first, as another notebook may write it."""
    if path is None:
        return pd.concat([table, rows]) if len(table) else rows
    with FileLock(f"{path}.lock"):
        table = read_table(path)
        table = pd.concat([table, rows]).drop_duplicates(KEY) if len(table) else rows
        with files.atomic_path(path) as part:
            table.to_csv(part, index=False)
    return table
