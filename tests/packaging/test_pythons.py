"""The run on several Pythons: which ones it takes, what it says, and when it fails. The Pythons are made up."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PYTHON = """#!/bin/sh
case "$*" in
    *platform*) echo "{patch}" ;;
    *implementation*) echo "{minor}" ;;
    "-m venv --clear "*) mkdir -p "$4/bin" && cp "$0" "$4/bin/python" ;;
    "-m pip "*) exit {pip} ;;
    "-m pytest "*) echo "tests on {patch}: $*"; exit {tests} ;;
    *) exit 9 ;;
esac
"""


def python(path: Path, patch: str, *, minor: str | None = None, pip: int = 0, tests: int = 0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    minor = patch.rpartition(".")[0] if minor is None else minor
    path.write_text(PYTHON.format(patch=patch, minor=minor, pip=pip, tests=tests), encoding="utf-8")
    path.chmod(0o755)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The script in a project of its own, at a path with spaces, with a PATH that has no other Python."""
    home = tmp_path / "some project"
    (home / "scripts").mkdir(parents=True)
    shutil.copy(ROOT / "scripts" / "test-pythons.sh", home / "scripts")
    for name in ("pyproject.toml", "constraints.txt"):
        (home / name).touch()
        os.utime(home / name, (0, 0))
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("bash", "sh", "dirname", "find", "sort", "sed", "mkdir", "cp", "touch"):
        where = shutil.which(name)
        assert where is not None
        (tools / name).symlink_to(where)
    return home


def run(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    tools = home.parent / "tools"
    return subprocess.run(
        [str(home / "scripts" / "test-pythons.sh"), *arguments],
        cwd="/",
        env={"PATH": str(tools), "PYENV_ROOT": str(home.parent / "py env"), "HOME": str(home.parent)},
        capture_output=True,
        text=True,
        check=False,
    )


def pyenv(home: Path, version: str) -> Path:
    return home.parent / "py env" / "versions" / version / "bin" / "python"


def test_every_python_from_3_11_runs_once(home: Path) -> None:
    for version in ("2.7.18", "3.9.18", "3.10.13", "3.12.1", "3.12.10"):
        python(pyenv(home, version), version)
    python(pyenv(home, "pypy3.11-7.3"), "3.11.9", minor="")
    python(home.parent / "tools" / "python3.12", "3.12.3")
    python(home.parent / "tools" / "python3.13", "3.13.0")
    done = run(home)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("tests on") == 2
    assert "--ignore tests/packaging" in done.stdout
    assert done.stdout.endswith(
        "---\nPython 3.12.10: passed\nPython 3.13.0: passed\n"
        "Python 3.11: not found\nPython 3.14: not found\nPython 3.15: not found\n"
    )
    assert (home / ".venv-3.12" / ".ready").exists()
    assert run(home).stdout == done.stdout


def test_a_failure_on_one_is_a_failure_after_all_ran(home: Path) -> None:
    python(pyenv(home, "3.13.0"), "3.13.0", tests=1)
    python(pyenv(home, "3.12.1"), "3.12.1", pip=1)
    python(pyenv(home, "3.11.7"), "3.11.7")
    done = run(home)
    assert done.returncode == 1
    assert "Python 3.13.0: failed\n" in done.stdout
    assert "Python 3.12: the environment could not be made\n" in done.stdout
    assert "Python 3.11.7: passed\n" in done.stdout
    assert not (home / ".venv-3.12" / ".ready").exists()


def test_arguments_choose_the_tests(home: Path) -> None:
    python(pyenv(home, "3.11.7"), "3.11.7")
    (home / "tests").mkdir()
    (home / "tests" / "test_one.py").touch()
    assert "tests/_pipeline tests/_transport tests/values tests/test_one.py\n" in run(home, "--quick").stdout
    assert "no:cacheprovider -m not full tests/x -k y z\n" in run(home, "tests/x", "-k", "y z").stdout


def test_a_newer_patch_makes_the_environment_anew(home: Path) -> None:
    python(pyenv(home, "3.11.7"), "3.11.7")
    run(home)
    python(pyenv(home, "3.11.8"), "3.11.8")
    assert "tests on 3.11.8" in run(home).stdout


def test_none_at_all_is_told(home: Path) -> None:
    python(pyenv(home, "3.10.13"), "3.10.13")
    done = run(home)
    assert done.returncode == 1
    assert "No Python from 3.11 was found." in done.stderr
