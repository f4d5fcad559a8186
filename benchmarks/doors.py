"""Random games, right and wrong ones: each trains two steps or is refused by a sentence of ours.

    python benchmarks/doors.py 10000

Cases are those of `tests/any_network.py`, by their numbers. It goes on where it was interrupted; a
process plays a hundred, so that memory stays small, one on each core. What is neither is a fault,
and is kept in full.
"""

import argparse
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
import json
import os
from pathlib import Path
import subprocess
import sys

from gannotes import files
from record import record

TESTS = Path(__file__).parents[1] / "tests"
LINES = files.cache_folder() / "doors.jsonl"  # outcomes so far
AT_ONCE = 100
PLAY = "import json, any_network as a\nfor k in range({}, {}): print(json.dumps([k, *a.play(k)]))"


def outcomes():
    """``[number, outcome, what was chosen]`` of all cases so far."""
    return [json.loads(line) for line in LINES.read_text().splitlines()] if LINES.exists() else []


def play(first, last):
    """The lines of some cases, by a process of their own."""
    command = [sys.executable, "-W", "ignore", "-c", PLAY.format(first, last)]
    return subprocess.run(command, cwd=TESTS, stdout=subprocess.PIPE, text=True, check=True).stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cases", type=int, nargs="?", default=10_000)
    cases = parser.parse_args().cases
    LINES.parent.mkdir(parents=True, exist_ok=True)
    done = len(outcomes())
    firsts = range(done, cases, AT_ONCE)
    with ThreadPoolExecutor(os.cpu_count()) as processes:
        for lines in processes.map(play, firsts, [min(k + AT_ONCE, cases) for k in firsts]):
            with LINES.open("a") as file:
                file.write(lines)
            done += len(lines.splitlines())
            print(f"{done:,} of {cases:,} cases", flush=True)
    played = outcomes()[:cases]
    kinds = Counter(outcome.split(":")[0] for _, outcome, _ in played)
    refusals = Counter(" ".join(o.split()[1:6]) for _, o, _ in played if o.startswith("refused"))
    faults = [case for case in played if case[1].startswith("FAULT")]
    measured = {"cases": len(played), "trained": kinds["trained"], "refused": kinds["refused"]}
    measured |= {"refusals": dict(refusals.most_common()), "faults": faults}
    record("doors", measured)
    print({name: measured[name] for name in ("cases", "trained", "refused")}, len(faults), "faults")


if __name__ == "__main__":
    main()
