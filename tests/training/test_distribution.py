"""Several devices train as one does, at the same global batch."""

import json
import os
from pathlib import Path
import socket
import subprocess
import sys

import numpy as np
import pytest

pytestmark = pytest.mark.slow

SCRIPT = Path(__file__).parents[1] / "distributed_training.py"


def start(kind, path, *options, **environment):
    return run([str(SCRIPT), kind, str(path), *options], **environment)


def run(arguments, **environment):
    command = [sys.executable, *arguments]
    return subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def cluster():
    """The environment of each of two workers."""
    workers = {"worker": [f"127.0.0.1:{port}" for port in free_ports(2)]}
    for index in range(2):
        task = {"type": "worker", "index": index}
        yield {"TF_CONFIG": json.dumps({"cluster": workers, "task": task})}


def finish(processes):
    try:
        for process in processes:
            _, errors = process.communicate(timeout=300)
            assert process.returncode == 0, errors.decode()[-2000:]
    finally:
        for process in processes:
            process.kill()  # one that waits for another which has died
            process.communicate()


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


def assert_equal(path, expected, devices):
    """After 20 steps on an array and 20 on a stream; a wrong rule is off by 0.01 or more."""
    result = np.load(path)
    assert result["devices"] == devices
    for name in set(expected) - {"devices"}:
        np.testing.assert_allclose(result[name], expected[name], rtol=0, atol=1e-4, err_msg=name)


@pytest.fixture(scope="module")
def one_device(tmp_path_factory):
    path = tmp_path_factory.mktemp("one") / "one.npz"
    finish([start("one", path)])
    return dict(np.load(path))


def test_two_devices_of_one_machine(one_device, tmp_path):
    path = tmp_path / "mirrored.npz"
    finish([start("mirrored", path)])
    assert_equal(path, one_device, devices=2)


def test_two_processes(one_device, tmp_path):
    paths = [tmp_path / f"worker{index}.npz" for index in range(2)]
    finish([
        start("workers", path, **environment)
        for path, environment in zip(paths, cluster(), strict=True)
    ])  # fmt: skip
    for path in paths:
        assert_equal(path, one_device, devices=2)


def test_two_workers_of_the_shell_command_go_on_where_they_stopped(tmp_path):
    for folder, steps in (("in one go", 8), ("in two", 4), ("in two", 8)):
        shell = ["-m", "gannotes", "train", str(tmp_path / folder), "--dataset", "ring"]
        shell += ["--devices", "workers", "--steps", str(steps), "--every", "4"]
        finish([
            run([*shell, "--schedule", "constant"], **environment) for environment in cluster()
        ])  # fmt: skip
        rows = (tmp_path / folder / "history.csv").read_text().splitlines()
        assert len(rows) == 1 + steps // 4  # one worker writes
    once, twice = (np.load(tmp_path / folder / "state.npz") for folder in ("in one go", "in two"))
    for name in once:
        np.testing.assert_allclose(twice[name], once[name], rtol=0, atol=1e-6, err_msg=name)


def test_what_was_made_outside_the_scope_is_refused(tmp_path):
    process = start("mirrored", tmp_path / "x.npz", "optimizers_outside")
    _, errors = process.communicate(timeout=300)
    assert process.returncode == 1
    assert "make networks, optimizers and model within strategy.scope()" in errors.decode()
