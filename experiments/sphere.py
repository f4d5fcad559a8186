"""Are pictures between two latents better on the sphere than on the straight line?   008-sphere, our own question.

White 2016 advises the way on the sphere (Shoemake 1985), as the straight one leads through short latents, which training
did not draw. Better is read in two ways. As a set: all half-way pictures together are nearer to real ones, by the
Fréchet distance, as they must be if each is to be like a fresh draw. One by one: more of them lie where real images
lie (precision). Of two independent latents the half-way point on the line has √½ of a draw's deviation: it is truncated,
so the two may differ. In few dimensions the shell that the line leaves is thick; so digits have 8 latents, and 64.

Beside them, a known remedy: the line whose points are divided by √((1 - t)² + t²), so that they are Gaussian again.
Controls: half-way on the sphere must not surely differ from a fresh draw, by a tenth of the distance or 0.02 of
precision; the mean of four latents, shorter still, must surely be farther than the line's half-way, as a set.
"""

from itertools import product

from experiments import _pairs
from gannotes import metrics, plotting, studies
from gannotes.latent import generators, latents
from gannotes.metrics import neighbours
from gannotes.studies.claims import Verdict, only, over_seeds
import numpy as np
import pandas as pd

CLAIM, HOURS = "008-sphere", 0.13
SETTINGS = {
    "digits": {"seeds": 10, "latents": [8, 64], "batch_size": 64, "recipe": {"steps": 1500}},
    "mnist5k": {"seeds": 5, "latents": [64], "batch_size": 32,
                "recipe": {"steps": 600, "optimizer": "muon", "generator_rate": 0.004, "penalty_every": 4}},
    "pairs": 1000, "shares": [0.125, 0.25, 0.375, 0.5],
}  # fmt: skip
KEY, DATA = ["data", "size", "seed"], ("digits", "mnist5k")
CASES = [(data, size) for data in DATA for size in SETTINGS[data]["latents"]]
SPHERE, LINE, DIVIDED, FRESH, FOUR = (
    "sphere",
    "line",
    "line, divided",
    "fresh draws",
    "mean of four",
)
HALF = 0.5
READINGS = {"as a set": ("log distance", -1, np.log(1.1)), "one by one": ("precision", 1, 0.02)}
HISTORY = (
    "2026-11-29: written before its runs, after truncated latents of seeds from 200 on were looked at. The rule before it "
    "asked for the distance to the nearest training image alone, which typical pictures win, of 64 latents. 2026-11-30: its parts are judged one by one. 2026-11-30: rows named log distance held distances."
)


def runs():
    return [(*case, seed) for case in CASES for seed in range(SETTINGS[case[0]]["seeds"])]


def measure(name, size, seed):
    data, gan, judge = _pairs.trained(name, SETTINGS[name], size, seed)
    a, b, c, d, fresh = latents.draw(5 * SETTINGS["pairs"], size, seed).reshape(5, -1, size)
    points = {(FRESH, 0.0): fresh, (FOUR, HALF): (a + b + c + d) / 4}
    for t in SETTINGS["shares"]:
        points |= {(way, t): latents.between(a, b, t, way) for way in (SPHERE, LINE)}
        points[DIVIDED, t] = points[LINE, t] / np.sqrt((1 - t) ** 2 + t**2)
    rows, real, known = [], judge.features(data.held_out_images), judge.features(data.images)
    for (way, share), z in points.items():
        made = judge.features(generators.make(gan.ema_generator, z))
        row = {"way": way, "share": share, "length": np.linalg.norm(z, axis=1).mean() / size**0.5}
        row["log distance"] = np.log(metrics.frechet_distance(real, made))
        row["nearest"] = neighbours.nearest_distances(made, known).mean()
        rows.append(row | metrics.precision_recall(real, made))
    return rows


def half_way(table):
    """``{(data, size, way): a row a seed}`` of points half-way, and of fresh draws."""
    kept = table[table.share.isin([0, HALF])].sort_values("seed")
    return dict(list(kept.groupby(["data", "size", "way"])))


def gain(found, case, what, sign, first=SPHERE, other=LINE):
    """By how much one way is better than another of the same network and pairs, one number a seed."""
    return sign * (found[*case, first][what].to_numpy() - found[*case, other][what].to_numpy())


def faults(found, case):
    """Controls that do not come out as they must: 95 % intervals."""
    apart, name = [], f"{case[0]}, {case[1]} latents"
    for what, sign, margin in READINGS.values():
        low, high = studies.interval(gain(found, case, what, sign, SPHERE, FRESH))
        apart.append(low > margin or high < -margin)
    what, sign, _ = READINGS["as a set"]
    shorter = studies.interval(gain(found, case, what, sign, LINE, FOUR)).low > 0
    texts = [f"the sphere differs from fresh draws ({name})"] if any(apart) else []
    return texts + ([] if shorter else [f"the mean of four is not surely farther ({name})"])


def rule(table):
    """The sphere is better in a case (data and latents) by a reading if it surely is, by more than a tenth of the
    distance or 0.02 of precision: by network, 95 %, with Holm over all six. It is no better if it surely isn't.

    Holds if it is in all, does not hold if in none it is better; holds for those in which it is.
    """
    found, cells = half_way(table), [*product(READINGS, CASES)]
    gains = [gain(found, case, *READINGS[x][:2]) - READINGS[x][2] for x, case in cells]
    wins = studies.holm_lows(gains) > 0
    loses = [studies.interval(x, level=0.9).high < 0 for x in gains]
    where = {reading: [] for reading in READINGS}
    for (reading, (data, size)), win in zip(cells, wins, strict=True):
        where[reading] += [f"{data}, {size} latents"] * int(win)
    lead, failed = "pictures are judged", [x for case in CASES for x in faults(found, case)]
    verdict = "holds" if wins.all() else "does not hold" if all(loses) else only(lead, where)
    verdict = "not decided" if failed else verdict
    values = {
        f"{d}, {size}: {what.removeprefix('log ')}, {way}": over_seeds(np.exp(x[what]) if what[0] == "l" else x[what], rtol=0.3)
        for (d, size, way), x in found.items() for what in ("log distance", "precision", "nearest")
    }  # fmt: skip
    seeds = min(SETTINGS[data]["seeds"] for data in DATA)
    return Verdict(CLAIM, verdict, values, seeds, lead, where, (*failed,))


def figure(table):
    panels, ways = {}, [SPHERE, LINE, DIVIDED]
    for d, size in CASES:
        rows = table[(table.data == d) & (table["size"] == size) & table.way.isin(ways)]
        wide = rows.pivot(index="seed", columns=["way", "share"])
        of = {way: wide["precision"][way].to_numpy() for way in ways}
        panels[f"{d}, {size} latents: precision"] = of
        of = {way: np.exp(wide["log distance"][way].to_numpy()) for way in ways}
        panels[f"{d}, {size} latents: Fréchet distance"] = of
    text = {"xlabel": "share of the way", "title": "Pictures on the way between two latents"}
    return plotting.plot_bands(SETTINGS["shares"], panels, across=2, **text)


UNIT = (
    "tenths of a logarithm by which the line is farther half-way; above 5 it is also less precise"
)
SET = "holds only when pictures are judged as a set (digits, 8 latents; digits, 64 latents; mnist5k, 64 latents)"  # fmt: skip
EFFECTS = {-2.0: "does not hold", 1.0: "not decided", 5.0: SET, 10.0: "holds"}
WORTH = 2.0  # twice the margin of the distance


def planted(effect, rng):
    ways = [(way, t) for way in (SPHERE, LINE, DIVIDED) for t in SETTINGS["shares"]]
    rows = [(*run, *way) for run in runs() for way in [*ways, (FRESH, 0.0), (FOUR, HALF)]]
    table = pd.DataFrame(rows, columns=[*KEY, "way", "share"]).assign(nearest=1.8, length=1.0)
    far = table.way.map({LINE: min(effect, 5) / 10, FOUR: 1.5}).fillna(0)
    more = (0.08 - 0.04 * max(0, effect - 5)) * (table.way == LINE)
    noise = rng.normal(size=(2, len(table)))
    table["log distance"] = 1 + far + 0.09 * noise[0]  # as in the record
    return table.assign(precision=0.7 + more + 0.01 * noise[1])
