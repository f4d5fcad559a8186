"""Verdicts: what they carry, what they refuse, and how nbval compares them."""

import json
from pathlib import Path
import re
import subprocess
import sys

from gannotes.studies import claims
from gannotes.studies.claims import MIME, Value, Verdict, differences, over_seeds
import nbformat
import numpy as np
import pytest

ROOT = Path(__file__).parents[2]


def verdict(value=1.0, said="holds", **keywords):
    return Verdict("001-game", said, {"gain": Value(value, rtol=0.1, **keywords)}, 5)


def test_a_verdict_shows_and_carries_its_numbers():
    shown = verdict(0.25, low=0.2, high=0.3, unit="nats")._repr_mimebundle_()
    assert "Verdict: holds" in shown["text/plain"]
    assert "gain: 0.25 (0.2 to 0.3) nats" in shown["text/plain"]
    assert "<td>holds</td>" in shown["text/html"]
    carried = json.loads(json.dumps(shown[MIME]))
    assert carried["id"] == "001-game" and carried["claim"] == claims.CLAIMS["001-game"]["claim"]
    assert carried["values"]["gain"]["value"] == 0.25 and carried["seeds"] == 5


def test_over_seeds_gives_mean_and_range():
    value = over_seeds(np.array([1.0, 2.0, 6.0]), atol=0.5)
    assert (value.value, value.low, value.high) == (3, 1, 6)


def test_html_is_escaped():
    shown = Verdict("001-game", "holds only when a < b", {"<i>": Value(1, atol=1)}, 0)
    html = shown._repr_mimebundle_()["text/html"]
    assert "a &lt; b" in html and "<i>" not in html


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Verdict("999-none", "holds", {}, 5), "Unknown claim. Allowed: 001-game"),
        (lambda: Verdict("001-game", "true", {}, 5), "A verdict is one of"),
        (lambda: Verdict("001-game", "holds only when ", {}, 5), "A verdict is one of"),
        (lambda: Verdict("001-game", "holds", {}, -1), "seeds must be a whole number"),
        (lambda: Value(np.nan, atol=1), "must be finite"),
        (lambda: Value(1.0), "rtol or atol must be positive"),
        (lambda: Value(1.0, atol=-1, rtol=2), "neither negative"),
    ],
)
def test_bad_verdicts(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    ("saved", "now", "found"),
    [
        (verdict(1.0), verdict(1.09), []),
        (verdict(-1.0), verdict(-0.91), []),
        (
            verdict(1.0),
            verdict(1.2),
            ["001-game: gain: saved 1, now 1.2, off by 0.2 (allowed 0.1)"],
        ),
        (verdict(), verdict(said="does not hold"), ["verdict was 'holds', now 'does not hold'"]),
    ],
)
def test_differences(saved, now, found):
    heard = differences(saved.as_json(), now.as_json())
    assert len(heard) == len(found)
    assert all(text in sentence for text, sentence in zip(found, heard, strict=True))


def test_a_value_that_became_nan_or_vanished_is_a_difference():
    saved, now = verdict().as_json(), verdict().as_json()
    now["values"]["gain"]["value"] = float("nan")
    assert differences(saved, now)
    now["values"] = {}
    assert differences(saved, now) == ["001-game: values were ['gain'], now []"]


def test_the_verdicts_of_a_saved_notebook():
    found = claims.in_notebook(ROOT / "notebooks/06_sparse_representation.ipynb")
    known = {id for id, claim in claims.CLAIMS.items() if "notebook" in claim}
    assert {v["id"] for v in found} == {id for id in known if id.startswith("002-")}
    assert all(v["values"] for v in found)


# By nbval, on a small notebook


def verdict_source(value=1.0, said="holds"):
    return f'Verdict("001-game", "{said}", {{"gain": Value({value}, rtol=0.1)}}, 5)'


CLAIM = verdict(1.0)._repr_mimebundle_()
SHOW = {**CLAIM, "text/markdown": "new"}
CELLS = {  # name: (source, saved output, what nbval hears of it)
    "imports": ("from gannotes.studies.claims import Value, Verdict", None, None),
    "same": (verdict_source(), CLAIM, None),
    "within": (verdict_source(1.05), CLAIM, None),
    "beyond": (verdict_source(1.25), CLAIM, "saved 1, now 1.25, off by 0.25 (allowed 0.1)"),
    "turned": (verdict_source(said="does not hold"), CLAIM, "verdict was 'holds', now 'does not"),
    "vanished": ("pass", CLAIM, "verdicts: saved ['001-game'], now []"),
    "beside it": (f"display({SHOW}, raw=True)", CLAIM, "Unexpected output fields"),
    "twice": (
        f"display({verdict_source()})\n{verdict_source()}",
        CLAIM,
        "saved ['001-game'], now ['001-game', '001-game']",
    ),
    "plain": ("1 + 1", {"text/plain": "2"}, None),
    "plain, other": ("1 + 1", {"text/plain": "3"}, "mismatch 'text/plain'"),
    "warning": ("import warnings; warnings.warn('new')", None, "Unexpected output fields"),
    "error": ("1 / 0", None, "ZeroDivisionError"),
}


@pytest.fixture(scope="module")
def nbval(tmp_path_factory):
    """``{name of the cell: (whether it passed, what nbval printed of it)}``."""
    folder = tmp_path_factory.mktemp("nbval")
    cells = []
    for count, (source, shown, _) in enumerate(CELLS.values(), start=1):
        outputs = shown and [nbformat.v4.new_output("execute_result", shown, execution_count=count)]
        cell = nbformat.v4.new_code_cell(source, execution_count=count, outputs=outputs or [])
        cells.append(cell)
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "small.ipynb")
    (folder / "conftest.py").write_text((ROOT / "conftest.py").read_text())
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-v",
        "--nbval",
        "--nbval-current-env",
        "small.ipynb",
    ]
    printed = subprocess.run(command, cwd=folder, capture_output=True, text=True).stdout
    printed = re.sub("\x1b.*?m", "", printed)
    told = re.split(r"_+ small\.ipynb::Cell (\d+) _+", printed)
    details = dict(zip(map(int, told[1::2]), told[2::2], strict=True))
    return {
        name: (f"Cell {i} PASSED" in printed, details.get(i, "")) for i, name in enumerate(CELLS)
    }


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.slow
def test_nbval_passes_and_fails_as_it_should(nbval, name):
    passed, printed = nbval[name]
    expected = CELLS[name][2]
    assert passed == (expected is None), printed
    assert expected is None or expected in printed


@pytest.mark.parametrize(
    ("id", "given", "found"),
    [
        ("004-vae", {}, {"gain"}),
        ("008-directions", {}, set()),  # it has data of its own
        ("000-cifar10", {}, set()),
        ("000-cifar10", {"given": ["COLOUR", "STEPS"]}, {"gain"}),
        ("004-vae", {"given": ["COLOUR", "STEPS"]}, set()),
    ],
)
def test_values_belong_to_the_data_set_that_was_asked_for(id, given, found):
    verdict = {"id": id, "values": {"gain": 1, "recorded: gain": 2}}
    assert set(claims.values_on_data(verdict, **given)) == found
