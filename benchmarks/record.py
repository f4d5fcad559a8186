"""Writes what a benchmark measured to data/results, with the machine, the versions and the date."""

from datetime import date
from importlib.metadata import version
import json
import os
from pathlib import Path
import platform
import shutil
import subprocess

from gannotes import files, studies
import keras


def machine():
    """The processor's name, how many cores this process may use, memory in GiB, GPUs if any."""
    cpuinfo = Path("/proc/cpuinfo")
    names = [
        line.split(":")[1].strip()
        for line in (cpuinfo.read_text().splitlines() if cpuinfo.exists() else [])
        if line.startswith("model name")
    ]
    mine = getattr(os, "sched_getaffinity", lambda _: range(os.cpu_count()))  # macOS has none
    memory = None
    if hasattr(os, "sysconf"):  # Windows has not
        memory = round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)
    found = {
        "processor": names[0] if names else platform.processor(),
        "cores": len(mine(0)),
        "memory_gib": memory,
    }
    if shutil.which("nvidia-smi"):
        ask = ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"]
        said = subprocess.run(ask, capture_output=True, text=True).stdout
        found["gpus"] = [line.strip() for line in said.splitlines()]
    return found


def record(name, measured, every_processor=False):
    """Writes ``data/results/NAME.json``, whole or not at all.

    Args:
        name: of the file.
        measured: results, a dictionary.
        every_processor: whether the file holds a list, of what each kind of processor measured last.
    """
    about = {
        "date": date.today().isoformat(),
        "machine": machine(),
        "python": platform.python_version(),
        keras.backend.backend(): version(keras.backend.backend()),
        "keras": version("keras"),
    }
    path = files.data_folder() / "results" / f"{name}.json"
    whole = {**about, **measured}
    if every_processor:
        earlier = json.loads(path.read_text()) if path.exists() else []
        processor = about["machine"]["processor"]
        whole = [*(r for r in earlier if r["machine"]["processor"] != processor), whole]
    files.write_bytes(path, (json.dumps(whole, indent=2) + "\n").encode())
    print(f"written: data/results/{name}.json")


def table(name, key, runs, measure):
    """Adds to ``data/results/NAME.csv`` the runs that it lacks; see `studies.table`."""
    return studies.table(
        files.data_folder() / "results" / f"{name}.csv", key, runs, measure, digits=5
    )
