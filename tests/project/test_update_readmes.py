"""The READMEs: their tables are those of the saved notebooks, and no link in them is dead."""

import json
from pathlib import Path
import re
import sys

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
import update_readmes  # noqa: E402

TABLES = update_readmes.tables()


@pytest.mark.parametrize("name", update_readmes.PAGES)
def test_tables_are_up_to_date(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "<!-- table " in text
    assert update_readmes.updated(text, TABLES) == text, "run python scripts/update_readmes.py"


def test_the_film_is_that_of_the_lesson():
    assert update_readmes.FILM.read_bytes() == update_readmes.film()
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 90


@pytest.mark.parametrize(
    "name", [*update_readmes.PAGES, "notebooks/README.md", "scripts/README.md", "CONTRIBUTING.md"]
)
def test_no_link_is_dead(name):
    page = ROOT / name
    for target in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
        assert target.startswith("https:") or (page.parent / target).exists(), target


def test_numbers_in_prose_are_those_on_record():
    front, chinese, larger = (
        (ROOT / name).read_text(encoding="utf-8")
        for name in ("README.md", "README.zh.md", "scripts/README.md")
    )
    minutes = json.loads((ROOT / "data/results/first_minutes.json").read_text())["seconds"]
    setup = 10 * round(minutes["make lab: the address is there"] / 10)
    assert f"about {setup} seconds, once" in front and f"约 {setup} 秒" in chinese
    tests = json.loads((ROOT / "data/results/test_seconds.json").read_text())["seconds"]
    whole = round(sum(tests.values()) / 60)
    assert f"about {whole} minutes on two cores" in front and f"约 {whole} 分钟" in chinese
    most = json.loads((ROOT / "data/results/data_size.json").read_text())["rows"][-1]
    assert f"A stream of {most['images']:,} images" in larger
    assert f"{most['microseconds_per_image']:.0f} µs" in larger
    assert f"{most['peak_mib'] / 1024:.1f} GiB" in larger


def test_the_packages_page_names_each_module_once():
    text = (ROOT / "gannotes/README.md").read_text(encoding="utf-8")
    rooms = [path for path in (ROOT / "gannotes").iterdir() if not path.name.startswith("_")]
    for path in rooms:
        name = f"`{path.stem}`" if path.suffix == ".py" else f"`{path.name}/`"
        if path.is_dir() or path.suffix == ".py":
            in_tables = sum(line.count(name) for line in text.splitlines() if line[0:1] == "|")
            assert in_tables == 1, name


def test_a_table_is_renewed_and_the_rest_is_left():
    text = "before\n<!-- table x -->\nold\n<!-- end -->\nafter\n"
    new = update_readmes.updated(text, {"x": ["| new |"]})
    assert new == "before\n<!-- table x -->\n\n| new |\n\n<!-- end -->\nafter\n"
    assert update_readmes.updated(new, {"x": ["| new |"]}) == new
    with pytest.raises(KeyError):
        update_readmes.updated(text, {})
