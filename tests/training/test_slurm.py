"""The SLURM example, with stand-ins for SLURM's commands and for Python."""

import json
import os
from pathlib import Path
import subprocess

ROOT = Path(__file__).parents[2]
STANDINS = {
    "scontrol": '[[ "$*" == "show hostnames node[1-3]" ]] && printf "node1\\nnode2\\nnode3\\n"',
    "srun": '[[ $1 == --kill-on-bad-exit=1 ]] && shift\n'
    "for k in 0 1 2; do SLURM_PROCID=$k \"$@\"; done",
    "python": 'printf "%s\\n" "$TF_CONFIG" "$*"',
}  # fmt: skip


def test_each_machine_is_told_all_machines_and_its_own_number(tmp_path):
    for name, text in STANDINS.items():
        (tmp_path / name).write_text(f"#!/bin/bash\n{text}\n")
        (tmp_path / name).chmod(0o755)
    environment = {
        "PATH": f"{tmp_path}:{os.environ['PATH']}", "PYTHON": str(tmp_path / "python"),
        "SLURM_JOB_NODELIST": "node[1-3]", "PORT": "5000",
    }  # fmt: skip
    done = subprocess.run(
        ["bash", ROOT / "scripts/slurm.sh", "runs/my digits", "--steps", "10"],
        env=environment, cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    lines = done.stdout.splitlines()
    for number, (config, command) in enumerate(zip(lines[::2], lines[1::2], strict=True)):
        told = json.loads(config)
        assert told["cluster"] == {"worker": ["node1:5000", "node2:5000", "node3:5000"]}
        assert told["task"] == {"type": "worker", "index": number}
        assert command == "-m gannotes train runs/my digits --steps 10 --devices workers"
    assert len(lines) == 6
