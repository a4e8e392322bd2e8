"""A day's work on a pipeline: names as people write them, saved views, parents, stages and duplicates."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet

from attio_async import Attio, Entries, Entry, F, Record, Records
from attio_async.bulk import AnyChange, Changed, Created, Deleted
from attio_async.errors import ConfigurationError, MultipleMatches, NotFound, UnknownName
from attio_async.testing import FakeAttio, VirtualClock
from attio_async.webhooks import On

pytestmark = pytest.mark.anyio


class Pipeline:
    """A list of companies with stages, four companies in it, and a client."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.fake = FakeAttio(clock=self.clock)
        seed = self.fake.seed
        self.list_id = seed.add_list("sales", "Sales pipeline", parent="companies")
        seed.add_attribute("sales", "stage", "status", options=["Lead", "Won"])
        seed.add_attribute("sales", "tags", "select", options=["Hot", "Cold"], multiselect=True)
        self.companies = [
            seed.add_record("companies", {"name": f"Company {number}"})["id"]["record_id"]
            for number in range(4)
        ]
        for number, company in enumerate(self.companies):
            seed.add_entry("sales", company, {"stage": "Won" if number % 2 else "Lead"})
        self.won = seed.add_view("sales", "Won deals", filter={"stage": "Won"})
        self.attio: Attio = self.fake.client()
        self.entries: Entries = self.attio.entries("sales")

    def ref(self, number: int) -> dict[str, str]:
        return {"target_object": "companies", "target_record_id": self.companies[number]}

    def requests(self) -> list[tuple[str, str]]:
        return [(call.method, call.path) for call in self.fake.calls]


async def test_an_object_or_list_is_named_by_slug_title_id_or_address() -> None:
    pipeline = Pipeline()
    attio = pipeline.attio
    address = f"https://app.attio.com/example/collection/{pipeline.list_id}"
    misfits = []
    for name in ("sales", "Sales pipeline", " sales PIPELINE ", pipeline.list_id, address):
        if len(await attio.entries(name).query()) != 4:
            misfits.append(name)
    for name in ("companies", "Companies", "Company", "https://app.attio.com/example/companies"):
        if len(await attio.records(name).query()) != 4:
            misfits.append(name)
    assert not misfits
    by_title: list[Records | Entries] = [attio.records("Companies"), attio.entries("Sales pipeline")]
    for rows in by_title:
        first = await rows.first()
        assert first is not None
        assert await rows.get(first) == first
        assert len(await rows.get_many([first])) == 1
        assert len([row async for row in rows.scan()]) == 4
        assert (await rows.schema()).name in {"companies", "sales"}
    created = await attio.records("Companies").create({"name": "Fifth"})
    assert await attio.entries("Sales pipeline").create(created, {"stage": "Lead"}) is not None
    assert len(await attio.records("Companies").entries(created)) == 1
    with pytest.raises(NotFound):
        await attio.entries("Marketing pipeline").query()


async def test_a_title_that_several_have_is_not_guessed() -> None:
    pipeline = Pipeline()
    pipeline.fake.seed.add_list("sales_2", "sales Pipeline", parent="companies")
    with pytest.raises(
        ConfigurationError, match=r"2 lists are called 'Sales pipeline': .*; give the slug of one"
    ):
        await pipeline.attio.entries("Sales pipeline").query()
    with pytest.raises(ConfigurationError, match="2 lists are called"):
        await pipeline.attio.webhooks.create(
            "https://example.com", [On("list-entry.updated", list="Sales pipeline")]
        )
    assert len(await pipeline.entries.query()) == 4
    second = pipeline.fake.seed.add_view("sales", "won deals")
    with pytest.raises(ConfigurationError, match=f"{pipeline.won}, {second}; give the id of one"):
        await pipeline.entries.query(view="Won deals")


async def test_a_slug_is_never_looked_up() -> None:
    pipeline = Pipeline()
    await pipeline.entries.query()
    assert ("GET", "/v2/lists") not in pipeline.requests()
    titled = pipeline.attio.entries("Sales pipeline")
    await titled.query()
    await titled.query()
    assert pipeline.requests().count(("GET", "/v2/lists")) == 1


async def test_a_view_takes_the_place_of_a_filter(tmp_path: Path) -> None:
    pipeline = Pipeline()
    entries = pipeline.entries
    misfits = []
    for view in ("Won deals", " won DEALS ", pipeline.won):
        queried = [entry["stage"] for entry in await entries.query(view=view)]
        scanned = [entry["stage"] async for entry in entries.scan(view=view, page_size=1)]
        if queried != ["Won", "Won"] or scanned != queried:
            misfits.append(view)
    assert not misfits
    named = pipeline.fake.seed.add_view("companies", "Even", filter={"name": {"value": {"$contains": "2"}}})
    companies = pipeline.attio.companies
    assert [each["name"] for each in await companies.query(view=named)] == ["Company 2"]
    result = await companies.export(tmp_path / "even.csv", view="Even", select=["name"])
    assert result.records == 1
    with pytest.raises(UnknownName) as caught:
        await entries.query(view="Won dealz")
    assert caught.value.suggestions == ("won deals",)
    pipeline.fake.seed.add_view("sales", "won deals")
    again = pipeline.fake.client().entries("sales")
    with pytest.raises(ConfigurationError, match="2 views"):
        await again.query(view="Won deals")
    with pytest.raises(ConfigurationError, match="exclude each other"):
        entries.query(F.stage == "Won", view="Won deals")
    with pytest.raises(ConfigurationError, match="exclude each other"):
        entries.scan(F.stage == "Won", view="Won deals")


async def test_parents_are_read_along() -> None:
    pipeline = Pipeline()
    entries = await pipeline.entries.query(F.stage == "Won", with_parents=True)
    assert [each.record["name"] for each in entries if each.record] == ["Company 1", "Company 3"]
    assert sum(path.endswith("/companies/records/query") for _, path in pipeline.requests()) == 1
    one = await pipeline.entries.query(with_parents=True, page_size=1, limit=3)
    assert [each.record["name"] for each in one if each.record] == ["Company 0", "Company 1", "Company 2"]
    async for entry in pipeline.entries.query(with_parents=True):
        assert isinstance(entry.record, Record)
    (plain,) = await pipeline.entries.query(limit=1)
    assert plain.record is None


async def test_an_entry_is_moved_to_another_stage() -> None:
    pipeline = Pipeline()
    (entry,) = await pipeline.entries.query(limit=1)
    assert (await pipeline.entries.move(entry, stage="won"))["stage"] == "Won"
    pipeline.fake.seed.add_attribute("sales", "phase", "status", options=["One"])
    with pytest.raises(ConfigurationError, match="stage, phase"):
        await pipeline.fake.client().entries("sales").move(entry, stage="Won")
    pipeline.fake.seed.add_list("plain")
    with pytest.raises(ConfigurationError, match="no status attribute"):
        await pipeline.attio.entries("plain").move(entry, stage="Won")


async def test_an_upsert_of_a_record_that_is_in_the_list_twice() -> None:
    pipeline = Pipeline()
    entries, company = pipeline.entries, pipeline.ref(0)
    await pipeline.clock.sleep(60)
    second = await entries.create(company, {"stage": "Lead", "tags": ["Hot"]})
    with pytest.raises(MultipleMatches):
        await entries.upsert(company, {"stage": "Won"})
    updated = await entries.upsert(company, {"tags": ["Cold"]}, on_multiple="newest")
    assert (updated.id, updated["tags"]) == (second.id, ["Cold"])
    updated = await entries.upsert(company, {"stage": "Won", "tags": iter(["Hot"])}, on_multiple="all")
    assert updated.id == second.id
    found = await pipeline.attio.companies.entries(pipeline.companies[0], values=True)
    assert [(entry["stage"], entry["tags"]) for entry in found] == [("Won", ["Hot"]), ("Won", ["Hot"])]
    with pytest.raises(ConfigurationError, match="on_multiple"):
        await entries.upsert(company, {}, on_multiple="first")  # type: ignore[arg-type]


async def test_an_upsert_of_a_record_that_others_remove_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    pipeline = Pipeline()
    company = pipeline.ref(0)
    await pipeline.entries.create(company, {"stage": "Lead"})
    handle = pipeline.fake.handle

    def removed(method: str, target: str, *rest: Any) -> Any:
        if target.endswith("/entries/query"):
            for entry in pipeline.fake.entries("sales"):
                if entry["parent_record_id"] == pipeline.companies[0]:
                    handle("DELETE", f"/v2/lists/sales/entries/{entry['id']['entry_id']}", *rest)
        return handle(method, target, *rest)

    monkeypatch.setattr(pipeline.fake, "handle", removed)
    entry = await pipeline.entries.upsert(company, {"stage": "Won"}, on_multiple="all")
    assert entry["stage"] == "Won"
    assert len(await pipeline.attio.companies.entries(pipeline.companies[0])) == 1


async def test_the_entries_of_a_record_are_read_with_their_values() -> None:
    pipeline = Pipeline()
    pipeline.fake.seed.add_list("beta", parent="companies")
    await pipeline.attio.entries("beta").create(pipeline.ref(1))
    await pipeline.entries.create(pipeline.ref(1), {"stage": "Lead"})
    before = len(pipeline.fake.calls)
    found = await pipeline.attio.companies.entries(pipeline.companies[1], values=True)
    assert sorted(str(entry.first("stage")) for entry in found) == ["Lead", "None", "Won"]
    queries = [call.path for call in list(pipeline.fake.calls)[before:] if call.path.endswith("/query")]
    assert len(queries) == 2
    assert len(await pipeline.attio.companies.entries(pipeline.companies[1], values=True, limit=2)) == 2


async def test_entries_are_exported_with_their_parents(tmp_path: Path) -> None:
    pipeline = Pipeline()
    entries = [entry async for entry in pipeline.entries.scan()]
    expected = [
        {"entry_id": each.id, "parent_record": pipeline.ref(number), "stage": each["stage"]}
        for number, each in enumerate(entries)
    ]
    files = {form: tmp_path / f"sales.{form}" for form in ("jsonl", "csv", "parquet")}
    for file in files.values():
        result = await pipeline.attio.entries("Sales pipeline").export(file, select=["Stage"])
        assert (result.object, result.records) == ("sales", 4)
    lines = files["jsonl"].read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == expected
    head, first, *_ = csv.reader(files["csv"].read_text(encoding="utf-8").splitlines())
    assert head == ["entry_id", "parent_record", "stage"]
    assert first == [entries[0].id, f"companies/{pipeline.companies[0]}", "Lead"]
    assert parquet.read_table(files["parquet"]).drop(["_other_values"]).to_pylist() == expected
    rows = [{"parent_record": row["parent_record"], "stage": "Won"} for row in expected]
    report = await pipeline.entries.upsert_many(rows)
    assert (report.updated, report.unchanged) == (2, 2)


async def test_the_changes_of_entries_are_followed(tmp_path: Path) -> None:
    pipeline = Pipeline()
    state = tmp_path / "sales.db"

    async def sweep() -> list[AnyChange[Entry]]:
        found = []
        async with pipeline.attio.feed(state, lists=["Sales pipeline"]) as feed:
            async for change in feed:
                found.append(change)
                await change.ack()
        return found

    first, *others = await sweep()
    assert isinstance(first, Created)
    assert len(others) == 3
    assert (first.object, first.record.parent_record_id) == ("sales", pipeline.companies[0])
    assert await sweep() == []
    await pipeline.entries.move(first.record_id, stage="Won")
    await pipeline.entries.delete(others[0].record_id)
    changed, deleted = await sweep()
    assert isinstance(changed, Changed)
    assert (changed.record_id, changed.attribute, changed.before, changed.after) == (
        first.record_id,
        "stage",
        "Lead",
        "Won",
    )
    assert isinstance(deleted, Deleted)
    assert (deleted.record["stage"], deleted.record.parent.record_id) == ("Won", pipeline.companies[1])
    assert deleted.to_dict()["values"]["stage"] == "Won"
