"""What the full tier recorded, beside a notebook's run."""

from gannotes.studies import records
from gannotes.studies.claims import Value, Verdict
import pandas as pd
import pytest

GAIN = Value(0.5, 0.4, 0.6, atol=0.1, unit="nats")
OUTPUTS = [
    3,
    Verdict("004-vae", "holds", {"recall, GAN": GAIN, "recorded: x": GAIN, "new": GAIN}, 5),
    Verdict("008-directions", "holds", {"V": GAIN}, 5),  # own data
]


@pytest.fixture
def path(tmp_path):
    about = {"notebook": "02_evaluation", "data_set": "mnist", "date": "2026-11-22", "seeds": 3}
    about |= {"claim": "004-vae", "outcome": "holds only when x"}
    rows = [{**about, "value": "recall, GAN", "mean": 86592.4, "low": 0.71234, "high": 9e4}]
    rows += [{**about, "value": "recall, VAE", "mean": 0.1}]
    rows += [{**rows[0], "notebook": "04_latent_space"}]
    path = tmp_path / "full_tier.csv"
    pd.DataFrame(rows).assign(unit=None).to_csv(path, index=False)
    return path


def test_a_row_is_a_value_of_this_run_and_a_column_a_data_set(path):
    table = records.full_tier("02_evaluation", OUTPUTS, "digits", path)
    assert list(table.columns) == ["this run: digits", "mnist"]
    assert table.index.tolist() == [
        ("004-vae", "verdict"), ("004-vae", "recall, GAN"), ("004-vae", "new"),
        ("run", "date"), ("run", "seeds"),
    ]  # fmt: skip
    assert table["this run: digits"].tolist() == [
        "holds", "0.5 (0.4 to 0.6) nats", "0.5 (0.4 to 0.6) nats", "", "5",
    ]  # fmt: skip
    assert table["mnist"].tolist() == [
        "holds only when …", "86,592 (0.712 to 90,000)", "", "2026-11-22", "3",
    ]  # fmt: skip


def test_at_most_five_values_of_a_claim(path):
    many = Verdict("004-collapse", "holds", {f"value {k}": GAIN for k in range(20)}, 5)
    table = records.full_tier("02_evaluation", [many], "digits", path)
    assert [value for id, value in table.index if id == "004-collapse"][-1] == "value 4"


def test_the_last_verdict_of_a_claim_counts(path):
    again = Verdict("004-vae", "does not hold", {"recall, GAN": GAIN}, 5)
    table = records.full_tier("02_evaluation", [*OUTPUTS, again], "digits", path)
    assert table["this run: digits"].tolist()[0] == "does not hold" and len(table) == 4


def test_a_run_that_stopped_says_so(path):
    rows = pd.read_csv(path)
    stopped = rows.iloc[:1].assign(claim=None, outcome="stopped at cell x: ValueError", seeds=None)
    pd.concat([rows, stopped]).to_csv(path, index=False)
    table = records.full_tier("02_evaluation", OUTPUTS, "digits", path)
    assert table["mnist"]["run", "stopped"] == "stopped at cell x: ValueError"


def test_without_records_and_without_verdicts(tmp_path):
    table = records.full_tier("02_evaluation", OUTPUTS, "digits", tmp_path / "none.csv")
    assert list(table.columns) == ["this run: digits"] and len(table) == 4
    assert records.full_tier("02_evaluation", [], "digits", tmp_path / "none.csv").empty


@pytest.mark.parametrize(("value", "text"), [(86592, "86,592"), (0.12345, "0.123"), (-3e-17, "0")])
def test_numbers_are_short(value, text):
    assert records._number(value) == text
