"""Experiments: one file a question, all of one anatomy.

A file's docstring has the article's words and how they are read. Its names:

- ``CLAIM``: the claim's id; ``HOURS``: planned for all its trainings, on two cores.
- ``SETTINGS``: the numbers of the recipe; ``KEY``: names of what tells two runs apart.
- ``runs()``: the keys of all runs; ``measure(*key)``: trains one, and gives its rows.
- ``rule(table)``: the record → `Verdict`. It trains nothing and draws nothing.
- ``figure(table)``: what a reader must see to believe the rule.
- ``planted(effect, rng)``: a record with an effect of known size; ``EFFECTS``: the verdict that each
  size must get; ``UNIT``: of a size.
- ``HISTORY``: when the rule was written and changed, and why.

`record` runs what is missing, `judge` applies the rule, `power` says which effects the rule finds.
"""

import ast
from collections import Counter
from datetime import date
import hashlib
import importlib
from importlib.metadata import version
import inspect
import json
from pathlib import Path
import platform
import textwrap

from gannotes import files, studies
import keras
import numpy as np

HERE = Path(__file__).parent
RESULTS = files.data_folder() / "results"


def names():
    """Names of all experiments."""
    return sorted(path.stem for path in HERE.glob("[!_]*.py"))


def load(name):
    """An experiment's module."""
    if name not in names():
        raise ValueError(f"No such experiment: {name!r}. There are: {', '.join(names())}")
    return importlib.import_module(f"experiments.{name}")


def path_of(name):
    """Where an experiment's record stands."""
    return RESULTS / f"{name}.csv"


def recipe_hash(experiment):
    """Eight digits that change with SETTINGS, or with the code of `measure` and of what it compiles."""
    parts = [experiment.measure, getattr(experiment, "compiled", None)]
    code = "".join(ast.dump(ast.parse(source_of(part))) for part in parts if part)  # not its layout
    settings = json.dumps(experiment.SETTINGS, sort_keys=True)
    return hashlib.sha256((settings + code).encode()).hexdigest()[:8]


def source_of(function):
    """A function's code, by itself."""
    return textwrap.dedent(inspect.getsource(inspect.unwrap(function)))


def read(name):
    """The record so far, without rows of another recipe; and how many such rows there are."""
    experiment = load(name)
    rows = studies.table(path_of(name), experiment.KEY, [], None)
    if not len(rows):
        return rows, 0
    fresh = rows.recipe == recipe_hash(experiment)
    return rows[fresh].reset_index(drop=True), int((~fresh).sum())


def missing(name):
    """The runs that the record lacks."""
    experiment, (rows, _) = load(name), read(name)
    done = set(rows[experiment.KEY].itertuples(index=False, name=None)) if len(rows) else set()
    return [run for run in experiment.runs() if run not in done]


def record(name):
    """Trains what the record lacks; an interrupted run goes on where it was."""
    experiment = load(name)
    if read(name)[1]:
        raise ValueError(
            f"{path_of(name).name} holds rows of another recipe. Move them away, or undo the change."
        )
    about = {
        "recipe": recipe_hash(experiment),
        "date": date.today().isoformat(),
        "processor": platform.processor() or platform.machine(),
        "versions": f"{keras.backend.backend()} {version(keras.backend.backend())}",
    }

    def measure(*key):
        return [row | about for row in experiment.measure(*key)]

    studies.table(path_of(name), experiment.KEY, experiment.runs(), measure, digits=6)


def judge(name):
    """The verdict on a complete record; None where runs are missing."""
    return None if missing(name) else load(name).rule(read(name)[0])


def outcomes(experiment, effect, tables=100):
    """How often the rule says what, over many planted records of one effect."""
    rng = np.random.default_rng(0)
    return Counter(experiment.rule(experiment.planted(effect, rng)).verdict for _ in range(tables))


def power(experiment, tables=100):
    """The least planted effect that at least 80 of 100 records show; None if none does."""
    silent = experiment.rule(experiment.planted(0.0, np.random.default_rng(0))).verdict
    for effect in np.round(np.geomspace(0.05, 10, 24), 2):
        found = outcomes(experiment, effect, tables)
        if tables - found[silent] >= 0.8 * tables:
            return float(effect)
    return None
