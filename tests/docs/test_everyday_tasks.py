"""The twelve everyday tasks run as printed, each in at most five lines."""

import ast
import asyncio
import re
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from attio_async import Attio, Record
from attio_async.testing import FakeAttio

PAGE = (Path(__file__).parents[2] / "docs" / "everyday-tasks.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
CONTACTS = """\
Name,Mail,Phone
"Lovelace, Ada",ADA@EXAMPLE.COM ,+44 20 7946 0018
Grace Hopper,grace@example.com,
,nobody,
grace hopper,GRACE@example.com,
"""


@pytest.fixture
def fake() -> FakeAttio:
    fake = FakeAttio()
    fake.seed.add_member("jane@example.com", "Jane", "Doe")
    fake.seed.add_list("sales", "Sales pipeline", "deals")
    fake.seed.add_attribute("sales", "stage", "status", options=["Lead", "Won"])
    fake.seed.add_attribute("sales", "priority", "number")
    return fake


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[dict[str, Any]]:
    """The names of all samples."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ATTIO_API_KEY", "test-token")
    monkeypatch.setenv("ATTIO_WEBHOOK_SECRET", "s" * 64)
    names: dict[str, Any] = {"__name__": "document"}
    for block in BLOCKS:
        exec(block, names)
    yield names
    asyncio.run(names["attio"].aclose())


def run(page: dict[str, Any], task: str, *arguments: object) -> Any:
    return asyncio.run(page[task](*arguments))


def test_each_task_takes_five_lines_at_most() -> None:
    long, count = [], 0
    for block in BLOCKS:
        for node in ast.walk(ast.parse(block)):
            if isinstance(node, ast.AsyncFunctionDef):
                count += 1
                length = len([line for line in ast.unparse(node.body).splitlines() if line])  # type: ignore[arg-type]
                long += [node.name] if length > 5 else []
    assert count == 13  # the receiver and its test are one task
    assert not long


def test_connect(fake: FakeAttio, page: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    with fake.serve() as server:
        monkeypatch.setenv("ATTIO_BASE_URL", server.url)
        assert run(page, "connect").startswith("Fake Workspace: ")


def test_find_a_person_by_email(fake: FakeAttio, page: dict[str, Any]) -> None:
    ada = fake.seed.add_record("people", {"email_addresses": ["ada@example.com"]})
    found = run(page, "find_person", fake.client(), "ADA@example.com")
    assert found.id == ada["id"]["record_id"]
    assert run(page, "find_person", fake.client(), "bob@example.com") is None


def test_upsert_a_company(fake: FakeAttio, page: dict[str, Any]) -> None:
    first = run(page, "upsert_company", fake.client())
    assert run(page, "upsert_company", fake.client()).id == first.id
    assert first["domains"] == ["acme.example.com"]


def test_a_deal_is_added_put_in_a_list_moved_and_found(fake: FakeAttio, page: dict[str, Any]) -> None:
    async def tasks(attio: Attio) -> None:
        company = await page["upsert_company"](attio)
        deal: Record = await page["add_deal"](attio, company)
        assert (deal["stage"], deal["value"], deal["associated_company"].record_id) == (
            "Lead",
            12_000,
            company.id,
        )
        entry = await page["add_to_list_and_move"](attio, deal)
        assert (entry.parent_record_id, entry["stage"], entry["priority"]) == (deal.id, "Won", 2)
        await attio.deals.create({"name": "Small", "stage": "Lead", "owner": "jane@example.com", "value": 10})
        assert await page["large_deals"](attio, "Lead") == [("Pumps", 12_000, "jane@example.com")]

    asyncio.run(tasks(fake.client()))


def test_import_a_dirty_file(fake: FakeAttio, page: dict[str, Any]) -> None:
    Path("contacts.csv").write_text(CONTACTS, encoding="utf-8-sig")
    report = run(page, "import_contacts", fake.client(), Path("contacts.csv"))
    assert (report.created, report.failed) == (2, 2)
    people = asyncio.run(fake.client().people.query().collect())
    assert [(each["name"].full_name, each["email_addresses"], each["phone_numbers"]) for each in people] == [
        ("Ada Lovelace", ["ada@example.com"], ["+442079460018"]),
        ("Grace Hopper", ["grace@example.com"], []),
    ]


def test_load_changes_into_a_warehouse(fake: FakeAttio, page: dict[str, Any]) -> None:
    warehouse = sqlite3.connect(":memory:")
    warehouse.execute("CREATE TABLE changes (place INTEGER PRIMARY KEY, change TEXT)")
    for number in (1, 2):
        fake.seed.add_record(
            "deals", {"name": f"Deal {number}", "stage": "Lead", "owner": "jane@example.com"}
        )
        run(page, "load_changes", fake.client(), warehouse)
        run(page, "load_changes", fake.client(), warehouse)
        kinds = [change for (change,) in warehouse.execute("SELECT change ->> 'change' FROM changes")]
        assert kinds == ["created"] * number


def test_a_task_a_note_and_a_file(fake: FakeAttio, page: dict[str, Any]) -> None:
    Path("offer.pdf").write_bytes(b"%PDF offer")

    async def tasks(attio: Attio) -> None:
        company = await attio.companies.create({"name": "Acme"})
        await page["add_task_and_note"](attio, company, datetime(2030, 1, 31, tzinfo=UTC))
        (task,) = await attio.tasks.list(record=company)
        assert task.deadline_at == datetime(2030, 1, 31, tzinfo=UTC)
        (note,) = await attio.notes.recent(company)
        assert note.content_markdown == "They want a **demo**."
        await page["upload_and_download"](attio, company)

    asyncio.run(tasks(fake.client()))
    assert Path("copy.pdf").read_bytes() == b"%PDF offer"


def test_the_receiver_passes_its_test(page: dict[str, Any]) -> None:
    run(page, "test_a_created_record_is_noticed")


def test_tools_for_a_model(fake: FakeAttio, page: dict[str, Any]) -> None:
    fake.seed.add_record("people", {"email_addresses": ["ada@example.com"]})
    page["attio"] = fake.client()
    result = asyncio.run(page["server"].call_tool("find_people", {"email": "ada@example.com"}))
    assert len(result.structured_content["result"]) == 1
