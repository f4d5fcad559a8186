"""The faults that `benchmarks/mutants.py` plants fit today's files; nothing is run here."""

from collections import Counter
import csv
import json
from pathlib import Path
import re

import mutants
import pytest

ROOT = Path(__file__).parents[2]
MUTANTS = mutants.load()
OUR_OWN = {"id": "one", "breaks": "adds", "file": "a.py", "old": "x + 1", "new": "x - 1"}
OUR_OWN |= {"tests": ["tests/a.py"]}


def text_of(mutant):
    return (ROOT / mutant["file"]).read_text(encoding="utf-8")


def test_each_fits_in_one_place_and_changes_it():
    for mutant in MUTANTS:
        assert mutants.plant(mutant, text_of(mutant)) != text_of(mutant), mutant["id"]


def test_what_is_planted_in_the_package_is_python():
    for mutant in MUTANTS:
        if mutant["file"].endswith(".py"):
            compile(mutants.plant(mutant, text_of(mutant)), mutant["file"], "exec")


def test_there_are_many_and_each_says_what_it_breaks():
    assert len(MUTANTS) >= 200
    assert [id for id, count in Counter(m["id"] for m in MUTANTS).items() if count > 1] == []
    for mutant in MUTANTS:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", mutant["id"])
        assert 10 < len(mutant["breaks"]) < 100 and mutant["breaks"][-1] != ".", mutant["id"]
        assert mutant["tests"] or mutant.get("lesson"), mutant["id"]


def test_every_room_has_some_and_figures_many():
    folders = {path.parent.name for path in (ROOT / "gannotes").glob("*/__init__.py")}
    counted = Counter(map(mutants.room, MUTANTS))
    assert {*folders, "checks", "files", "__main__", "experiments", "notebooks"} <= counted.keys()
    assert counted["plotting"] + sum("figure" in mutant["id"] for mutant in MUTANTS) >= 30


def test_the_tests_that_touch_them_exist():
    for mutant in MUTANTS:
        for node in mutant["tests"]:
            path, _, function = node.partition("::")
            assert (ROOT / path).is_file(), node
            name = function.partition("[")[0]
            assert not name or f"def {name}(" in (ROOT / path).read_text(), node
        if "lesson" in mutant:
            assert mutants.asked_of("lesson", mutant)[0].startswith("notebooks/"), mutant["id"]


def test_the_record_is_of_these_and_kills_as_many_as_is_claimed():
    rows = [mutants.fresh(mutant, mutants.read()) for mutant in MUTANTS]
    run = [row for row in rows if {row["test"], row["lesson"]} != {mutants.NOT_RUN}]
    pages = [ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")]
    text = "\n".join(page.read_text() for page in pages)
    for claimed in map(float, re.findall(r"([\d.]+) % of the planted faults", text)):
        assert 100 * sum(map(mutants.is_killed, run)) >= claimed * len(run)
        assert len(run) == len(rows), [row["id"] for row in rows if row not in run]


# The program itself


@pytest.mark.parametrize(("text", "places"), [("x = 1", 0), ("x + 1, x + 1", 2)])
def test_what_does_not_fit_in_one_place_is_refused_by_name(text, places):
    with pytest.raises(ValueError, match=f"one: old must stand once in a.py. Received: {places}"):
        mutants.plant(OUR_OWN, text)


def test_of_a_notebook_one_code_cell_is_changed():
    kinds = {"markdown": ["x + 1"], "code": ["y = 2\n", "x + 1\n", "z"]}
    cells = [{"cell_type": kind, "source": source} for kind, source in kinds.items()]
    planted = mutants.plant(OUR_OWN | {"file": "a.ipynb"}, json.dumps({"cells": cells}))
    sources = [cell["source"] for cell in json.loads(planted)["cells"]]
    assert sources == [["x + 1"], ["y = 2\n", "x - 1\n", "z"]]


def test_a_changed_mutant_is_run_anew_and_others_are_not(tmp_path, monkeypatch):
    monkeypatch.setattr(mutants, "RECORD", tmp_path / "mutants.csv")
    row = mutants.fresh(OUR_OWN, {}) | {"test": "", "seconds": "3"}
    mutants.write([OUR_OWN], {"one": row, "gone": row})
    assert mutants.read() == {"one": row}
    kinds = ["test", "lesson"]  # it touches no lesson
    assert mutants.open_kinds(OUR_OWN, mutants.read(), kinds, anew=False) == []
    assert mutants.open_kinds(OUR_OWN, mutants.read(), kinds, anew=True) == ["test"]
    changed = OUR_OWN | {"new": "x"}
    assert mutants.open_kinds(changed, mutants.read(), kinds, anew=False) == ["test"]
    changed = OUR_OWN | {"tests": ["tests/b.py"]}  # the same fault
    assert mutants.open_kinds(changed, mutants.read(), kinds, anew=False) == []
    with mutants.RECORD.open() as file:
        assert tuple(next(csv.reader(file))) == mutants.COLUMNS


def test_the_summary_counts_rooms_and_names_survivors():
    others = [OUR_OWN | {"id": id} for id in ("two", "three")]
    rows = {m["id"]: mutants.fresh(m, {}) for m in (OUR_OWN, *others)}
    rows["one"] |= {"test": "tests/a.py::test_x"}
    rows["two"] |= {"test": "", "lesson": ""}
    said = mutants.summary([OUR_OWN, *others], rows).splitlines()
    assert said[-4:] == ["| all | 3 | 2 | 1 | 1 | 1 | 0 |", "", "Survivors:", "- two: adds"]
    assert said[2] == "| a | 3 | 2 | 1 | 1 | 1 | 0 |"
