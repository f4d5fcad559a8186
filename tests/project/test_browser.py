"""Lesson 01 in JupyterLab in Chromium: it runs, and its sliders move the pictures."""

from pathlib import Path

from lab import chromium, lab, need_chromium, picture, run_all, screenshot, wait_for, widget
import nbformat
import pytest

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "01_basic_gan.ipynb"

need_chromium()
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The notebook's page, all cells run."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    for cell in notebook.cells:
        if cell.id == "parameters":  # the sliders are tested here; nbval runs all steps
            cell.source = cell.source.replace("STEPS = 900", "STEPS = 100")
            assert "STEPS = 100" in cell.source
    home = tmp_path_factory.mktemp("lab")
    with (
        lab(home, notebook, NOTEBOOK.name) as address,
        chromium(viewport={"width": 1400, "height": 1000}) as browser,
    ):
        page = browser.new_page()
        run_all(page, address, "Still ill: compare it with the lesson")
        yield page


@pytest.mark.parametrize(
    ("title", "away", "back"),
    [
        ("Learning to draw", "ArrowLeft", "ArrowRight"),
        ("Each slider shifts every image along one latent coordinate", "ArrowRight", "ArrowLeft"),
    ],
)
def test_slider_moves_the_picture_and_brings_it_back(page, title, away, back):
    box = widget(page, title)
    first = picture(box)
    handle = box.locator(".noUi-handle").first
    handle.focus()
    handle.press(away)
    second = wait_for(box, lambda found: found != first)
    handle.press(away)
    wait_for(box, lambda found: found not in (first, second))
    handle.press(back)
    handle.press(back)
    wait_for(box, lambda found: found == first)
    screenshot(box, title)


def test_no_cell_failed(page):
    assert page.locator("[data-mime-type='application/vnd.jupyter.error']").count() == 0
    assert page.locator("[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
