"""The code of the pages on exports and changes runs as printed."""

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import anyio
import pytest
from tests.support import trio_when_full

from attio_async import F
from attio_async.testing import FakeAttio, VirtualClock
from attio_async.webhooks import WebhookReceiver

pytestmark = pytest.mark.anyio
anyio_backend = trio_when_full

DOCS = Path(__file__).parents[2] / "docs"


def blocks(name: str) -> dict[str, Any]:
    """Return the names that the code of a page defines."""
    names: dict[str, Any] = {"__name__": "document"}
    for block in re.findall(r"```python\n(.*?)```", (DOCS / name).read_text(encoding="utf-8"), re.DOTALL):
        exec(block, names)
    return names


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.fixture
def fake() -> FakeAttio:
    fake = FakeAttio(clock=VirtualClock())
    fake.seed.add_record("people", {"name": "Lovelace, Ada"})
    fake.seed.add_record("companies", {"name": "Acme", "domains": ["acme.example.com"]})
    return fake


async def test_exports(
    fake: FakeAttio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    async with fake.client() as attio:
        await blocks("bulk-reads.md")["save"](attio)
        await blocks("bulk-reads.md")["export_day"](attio, date(2026, 3, 1))
    assert capsys.readouterr().out.startswith("1 0 ")
    expected = {"people.jsonl", "won.csv", "companies.parquet", "people.csv", "people.parquet"}
    expected.add("deals-2026-03-01.jsonl")
    assert names_in(tmp_path) == expected


async def test_changes(
    fake: FakeAttio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    follow = blocks("changes.md")["follow"]
    async with fake.client() as attio:
        ada = fake.records("people")[0]["id"]["record_id"]
        await follow(attio)
        await attio.people.update(ada, {"job_title": "Countess"})
        await follow(attio)
        await attio.people.delete(ada)
        await follow(attio)
    first, second, third = capsys.readouterr().out.splitlines()
    assert first == f"new {ada} Ada Lovelace"
    assert second.startswith(f"{ada} job_title None -> Countess by ")
    assert third == f"gone {ada} last seen as Ada Lovelace"


async def test_a_feed_with_webhooks(fake: FakeAttio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names = blocks("changes.md")
    fake.seed.add_list("sales", "Sales", "companies")
    fake.seed.add_member("jane@example.com", "Jane", "Doe")
    async with fake.client() as attio, anyio.create_task_group() as group:
        receiver = WebhookReceiver(secret=await names["subscribe"](attio, "https://app.example.com/hook"))
        group.start_soon(names["follow_all"], attio, receiver)
        await attio.tasks.create("Call")
        for _ in range(1000):  # for the sweep
            await anyio.sleep(0.01)
            if names["changed"]:
                break
        await attio.deals.create({"name": "Pumps", "stage": "Lead", "owner": "jane@example.com"})
        for _ in range(1000):
            await fake.webhooks.deliver(receiver.asgi())
            await anyio.sleep(0.01)
            if len(names["changed"]) > 1:
                break
        group.cancel_scope.cancel()
    assert [change.object for change in names["changed"]] == ["tasks", "deals"]


async def test_a_first_export_before_the_changes(
    fake: FakeAttio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    fake.seed.add_member("jane@example.com", "Jane", "Doe")
    deal = {"name": "Pumps", "stage": "Lead", "owner": "jane@example.com"}
    fake.seed.add_record("deals", deal)
    page = (DOCS / "changes.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| (`.*?) \| (.*?) \|", page, re.MULTILINE)
    keys = {key: kinds for names, kinds in listed for key in re.findall(r"`(\w+)`", names)}
    async with fake.client() as attio:
        await blocks("changes.md")["first_export"](attio)
        assert "Pumps" in (tmp_path / "deals.csv").read_text(encoding="utf-8")
        await attio.deals.create({**deal, "name": "Pipes"})
        (pumps,) = [record async for record in attio.deals.query(F.name == "Pumps")]
        await attio.deals.update(pumps.id, {"value": 1})
        async with attio.feed("deals.db", objects=["deals"]) as feed:
            found = [json.loads(change.to_json()) async for change in feed]
    assert sorted(change["change"] for change in found) == ["changed", "created"]
    for change in found:
        told = {key for key, kinds in keys.items() if kinds == "all" or f"`{change['change']}`" in kinds}
        assert told == set(change)
