"""A record and an entry answer the same questions with the same words: one table of questions is asked of both."""

import csv
import inspect
import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet

from attio_async import Attio, Entries, Entry, F, HistoricValue, Record, Records, asc, desc
from attio_async.bulk import Changed, Created, Deleted, Guards
from attio_async.errors import (
    CoercionError,
    ConfigurationError,
    FilterError,
    NotFound,
    UnknownName,
)
from attio_async.testing import FakeAttio, VirtualClock

pytestmark = pytest.mark.anyio

GONE = "5f0e3b1c-0000-4000-8000-000000000001"
WON = F.stage == "Won"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"  # each of the methods is tested on both elsewhere


class Place:
    """Five rows of an object or of a list with the same attributes, values and saved view.

    Attributes:
        fake: The workspace.
        attio: A client of it.
        rows: The records or the entries.
        ids: Their ids, by amount.
        id_key: The name of an id in rows of jobs and in files.
        titles: What the object or list may be called.
    """

    def __init__(self, kind: str, folder: Path) -> None:
        self.fake = FakeAttio(clock=VirtualClock())
        self.folder = folder
        seed = self.fake.seed
        if kind == "records":
            kind_id = seed.add_object("deliveries", "Delivery", "Deliveries")
        else:
            kind_id = seed.add_list("deliveries", "Deliveries", "companies")
        seed.add_attribute("deliveries", "number", "text", unique=kind == "records")
        seed.add_attribute("deliveries", "amount", "number")
        seed.add_attribute("deliveries", "stage", "status", options=["Lead", "Won"])
        seed.add_attribute("deliveries", "tags", "select", options=["A", "B", "C"], multiselect=True)
        seed.add_view("deliveries", "Won ones", filter={"stage": "Won"})
        self.is_list = kind == "entries"
        self.id_key = "entry_id" if self.is_list else "record_id"
        self.titles = ("deliveries", "Deliveries", kind_id)
        self.parents = [
            seed.add_record("companies", {"name": f"Company {number}"})["id"]["record_id"]
            for number in range(8)
        ]
        self.ids = [self.add(amount) for amount in range(5)]
        self.attio: Attio = self.fake.client()
        self.rows = self.named("deliveries")

    def named(self, name: str) -> Any:
        """Return the records or entries of this name."""
        return self.attio.entries(name) if self.is_list else self.attio.records(name)

    def feed(self, file: str, select: Any = None, *, name: str = "deliveries") -> Any:
        """Return the feed of the rows."""
        followed = {"lists" if self.is_list else "objects": {name: select}}
        return self.attio.feed(self.folder / file, **followed)

    def add(self, amount: int) -> str:
        """Add a row without a request, and return its id."""
        stage = "Won" if amount % 2 else "Lead"
        values = {"number": f"N{amount}", "amount": amount, "stage": stage, "tags": ["A"]}
        if self.is_list:
            made = self.fake.seed.add_entry("deliveries", self.parents[amount], values)
        else:
            made = self.fake.seed.add_record("deliveries", values)
        identifier: str = made["id"][self.id_key]
        return identifier

    def new(self, amount: int, **values: object) -> dict[str, object]:
        """Return a row for a job that creates it, or finds it if it is there."""
        row: dict[str, object] = {"number": f"N{amount}", "amount": amount, **values}
        parent = {"target_object": "companies", "target_record_id": self.parents[amount]}
        return row | ({"parent_record": parent} if self.is_list else {})

    def upsert_many(self, rows: Any, **options: Any) -> Any:
        """Make a job that finds records by their number, and entries by their parents."""
        return self.rows.upsert_many(rows, **({} if self.is_list else {"match": "number"}), **options)

    async def create(self, amount: int, values: Mapping[str, object]) -> Any:
        """Create one row."""
        if not self.is_list:
            return await self.rows.create({"number": f"N{amount}", "amount": amount, **values})
        parent = await self.attio.companies.get(self.parents[amount])
        return await self.rows.create(parent, {"amount": amount, **values})

    async def upsert(self, amount: int, values: Mapping[str, object]) -> Any:
        """Create or update one row."""
        if not self.is_list:
            return await self.rows.upsert({"number": f"N{amount}", **values}, match="number")
        return await self.rows.upsert(await self.attio.companies.get(self.parents[amount]), values)

    async def all(self) -> list[tuple[Any, ...]]:
        """Return the values of all rows."""
        return [state(row) async for row in self.rows.query(sorts=asc("amount"))]

    def writes(self) -> int:
        """Return the number of writes so far."""
        return sum(call.method in {"PUT", "PATCH", "DELETE"} for call in self.fake.calls)


def state(row: Record | Entry) -> tuple[Any, ...]:
    return row["amount"], row["stage"], sorted(row["tags"])


def amounts(rows: Any) -> list[Any]:
    return [row["amount"] for row in rows]


async def refused(work: Awaitable[object]) -> str:
    """Return the kind of error that a call ends with."""
    try:
        await work
    except (CoercionError, ConfigurationError, FilterError, NotFound, UnknownName) as error:
        return type(error).__name__
    return "none"


async def schema(place: Place) -> Any:
    attributes = (await place.rows.schema()).attributes
    return [(slug, attributes[slug].type) for slug in ("number", "amount", "stage", "tags")]


async def query(place: Place) -> Any:
    rows = place.rows
    async with rows.query(page_size=2).pages(prefetch=2) as pages:
        paged = sorted([row["amount"] async for row in pages.items()])
    return {
        "filter": amounts(await rows.query(WON, sorts=asc("amount"))),
        "dict": amounts(await rows.query({"stage": "Lead"}, sorts=[desc("amount")])),
        "limit": amounts(await rows.query(sorts=desc("amount"), limit=2)),
        "page": len((await rows.query(page_size=3).page()).items),
        "count": await rows.query(WON).count(),
        "ids": set(await rows.query(WON).ids()) == {place.ids[1], place.ids[3]},
        "pages": paged,
        "view": amounts(await rows.query(view="Won ones", sorts=asc("amount"))),
        "unknown view": await refused(rows.query(view="None")),
        "unknown attribute": await refused(rows.query(F.stges == "Won")),
        "unknown value": await refused(rows.query(F.stage == "Wno")),
    }


async def scan(place: Place) -> Any:
    rows = place.rows
    walk = rows.scan(page_size=2)
    seen = [(await anext(walk))["amount"] for _ in range(3)]
    await rows.delete(place.ids[0])
    seen += [row["amount"] async for row in rows.scan(page_size=2, resume=walk.token)]
    async with (
        rows.scan(WON, page_size=2, parallel=4) as many,
        rows.scan(parallel=2, ordered=True) as ordered,
    ):
        parallel = sorted([row["amount"] async for row in many])
        in_order = [row["amount"] async for page in ordered.pages() for row in page]
    return {
        "parallel": parallel,
        "in order": in_order,
        "resumed": seen,
        "filter": [row["amount"] async for row in rows.scan(WON)],
        "limit": [row["amount"] async for row in rows.scan(limit=2)],
        "view": sorted([row["amount"] async for row in rows.scan(view="Won ones")]),
    }


async def get_many(place: Place) -> Any:
    four = await place.rows.get(place.ids[4])
    found = await place.rows.get_many([four, place.ids[1], GONE, place.ids[1]])
    return amounts(found), found.missing, await refused(place.rows.get_many([""]))


async def first(place: Place) -> Any:
    found = await place.rows.first(WON, sorts=desc("amount"))
    return found["amount"], await place.rows.first(F.amount > 10)


async def get(place: Place) -> Any:
    return state(await place.rows.get(place.ids[2])), await refused(place.rows.get(GONE))


async def explain(place: Place) -> Any:
    before = len(place.fake.calls)
    text = await place.rows.explain(WON & (F.amount > 1))
    queries = sum(call.path.endswith("/query") for call in place.fake.calls[before:])
    return text, queries, await refused(place.rows.explain(F.stges == "Won"))


async def history(place: Place) -> Any:
    await place.fake.clock.sleep(60)
    await place.rows.update(place.ids[0], {"stage": "Won"})
    values = await place.rows.history(place.ids[0], "stage")
    return [(value.native, value.active_until is None) for value in values]


async def replace_history(place: Place) -> Any:
    new = [HistoricValue("Won", active_from=datetime(2020, 1, 1, tzinfo=UTC))]
    unconfirmed = await refused(place.rows.replace_history(place.ids[0], "stage", new))
    old = await place.rows.replace_history(place.ids[0], "stage", new, confirm=True)
    now = await place.rows.history(place.ids[0], "stage")
    return unconfirmed, [value.native for value in old], [value.native for value in now]


async def create(place: Place) -> Any:
    made = await place.create(5, {"stage": "Lead", "tags": "B"})
    return state(made), len(await place.all()), await refused(place.create(6, {"stage": "Wno"}))


async def upsert(place: Place) -> Any:
    changed = await place.upsert(0, {"stage": "Won", "tags": ["B"]})
    made = await place.upsert(5, {"amount": 5})
    return state(changed), state(made), changed.id == place.ids[0], len(await place.all())


async def update(place: Place) -> Any:
    appended = await place.rows.update(place.ids[0], {"tags": ["B"], "stage": None}, nulls="skip")
    replaced = await place.rows.update(place.ids[1], {"tags": ["C"]}, multiselect="overwrite")
    cleared = await place.rows.update(place.ids[2], {"amount": None})
    return [*map(state, (appended, replaced, cleared)), await refused(place.rows.update(GONE, {"amount": 1}))]


async def edit(place: Place) -> Any:
    before = place.writes()
    edited = await place.rows.edit(
        place.ids[3],
        set={"stage": "Lead"},
        add={"tags": ["B", "C"]},
        remove={"tags": ["A"]},
        clear=["amount"],
    )
    return state(edited), place.writes() - before


async def delete(place: Place) -> Any:
    await place.rows.delete(await place.rows.get(place.ids[0]))
    return amounts(await place.rows.query(sorts=asc("amount"))), await refused(place.rows.delete(GONE))


async def create_many(place: Place) -> Any:
    job = place.rows.create_many([place.new(5, tags=["B"]), place.new(6, stage="Wno"), place.new(7)])
    plan = await job.plan()
    report = await place.rows.create_many([place.new(5, tags=["B"]), place.new(6, stage="Wno"), place.new(7)])
    return (plan.create, plan.invalid), (report.created, report.failed), (await place.all())[5:]


async def upsert_many(place: Place) -> Any:
    rows = [place.new(0, stage="Won"), place.new(1), place.new(5), place.new(5)]
    plan = await place.upsert_many(rows).plan()
    shown = [line for line in (await plan.table()).splitlines() if "stage" in line]
    before = place.writes()
    journal = place.folder / "upsert.db"
    report = await place.upsert_many(rows, journal=journal, duplicates="first")
    written = place.writes() - before
    again = await place.upsert_many(rows, journal=journal, duplicates="first")
    counts = (report.created, report.updated, report.unchanged, report.duplicate, report.failed)
    return (
        (plan.create, plan.update, plan.unchanged),
        shown,
        counts,
        written,
        again.resumed,
        await place.all(),
    )


async def sync_to(place: Place) -> Any:
    owned: dict[str, Any] = {} if place.is_list else {"match": "number"}
    owned |= {"owned": ["stage"], "missing": "clear", "state": place.folder / "sync.db"}
    owned |= {"max_missing_ratio": 1.0}
    rows = [place.new(amount, stage="Won") for amount in range(3)]
    before = place.writes()
    async with await place.rows.sync_to(rows, **owned).plan():
        pass
    planned = place.writes() - before
    await place.rows.sync_to(rows, **owned)
    synced = await place.all()
    await place.rows.sync_to(rows[:1], **owned)
    return planned, synced, await place.all()


async def update_many(place: Place) -> Any:
    rows = [
        {place.id_key: place.ids[0], "tags": ["B"]},
        {place.id_key: place.ids[1], "stage": "Won"},
        {place.id_key: GONE, "amount": 1},
    ]
    plan = await place.rows.update_many(rows).plan()
    report = await place.rows.update_many(rows, journal=place.folder / "update.db")
    replaced = await place.rows.update_many(
        [{place.id_key: place.ids[0], "tags": ["C"]}], multiselect="overwrite"
    )
    counts = (report.updated, report.unchanged, report.failed, replaced.updated)
    return (plan.update, plan.unchanged), counts, (await place.all())[0]


async def delete_many(place: Place) -> Any:
    one = await place.rows.get(place.ids[1])
    rows = [place.ids[0], one, {place.id_key: place.ids[2]}]
    guarded = await place.rows.delete_many(rows, guards=Guards(max_deletes=1))
    plan = await place.rows.delete_many(rows).plan()
    report = await place.rows.delete_many(rows, journal=place.folder / "delete.db")
    return guarded.deleted, plan.delete, report.deleted, amounts(await place.rows.query(sorts=asc("amount")))


async def export(place: Place) -> Any:
    files = {form: place.folder / f"all.{form}" for form in ("jsonl", "csv", "parquet")}
    columns = ["amount", "Stage", "tags"]
    results = [await place.rows.export(file, select=columns) for file in files.values()]
    lines = [json.loads(line) for line in files["jsonl"].read_text(encoding="utf-8").splitlines()]
    cells = list(csv.DictReader(files["csv"].read_text(encoding="utf-8").splitlines()))
    table = parquet.read_table(files["parquet"]).to_pylist()
    some = place.folder / "some.jsonl"
    counts = [
        (await place.rows.export(some, filter=WON)).records,
        (await place.rows.export(some, view="Won ones", resume=True)).records,
    ]
    return {
        "counts": [result.records for result in results] + counts,
        "lines": [(line["amount"], line["stage"], line["tags"]) for line in lines],
        "cells": [(cell["amount"], cell["stage"], cell["tags"]) for cell in cells],
        "table": [(row["amount"], row["stage"], row["tags"]) for row in table],
        "ids": [[row[place.id_key] for row in rows] == place.ids for rows in (lines, cells, table)],
        "unknown": await refused(place.rows.export(some, select=["stges"])),
    }


async def import_from(place: Place) -> Any:
    file = place.folder / "all.csv"
    await place.rows.export(file, select=["number", "amount", "stage"])
    file.write_text(file.read_text(encoding="utf-8").replace("N2,2,Lead", "N2,2,Won"), encoding="utf-8")
    match = {} if place.is_list else {"match": "number"}
    plan = await place.rows.import_from(file, **match).plan()
    report = await place.rows.import_from(file, **match, journal=place.folder / "import.db")
    file.write_text(file.read_text(encoding="utf-8").replace("N4,4,Lead", "N4,4,Won"), encoding="utf-8")
    by_id = await place.rows.import_from(file, way="update", match=place.id_key)
    counts = [(each.updated, each.unchanged, each.failed) for each in (report, by_id)]
    return (plan.update, plan.unchanged), counts, [stage for _, stage, _ in await place.all()]


async def changes(place: Place) -> Any:
    async def sweep() -> list[Any]:
        found: list[Any] = []
        async with place.feed("changes.db", ["stage", "amount"]) as feed:
            async for change in feed:
                match change:
                    case Created(record=row) | Deleted(record=row):
                        found.append((type(change).__name__, row["amount"]))
                    case Changed():
                        found.append((change.attribute, change.before, change.after))
                assert change.record_id in {*place.ids, *later}
                await change.ack()
        return found

    later: list[str] = []
    baseline = await sweep()
    await place.rows.update(place.ids[0], {"stage": "Won"})
    await place.rows.update(place.ids[1], {"tags": ["B"]})
    await place.rows.delete(place.ids[2])
    later.append(place.add(5))
    return baseline, sorted(await sweep(), key=repr), await sweep()


async def names(place: Place) -> Any:
    return [len(await place.named(name).query(WON)) for name in place.titles]


async def names_like_slugs(place: Place) -> Any:
    """Ask every method by a title that looks like a slug, each time with a client that knows nothing yet."""
    seed = place.fake.seed
    if place.is_list:
        seed.add_list("renamed", "shipments", "companies")
        row = seed.add_entry("renamed", place.parents[0])
    else:
        seed.add_object("renamed", "shipment", "shipments")
        row = seed.add_record("renamed", {})
    seed.add_attribute("renamed", "stage", "status", options=["Lead", "Won"])
    seed.add_view("renamed", "All")
    identifier = row["id"][place.id_key]

    def rows() -> Any:
        attio = place.fake.client()  # which knows nothing yet
        return attio.entries("shipments") if place.is_list else attio.records("shipments")

    async def scanned(*conditions: Any, **options: Any) -> list[str]:
        return [found.id async for found in rows().scan(*conditions, **options)]

    update = {"stage": "Lead"}
    calls: list[Callable[[], Awaitable[Any]]] = [
        lambda: rows().update(identifier, update),
        lambda: rows().get(identifier),
        lambda: rows().get_many([identifier]),
        lambda: rows().query(),
        lambda: rows().query(F.stage == "Lead"),
        lambda: rows().query(view="All"),
        scanned,
        lambda: scanned(F.stage == "Lead"),
        lambda: scanned(view="all"),
        lambda: rows().first(),
        lambda: rows().schema(),
        lambda: rows().history(identifier, "stage"),
        lambda: rows().edit(identifier, set=update),
        lambda: rows().update_many([{place.id_key: identifier, "stage": "Won"}]),
        lambda: rows().export(place.folder / "renamed.csv"),
    ]
    misfits = [number for number, call in enumerate(calls) if not await call()]
    explained = "renamed.stage, type status" in await rows().explain(F.stage == "Won")
    async with place.feed("renamed.db", name="shipments") as feed:
        followed = [change.record_id async for change in feed] == [identifier]
    lookups = sum(call.path in {"/v2/lists", "/v2/objects"} for call in place.fake.calls)
    await rows().delete(identifier)
    gone = [await refused(rows().get(identifier)), await refused(place.named("nowhere").query())]
    return misfits, explained, followed, lookups, gone


EXPLAINED = """\
{
  "$and": [
    {
      "stage": {
        "status": {
          "$eq": "Won"
        }
      }
    },
    {
      "amount": {
        "value": {
          "$gt": 1
        }
      }
    }
  ]
}

F.stage == 'Won'
  deliveries.stage, type status, property status
F.amount > 1
  deliveries.amount, type number, property value"""
ALL = [(number, "Won" if number % 2 else "Lead", ["A"]) for number in range(5)]


QUESTIONS: dict[str, tuple[Callable[[Place], Awaitable[Any]], Any]] = {
    "schema": (
        schema,
        [("number", "text"), ("amount", "number"), ("stage", "status"), ("tags", "select")],
    ),
    "query": (
        query,
        {
            "filter": [1, 3],
            "dict": [4, 2, 0],
            "limit": [4, 3],
            "page": 3,
            "count": 2,
            "ids": True,
            "pages": [0, 1, 2, 3, 4],
            "view": [1, 3],
            "unknown view": "UnknownName",
            "unknown attribute": "FilterError",
            "unknown value": "FilterError",
        },
    ),
    "scan": (
        scan,
        {
            "resumed": [0, 1, 2, 3, 4],
            "parallel": [1, 3],
            "in order": [1, 2, 3, 4],
            "filter": [1, 3],
            "limit": [1, 2],
            "view": [1, 3],
        },
    ),
    "get_many": (get_many, ([4, 1, 1], (GONE,), "CoercionError")),
    "first": (first, (3, None)),
    "get": (get, ((2, "Lead", ["A"]), "NotFound")),
    "explain": (explain, (EXPLAINED, 0, "FilterError")),
    "history": (history, [("Lead", False), ("Won", True)]),
    "replace_history": (replace_history, ("ConfigurationError", ["Lead"], ["Won"])),
    "create": (create, ((5, "Lead", ["B"]), 6, "CoercionError")),
    "upsert": (upsert, ((0, "Won", ["B"]), (5, None, []), True, 6)),
    "update": (
        update,
        [(0, "Lead", ["A", "B"]), (1, "Won", ["C"]), (None, "Lead", ["A"]), "NotFound"],
    ),
    "edit": (edit, ((None, "Lead", ["B", "C"]), 1)),
    "delete": (delete, ([1, 2, 3, 4], "NotFound")),
    "create_many": (create_many, ((2, 1), (2, 1), [(5, None, ["B"]), (7, None, [])])),
    "upsert_many": (
        upsert_many,
        (
            (1, 1, 1),
            ["  row 0: update stage: Lead -> Won"],
            (1, 1, 1, 1, 0),
            2,
            4,
            [(0, "Won", ["A"]), *ALL[1:], (5, None, [])],
        ),
    ),
    "sync_to": (
        sync_to,
        (
            0,
            [(0, "Won", ["A"]), ALL[1], (2, "Won", ["A"]), *ALL[3:]],
            [(0, "Won", ["A"]), (1, None, ["A"]), (2, None, ["A"]), *ALL[3:]],
        ),
    ),
    "update_many": (update_many, ((1, 1), (1, 1, 1, 1), (0, "Lead", ["C"]))),
    "delete_many": (delete_many, (0, 3, 3, [3, 4])),
    "export": (
        export,
        {
            "counts": [5, 5, 5, 2, 2],
            "lines": ALL,
            "cells": [(str(amount), stage, "A") for amount, stage, _ in ALL],
            "table": ALL,
            "ids": [True, True, True],
            "unknown": "UnknownName",
        },
    ),
    "import_from": (
        import_from,
        ((1, 4), [(1, 4, 0), (1, 4, 0)], ["Lead", "Won", "Won", "Won", "Won"]),
    ),
    "changes": (
        changes,
        (
            [("Created", amount) for amount, _, _ in ALL],
            [("Created", 5), ("Deleted", 2), ("stage", "Lead", "Won")],
            [],
        ),
    ),
    "names": (names, [2, 2, 2]),
    "names like slugs": (names_like_slugs, ([], True, True, 17, ["NotFound", "NotFound"])),
}
"""The questions by the name of their method, and the answer of both."""

NAMES = {"names", "names like slugs", "changes"}
OF_RECORDS = {"entries", "merge", "merge_plan"}
OF_ENTRIES = {"move"}
"""What only one of them has: a record is in lists and can be merged; an entry is in a stage of its list."""


@pytest.mark.parametrize("question", QUESTIONS)
async def test_a_record_and_an_entry_give_the_same_answer(question: str, tmp_path: Path) -> None:
    ask, expected = QUESTIONS[question]
    answers = []
    for kind in ("records", "entries"):
        folder = tmp_path / kind
        folder.mkdir()
        answers.append(await ask(Place(kind, folder)))
    assert answers == [expected, expected]


def test_every_method_is_asked() -> None:
    methods = {
        kind: {name for name, _ in inspect.getmembers(kind, inspect.isfunction) if not name.startswith("_")}
        for kind in (Records, Entries)
    }
    assert methods[Records] - OF_RECORDS == methods[Entries] - OF_ENTRIES == QUESTIONS.keys() - NAMES
    for name in QUESTIONS.keys() - NAMES:
        of_records, of_entries = (
            inspect.signature(getattr(kind, name)).parameters.keys() for kind in (Records, Entries)
        )
        assert of_records - of_entries <= {"match", "create_unmatched"}
        assert of_entries - of_records <= {
            *("parent", "on_multiple", "with_parents", "parent_match", "create_parents")
        }
