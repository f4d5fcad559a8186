"""A table of runs that goes on where it was."""

import contextlib
from pathlib import Path

from filelock import FileLock
from gannotes import files
from gannotes.training.callbacks import progress_bar
import pandas as pd


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
