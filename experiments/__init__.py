"""Experiments: one file a question, all of one anatomy.

A file's docstring has the article's words and how they are read. Its names:

- ``CLAIM``: the claim's id; ``HOURS``: planned for all its trainings, on two cores.
- ``SETTINGS``: the numbers of the recipe; ``KEY``: names of what tells two runs apart.
- ``runs()``: the keys of all runs; ``measure(*key)``: trains one, and gives its rows.
- ``rule(table)``: the record → `Verdict`. It trains nothing and draws nothing.
- ``figure(table)``: what a reader must see to believe the rule.
- ``planted(effect, rng)``: a record with an effect of known size; ``EFFECTS``: the verdict that each
  size must get; ``UNIT``: of a size; ``WORTH``: the least size that is worth having.
- ``HISTORY``: when the rule was written and changed, and why.

`record` runs what is missing, `judge` applies the rule, `halves` says whether fewer seeds say the same,
`chance` and `power` which effects the rule finds.
"""

import ast
import bisect
from collections import Counter
import dataclasses
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
from gannotes.studies import claims, statistics
import keras
import numpy as np
import pandas as pd

HERE = Path(__file__).parent
RESULTS = files.data_folder() / "results"
HALVES = {}  # verdicts on halves of the seeds, by rule and record


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
    """A word that changes with SETTINGS but "seeds", with what `measure` uses of its file, or a shared one."""
    settings = json.dumps(_without_seeds(experiment.SETTINGS), sort_keys=True)
    code = [
        ast.dump(node) for _, node in sorted(_used(experiment.measure).items())
    ]  # not its layout
    code += [ast.dump(ast.parse(path.read_text())) for path in _shared(experiment)]
    return "h" + hashlib.sha256((settings + "".join(code)).encode()).hexdigest()[:8]  # no number


def _shared(experiment):
    """Files of this folder that several experiments import, ``from experiments import _name``."""
    nodes = ast.walk(ast.parse(inspect.getsource(inspect.getmodule(experiment.measure))))
    imports = [node for node in nodes if isinstance(node, ast.ImportFrom)]
    found = [part.name for node in imports if node.module == __name__ for part in node.names]
    return [HERE / f"{name}.py" for name in sorted(found)]


def _used(function):
    """``{name: its syntax tree}`` of a function, and of all that it uses of its file but SETTINGS."""
    file = ast.parse(inspect.getsource(inspect.getmodule(inspect.unwrap(function))))
    defined = {name: node for node in file.body for name in _defines(node)} | {"SETTINGS": None}
    found, left = {"": ast.parse(source_of(function))}, [""]
    while left:
        names = {node.id for node in ast.walk(found[left.pop()]) if isinstance(node, ast.Name)}
        new = sorted(name for name in names - {*found} if defined.get(name))
        found |= {name: defined[name] for name in new}
        left += new
    return found


def _defines(node):
    """Names that a statement of a file gives a value."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    targets = getattr(node, "targets", [])
    return [
        part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)
    ]


def _without_seeds(settings):
    """Settings of which no part says how many seeds: more of them go on with the same record."""
    if not isinstance(settings, dict):
        return settings
    return {name: _without_seeds(part) for name, part in settings.items() if name != "seeds"}


def source_of(function):
    """A function's code, by itself."""
    return textwrap.dedent(inspect.getsource(inspect.unwrap(function)))


def read(name):
    """The record so far, without rows of another recipe; and how many such rows there are."""
    experiment = load(name)
    if not path_of(name).exists():
        return pd.DataFrame(columns=experiment.KEY), 0
    rows = pd.read_csv(path_of(name))
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
    """The verdict on a complete record; None where runs are missing.

    It, or a part of it, flips if more than two of ten random halves of the seeds decide otherwise; "not
    decided" is no flip, as half of the seeds find less. A part also flips if most of those that decide do not
    name it. What flips is taken from a verdict of parts; any other is what eight halves say, if they do; else
    "not decided".
    """
    if missing(name):
        return None
    verdict, found = load(name).rule(read(name)[0]), halves(name)
    deciding = [half for half in found if half.verdict != "not decided"]
    others = sum(half.verdict != verdict.verdict for half in deciding)
    if verdict.verdict.startswith("holds") and verdict.where and others > min(2, len(deciding) / 2):
        return _without_flips(verdict, deciding)
    if others > 2:
        said, times = Counter(half.verdict for half in found).most_common(1)[0]
        said = said if times >= 8 else "not decided"
        kept = verdict.failed if said == "not decided" else ()
        verdict = dataclasses.replace(verdict, verdict=said, where={}, failed=kept)
    return verdict


def _without_flips(verdict, deciding):
    """A verdict of parts, without those that more than two of the halves that decide do not name."""
    named = [half.where if half.verdict.startswith("holds") else {} for half in deciding]

    def stands(way, place):
        silent = sum(place not in where.get(way, ()) for where in named)
        return silent <= min(2, len(named) / 2)

    kept = {way: [x for x in places if stands(way, x)] for way, places in verdict.where.items()}
    if kept == {way: [*places] for way, places in verdict.where.items()}:
        return verdict
    return dataclasses.replace(verdict, where=kept, verdict=claims.only(verdict.lead, kept))


def halves(name):
    """The verdicts on ten random halves of the seeds, those of each data set by themselves.

    Runs that choose a strength, of the stage "choose", are kept.
    """
    rule, table = load(name).rule, read(name)[0]
    key = rule, pd.util.hash_pandas_object(table).to_numpy().tobytes()
    if key not in HALVES:
        HALVES[key] = _halves(rule, table)
    return HALVES[key]


def _halves(rule, table, count=10):
    chooses = table.stage == "choose" if "stage" in table else pd.Series(False, table.index)
    choosing, judging = table[chooses], table[~chooses]
    of_data = judging.groupby("data") if "data" in table else [("", judging)]
    found, rng = [], np.random.default_rng(0)
    for _ in range(count):
        kept = [rows[rows.seed.isin(_half(rows.seed.unique(), rng))] for _, rows in of_data]
        half = pd.concat([choosing, *kept]).reset_index(drop=True)
        found.append(rule(half))
    return found


def _half(seeds, rng):
    """Half of the seeds, of an odd number one more."""
    return rng.choice(seeds, -(-len(seeds) // 2), replace=False)


def outcomes(experiment, effect, tables=100):
    """How often the rule says what, over many planted records of one effect."""
    rng = np.random.default_rng(0)
    return Counter(experiment.rule(experiment.planted(effect, rng)).verdict for _ in range(tables))


def chance(experiment, effect, tables=40):
    """The share of planted records that show an effect.

    One shows it if the rule says neither what it says of no effect nor "not decided".
    """
    silent = experiment.rule(experiment.planted(0.0, np.random.default_rng(0))).verdict
    found = outcomes(experiment, effect, tables)
    return 1 - (found[silent] + found["not decided"] * (silent != "not decided")) / tables


def power(experiment, tables=40):
    """The least planted effect that at least four of five records show; None if none up to 10 does."""

    def is_shown(effect):
        return chance(experiment, effect, tables) >= 0.8

    effects = np.round(np.geomspace(0.05, 10, 24), 2)
    place = bisect.bisect_left(effects, True, key=is_shown)  # larger ones show more often
    return float(effects[place]) if place < len(effects) else None


def rule_hash(experiment):
    """A word that changes with an experiment's file, what it shares, and the house's statistics."""
    used = [
        HERE / "__init__.py",
        *map(Path, (claims.__file__, statistics.__file__)),
        *_shared(experiment),
    ]
    code = [
        inspect.getsource(inspect.getmodule(experiment.rule)),
        *(path.read_text() for path in sorted(used)),
    ]
    trees = "".join(ast.dump(ast.parse(text)) for text in code)  # not their layout
    return "h" + hashlib.sha256(trees.encode()).hexdigest()[:8]
