"""Each experiment's rule can come out each way; records go on, and show when they are stale."""

import ast
import importlib.util
import json
import re
import sys
import types

import experiments
from experiments import __main__ as command
from experiments import _verdicts
from gannotes.studies import claims, lessons
import numpy as np
import pandas as pd
import pytest

each = pytest.mark.parametrize("name", experiments.names())
SOURCES = {"train", "fit", "reset", "compile", "load", "default_rng"}


@each
def test_the_rule_comes_out_each_way_on_planted_records(name):
    experiment = experiments.load(name)
    assert len(set(experiment.EFFECTS.values())) > 1
    for effect, verdict in experiment.EFFECTS.items():
        assert experiments.outcomes(experiment, effect, 50)[verdict] >= 45


@each
def test_the_rule_trains_nothing_and_draws_nothing(name):
    experiment = experiments.load(name)
    tree = ast.parse(experiments.source_of(experiment.rule))
    called = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert not called & SOURCES


@each
def test_the_record_is_of_this_recipe(name):
    """It may wait for some of its runs; then no verdict rests on it, and VERDICTS.md says so."""
    table, stale = experiments.read(name)
    assert stale == 0 and not table.isna().any().any()
    assert (experiments.judge(name) is None) == (len(experiments.missing(name)) > 0)


@each
def test_an_experiment_has_its_parts(name):
    experiment = experiments.load(name)
    path = experiments.HERE / f"{name}.py"
    assert experiment.CLAIM in claims.CLAIMS and experiment.CLAIM in experiment.__doc__
    assert re.search(r"[一-鿿]|max_G", experiment.__doc__) or experiment.CLAIM.startswith("008")
    assert experiment.HISTORY.startswith("20") and experiment.HOURS > 0 and experiment.WORTH > 0
    assert len(path.read_text().splitlines()) <= 150
    assert len(experiment.runs()) == len(set(experiment.runs()))


def test_every_claim_has_one_experiment():
    found = [experiments.load(name).CLAIM for name in experiments.names()]
    assert len(found) == len(set(found))
    for id, claim in _verdicts.ARGUED.items():  # or an argument in its place
        assert id not in found and "lesson" in claim
        assert claims.Verdict(id, claim["verdict"], {}, 0).claim == claim["claim"]


def test_the_page_is_what_the_records_say():
    """Each verdict is computed anew; what a rule can find is simulated anew when the rule changed."""
    judged = {name: experiments.judge(name) for name in experiments.names()}
    found = {name: verdict for name, verdict in judged.items() if verdict is not None}
    powers = json.loads(_verdicts.POWERS.read_text())
    for name in found:
        rule = experiments.rule_hash(experiments.load(name))
        assert powers[name]["rule"] == rule, f"{name}: run python -m experiments --judge"
    assert (_verdicts.ROOT / "VERDICTS.md").read_text() == _verdicts.page(found, powers)
    assert json.loads(lessons.VERDICTS.read_text()) == _verdicts.short(found)
    for name in found:
        assert (experiments.HERE / "figures" / f"{name}.png").stat().st_size > 5000


@pytest.mark.parametrize("name", ["draw", "game", "value"])
def test_what_a_rule_finds_is_simulated(name, monkeypatch, tmp_path):
    kept = json.loads(_verdicts.POWERS.read_text())[name]
    monkeypatch.setattr(_verdicts, "POWERS", tmp_path / "powers.json")
    assert _verdicts.powers([name]) == {name: kept}


# The room itself, on an experiment that takes no time


@pytest.fixture
def tiny(monkeypatch, tmp_path):
    done = []

    def measure(seed):
        done.append(seed)
        if seed == 2 and len(done) == 3:
            raise KeyboardInterrupt
        return [{"x": seed + 0.5}]

    module = types.SimpleNamespace(
        CLAIM="001-game", HOURS=0.1, KEY=["seed"], SETTINGS={"steps": 1}, done=done,
        runs=lambda: [(seed,) for seed in range(4)], measure=measure,
        rule=lambda table: claims.Verdict("001-game", "holds", {"x": claims.over_seeds(table.x, atol=1)}, 4),
    )  # fmt: skip
    monkeypatch.setattr(experiments, "load", lambda name: module)
    monkeypatch.setattr(experiments, "RESULTS", tmp_path)
    return module


def test_an_interrupted_record_goes_on(tiny):
    with pytest.raises(KeyboardInterrupt):
        experiments.record("tiny")
    assert experiments.missing("tiny") == [(2,), (3,)] and experiments.judge("tiny") is None
    experiments.record("tiny")
    assert tiny.done == [0, 1, 2, 2, 3]
    rows = pd.read_csv(experiments.path_of("tiny"))
    assert list(rows.columns) == ["seed", "x", "recipe", "date", "processor", "versions"]
    assert experiments.judge("tiny").values["x"].value == 2


def test_a_record_of_another_recipe_is_seen_and_kept(tiny, capsys):
    tiny.done.extend([None] * 3)  # nothing interrupts
    experiments.record("tiny")
    before = experiments.path_of("tiny").read_bytes()
    tiny.SETTINGS["steps"] = 2
    assert experiments.read("tiny")[1] == 4 and len(experiments.missing("tiny")) == 4
    assert "0 of 4 runs, 4 rows of another recipe" in command.line_of("tiny")
    with pytest.raises(ValueError, match=r"tiny\.csv holds rows of another recipe"):
        experiments.record("tiny")
    assert experiments.path_of("tiny").read_bytes() == before


def test_the_hash_sees_what_measure_uses_of_its_file_and_no_more(tmp_path):
    lines = [
        "SETTINGS, VIEW, OTHER = {}, 3, 4",
        "def part(x): return x * VIEW",
        "def measure(x): return part(x)",
    ]

    def hashed(name, *lines):
        path = tmp_path / f"{name}.py"
        path.write_text("\n".join(lines))
        spec = importlib.util.spec_from_file_location(name, path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
        return experiments.recipe_hash(module)

    first = hashed("hash_a", *lines)
    assert hashed("hash_b", "# a remark", *lines, "def figure(x): return OTHER") == first
    assert hashed("hash_c", lines[0], lines[1].replace("*", "+"), lines[2]) != first
    others = ["SETTINGS, OTHER = {}, 4", "VIEW = 4", *lines[1:]]
    assert hashed("hash_d", *others) != first


def test_the_hash_sees_a_file_that_experiments_share(tmp_path, monkeypatch):
    experiment = experiments.load("expressive")
    before = experiments.recipe_hash(experiment)
    shared = tmp_path / "_factors.py"
    shared.write_text((experiments.HERE / "_factors.py").read_text() + "# a remark\n")
    monkeypatch.setattr(experiments, "HERE", tmp_path)
    assert experiments.recipe_hash(experiment) == before
    shared.write_text(shared.read_text() + "WIDTH = 257\n")
    assert experiments.recipe_hash(experiment) != before


def test_more_seeds_go_on_with_the_same_record(tiny):
    tiny.SETTINGS |= {"seeds": 4, "data": {"seeds": 5, "steps": 1}}
    before = experiments.recipe_hash(tiny)
    tiny.SETTINGS |= {"seeds": 8, "data": {"seeds": 9, "steps": 1}}
    assert experiments.recipe_hash(tiny) == before
    tiny.SETTINGS["data"]["steps"] = 2
    assert experiments.recipe_hash(tiny) != before


def test_a_verdict_that_flips_on_half_of_the_seeds_is_not_decided(tiny):
    tiny.done.extend([None] * 3)
    experiments.record("tiny")  # 0.5, 1.5, 2.5, 3.5

    def judged(limit):
        def rule(table):
            verdict = "holds" if table.x.mean() > limit else "does not hold"
            return claims.Verdict("001-game", verdict, {}, len(table))

        tiny.rule = rule
        halves = [half.verdict for half in experiments.halves("tiny")]
        return experiments.judge("tiny").verdict, halves.count("holds")

    assert judged(-1) == ("holds", 10) and judged(5) == ("does not hold", 0)
    verdict, held = judged(2.2)  # the mean is 2, but two of the six halves are above
    assert verdict == "not decided" and 3 < held < 8


@pytest.mark.parametrize(
    ("of_a_half", "judged"),
    [("not decided", "holds"), ("holds only when it rains", "holds only when it rains")],
)
def test_a_half_that_is_not_decided_is_no_flip_and_a_lesser_verdict_counts(tiny, of_a_half, judged):
    tiny.done.extend([None] * 3)
    experiments.record("tiny")

    def rule(table):
        return claims.Verdict("001-game", "holds" if len(table) == 4 else of_a_half, {}, len(table))

    tiny.rule = rule
    assert [half.verdict for half in experiments.halves("tiny")] == [of_a_half] * 10
    verdict = experiments.judge("tiny")
    assert verdict.verdict == judged and verdict.seeds == 4


# Verdicts of parts


def of_parts(verdict=None, **where):
    """A verdict that holds for these parts, or another one that names them."""
    where = {way: [*places] for way, places in where.items()}
    verdict = verdict or claims.only("it is", where)
    return claims.Verdict("001-game", verdict, {}, 4, "it is", where)


NOISE, LABELS = ("digits", "mnist5k"), ("digits",)
ALL = of_parts(noise=NOISE, labels=LABELS)
LESS = of_parts(noise=["digits"], labels=LABELS)
OTHER = of_parts(noise=["faces"], lines=[""])


@pytest.fixture
def judged(tiny, monkeypatch):
    """A function: the verdict on all seeds, those on ten halves → what they are judged to say."""
    tiny.done.extend([None] * 3)
    experiments.record("tiny")

    def judge(verdict, *halves):
        assert len(halves) == 10
        tiny.rule = lambda table: verdict
        monkeypatch.setattr(experiments, "halves", lambda name: [*halves])
        return experiments.judge("tiny")

    return judge


@pytest.mark.parametrize("whole", [ALL, of_parts("holds", noise=NOISE, labels=LABELS)])
def test_a_part_that_more_than_two_halves_do_not_name_is_left_out(judged, whole):
    verdict = judged(whole, *[ALL] * 7, *[LESS] * 3)
    assert verdict.verdict == "holds only when it is noise (digits) or labels (digits)"
    assert verdict.where == {"noise": ["digits"], "labels": ["digits"]} and verdict.seeds == 4
    assert judged(whole, *[ALL] * 8, *[LESS] * 2) == whole  # but not one that two do not name


def test_each_part_is_judged_by_itself(judged):
    fewer = [of_parts(noise=["mnist5k"], labels=LABELS), LESS, of_parts(noise=NOISE)]
    assert judged(ALL, *[ALL] * 4, *fewer * 2) == ALL  # six halves differ, but two from each part
    verdict = judged(ALL, *[ALL] * 3, *fewer * 2, fewer[2])
    assert verdict.verdict == "holds only when it is noise (digits, mnist5k)"
    assert verdict.where == {"noise": ["digits", "mnist5k"], "labels": []}


def test_without_a_part_that_stands_nothing_is_decided(judged):
    verdict = judged(ALL, *[OTHER] * 10)
    assert verdict.verdict == "not decided" and not any(verdict.where.values())


def test_a_half_that_does_not_hold_names_no_part(judged):
    no = of_parts("does not hold", noise=NOISE, labels=LABELS)
    assert judged(ALL, *[ALL] * 8, *[no] * 2) == ALL
    assert judged(ALL, *[ALL] * 7, *[no] * 3).verdict == "not decided"


def test_a_half_that_holds_names_its_parts(judged):
    yes = of_parts("holds", noise=NOISE, labels=LABELS)
    assert judged(ALL, *[yes] * 10) == ALL
    assert judged(LESS, *[yes] * 10) == LESS  # what they name beside it is not added


def test_halves_that_decide_nothing_abstain_from_parts(judged):
    unsure = of_parts("not decided", noise=[])
    assert judged(ALL, *[unsure] * 10) == ALL
    assert judged(ALL, *[unsure] * 7, *[ALL] * 3) == ALL


@pytest.mark.parametrize(
    ("named", "silent", "stands"),
    [(1, 0, True), (0, 1, False), (1, 1, True), (1, 2, False), (2, 2, True), (7, 3, False)],
)
def test_most_of_the_halves_that_decide_must_name_a_part(judged, named, silent, stands):
    unsure = [of_parts("not decided", noise=[])] * (10 - named - silent)
    verdict = judged(ALL, *unsure, *[ALL] * named, *[LESS] * silent)
    assert verdict.where == (ALL if stands else LESS).where
    assert verdict.verdict == (ALL if stands else LESS).verdict


def test_what_is_not_decided_of_all_seeds_gets_no_parts(judged):
    unsure = of_parts("not decided", noise=NOISE)
    assert judged(unsure, *[unsure] * 3, *[ALL] * 7).verdict == "not decided"


def test_halves_are_of_each_data_set(tiny, monkeypatch):
    rows = [("digits", s) for s in range(10)] + [("mnist5k", s) for s in range(5)]
    table, seen = pd.DataFrame(rows, columns=["data", "seed"]), []
    monkeypatch.setattr(experiments, "read", lambda name: (table, 0))
    tiny.rule = lambda part: seen.append(part) or claims.Verdict("001-game", "holds", {}, 1)
    assert len(experiments.halves("tiny")) == len(seen) == 10
    assert {tuple(part.groupby("data").size()) for part in seen} == {(5, 3)}


def test_halves_keep_what_chooses(tiny, monkeypatch):
    rows = [("choose", 100), ("choose", 101), *(("judge", seed) for seed in range(10))]
    table, seen = pd.DataFrame(rows, columns=["stage", "seed"]), []
    monkeypatch.setattr(experiments, "read", lambda name: (table, 0))
    tiny.rule = lambda part: seen.append(part) or claims.Verdict("001-game", "holds", {}, 1)
    experiments.halves("tiny")
    assert {tuple(part.groupby("stage").size()) for part in seen} == {(2, 5)}


def test_unknown_names_are_refused_before_any_work(capsys):
    with pytest.raises(SystemExit):
        command.main(["no-such-experiment"])
    assert "choose from" in capsys.readouterr().err
    with pytest.raises(ValueError, match="No such experiment: 'x'. There are: "):
        experiments.load("x")


def test_what_is_not_decided_is_not_found(tiny):
    said = {0.0: "does not hold", 1.0: "not decided", 2.0: "holds"}
    tiny.planted = lambda effect, rng: effect
    tiny.rule = lambda effect: claims.Verdict("001-game", said[effect], {}, 1)
    assert [experiments.chance(tiny, effect, 4) for effect in said] == [0, 0, 1]


def test_a_network_of_the_game_must_gain_in_both_ways():
    experiment = experiments.load("game")
    table = experiment.planted(3.0, np.random.default_rng(0))
    assert experiment.rule(table).verdict == "holds"
    both, d_still, _ = experiment.ARMS
    table[f"g {d_still}"] = table[f"g {both}"]  # against a D that stands still G gains nothing
    verdict = experiment.rule(table).verdict
    assert "discriminator" in verdict and "generator" not in verdict


def test_the_power_of_a_rule_is_where_it_finds_eighty_of_a_hundred():
    experiment = experiments.load("game")
    effect = experiments.power(experiment, 50)
    silent = experiment.EFFECTS[0.0]
    assert 0.5 < effect < 3
    assert experiments.outcomes(experiment, effect / 3, 50)[silent] > 10
    assert experiments.chance(experiment, effect, 50) >= 0.8
    assert experiments.chance(experiment, 0.0, 50) < 0.2


@pytest.mark.parametrize(("worth", "is_weak"), [(0.1, True), (3.0, False)])
def test_the_page_says_where_a_rule_is_weak(tiny, monkeypatch, worth, is_weak):
    tiny.done.extend([None] * 3)
    experiments.record("tiny")

    def rule(table):
        """Holds if the mean is above 1."""
        verdict = "holds" if table.x.mean() > 1 else "does not hold"
        failed = ("no sun (digits)", "no moon (digits)") if is_weak else ()
        return claims.Verdict("001-game", verdict, {}, 4, failed=failed)

    def planted(effect, rng):
        return pd.DataFrame({"x": effect + rng.normal(size=4)})

    vars(tiny).update(
        __doc__="Is it so? 001-game.", rule=rule, planted=planted, WORTH=worth, UNIT="units",
        HISTORY="2026.", figure=lambda table: types.SimpleNamespace(alt="A figure."),
    )  # fmt: skip
    monkeypatch.setattr(_verdicts, "load", experiments.load)
    monkeypatch.setattr(_verdicts, "POWERS", experiments.RESULTS / "powers.json")
    found = _verdicts.powers(["tiny"])["tiny"]
    text = _verdicts.section("tiny", experiments.judge("tiny"), **found)
    shown = experiments.chance(tiny, worth)
    assert is_weak == (shown < 0.5) == ("That is weak" in text)
    assert f"Of {worth:g}, the least that is worth having, it finds {round(100 * shown)} in" in text
    assert is_weak == ("A control failed: no sun (digits); no moon (digits).\n" in text)
    assert is_weak == ("A control failed" in text)


def test_what_a_rule_finds_is_simulated_once_for_each_rule(tiny, monkeypatch, tmp_path):
    hashes = iter(["h1", "h1", "h2"])
    monkeypatch.setattr(_verdicts, "load", experiments.load)
    monkeypatch.setattr(_verdicts, "rule_hash", lambda experiment: next(hashes))
    monkeypatch.setattr(_verdicts, "POWERS", tmp_path / "powers.json")
    monkeypatch.setattr(_verdicts, "power", lambda experiment: tiny.done.append("power") or 0.5)
    monkeypatch.setattr(_verdicts, "chance", lambda experiment, worth: 0.75)
    tiny.WORTH = 1
    for count in (1, 1, 2):
        found = _verdicts.powers(["tiny"])
        assert found["tiny"]["finds"] == 0.5 and found["tiny"]["shown"] == 75
        _verdicts.POWERS.write_text(json.dumps(found))
        assert tiny.done == ["power"] * count
