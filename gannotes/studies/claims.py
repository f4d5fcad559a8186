"""Verdicts on claims: readable in the notebook, and checked by nbval.

A notebook's cell ends with a `Verdict`. It shows as a small table, and carries its numbers with
their tolerances, under the MIME type of this project, into the saved notebook. There a later run
compares with them: verdicts exactly, values within their tolerance.
"""

from dataclasses import asdict, dataclass
import html
import json
import math
from pathlib import Path
import tomllib

from gannotes.checks import check_choice, check_count
from gannotes.files import PACKAGE
import numpy as np

MIME = "application/vnd.gannotes.claim+json"
CLAIMS = tomllib.loads((PACKAGE / "studies" / "claims.toml").read_text(encoding="utf-8"))
VERDICTS = ("holds", "does not hold", "holds only when")


@dataclass(frozen=True)
class Value:
    """A number with its spread, and by how much another run may differ from it.

    Attributes:
        value: the number; over seeds, their mean.
        low, high: least and greatest over the seeds; None for a single number.
        rtol, atol: another run's value may differ by rtol·|value| + atol.
        unit: of the number, if it has one.
    """

    value: float
    low: float | None = None
    high: float | None = None
    rtol: float = 0.0
    atol: float = 0.0
    unit: str = ""

    def __post_init__(self):
        numbers = [self.value, self.rtol, self.atol]
        if not all(math.isfinite(number) for number in numbers):
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
    """What was measured of a claim.

    Args:
        id: of the claim, in ``claims.toml``.
        verdict: "holds", "does not hold", or "holds only when …".
        values: ``{name: Value}``.
        seeds: runs that the verdict rests on; 0 where nothing is drawn or trained.

    Raises:
        ValueError: unknown id or verdict, or a condition that is missing.
    """

    id: str
    verdict: str
    values: dict
    seeds: int

    def __post_init__(self):
        check_choice("claim", self.id, CLAIMS)
        *plain, conditional = VERDICTS
        condition = self.verdict.partition(f"{conditional} ")[2].strip()
        if self.verdict not in plain and not condition:
            raise ValueError(f"A verdict is one of {VERDICTS}, the last with its condition. "
                             f"Received: {self.verdict!r}")  # fmt: skip
        check_count("seeds", self.seeds, minimum=0)

    @property
    def claim(self):
        """The claim's text."""
        return CLAIMS[self.id]["claim"]

    def as_json(self):
        """What goes under the project's MIME type."""
        return {
            "id": self.id,
            "claim": self.claim,
            "verdict": self.verdict,
            "values": {name: asdict(value) for name, value in self.values.items()},
            "seeds": self.seeds,
        }

    def _basis(self):
        return f"{self.seeds} seeds: mean (least to greatest)" if self.seeds else "exact"

    def __repr__(self):
        lines = [f"{self.id}: {self.claim}", f"Verdict: {self.verdict}  [{self._basis()}]"]
        return "\n".join(lines + [f"  {name}: {value}" for name, value in self.values.items()])

    def _repr_mimebundle_(self, include=None, exclude=None):
        rows = "".join(
            f"<tr><td>{html.escape(name)}</td><td>{html.escape(str(value))}</td></tr>"
            for name, value in self.values.items()
        )
        table = (
            f"<table><thead><tr><th>{html.escape(self.id)}</th><th>{html.escape(self.claim)}</th>"
            "</tr></thead><tbody>"
            f"<tr><td><b>Verdict</b></td><td><b>{html.escape(self.verdict)}</b></td></tr>"
            f"{rows}<tr><td>Rests on</td><td>{self._basis()}</td></tr></tbody></table>"
        )
        return {"text/plain": repr(self), "text/html": table, MIME: self.as_json()}


def values_on_data(verdict, given=("DATASET",)):
    """Those values of a verdict that depend on its notebook's data set, ``{name: value}``.

    None of a claim with data of its own, and none that says that it was recorded elsewhere.

    Args:
        verdict: as from `Verdict.as_json`.
        given: names of the notebook's parameters that said which data set.
    """
    claim = CLAIMS[verdict["id"]]
    if claim.get("own_data", False) or claim.get("data", "DATASET") not in given:
        return {}
    return {name: value for name, value in verdict["values"].items() if "recorded" not in name}


def in_outputs(outputs):
    """The verdicts among a cell's outputs, as from `Verdict.as_json`."""
    return [output["data"][MIME] for output in outputs if MIME in output.get("data", {})]


def in_notebook(path):
    """The verdicts that a notebook was saved with, as from `Verdict.as_json`."""
    cells = json.loads(Path(path).read_text(encoding="utf-8"))["cells"]
    return [verdict for cell in cells for verdict in in_outputs(cell.get("outputs", []))]


def differences(saved, now):
    """How a new run's verdict differs from the saved one, as sentences; none if they agree.

    Args:
        saved, now: as from `Verdict.as_json`. The saved tolerances count.
    """
    found = [
        f"{saved['id']}: {key} was {saved[key]!r}, now {now[key]!r}"
        for key in ("id", "claim", "verdict", "seeds")
        if saved[key] != now[key]
    ]
    if saved["values"].keys() != now["values"].keys():
        return [
            *found,
            f"{saved['id']}: values were {list(saved['values'])}, now {list(now['values'])}",
        ]
    for name, old in saved["values"].items():
        new, allowed = now["values"][name]["value"], old["rtol"] * abs(old["value"]) + old["atol"]
        if not abs(new - old["value"]) <= allowed:
            found.append(
                f"{saved['id']}: {name}: saved {old['value']:.6g}, now {new:.6g}, "
                f"off by {abs(new - old['value']):.3g} (allowed {allowed:.3g})"
            )
    return found
