"""Completion of commands, options and names by a shell."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from attio_async.testing import FakeAttio
from tests.cli.support import run_command


def completed(line: str, folder: Path) -> list[str]:
    """Return what bash would be offered at the end of a line."""
    words = line.split()
    count = len(words) if line.endswith(" ") else len(words) - 1
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(os.path.abspath(part) for part in sys.path if part),  # noqa: PTH100
        "XDG_CACHE_HOME": str(folder / "cache"),
        "_ATTIO_ASYNC_COMPLETE": "complete_bash",
        "COMP_WORDS": line,
        "COMP_CWORD": str(count),
    }
    done = subprocess.run(
        [sys.executable, "-m", "attio_async"], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.split()


def test_commands_options_and_names_are_completed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
    fake = FakeAttio()
    fake.seed.add_list("sales", parent="companies")
    with fake.serve() as server:
        monkeypatch.setenv("ATTIO_BASE_URL", server.url)
        monkeypatch.setenv("ATTIO_API_KEY", "test-token")
        assert run_command("query", "sales").exit_code == 0
    assert (folder / "cache" / "attio-async" / "names.json").stat().st_mode & 0o077 == 0
    misfits = {}
    for line, expected in {
        "attio-async que": ["query"],
        "attio-async webhooks l": ["list", "listen"],
        "attio-async query people --col": ["--columns"],
        "attio-async query sa": ["sales"],
        "attio-async get comp": ["companies/"],
        "attio-async get companies/": [],
        "attio-async query sales --profile none": [],
    }.items():
        found = completed(line, folder)
        if found != expected:
            misfits[line] = found
    assert not misfits


def test_an_embedded_workspace_leaves_no_names_behind(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
    assert run_command("query", "people", "--embedded", "ws.json").exit_code == 0
    assert not (folder / "cache").exists()


def test_the_script_of_each_shell() -> None:
    for shell in ("bash", "zsh", "fish"):
        assert "_ATTIO_ASYNC_COMPLETE=complete_" in run_command("completion", shell).stdout
    assert run_command("completion", "csh").exit_code == 2
