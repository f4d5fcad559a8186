"""Plants faults in the package and in lessons, one at a time, and records what sees them.

    python benchmarks/mutants.py --tests-only
    python benchmarks/mutants.py --lessons-only
    python benchmarks/mutants.py --summary

A mutant, of ``benchmarks/mutants.toml``, is a text of one file and what stands in its place: a fault
that a tired colleague could commit. It is planted in a copy of the tracked files; then the tests
that touch it run until one fails, and so does the lesson that does. What sees it kills it. The
record goes on where it was interrupted; a mutant whose text changed since is run anew.
"""

import argparse
import csv
import hashlib
import io
import itertools
import json
import os
from pathlib import Path
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib

from gannotes import files

ROOT = Path(__file__).resolve().parents[1]
MUTANTS = ROOT / "benchmarks" / "mutants.toml"
RECORD = ROOT / "data" / "results" / "mutants.csv"
COLUMNS = ("id", "breaks", "file", "test", "lesson", "seconds", "hash")
NOT_RUN = "not run"  # in place of a test or of a cell; empty where all passed
OPTIONS = ["-x", "-q", "-p", "no:cacheprovider", "-rfE"]  # of pytest
NBVAL = ["--nbval", "--nbval-current-env", "--nbval-cell-timeout=600"]  # as in the Makefile
LIMITS = {"test": 180, "lesson": 600}  # seconds; what takes longer is killed by that
NURSERY = """
import json, os, signal, sys
import anywidget, IPython, ipywidgets, keras, matplotlib.pyplot, ot, pandas, pytest, scipy.stats
import nbclient, skimage.feature, skimage.measure, sklearn.decomposition, tensorflow

for line in sys.stdin:
    asked, said, limit = json.loads(line)
    child = os.fork()
    if not child:
        os.setsid()
        signal.alarm(limit)
        for stream in (1, 2):
            os.dup2(os.open(said, os.O_WRONLY | os.O_APPEND), stream)
        code = 3
        try:
            code = pytest.main(asked)
        finally:
            sys.stdout.flush()
            os._exit(code)
    _, status = os.waitpid(child, 0)
    try:
        os.killpg(child, signal.SIGKILL)  # kernels of lessons
    except ProcessLookupError:
        pass
    print(os.waitstatus_to_exitcode(status), flush=True)
"""


def load():
    """All mutants, in the order of the file."""
    return tomllib.loads(MUTANTS.read_text(encoding="utf-8"))["mutant"]


def digest(mutant):
    """A word that changes with what is planted."""
    planted = "\0".join(mutant[name] for name in ("file", "old", "new"))
    return "h" + hashlib.sha256(planted.encode()).hexdigest()[:8]  # no number


def room(mutant):
    """Where it is planted: a room of the package, or a folder beside it."""
    first, *rest = Path(mutant["file"]).with_suffix("").parts
    return rest[0] if first == "gannotes" else first


def plant(mutant, text):
    """A file's text with the fault in it; ValueError unless it fits in one place."""
    old, new = mutant["old"], mutant["new"]
    if not mutant["file"].endswith(".ipynb"):
        _check_fits(mutant, text.count(old))
        return text.replace(old, new)
    notebook = json.loads(text)
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    sources = ["".join(cell["source"]) for cell in cells]
    _check_fits(mutant, sum(source.count(old) for source in sources))
    for cell, source in zip(cells, sources, strict=True):
        cell["source"] = source.replace(old, new).splitlines(keepends=True)
    return json.dumps(notebook, ensure_ascii=False, indent=1)


def _check_fits(mutant, places):
    if places != 1:
        raise ValueError(
            f"{mutant['id']}: old must stand once in {mutant['file']}. Received: {places} times"
        )


def copy_tracked(folder):
    """Copies the files that git knows, as they are now."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    for name in listed.stdout.decode().split("\0"):
        if name and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)


def environment(folder):
    """Variables with which Python finds the copy's package; ValueError if it finds another."""
    cache = os.environ.get("GANNOTES_DATA") or ROOT / "data" / "cache"
    env = os.environ | {
        "PYTHONPATH": str(folder),
        "PYTHONDONTWRITEBYTECODE": "1",  # of two mutants in one second the second would be the first
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "GANNOTES_DATA": str(cache),
    }
    ask = [sys.executable, "-c", "import gannotes; print(gannotes.__file__)"]
    said = subprocess.run(ask, cwd=folder, env=env, capture_output=True, text=True, check=True)
    found = Path(said.stdout.strip())
    if not found.is_relative_to(folder):
        raise ValueError(f"Tests would import another package than the copy's: {found}")
    return env


class Nursery:
    """A process that has imported what takes long, and runs pytest in children of itself."""

    def __init__(self, folder, env):
        self.process = subprocess.Popen(
            [sys.executable, "-c", NURSERY], cwd=folder, env=env, text=True, bufsize=1,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def first_failure(self, asked, limit=0):
        """What fails first of what pytest is asked; empty if nothing does."""
        with tempfile.NamedTemporaryFile("r", encoding="utf-8") as said:
            print(json.dumps([[*OPTIONS, *asked], said.name, limit]), file=self.process.stdin)
            code, text = int(self.process.stdout.readline()), said.read()
            found = re.search(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", text, re.MULTILINE)
        if missing := re.search(r"^ERROR: not found: (\S+)", text, re.MULTILINE):
            raise ValueError(f"There is no such test: {missing[1]}")
        if code == -signal.SIGALRM:
            return f"more than {limit} s"
        return "" if code == 0 else found[1] if found else f"pytest ended with {code}"


def asked_of(kind, mutant):
    """What pytest is asked for a mutant: its tests, or its lesson; nothing if it has none."""
    if kind == "test":
        return mutant["tests"]
    lesson = mutant.get("lesson")
    paths = sorted(ROOT.glob(f"notebooks/{lesson}_*.ipynb")) if lesson else []
    return [str(path.relative_to(ROOT)) for path in paths] + (NBVAL if paths else [])


def run(mutant, kinds, folder, nursery):
    """Plants a mutant, runs what touches it, takes it out again; returns what changes in its row."""
    path, start, row = folder / mutant["file"], time.monotonic(), {}
    text = path.read_text(encoding="utf-8")
    path.write_text(plant(mutant, text), encoding="utf-8")
    try:
        for kind in kinds:
            row[kind] = nursery.first_failure(asked_of(kind, mutant), LIMITS[kind])
    finally:
        path.write_text(text, encoding="utf-8")
    return row | {"seconds": f"{time.monotonic() - start:.0f}"}


def read():
    """The record, ``{id: row}``; empty if there is none."""
    if not RECORD.exists():
        return {}
    with RECORD.open(encoding="utf-8", newline="") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


def fresh(mutant, rows):
    """A mutant's row, as far as it is of today's text."""
    row = rows.get(mutant["id"], {})
    about = {name: mutant[name] for name in ("id", "breaks", "file")} | {"hash": digest(mutant)}
    empty = {"test": NOT_RUN, "lesson": NOT_RUN, "seconds": "0"}
    return (row if row.get("hash") == about["hash"] else empty) | about


def write(mutants, rows):
    """Writes the record, whole or not at all; rows of mutants that are gone go, too."""
    text = io.StringIO()
    table = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    table.writeheader()
    table.writerows(fresh(mutant, rows) for mutant in mutants)
    files.write_bytes(RECORD, text.getvalue().encode())


def is_killed(row, *kinds):
    """Whether one of these kinds saw it."""
    return any(row[kind] not in ("", NOT_RUN) for kind in kinds or LIMITS)


def open_kinds(mutant, rows, kinds, anew):
    """Which kinds are still to be run for a mutant."""
    row = fresh(mutant, rows)
    return [kind for kind in kinds if asked_of(kind, mutant) and (anew or row[kind] == NOT_RUN)]


def summary(mutants, rows):
    """Of each room, how many were planted, run, and killed by what; and the survivors."""
    lines = ["| room | planted | run | killed | by tests | lessons run | killed by lessons |"]
    lines.append("|---|---|---|---|---|---|---|")
    rows = {mutant["id"]: fresh(mutant, rows) for mutant in mutants}
    names = sorted({room(mutant) for mutant in mutants})
    for name in [*names, "all"]:
        here = [rows[m["id"]] for m in mutants if name in (room(m), "all")]
        tried = [row for row in here if {row["test"], row["lesson"]} != {NOT_RUN}]
        lessons = [row for row in here if row["lesson"] != NOT_RUN]
        counts = (
            len(here), len(tried), sum(map(is_killed, tried)),
            sum(is_killed(row, "test") for row in tried),
            len(lessons), sum(is_killed(row, "lesson") for row in lessons),
        )  # fmt: skip
        lines.append(f"| {' | '.join(map(str, (name, *counts)))} |")
    left = [row for row in rows.values() if {row["test"], row["lesson"]} != {NOT_RUN}]
    lines += ["", "Survivors:"]
    lines += [f"- {row['id']}: {row['breaks']}" for row in left if not is_killed(row)]
    return "\n".join(lines)


def main(arguments):
    mutants, rows = load(), read()
    if arguments.summary:
        print(summary(mutants, rows))
        return
    unknown = {*arguments.id} - {mutant["id"] for mutant in mutants}
    if unknown:
        raise SystemExit(f"no such mutant: {', '.join(sorted(unknown))}")
    kinds = arguments.kinds or list(LIMITS)
    survived = {m["id"] for m in mutants if not is_killed(fresh(m, rows))}
    anew = {*arguments.id} | (survived if arguments.survivors else set())
    chosen = [m for m in mutants if not anew or m["id"] in anew]
    todo = [(m, left) for m in chosen if (left := open_kinds(m, rows, kinds, m["id"] in anew))]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        copy_tracked(folder)
        nursery = Nursery(folder, environment(folder))
        for mutant, _ in todo:  # all must fit before the first is run
            plant(mutant, (folder / mutant["file"]).read_text(encoding="utf-8"))
        print(f"{len(todo)} of {len(mutants)} mutants to run", flush=True)
        done, spent = 0, 0.0
        for here, group in itertools.groupby(todo, lambda pair: room(pair[0])):
            group = list(group)
            for kind in kinds:  # green without any mutant, or nothing follows from red
                asked = [asked_of(kind, mutant) for mutant, left in group if kind in left]
                if asked and (failed := nursery.first_failure(distinct(asked))):
                    raise SystemExit(f"{here} fails without any mutant: {failed}")
            for mutant, left in group:
                start = time.monotonic()
                rows[mutant["id"]] = fresh(mutant, rows) | run(mutant, left, folder, nursery)
                write(mutants, rows)
                done, spent = done + 1, spent + time.monotonic() - start
                told = ", ".join(f"{kind} {rows[mutant['id']][kind] or 'passed'}" for kind in left)
                minutes = spent / done * (len(todo) - done) / 60
                said = f"{done}/{len(todo)} {mutant['id']}: {told} ({minutes:.0f} min left)"
                print(said, flush=True)


def distinct(lists):
    """What stands in any of the lists, each once, in order; no part of a file that stands whole."""
    every = dict.fromkeys(part for parts in lists for part in parts)
    return [part for part in every if "::" not in part or part.split("::")[0] not in every]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tests-only", dest="kinds", action="store_const", const=["test"])
    parser.add_argument("--lessons-only", dest="kinds", action="store_const", const=["lesson"])
    parser.add_argument(
        "--id", action="append", default=[], help="run this one anew; several may be"
    )
    parser.add_argument("--survivors", action="store_true", help="run anew those that nothing saw")
    parser.add_argument("--summary", action="store_true", help="print the record, run nothing")
    main(parser.parse_args())
