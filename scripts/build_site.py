"""Writes a site of the saved notebooks: python scripts/build_site.py [FOLDER]

One page a notebook, with its outputs as they were saved, an index, and a page with sliders for each
trained generator that ships. Nothing is loaded from a network: formulas are MathML, pictures stand in
the pages. Open FOLDER/index.html, by default site/index.html.
"""

import argparse
from html import escape
from html.parser import HTMLParser
from pathlib import Path
import re
import shutil

from gannotes.latent import directions, generators, page
from gannotes.studies.claims import MIME
from latex2mathml.converter import convert as as_mathml
import mistune
import nbformat
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

ROOT = Path(__file__).resolve().parent.parent
STYLE = Path(__file__).with_name("site.css")
EXPLORERS = {"mnist": "Digits under the hand", "fashion_mnist": "Clothes under the hand"}
PICTURES = {  # which figure stands on the index, counted from 0
    "01_basic_gan": 6,
    "02_optimization": 2,
    "03_factorized_generator": 5,
    "04_sparse_representation": 2,
    "05_cosine_feature_matching": 14,
    "06_feature_functions": 3,
    "07_evaluation": 2,
    "08_latent_space": 10,
}
PNG, HTML, TEXT = "image/png", "text/html", "text/plain"


class Renderer(mistune.HTMLRenderer):
    """Markdown as in Jupyter: formulas, tables, headings to link to, HTML left as it is."""

    def __init__(self):
        super().__init__(escape=False)

    def heading(self, text, level, **attributes):
        """A heading with an anchor."""
        return f'<h{level} id="{anchor(text)}">{text}</h{level}>\n'

    def inline_math(self, text):
        """A formula in a line."""
        return as_mathml(text)

    def block_math(self, text):
        """A formula in a line of its own."""
        return f'<div class="formula">{as_mathml(text, display="block")}</div>\n'

    def link(self, text, url, title=None):
        """A link; notebooks are pages here, and what else is in the repository is not."""
        if re.match(r"https?:|#", url):
            return super().link(text, url, title)
        path, hash_, place = url.partition("#")
        if path.endswith(".ipynb"):
            return super().link(text, f"{Path(path).stem}.html{hash_}{place}", title)
        return text

    def table(self, text):
        """A table that scrolls by itself where the screen is narrow."""
        return f'<div class="wide"><table>{text}</table></div>\n'


def anchor(text):
    """A heading's name in addresses."""
    return re.sub(r"\W+", "-", re.sub(r"<[^>]*>", "", text)).strip("-").lower()


def markdown(renderer=None):
    """Function of Markdown that gives HTML."""
    return mistune.create_markdown(renderer=renderer or Renderer(), plugins=["table", "math"])


class _Text(HTMLParser):
    """What of HTML is text."""

    def __init__(self):
        super().__init__()
        self.parts = []

    def handle_data(self, data):
        self.parts.append(data)


def plain(text):
    """HTML without its marks."""
    parser = _Text()
    parser.feed(text)
    return " ".join("".join(parser.parts).split())


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


def output_html(output, describe):
    """One output; `describe` gives the next figure's description."""
    data = output.get("data", {})
    if PNG in data:
        text = escape(describe(), quote=True)
        return f'<img src="data:{PNG};base64,{data[PNG].strip()}" alt="{text}">'
    if HTML in data:
        return f'<div class="wide">{data[HTML]}</div>'
    error = f"{output['ename']}: {output['evalue']}" if output.output_type == "error" else ""
    text = data.get(TEXT) or output.get("text", error)
    return f"<pre>{escape(text)}</pre>"


def notebook_html(notebook, render):
    """A notebook's cells."""
    waiting = captions(notebook.cells)

    def describe():
        return waiting.pop(0) if waiting else "What the cell above shows, described around it"

    lexer, formatter, parts = PythonLexer(), HtmlFormatter(cssclass="code"), []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            parts.append(f'<section class="prose">{render(cell.source)}</section>')
            continue
        outputs = "".join(output_html(output, describe) for output in cell.outputs)
        code = highlight(cell.source, lexer, formatter).replace("<pre>", '<pre tabindex="0">', 1)
        parts.append(f'{code}<div class="output">{outputs}</div>' if outputs else code)
    return "\n".join(parts)


def sections(notebook):
    """``(anchor, title)`` of each heading of the second level."""
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    return [(anchor(title), title) for title in re.findall(r"^## (.*)$", text, re.MULTILINE)]


def verdicts(notebook):
    """The claims that a notebook weighs, as they were saved."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return [output["data"][MIME] for output in outputs if MIME in output.get("data", {})]


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


def notebook_page(notebook, name, before, after, render):
    """A notebook's page, with ways to the notebooks around it."""
    ways = [
        f'<a rel="{rel}" href="{other}.html">{label}</a>'
        for rel, other, label in (("prev", before, "← before"), ("next", after, "next →"))
        if other
    ]
    links = "".join(f'<li><a href="#{id}">{escape(title)}</a>' for id, title in sections(notebook))
    aside = f'<nav class="sections" aria-label="Sections"><ol>{links}</ol></nav>\n'
    explorers = ""
    if name.startswith("08"):
        explorers = "".join(map(explorer_frame, EXPLORERS))
    body = notebook_html(notebook, render) + explorers
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


def question_of(notebook):
    """What a notebook asks."""
    return re.search(r"\*\*(.*?)\*\*", notebook.cells[0].source, re.DOTALL)[1].replace("\n", " ")


def card(notebook, name):
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
        f'<p class="fine">claims weighed: {len(verdicts(notebook))}</p></li>'
    )


def index_page(notebooks):
    """The site's first page."""
    cards = "\n".join(card(notebook, name) for name, notebook in notebooks.items())
    first, *others = map(explorer_frame, EXPLORERS)
    rows = "".join(
        f"<tr><td>{escape(claim['claim'])}</td><td>{escape(claim['verdict'])}</td>"
        f'<td><a href="{name}.html">{name[:2]}</a></td></tr>'
        for name, notebook in notebooks.items()
        for claim in verdicts(notebook)
    )
    body = (
        "<h1>Generative adversarial networks, measured</h1>"
        "<p>Keras 3 notebooks that always run: seconds to minutes on two CPU cores, every claim "
        "measured over several seeds. These pages show them as they were saved; with a kernel, in "
        "JupyterLab, their sliders move and every parameter is yours.</p>"
        f'{first}<ul class="cards">{cards}</ul>{"".join(others)}'
        "<h2>All claims, and what became of them</h2>"
        '<div class="wide"><table><thead><tr><th>claim</th><th>verdict</th><th>notebook</th></tr>'
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
    render = markdown()
    names = [None, *notebooks, None]
    for before, name, after in zip(names, names[1:], names[2:], strict=False):
        text = notebook_page(notebooks[name], name, before, after, render)
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    for name, title in EXPLORERS.items():
        write_explorer(folder / f"{name}.html", generators.load_shipped(name)[0], title)
    (folder / "index.html").write_text(index_page(notebooks), encoding="utf-8")
    return folder / "index.html"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "site")
    print(f"open {build(parser.parse_args().folder.resolve()).as_uri()}")
