"""Entries of a list, read and written by the schema of the list."""

import json
from typing import Any

import httpx
import pytest

from attio_async import (
    Attio,
    F,
    HistoricValue,
    RecordRef,
    desc,
)
from attio_async.errors import (
    CoercionError,
    ConfigurationError,
    FilterError,
    MultipleMatches,
    OutcomeUnknown,
)
from attio_async.testing import FakeAttio, VirtualClock
from tests.support import Scripted, error

pytestmark = pytest.mark.anyio

ONE, TWO = (f"5f0e3b1c-0000-4000-8000-00000000000{number}" for number in (1, 2))
ACME = RecordRef("companies", ONE)
ATTRIBUTES = [
    {"api_slug": "priority", "title": "Priority", "type": "number", "id": {"attribute_id": "a1"}},
    {
        "api_slug": "tags",
        "title": "Tags",
        "type": "text",
        "is_multiselect": True,
        "id": {"attribute_id": "a2"},
    },
]


def entry(**values: Any) -> dict[str, Any]:
    return {
        "id": {"workspace_id": "w", "list_id": "l", "entry_id": TWO},
        "parent_record_id": ONE,
        "parent_object": "companies",
        "created_at": "2026-01-01T00:00:00Z",
        "entry_values": values,
    }


def number(value: int) -> list[dict[str, Any]]:
    return [{"attribute_type": "number", "value": value, "active_until": None}]


def text(*values: str) -> list[dict[str, Any]]:
    return [{"attribute_type": "text", "value": value, "active_until": None} for value in values]


class Sales(Scripted):
    """A client of a workspace with one list; every write returns its one entry."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.schema = self.router.get("/v2/lists/sales/attributes")
        self.schema.mock(return_value=httpx.Response(200, json={"data": ATTRIBUTES}))
        self.current = entry(priority=number(1), tags=text("a", "b"))
        self.router.get("/v2/lists/sales").mock(
            return_value=httpx.Response(200, json={"data": {"parent_object": ["companies"]}})
        )
        self.router.get("/v2/objects").mock(return_value=httpx.Response(200, json={"data": []}))
        self.one = self.router.get(f"/v2/lists/sales/entries/{TWO}")
        self.one.mock(side_effect=lambda _: httpx.Response(200, json={"data": self.current}))
        self.history = self.router.route(path=f"/v2/lists/sales/entries/{TWO}/attributes/priority/values")
        self.query = self.router.post("/v2/lists/sales/entries/query")
        self.writes = self.router.route(path__startswith="/v2/lists/sales/entries")
        self.writes.mock(side_effect=lambda _: httpx.Response(200, json={"data": self.current}))
        self.entries = self.attio.entries("sales")

    def sent(self) -> tuple[str, Any]:
        request = self.writes.calls.last.request
        return request.method, json.loads(request.content)["data"]


async def test_an_entry_is_read_by_the_schema_of_its_list() -> None:
    http = Sales()
    found = await http.entries.get(TWO)
    assert (found["priority"], found["tags"]) == (1, ["a", "b"])
    assert found.parent == ACME
    assert (await http.entries.schema()).find("Tags").slug == "tags"
    assert http.schema.call_count == 1


async def test_entries_are_queried_by_the_schema_of_their_list() -> None:
    http = Sales()
    route = http.query
    route.mock(side_effect=lambda _: httpx.Response(200, json={"data": [entry(priority=number(3))]}))
    found = await http.entries.query(F.priority > 2, sorts=[desc("priority")])
    assert [each["priority"] for each in found] == [3]
    body = json.loads(route.calls.last.request.content)
    assert body["filter"] == {"priority": {"value": {"$gt": 2}}}
    assert body["sorts"] == [{"direction": "desc", "attribute": "priority"}]
    assert (body["limit"], body["offset"]) == (500, 0)
    assert await http.entries.first({"priority": 3}) == found[0]
    assert json.loads(route.calls.last.request.content) == {
        "filter": {"priority": 3},
        "limit": 1,
        "offset": 0,
    }


async def test_an_invalid_filter_is_not_sent() -> None:
    http = Sales()
    with pytest.raises(FilterError):
        await http.entries.query(F.priorty > 2)
    assert http.query.call_count == 0


async def test_a_record_is_added_or_upserted_with_values_of_the_list() -> None:
    for method, verb in (("create", "POST"), ("upsert", "PUT")):
        http = Sales()
        write = getattr(http.entries, method)
        assert (await write(ACME, {"Priority": 2, "tags": "new"})).id == TWO
        values = {"priority": [2], "tags": ["new"]}
        expected = {"parent_record_id": ONE, "parent_object": "companies", "entry_values": values}
        assert http.sent() == (verb, expected)
        await write(ACME)
        assert http.sent()[1]["entry_values"] == {}
        await write(ACME, {"x": 1}, validate=False)
        assert http.sent()[1]["entry_values"] == {"x": 1}


async def test_an_update_appends_or_overwrites() -> None:
    http = Sales()
    await http.entries.update(TWO, {"tags": "c"})
    assert http.sent() == ("PATCH", {"entry_values": {"tags": ["c"]}})
    await http.entries.update(TWO, {"tags": []}, multiselect="overwrite")
    assert http.sent() == ("PUT", {"entry_values": {"tags": []}})
    with pytest.raises(CoercionError, match="give None to clear it"):
        await http.entries.update(TWO, {"tags": []})
    with pytest.raises(CoercionError, match="priority"):
        await http.entries.update(TWO, {"priority": "much"})


async def test_an_update_is_retried_only_if_it_cannot_append_twice() -> None:
    http = Sales()
    http.writes.mock(side_effect=[httpx.Response(502), httpx.Response(200, json={"data": entry()})])
    await http.entries.update(TWO, {"priority": 2})
    assert http.writes.call_count == 2
    http.writes.mock(side_effect=[httpx.Response(502)])
    with pytest.raises(OutcomeUnknown):
        await http.entries.update(TWO, {"tags": "c"})


async def test_an_upsert_of_a_record_that_is_in_the_list_twice_is_an_error() -> None:
    http = Sales()
    http.writes.mock(return_value=error(400, "invalid_request_error", "multiple_match_results"))
    with pytest.raises(MultipleMatches):
        await http.entries.upsert(ACME)


async def test_an_edit_is_one_write() -> None:
    http = Sales()
    await http.entries.edit(TWO, add={"tags": ["c"]}, set={"priority": 2})
    assert http.sent() == ("PATCH", {"entry_values": {"priority": [2], "tags": ["c"]}})
    assert http.one.call_count == 0
    await http.entries.edit(TWO, remove={"tags": "a"}, clear=["priority"])
    assert http.sent() == ("PUT", {"entry_values": {"priority": [], "tags": ["b"]}})
    assert http.one.call_count == 1


async def test_a_history_is_read_and_replaced() -> None:
    http = Sales()
    values = http.history
    values.mock(return_value=httpx.Response(200, json={"data": number(1)}))
    [old] = await http.entries.history(TWO, "priority")
    assert old.native == 1
    with pytest.raises(ConfigurationError, match="confirm"):
        await http.entries.replace_history(TWO, "priority", [HistoricValue(2, "2026-01-01")])
    new = HistoricValue(2, "2026-01-01")
    assert await http.entries.replace_history(TWO, "priority", [new], confirm=True) == [old]
    assert [call.request.method for call in values.calls] == ["GET", "GET", "PUT"]
    assert json.loads(values.calls.last.request.content)["data"]["values"][0]["value"] == 2


async def test_an_entry_can_be_read_without_its_schema() -> None:
    http = Sales()
    http.schema.mock(return_value=error(403, "auth_error", "unauthorized"))
    found = await http.entries.get(TWO)
    assert found.first("priority") == 1
    with pytest.raises(LookupError, match="first"):
        found["priority"]


def test_entries_have_a_representation() -> None:
    assert repr(Attio("t").entries("sales")) == "<Entries of sales>"


async def test_entries_are_scanned_and_found_by_id_and_filters_explained() -> None:
    fake = FakeAttio(clock=VirtualClock())
    fake.seed.add_list("sales", parent="companies")
    fake.seed.add_attribute("sales", "priority", "number")
    attio = fake.client()
    created = []
    for number in range(7):
        company = await attio.companies.create({"name": f"Company {number}"})
        created.append(await attio.entries("sales").create(company, {"priority": number}))
    pipeline = attio.entries("sales")
    scan = pipeline.scan(F.priority >= 2, page_size=3, limit=4)
    assert [entry["priority"] async for entry in scan] == [2, 3, 4, 5]
    assert [entry["priority"] async for entry in pipeline.scan(F.priority >= 2, resume=scan.token)] == [6]
    found = await pipeline.get_many([created[5], ONE, created[0].id])
    assert ([entry["priority"] for entry in found], found.missing) == ([5, 0], (ONE,))
    assert "sales.priority, type number" in await pipeline.explain(F.priority >= 2)
