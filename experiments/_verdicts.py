"""VERDICTS.md: what the records say of each claim, written by `python -m experiments --judge`."""

from collections import Counter
import inspect
import json

from experiments import HERE, RESULTS, chance, halves, judge, load, names, power, read, rule_hash
from gannotes import files
from gannotes.studies.claims import CLAIMS, in_words
from gannotes.studies.lessons import VERDICTS

ROOT, POWERS = HERE.parent, RESULTS / "powers.json"
ARGUED = {id: claim for id, claim in CLAIMS.items() if "because" in claim}
HEAD = """# Verdicts

What five articles say of GANs, and what measurements say of that. Each claim is one file in `experiments/`:
its rule is a function of a record in `data/results/`, and is tested on records whose answer is known. Where no
run can tell more than an argument, the argument stands in its place. This page is written by
`python -m experiments --judge`.

A verdict stands if at most two of ten random halves of the seeds decide otherwise; so does each part of one
that holds only in parts, if most of the halves that decide name it. A part that flips is left out. Any other verdict that flips is what eight halves say, if
they do; else it is "not decided". (Until 2026-11-29 a half that said "not decided" counted as a flip, too: but
half of the seeds find less. Until 2026-11-30 one part that flipped made the whole undecided.)

"""
DOCUMENTS = {  # of the articles: English and Chinese title, what is wrong in it
    "000": (
        "Matrix factorization in GANs (矩阵分解在生成对抗网络中的应用)",
        "A layer 784 wide is reshaped to 32 × 32 × 3. The loss of G names no output of G. Layers that are called low-rank are dense. GANs are by Ian Goodfellow et al. (2014, Université de Montréal), not by a 马尔科·卡尼亚尼 of Iran.",
    ),
    "001": (
        "Making GANs faster and better (训练更快更好的生成对抗网络)",
        "The formula of the objective contradicts the article's own code. Logits are taken for probabilities.",
    ),
    "002": (
        "Generative sparse representation (生成式稀疏表示学习)",
        "Nothing in the code is sparse. A wrong sign makes G help D. A sigmoid goes into a loss that expects logits. A batch has the shape None.",
    ),
    "003": (
        "Vector products in GANs (向量数乘在生成对抗网络中的应用)",
        "Of D's one number the cosine is always 1 or −1. D's loss lowers the score of real images. Images go through five reshapes that do nothing. GANs are by Ian Goodfellow et al. (2014), not of a 伊甸园大学; DALL·E is by Ramesh et al. (2021), while Radford, Metz and Chintala wrote DCGAN (2016).",
    ),
    "004": (
        "Feature values and feature functions in GANs (特征值与特征函数)",
        "The training data of the code are uniform noise. One loss is lowered for both networks. The text contradicts its own formula. A VAE raises a bound of the log-likelihood, not the likelihood itself. GANs are by Ian Goodfellow et al. (2014).",
    ),
    "008": ("Our own questions", ""),
}


def write():
    """Judges all complete records; writes VERDICTS.md, its figures, and what lessons show of it."""
    found = {name: verdict for name in names() if (verdict := judge(name)) is not None}
    kept = powers(found)
    files.write_bytes(POWERS, (json.dumps(kept, indent=2) + "\n").encode())
    files.write_bytes(ROOT / "VERDICTS.md", page(found, kept).encode())
    text = json.dumps(short(found), indent=2, ensure_ascii=False) + "\n"
    files.write_bytes(VERDICTS, text.encode())
    for name in found:
        save_figure(name)


def powers(found):
    """``{name: {"rule": its hash, "finds": its power, "shown": its chance of what is worth having, %}}``.

    What the file holds of this very rule is not simulated again.
    """
    known = json.loads(POWERS.read_text()) if POWERS.exists() else {}
    for name, experiment in {name: load(name) for name in found}.items():
        if known.get(name, {}).get("rule") != (rule := rule_hash(experiment)):
            shown = round(100 * chance(experiment, experiment.WORTH))
            known[name] = {"rule": rule, "finds": power(experiment), "shown": shown}
    return {name: known[name] for name in sorted(found)}


def short(found):
    """``{claim's id: its words and verdict}``, for lessons; `found` is ``{experiment: verdict}``."""
    kept = ("claim", "verdict", "seeds")
    by_id = {v.id: {name: getattr(v, name) for name in kept} for v in found.values()}
    argued = {id: {**claim, "seeds": 0} for id, claim in ARGUED.items()}
    by_id |= {id: {name: claim[name] for name in kept} for id, claim in argued.items()}
    for id, said in by_id.items():
        said["words"] = in_words(id, said["verdict"])
    return dict(sorted(by_id.items()))


def page(found, powers):
    """The text of VERDICTS.md; `found` is ``{experiment: verdict}``."""
    tables = [overview(*document, short(found)) for document in DOCUMENTS.items()]
    sections = {
        verdict.id: section(name, verdict, **powers[name]) for name, verdict in found.items()
    }
    sections |= {id: argument(id, claim) for id, claim in ARGUED.items()}
    missing = {x: load(x).CLAIM for x in names() if x not in found}
    waiting = [f'<a id="{id}"></a>[{id}](experiments/{x}.py)' for x, id in missing.items()]
    if waiting:
        tables.append(f"Their rules are written, and wait for their runs: {', '.join(waiting)}.")
    return HEAD + "\n\n".join(tables) + "\n\n" + "\n".join(sections[id] for id in sorted(sections))


def overview(document, about, said):
    """A document's title, its mistakes, and a table of its claims; `said` is of `short`."""
    title, mistakes = about
    lines = [f"## {f'Article {document} · ' if mistakes else ''}{title}", ""]
    lines += [f"Mistakes, named and not measured: {mistakes}", ""] if mistakes else []
    lines += ["| id | claim | verdict |", "|---|---|---|"]
    lines += [
        f"| [{id}](#{id}) | {row['claim']} | {row['verdict']} |"
        for id, row in said.items()
        if id.startswith(document)
    ]
    return "\n".join(lines)


def argument(id, claim):
    """What stands under a claim that no run can decide."""
    verdict = claim["verdict"]
    return f"""## {id}

**{claim["claim"]}** *{verdict[0].upper()}{verdict[1:]}, by an argument; nothing is run.* {in_words(id, verdict)}

{claim["because"]}
"""


def section(name, verdict, rule, finds, shown):
    """What stands under a claim: its words, its rule, its numbers, its figure."""
    experiment = load(name)
    question, *paragraphs = inspect.getdoc(experiment).split("\n\n")
    effect = "no planted effect up to 10" if finds is None else f"{finds:g}"
    weak = " That is weak: what is not decided may still be so." if shown < 50 else ""
    text = "\n\n".join(paragraphs)
    table = read(name)[0]
    alt, said_of_all = experiment.figure(table).alt, experiment.rule(table).verdict
    counted = Counter(half.verdict for half in halves(name))
    of_halves = ", ".join(f'{count} "{said}"' for said, count in counted.most_common())
    controls = f"A control failed: {'; '.join(verdict.failed)}.\n" if verdict.failed else ""
    values = "\n".join(f"| {key} | {value} |" for key, value in verdict.values.items())
    return f"""## {verdict.id}

**{question.split("?")[0]}?** *{verdict.verdict[0].upper()}{verdict.verdict[1:]}.* {in_words(verdict.id, verdict.verdict)}

{text}

*Rule.* {" ".join(inspect.getdoc(experiment.rule).split())}
It finds, in four of five planted records, an effect of {effect} {experiment.UNIT}.
Of {experiment.WORTH:g}, the least that is worth having, it finds {shown} in a hundred.{weak}
{controls}Of all seeds it says "{said_of_all}"; of ten random halves of the seeds it says {of_halves}.
{experiment.HISTORY}

| measured, at least {verdict.seeds} seeds each | mean (least to greatest) |
|---|---|
{values}

![{alt}](experiments/figures/{name}.png)

Made by `python -m experiments {name}`, planned at {experiment.HOURS:g} hours on two cores; record:
[data/results/{name}.csv](data/results/{name}.csv).
"""


def save_figure(name):
    """Draws an experiment's record to experiments/figures."""
    experiment = load(name)
    path = HERE / "figures" / f"{name}.png"
    path.parent.mkdir(exist_ok=True)
    with files.atomic_path(path) as part:
        experiment.figure(read(name)[0]).savefig(part, format="png", dpi=100)
