"""Lesson 01 in JupyterLab in Chromium: it runs, and its sliders move the pictures."""

import os
from pathlib import Path
import re

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
            cell.source = re.sub(r"STEPS = \d+", "STEPS = 100", cell.source)
            assert "STEPS = 100" in cell.source
    home = tmp_path_factory.mktemp("lab")
    with (
        lab(home, notebook, NOTEBOOK.name) as address,
        chromium(viewport={"width": 1440, "height": 1000}) as browser,
    ):
        page = browser.new_page()
        page.errors = []
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        page.on("console", lambda said: said.type == "error" and page.errors.append(said.text))
        run_all(page, address, "Still ill: look at its pictures")
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


def test_the_console_has_no_error(page):
    assert page.errors == []


@pytest.mark.parametrize("width", [1440, 800])
def test_text_and_outputs_fit_the_page(page, width):
    page.set_viewport_size({"width": width, "height": 1000})
    page.wait_for_timeout(1000)  # JupyterLab lays the page out anew
    shown = page.locator(".jp-OutputArea-output, .jp-MarkdownOutput")
    sizes = shown.evaluate_all("all => all.map(x => [x.scrollWidth - x.clientWidth, x.innerText])")
    assert len(sizes) > 30
    assert [text[:80] for surplus, text in sizes if surplus > 1] == []
    if os.environ.get("GANNOTES_SCREENSHOTS"):
        for k in range(shown.count()):
            shown.nth(k).scroll_into_view_if_needed()
            screenshot(page, f"lesson at {width}, {k:02}")
