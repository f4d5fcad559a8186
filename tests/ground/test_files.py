"""Writing whole or not at all, and one writer at a time."""

import os
import subprocess
import sys

from gannotes import files
import numpy as np
import pytest


@pytest.mark.parametrize("name", ["state.npz", "state", "run.ckpt"])
def test_arrays_are_written_under_the_name_that_was_given(tmp_path, name):
    files.save_arrays(tmp_path / name, x=np.arange(3))
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert files.read_arrays(tmp_path / name)["x"].tolist() == [0, 1, 2]


def test_parts_of_killed_writers_are_removed_and_nothing_else(tmp_path):
    path = tmp_path / "state.npz"
    path.write_text("whole")
    part, other = tmp_path / f".state.{'0' * 32}.npz", tmp_path / ".state.npz"
    part.touch()
    other.touch()
    files.remove_parts(path)
    assert sorted(tmp_path.iterdir()) == [other, path]


def test_a_folder_has_one_writer(tmp_path):
    folder = tmp_path / "runs"
    code = f"from gannotes import files\nwith files.alone_in({str(folder)!r}): print('inside')"

    def another():
        return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    with files.alone_in(folder):
        assert f"gannotes.files.InUse: Another process is writing to {folder}" in another().stderr
    assert another().stdout == "inside\n"


def test_every_array_is_checked_by_its_hash(tmp_path):
    arrays = {name: np.full(3, k) for k, name in enumerate("ab")}
    digests = {name: files.array_sha256(array) for name, array in arrays.items()}
    for broken in arrays:
        files.save_arrays(tmp_path / "x.npz", **arrays | {broken: np.full(3, 9)})
        with pytest.raises(ValueError, match=f"array '{broken}' must have SHA-256"):
            files.load_arrays(tmp_path / "x.npz", digests)


class Bomb:
    """Unpickled, it makes a folder."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def test_a_pickle_is_refused_before_it_runs(tmp_path):
    np.savez(tmp_path / "x.npz", x=np.array([Bomb(tmp_path / "ran")], object))
    with pytest.raises(ValueError, match=r"x\.npz cannot be read as an npz file of plain arrays"):
        files.read_arrays(tmp_path / "x.npz")
    assert not (tmp_path / "ran").exists()
