"""What the full tier recorded, in a notebook's figure."""

import io

from gannotes import plotting
from gannotes.plotting.figures import full_tier as figures
from gannotes.studies import claims
from gannotes.studies.claims import Value, Verdict
import numpy as np
import pandas as pd
from PIL import Image
import pytest


@pytest.fixture
def table(tmp_path, monkeypatch):
    monkeypatch.setattr(claims, "GIVEN", {})
    value = Value(0.5, 0.4, 0.6, atol=0.1)
    Verdict("004-vae", "holds", {"recall, GAN": value, "recorded: x": value, "new": value}, 5)
    Verdict("004-value", "holds", {"V": value}, 5)  # own data, another notebook
    about = {"notebook": "07_evaluation", "data_set": "mnist", "date": "2026-11-22", "seeds": 3}
    about |= {"machine": "two cores", "claim": "004-vae", "outcome": "holds only when x"}
    rows = [{**about, "value": "recall, GAN", "mean": 0.8, "low": 0.7, "high": 0.9}]
    rows += [{**about, "value": "recall, VAE", "mean": 0.1}]
    path = tmp_path / "full_tier.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


def drawn(path):
    """The figure's axes, with all their text."""
    rows = pd.read_csv(path)
    chosen = figures._chosen("07_evaluation", rows)
    fig = figures._draw(chosen, rows, "digits", figures._colours(rows))
    return fig.axes[0], [text.get_text() for text in fig.axes[0].texts]


def test_a_row_is_a_value_of_this_run_that_was_recorded_too(table):
    ax, texts = drawn(table)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["recall, GAN"]
    assert texts == ["004-vae", "holds", "holds only when …", "0.4", "0.9"]
    dots = [
        line.get_xdata() for line in ax.lines if line.get_marker() == "o" and len(line.get_xdata())
    ]
    np.testing.assert_allclose(np.ravel(dots), [0.2, 0.8])  # 0.5 and 0.8, between 0.4 and 0.9
    labels = ax.get_legend_handles_labels()[1]
    assert labels == ["this run: digits", "mnist: 2026-11-22, 3 seeds, two cores"]


def test_real_and_fake_keep_their_colours():
    colours = figures._colours(pd.DataFrame({"data_set": ["mnist", "cifar10", "mnist"]}))
    assert list(colours) == ["cifar10", "mnist"] and len(set(colours.values())) == 2
    assert not {plotting.REAL, plotting.FAKE} & set(colours.values())


def test_at_most_sixteen_rows(table):
    given = {f"value {k}": Value(k, atol=1) for k in range(20)}
    Verdict("004-collapse", "holds", given, 5)
    Verdict("004-evaluate", "holds", given, 5)
    rows = pd.DataFrame({"claim": ["004-collapse", "004-evaluate"] * 20,
                         "value": [name for name in given for _ in range(2)]})  # fmt: skip
    chosen = figures._chosen("07_evaluation", rows)
    assert [len(values) for values in chosen.values()] == [8, 8]


def test_a_run_that_stopped_says_so(table):
    rows = pd.read_csv(table)
    stopped = rows.iloc[:1].assign(claim=None, outcome="stopped at cell x: ValueError", seeds=None)
    pd.concat([rows, stopped]).to_csv(table, index=False)
    labels = drawn(table)[0].get_legend_handles_labels()[1]
    assert labels[1] == "mnist: 2026-11-22, 3 seeds, two cores, stopped at cell x: ValueError"


def test_its_text_is_the_same_with_and_without_records(table, tmp_path):
    with_records = figures.full_tier("07_evaluation", "digits", table)
    without = figures.full_tier("07_evaluation", "digits", tmp_path / "none.csv")
    assert repr(with_records)[:30] == repr(without)[:30]
    heights = [Image.open(io.BytesIO(picture.data)).height for picture in (with_records, without)]
    assert heights[1] < 50 < heights[0]  # a sentence, and no empty figure


@pytest.mark.parametrize("value, text", [(86592, "86,592"), (0.12345, "0.123"), (-3e-17, "0")])
def test_numbers_are_short(value, text):
    assert figures._number(value) == text
