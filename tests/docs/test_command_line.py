"""The commands of the pages: twelve tasks run as printed, and every command line has options that exist."""

import asyncio
import csv
import json
import re
import shlex
from datetime import time
from pathlib import Path
from typing import Any

import pytest
import typer.main
from tests.cli.support import run_command

from attio_async._cli.app import app
from attio_async.testing import FakeAttio
from attio_async.values import read

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
SECTION = re.compile(r"## A day's work\n.*?```\n(.*?)```", re.DOTALL)
TASKS = (
    "get",
    "upsert",
    "create",
    "create",
    "update",
    "query",
    "note",
    "task",
    "file",
    "export",
    "changes",
    "sql",
)


def values(row: dict[str, Any], values: str = "values") -> dict[str, Any]:
    """Return the native values of a record or entry of the fake."""
    return {slug: read(found[-1]) for slug, found in row[values].items() if found}


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeAttio:
    monkeypatch.chdir(tmp_path)
    for name in ("CONFIG", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name))
    fake = FakeAttio()
    fake.seed.add_member("jane@example.com", "Jane", "Doe")
    fake.seed.add_record("people", {"name": "Roe, Jane", "email_addresses": ["jane@example.com"]})
    fake.seed.add_record(
        "deals", {"name": "Small", "stage": "Lead", "owner": "jane@example.com", "value": 500}
    )
    fake.seed.add_list("renewals", "Renewals", "deals")
    fake.seed.add_attribute("renewals", "stage", "status", options=["Lead", "Won"])
    Path("offer.pdf").write_bytes(b"%PDF offer")
    return fake


@pytest.mark.full
def test_a_days_work_is_one_command_each(fake: FakeAttio, monkeypatch: pytest.MonkeyPatch) -> None:
    (section,) = SECTION.findall((ROOT / "docs" / "command-line.md").read_text(encoding="utf-8"))
    lines = [line for line in section.splitlines() if not line.startswith("#")]
    assert tuple(line.split()[1] for line in lines) == TASKS
    ids: dict[str, str] = {}
    printed: list[str] = []
    with fake.serve() as server:
        monkeypatch.setenv("ATTIO_BASE_URL", server.url)
        monkeypatch.setenv("ATTIO_API_KEY", fake.token)

        def run(line: str) -> str:
            for placeholder, identifier in ids.items():
                line = line.replace(placeholder, identifier)
            result = run_command(*shlex.split(line)[1:])
            assert result.exit_code == 0, result.output
            return result.stdout

        for line in lines:
            printed.append(run(line))
            if len(printed) == 3:
                ids["DEAL_ID"] = fake.records("deals")[-1]["id"]["record_id"]
                assert ids["DEAL_ID"] in printed[-1]
            if len(printed) == 4:
                ids["ENTRY_ID"] = fake.entries("renewals")[-1]["id"]["entry_id"]
                assert ids["ENTRY_ID"] in printed[-1]
        again = run(lines[TASKS.index("changes")])
    _check_records(fake, printed, ids)
    asyncio.run(_check_work(fake))
    (entry,) = csv.DictReader(Path("renewals.csv").read_text(encoding="utf-8").splitlines())
    assert (entry["entry_id"], entry["parent_record"]) == (ids["ENTRY_ID"], f"deals/{ids['DEAL_ID']}")
    assert entry["stage"] == "Won"
    (change,) = map(json.loads, printed[10].splitlines())
    assert (change["change"], change["record_id"]) == ("created", ids["ENTRY_ID"])
    assert again == ""
    assert printed[11].splitlines() == ["name\tvalue", "Pump\t12000"]


def _check_records(fake: FakeAttio, printed: list[str], ids: dict[str, str]) -> None:
    assert "jane@example.com" in printed[0]
    company = fake.records("companies")[-1]
    assert values(company)["domains"] == "example.com"
    deal = values(fake.records("deals")[-1])
    assert (deal["name"], deal["stage"], deal["value"]) == ("Pump", "Lead", 12000)
    assert deal["associated_company"].record_id == company["id"]["record_id"]
    entry = fake.entries("renewals")[-1]
    assert (entry["parent_record_id"], values(entry, "entry_values")["stage"]) == (ids["DEAL_ID"], "Won")
    (row,) = csv.DictReader(Path("deals.csv").read_text(encoding="utf-8").splitlines())
    assert (row["name"], row["value"], row["owner"]) == ("Pump", "12000", "Jane Doe")


async def _check_work(fake: FakeAttio) -> None:
    async with fake.client() as attio:
        company = await attio.companies.query({"domains": "example.com"}).one()
        (note,) = await attio.notes.recent(company)
        assert note.content_plaintext == "Called; they want a demo."
        (task,) = await attio.tasks.list(record=company, assignee="jane@example.com")
        assert task.deadline_at is not None
        due = task.deadline_at.astimezone()
        assert (due.weekday(), due.time()) == (4, time(23, 59))
        (file,) = await attio.files.list(company)
        assert await attio.files.download(file) == b"%PDF offer"


def test_every_command_on_the_pages_has_options_that_exist(fake: FakeAttio) -> None:
    """A command line is parsed as it would be, and not run."""
    group = typer.main.get_command(app)
    misfits = {}
    count = 0
    for page in PAGES:
        for block in re.findall(
            r"```(?:sh|bash|console)?\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL
        ):
            for line in re.findall(r"^(?:\$ )?attio-async (.*)$", block.replace("\\\n", " "), re.MULTILINE):
                words = shlex.split(line, comments=True)
                if not words or words[0].isupper() or "|" in words:
                    continue
                count += 1
                try:
                    context = group.make_context("attio-async", list(words))
                    command: Any = group
                    while hasattr(command, "get_command"):
                        name, command, rest = command.resolve_command(
                            context, [*context._protected_args, *context.args]
                        )
                        context = command.make_context(name, rest, parent=context)
                except Exception as error:  # noqa: BLE001 - whatever is wrong with it
                    misfits[f"{page.name}: {line}"] = repr(error)
    assert not misfits
    assert count > 40
