"""Runs, lists and judges experiments: python -m experiments [NAME ...] [--list] [--judge]"""

import argparse

import experiments
from experiments import _verdicts


def main(arguments=None):
    """Trains what is missing of the experiments named; or lists, or judges all."""
    parser = argparse.ArgumentParser(prog="python -m experiments", description=__doc__)
    known = experiments.names()
    parser.add_argument("names", nargs="*", help=f"of {', '.join(known)}; default: all")
    parser.add_argument("--list", action="store_true", help="says what is complete, trains nothing")
    parser.add_argument("--judge", action="store_true", help="writes VERDICTS.md, trains nothing")
    options = parser.parse_args(arguments)
    unknown = set(options.names) - set(known)
    if unknown:
        parser.error(
            f"no such experiment: {', '.join(sorted(unknown))}; choose from {', '.join(known)}"
        )
    chosen = options.names or known
    if options.list:
        for name in chosen:
            print(line_of(name))
        return
    if not options.judge:
        for name in chosen:
            print(line_of(name))
            experiments.record(name)
    _verdicts.write()
    print("written: VERDICTS.md")


def line_of(name):
    """What is done of an experiment, and its hours."""
    experiment, stale = experiments.load(name), experiments.read(name)[1]
    total, open_runs = len(experiment.runs()), len(experiments.missing(name))
    state = "complete" if not open_runs else f"{total - open_runs} of {total} runs"
    old = f", {stale} rows of another recipe" if stale else ""
    return f"{name}: {experiment.CLAIM}, {state}{old}, {experiment.HOURS:g} h in all"


if __name__ == "__main__":
    main()
