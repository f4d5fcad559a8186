"""Do conditional and auxiliary-classifier GANs do better?   000-conditional, document 000, section 6.

The article: 研究者们可以尝试使用更复杂的生成器架构，如Conditional GANs和Auxiliary Classifier GANs。
"Researchers can try more complex generators, such as conditional GANs and auxiliary-classifier GANs", against images of
poor quality, and (in its answers) to generalize better. Read as: with labels the Fréchet distance to held-out images is
surely less, by a tenth; labels asked for are as frequent as in training. Conditional: D sees the label beside the image
("embedding", Mirza, Osindero 2014), or projects its features on it (Miyato, Koyama 2018), a way better known today;
AC-GAN: D has to guess it, too (Odena et al. 2017).

Steps, batches and widths are alike. Each arm has its best of three or four numbers, by seeds that do not judge: of the
weight of R1; of AC-GAN the weight of its class loss, which costs quality when heavy (Gong et al. 2019; Kang et al. 2021).
Controls: with labels shuffled, projection has as many weights and knows nothing: it must not surely be a tenth better;
of projection's images three of four must show the label that was asked for, of the shuffled fewer than one of five.
"""

from functools import cache

from gannotes import datasets, metrics, models, plotting, studies, training
from gannotes.metrics import evaluators
from gannotes.studies.claims import Verdict, only, over_seeds
import numpy as np
import pandas as pd

CLAIM, HOURS = "000-conditional", 0.2
ARMS = PLAIN, EMBEDDING, PROJECTION, AC, SHUFFLED = "plain", "embedding", "projection", "AC-GAN", "shuffled"  # fmt: skip
SETTINGS = {
    "digits": {"seeds": 10, "own seeds": [100, 101], "batch_size": 64, "recipe": {"steps": 1000},
               "arms": [*ARMS], "r1": [0.2, 0.6, 2.0, 6.0],
               "class_weight": [0.03, 0.1, 0.3, 1.0]},
    "mnist5k": {"seeds": 5, "own seeds": [100], "batch_size": 32, "arms": [PLAIN, *ARMS[2:]],
                "recipe": {"steps": 400, "generator_rate": 0.004, "penalty_every": 4},
                "r1": [0.2, 0.6, 2.0], "class_weight": [0.1, 0.3, 1.0]},
    "latent_dim": 16, "images": 1000,
}  # fmt: skip
KEY, DATA, MARGIN = ["data", "arm", "seed"], ("digits", "mnist5k"), np.log(1.1)
LABELS = {x: x for x in ARMS[1:3]} | {AC: "classifier", SHUFFLED: PROJECTION}
WAYS = ARMS[1:4]
CELLS = [(way, data) for way in WAYS for data in DATA if way in SETTINGS[data]["arms"]]
HISTORY = (
    "2026-11-29: written before its runs; trials of networks that do not judge chose its margins and grids. The rule before it gave AC-GAN a class loss of weight 1, which was never tuned "
    "and cost it all variety, had five seeds and no control for the weights that labels add; it was changed twice. 2026-11-30: its parts are judged one by one."
)


def runs():
    seeds = [(data, seed) for data in DATA for seed in range(SETTINGS[data]["seeds"])]
    return [(data, arm, seed) for data, seed in seeds for arm in SETTINGS[data]["arms"]]


@cache  # one compiled graph for all seeds
def compiled(name, way):
    data, size = datasets.load(name), SETTINGS["latent_dim"]
    options = {"num_classes": len(data.class_names), "labels": way} if way else {}
    classes = {k: x for k, x in options.items() if k == "num_classes"}
    if name == "digits":
        gan = training.GAN(*models.mlp_pair(data.shape, size, **options))
    else:
        generator = models.conv_generator(data.shape, size, **classes)
        gan = training.GAN(generator, models.conv_discriminator(data.shape, **options))
    gan.compile(**SETTINGS[name]["recipe"])
    return data, gan, evaluators.for_dataset(data)


def measure(name, arm, seed, number=None):
    data, gan, judge = compiled(name, LABELS.get(arm))
    option = "class_weight" if arm == AC else "r1"
    number = number or chosen(name, PROJECTION if arm == SHUFFLED else arm)
    rng = np.random.default_rng(seed)
    gan.set(**{option: number})
    gan.reset(seed)
    labels = rng.permutation(data.labels) if arm == SHUFFLED else data.labels
    labels = None if arm == PLAIN else labels
    gan.fit(data.images, labels, SETTINGS[name]["batch_size"], 1, gan.recipe.steps, verbose=0)
    asked = rng.choice(data.labels, SETTINGS["images"])
    images = gan.generate(len(asked), seed, None if arm == PLAIN else asked)
    (fake, seen), real = judge(images), judge.features(data.held_out_images)
    row = {"number": number, "log distance": np.log(metrics.frechet_distance(real, fake))}
    covered = metrics.density_coverage(real, fake)["coverage"]
    return [row | {"coverage": covered, "obeyed": float(np.mean(seen == asked))}]


@cache
def chosen(name, arm):
    """The arm's number that leads to the least distance, by seeds that do not judge."""
    numbers = SETTINGS[name]["class_weight" if arm == AC else "r1"]
    tries = [(x, seed) for x in numbers for seed in SETTINGS[name]["own seeds"]]
    rows = pd.DataFrame([measure(name, arm, seed, x)[0] for x, seed in tries])
    return float(rows.groupby("number")["log distance"].mean().idxmin())


def rule(table):
    """A way is better on a data set if its distance is surely less than the plain GAN's, by a tenth: Welch, 95 %, with
    Holm over all five. It is not if it surely is not, by so much (95 %, one side). Holds if all are better, does not
    hold if none can be; holds for those that are."""
    rows = {key: x for key, x in table.groupby(["data", "arm"])}
    far = {key: x["log distance"].to_numpy() for key, x in rows.items()}
    pairs = [(far[data, PLAIN] - MARGIN, far[data, way]) for way, data in CELLS]
    wins = studies.holm_lows(pairs) > 0
    loses = [studies.interval(*pair, level=0.9).high < 0 for pair in pairs]
    where = {way: [data for (x, data), win in zip(CELLS, wins, strict=True) if win and x == way] for way in WAYS}  # fmt: skip
    lead, failed = "the label goes by", []
    verdict = "holds" if wins.all() else "does not hold" if all(loses) else only(lead, where)
    for d in DATA:
        by_weights = studies.interval(far[d, PLAIN] - MARGIN, far[d, SHUFFLED]).low > 0
        obeyed = rows[d, PROJECTION].obeyed.mean(), rows[d, SHUFFLED].obeyed.mean()
        failed += [f"labels are not obeyed ({d})"] if obeyed[0] <= 0.75 else []
        failed += [f"shuffled labels are obeyed ({d})"] if obeyed[1] >= 0.2 else []
        failed += [f"shuffled labels, too, are surely better ({d})"] if by_weights else []
    verdict = "not decided" if failed else verdict
    values = {
        f"{', '.join(k)}: Fréchet distance": over_seeds(np.exp(x), rtol=0.5) for k, x in far.items()
    }
    for key, x in rows.items():
        values[f"{', '.join(key)}: coverage"] = over_seeds(x.coverage, atol=0.2)
        if key[1] != PLAIN:
            values[f"{', '.join(key)}: labels obeyed"] = over_seeds(x.obeyed, atol=0.2)
    seeds = min(SETTINGS[data]["seeds"] for data in DATA)
    return Verdict(CLAIM, verdict, values, seeds, lead, where, (*failed,))


def figure(table):
    panels = {d: {} for d in DATA}
    for (d, arm), x in table.groupby(["data", "arm"], sort=False):
        panels[d][arm] = np.exp(x["log distance"])
    title = "Labels that both networks get"
    return plotting.plot_dots(panels, xlabel="Fréchet distance", xscale="log", title=title)


UNIT = "of a logarithm that embedding and projection gain; AC-GAN gains less by 0.5"
EFFECTS = {-0.3: "does not hold", 0.1: "not decided", 1.2: "holds"}
EFFECTS[0.6] = (
    "holds only when the label goes by embedding (digits) or projection (digits, mnist5k)"
)
WORTH = 0.2  # twice the margin


def planted(effect, rng):
    table = pd.DataFrame(runs(), columns=KEY)
    gains = dict.fromkeys(WAYS[:2], effect) | {PLAIN: 0, AC: effect - 0.5, SHUFFLED: -0.2}
    noise = np.where(table.data == "digits", 0.15, 0.12) * rng.normal(size=len(table))
    table["log distance"] = 1 - table.arm.map(gains) + noise
    obeyed = table.arm.map({PLAIN: 0.1, SHUFFLED: 0.1}).fillna(0.95)
    return table.assign(number=0.6, coverage=0.8, obeyed=obeyed)
