"""The package's import arrows: who may know whom."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "gannotes"
ARROWS = {  # module: modules of the package that it may import
    "__init__": {"gradients"},
    "adversarial": {"checks", "gradients"},
    "augmentation": set(),
    "autoencoders": {"blocks", "checks", "fused", "gradients", "options"},
    "batches": {"checks", "gradients"},
    "blocks": set(),
    "board": {"checks", "losses", "options", "studies", "training"},
    "callbacks": {"checks", "files"},
    "checks": set(),
    "claims": {"checks", "files"},
    "costs": {"checks", "layers"},
    "damage": {"checks"},
    "datasets": {"checks", "folders", "mixtures", "published", "shapes"},
    "diagnosis": {"batches"},
    "dictionaries": {"checks"},
    "directions": {"checks", "feature_functions", "generators", "latents"},
    "encoders": {"blocks", "checks", "fused", "gradients", "losses", "options"},
    "exercises": set(),
    "feature_functions": {"checks", "feature_functions"},
    "features": {"checks", "files", "layers", "models", "shapes"},
    "figures": {"claims", "files", "plotting"},
    "files": set(),
    "folders": {"checks"},
    "fused": {"batches", "callbacks", "checks", "gradients", "initial", "layers", "states"},
    "gabor": {"checks"},
    "game": {"layers"},
    "generators": {"checks", "files"},
    "gradients": {"gradients"},
    "initial": set(),
    "inversion": {"checks", "generators", "gradients", "latents"},
    "jacobian": {"checks", "gradients"},
    "laboratory": {
        "augmentation",
        "board",
        "callbacks",
        "diagnosis",
        "features",
        "metrics",
        "models",
        "options",
    },
    "latents": {"checks"},
    "layers": {"checks", "layers", "ranks"},
    "losses": set(),
    "matching": {"checks", "feature_functions"},
    "metrics": {"checks", "metrics", "neighbours"},
    "mixtures": set(),
    "models": {"checks", "layers"},
    "neighbours": set(),
    "options": {"checks", "losses"},
    "page": {"checks", "files", "generators", "latents"},
    "plotting": {"checks"},
    "probes": {"checks"},
    "progress": {"gradients"},
    "published": {"files"},
    "ranks": {"checks"},
    "remedies": {"board", "checks", "losses", "models"},
    "shapes": set(),
    "similarity": {"checks"},
    "sparse_models": {"checks", "layers", "models"},
    "states": {"files"},
    "step": {"batches", "gradients", "losses"},
    "streams": {"batches", "gradients"},
    "studies": {"callbacks", "checks", "files", "progress", "yardstick"},
    "train": {
        "augmentation",
        "callbacks",
        "datasets",
        "diagnosis",
        "features",
        "files",
        "folders",
        "gradients",
        "losses",
        "metrics",
        "models",
        "options",
        "plotting",
        "progress",
        "streams",
        "train_options",
        "training",
    },
    "train_options": {"augmentation", "datasets", "files", "gradients", "losses", "options"},
    "training": {"blocks", "checks", "fused", "gradients", "options", "step"},
    "transformers": {"checks", "layers", "models"},
    "vector_field": {"gradients", "losses", "options"},
    "widgets": {
        "checks",
        "damage",
        "diagnosis",
        "feature_functions",
        "files",
        "generators",
        "gradients",
        "latents",
        "layers",
        "losses",
        "models",
        "plotting",
        "shapes",
        "training",
        "widgets",
        "yardstick",
    },
    "yardstick": {"checks", "features", "metrics"},
}
BACKENDS = {"tensorflow", "jax"}  # which `gradients` alone may name


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
    found = [f"{module} imports gannotes.{name}" for name in sorted(known - ARROWS[module])]
    found += [f"{module} imports from its own folder" for parts in names if not parts[0]]
    backends = BACKENDS & {parts[0] for parts in names} if module != "gradients" else ()
    found += [f"{module} imports {name}" for name in sorted(backends)]
    return found


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.stem)
def test_arrows(path):
    module = path.relative_to(PACKAGE).with_suffix("").parts[0]  # a folder is one module
    assert module in ARROWS, f"{module} is new: say in ARROWS what it may import"
    assert broken_arrows(module, path.read_text()) == []


@pytest.mark.parametrize(
    ("module", "source", "found"),
    [
        ("training", "from gannotes import models", ["training imports gannotes.models"]),
        (
            "losses",
            "def f():\n    from gannotes.metrics import x",
            ["losses imports gannotes.metrics"],
        ),
        ("models", "import tensorflow as tf", ["models imports tensorflow"]),
        ("metrics", "from tensorflow.linalg import sqrtm", ["metrics imports tensorflow"]),
        ("step", "def f():\n    from jax import numpy", ["step imports jax"]),
        ("losses", "from . import models", ["losses imports from its own folder"]),
        ("losses", "from .training import GAN", ["losses imports from its own folder"]),
        ("widgets", "from gannotes import plotting", []),
    ],
)
def test_a_broken_arrow_is_found(module, source, found):
    assert broken_arrows(module, source) == found
