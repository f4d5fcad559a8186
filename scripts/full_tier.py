"""Runs notebooks on real data, at full length: make full, or make full NOTEBOOK=05 DATASET=cifar10

notebooks/full_tier.toml says which notebook runs on which data, with which parameters. Each run leaves
an executed copy in runs/full, and its verdicts' numbers in data/results/full_tier.csv. A complete run
of the same code and parameters is not repeated: the same command goes on where it was interrupted,
notebook by notebook. (Delete a copy to have it run again.)
"""

import argparse
from dataclasses import dataclass
from importlib.metadata import version
import json
import os
from pathlib import Path
import platform
import sys
import tomllib

from filelock import FileLock
from gannotes import files
from gannotes.studies import claims, records
from nbclient.exceptions import DeadKernelError
import nbformat
import pandas as pd
import papermill

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "benchmarks"))
from record import machine  # noqa: E402

COLUMNS = ["notebook", "data_set", "parameters", "claim", "outcome"]
COLUMNS += ["value", "mean", "low", "high", "unit", "seeds"]
COLUMNS += ["seconds", "date", "machine", "versions"]
TEXTS = {name: str for name in COLUMNS if name not in ("mean", "low", "high", "seeds", "seconds")}


@dataclass(frozen=True)
class Run:
    """A notebook on one data set."""

    notebook: str
    data_set: str
    source: Path
    parameters: dict
    folder: Path  # of its executed copy

    def __str__(self):
        return f"{self.notebook} on {self.data_set}"

    @property
    def copy(self):
        """Path of the executed copy."""
        return self.folder / f"{self.notebook}.{self.data_set}.ipynb"

    def executed(self):
        """The executed copy, if it is of this code and of these parameters; else None."""
        if not self.copy.exists():
            return None
        copy, source = (nbformat.read(p, as_version=4) for p in (self.copy, self.source))
        same_code = own_code(copy) == own_code(source)
        return copy if same_code and copy.metadata.papermill.parameters == self.parameters else None

    def execute(self):
        """Runs the notebook, up to its end or to a cell that fails; returns the executed copy."""
        files.remove_parts(self.copy)
        with files.atomic_path(self.copy) as part:
            died = False
            try:
                papermill.execute_notebook(
                    self.source,
                    part,
                    self.parameters,
                    kernel_name="python3",
                    cwd=self.source.parent,
                    progress_bar=sys.stderr.isatty(),
                )
            except papermill.PapermillExecutionError:
                pass  # the copy has the error
            except DeadKernelError:
                died = True
            copy = papermill.execute.remove_error_markers(nbformat.read(part, as_version=4))
            if died:  # papermill calls every cell completed then
                started = [c for c in code_cells(copy) if c.metadata.papermill.start_time]
                started[-1].metadata.papermill.status = "failed"
            copy.metadata.gannotes = {"machine": describe_machine(), "versions": versions()}
            nbformat.write(copy, part)
        return copy


def code_cells(notebook):
    """A notebook's cells of code."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def own_code(notebook):
    """A notebook's code, but for the parameters that papermill put in."""
    return [
        cell.source
        for cell in code_cells(notebook)
        if "injected-parameters" not in cell.metadata.get("tags", [])
    ]


def stopped_at(copy):
    """The cell at which a run stopped, with its error; None if it came to its end."""
    for cell in code_cells(copy):
        if cell.metadata.get("papermill", {}).get("status") != "completed":
            errors = [o for o in cell.outputs if o.output_type == "error"]
            what = f"{errors[0].ename}: {errors[0].evalue}" if errors else "the kernel died"
            return f"stopped at cell {cell.id}: {' '.join(what.split())[:200]}"
    return None


def describe_machine():
    """The machine in a line."""
    found = machine()
    gpus = [f", {name}" for name in found.get("gpus", [])]
    cores = f"{found['cores']} core" + "s" * (found["cores"] > 1)
    return f"{found['processor']}, {cores}, {found['memory_gib']} GiB" + "".join(gpus)


def versions():
    """What the numbers depend on, in a line."""
    backend = os.environ.get("KERAS_BACKEND", "tensorflow")
    known = [f"{name} {version(name)}" for name in ("keras", backend)]
    return ", ".join([f"python {platform.python_version()}", *known])


# The plan


def plan(table, folder):
    """All runs of a table, whose notebooks lie beside it."""
    runs = []
    for notebook, by_data in tomllib.loads(table.read_text(encoding="utf-8")).items():
        source = table.parent / f"{notebook}.ipynb"
        if not source.exists():
            raise ValueError(f"{table.name} names {notebook}, and there is no {source}")
        known = papermill.inspect_notebook(str(source))
        for data_set, parameters in by_data.items():
            unknown = sorted(set(parameters) - set(known))
            if unknown:
                raise ValueError(
                    f"{table.name}: {notebook} has the parameters {', '.join(known)}. "
                    f"Received: {', '.join(unknown)}"
                )
            runs.append(Run(notebook, data_set, source, parameters, folder))
    return runs


def chosen(runs, notebooks=(), data_sets=()):
    """Those runs that are asked for; a notebook by its name, or by how it starts."""
    names = sorted({run.notebook for run in runs})
    for part in notebooks:
        if not any(name.startswith(part) for name in names):
            raise ValueError(f"Unknown notebook. Allowed: {', '.join(names)}. Received: {part}")
    known = sorted({run.data_set for run in runs})
    for name in data_sets:
        if name not in known:
            raise ValueError(f"Unknown data set. Allowed: {', '.join(known)}. Received: {name}")
    found = [
        run
        for run in runs
        if (not notebooks or run.notebook.startswith(tuple(notebooks)))
        and (not data_sets or run.data_set in data_sets)
    ]
    if not found:
        here = [run.data_set for run in chosen(runs, notebooks)]
        raise ValueError(f"{', '.join(notebooks)} runs on: {', '.join(here)}")
    return found


# What comes of it


def rows_of(run, copy):
    """What a run measured on its data: a row a value; and a row without a claim if it stopped."""
    about = {
        "notebook": run.notebook,
        "data_set": run.data_set,
        "parameters": json.dumps(run.parameters),
        "seconds": round(copy.metadata.papermill.duration),
        "date": copy.metadata.papermill.start_time[:10],
        **copy.metadata.gannotes,
    }
    verdicts = claims.in_notebook(run.copy)
    rows = [about | row for row in records.rows_of(verdicts, run.parameters)]
    stop = stopped_at(copy)
    return pd.DataFrame(rows + ([{**about, "outcome": stop}] if stop else []), columns=COLUMNS)


def read_results(path):
    """The table of results; empty if there is no file yet."""
    return pd.read_csv(path, dtype=TEXTS) if path.exists() else pd.DataFrame(columns=COLUMNS)


def keep(path, run, copy):
    """Puts a run's rows into the table of results, in place of its old ones."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{path}.lock"):
        old, new = read_results(path), rows_of(run, copy)
        others = old[(old.notebook != run.notebook) | (old.data_set != run.data_set)]
        table = pd.concat([others, new]) if len(others) else new
        table = table.sort_values(["notebook", "data_set"], kind="stable")
        text = table.to_csv(index=False, float_format="%.6g")
        files.write_bytes(path, text.encode())


def run_all(runs, results):
    """Runs what is not complete yet; returns how many stopped before their end."""
    due = []
    for run in runs:
        copy = run.executed()
        if copy is None or stopped_at(copy):
            due.append(run)
        else:
            keep(results, run, copy)  # in case that a kill came between copy and table
    print(f"{len(runs)} runs, {len(runs) - len(due)} of them complete already", flush=True)
    stops = 0
    for number, run in enumerate(due, start=1):
        print(f"▸ {number} of {len(due)}: {run}", flush=True)
        copy = run.execute()
        keep(results, run, copy)
        stop, minutes = stopped_at(copy), copy.metadata.papermill.duration / 60
        print(f"  {minutes:.1f} min, {stop or 'complete'}: {run.copy}", flush=True)
        stops += stop is not None
    return stops


def main(arguments=None):
    """Runs what is asked for; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--notebook", nargs="+", default=[], help="names, or how they start (default: all)")
    add("--dataset", nargs="+", default=[], help="names (default: all)")
    add("--table", type=Path, default=ROOT / "notebooks/full_tier.toml", help="of all runs")
    add("--output", type=Path, default=ROOT / "runs/full", help="folder of executed copies")
    add("--results", type=Path, default=ROOT / "data/results/full_tier.csv", help="their numbers")
    options = parser.parse_args(arguments)
    try:
        runs = plan(options.table, options.output.resolve())
        runs = chosen(runs, options.notebook, options.dataset)
    except ValueError as error:
        parser.error(str(error))
    os.environ["TQDM_DISABLE"] = "1"  # no progress bars in the copies
    try:
        with files.alone_in(options.output):
            stops = run_all(runs, options.results)
    except files.InUse as error:
        parser.error(str(error))
    if stops:
        print(f"{stops} of these stopped before their end; the same command runs them again")
    return min(stops, 1)


if __name__ == "__main__":
    sys.exit(main())
