"""pyproject.toml, requirements.lock and environment.yml agree, and hold no addresses."""

from pathlib import Path
import re
import subprocess
import tomllib

from packaging.requirements import Requirement
import pytest
import yaml

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
DIRECT = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]]


def locked(python_version):
    """``{name: version}`` that the lock gives a Python version."""
    environment = {"python_version": python_version, "python_full_version": f"{python_version}.0"}
    text = (ROOT / "requirements.lock").read_text()
    pins = [Requirement(line) for line in re.findall(r"^([a-z0-9][^\\\n]*)", text, re.MULTILINE)]
    return {
        pin.name.lower(): str(pin.specifier).removeprefix("==")
        for pin in pins
        if pin.marker is None or pin.marker.evaluate(environment)
    }


def conda():
    """Python version and ``{name: version}`` of environment.yml."""
    *packages, pip = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    pins = [Requirement(line) for line in pip["pip"] if not line.startswith("-")]
    python = next(p.split("=")[1] for p in packages if p.startswith("python="))
    return python, {pin.name: str(pin.specifier).removeprefix("==") for pin in pins}


@pytest.mark.parametrize("python_version", ["3.11", "3.12", "3.13"])
def test_the_lock_lies_within_the_ranges(python_version):
    pins = locked(python_version)
    for requirement in map(Requirement, DIRECT):
        assert requirement.specifier.contains(pins[requirement.name.lower()]), requirement


def test_environment_pins_every_direct_dependency_as_the_lock_does():
    python, pins = conda()
    everything = locked(python)
    assert pins == {r.name: everything[r.name.lower()] for r in map(Requirement, DIRECT)}
    assert f"{python}.0" in Requirement(f"python{PROJECT['requires-python']}").specifier


def test_every_locked_package_has_a_hash():
    text = (ROOT / "requirements.lock").read_text()
    entries = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert len(entries) > 100
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def tracked():
    if not (ROOT / ".git").exists():
        pytest.skip("which files are the project's is known in a git clone alone")
    names = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True
    ).stdout
    found = [ROOT / name for name in names.decode().split("\0") if name]
    assert ROOT / "README.md" in found
    return [path for path in found if path.exists()]


def test_no_download_address_no_machine_path_no_big_file():
    address = re.compile(rb"https?://[^ \"]*(/simple|/packages/|registry|\.whl)", re.IGNORECASE)
    machine = re.compile(rb"(^|[^A-Za-z0-9_.$}])/(home|root|work|Users)/")
    for path in tracked():
        content = path.read_bytes()
        if path.suffix in {".npz", ".png", ".keras"}:
            assert len(content) < 2_000_000, path
        elif path != Path(__file__):
            assert not address.search(content), path
            assert not machine.search(content), path
