"""What a reader hears of an answer."""

from gannotes.studies.exercises import check
import pytest


@pytest.mark.parametrize(
    ("answer", "truth", "heard"),
    [
        (None, 1, "Not answered yet"),
        (1.005, 1, "Right."),
        (0, 0.0, "Right."),
        (1.1, 1, "too large"),
        (-2, 0, "too small"),
    ],
)
def test_check(capsys, answer, truth, heard):
    check(answer, truth)
    assert heard in capsys.readouterr().out
