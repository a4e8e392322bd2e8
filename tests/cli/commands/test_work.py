"""The commands for a day's work: notes, tasks and files of records."""

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from attio_async._cli.commands.work import parse_due
from attio_async._cli.errors import Refusal
from attio_async._cli.workspace import embedded_workspace
from tests.cli.support import run_command


@pytest.fixture(autouse=True)
def _folder(folder: Path) -> None:
    with embedded_workspace(Path("ws.json")) as fake:
        fake.seed.add_member("jo@example.com", "Jo", "Doe")
        fake.seed.add_record("companies", {"name": "Acme", "domains": ["acme.example.com"]})


def run(*arguments: str, stdin: str | None = None) -> Result:
    return run_command(*arguments, "--embedded", "ws.json", stdin=stdin)


def lines(*arguments: str, stdin: str | None = None) -> list[dict[str, Any]]:
    result = run(*arguments, "--json", stdin=stdin)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


COMPANY = "companies/acme.example.com"


def test_notes_are_written_and_listed() -> None:
    (first,) = lines("note", "create", COMPANY, "Called.\nThey want a demo.")
    lines("note", "create", COMPANY, "-", "--title", "Minutes", "--markdown", stdin="*Agreed*")
    shown = run("note", "list", COMPANY, "--format", "table")
    assert "Minutes" in shown.stdout
    assert shown.stderr == "no room for Created at; --columns chooses\n2 notes\n"
    assert (first["title"], first["content"]) == ("Called.", "Called.\nThey want a demo.")
    assert {note["title"] for note in lines("note", "list", COMPANY)} == {"Called.", "Minutes"}


def test_tasks_are_created_listed_and_completed() -> None:
    (task,) = lines(
        *("task", "create", "Send the offer", "--due", "2030-01-31", "--record", COMPANY),
        *("--assignee", "jo@example.com"),
    )
    lines("task", "create", "Call back", "--due", "2030-01-30T09:30+00:00")
    assert task["assignees"] == ["jo@example.com"]
    assert [each["content"] for each in lines("task", "list")] == ["Call back", "Send the offer"]
    for options in (("--record", COMPANY), ("--assignee", "jo@example.com")):
        assert lines("task", "list", *options) == [task]
    assert lines("task", "done", task["task_id"]) == [task | {"is_completed": True}]
    assert [each["content"] for each in lines("task", "list")] == ["Call back"]
    assert len(lines("task", "list", "--all")) == 2


def test_a_day_means_its_end() -> None:
    friday = datetime(2030, 2, 1, 12, tzinfo=UTC).astimezone()
    misfits = {}
    for text, days in {
        "today": 0,
        "Tomorrow": 1,
        "saturday": 1,
        "thursday": 6,
        "friday": 7,
        "2030-02-03": 2,
        "20300203": 2,
        "2030-W05-7": 2,
    }.items():
        due = parse_due(text, friday)
        if (due.date() - friday.date(), f"{due:%H:%M}") != (timedelta(days), "23:59"):
            misfits[text] = due
    assert not misfits
    assert parse_due("2030-02-03T09:30+00:00", friday) == datetime(2030, 2, 3, 9, 30, tzinfo=UTC)
    for text in ("", "someday", "2030-02-31", "20300203T1", "9999-12-31T23:59-14:00"):
        with pytest.raises(Refusal, match="is not a day"):
            parse_due(text, friday)


def test_files_are_uploaded_listed_downloaded_and_deleted() -> None:
    Path("offer.txt").write_text("12 pumps")
    (file,) = lines("file", "upload", COMPANY, "offer.txt")
    assert lines("file", "list", COMPANY) == [file]
    assert (file["name"], file["size"]) == ("offer.txt", 8)
    refused = run("file", "download", file["file_id"])
    assert (refused.exit_code, "offer.txt exists; give --force" in refused.stderr) == (2, True)
    assert run("file", "download", file["file_id"], "-o", "copy.txt").exit_code == 0
    assert Path("copy.txt").read_text() == "12 pumps"
    Path("offer.txt").unlink()
    assert run("file", "download", file["file_id"]).stderr == "downloaded to offer.txt\n"
    assert run("file", "delete", file["file_id"]).exit_code == 2
    assert run("file", "delete", file["file_id"], "--yes").exit_code == 0
    assert lines("file", "list", COMPANY) == []


def test_a_dry_run_writes_nothing() -> None:
    Path("offer.txt").write_text("12 pumps")
    (file,), (task,) = lines("file", "upload", COMPANY, "offer.txt"), lines("task", "create", "Call")
    before = Path("ws.json").read_bytes()
    misfits = {}
    for arguments, told in [
        (("note", "create", COMPANY, "Called."), "would write the note 'Called.' on companies/"),
        (("task", "create", "Call", "--due", "2030-01-31"), "would create the task 'Call', due 2030-01-31"),
        (("task", "done", task["task_id"]), "would complete the task 'Call'"),
        (("file", "upload", COMPANY, "offer.txt"), "would upload offer.txt to companies/"),
        (("file", "delete", file["file_id"]), "would delete the file 'offer.txt'"),
    ]:
        result = run(*arguments, "--dry-run")
        if result.exit_code or not result.stdout.startswith(told) or "Workspace: " not in result.stderr:
            misfits[arguments] = result.output
    assert not misfits
    assert Path("ws.json").read_bytes() == before


def test_what_cannot_be_done_is_refused() -> None:
    misfits = {}
    for arguments, reason in [
        (("note", "create", COMPANY, " "), "has no text"),
        (("task", "create", "Call", "--due", "someday"), "is not a day"),
        (("file", "upload", COMPANY, "none.txt"), "none.txt is not a file"),
    ]:
        result = run(*arguments)
        if (result.exit_code, result.stdout) != (2, "") or reason not in result.stderr:
            misfits[arguments] = result.output
    assert not misfits


def test_people_see_local_times_and_programs_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        (task,) = lines("task", "create", "Call", "--due", "2030-01-31T09:30+00:00")
        assert task["due"].startswith("2030-01-31T09:30")
        assert "2030-01-31 18:30" in run("task", "list", "--format", "table").stdout
        assert "2030-01-31T09:30" in run("task", "list", "--format", "tsv").stdout
        for due in ("0001-01-01T00:00", "9999-12-31T23:59+00:00"):
            refused = run("task", "create", "Call", "--due", due)
            assert (refused.exit_code, "is not a day" in refused.stderr) == (2, True)
    finally:
        monkeypatch.undo()
        time.tzset()
