"""Executes notebooks and saves their outputs in place: python scripts/execute_notebooks.py

What differs from run to run (times, widget ids, the Python version) is left out, so that on one
machine two runs write the same bytes. Sliders keep their line of text; with a kernel they live.
"""

import argparse
import os
from pathlib import Path
import time

from gannotes.files import atomic_path
from nbclient import NotebookClient
import nbformat

FOLDER = Path(__file__).resolve().parent.parent / "notebooks"
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def execute(path):
    """Executes one notebook; returns its seconds. After an error the old file stays."""
    notebook = nbformat.read(path, as_version=4)
    start = time.monotonic()
    NotebookClient(
        notebook,
        timeout=600,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
        record_timing=False,
        store_widget_state=False,
    ).execute()
    seconds = time.monotonic() - start
    tidy(notebook)
    with atomic_path(path) as part:
        nbformat.write(notebook, part)
    return seconds


def tidy(notebook):
    """Removes from an executed notebook what differs from run to run."""
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(WIDGET_VIEW, None)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("paths", nargs="*", type=Path, default=sorted(FOLDER.glob("*.ipynb")))
    os.environ["TQDM_DISABLE"] = "1"  # no progress bars in saved outputs
    for path in parser.parse_args().paths:
        print(f"{path.name}: {execute(path):.0f} s", flush=True)
