"""Writes a site of the saved notebooks: python scripts/build_site.py [FOLDER]

One page a notebook, with its outputs as they were saved, an index, and a page with sliders for each
trained generator that ships. Nothing is loaded from a network: formulas are MathML, pictures stand in
the pages. Open FOLDER/index.html, by default site/index.html.
"""

import argparse
import base64
from collections import Counter
from html import escape
import json
from pathlib import Path
import re
import shutil

from gannotes.latent import directions, generators, page
from gannotes.studies import claims
from latex2mathml.converter import convert as as_mathml
from nbconvert import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
import nbformat
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from traitlets.config import Config
from update_readmes import question_of

ROOT = Path(__file__).resolve().parent.parent
STYLE, TEMPLATE = (Path(__file__).with_name(name) for name in ("site.css", "site.html.j2"))
EXPLORERS = {"mnist": "Digits under the hand", "fashion_mnist": "Clothes under the hand"}
PICTURES = {  # which figure stands on the index, counted from 0
    "01_basic_gan": 7,
    "03_optimization": 2,
    "05_factorized_generator": 5,
    "06_sparse_representation": 2,
    "07_cosine_feature_matching": 0,
    "08_feature_functions": 4,
    "02_evaluation": 2,
    "04_latent_space": 0,
}
PNG, GIF = "image/png", "image/gif"
SHOWN = [PNG, GIF, "text/html", "text/plain"]  # the first of these that an output has
UNDESCRIBED = "What the cell above shows, described around it"


class Prose(IPythonRenderer):
    """Markdown as in Jupyter, with MathML, and links that stay within the site."""

    def heading(self, text, level, **attributes):
        """A heading with an anchor."""
        return f'<h{level} id="{anchor(text)}">{text}</h{level}>\n'

    def inline_math(self, body):
        """A formula in a line."""
        return as_mathml(body)

    def block_math(self, body):
        """A formula in a line of its own."""
        return f'<div class="formula" tabindex="0">{as_mathml(body, display="block")}</div>\n'

    def link(self, text, url, title=None):
        """A link; notebooks are pages here, and what else is in the repository is not."""
        if re.match(r"https?:|#", url):
            return super().link(text, url, title)
        path, hash_, place = url.partition("#")
        if path.endswith(".ipynb"):
            return super().link(text, f"{Path(path).stem}.html{hash_}{place}", title)
        if path.endswith("VERDICTS.md") or (hash_ and not path):
            return super().link(text, f"verdicts.html{hash_}{place}", title)
        return text

    def image(self, text, url, title=None):
        """A picture of the repository, or of the notebooks' folder, within the page."""
        path = next(p for p in (ROOT / "notebooks" / url, ROOT / url) if p.exists())
        kind = {".svg": "image/svg+xml", ".gif": GIF}.get(path.suffix, PNG)
        content = base64.b64encode(path.read_bytes()).decode()
        return f'<img src="data:{kind};base64,{content}" alt="{escape(text)}">'

    def table(self, text):
        """A table that scrolls by itself where the screen is narrow."""
        return f'<div class="wide" tabindex="0"><table>{text}</table></div>\n'


def anchor(text):
    """A heading's name in addresses."""
    return re.sub(r"\W+", "-", re.sub(r"<[^>]*>", "", text)).strip("-").lower()


def captions(cells):
    """The sentences that describe a notebook's figures, in order: its lines in italics."""
    text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    found = re.findall(r"^\*(Figure .*?)\*$", text, re.MULTILINE | re.DOTALL)
    return [
        part.strip().replace("\n", " ")
        for caption in found
        for part in re.split(r"(?=Figure \d+\.)", caption)
        if part.strip()
    ]


def prose(source):
    """Markdown as a part of a page."""
    return MarkdownWithMath(renderer=Prose(escape=False)).render(source)


def cells_html(notebook):
    """A notebook's cells, through nbconvert and ``site.html.j2``."""
    waiting = captions(notebook.cells)
    formatter = HtmlFormatter(cssclass="code")

    def describe(output):
        caption = waiting.pop(0) if waiting else UNDESCRIBED
        about = output.metadata.get(GIF) or output.metadata.get(PNG, {})
        return about.get("alt") or caption

    def code(source):
        text = highlight(source, PythonLexer(), formatter)
        return text.replace("<pre>", '<pre tabindex="0">', 1)

    exporter = HTMLExporter(
        raw_template=TEMPLATE.read_text(),
        filters={"prose": prose, "code": code, "describe": describe},
        config=Config(NbConvertBase={"display_data_priority": SHOWN}),
    )
    return exporter.from_notebook_node(notebook)[0]


def sections(notebook):
    """``(anchor, title)`` of each heading of the second level."""
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    return [(anchor(title), title) for title in re.findall(r"^## (.*)$", text, re.MULTILINE)]


def shell(title, body, navigation="", aside=""):
    """A whole page."""
    return f"""<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<link rel="stylesheet" href="site.css">
<a class="skip" href="#main">Skip to the text</a>
<header><a href="index.html">gannotes</a>{navigation}</header>
{aside}<main id="main">
{body}
</main>
</html>
"""


def notebook_page(notebook, name, before, after):
    """A notebook's page, with ways to the notebooks around it."""
    ways = [
        f'<a rel="{rel}" href="{other}.html">{label}</a>'
        for rel, other, label in (("prev", before, "← before"), ("next", after, "next →"))
        if other
    ]
    links = "".join(f'<li><a href="#{id}">{escape(title)}</a>' for id, title in sections(notebook))
    aside = f'<nav class="sections" aria-label="Sections"><ol>{links}</ol></nav>\n'
    explorers = ""
    if name.startswith("04"):
        explorers = "".join(map(explorer_frame, EXPLORERS))
    body = cells_html(notebook).replace("../VERDICTS.md", "verdicts.html") + explorers
    navigation = f'<nav aria-label="Notebooks">{" ".join(ways)}</nav>'
    return shell(title_of(notebook), body, navigation, aside)


def explorer_frame(name):
    """A generator's page within another one."""
    title = f"{EXPLORERS[name]}: sliders over a generator"
    return f'<iframe src="{name}.html" title="{title}"></iframe>\n'


def write_explorer(path, generator, title):
    """A page with sliders that change what they are named after."""
    page.write_page(path, generator, directions=directions.of_measures(generator), title=title)


def title_of(notebook):
    """A notebook's first heading."""
    return notebook.cells[0].source.splitlines()[0].removeprefix("# ")


def card(notebook, name, weighed):
    """A notebook on the index: question, a picture of its own, what became of its claims."""
    pictures = [
        output["data"][PNG].strip()
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if PNG in output.get("data", {})
    ]
    picture = pictures[min(PICTURES.get(name, 0), len(pictures) - 1)]
    return (
        f'<li class="card"><a href="{name}.html"><img src="data:{PNG};base64,{picture}" alt="">'
        f"<h2>{escape(title_of(notebook))}</h2></a><p>{escape(question_of(notebook))}</p>"
        f'<p class="fine">claims weighed: {weighed}</p></li>'
    )


def index_page(notebooks):
    """The site's first page."""
    judged = json.loads((ROOT / "data/verdicts.json").read_text(encoding="utf-8"))
    count = Counter(claims.CLAIMS[id]["lesson"] for id in judged)
    cards = "\n".join(card(book, name, count[name]) for name, book in notebooks.items())
    first, *others = map(explorer_frame, EXPLORERS)
    rows = "".join(
        f"<tr><td>{escape(claim['claim'])}</td><td>{escape(claim['verdict'])}</td>"
        f'<td><a href="verdicts.html#{id}">{id}</a></td></tr>'
        for id, claim in judged.items()
    )
    body = (
        "<h1>Generative adversarial networks, measured</h1>"
        "<p>Keras 3 notebooks that always run: seconds to minutes on two CPU cores, every claim "
        "measured over several seeds. These pages show them as they were saved; with a kernel, in "
        "JupyterLab, their sliders move and every parameter is yours.</p>"
        f'{first}<ul class="cards">{cards}</ul>{"".join(others)}'
        "<h2>All claims, and what became of them</h2>"
        '<div class="wide" tabindex="0"><table><thead><tr><th>claim</th><th>verdict</th><th>how</th></tr>'
        f"</thead><tbody>{rows}</tbody></table></div>"
    )
    return shell("gannotes: generative adversarial networks, measured", body)


def write_style(folder):
    """Writes the pages' style into their folder."""
    colours = HtmlFormatter(style="default", cssclass="code").get_style_defs(".code")
    (folder / "site.css").write_text(STYLE.read_text() + colours + "\n")


def build(folder):
    """Writes the site into a folder, which is emptied of an older site first."""
    paths = sorted((ROOT / "notebooks").glob("*.ipynb"))
    notebooks = {path.stem: nbformat.read(path, as_version=4) for path in paths}
    if folder.exists() and not (folder / "site.css").exists() and any(folder.iterdir()):
        raise SystemExit(f"{folder} holds something else than a site: name another folder")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    write_style(folder)
    names = [None, *notebooks, None]
    for before, name, after in zip(names, names[1:], names[2:], strict=False):
        text = notebook_page(notebooks[name], name, before, after)
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    for name, title in EXPLORERS.items():
        write_explorer(folder / f"{name}.html", generators.load_shipped(name)[0], title)
    verdicts = prose((ROOT / "VERDICTS.md").read_text(encoding="utf-8"))
    page = shell("Verdicts", f'<section class="prose">{verdicts}</section>')
    (folder / "verdicts.html").write_text(page, encoding="utf-8")
    (folder / "index.html").write_text(index_page(notebooks), encoding="utf-8")
    return folder / "index.html"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "site")
    print(f"open {build(parser.parse_args().folder.resolve()).as_uri()}")
