"""What lessons show beside their figures."""

import json

from gannotes.studies import claims, lessons
from gannotes.studies.claims import Value
from gannotes.studies.lessons import ArticlesSay, Measured
import pytest

NUMBERS = {"heaps": Value(8, atol=1), "share": Value(0.5, rtol=0.1)}


def carried(shown):
    return shown._repr_mimebundle_()[claims.MIME]


def test_a_guess_stands_above_the_numbers_and_does_not_move_nbval():
    without, guessed = Measured(NUMBERS), Measured(NUMBERS, guess=5)
    assert repr(without).splitlines() == ["heaps: 8", "share: 0.5"]
    assert repr(guessed).splitlines()[0] == "your guess: 5"
    assert "your guess" in guessed._repr_mimebundle_()["text/html"]
    assert carried(without) == carried(guessed)


def test_a_number_alone_is_a_line_and_no_table():
    alone = Measured({"least: of <five> seeds": Value(7.5, atol=1)})
    shown = alone._repr_mimebundle_()["text/html"]
    assert shown == "<p>least: of &lt;five&gt; seeds: <b>7.5</b></p>"
    assert "<table" in Measured(alone.values, guess=3)._repr_mimebundle_()["text/html"]


def test_names_that_pair_are_a_grid_and_others_a_list():
    names = "far, GAN", "far, real", "near, GAN", "near, real"
    paired = {name: Value(k, atol=1) for k, name in enumerate(names)}
    head, rows = Measured(paired).table()
    assert head == ["measured", "far", "near"]
    assert rows == [["GAN", "0", "2"], ["real", "1", "3"]]
    head, rows = Measured(dict(list(paired.items())[:3])).table()
    assert rows[1] == ["real", "1", ""]
    for listed in (Measured(paired, guess=5), Measured(NUMBERS), Measured(paired | NUMBERS)):
        assert listed.table()[0] == ["measured", "value"]


def test_numbers_are_compared_by_their_tolerance():
    near, far = (Measured({**NUMBERS, "share": Value(x, rtol=0.1)}) for x in (0.54, 0.56))
    assert claims.differences(carried(Measured(NUMBERS)), carried(near)) == []
    (said,) = claims.differences(carried(Measured(NUMBERS)), carried(far))
    assert "share: saved 0.5, now 0.56" in said


def test_the_clinic_says_who_is_cured(capsys):
    for cured in (True, False):
        lessons.clinic(cured)
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["Cured.", "Still"]


def test_articles_say_what_the_records_say():
    shown = ArticlesSay("01_basic_gan")
    verdicts = json.loads(lessons.VERDICTS.read_text())
    for id, found in shown.verdicts.items():
        assert verdicts[id] == found and claims.CLAIMS[id]["lesson"] == "01_basic_gan"
        assert f'href="../VERDICTS.md#{id}"' in shown._repr_html_()
        assert f"{found['verdict']} ({id})" in repr(shown) and found["words"] in shown._repr_html_()
    with pytest.raises(ValueError, match="No claim of '09_none' is judged. Received: "):
        ArticlesSay("09_none")


def test_every_verdict_is_told_in_a_sentence_of_its_own():
    """A verdict that changes needs another sentence."""
    for id, found in json.loads(lessons.VERDICTS.read_text()).items():
        assert found["words"] == claims.in_words(id, found["verdict"]) != "", id
        assert len(found["words"].split()) <= 40 and found["words"][-1] == ".", id
        assert claims.in_words(id, "another verdict") == ""
