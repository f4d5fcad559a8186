"""Executes notebooks and saves their outputs in place: python scripts/execute_notebooks.py

What differs from run to run (times, widget ids, the Python version) is left out, so that on one
machine two runs write the same bytes. Sliders keep their line of text; with a kernel they live.
With --record the seconds go to data/results/notebook_seconds.json, from where the README has them.
With --other-seeds 10 nothing is saved: each notebook that has a SEED runs with ten others, and every
checked number that leaves its tolerance is told.
"""

import argparse
import base64
import io
import json
import os
from pathlib import Path
import time

from gannotes.files import atomic_path, write_bytes
from gannotes.studies import claims
from nbclient import NotebookClient
import nbformat
import papermill
from PIL import Image, ImageChops, ImageStat

FOLDER = Path(__file__).resolve().parent.parent / "notebooks"
SECONDS = FOLDER.parent / "data/results/notebook_seconds.json"
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
            data = output.get("data", {})
            data.pop(WIDGET_VIEW, None)
            if "image/png" in data:
                data["image/png"] = smaller(data["image/png"])


def smaller(content):
    """A PNG, in base64, that shows the same in fewer bytes: by 256 colours, if these are enough."""
    image, packed = Image.open(io.BytesIO(base64.b64decode(content))), io.BytesIO()
    if image.mode != "RGBA" or image.getextrema()[3] == (255, 255):
        dpi, image = image.info.get("dpi"), image.convert("RGB")
        few = image.quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        off = ImageStat.Stat(ImageChops.difference(image, few.convert("RGB"))).mean
        (few if max(off) < 0.5 else image).save(packed, "PNG", optimize=True, dpi=dpi)
    return base64.b64encode(packed.getvalue()).decode() if packed.tell() else content


def outside(path, seed):
    """Sentences: which checked numbers of a notebook leave their tolerance with another SEED."""
    try:
        notebook = papermill.execute_notebook(
            path, None, {"SEED": seed}, cwd=path.parent, progress_bar=False, log_output=False
        )
    except papermill.PapermillExecutionError as error:
        return [f"{error.ename}: {error.evalue}"]
    saved, now = (
        [number for cell in cells for number in claims.in_outputs(cell.get("outputs", []))]
        for cells in (nbformat.read(path, as_version=4).cells, notebook.cells)
    )
    return [text for pair in zip(saved, now, strict=True) for text in claims.differences(*pair)]


def keep(name, seconds):
    """Adds a notebook's time to the record, whose machine is its own affair."""
    record = json.loads(SECONDS.read_text()) if SECONDS.exists() else {"cores": 0, "seconds": {}}
    record["cores"] = os.cpu_count()
    record["seconds"] = dict(sorted({**record["seconds"], name: round(seconds)}.items()))
    write_bytes(SECONDS, (json.dumps(record, indent=2) + "\n").encode())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("paths", nargs="*", type=Path, default=sorted(FOLDER.glob("*.ipynb")))
    parser.add_argument("--record", action="store_true", help="keep the seconds, for the README")
    parser.add_argument("--other-seeds", type=int, default=0, help="how many; saves nothing")
    arguments = parser.parse_args()
    os.environ["TQDM_DISABLE"] = "1"  # no progress bars in saved outputs
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"  # nor what TensorFlow says of its graphs; JAX sets 1
    for path in arguments.paths:
        for seed in range(1, arguments.other_seeds + 1):
            found = outside(path, seed)
            print(f"{path.name}, seed {seed}: {'; '.join(found) or 'within tolerance'}", flush=True)
        if arguments.other_seeds:
            continue
        seconds = execute(path)
        print(f"{path.name}: {seconds:.0f} s", flush=True)
        if arguments.record:
            keep(path.stem, seconds)
