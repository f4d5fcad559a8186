"""Notebook 01 on other data, by papermill: one parameter, no network."""

from pathlib import Path

from gannotes import datasets, files
from gannotes.datasets.drawn import draw_shapes, sample_factors
import nbformat
import numpy as np
import papermill
from PIL import Image
import pytest

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "01_basic_gan.ipynb"
POINTS = {  # cells that DATASET does not reach
    *("known", "judge", "judge-run", "judge-maps", "judge-values", "verdict-value", "saturation"),
    *("saturation-heard", "dirac", "dirac-run", "dirac-eigenvalues", "stepper", "ring"),
    *("ring-coverage", "ring-widget", "ring-still", "tournament", "gains", "verdict-game"),
    *("weights", "verdict-converge"),
}


def run(folder, dataset, without=()):
    """Executes the notebook, short, perhaps without some cells; returns its cells by id."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    notebook.cells = [cell for cell in notebook.cells if cell.id not in without]
    nbformat.write(notebook, folder / "in.ipynb")
    notebook = papermill.execute_notebook(
        folder / "in.ipynb",
        folder / "out.ipynb",
        parameters={"DATASET": str(dataset), "SEEDS": 2, "STEPS": 1000},
        cwd=folder,
        progress_bar=False,
    )
    return {cell["id"]: cell for cell in notebook.cells}


def shows_picture(cell):
    return any("image/png" in output.get("data", {}) for output in cell["outputs"])


@pytest.mark.data
def test_mnist(tmp_path):
    if not (files.cache_folder() / "mnist.npz").exists():
        pytest.skip("mnist is not in the cache; fill the folder named by GANNOTES_DATA")
    cells = run(tmp_path, "mnist", without=POINTS)
    assert shows_picture(cells["digits-measure"]) and shows_picture(cells["digits-generated"])
    assert "mnist" in cells["training-slider"]["outputs"][0]["data"]["text/plain"]


def test_a_folder_of_ones_own_images(tmp_path):
    pictures = draw_shapes(sample_factors(300, np.random.default_rng(0)), size=48)
    folder = tmp_path / "mine"
    folder.mkdir()
    for k, picture in enumerate(pictures):
        Image.fromarray(np.uint8((picture + 1) * 127.5)).save(folder / f"{k}.png")
    assert len(datasets.load(folder).images) == 270
    cells = run(tmp_path, folder)
    assert shows_picture(cells["digits-measure"]) and shows_picture(cells["digits-generated"])
