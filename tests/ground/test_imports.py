"""The package's import arrows: who may know whom."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "gannotes"
GROUND = {"checks", "files"}
DATA = GROUND | {"datasets", "layers", "plotting"}
NETWORKS = DATA | {"models", "training"}
NUMBERS = NETWORKS | {"metrics", "theory"}
EVERYTHING = NUMBERS | {"latent", "studies"}
ARROWS = {  # room: rooms that it may import, of lower floors
    "__init__": {"training"},
    "checks": set(),
    "files": set(),
    "datasets": GROUND,
    "layers": GROUND,
    "plotting": GROUND,
    "models": DATA,
    "training": DATA | {"models"},
    "metrics": NETWORKS,
    "theory": NETWORKS,
    "latent": NUMBERS,
    "studies": NUMBERS,
    "widgets": EVERYTHING,
    "__main__": EVERYTHING,
}
BACKENDS = {"tensorflow", "jax"}
THEIR_PLACE = PACKAGE / "training" / "backend"  # alone may name them


def imported(source):
    """Dotted names that a module's source imports."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            yield from (f"{module}.{alias.name}" for alias in node.names)


def broken_arrows(module, source):
    """What a module imports against the rules, as sentences."""
    names = [name.split(".") for name in imported(source)]
    known = {parts[1] for parts in names if parts[0] == "gannotes" and len(parts) > 1}
    known -= {module}
    found = [f"{module} imports gannotes.{name}" for name in sorted(known - ARROWS[module])]
    found += [f"{module} imports from its own folder" for parts in names if not parts[0]]
    backends = BACKENDS & {parts[0] for parts in names}
    return found + [f"{module} imports {name}" for name in sorted(backends)]


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.stem)
def test_arrows(path):
    module = path.relative_to(PACKAGE).with_suffix("").parts[0]  # a folder is one module
    assert module in ARROWS, f"{module} is new: say in ARROWS what it may import"
    broken = broken_arrows(module, path.read_text())
    if path.is_relative_to(THEIR_PLACE):
        broken = [arrow for arrow in broken if arrow.split()[-1] not in BACKENDS]
    assert broken == []


@pytest.mark.parametrize(
    ("module", "source", "found"),
    [
        ("models", "from gannotes import training", ["models imports gannotes.training"]),
        ("models", "from gannotes.training import gan", ["models imports gannotes.training"]),
        (
            "training",
            "def f():\n    from gannotes.metrics import x",
            ["training imports gannotes.metrics"],
        ),
        ("models", "import tensorflow as tf", ["models imports tensorflow"]),
        ("metrics", "from tensorflow.linalg import sqrtm", ["metrics imports tensorflow"]),
        ("latent", "def f():\n    from jax import numpy", ["latent imports jax"]),
        ("models", "from . import models", ["models imports from its own folder"]),
        ("models", "from .training import GAN", ["models imports from its own folder"]),
        ("widgets", "from gannotes import plotting", []),
    ],
)
def test_a_broken_arrow_is_found(module, source, found):
    assert broken_arrows(module, source) == found
