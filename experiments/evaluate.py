"""Is a GAN hard to measure, and can its samples not be compared? 004-evaluate, document 004, section 5.

The article: 评估GANs的性能是一项挑战性的任务。由于GANs是一个对抗性模型，因此无法直接比较生成的样本与真实样本之间的质量。
"To evaluate GANs is challenging. As a GAN is adversarial, generated and real samples cannot be compared directly."
Read as two claims. Hard: metrics order networks in different ways, and call different ones the best. Impossible: no
metric of samples orders images by how far they are spoiled.

Each metric ranks 12 networks (four recipes, stopped at three times) twice, on other generated and held-out images: by
noise it differs from itself. Images that are spoiled, those they are compared with and those copied share none.
Controls: a metric ranks much as before on other images; only the share very close to the copied ones sees copies.
"""

import dataclasses
import functools

from gannotes import datasets, models, plotting, studies, training
from gannotes.metrics.damage import DAMAGES, Pool
from gannotes.metrics.yardstick import METRICS, Yardstick
from gannotes.studies.claims import Value, Verdict, only, over_seeds
import numpy as np
import pandas as pd
from scipy import stats

CLAIM, HOURS = "004-evaluate", 0.12
SETTINGS = {
    "digits": {"seeds": 10, "stops": [200, 500, 1500], "held out": 250, "spoiled": 200},
    "mnist5k": {"seeds": 5, "stops": [100, 175, 250], "held out": 500, "spoiled": 500},
    "latent_dim": 16, "fakes": 1000, "strengths": [0, 0.25, 0.5, 0.75, 1],
    "recipe": {"digits": {}, "mnist5k": {"generator_rate": 0.004, "penalty_every": 4}},
    "base": {"r1": 0.6, "ema_decay": 0.999, "discriminator_rate": 0.008},
    "changes": [{}, {"r1": 0.06}, {"ema_decay": 0}, {"discriminator_rate": 0.002}],
}  # fmt: skip
KEY = ["data", "seed"]
DATA, WORSE = ("digits", "mnist5k"), np.array([scale.worse for scale in METRICS.values()])
WHOLE = ["frechet", "kid", "sliced_wasserstein", "two_sample"]  # compare whole distributions
ASKED = [name for name in METRICS if name not in ("repeats", "copies")]  # these ask something else
SPOILED, COPIES = [x for x in DAMAGES if x != "copies"], np.array(list(METRICS)) == "copies"
MARGINS = (0.1, 1)  # beyond noise: of rank correlation; networks before the best
HISTORY = "2026-11-29: written before its runs, after two pilots in which distances alone disagreed little on digits. The rule before it could come out one way only (no comparison sees copies), and took class shares of what it spoiled. 2026-11-30: its parts are judged one by one. 2026-11-30: the metrics that order damages are named. 2026-12-01: two metrics were compared with the noise of the noisier, which makes metrics that see the same seem to agree better than by chance; and one of both margins was enough for easy."


def runs():
    return [(data, seed) for data in DATA for seed in range(SETTINGS[data]["seeds"])]


@functools.cache  # one compiled graph for all seeds and recipes
def compiled(name):
    data, pair = datasets.load(name), models.mlp_pair if name == "digits" else models.conv_pair
    gan = training.GAN(*pair(data.shape, SETTINGS["latent_dim"]))
    gan.compile(**SETTINGS["recipe"][name] | SETTINGS["base"])
    return data, gan


def measure(name, seed):
    (data, gan), sizes, rows = compiled(name), SETTINGS[name], []
    images = np.concatenate([data.images, data.held_out_images])
    labels = np.concatenate([data.labels, data.held_out_labels])
    rng, train, count = np.random.default_rng(seed), len(data.images), sizes["spoiled"]

    def judge(seen, chosen):  # class shares, too, are counted on the chosen images alone
        part = {"held_out_images": images[chosen], "held_out_labels": labels[chosen]}
        return Yardstick(dataclasses.replace(data, images=images[seen], **part), len(chosen))

    held_out = rng.permutation(np.arange(train, len(images)))[: 2 * sizes["held out"]]
    judges = [judge(np.arange(train), half) for half in np.split(held_out, 2)]
    for change in SETTINGS["changes"]:
        gan.set(**SETTINGS["base"] | change)
        gan.reset(seed)
        for stop in sizes["stops"]:
            gan.fit(data.images, steps_per_epoch=stop - gan.steps, verbose=0)
            for half, yardstick in enumerate(judges):
                made = yardstick.measure(gan.generate(SETTINGS["fakes"], 2 * seed + half))
                rows.append({"kind": f"{change} {stop}", "half": half} | made)
    chosen, copied, others = np.split(rng.permutation(len(images)), [count, 3 * count])
    yardstick = judge(copied, chosen)
    pool, levels = Pool(images[others], labels[others], images[copied]), SETTINGS["strengths"]
    i, j = np.triu_indices(len(levels), 1)
    for kind, spoil in DAMAGES.items():  # % of pairs of strengths that a metric orders right
        made = pd.DataFrame([yardstick.measure(spoil(pool, count, x, rng)) for x in levels])
        right = 100 * (np.sign(made.to_numpy()[j] - made.to_numpy()[i]) == WORSE).mean(axis=0)
        rows.append({"kind": kind, "half": 0} | dict(zip(made, right, strict=True)))
    return rows


def differences(table, data, names=ASKED):
    """Two arrays (2, seeds): how a metric differs from itself on other images, by 1 - rank correlation and networks
    before the best; how much more two metrics do than they differ from themselves, in the mean of both."""
    rows, m = table[(table.data == data) & ~table.kind.isin(DAMAGES)], len(names)
    bad = rows.sort_values(["half", "seed", "kind"])[names] * [METRICS[x].worse for x in names]
    ranks = stats.rankdata(bad.to_numpy().reshape(2, rows.seed.nunique(), -1, m), axis=2)
    pairs, (i, j) = list(zip(*ranks, strict=True)), np.triu_indices(m, 1)
    unlike = [1 - np.corrcoef(a.T, b.T)[:m, m:] for a, b in pairs]
    found = np.array([unlike, [b[a.argmin(axis=0)] - 1 for a, b in pairs]])
    own, two = found.diagonal(axis1=2, axis2=3), (found[..., i, j] + found[..., j, i]) / 2
    return own.mean(axis=2), (two - (own[..., i] + own[..., j]) / 2).mean(axis=2)


def rule(table):
    """Hard: more than by noise, two metrics lose 0.1 of rank correlation and put the best network one place down
    (95 %, Holm); easy: both are surely less. Impossible: no metric orders three damages of five (80 % of the
    pairs of strengths, nine seeds in ten). Not decided if metrics' mean rank correlation with themselves is below 0.5."""
    own, more = zip(*(differences(table, data) for data in DATA), strict=True)
    over = [x - margin for pair in more for x, margin in zip(pair, MARGINS, strict=True)]
    hard = studies.holm_lows(over).reshape(-1, 2).min(axis=1) > 0
    high = np.reshape([studies.interval(x, level=0.9).high for x in over], (-1, 2)).max(axis=1)
    seen = (table[list(METRICS)] >= 80).groupby([table.kind, table.data]).mean() >= 0.9
    orders = seen.loc[SPOILED].groupby("data").sum().loc[list(DATA)]
    most = orders.max(axis=1).to_numpy()
    states = {"metrics disagree": hard, "samples cannot be compared": most < 3}
    where, lead = {k: [d for d, y in zip(DATA, x, strict=True) if y] for k, x in states.items()}, "it says that"  # fmt: skip
    failed = [f"a metric ranks other images otherwise ({d})" for d, x in zip(DATA, own, strict=True) if x[0].mean() > 0.5]  # fmt: skip
    failed += ["copies are not seen by their share alone"] * int((seen.loc["copies"] != COPIES).any(axis=None))  # fmt: skip
    verdict = only(lead, where) if any(where.values()) else "does not hold"
    verdict = "holds" if hard.all() and max(most) < 3 else verdict
    verdict = "not decided" if failed or not (hard.any() or max(high) < 0) else verdict
    values = {}
    for data, (lost, places), count in zip(DATA, more, most, strict=True):
        values[f"{data}: rank correlation lost"] = over_seeds(lost, atol=0.1)
        values[f"{data}: places lost"] = over_seeds(places, atol=1)
        strict = over_seeds(differences(table, data, WHOLE)[1][0], atol=0.1)
        values[f"{data}: rank correlation lost by distances"] = strict
        values[f"{data}: damages of five in order, by {', '.join(METRICS[x].label for x in orders.columns[orders.loc[data] == count])}"] = Value(float(count), atol=1)  # fmt: skip
    return Verdict(CLAIM, verdict, values, SETTINGS["mnist5k"]["seeds"], lead, where, (*failed,))


def figure(table):
    found = {f"{d}: all metrics": differences(table, d) for d in DATA}
    found |= {f"{d}: distances": differences(table, d, WHOLE) for d in DATA}
    panels = {k: {"one metric": own[0], "two, more": more[0]} for k, (own, more) in found.items()}
    return plotting.plot_dots(panels, across=2, xlabel="1 - rank correlation on other images")


UNIT = "parts of its own that a metric sees beside one part that all see"
EFFECTS = {0.0: "does not hold", 30.0: "holds"}
EFFECTS[2.0] = "holds only when it says that metrics disagree (digits, mnist5k)"
WORTH = 1.0  # then two metrics put the best network two places down, twice the margin


def planted(effect, rng):
    rows, m, noise = [], len(METRICS), np.linspace(0.2, 0.9, len(METRICS))  # as in the record
    for data, seed in runs():
        for kind in [*map(str, range(12)), *DAMAGES]:
            seen, halves = WORSE * (rng.normal() + effect * rng.normal(size=m)), (0, 1)
            if kind in DAMAGES:  # % of pairs
                right = (40 if kind == "copies" else 95 - 2 * effect) + 5 * rng.normal(size=m)
                seen, halves = np.where(COPIES & (kind == "copies"), 100, right), (0,)
            for half in halves:
                made = dict(zip(METRICS, seen + noise * rng.normal(size=m), strict=True))
                rows.append({"data": data, "seed": seed, "kind": kind, "half": half} | made)
    return pd.DataFrame(rows)
