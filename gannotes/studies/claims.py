"""Claims, verdicts on them, and numbers with tolerances.

A notebook is saved with measured numbers under this project's MIME type; a later run must give values
within tolerance.
"""

from dataclasses import dataclass, field
import re
import tomllib

from gannotes.checks import check_choice, check_count
from gannotes.files import PACKAGE
import numpy as np
import pandas as pd

MIME = "application/vnd.gannotes.claim+json"
MEASURED = "measured"  # the id of such numbers
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
            raise ValueError(f"value and tolerances must be finite. Received: {self!r}")
        if self.rtol < 0 or self.atol < 0 or self.rtol + self.atol == 0:
            raise ValueError(f"rtol or atol must be positive, neither negative. Received: {self!r}")

    def __str__(self):
        """Two to four digits, as the tolerance allows."""
        allowed = self.rtol * abs(self.value) + self.atol
        sure = np.log10(abs(self.value) / allowed) if self.value and allowed else 4
        options = {"precision": int(np.clip(np.ceil(sure), 2, 4)), "fractional": False, "trim": "-"}
        numbers = [self.value] if self.low is None else [self.value, self.low, self.high]
        value, *spread = [
            f"{x:,}" if isinstance(x, int) else np.format_float_positional(x, **options)
            for x in numbers
        ]
        spread = f" ({' to '.join(spread)})" if spread else ""
        return f"{value}{spread} {self.unit}".rstrip()


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
    lead: str = ""  # of a claim of several parts: what stands before them, in "holds only when …"
    where: dict = field(default_factory=dict)  # {way: the places where it holds}
    failed: tuple = ()  # controls that did not come out as they must

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


def only(lead, where):
    """Says "holds only when …", of ``{way: the places where it holds}``; "not decided" where none is left.

    A way of the one place "" needs no place.
    """
    texts = []
    for way, places in where.items():
        between = "; " if any("," in place for place in places) else ", "
        texts += [f"{way} ({between.join(places)})".removesuffix(" ()")] if places else []
    return f"holds only when {lead} {' or '.join(texts)}" if texts else "not decided"


def in_words(id, verdict):
    """What a verdict on a claim means, in a sentence of claims.toml; "" if that is of another verdict."""
    claim = CLAIMS[id]
    return claim.get("words", "") if claim.get("words_of") == verdict else ""


def html_table(head, rows, escape=True):
    """Rows as an HTML table, however long their texts are, which begin at the left."""
    with pd.option_context("display.max_colwidth", None):
        table = pd.DataFrame(rows, columns=head)
        made = table.to_html(index=False, escape=escape, border=0, justify="left")
    return made.replace("<td>", '<td style="text-align: left">')


def in_outputs(outputs):
    """The measured numbers among a cell's outputs, ``{"id": MEASURED, "values": {name: …}}`` each."""
    return [output["data"][MIME] for output in outputs if MIME in output.get("data", {})]


def differences(saved, now):
    """How measured numbers differ from saved ones, by the saved tolerances; sentences.

    Both are as `in_outputs` gives them.
    """
    if saved["values"].keys() != now["values"].keys():
        return [f"values were {list(saved['values'])}, now {list(now['values'])}"]
    found = []
    for name, value in saved["values"].items():
        old, new = value["value"], now["values"][name]["value"]
        off, allowed = abs(new - old), value["rtol"] * abs(old) + value["atol"]
        if not off <= allowed:  # also of a number that is not one
            said = f"saved {old:.6g}, now {new:.6g}, off by {off:.3g} (allowed {allowed:.3g})"
            found.append(f"{name}: {said}")
    return found
