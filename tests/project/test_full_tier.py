"""The full tier: resumable notebook by notebook, and nothing that was measured is lost."""

from pathlib import Path
import signal
import subprocess
import sys
import time

from gannotes import files
from gannotes.studies import claims
from gannotes.studies.claims import MIME
import nbformat
import pandas as pd
import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
import full_tier  # noqa: E402

PARAMETERS = 'DATASET = "digits"\nSTEPS = 1'
TABLE = """
[01_first]
mnist = { DATASET = "mnist", STEPS = 20 }
cifar10 = { DATASET = "cifar10" }

[02_second]
mnist = { DATASET = "mnist" }
"""


def verdict(id, value="STEPS"):
    """Code that shows a verdict, as `claims.Verdict` does, but in a kernel that starts at once."""
    return f"""from IPython.display import display
value = dict(value={value}, low=0.5, high=40.0, rtol=0.1, atol=0.0, unit="nats")
claim = dict(id="{id}", claim="A claim.", verdict="holds", values=dict(gain=value), seeds=3)
display({{"{MIME}": claim, "text/plain": "verdict"}}, raw=True)"""


def write_notebook(path, *codes):
    cells = [nbformat.v4.new_markdown_cell("# A notebook\n\nSee [02](02_second.ipynb), $x^2$.")]
    cells += [nbformat.v4.new_code_cell(code) for code in (PARAMETERS, *codes)]
    cells[1].metadata["tags"] = ["parameters"]
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), path)


@pytest.fixture
def folder(tmp_path):
    """Two notebooks and their table; the second waits, the first time, to be killed."""
    write_notebook(tmp_path / "01_first.ipynb", verdict("004-vae"))
    wait = """from pathlib import Path
import time
if not Path("reached").exists():
    Path("reached").touch()
    time.sleep(300)"""
    write_notebook(
        tmp_path / "02_second.ipynb", verdict("004-collapse"), wait, verdict("004-imbalance")
    )
    (tmp_path / "full_tier.toml").write_text(TABLE)
    return tmp_path


def command(folder, *options):
    places = {"table": "full_tier.toml", "output": "runs", "results": "results/full_tier.csv"}
    options = [*options, *(f"--{name}={folder / place}" for name, place in places.items())]
    return [sys.executable, str(ROOT / "scripts/full_tier.py"), *options]


def run(folder, *options):
    return subprocess.run(command(folder, *options), capture_output=True, text=True, timeout=300)


def results(folder):
    return full_tier.read_results(folder / "results/full_tier.csv")


@pytest.mark.slow
def test_what_a_kill_interrupts_goes_on(folder):
    killed = subprocess.Popen(command(folder, "--dataset", "mnist"), stdout=subprocess.PIPE)
    end = time.monotonic() + 120
    while not (folder / "reached").exists():
        assert time.monotonic() < end and killed.poll() is None
        time.sleep(0.1)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    first, second = (folder / f"runs/{name}.mnist.ipynb" for name in ("01_first", "02_second"))
    assert first.exists() and not second.exists()
    assert set(results(folder).notebook) == {"01_first"}
    complete = first.read_bytes()

    (folder / "results/full_tier.csv").unlink()  # as if the kill had come before it was written
    again = run(folder, "--dataset", "mnist")
    assert again.returncode == 0, again.stderr
    assert "2 runs, 1 of them complete already" in again.stdout
    assert first.read_bytes() == complete
    found = results(folder)
    assert list(found.claim) == ["004-vae", "004-collapse", "004-imbalance"]
    vae = found.iloc[0]
    assert list(found.columns) == full_tier.COLUMNS
    assert (vae.data_set, vae.outcome, vae["value"]) == ("mnist", "holds", "gain")
    assert (vae["mean"], vae.low, vae.high, vae.unit, vae.seeds) == (20, 0.5, 40, "nats", 3)
    assert vae.parameters == '{"DATASET": "mnist", "STEPS": 20}'
    assert "core" in vae.machine and "keras" in vae.versions and vae.date > "2026"
    assert sorted(path.name for path in (folder / "runs").iterdir()) == [
        ".lock", "01_first.mnist.ipynb", "02_second.mnist.ipynb",
    ]  # fmt: skip

    write_notebook(folder / "01_first.ipynb", verdict("004-vae", "2 * STEPS"))  # other code
    third = run(folder, "--dataset", "mnist")
    assert "1 of 1: 01_first on mnist" in third.stdout
    assert results(folder)["mean"].iloc[0] == 40 and len(results(folder)) == 3


@pytest.mark.slow
def test_a_run_that_stops_keeps_what_it_has_and_lets_the_others_run(folder):
    (folder / "reached").touch()
    fails = "raise ValueError('only digits\\nhere')"
    write_notebook(folder / "01_first.ipynb", verdict("004-vae"), fails, verdict("004-evaluate"))
    done = run(folder)
    assert done.returncode == 1, done.stderr
    found = results(folder)
    first = found[(found.notebook == "01_first") & (found.data_set == "mnist")]
    assert list(first.claim[:1]) == ["004-vae"] and first.claim[1:].isna().all()
    assert list(first.outcome) == ["holds", "stopped at cell cell-3: ValueError: only digits here"]
    assert list(found[found.notebook == "02_second"].claim) == ["004-collapse", "004-imbalance"]
    assert "only digits" in (folder / "runs/01_first.mnist.ipynb").read_text()
    assert "2 of these stopped before their end" in done.stdout

    write_notebook(folder / "01_first.ipynb", verdict("004-vae"))  # mended
    done = run(folder, "--notebook", "01")
    assert done.returncode == 0 and "2 runs, 0 of them complete already" in done.stdout
    assert results(folder).claim.notna().all()


@pytest.mark.parametrize("behind", [[], ["x = 1"]], ids=["the last cell", "a cell before"])
@pytest.mark.slow
def test_a_kernel_that_dies_has_not_completed_its_run(folder, behind):
    dies = "import os\nos._exit(1)"
    write_notebook(folder / "01_first.ipynb", verdict("004-vae"), dies, *behind)
    done = run(folder, "--notebook", "01", "--dataset", "mnist")
    assert done.returncode == 1, done.stderr
    assert list(results(folder).outcome) == ["holds", "stopped at cell cell-3: the kernel died"]
    again = run(folder, "--notebook", "01", "--dataset", "mnist")
    assert "1 runs, 0 of them complete already" in again.stdout


@pytest.mark.slow
def test_one_full_tier_at_a_time(folder):
    with files.alone_in(folder / "runs"):
        refused = run(folder)
    assert refused.returncode == 2 and "Another process is writing to" in refused.stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--notebook", "09"], "Unknown notebook. Allowed: 01_first, 02_second. Received: 09"),
        (
            ["--dataset", "imagenet"],
            "Unknown data set. Allowed: cifar10, mnist. Received: imagenet",
        ),
        (["--notebook", "02", "--dataset", "cifar10"], "02 runs on: mnist"),
    ],
)
def test_what_there_is_not_is_refused_before_any_work(folder, options, message, capsys):
    with pytest.raises(SystemExit):
        full_tier.main(
            [*options, f"--table={folder / 'full_tier.toml'}", f"--output={folder / 'x'}"]
        )
    assert message in capsys.readouterr().err
    assert not (folder / "x").exists()


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("[03_third]\nmnist = {}", "names 03_third, and there is no"),
        (
            "[01_first]\nmnist = { EPOCHS = 3 }",
            "has the parameters DATASET, STEPS. Received: EPOCHS",
        ),
    ],
)
def test_a_table_that_fits_no_notebook_is_refused(folder, table, message):
    (folder / "full_tier.toml").write_text(table)
    with pytest.raises(ValueError, match=message):
        full_tier.plan(folder / "full_tier.toml", folder)


def test_the_tables_runs_are_those_of_the_notebooks():
    runs = full_tier.plan(ROOT / "notebooks/full_tier.toml", Path("runs/full"))
    weighing = {claim["notebook"] for claim in claims.CLAIMS.values() if "notebook" in claim}
    assert {run.notebook for run in runs} == weighing


def test_the_recorded_table_reads():
    path = ROOT / "data/results/full_tier.csv"
    if not path.exists():
        pytest.skip("nothing recorded")
    found = full_tier.read_results(path)
    whole = found[found.claim.notna()]
    assert list(found.columns) == full_tier.COLUMNS and pd.notna(whole["mean"]).all()
