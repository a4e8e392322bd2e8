"""The run on the lowest and the newest versions of all dependencies. Its Python is made up."""

import shutil
import subprocess
from pathlib import Path

import pytest
from scripts.lowest_versions import lowest_versions

ROOT = Path(__file__).parents[2]
PYTHON = """#!/bin/sh
case "$*" in
    "-m venv --clear "*) mkdir -p "$4/bin" && cp "$0" "$4/bin/python" ;;
    scripts/lowest_versions.py) echo "anyio==4.16" ;;
    "-m pip "*) echo "pip: $*" ;;
    "-m pytest "*) echo "pytest: $*"; exit {tests} ;;
    *) exit 9 ;;
esac
"""
PYPROJECT = """
[project]
name = "some-project"
dependencies = ["b>=1.2", "a[c]>=3,<4"]
[project.optional-dependencies]
one = ["d>=5"]
all = ["some-project[one]", "b>=1.2"]
dev = ["e"]
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "some project"
    (home / "scripts").mkdir(parents=True)
    shutil.copy(ROOT / "scripts" / "test-versions.sh", home / "scripts")
    return home


def run(home: Path, *arguments: str, tests: int = 0) -> subprocess.CompletedProcess[str]:
    python = home / "python"
    python.write_text(PYTHON.format(tests=tests), encoding="utf-8")
    python.chmod(0o755)
    return subprocess.run(
        [str(home / "scripts" / "test-versions.sh"), *arguments],
        cwd="/",
        env={"PATH": "/usr/bin:/bin", "PYTHON": str(python)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_lowest_versions_are_installed_and_tested(home: Path) -> None:
    done = run(home, "lowest")
    assert done.returncode == 0, done.stderr
    pins = home / ".venv-lowest" / "lowest.txt"
    assert pins.read_text(encoding="utf-8") == "anyio==4.16\n"
    installed, tested = done.stdout.splitlines()
    assert f"-c {pins}" in installed
    assert "tests/cli" in tested


def test_the_newest_versions_are_bound_by_nothing(home: Path) -> None:
    installed, tested = run(home, "newest", "tests/x", "-k", "y").stdout.splitlines()
    assert "--upgrade" in installed
    assert " -c " not in installed
    assert tested.endswith(" tests/x -k y")
    assert (home / ".venv-newest").exists()


def test_a_failed_test_and_a_wrong_argument_are_failures(home: Path) -> None:
    assert run(home, "newest", tests=1).returncode == 1
    for arguments in ([], ["oldest"]):
        done = run(home, *arguments)
        assert done.returncode == 2
        assert "Usage: scripts/test-versions.sh lowest|newest" in done.stderr


def test_the_lowest_versions_are_those_that_pyproject_states() -> None:
    assert list(lowest_versions(PYPROJECT)) == ["a==3", "b==1.2", "d==5"]
    with pytest.raises(SystemExit, match=r"'f<2' in pyproject\.toml has no lower bound"):
        list(lowest_versions(PYPROJECT.replace("d>=5", "f<2")))


def test_every_dependency_of_this_project_has_a_lower_bound() -> None:
    found = list(lowest_versions((ROOT / "pyproject.toml").read_text("utf-8")))
    assert len(found) > 15
