"""Random games, right and wrong ones: each trains two steps or is refused by a sentence of ours.

    python benchmarks/doors.py 10000

Cases are those of `tests/any_network.py`, by their numbers. It goes on where its record ends; a
process plays a hundred, so that memory stays small, one on each core. What neither trains nor is
refused is a fault, and is kept in full; once it is mended, and played again, it moves to "mended" by hand.
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
RECORD = files.data_folder() / "results" / "doors.json"
AT_ONCE = 100
PLAY = "import json, any_network as a\nfor k in range({}, {}): print(json.dumps([k, *a.play(k)]))"


def play(first, last):
    """Some cases by a process of their own: ``[number, outcome, what was chosen]`` each."""
    command = [sys.executable, "-W", "ignore", "-c", PLAY.format(first, last)]
    played = subprocess.run(command, cwd=TESTS, stdout=subprocess.PIPE, text=True, check=True)
    return [json.loads(line) for line in played.stdout.splitlines()]


def add(found, played):
    """The record with some more cases."""
    kinds = Counter(outcome.split(":")[0] for _, outcome, _ in played)
    refusals = Counter(" ".join(o.split()[1:6]) for _, o, _ in played if o.startswith("refused"))
    return found | {
        "cases": found.get("cases", 0) + len(played),
        "trained": found.get("trained", 0) + kinds["trained"],
        "refused": found.get("refused", 0) + kinds["refused"],
        "refusals": dict((Counter(found.get("refusals", {})) + refusals).most_common()),
        "faults": found.get("faults", []) + [x for x in played if x[1].startswith("FAULT")],
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cases", type=int, nargs="?", default=10_000)
    cases = parser.parse_args().cases
    found = json.loads(RECORD.read_text()) if RECORD.exists() else {}
    firsts = range(found.get("cases", 0), cases, AT_ONCE)
    with ThreadPoolExecutor(os.cpu_count()) as processes:
        for played in processes.map(play, firsts, [min(k + AT_ONCE, cases) for k in firsts]):
            found = add(found, played)
            record("doors", found)
            print(
                f"{found['cases']:,} of {cases:,} cases, {len(found['faults'])} faults", flush=True
            )


if __name__ == "__main__":
    main()
