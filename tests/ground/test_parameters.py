"""Lesson 01 on other data, by papermill: one parameter, no network."""

from pathlib import Path

from gannotes import datasets, files
from gannotes.datasets.drawn import draw_shapes, sample_factors
import numpy as np
import papermill
from PIL import Image
import pytest

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "01_basic_gan.ipynb"


def run(folder, dataset):
    """Executes the notebook, short; returns its cells by id."""
    notebook = papermill.execute_notebook(
        NOTEBOOK,
        folder / "out.ipynb",
        parameters={"DATASET": str(dataset), "STEPS": 40},
        cwd=folder,
        progress_bar=False,
    )
    return {cell["id"]: cell for cell in notebook.cells}


def shows(cell, kind="image/png"):
    return any(kind in output.get("data", {}) for output in cell["outputs"])


@pytest.mark.data
@pytest.mark.slow
def test_mnist(tmp_path):
    if not (files.cache_folder() / "mnist.npz").exists():
        pytest.skip("mnist is not in the cache; fill the folder named by GANNOTES_DATA")
    cells = run(tmp_path, "mnist")
    assert shows(cells["film"], "image/gif") and shows(cells["distances"])


@pytest.mark.slow
def test_a_folder_of_ones_own_images(tmp_path):
    pictures = draw_shapes(sample_factors(300, np.random.default_rng(0)), size=48)
    folder = tmp_path / "mine"
    folder.mkdir()
    for k, picture in enumerate(pictures):
        Image.fromarray(np.uint8((picture + 1) * 127.5)).save(folder / f"{k}.png")
    assert len(datasets.load(folder).images) == 270
    cells = run(tmp_path, folder)
    assert shows(cells["film"], "image/gif") and shows(cells["pictures"])
