"""`changes`: printed as JSON, and confirmed only when they are printed."""

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from attio_async._cli.workspace import embedded_workspace
from attio_async.bulk import Feed
from attio_async.testing import FakeAttio
from tests.cli.support import run_command, started

PEOPLE = 450


@pytest.fixture(autouse=True)
def _folder(folder: Path) -> None:
    with embedded_workspace(Path("ws.json")) as fake:
        for number in range(PEOPLE):
            fake.seed.add_record("people", {"name": f"Person, {number}", "job_title": "x"})


def changes(*more: str) -> tuple[int, list[dict[str, Any]], str]:
    result = run_command("changes", "people", "--state", "people.db", "--embedded", "ws.json", *more)
    return result.exit_code, [json.loads(line) for line in result.stdout.splitlines()], result.stderr


def test_only_changes_since_the_last_run_are_printed() -> None:
    code, found, said = changes()
    assert (code, [one["change"] for one in found]) == (0, ["created"] * PEOPLE)
    assert found[0]["values"]["job_title"] == "x"
    assert f"people: {PEOPLE} created, 0 changed, 0 deleted" in said
    assert changes()[1] == []
    with embedded_workspace(Path("ws.json")) as fake:
        fake.seed.add_record("people", {"name": "Comer, New"})
    assert [one["values"]["name"]["last_name"] for one in changes()[1]] == ["Comer"]


def test_the_entries_of_a_list_are_followed_by_the_same_words() -> None:
    with embedded_workspace(Path("ws.json")) as fake:
        fake.seed.add_list("sales", "Sales pipeline", "people")
        fake.seed.add_attribute("sales", "tier", "text")
        person = fake.records("people")[0]["id"]["record_id"]
        entry = fake.seed.add_entry("sales", person, {"tier": "A"})["id"]["entry_id"]

    def followed(*more: str) -> list[dict[str, Any]]:
        result = run_command(
            "changes", "Sales pipeline", "--state", "sales.db", "--embedded", "ws.json", *more
        )
        assert result.exit_code == 0, result.stderr
        return [json.loads(line) for line in result.stdout.splitlines()]

    assert followed("--columns", "tier", "--baseline") == []
    run_command("update", f"sales/{entry}", "tier=B", "--embedded", "ws.json")
    (change,) = followed("--columns", "tier")
    assert (change["object"], change["record_id"]) == ("sales", entry)
    assert (change["change"], change["attribute"], change["before"], change["after"]) == (
        "changed",
        "tier",
        "A",
        "B",
    )
    run_command("delete", f"sales/{entry}", "--yes", "--embedded", "ws.json")
    assert [one["change"] for one in followed("--columns", "tier")] == ["deleted"]


def test_a_baseline_prints_nothing() -> None:
    assert changes("--baseline", "--columns", "Job title")[:2] == (0, [])
    assert changes("--columns", "Job title")[1] == []


def test_a_change_that_was_not_confirmed_is_printed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    original, confirmed = Feed.ack, 0

    async def ack(self: Feed[Any], *found: Any) -> None:
        nonlocal confirmed
        confirmed += 1
        if confirmed == 2:
            raise OSError(28, "No space left on device")
        await original(self, *found)

    monkeypatch.setattr(Feed, "ack", ack)
    code, found, said = changes()
    assert (code, len(found)) == (1, 400)
    assert "No space left" in said
    _, again, _ = changes()
    assert [one["record_id"] for one in again[:200]] == [one["record_id"] for one in found[200:]]
    assert len(again) == PEOPLE - 200


def test_invalid_options_are_refused() -> None:
    assert changes("--columns", "job")[0] == 2
    assert "did you mean 'job_title'" in changes("--columns", "job_titel")[2]
    code, found, said = changes("--history", "job_titel")
    assert (code, found, "did you mean 'job_title'" in said) == (2, [], True)
    Path("people.db").write_text("my diary " * 1000)
    code, found, said = changes()
    assert (code, found) == (2, [])
    assert "change feed" in said


def test_notes_and_every_change_of_an_attribute_are_printed() -> None:
    with embedded_workspace(Path("ws.json")) as fake:
        fake.seed.add_object("ships", "Ship", "Ships")
        fake.seed.add_attribute("ships", "stage", "text")
        ship = fake.seed.add_record("ships", {"stage": "A"})["id"]["record_id"]

    def printed() -> list[tuple[Any, ...]]:
        options = ["--also", "notes,tasks", "--history", "stage", "--state", "ships.db"]
        result = run_command("changes", "ships", *options, "--embedded", "ws.json")
        assert result.exit_code == 0, result.stderr
        told = [json.loads(line) for line in result.stdout.splitlines()]
        return [(one["object"], one["change"], one.get("before"), one.get("after")) for one in told]

    assert printed() == [("ships", "created", None, None)]
    for stage in "BC":
        run_command("update", f"ships/{ship}", f"stage={stage}", "--embedded", "ws.json")
    run_command("note", "create", f"ships/{ship}", "Hello", "--embedded", "ws.json")
    assert printed() == [
        ("ships", "changed", "A", "B"),
        ("ships", "changed", "B", "C"),
        ("notes", "created", None, None),
    ]
    assert changes("--also", "nodes")[0] == changes("--every", "soon")[0] == 2


@pytest.mark.full
def test_it_looks_again_until_it_is_interrupted(folder: Path) -> None:
    fake = FakeAttio()
    words = ("changes", "companies", "--state", "c.db", "--every", "0.2s")
    with fake.serve() as served, started(*words, cwd=folder, fake_url=served.url) as process:
        assert process.stdout is not None
        for name in ("Acme", "Widgets"):
            fake.seed.add_record("companies", {"name": name})
            assert json.loads(process.stdout.readline())["values"]["name"] == name
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130
