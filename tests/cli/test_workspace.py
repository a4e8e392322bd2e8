"""The workspace that a command works on."""

import os
import stat
from pathlib import Path

import pytest

from attio_async._cli.errors import Refusal
from attio_async._cli.options import ConnectionOptions
from attio_async._cli.workspace import (
    embedded_workspace,
    open_workspace,
    read_workspace,
)

pytestmark = pytest.mark.anyio


async def test_without_a_token_it_says_how_to_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ATTIO_API_KEY", " ")
    with pytest.raises(Refusal) as refused:
        async with open_workspace(ConnectionOptions()):
            raise AssertionError
    for hint in ("ATTIO_API_KEY", "Access tokens", "attio-async demo", "--embedded FILE"):
        assert hint in str(refused.value)


async def test_a_token_opens_its_workspace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATTIO_API_KEY", "some-token")
    monkeypatch.setenv("ATTIO_BASE_URL", "http://127.0.0.1:9")
    async with open_workspace(ConnectionOptions()) as attio:
        assert attio.settings.base_url == "http://127.0.0.1:9"


async def test_an_embedded_workspace_keeps_its_state_in_a_private_file(tmp_path: Path) -> None:
    file = tmp_path / "workspace.json"
    async with open_workspace(ConnectionOptions(embedded=file)) as attio:
        await attio.companies.create({"domains": "acme.example.com"})
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    async with open_workspace(ConnectionOptions(embedded=file)) as attio:
        assert len(await attio.companies.query()) == 1


def test_the_state_is_kept_after_a_failure_too(tmp_path: Path) -> None:
    file = tmp_path / "workspace.json"
    with pytest.raises(KeyboardInterrupt), embedded_workspace(file) as fake:
        fake.seed.add_record("companies", {"domains": ["acme.example.com"]})
        raise KeyboardInterrupt
    with embedded_workspace(file) as fake:
        assert len(fake.records("companies")) == 1


def test_an_empty_file_is_an_empty_workspace(tmp_path: Path) -> None:
    file = tmp_path / "workspace.json"
    file.touch()
    with embedded_workspace(file) as fake:
        assert fake.records("companies") == []
    assert file.stat().st_size > 0


def test_a_file_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "precious.csv"
    for content in (b"name,domains\n", b"{}", b'{"format": 99}', b'{"format": 1}', b"\xff"):
        file.write_bytes(content)
        with pytest.raises(Refusal, match="left alone"), embedded_workspace(file):
            raise AssertionError
        assert file.read_bytes() == content


def test_a_new_file_is_announced_to_readers_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with embedded_workspace(tmp_path / "a.json"):
        assert capsys.readouterr().err == ""
    with embedded_workspace(tmp_path / "b.json", announce=True):
        assert capsys.readouterr().err.endswith("b.json is new: an empty workspace\n")
    with embedded_workspace(tmp_path / "b.json", announce=True):
        assert capsys.readouterr().err == ""


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="cannot be read"), embedded_workspace(tmp_path):
        raise AssertionError


def test_a_file_that_cannot_be_saved_is_refused_before_anything_is_done(tmp_path: Path) -> None:
    for file, reason in (
        (tmp_path / "none" / "ws.json", "create it first"),
        (Path(os.devnull), "not an ordinary"),
    ):
        with pytest.raises(Refusal, match=reason), embedded_workspace(file):
            raise AssertionError


def test_a_file_belongs_to_one_command_at_a_time(tmp_path: Path) -> None:
    file = tmp_path / "ws.json"
    with embedded_workspace(file) as fake:
        fake.seed.add_record("companies", {"domains": ["acme.example.com"]})
        with pytest.raises(Refusal, match="in use by another command"), embedded_workspace(file):
            raise AssertionError
    with embedded_workspace(file) as fake:
        assert len(fake.records("companies")) == 1


def test_without_a_file_nothing_is_kept(tmp_path: Path) -> None:
    with embedded_workspace(None) as fake:
        fake.seed.add_record("companies", {"domains": ["acme.example.com"]})
    assert list(tmp_path.iterdir()) == []


async def test_an_error_while_reading_is_a_refusal(
    tmp_path: Path,
) -> None:
    with pytest.raises(Refusal, match="404"):
        async with read_workspace(ConnectionOptions(embedded=tmp_path / "ws.json")) as attio:
            await attio.request("GET", "/v2/objects/none")
