"""Changes on standard output, confirmed when they are out."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from attio_async._cli.app import app
from attio_async._cli.commands import read
from attio_async._cli.workspace import kept_in
from attio_async.bulk._changes.feed import Changes


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ATTIO_API_KEY", raising=False)
    with kept_in(Path("ws.json")) as fake:
        for number in range(5):
            fake.seed.add_record("people", {"name": f"Person, {number}", "job_title": "x"})


def changes(*more: str) -> tuple[int, list[dict[str, Any]], str]:
    arguments = ["changes", "people", "--state", "people.db", "--embedded", "ws.json", *more]
    result = CliRunner().invoke(app, arguments)
    return result.exit_code, [json.loads(line) for line in result.stdout.splitlines()], result.stderr


def test_what_changed_since_the_last_time() -> None:
    code, found, said = changes()
    assert (code, [one["change"] for one in found]) == (0, ["created"] * 5)
    assert found[0]["values"]["job_title"] == "x"
    assert "people: 5 created, 0 changed, 0 deleted" in said
    assert changes()[1] == []
    with kept_in(Path("ws.json")) as fake:
        fake.seed.add_record("people", {"name": "Comer, New"})
    assert [one["values"]["name"]["last_name"] for one in changes()[1]] == ["Comer"]


def test_a_first_time_that_only_takes_stock() -> None:
    assert changes("--baseline", "--select", "Job title")[:2] == (0, [])


def test_what_did_not_get_out_comes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "_AT_ONCE", 2)
    original, confirmed = Changes.ack, 0

    async def ack(self: Changes, *found: Any) -> None:
        nonlocal confirmed
        confirmed += 1
        if confirmed == 2:
            raise OSError(28, "No space left on device")
        await original(self, *found)

    monkeypatch.setattr(Changes, "ack", ack)
    code, found, said = changes()
    assert (code, len(found)) == (1, 4)
    assert "No space left" in said
    confirmed = 10
    _, again, _ = changes()
    assert [one["record_id"] for one in again[:2]] == [one["record_id"] for one in found[2:]]
    assert len(again) == 3


def test_what_is_refused() -> None:
    assert changes("--select", "job")[0] == 2
    assert "did you mean 'job_title'" in changes("--select", "job_titel")[2]
    Path("people.db").write_text("my diary " * 1000)
    code, found, said = changes()
    assert (code, found) == (2, [])
    assert "no snapshot" in said
