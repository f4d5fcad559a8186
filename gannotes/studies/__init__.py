"""Tables of runs, statistics, and verdicts on claims."""

from gannotes.studies.runs import table
from gannotes.studies.statistics import holm_lows, interval, is_equivalent
