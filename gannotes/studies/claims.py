"""Verdicts on claims: small tables in the notebook, and checked by nbval.

A notebook is saved with a verdict's numbers under this project's MIME type; a later run must give
the same verdict, and values within tolerance.
"""

from dataclasses import asdict, dataclass
import json
from pathlib import Path
import re
import tomllib

from gannotes.checks import check_choice, check_count
from gannotes.files import PACKAGE
import numpy as np
import pandas as pd

MIME = "application/vnd.gannotes.claim+json"
MEASURED = "measured"  # the id of numbers that belong to no claim
CLAIMS = tomllib.loads((PACKAGE / "studies" / "claims.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Value:
    """A number, with its least and greatest over seeds if it is a mean.

    Another run's value may differ by rtol·|value| + atol.
    """

    value: float
    low: float | None = None
    high: float | None = None
    rtol: float = 0.0
    atol: float = 0.0
    unit: str = ""

    def __post_init__(self):
        if not np.isfinite([self.value, self.rtol, self.atol]).all():
            raise ValueError(f"value and tolerances must be finite. Received: {self}")
        if self.rtol < 0 or self.atol < 0 or self.rtol + self.atol == 0:
            raise ValueError(f"rtol or atol must be positive, neither negative. Received: {self}")

    def __str__(self):
        spread = "" if self.low is None else f" ({self.low:.4g} to {self.high:.4g})"
        return f"{self.value:.4g}{spread} {self.unit}".rstrip()


def over_seeds(values, **keywords):
    """The `Value` of one measurement a seed: mean, least and greatest."""
    values = np.asarray(values, float)
    return Value(float(values.mean()), float(values.min()), float(values.max()), **keywords)


@dataclass(frozen=True)
class Verdict:
    """What was measured of a claim."""

    id: str  # in claims.toml
    verdict: str  # "holds", "does not hold", "holds only when …", or "not decided"
    values: dict  # {name: Value}
    seeds: int  # runs that the verdict rests on; 0 where nothing is drawn or trained

    def __post_init__(self):
        check_choice("claim", self.id, CLAIMS)
        if not re.fullmatch(r"holds|does not hold|not decided|holds only when \S.*", self.verdict):
            raise ValueError(
                "A verdict is one of 'holds', 'does not hold', 'not decided' and 'holds only when …'. "
                f"Received: {self.verdict!r}"
            )
        check_count("seeds", self.seeds, minimum=0)

    @property
    def claim(self):
        """The claim's text."""
        return CLAIMS[self.id]["claim"]

    def as_json(self):
        """What goes under the project's MIME type."""
        return {"id": self.id, "claim": self.claim} | asdict(self)

    def _basis(self):
        return f"{self.seeds} seeds: mean (least to greatest)" if self.seeds else "exact"

    def __repr__(self):
        lines = [f"{self.id}: {self.claim}", f"Verdict: {self.verdict}  [{self._basis()}]"]
        return "\n".join(lines + [f"  {name}: {value}" for name, value in self.values.items()])

    def _repr_mimebundle_(self, include=None, exclude=None):
        rows = [("Verdict", self.verdict), *self.values.items(), ("Rests on", self._basis())]
        table = html_table([self.id, self.claim], rows)
        return {"text/plain": repr(self), "text/html": table, MIME: self.as_json()}


def html_table(head, rows, escape=True):
    """Rows as an HTML table, however long their texts are."""
    with pd.option_context("display.max_colwidth", None):
        return pd.DataFrame(rows, columns=head).to_html(index=False, escape=escape)


def values_on_data(verdict, given=("DATASET",)):
    """Those values of `Verdict.as_json`, by name, that depend on its notebook's data set.

    Recorded ones do not; `given` are the notebook's parameters that said which data set.
    """
    claim = CLAIMS[verdict["id"]]
    if claim.get("own_data", False) or claim.get("data", "DATASET") not in given:
        return {}
    return {name: value for name, value in verdict["values"].items() if "recorded" not in name}


def in_outputs(outputs):
    """The verdicts among a cell's outputs, as from `Verdict.as_json`, and numbers of no claim."""
    return [output["data"][MIME] for output in outputs if MIME in output.get("data", {})]


def in_notebook(path):
    """The verdicts that a notebook was saved with, as from `Verdict.as_json`."""
    cells = json.loads(Path(path).read_text(encoding="utf-8"))["cells"]
    found = [verdict for cell in cells for verdict in in_outputs(cell.get("outputs", []))]
    return [verdict for verdict in found if verdict["id"] != MEASURED]


def differences(saved, now):
    """How `now` differs from `saved`, both of `Verdict.as_json`, by the saved tolerances; sentences."""
    found = [
        f"{key} was {saved[key]!r}, now {now[key]!r}"
        for key in ("id", "claim", "verdict", "seeds")
        if saved[key] != now[key]
    ]
    if saved["values"].keys() != now["values"].keys():
        found.append(f"values were {list(saved['values'])}, now {list(now['values'])}")
    for name in [name for name in saved["values"] if name in now["values"]]:
        value = saved["values"][name]
        old, new = value["value"], now["values"][name]["value"]
        off, allowed = abs(new - old), value["rtol"] * abs(old) + value["atol"]
        if not off <= allowed:  # also of a number that is not one
            said = f"saved {old:.6g}, now {new:.6g}, off by {off:.3g} (allowed {allowed:.3g})"
            found.append(f"{name}: {said}")
    return [f"{saved['id']}: {sentence}" for sentence in found]
