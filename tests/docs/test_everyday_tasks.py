"""The twelve everyday tasks run as printed, each in at most five lines."""

import ast
import asyncio
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from attio_async import Attio, F, Record
from attio_async.testing import FakeAttio

PLUGINS = ("-p", "anyio", "-p", "attio_async.pytest_plugin")
DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "everyday-tasks.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
FILES = {name: block for block in BLOCKS for name in re.findall(r"\A# (\w+\.py)\n", block)}
(TABLE,) = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
(SEEDS,) = re.findall(r"```yaml\n(.*?)```", (DOCS / "testing.md").read_text(encoding="utf-8"), re.DOTALL)
CONTACTS = """\
Name,Mail,Phone
"Lovelace, Ada",ADA@EXAMPLE.COM ,020 7946 0018
Grace Hopper,grace@example.com,n/a
,nobody,
grace hopper,GRACE@example.com,
"""


@pytest.fixture
def fake() -> FakeAttio:
    fake = FakeAttio()
    fake.fill(YAML(typ="safe", pure=True).load(SEEDS))
    return fake


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[dict[str, Any]]:
    """The names of all samples."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ATTIO_API_KEY", "test-token")
    names: dict[str, Any] = {"__name__": "document"}
    for block in BLOCKS:
        if "app.py" not in block[: block.index("\n")]:  # and test_app.py
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
    assert len(re.findall(r"^## ", PAGE, re.MULTILINE)) == 12


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
    people = asyncio.run(
        fake.client().people.query(~(F.email_addresses == "kim@hooli.example.com")).collect()
    )
    assert [(each["name"].full_name, each["email_addresses"], each["phone_numbers"]) for each in people] == [
        ("Ada Lovelace", ["ada@example.com"], ["+442079460018"]),
        ("Grace Hopper", ["grace@example.com"], []),
    ]


def test_load_changes_into_a_warehouse(fake: FakeAttio, page: dict[str, Any]) -> None:
    warehouse = sqlite3.connect(":memory:")
    warehouse.execute(TABLE)
    seeded = len(fake.records("deals"))
    for number in (1, 2):
        fake.seed.add_record(
            "deals", {"name": f"Deal {number}", "stage": "Lead", "owner": "jane@example.com"}
        )
        run(page, "load_changes", fake.client(), warehouse)
        run(page, "load_changes", fake.client(), warehouse)
        kinds = [change for (change,) in warehouse.execute("SELECT change ->> 'change' FROM changes")]
        assert kinds == ["created"] * (seeded + number)


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


def test_the_receiver_passes_its_test(tmp_path: Path) -> None:
    for name in ("app.py", "test_app.py"):
        (tmp_path / name).write_text(FILES[name], encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "pytest", "-q", "-p", "no:cacheprovider", *PLUGINS],
        cwd=tmp_path,
        env={name: value for name, value in os.environ.items() if not name.startswith("ATTIO_")}
        | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},  # the plugins of others take a second to load
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_tools_for_a_model(fake: FakeAttio, page: dict[str, Any]) -> None:
    fake.seed.add_record("people", {"email_addresses": ["ada@example.com"]})
    page["attio"] = fake.client()
    result = asyncio.run(page["server"].call_tool("find_people", {"email": "ada@example.com"}))
    assert len(result.structured_content["result"]) == 1
