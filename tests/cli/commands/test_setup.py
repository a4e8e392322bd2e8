"""The commands that set this machine up: tokens by name."""

import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from attio_async.testing import FakeAttio
from tests.cli.support import run_command

TOKEN = "secret-token-of-a-workspace"


@pytest.fixture
def url(folder: Path) -> Iterator[str]:
    assert folder.is_dir()
    with FakeAttio(token=TOKEN).serve() as server:
        yield server.url


def test_a_token_is_checked_kept_and_used(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    result = run_command("login", "staging", "--base-url", url, stdin=f"{TOKEN}\n")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.startswith("staging: Fake Workspace (fake-workspace), kept in ")
    file = Path("config/attio-async/profiles.json")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert TOKEN in file.read_text()
    shown = run_command("profiles", "--json")
    assert TOKEN not in shown.output
    (profile,) = map(json.loads, shown.stdout.splitlines())
    assert (profile["profile"], profile["is_default"], profile["base_url"]) == ("staging", True, url)
    monkeypatch.setenv(
        "ATTIO_BASE_URL", "http://127.0.0.1:9"
    )  # the token of a profile is sent to its own address
    assert run_command("whoami").exit_code == 0
    assert run_command("whoami", "--profile", "staging").exit_code == 0
    monkeypatch.setenv("ATTIO_API_KEY", "another")
    assert run_command("whoami", "--profile", "staging").exit_code == 0
    assert json.loads(run_command("doctor", "--json", "--profile", "staging").stdout)["healthy"]
    assert not json.loads(run_command("doctor", "--json").stdout)["healthy"]


def test_the_environment_comes_before_the_default_profile(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    run_command("login", "--base-url", url, stdin=TOKEN)
    monkeypatch.setenv("ATTIO_API_KEY", "another-token")
    monkeypatch.setenv("ATTIO_BASE_URL", url)
    refused = run_command("whoami")
    assert (refused.exit_code, TOKEN in refused.output) == (2, False)


def test_an_empty_name_is_not_the_default_profile(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    run_command("login", "--base-url", url, stdin=TOKEN)
    for name in ("", "a\nb"):
        refused = run_command("login", name, "--base-url", url, stdin=TOKEN)
        assert (refused.exit_code, "the name of a profile" in refused.stderr) == (2, True)
    for key in ("", "another-token"):
        monkeypatch.setenv("ATTIO_API_KEY", key)
        refused = run_command("whoami", "--profile", "")
        assert (refused.exit_code, "unknown profile ''" in refused.stderr) == (2, True)


def test_a_token_that_is_refused_is_not_kept(url: str) -> None:
    for stdin in ("wrong", " "):
        result = run_command("login", "--base-url", url, stdin=stdin)
        assert result.exit_code == 2
    assert not Path("config/attio-async").exists()
    assert "attio-async login" in run_command("whoami").stderr


def test_a_profile_can_be_forgotten_and_another_be_the_default(url: str) -> None:
    for name, more in (("one", ()), ("two", ("--default",))):
        run_command("login", name, "--base-url", url, *more, stdin=TOKEN)
    listed = [json.loads(line) for line in run_command("profiles", "--json").stdout.splitlines()]
    assert [each["is_default"] for each in listed] == [False, True]
    assert run_command("logout", "two").exit_code == 0
    refused = run_command("whoami", "--profile", "two")
    assert "unknown profile 'two'; known profiles: one" in refused.stderr
    assert run_command("logout", "two").exit_code == 2
    assert run_command("whoami", "--profile", "one", "--embedded", "ws.json").exit_code == 2


def test_a_file_that_holds_something_else_is_left_alone(folder: Path) -> None:
    file = folder / "config" / "attio-async" / "profiles.json"
    file.parent.mkdir(parents=True)
    file.write_text("[]")
    refused = run_command("profiles")
    assert (refused.exit_code, file.read_text()) == (2, "[]")
