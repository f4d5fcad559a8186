"""Recorded verdicts: what ``make full`` measured on real data, beside the present run."""

from gannotes import files
from gannotes.studies import claims
import pandas as pd

SHOWN = 5  # values of each claim
COLUMNS = ["claim", "outcome", "seeds", "value", "mean", "low", "high", "unit"]


def rows_of(verdicts, given=("DATASET",)):
    """A row for each value of the verdicts (`as_json`) that `claims.values_on_data` gives."""
    return [
        {"claim": verdict["id"], "outcome": verdict["verdict"], "seeds": verdict["seeds"]}
        | {"value": name, "mean": value["value"]}
        | {key: value[key] for key in ("low", "high", "unit")}
        for verdict in verdicts
        for name, value in claims.values_on_data(verdict, given).items()
    ]


def full_tier(notebook, outputs, data_set, path=None):
    """This run's values and those on record, mean (least to greatest seed): a `pandas.DataFrame`.

    A row is a verdict or a value, a column this run or a recorded data set. The run's verdicts are
    among its `outputs`, ``Out.values()``; the records are by default those that ship.
    """
    path = path or files.data_folder() / "results" / "full_tier.csv"
    verdicts = {out.id: out.as_json() for out in outputs if isinstance(out, claims.Verdict)}
    here = pd.DataFrame(rows_of(verdicts.values()), columns=COLUMNS)
    own = _cells(here.groupby("claim", sort=False).head(SHOWN))
    runs = {f"this run: {data_set}": own}
    if path.exists():
        records = pd.read_csv(path)
        for name, recorded in records[records.notebook == notebook].groupby("data_set"):
            runs[name] = _cells(recorded)
            runs[name]["run", "date"] = recorded.date.iloc[0]
            for stop in recorded[recorded.claim.isna()].outcome:
                runs[name]["run", "stopped"] = stop
    about = {row for cells in runs.values() for row in cells if row[0] == "run"}
    rows = [row for row in own if row not in about] + sorted(about)
    shown = {name: [cells.get(row, "") for row in rows] for name, cells in runs.items()}
    return pd.DataFrame(shown, pd.MultiIndex.from_tuples(rows, names=["claim", "value"]))


def _cells(rows):
    """``{(claim, value): text}`` of one run, each claim's verdict first."""
    cells = {}
    for row in rows.dropna(subset="claim").itertuples():
        outcome, condition, _ = row.outcome.partition(" when ")
        cells.setdefault((row.claim, "verdict"), outcome + condition + "…" * bool(condition))
        spread = "" if pd.isna(row.low) else f" ({_number(row.low)} to {_number(row.high)})"
        unit = "" if pd.isna(row.unit) else row.unit
        cells[row.claim, row.value] = f"{_number(row.mean)}{spread} {unit}".rstrip()
    return cells | ({("run", "seeds"): f"{rows.seeds.max():.0f}"} if cells else {})


def _number(value):
    if abs(value) < 1e-12:  # what rounding left of nothing
        return "0"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
