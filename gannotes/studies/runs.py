"""Trainings over seeds and variants, and their tables."""

import contextlib
from pathlib import Path
import time

from filelock import FileLock
from gannotes import files
from gannotes.checks import check_count, check_kind
from gannotes.metrics.yardstick import METRICS
from gannotes.training.callbacks import progress_bar
import keras
import numpy as np
import pandas as pd

KEY = ["notebook", "variant", "data_set", "seed", "steps"]
COLUMNS = [*KEY, "seconds", *METRICS]


def trained(model, images, steps, count=1000, labels=None, batch_size=None, recipe=None):
    """A variant for `train_variants`: a function of a seed that trains anew; gives `count` images.

    The model is a compiled `autoencoders.VAE` or `training.GAN`, which is set to the recipe first,
    if there is one. A conditional generator's images are of classes drawn from `labels`.
    """
    check_kind("model", model, keras.Model)
    check_count("steps", steps)
    model.check_data(images, labels, batch_size)
    epochs, steps_per_epoch = (steps // 100, 100) if steps % 100 == 0 else (1, steps)

    def train(seed):
        if recipe is not None:
            model.set(recipe)
        model.reset(seed)
        model.fit(images, labels, batch_size, epochs, steps_per_epoch, verbose=0)
        if labels is not None and getattr(model, "conditional", False):
            return model.generate(count, seed, np.random.default_rng(seed).choice(labels, count))
        return model.generate(count, seed)

    return train


def train_variants(variants, seeds, yardstick, *, notebook, steps, path=None):
    """Trains every variant with every seed 0, 1, …, and measures what it makes; a row a training.

    The variants are ``{name: function of a seed that trains and returns images}``, as from
    `trained`; `steps` is one number, or ``{variant: number}``. The path is that of a CSV file with
    the columns COLUMNS, a `table` that all notebooks may share.
    """
    check_count("seeds", seeds)
    check_count("The number of variants", len(variants))
    read_table(path)  # refuses other columns
    steps = steps if isinstance(steps, dict) else dict.fromkeys(variants, steps)
    name = yardstick.data.name
    keys = [(notebook, v, name, seed, steps[v]) for v in variants for seed in range(seeds)]

    def measure(notebook, variant, data_set, seed, steps):
        start = time.monotonic()
        images = variants[variant](seed)
        return [{"seconds": time.monotonic() - start} | yardstick.measure(images)]

    rows = table(path, KEY, keys, measure)
    return rows.set_index(KEY, drop=False).loc[keys, COLUMNS].reset_index(drop=True)


def read_table(path):
    """The table in a CSV file of `train_variants`; empty if there is no file."""
    return _read(path, COLUMNS, ["notebook", "variant", "data_set"])


def table(path, key, runs, measure, digits=None):
    """All rows of a CSV file, after it got those of the runs that it lacks, each run's at once.

    So an interrupted study goes on where it was, and several processes may share a file; without a
    path the rows stay in memory. A changed recipe needs a new name, or its old rows deleted.

    The columns of `key` tell runs apart, and a run is a tuple of their values; `measure`, a
    function of these, gives its rows, dictionaries of the other columns. `digits` are the
    significant ones of a number in the file; by default all.
    """
    runs = list(runs)
    texts = [name for k, name in enumerate(key) if any(isinstance(run[k], str) for run in runs)]
    varying = [k for k in range(len(key)) if len({run[k] for run in runs}) > 1]
    rows = _read(path, key, texts)
    done = len(_keys(rows, key).intersection(runs))
    with progress_bar("trainings", len(runs), done=done, unit="training") as shown:
        for run in runs:
            if run in _keys(rows, key):
                continue
            shown.set_description(", ".join(str(run[k]) for k in varying))
            new = pd.DataFrame([dict(zip(key, run, strict=True)) | row for row in measure(*run)])
            with FileLock(f"{path}.lock") if path else contextlib.nullcontext():
                rows = _read(path, key, texts) if path else rows
                if run not in _keys(rows, key):  # another process may have been quicker
                    rows = pd.concat([rows, new]) if len(rows) else new
                if path:
                    text = rows.to_csv(index=False, float_format=digits and f"%.{digits}g")
                    files.write_bytes(path, text.encode())
            shown.update()
    return rows


def _read(path, columns, texts):
    """The rows of a CSV file; none if there is no file. Columns of texts stay so: "01" stays "01"."""
    if path is None or not Path(path).exists():
        return pd.DataFrame(columns=columns)
    with Path(path).open(encoding="utf-8") as file:
        received = file.readline().strip().split(",")
    if not set(columns) <= set(received):
        allowed, received = ", ".join(columns), ", ".join(received)
        raise ValueError(f"{path} must have the columns {allowed}. Received: {received}")
    return pd.read_csv(path, dtype=dict.fromkeys(texts, str))


def _keys(rows, key):
    return set(rows[key].itertuples(index=False, name=None))
