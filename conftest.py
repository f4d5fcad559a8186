"""How nbval compares a notebook's claims (see gannotes/studies/claims.py), and each notebook's time."""

from collections import Counter
import functools
import os

from gannotes.studies.claims import MIME, differences

os.environ["TQDM_DISABLE"] = "1"  # in the kernels: no progress bars in what is compared
OUTPUT_SECONDS = 60  # nbval waits 5 s for a cell's last output, too little on a busy machine


def pytest_itemcollected(item):
    if type(item).__name__ == "IPyNbCell":  # by name: nbval need not be loaded
        item.__class__ = _with_claims(type(item))
        item.output_timeout = OUTPUT_SECONDS


@functools.cache
def _with_claims(cell_class):
    class ClaimCell(cell_class):
        def compare_outputs(self, test, ref, skip_compare=None):
            found = []
            for new, saved in zip(test, ref, strict=False):
                new_data, saved_data = new.get("data", {}), saved.get("data", {})
                if MIME in new_data and MIME in saved_data:
                    found += differences(saved_data[MIME], new_data[MIME])
                    new_data.update(saved_data)  # compared here, within its tolerances
            if found:
                self.comparison_traceback = [self.colors.FAIL, *found, self.colors.ENDC]
                return False
            return super().compare_outputs(test, ref, skip_compare)

    return ClaimCell


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
