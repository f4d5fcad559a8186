"""The saved notebooks: executed, clean, with the claims that are theirs."""

import json
from pathlib import Path

from gannotes.studies.claims import CLAIMS, MEASURED, MIME, in_outputs
import pytest

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(path.stem for path in FOLDER.glob("*.ipynb"))
MAX_BYTES = 1_500_000
MAX_CELL_LINES = 25


def read(name):
    return json.loads((FOLDER / f"{name}.ipynb").read_text(encoding="utf-8"))


def code_cells(notebook):
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def stated(notebook):
    """The claims in a notebook's outputs."""
    found = [claim for cell in code_cells(notebook) for claim in in_outputs(cell["outputs"])]
    return [claim for claim in found if claim["id"] != MEASURED]


def faults(name, notebook):
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
    ids = sorted(claim["id"] for claim in stated(notebook))
    expected = sorted(id for id, claim in CLAIMS.items() if claim.get("notebook") == name)
    if ids != expected:
        found.append(f"claims {ids} instead of {expected}")
    for claim in stated(notebook):
        if not claim["values"]:
            found.append(f"claim {claim['id']} has no numbers")
        trained = any(value["low"] is not None for value in claim["values"].values())
        if trained and claim["seeds"] < 5:
            found.append(f"claim {claim['id']} rests on {claim['seeds']} seeds")
    return found


def test_notebooks_are_numbered():
    assert [name[:3] for name in NOTEBOOKS] == [f"{k:02}_" for k in range(1, len(NOTEBOOKS) + 1)]
    assert NOTEBOOKS


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebook_is_sound(name):
    assert faults(name, read(name)) == []
    assert (FOLDER / f"{name}.ipynb").stat().st_size < MAX_BYTES


def test_every_claim_has_a_notebook():
    assert {claim.get("notebook") or claim["lesson"] for claim in CLAIMS.values()} <= set(NOTEBOOKS)


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


def drop_claim(cell):
    cell["outputs"] = []


def rename_claim(cell):
    cell["outputs"][0]["data"][MIME]["id"] = "999-unknown"


def state_twice(cell):
    cell["outputs"] *= 2


def use_two_seeds(cell):
    cell["outputs"][0]["data"][MIME]["seeds"] = 2


def made():
    """A sound notebook with one claim, as saved."""
    claim = {"id": "008-sphere", "values": {"gain": {"low": 0.1}}, "seeds": 5}
    outputs = {"verdict": [{"output_type": "display_data", "data": {MIME: claim}}]}
    cells = [
        {"cell_type": "code", "id": id, "source": [], "outputs": outputs.get(id, [])}
        | {"execution_count": k, "metadata": {"tags": [id]}}
        for k, id in enumerate(("parameters", "verdict"), 1)
    ]
    return {"cells": cells}


@pytest.mark.parametrize(
    ("cell_id", "damage", "message"),
    [
        ("parameters", uncount, "not executed top to bottom"),
        ("parameters", recount, "not executed top to bottom"),
        ("parameters", store_error, "stored error E"),
        ("parameters", store_stderr, "stderr in the saved output"),
        ("parameters", grow, "26 lines"),
        ("verdict", drop_claim, "instead of ["),
        ("verdict", rename_claim, "999-unknown"),
        ("verdict", state_twice, "'008-sphere', '008-sphere'"),
        ("verdict", use_two_seeds, "rests on 2 seeds"),
    ],
)
def test_the_guard_finds(monkeypatch, cell_id, damage, message):
    monkeypatch.setitem(CLAIMS, "008-sphere", {"notebook": "made"})
    notebook = made()
    assert faults("made", notebook) == []
    damage(next(cell for cell in notebook["cells"] if cell["id"] == cell_id))
    found = faults("made", notebook)
    assert len(found) == 1 and message in found[0]
