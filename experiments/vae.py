"""Do GANs and VAEs differ in their aim and in their results? 004-vae, document 004, section 6.

The article: GANs与VAEs的主要区别在于它们的目标和训练过程。GANs的目标是生成类似于训练数据的新样本，而VAEs的目标是学习数据的变分分布。
"GANs and VAEs differ mainly in aim and training: new samples like the training data; the data's variational distribution."
Read as: VAEs, which raise a bound on the likelihood, have a higher bound (which says nothing of the likelihood itself); and
one kind's samples are nearer to real ones. The two ways to draw a VAE's codes may differ in which kind it is.

Both train one generator for about the same time, at the best of three rates on another seed. A GAN's bound is that of its
generator as it is, with an encoder trained for it. A VAE draws codes from its prior; or, a better known way, from a mixture
fitted to codes of training images (two-stage). Near is near to real: too few repeats are as bad as too many. One measure of
five is enough. Controls: real images compared with other real ones must have the values that theory gives them.
"""

import functools
from itertools import product

from gannotes import datasets, metrics, models, plotting, studies, training
from gannotes.metrics import evaluators
from gannotes.studies.claims import Value, Verdict, only, over_seeds
from gannotes.training import autoencoders
import keras
import numpy as np
import pandas as pd
from sklearn.mixture import GaussianMixture

CLAIM, HOURS, SEEDS = "004-vae", 0.13, {"digits": 10, "mnist5k": 5}
SETTINGS = {  # a step of a GAN and of a VAE takes about 2.8 and 1.2 ms on digits, 45 and 21 on mnist5k
    "steps": {"digits": {"GAN": 1800, "VAE": 4000}, "mnist5k": {"GAN": 450, "VAE": 900}}, "latent_dim": 16, "components": 10,
    "GAN": {"digits": {"generator_rate": 0.004, "discriminator_rate": 0.016},
            "mnist5k": {"generator_rate": 0.004, "discriminator_rate": 0.008, "penalty_every": 4}}, "VAE rate": {"digits": 0.003, "mnist5k": 0.006},
}  # fmt: skip
KEY, FAR, NEAR = ["data", "model", "seed"], "farther", "nearer"
DATA, WAYS = ("digits", "mnist5k"), {"VAE": "its prior", "two-stage VAE": "a mixture"}
REAL = {"density": 1, "coverage": 1 - 0.5**5, "repeats": 0.5, "closeness": 0.5}  # by theory
MARGINS = {"bound": 0.05, "log Fréchet": 0.4} | dict.fromkeys(REAL, 0.1)  # nats a pixel; half more
HISTORY = "2026-11-29: written before its runs, after rates were tried on seed 100. The rule before it took fewer repeats and copies than real images have for better, asked for no size of a difference, and was chosen after seeing results. 2026-11-30: its parts are judged one by one. 2026-11-30, after its runs and a sceptical reader: sides are named, and tested both ways; what decides is told; planted noise is the record's."


def runs():
    return [(d, m, seed) for d in DATA for m in ("GAN", "VAE", "real") for seed in range(SEEDS[d])]


@functools.cache  # one compiled graph for all seeds
def compiled(name):
    data, size, steps = datasets.load(name), SETTINGS["latent_dim"], SETTINGS["steps"][name]
    pair = models.mlp_pair if name == "digits" else models.conv_pair
    networks = {"GAN": training.GAN(*pair(data.shape, size))}
    networks["GAN"].compile(**SETTINGS["GAN"][name], steps=steps["GAN"])
    for kind in ("VAE", "reader"):
        decoder, judge = pair(data.shape, size)
        decoder.trainable = kind == "VAE"  # a reader learns to read a generator as it is
        codes = keras.layers.Dense(2 * size)(judge.layers[-2].output)
        networks[kind] = autoencoders.VAE(keras.Model(judge.input, codes), decoder)
        networks[kind].compile(training.adam(SETTINGS["VAE rate"][name], steps["VAE"], 0.9))
    return data, steps, evaluators.for_dataset(data).features, networks


def measure(name, model, seed):
    data, steps, features, networks = compiled(name)
    rng, held_out, bound, made = np.random.default_rng(seed), data.held_out_images, 0.0, {}
    if model == "real":  # has no bound
        held_out, made["real"] = np.split(rng.permutation(held_out), 2)
    else:
        network, vae = networks[model], networks["VAE" if model == "VAE" else "reader"]
        network.reset(seed)
        network.fit(data.images, steps_per_epoch=steps[model], verbose=0)
        made[model] = network.generate(len(held_out), seed)
        if model == "GAN":
            vae.reset(seed)
            vae.decoder.set_weights(network.ema_generator.get_weights())
            vae.fit(data.images, steps_per_epoch=steps["VAE"], verbose=0)
        bound = read(vae, held_out, rng)[1]
    if model == "VAE":
        mixture = GaussianMixture(SETTINGS["components"], random_state=seed)
        codes = mixture.fit(np.float64(read(vae, data.images, rng)[0])).sample(len(held_out))[0]
        made["two-stage VAE"] = keras.ops.convert_to_numpy(vae(codes.astype("float32")))
    rows, seen, real = [], features(data.images), features(held_out)
    for kind, fake in zip(made, map(features, made.values()), strict=True):
        pairs = [metrics.birthday(real, fake, seed=k)["closer"] for k in range(10)]
        row = {"kind": kind, "bound": bound, "repeats": np.mean(pairs)}
        row["log Fréchet"] = np.log(metrics.frechet_distance(real, fake))
        row["closeness"] = metrics.memorization(seen, real, fake)["closer"]
        rows.append(row | metrics.density_coverage(real, fake))
    return rows


def read(vae, images, rng):
    """Codes drawn for images, and the bound on their log-likelihood, nats a pixel, at the best variance."""
    mean, log_variance = np.split(keras.ops.convert_to_numpy(vae.encoder(images)), 2, axis=1)
    codes = mean + np.exp(log_variance / 2) * rng.standard_normal(mean.shape, "float32")
    divergence = np.sum(np.exp(log_variance) + mean**2 - 1 - log_variance) / 2
    error = np.mean((images - keras.ops.convert_to_numpy(vae(codes))) ** 2)
    return codes, -np.log(2 * np.pi * np.e * error) / 2 - divergence / images.size


def of(table, data, kind, what):
    """One number a seed: the logarithm, or bound; of other measures how far they are from real images."""
    found = table[(table.data == data) & (table.kind == kind)][what].to_numpy()
    return np.abs(found - REAL[what]) if what in REAL else found


def rule(table):
    """They differ if the VAE's bound is 0.05 nats a pixel higher, and on one of five measures it is farther from real than
    the GAN, or nearer, by half as much again (Fréchet) or by 0.1 (95 %, Welch, Holm). Alike: the bounds, or all five,
    within these margins. Not decided, too, if real images miss a value of theory by more than 0.1."""
    pairs, tests, same, lead = [*product(DATA, WAYS)], {}, {}, "the VAE's samples are"
    for pair, (what, margin) in product(pairs, MARGINS.items()):
        gan, vae = (of(table, pair[0], kind, what) for kind in ("GAN", pair[1]))
        side = NEAR if what != "bound" and vae.mean() < gan.mean() else FAR
        tests[*pair, what, side] = (vae - margin, gan) if side == FAR else (gan - margin, vae)
        same[*pair, what] = studies.is_equivalent(vae, gan, margin)
    sure = {x for x, low in zip(tests, studies.holm_lows(tests.values()), strict=True) if low > 0}  # fmt: skip
    by = {(*x, side): [w for w in [*MARGINS][1:] if {(*x, w, side), (*x, "bound", FAR)} <= sure] for x in pairs for side in (FAR, NEAR)}  # fmt: skip
    where = {f"{s}, by {WAYS[w]}": [d for d in DATA if by[d, w, s]] for w in WAYS for s in (FAR, NEAR)}  # fmt: skip
    verdict = "does not hold" if all(same[*x, "bound"] or all(same[*x, what] for what in [*MARGINS][1:]) for x in pairs) else only(lead, where)  # fmt: skip
    verdict = "holds" if {key[:2] for key, found in by.items() if found} == {*pairs} else verdict
    miss = (table[table.kind == "real"].groupby("data")[list(REAL)].mean() - pd.Series(REAL)).abs().stack()  # fmt: skip
    failed = [f"{what} of real images is not as by theory ({d})" for d, what in miss[miss > 0.1].index]  # fmt: skip
    verdict = "not decided" if failed else verdict
    values = {f"{d}: {x}{', off real by' * (x in REAL)}, {k}": over_seeds(of(table, d, k, x), atol=0.3)
              for d, x, k in product(DATA, MARGINS, ("GAN", *WAYS))}  # fmt: skip
    for (d, w, side), found in by.items():
        text = f"{d}, {w}: measures of five by which it is surely {side} ({', '.join(found)})"
        values |= {text: Value(float(len(found)), atol=2)} if found else {}
    return Verdict(CLAIM, verdict, values, SEEDS["mnist5k"], lead, where, (*failed,))


def figure(table):
    kinds, shown = ("GAN", *WAYS), product(DATA, ("log Fréchet", "repeats"))
    panels = {f"{d}: {x}": {k: of(table, d, k, x) for k in kinds} for d, x in shown}
    return plotting.plot_dots(panels, across=2, title="Samples: how far from real images")


UNIT = "quarters of log Fréchet distance, and margins of the bound, by which GAN and VAE differ; a third, and nearer, by a mixture"
EFFECTS = {0.0: "does not hold", 1.6: "not decided", 15.0: "holds"}
EFFECTS[5.0] = "holds only when the VAE's samples are farther, by its prior (digits, mnist5k)"
WORTH = 3.2  # twice the margin of the Fréchet distance


def planted(effect, rng):
    far = {"VAE": {"VAE": 0.25, "two-stage VAE": -0.08}, "GAN": {"GAN": 0}, "real": {"real": 0}}
    rows = [(*run, *kind) for run in runs() for kind in far[run[1]].items()]
    table = pd.DataFrame(rows, columns=[*KEY, "kind", "log Fréchet"])
    noise = dict(zip(MARGINS, rng.normal(size=(len(MARGINS), len(table))), strict=True))
    table["log Fréchet"] = effect * table["log Fréchet"] + 0.19 * noise["log Fréchet"]
    table["bound"] = 0.05 * effect * (table.model == "VAE") + 0.01 * noise["bound"]
    size = {"density": 0.07, "coverage": 0.05, "repeats": 0.09, "closeness": 0.04}  # as recorded
    return table.assign(**{what: value + size[what] * noise[what] for what, value in REAL.items()})
