"""The widgets of lesson 04 in Chromium: sliders over a generator that ships, and the canvas."""

from pathlib import Path
import re

from lab import chromium, lab, need_chromium, picture, run_all, screenshot, wait_for, widget
import nbformat
from playwright.sync_api import expect
import pytest

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "04_latent_space.ipynb"
CELLS = ["parameters", "imports", "map", "explorer", "sphere-measure", "truncation"]
CELLS += ["truncation-slider", "train", "look", "back", "canvas"]
EXPLORER = "Each slider shifts every image along one latent direction"

need_chromium()
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The lesson's cells with widgets, and those that they need; a short training."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    cells = {cell.id: cell for cell in notebook.cells}
    few = re.sub(r"STEPS = \d+", "STEPS = 20", cells["parameters"].source)
    cells["parameters"].source = few
    two = cells["sphere-measure"].source.splitlines()[:2]  # classifier and real digits
    cells["sphere-measure"].source = "\n".join(two)
    notebook.cells = [cells[id] for id in CELLS]
    notebook.cells.append(nbformat.v4.new_code_cell("print('all', 'shown')"))
    with (
        lab(tmp_path_factory.mktemp("lab"), notebook) as address,
        chromium(viewport={"width": 1400, "height": 1000}) as browser,
    ):
        page = browser.new_page()
        page.errors = []
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        run_all(page, address, "all shown")
        yield page


@pytest.mark.parametrize("number", range(5))
def test_the_shipped_generator_answers_to_a_key(page, number):
    box = widget(page, EXPLORER)
    first = picture(box)
    handle = box.locator(".noUi-handle").nth(number)  # four directions, and truncation
    away, back = ("ArrowRight", "ArrowLeft") if number < 4 else ("ArrowLeft", "ArrowRight")
    handle.press(away)
    wait_for(box, lambda found: found != first, seconds=1)
    handle.press(back)
    wait_for(box, lambda found: found == first, seconds=1)
    screenshot(box, "shipped generator")


def test_truncation_shows_its_pictures_and_numbers(page):
    box = widget(page, "Truncation of the shipped generator")
    first, caption = picture(box), box.get_by_text("precision")
    said, handle = caption.inner_text(), box.locator(".noUi-handle").first
    handle.press("ArrowLeft")
    wait_for(box, lambda found: found != first)
    expect(caption).not_to_have_text(said)
    handle.press("ArrowRight")
    wait_for(box, lambda found: found == first)


def test_a_digit_is_drawn_and_got_back(page):
    box = widget(page, "Draw a digit, and get it back")
    paper, first = box.get_by_role("application"), picture(box)
    box.get_by_role("button", name="clear").click()
    paper.scroll_into_view_if_needed()
    place = paper.bounding_box()
    page.mouse.move(place["x"] + 150, place["y"] + 50)
    page.mouse.down()
    page.mouse.move(place["x"] + 130, place["y"] + 230, steps=5)
    page.mouse.up()
    box.get_by_role("button", name="get it back").click()
    second = wait_for(box, lambda found: found != first, seconds=20)
    expect(box.get_by_text("right the generator's: a")).to_be_visible()
    screenshot(box, "lesson's canvas")
    paper.press("Delete")
    for key in ["Space", *5 * ["ArrowRight"], *9 * ["ArrowDown"], "Space"]:
        paper.press(key)
    box.get_by_role("button", name="get it back").click()
    wait_for(box, lambda found: found not in (first, second), seconds=20)
    assert page.errors == []
