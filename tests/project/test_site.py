"""The site: whole, without a network, without dead links, and fit for a phone."""

from html.parser import HTMLParser
from itertools import product
from pathlib import Path
import re
import sys

from lab import chromium, need_chromium, screenshot
import nbformat
import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
import build_site  # noqa: E402

PAGES = [*sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb")), "verdicts", "index"]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return build_site.build(tmp_path_factory.mktemp("site")).parent


class Marks(HTMLParser):
    """Tags of a page, with their attributes."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.slow
def test_a_page_is_whole(site, name):
    text = (site / f"{name}.html").read_text(encoding="utf-8")
    tags = Marks(text).found
    own = {attributes["id"] for _, attributes in tags if "id" in attributes}
    for tag, attributes in tags:
        if tag == "img":
            assert "alt" in attributes and attributes["src"].startswith("data:")
        for key in ("src", "href"):
            target, hash_, place = attributes.get(key, "").partition("#")
            if target.startswith("data:") or (tag == "a" and target.startswith("https:")):
                continue
            assert (site / target).exists(), f"{name}: dead link {target}"
            if hash_ and not target:
                assert place in own, f"{name}: no place {place}"
    assert "$" not in re.sub(r"<(pre|code)\b.*?</\1>", "", text, flags=re.DOTALL)  # no raw formula
    assert sum(tag == "h1" for tag, _ in tags) == 1


def test_every_figure_of_a_notebook_is_described(site):
    text = (site / "02_evaluation.html").read_text(encoding="utf-8")
    described = [attributes["alt"] for tag, attributes in Marks(text).found if tag == "img"]
    assert len(set(described)) == len(described) and all(len(alt) > 20 for alt in described)


def test_a_figure_brings_its_own_description_or_has_its_captions():
    def picture(**metadata):
        data = {"image/png": "iVBORw0KGgo="}
        return nbformat.v4.new_output("display_data", data, metadata=metadata)

    outputs = [picture(**{"image/png": {"alt": 'Two "dots" < 3'}}), picture(), picture()]
    cells = [nbformat.v4.new_code_cell("draw()", outputs=outputs)]
    cells += [nbformat.v4.new_markdown_cell("*Figure 1. One.*\n\n*Figure 2. Two.*")]
    text = build_site.cells_html(nbformat.v4.new_notebook(cells=cells))
    described = [attributes["alt"] for tag, attributes in Marks(text).found if tag == "img"]
    assert described == ['Two "dots" < 3', "Figure 2. Two.", build_site.UNDESCRIBED]


def test_what_a_cell_prints_is_text():
    outputs = [
        nbformat.v4.new_output("stream", text="a < b"),
        nbformat.v4.new_output("error", ename="ValueError", evalue="<i>", traceback=[]),
        nbformat.v4.new_output("execute_result", {"text/plain": "<Figure>"}),
        nbformat.v4.new_output("execute_result", {"text/html": "<b>x</b>", "text/plain": "x"}),
    ]
    cell = nbformat.v4.new_code_cell("1 < 2", outputs=outputs)
    text = build_site.cells_html(nbformat.v4.new_notebook(cells=[cell]))
    for part in ("a &lt; b", "ValueError: &lt;i&gt;", "&lt;Figure&gt;", "<b>x</b>"):
        assert part in text, part
    assert ">x</pre>" not in text


def test_colours_have_contrast():
    """At least 4.5 : 1, as WCAG 2 asks of text."""
    named = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", build_site.STYLE.read_text()))

    def luminance(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    for ink, paper in product(("ink", "soft", "link"), ("paper", "wash")):
        light, dark = luminance(named[paper]), luminance(named[ink])
        assert (light + 0.05) / (dark + 0.05) > 4.5, (ink, paper)


def test_a_folder_with_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(SystemExit, match="holds something else than a site"):
        build_site.build(tmp_path)
    assert (tmp_path / "thesis.tex").exists()


@pytest.mark.browser
@pytest.mark.parametrize(("width", "height"), [(1440, 1000), (390, 800)])
def test_in_a_browser(site, width, height):
    need_chromium()
    with chromium(offline=True, viewport={"width": width, "height": height}) as browser:
        tab = browser.new_page()
        said = []
        tab.on("console", lambda message: said.append(message.text))
        for name in PAGES:
            tab.goto((site / f"{name}.html").as_uri())
            tab.keyboard.press("Tab")
            assert tab.evaluate("document.activeElement.className") == "skip"
            wide = tab.evaluate("document.documentElement.scrollWidth")
            assert wide <= width + 1, f"{name} is {wide} pixels wide"
            screenshot(tab, f"site {name} {width}")
        slider = tab.frame_locator("iframe").first.locator("input[type=range]").first
        canvas = tab.frame_locator("iframe").first.locator("canvas")
        slider.focus()
        before = canvas.evaluate("canvas => canvas.toDataURL()")
        slider.press("ArrowRight")
        tab.wait_for_timeout(500)
        assert canvas.evaluate("canvas => canvas.toDataURL()") != before
        assert said == []
