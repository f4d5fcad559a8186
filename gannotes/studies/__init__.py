"""Trainings over seeds and variants, their tables, and verdicts on claims."""

from gannotes.studies.runs import (
    COLUMNS,
    interval,
    judged,
    read_table,
    table,
    train_seeds,
    train_variants,
    trained,
    values_of,
)
