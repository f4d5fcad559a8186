"""Brings the tables of the READMEs up to date with the notebooks: python scripts/update_readmes.py

Questions come from the saved notebooks, answers from notebooks/answers.toml, times from
data/results/notebook_seconds.json, the other tables from data/generators and data/results, the film
from lesson 01. A table stands between ``<!-- table NAME -->`` and ``<!-- end -->``; tests/project/test_update_readmes.py fails
where one is out of date.
"""

import base64
import json
from pathlib import Path
import re
import tomllib

from gannotes.files import write_bytes
import pandas as pd

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "data/results"
FILM = ROOT / "notebooks/figures/film.gif"
MEASURED = {  # ending: words of the table
    "": (
        ("what", "measured"),
        "faults planted in package and scripts, one at a time, that a test finds, after tests for all that were missed at first",
        "| claims of five articles, and ours, judged by [tested rules](VERDICTS.md): {} | {} hold, {} in part, "
        "{} do not, {} not decided |",
        "| Fréchet distance of MNIST digits after 60 and 180 s on two cores, three seeds (real digits: {3:.2f}) "
        "| {0} and {1}; TensorFlow's DCGAN tutorial {2} after 180 s |",
    ),
    " zh": (
        ("内容", "测得"),
        "逐个植入软件包与脚本的错误中，被测试发现的（起初漏掉的已补上测试）",
        "| 五篇文章及我们自己的论断，按[经过测试的规则](VERDICTS.md)判定：{} 条 | 成立 {}，部分成立 {}，不成立 {}，未定 {} |",
        "| MNIST 数字的 Fréchet 距离，两个核心训练 60 秒与 180 秒，三个种子（真实数字：{3:.2f}） "
        "| {0} 与 {1}；TensorFlow 的 DCGAN 教程 180 秒后为 {2} |",
    ),
}
PAGES = ("README.md", "README.zh.md", "data/README.md")


def read_notebooks():
    """``{name: saved notebook}``, in order."""
    paths = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in paths}


def question_of(notebook):
    """What a notebook asks: the bold sentence of its first cell."""
    text = "".join(notebook["cells"][0]["source"])
    return " ".join(re.search(r"\*\*(.*?)\*\*", text, re.DOTALL)[1].split())


def film():
    """The first film of lesson 01, a GIF."""
    cells = read_notebooks()["01_basic_gan"]["cells"]
    shown = (output.get("data", {}) for cell in cells for output in cell.get("outputs", []))
    return base64.b64decode(next(data["image/gif"] for data in shown if "image/gif" in data))


def tables():
    """``{name: lines}`` of every table."""
    notebooks = read_notebooks()
    answers = tomllib.loads((ROOT / "notebooks/answers.toml").read_text(encoding="utf-8"))
    seconds = json.loads((RESULTS / "notebook_seconds.json").read_text())["seconds"]

    def overview(head, question, answer):
        rows = [
            f"| [{name}](notebooks/{name}.ipynb) | {question(name)} | "
            f"{answers[name][answer]} | {seconds[name]} s |"
            for name in notebooks
        ]
        return [head, "|---|---|---|---|", *rows]

    made = {
        "notebooks": overview(
            "| notebook | question | answer | time |",
            lambda name: question_of(notebooks[name]),
            "answer",
        ),
        "notebooks zh": overview(
            "| 笔记本 | 问题 | 回答 | 用时 |",
            lambda name: answers[name]["question_zh"],
            "answer_zh",
        ),
    }
    front = {f"measured{end}": measured(words) for end, words in MEASURED.items()}
    return made | front | recorded_tables()


def measured(words):
    """What the project's own records say of it, in a table: faults found, claims judged, quality."""
    heads, faults, claims, quality = words
    mutants = pd.read_csv(RESULTS / "mutants.csv").query("test != 'not run'")
    verdicts = json.loads((ROOT / "data/verdicts.json").read_text(encoding="utf-8")).values()
    said = [verdict["verdict"] for verdict in verdicts]
    counts = [said.count(word) for word in ("holds", "does not hold", "not decided")]
    looks = pd.read_csv(RESULTS / "mnist_quality.csv")
    ends = looks.groupby(["way", "goal", "seed"]).frechet.last()
    last = [_spread(ends[way], ".2f") for way in (("ours", 60), ("ours", 180))]
    tutorial = _spread(ends["DCGAN tutorial", 180], ".0f")
    return [
        f"| {heads[0]} | {heads[1]} |",
        "|---|---|",
        f"| {faults} | {mutants.test.notna().sum()} / {len(mutants)} |",
        claims.format(len(said), counts[0], len(said) - sum(counts), *counts[1:]),
        quality.format(*last, tutorial, looks.real.iloc[0]),
    ]


def recorded_tables():
    """``{name: lines}`` of the tables of what benchmarks and trainings recorded."""
    cards = [json.loads(p.read_text()) for p in sorted((ROOT / "data/generators").glob("*.json"))]
    generators = [
        f"| {card['data_set']} | {card['weights']:,} | {card['frechet_distance']} "
        f"({card['frechet_distance_of_training_images']}) | {card['seconds']} s |"
        for card in cards
        if card["measured_images"] == 10_000
    ]
    stacked = [
        f"| {variant} | {len(rows)} × {steps:,} steps | {_spread(rows.modes, '.0f')} | "
        f"{_spread(rows.reverse_kl, '.2f')} |"
        for (variant, steps), rows in pd.read_csv(RESULTS / "stacked_mnist.csv").groupby(
            ["variant", "steps"]
        )
    ]
    plane = [
        f"| {mixture} | {len(rows)} | {_spread(rows.modes, '.0f')} | {_spread(100 * rows.good, '.1f')} | "
        f"{_spread(rows.reverse_kl, '.3f')} | {_spread(rows.seconds, '.0f')} |"
        for mixture, rows in pd.read_csv(RESULTS / "ring_and_grid.csv").groupby("mixture")
    ]
    minutes = []
    for (way, goal), looks in pd.read_csv(RESULTS / "mnist_quality.csv").groupby(["way", "goal"]):
        within, at_end = (part.groupby("seed") for part in (looks[looks.seconds <= 60], looks))
        minutes.append(
            f"| {way}, for {goal} s | {len(at_end)} × {looks.steps.max():,} steps | "
            f"{_spread(within.frechet.last(), '.2f')} | {_spread(at_end.frechet.last(), '.2f')} | "
            f"{_spread(at_end.seconds.last(), '.0f')} s |"
        )
    return {
        "generators": [
            "| generator | weights | Fréchet distance, 10,000 images (training images) | trained in |",
            "|---|---|---|---|",
            *generators,
        ],
        "stacked mnist": [
            "| ours | seeds | modes of 1,000 | reverse KL |", "|---|---|---|---|", *stacked,
        ],
        "mnist quality": [
            "| training | seeds | Fréchet distance within 60 s | at the end | which came after |",
            "|---|---|---|---|---|",
            *minutes,
        ],
        "ring and grid": [
            "| ours | trials | modes | good samples, % | reverse KL | seconds |",
            "|---|---|---|---|---|---|",
            *plane,
        ],
    }  # fmt: skip


def _spread(values, form):
    """The mean, and the least and greatest of several."""
    mean = format(values.mean(), form)
    several = f" ({format(values.min(), form)} to {format(values.max(), form)})"
    return mean + (several if len(values) > 1 else "")


def updated(text, made):
    """A page with its tables renewed.

    Raises:
        KeyError: the page asks for a table that there is not.
    """

    def renewed(match):
        return "\n".join([match[1], "", *made[match[2]], "", "<!-- end -->"])

    return re.sub(r"(<!-- table (.*?) -->)\n.*?<!-- end -->", renewed, text, flags=re.DOTALL)


if __name__ == "__main__":
    made = tables()
    for name in PAGES:
        text = updated((ROOT / name).read_text(encoding="utf-8"), made)
        write_bytes(ROOT / name, text.encode())
        print(f"up to date: {name}")
    write_bytes(FILM, film())
