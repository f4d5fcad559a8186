"""Studies: one table, nothing measured twice, nothing lost."""

from gannotes import studies
import pandas as pd
import pytest

KEY = ["name", "seed"]
RUNS = [(name, seed) for name in ("faint", "loud") for seed in (0, 1)]


def measure_into(measured):
    """A measurement that notes its runs."""

    def measure(name, seed):
        measured.append((name, seed))
        return [{"value": seed + len(name) / 3}]

    return measure


def test_goes_on_after_an_interruption(tmp_path):
    path, measured = tmp_path / "deep" / "table.csv", []
    measure = measure_into(measured)

    def interrupted(name, seed):
        if (name, seed) == RUNS[-1]:
            raise KeyboardInterrupt
        return measure(name, seed)

    with pytest.raises(KeyboardInterrupt):
        studies.table(path, KEY, RUNS, interrupted)
    assert len(pd.read_csv(path)) == 3
    table = studies.table(path, KEY, RUNS, measure)
    assert measured == RUNS  # none twice
    again = studies.table(path, KEY, RUNS, measure)
    assert len(measured) == 4
    fresh = studies.table(None, KEY, RUNS, measure)
    for rows in (table, fresh):
        pd.testing.assert_frame_equal(rows.reset_index(drop=True), again)


def test_two_kernels_with_one_study_leave_one_row_a_run(tmp_path):
    path, measure = tmp_path / "table.csv", measure_into([])

    def slower(name, seed):  # another kernel is done with it meanwhile
        studies.table(path, KEY, RUNS[:1], measure)
        return measure(name, seed)

    found = studies.table(path, KEY, RUNS[:1], slower)
    assert len(found) == len(pd.read_csv(path)) == 1


def test_another_file_is_refused_and_left(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("variant,seed\nfaint,0\n")
    with pytest.raises(ValueError, match=r"must have the columns name, .*Received: variant, s"):
        studies.table(path, KEY, RUNS, measure_into([]))
    assert path.read_text() == "variant,seed\nfaint,0\n"


def test_a_table_holds_several_rows_a_run_and_measures_none_twice(tmp_path):
    path, measured = tmp_path / "table.csv", []

    def measure(name, seed):
        measured.append((name, seed))
        return [{"goal": goal, "value": 1 / 3} for goal in (1, 2)]

    studies.table(path, ["name", "seed"], [("01", 0)], measure, digits=3)
    rows = studies.table(path, ["name", "seed"], [("01", 0), ("01", 1)], measure, digits=3)
    assert measured == [("01", 0), ("01", 1)]
    assert rows.name.tolist() == ["01"] * 4 and rows.goal.tolist() == [1, 2, 1, 2]
    assert path.read_text().splitlines()[:2] == ["name,seed,goal,value", "01,0,1,0.333"]


def test_rows_that_another_process_wrote_meanwhile_stay(tmp_path):
    path = tmp_path / "table.csv"

    def measure(seed):
        if seed == 1:
            studies.table(path, ["seed"], [(7,)], lambda seed: [{"x": seed}])
        return [{"x": seed}]

    rows = studies.table(path, ["seed"], [(0,), (1,)], measure)
    assert sorted(rows.seed) == sorted(pd.read_csv(path).seed) == [0, 1, 7]
