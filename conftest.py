"""nbval: measured numbers compared within their tolerances, what figures say, and each notebook's time."""

from collections import Counter
import os
import re
import time

from gannotes.studies import claims
import nbformat

os.environ["TQDM_DISABLE"] = "1"  # in the kernels: no progress bars in what is compared
NUMBER_TYPES = {claims.MIME, "text/plain", "text/html"}
PICTURES = {"image/png", "image/gif"}
VARIES = re.compile(r"\([^()]*\)|[−+-]?\d+(?:[,.]\d+)*(?:e[-+]?\d+)?")  # or what stands in brackets
OUTPUT_SECONDS = 60  # nbval waits 5 s for a cell's last output, too little on a busy machine


def pytest_configure(config):
    if not config.getoption("nbval", False):
        return
    # one worker after the other: kernels that start at one time may be given the same ports
    time.sleep(5 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]))
    from nbval.plugin import IPyNbCell

    compare = IPyNbCell.compare_outputs

    def compare_with_tolerances(cell, new, saved, skip_compare=None):
        found = number_differences(saved, new) + figure_differences(saved, new)
        if found:
            cell.comparison_traceback = [cell.colors.FAIL, *found, cell.colors.ENDC]
            return False
        return compare(cell, without_numbers(new), without_numbers(saved), skip_compare)

    IPyNbCell.compare_outputs = compare_with_tolerances


def number_differences(saved, new):
    """How the measured numbers among a cell's outputs differ, as sentences."""
    saved, new = claims.in_outputs(saved), claims.in_outputs(new)
    if len(saved) != len(new):
        return [f"tables of numbers: saved {len(saved)}, now {len(new)}"]
    return [text for pair in zip(saved, new, strict=True) for text in claims.differences(*pair)]


def figure_differences(saved, new):
    """How the alternative texts of a cell's figures differ, as sentences; numbers and brackets aside.

    They name titles, axes, panels and series in the order in which these were drawn. In brackets
    stands what another run may find elsewhere, such as the place of the least tile.
    """
    saved, new = (
        [
            VARIES.sub("#", output["metadata"].get(kind, {}).get("alt", ""))
            for output in outputs
            for kind in PICTURES & set(output.get("data", {}))
        ]
        for outputs in (saved, new)
    )
    if len(saved) != len(new):
        return [f"figures: saved {len(saved)}, now {len(new)}"]
    pairs = zip(saved, new, strict=True)
    return [f"a figure said {was!r}, now {now!r}" for was, now in pairs if was != now]


def without_numbers(outputs):
    """A cell's outputs; those of numbers without what shows them."""

    def rest(output):
        data = {kind: shown for kind, shown in output["data"].items() if kind not in NUMBER_TYPES}
        return nbformat.from_dict({**output, "data": data})

    return [rest(o) if claims.MIME in o.get("data", {}) else o for o in outputs]


def pytest_itemcollected(item):
    if hasattr(item, "output_timeout"):  # nbval's
        item.output_timeout = OUTPUT_SECONDS
        item.parent.skip_compare = {*item.parent.skip_compare, "image/gif"}  # as nbval does PNG


def pytest_terminal_summary(terminalreporter):
    seconds = Counter()
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        path, _, _ = report.nodeid.partition("::")
        if path.endswith(".ipynb"):
            seconds[path] += report.duration
    if seconds:
        terminalreporter.section("time of each notebook")
    for path, total in sorted(seconds.items()):
        terminalreporter.line(f"{total:6.0f} s  {path}")
