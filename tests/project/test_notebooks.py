"""The saved notebooks: executed and clean."""

import json
from pathlib import Path

from gannotes.studies.claims import CLAIMS
import pytest

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(path.stem for path in FOLDER.glob("*.ipynb"))
MAX_BYTES = 1_500_000
MAX_CELL_LINES = 25


def read(name):
    return json.loads((FOLDER / f"{name}.ipynb").read_text(encoding="utf-8"))


def code_cells(notebook):
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def faults(notebook):
    """What is wrong with a saved notebook, as sentences; the guard of the whole suite."""
    found = []
    cells = code_cells(notebook)
    counts = [cell["execution_count"] for cell in cells]
    if counts != list(range(1, len(cells) + 1)):
        found.append(f"not executed top to bottom: execution counts {counts}")
    for cell in cells:
        if len(cell["source"]) > MAX_CELL_LINES:
            found.append(f"cell {cell['id']}: {len(cell['source'])} lines")
        for output in cell["outputs"]:
            if output["output_type"] == "error":
                found.append(f"cell {cell['id']}: stored error {output['ename']}")
            if output.get("name") == "stderr":
                found.append(f"cell {cell['id']}: stderr in the saved output")
    if sum("parameters" in cell["metadata"].get("tags", []) for cell in cells) != 1:
        found.append("no cell, or more than one, tagged parameters")
    return found


def test_notebooks_are_numbered():
    assert [name[:3] for name in NOTEBOOKS] == [f"{k:02}_" for k in range(1, len(NOTEBOOKS) + 1)]
    assert NOTEBOOKS


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebook_is_sound(name):
    assert faults(read(name)) == []
    assert (FOLDER / f"{name}.ipynb").stat().st_size < MAX_BYTES


def test_every_claim_has_a_lesson():
    assert {claim["lesson"] for claim in CLAIMS.values()} <= set(NOTEBOOKS)


# The guard itself: a fault of each kind is found


def uncount(cell):
    cell["execution_count"] = None


def recount(cell):
    cell["execution_count"] += 1


def store_error(cell):
    cell["outputs"].append({"output_type": "error", "ename": "E", "evalue": "", "traceback": []})


def store_stderr(cell):
    cell["outputs"].append({"output_type": "stream", "name": "stderr", "text": ["warning"]})


def grow(cell):
    cell["source"] = ["x = 1\n"] * 26


def made():
    """A sound notebook, as saved."""
    cells = [
        {"cell_type": "code", "id": id, "source": [], "outputs": [], "execution_count": k}
        | {"metadata": {"tags": [id]}}
        for k, id in enumerate(("parameters", "other"), 1)
    ]
    return {"cells": cells}


def untag(cell):
    cell["metadata"] = {}


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (uncount, "not executed top to bottom"),
        (recount, "not executed top to bottom"),
        (store_error, "stored error E"),
        (store_stderr, "stderr in the saved output"),
        (grow, "26 lines"),
        (untag, "tagged parameters"),
    ],
)
def test_the_guard_finds(damage, message):
    notebook = made()
    assert faults(notebook) == []
    damage(notebook["cells"][0])
    found = faults(notebook)
    assert len(found) == 1 and message in found[0]
