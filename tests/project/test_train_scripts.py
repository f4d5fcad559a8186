"""The scripts that make anew what lies in data/evaluators and data/generators: which ones they make."""

from pathlib import Path
import sys

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))
import train_evaluators
import train_generators

CARDS = {
    train_evaluators: {"test_accuracy": 1, "test_images": 1},
    train_generators: {"frechet_distance": 0, "measured_images": 1},
}


@pytest.mark.parametrize("script", CARDS, ids=lambda script: script.__name__)
def test_all_by_default_and_else_those_that_are_named(script, monkeypatch):
    made = []

    def make(name, *folder):
        made.append(name)
        return None, CARDS[script]

    monkeypatch.setattr(script, "train" if script is train_evaluators else "make", make)
    monkeypatch.setattr(script, "save", lambda *_: None)
    script.main([])
    assert made == list(script.RECIPES)
    made.clear()
    script.main(["mnist"])
    assert made == ["mnist"]
    with pytest.raises(SystemExit):
        script.main(["imagenet"])
