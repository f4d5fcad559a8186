"""What a lesson shows beside its figures: measured numbers, the reader's guess, what the articles say."""

from dataclasses import asdict
from html import escape
import json

from gannotes import files
from gannotes.studies.claims import CLAIMS, MEASURED, MIME, html_table

LEFT = '<th style="text-align: left">'
VERDICTS = files.data_folder() / "verdicts.json"  # written by `python -m experiments --judge`


class Measured:
    """Numbers that a lesson's sentences rest on, ``{name: Value}``; nbval compares them by tolerance.

    A `guess` of the reader's, of any kind, stands above them; None says nothing.
    """

    def __init__(self, values, guess=None):
        self.values, self.guess = values, guess

    def rows(self):
        """Names and texts, the guess first."""
        guess = {} if self.guess is None else {"your guess": str(self.guess)}
        return guess | {name: str(value) for name, value in self.values.items()}

    def table(self):
        """Head and rows; a column for each "what" where names are "what, of whom", nearly all paired."""
        rows, pairs = self.rows(), [name.partition(", ")[::2] for name in self.values]
        heads, names = (list(dict.fromkeys(part)) for part in zip(*pairs, strict=True))
        pairs = min(len(heads), len(names)) > 1 and len(heads) * len(names) <= 1.5 * len(rows)
        if self.guess is not None or "" in names or not pairs:
            return ["measured", "value"], rows.items()
        return ["measured", *heads], [
            [y, *(rows.get(f"{x}, {y}", "") for x in heads)] for y in names
        ]

    def __repr__(self):
        return "\n".join(f"{name}: {text}" for name, text in self.rows().items())

    def _repr_mimebundle_(self, include=None, exclude=None):
        values = {name: asdict(value) for name, value in self.values.items()}
        numbers = {"id": MEASURED, "values": values}
        shown = html_table(*self.table()).replace("<th>", LEFT)
        if len(self.rows()) == 1:
            shown = "<p>{}: <b>{}</b></p>".format(*map(escape, *self.rows().items()))
        return {"text/plain": repr(self), "text/html": shown, MIME: numbers}


class ArticlesSay:
    """The claims of a lesson that an experiment has judged, each with its verdict; six at most.

    Others, not ``in_table``, stand in the lesson's text.
    """

    def __init__(self, lesson):
        known = json.loads(VERDICTS.read_text(encoding="utf-8"))
        self.verdicts = {
            id: verdict
            for id, verdict in known.items()
            if CLAIMS[id].get("lesson") == lesson and CLAIMS[id].get("in_table", True)
        }
        if not self.verdicts:
            raise ValueError(f"No claim of {lesson!r} is judged. Received: {', '.join(known)}")

    def __repr__(self):
        return "\n".join(f"{x['claim']} {x['verdict']} ({id})" for id, x in self.verdicts.items())

    def _repr_html_(self):
        link = '<a href="../VERDICTS.md#{0}">{0}</a>'
        rows = [(said["claim"], _told(said), link.format(id)) for id, said in self.verdicts.items()]
        return html_table(["claim", "measured", "how"], rows, escape=False).replace("<th>", LEFT)


def _told(said):
    """A verdict in bold, and what it means."""
    if not said["words"]:
        return said["verdict"]
    verdict = "holds in part" if "only when" in said["verdict"] else said["verdict"]
    return f"<b>{verdict}</b>: {said['words']}"


def clinic(cured):
    """Says whether a patient, a GAN that was broken, learns again."""
    print("Cured." if cured else "Still ill: look at its pictures and losses, then at each line.")
