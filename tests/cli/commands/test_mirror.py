"""`mirror`: where a mirror is kept."""

import json
from pathlib import Path

import pytest

from attio_async._cli.workspace import embedded_workspace
from tests.cli.support import run_command

WS = ("--embedded", "ws.json")


@pytest.fixture(autouse=True)
def _folder(folder: Path) -> None:
    """Run in a folder with a workspace."""


@pytest.mark.full
def test_the_place_can_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM", "crm/")
    with embedded_workspace(Path("ws.json")) as fake:
        fake.seed.add_record("companies", {"name": "Mirrored"})
        count = len(fake.records("companies"))
    refreshed = run_command("mirror", "refresh", "env:CRM", "--object", "companies", "--also", "none", *WS)
    assert refreshed.exit_code == 0, refreshed.output
    assert Path("crm/manifest.json").exists()
    for place in ("env:CRM", "crm"):
        found = run_command("mirror", "sql", place, "SELECT count(*) AS n FROM companies", "--json")
        assert json.loads(found.stdout)["n"] == count
        assert run_command("mirror", "status", place).exit_code == 0
    assert run_command("mirror", "forget", "env:CRM", "some-id", "--yes").exit_code == 0


def test_a_password_in_an_argument_is_refused() -> None:
    for command in (
        ("refresh", *WS),
        ("watch", *WS),
        ("sql", "SELECT 1"),
        ("status",),
        ("forget", "some-id", "--yes"),
    ):
        name, *rest = command
        result = run_command("mirror", name, "postgresql://me:secret@db/crm", *rest)
        assert result.exit_code == 2
        assert "FILE has a password" in result.output
        assert "secret" not in result.output


def test_a_variable_that_is_not_set_is_named() -> None:
    result = run_command("mirror", "status", "env:NOTHING")
    assert (result.exit_code, "FILE: the environment has no variable 'NOTHING'" in result.output) == (2, True)
