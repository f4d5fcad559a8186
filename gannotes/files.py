"""Where files live, and how they are written and read: whole, checked, without pickles."""

from contextlib import contextmanager
import hashlib
import os
from pathlib import Path
import uuid

from filelock import FileLock, Timeout
import numpy as np

PACKAGE = Path(__file__).resolve().parent


def data_folder():
    """Folder of what the project ships: ``data/`` of the repository, or of the installed wheel."""
    repository = PACKAGE.parent / "data"
    return repository if (repository / "README.md").exists() else PACKAGE / "data"


def cache_folder():
    """Folder of downloaded data: ``$GANNOTES_DATA``, by default ``data/cache``."""
    return Path(os.environ.get("GANNOTES_DATA") or data_folder() / "cache").expanduser()


@contextmanager
def atomic_path(path):
    """Yields a temporary path beside `path`, and renames it to `path` once the block ends well.

    Readers see the old file or the new one, never a part; after an error the old one stays.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.stem}.{uuid.uuid4().hex}{path.suffix}")
    try:
        yield part
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def remove_parts(path):
    """Removes what killed writers left beside `path`, a file or pattern that nobody may write."""
    path = Path(path)
    for part in path.parent.glob(f".{path.stem}.{'[0-9a-f]' * 32}{path.suffix}"):
        part.unlink(missing_ok=True)  # another worker may have been quicker


class InUse(ValueError):
    """Another process is writing there."""


@contextmanager
def alone_in(folder):
    """Keeps other processes out of a folder, made if need be; raises InUse if one is in there."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        lock = FileLock(folder / ".lock").acquire(timeout=0)
    except Timeout as error:
        raise InUse(f"Another process is writing to {folder}") from error
    with lock:
        yield


def write_bytes(path, content):
    """Writes bytes to a file, whole or not at all."""
    with atomic_path(path) as part:
        part.write_bytes(content)


def save_arrays(path, **arrays):
    """Writes arrays to an npz file, whole or not at all."""
    with atomic_path(path) as part, part.open("wb") as stream:  # given a name, NumPy may change it
        np.savez(stream, **arrays)


def read_arrays(path):
    """Reads the arrays of an npz file, ``{name: array}``; no pickles. Damage raises ValueError."""
    path = Path(path)
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            return dict(file)
    except Exception as error:  # zipfile, zlib, numpy and the OS each have their own
        raise ValueError(
            f"{path} cannot be read as an npz file of plain arrays. "
            f"Received: {type(error).__name__}: {error}"
        ) from error


def load_arrays(path, sha256):
    """Reads an npz file, and checks its arrays by ``{name: SHA-256}``; damage raises ValueError."""
    advice = "Delete the file to have it fetched anew, or put the published one in its place."
    try:
        arrays = read_arrays(path)
    except ValueError as error:
        raise ValueError(f"{error} {advice}") from error
    for name, digest in sha256.items():
        received = array_sha256(arrays[name]) if name in arrays else "no such array"
        if received != digest:
            raise ValueError(
                f"{path} is damaged: array {name!r} must have SHA-256 {digest}. {advice} "
                f"Received: {received}"
            )
    return {name: arrays[name] for name in sha256}


def array_sha256(array):
    """Hexadecimal SHA-256 of an array's bytes in C order."""
    return hashlib.sha256(np.ascontiguousarray(array)).hexdigest()
