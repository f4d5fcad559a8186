"""The first widget of notebook 04 in Chromium: a generator that ships, under a key."""

from pathlib import Path

from lab import chromium, lab, need_chromium, picture, run_all, screenshot, wait_for, widget
import nbformat
import pytest

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "04_latent_space.ipynb"

need_chromium()
pytestmark = pytest.mark.browser


def test_the_shipped_generator_answers_to_a_key(tmp_path):
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"][:3]
    assert [cell.id for cell in cells] == ["parameters", "imports", "explorer"]
    cells.append(nbformat.v4.new_code_cell("print('all', 'shown')"))
    notebook.cells = cells
    with (
        lab(tmp_path, notebook) as address,
        chromium(viewport={"width": 1400, "height": 1000}) as browser,
    ):
        page = browser.new_page()
        run_all(page, address, "all shown")
        box = widget(page, "Each slider shifts every image along one latent direction")
        first = picture(box)
        handle = box.locator(".noUi-handle").first
        handle.focus()
        handle.press("ArrowRight")
        wait_for(box, lambda found: found != first, seconds=1)
        handle.press("ArrowLeft")
        wait_for(box, lambda found: found == first, seconds=1)
        screenshot(box, "shipped generator")
