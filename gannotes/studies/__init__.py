"""Trainings over seeds and variants, their tables, and verdicts on claims."""

from gannotes.studies.runs import (
    COLUMNS,
    Run,
    compare,
    judged,
    read_table,
    tournament,
    train_seeds,
    trained,
)

__all__ = [
    "COLUMNS",
    "Run",
    "compare",
    "judged",
    "read_table",
    "tournament",
    "train_seeds",
    "trained",
]
