"""Is the game max over G, min over D of V(D, G)? 004-value, document 004, section 3.4.

The article: 对抗性关系：max_G min_D V(D, G)
"The adversarial relation: max over G, min over D of V(D, G)", where V is E[log D(x)] + E[log(1 - D(G(z)))].
Read as written; the original game is min over G, max over D.

A discriminator learns beside a generator that stands still, a round Gaussian, so that the best V is known
in closed form. It learns by three aims: to raise V, to lower V as the article has it, and to raise
the first term of V alone.
Control: raising V must come within 0.1 nats of the best V, and not pass it.
"""

import functools

from gannotes import datasets, models, plotting, training
from gannotes.studies.claims import Value, Verdict, over_seeds
from gannotes.theory import game
from gannotes.training import losses
from keras import ops
import numpy as np
import pandas as pd
from scipy import stats

CLAIM, HOURS = "004-value", 0.05
SETTINGS = {
    "data": "ring", "std": 0.1, "count": 50_000, "seeds": 10, "steps": 1500, "batch_size": 256,
    "rate": 0.003, "generator_std": 0.8,
}  # fmt: skip
KEY = ["aim", "seed"]
AIMS = ("raise V", "lower V", "raise its first term")
NEAR = 0.1  # nats
HISTORY = "2026-11-29: a third aim and ten seeds; the rule is the one of the first edition."


def runs():
    return [(aim, seed) for aim in AIMS for seed in range(SETTINGS["seeds"])]


@functools.cache  # one compiled graph for all seeds
def compiled(aim):
    data = datasets.load(SETTINGS["data"], std=SETTINGS["std"], count=SETTINGS["count"])
    d_loss, g_loss = losses.LOSSES["minimax"]
    aims = {
        "raise V": d_loss,
        "lower V": lambda real, fake: -d_loss(real, fake),
        "raise its first term": lambda real, fake: ops.mean(ops.softplus(-real)),
    }
    gan = training.GAN(
        game.gaussian_generator(SETTINGS["generator_std"]), models.mlp_discriminator((2,), (64, 64))
    )
    gan.compile(
        loss=(aims[aim], g_loss), generator_rate=0, discriminator_rate=SETTINGS["rate"], r1=0
    )
    return data, gan


def measure(aim, seed):
    data, gan = compiled(aim)
    gan.reset(seed)
    gan.generator.set_weights([SETTINGS["generator_std"] * np.eye(2)])
    gan.fit(data.images, None, SETTINGS["batch_size"], 1, SETTINGS["steps"], verbose=0)
    real = data.held_out_images
    fake = SETTINGS["generator_std"] * np.random.default_rng(1).standard_normal(real.shape)
    points = np.concatenate([real, fake]).astype("float32")
    log_q = stats.norm.logpdf(points, scale=SETTINGS["generator_std"]).sum(axis=1)
    best = game.optimal_scores(data.mixture.log_density(points), log_q)
    learned = ops.convert_to_numpy(gan.discriminator(points))[:, 0]
    return [{"V": value_of(learned), "best V": value_of(best)}]


def value_of(scores):
    """V on held-out points, nats, of scores of as many real points and then fakes."""
    real, fake = np.split(np.asarray(scores, float), 2)
    return -np.logaddexp(0, -real).mean() - np.logaddexp(0, fake).mean()


def reached(table, aim):
    return table[table.aim == aim].V.to_numpy()


def rule(table):
    """Holds if lowering V has an end (within 10 times the best V) and raising V has not.

    Where raising V comes near the best V, and lowering it does not end, it does not hold.
    """
    best = table["best V"].to_numpy()[0]
    raised, lowered = reached(table, "raise V"), reached(table, "lower V")
    right_ends = (np.abs(raised - best) < NEAR).mean() >= 0.9
    swapped_ends = (lowered > 10 * best).mean() >= 0.9
    verdict = "not decided"
    if right_ends != swapped_ends:
        verdict = "holds" if swapped_ends else "does not hold"
    values = {
        f"{aim}: V reached": over_seeds(reached(table, aim), rtol=0.5, unit="nats") for aim in AIMS
    }
    return Verdict(
        CLAIM, verdict, {"best V": Value(best, atol=0.01, unit="nats")} | values, SETTINGS["seeds"]
    )


def figure(table):
    panels = {aim: {"": reached(table, aim)} for aim in AIMS}
    best = table["best V"].to_numpy()[0]
    return plotting.plot_dots(
        panels, xlabel="V reached, nats", xscale=("symlog", 1), references={"best V": best},
        title="Raising V has an end, lowering it has none",
    )  # fmt: skip


UNIT = "nats by which raising V misses its end"
EFFECTS = {0.0: "does not hold", 6.0: "holds"}


def planted(effect, rng):
    """The best V is -1; raising V loses its end, and lowering it gets one, as the effect grows."""
    rows = [dict(zip(KEY, run, strict=True)) for run in runs()]
    for row in rows:
        noise = rng.normal(0, 0.02)
        row["V"] = {"raise V": -1.02 - abs(noise) - effect, "lower V": -(10.0 ** (6 - effect))}.get(
            row["aim"], -5.0
        )
        row["best V"] = -1.0
    return pd.DataFrame(rows)
