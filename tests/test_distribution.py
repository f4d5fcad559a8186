"""Several devices train as one does, at the same global batch."""

import json
import os
from pathlib import Path
import socket
import subprocess
import sys

import numpy as np
import pytest

SCRIPT = Path(__file__).parent / "distributed_training.py"


def start(kind, path, *options, **environment):
    command = [sys.executable, str(SCRIPT), kind, str(path), *options]
    return subprocess.Popen(command, env={**os.environ, **environment}, stderr=subprocess.PIPE)


def finish(processes):
    for process in processes:
        _, errors = process.communicate(timeout=300)
        assert process.returncode == 0, errors.decode()[-2000:]


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


def assert_equal(path, expected, devices):
    result, expected = np.load(path), np.load(expected)
    assert result["devices"] == devices
    for name in ("weights", "images", "losses"):  # 20 steps; a wrong rule is off by 0.01 or more
        np.testing.assert_allclose(result[name], expected[name], rtol=0, atol=1e-4)


@pytest.fixture(scope="module")
def one_device(tmp_path_factory):
    folder = tmp_path_factory.mktemp("one")
    for options in ([], ["stream"], ["batch_norm"]):
        finish([start("one", folder / f"{'-'.join(options)}.npz", *options)])
    return folder


@pytest.mark.parametrize("options", [[], ["stream"], ["batch_norm"]], ids=str)
def test_two_devices_of_one_machine(options, one_device, tmp_path):
    path = tmp_path / "mirrored.npz"
    finish([start("mirrored", path, *options)])
    assert_equal(path, one_device / f"{'-'.join(options)}.npz", devices=2)


@pytest.mark.parametrize("options", [[], ["stream"]], ids=str)
def test_two_processes(options, one_device, tmp_path):
    cluster = {"worker": [f"127.0.0.1:{port}" for port in free_ports(2)]}
    paths = [tmp_path / f"worker{index}.npz" for index in range(2)]
    finish([
        start("workers", path, *options, TF_CONFIG=json.dumps(
            {"cluster": cluster, "task": {"type": "worker", "index": index}}))
        for index, path in enumerate(paths)
    ])  # fmt: skip
    for path in paths:
        assert_equal(path, one_device / f"{'-'.join(options)}.npz", devices=2)


def test_what_was_made_outside_the_scope_is_refused(tmp_path):
    process = start("mirrored", tmp_path / "x.npz", "optimizers_outside")
    _, errors = process.communicate(timeout=300)
    assert process.returncode == 1
    assert "make networks, optimizers and GAN within strategy.scope()" in errors.decode()
