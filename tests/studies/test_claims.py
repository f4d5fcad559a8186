"""Verdicts and measured numbers: what they refuse, and how nbval compares them."""

import json
from pathlib import Path
import re
import subprocess
import sys

from gannotes.studies.claims import MIME, Value, Verdict, differences, only, over_seeds
from gannotes.studies.lessons import Measured
import nbformat
import numpy as np
import pytest

ROOT = Path(__file__).parents[2]


def numbers(value=1.0, **keywords):
    return Measured({"gain": Value(value, rtol=0.1, **keywords)})


def carried(value=1.0):
    return numbers(value)._repr_mimebundle_()[MIME]


def test_numbers_show_and_are_carried():
    shown = numbers(0.25, low=0.2, high=0.3, unit="nats")._repr_mimebundle_()
    assert shown["text/plain"] == "gain: 0.25 (0.2 to 0.3) nats"
    assert "<b>0.25 (0.2 to 0.3) nats</b>" in shown["text/html"]
    assert json.loads(json.dumps(shown[MIME]))["values"]["gain"]["value"] == 0.25


def test_counts_keep_all_digits():
    assert str(numbers(100352)) == "gain: 100,352"


@pytest.mark.parametrize(
    ("value", "atol", "text"),
    [(92.56, 3, "93"), (0.04686, 0.05, "0.047"), (1.00499, 1e-6, "1.005"), (0, 0.1, "0")]
    + [(1539.2, 150, "1500"), (-0.6032, 0.01, "-0.6"), (-0.6172, 0.01, "-0.62"), (7e-5, 1e-6, "0.00007")],
)  # fmt: skip
def test_digits_are_those_that_the_tolerance_allows(value, atol, text):
    assert str(Value(float(value), atol=atol)) == text


def test_over_seeds_gives_mean_and_range():
    value = over_seeds(np.array([1.0, 2.0, 6.0]), atol=0.5)
    assert (value.value, value.low, value.high) == (3, 1, 6)


def test_html_is_escaped():
    html = Measured({"<i>": Value(1, atol=1)})._repr_mimebundle_()["text/html"]
    assert "&lt;i&gt;" in html and "<i>" not in html


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
    ("where", "said"),
    [
        ({"R1": ["digits"]}, "R1 (digits)"),
        ({"R1": ["digits", "faces"], "noise": ["faces"]}, "R1 (digits, faces) or noise (faces)"),
        ({"R1": ["digits, 8", "faces"], "L2": ["a", "b"]}, "R1 (digits, 8; faces) or L2 (a, b)"),
        ({"R1": [""], "noise": ["digits"], "L2": [""]}, "R1 or noise (digits) or L2"),
        ({"R1": [], "noise": ("digits",)}, "noise (digits)"),
    ],
)
def test_what_holds_in_parts_names_them(where, said):
    assert only("it is", where) == f"holds only when it is {said}"
    assert Verdict("001-game", only("it is", where), {}, 5, "it is", where).where == where


@pytest.mark.parametrize("where", [{}, {"R1": []}, {"R1": [], "noise": ()}])
def test_where_no_part_is_left_nothing_is_decided(where):
    assert only("it is", where) == "not decided"


def test_a_verdict_needs_no_parts():
    verdict = Verdict("001-game", "holds", {}, 5)
    assert (verdict.lead, verdict.where, verdict.failed) == ("", {}, ())


@pytest.mark.parametrize(
    ("saved", "now", "found"),
    [
        (1.0, 1.09, []),
        (-1.0, -0.91, []),
        (1.0, 1.2, ["gain: saved 1, now 1.2, off by 0.2 (allowed 0.1)"]),
    ],
)
def test_differences(saved, now, found):
    assert differences(carried(saved), carried(now)) == found


def test_a_value_that_became_nan_or_vanished_is_a_difference():
    saved, now = carried(), carried()
    now["values"]["gain"]["value"] = float("nan")
    assert differences(saved, now)
    now["values"] = {}
    assert differences(saved, now) == ["values were ['gain'], now []"]
    assert differences(now, saved) == ["values were [], now ['gain']"]


# By nbval, on a small notebook


def source_of(value=1.0):
    return f'Measured({{"gain": Value({value}, rtol=0.1)}})'


NUMBERS = numbers()._repr_mimebundle_()
SHOW = {**NUMBERS, "text/markdown": "new"}
IMPORTS = "from gannotes.studies.claims import Value\nfrom gannotes.studies.lessons import Measured"


def picture_of(text):
    """Source and saved output of a cell that shows a picture with this alternative text."""
    data, metadata = {"image/png": "iVBORw0KGgo="}, {"image/png": {"alt": text}}
    return f"display({data}, raw=True, metadata={metadata})", (data, metadata)


LINES = "Losses. loss against step. D: 1.39 to 1.25 (step 3). G: −0.778 to 7e-05."
MOVED = "Losses. loss against step. D: 1,390 to 0.9 (at the end). G: +0.7 to 1."
SWAPPED = "Losses. loss against step. G: 1.39 to 1.25 (step 3). D: −0.778 to 7e-05."
CELLS = {  # name: (source, saved output, what nbval hears of it)
    "imports": (IMPORTS, None, None),
    "same": (source_of(), NUMBERS, None),
    "within": (source_of(1.05), NUMBERS, None),
    "beyond": (source_of(1.25), NUMBERS, "saved 1, now 1.25, off by 0.25 (allowed 0.1)"),
    "vanished": ("pass", NUMBERS, "tables of numbers: saved 1, now 0"),
    "beside it": (f"display({SHOW}, raw=True)", NUMBERS, "Unexpected output fields"),
    "twice": (
        f"display({source_of()})\n{source_of()}",
        NUMBERS,
        "tables of numbers: saved 1, now 2",
    ),
    "plain": ("1 + 1", {"text/plain": "2"}, None),
    "plain, other": ("1 + 1", {"text/plain": "3"}, "mismatch 'text/plain'"),
    "warning": ("import warnings; warnings.warn('new')", None, "Unexpected output fields"),
    "error": ("1 / 0", None, "ZeroDivisionError"),
    "figure, same": (*picture_of(LINES), None),
    "figure, other numbers": (picture_of(MOVED)[0], picture_of(LINES)[1], None),
    "figure, series exchanged": (
        picture_of(SWAPPED)[0],
        picture_of(LINES)[1],
        "a figure said 'Losses. loss against step. D: # to # #. G: # to #.', now",
    ),
    "figure, gone": ("pass", picture_of(LINES)[1], "figures: saved 1, now 0"),
}


def saved_output(shown, count):
    """What a notebook has saved of a cell: of data alone its value, of (data, metadata) a display."""
    if isinstance(shown, tuple):
        return nbformat.v4.new_output("display_data", *shown[:1], metadata=shown[1])
    return nbformat.v4.new_output("execute_result", shown, execution_count=count)


@pytest.fixture(scope="module")
def nbval(tmp_path_factory):
    """``{name of the cell: (whether it passed, what nbval printed of it)}``."""
    folder = tmp_path_factory.mktemp("nbval")
    cells = []
    for count, (source, shown, _) in enumerate(CELLS.values(), start=1):
        outputs = shown and [saved_output(shown, count)]
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
