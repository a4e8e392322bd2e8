"""Every result, report and error as plain data and as JSON."""

import importlib
import json
import pkgutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, strategies as st
from tests.integrations.support import workspace

import attio_async
from attio_async import AttioError, Entry, F, PersonName, errors, jsonable
from attio_async._records.models import decode_one
from attio_async.bulk import Outcome
from attio_async.models import Schema, SchemaAttribute, SchemaObject
from attio_async.testing import FakeAttio, VirtualClock
from attio_async.values import ActorRef, Location, RecordRef, UnknownValue, Value
from attio_async.webhooks import Event, FileSecrets
from attio_async_api import models
from attio_async_api.json_data import JsonData, JsonValue, to_plain

pytestmark = pytest.mark.anyio


def subclasses(cls: type) -> Iterator[type]:
    for each in cls.__subclasses__():
        # attrs makes a class with slots anew; the first one may still be there.
        if getattr(importlib.import_module(each.__module__), each.__name__, None) is each:
            yield each
            yield from subclasses(each)


def strict(value: object) -> Any:
    """Return what remains of a value after it was written as JSON; fail if it cannot be."""
    return json.loads(json.dumps(value, allow_nan=False))


async def test_a_record_keeps_its_ids_beside_its_values() -> None:
    async with workspace() as (_, person, _):
        plain = person.to_dict()
        assert list(plain) == ["id", "object_id", "workspace_id", "created_at", "web_url", "values"]
        assert plain["created_at"] == datetime(2026, 1, 1, tzinfo=UTC)
        assert plain["values"]["name"] == PersonName("Ada", "Lovelace", "Ada Lovelace")
        assert plain["values"]["email_addresses"] == ["ada@example.com"]
        data = person.to_dict(mode="json")
        assert strict(data) == data == json.loads(person.to_json())
        assert data["created_at"] == "2026-01-01T00:00:00Z"
        assert data["values"]["name"]["last_name"] == "Lovelace"


async def test_a_flat_record_is_the_line_of_an_export(tmp_path: Path) -> None:
    async with workspace() as (attio, _, _):
        await attio.people.export(tmp_path / "people.jsonl")
        lines = [json.loads(line) for line in (tmp_path / "people.jsonl").read_text("utf-8").splitlines()]
        assert lines == [person.to_dict(mode="json", flat=True) async for person in attio.people.query()]
        assert [list(line) for line in lines] == [
            list(p.to_dict(flat=True)) for p in await attio.people.query()
        ]


def test_an_entry_says_what_it_is_an_entry_of() -> None:
    raw = {
        "id": {"workspace_id": "w", "list_id": "l", "entry_id": "e"},
        "parent_record_id": "r",
        "parent_object": "people",
        "entry_values": {"id": [{"attribute_type": "number", "value": 5}]},
    }
    entry = decode_one(json.dumps({"data": raw}).encode(), Entry)
    parent = {"parent_object": "people", "parent_record_id": "r"}
    around = {"id": "e", "list_id": "l", **parent, "workspace_id": "w", "created_at": None}
    assert entry.to_dict() == {**around, "values": {"id": [5]}}
    assert entry.to_dict(flat=True) == {"entry_id": "e", **parent, "id": [5]}


async def test_an_unknown_mode_is_refused() -> None:
    async with workspace() as (_, person, task):
        for each in (person, task):
            with pytest.raises(ValueError, match="mode must be 'python' or 'json', not 'xml'"):
                each.to_dict(mode="xml")  # type: ignore[arg-type]


async def test_results_in_results_are_dicts_and_values_stay() -> None:
    async with workspace() as (attio, person, task):
        page = await attio.people.query().page()
        assert page.to_dict()["items"] == [person.to_dict()]
        assert task.to_dict()["linked_records"] == [
            {"target_object_id": "people", "target_record_id": person.id}
        ]
        assert task.to_dict()["created_at"] == task.created_at
        assert Outcome(0, "1", "created", person).to_dict()["record"] == person.to_dict()
        assert "raw" not in task.to_dict()
        found = await attio.people.get_many([person.id, "00000000-0000-4000-8000-000000000000"])
        assert found.to_dict(mode="json")["missing"] == ["00000000-0000-4000-8000-000000000000"]


async def test_reports_and_schemas() -> None:
    async with workspace() as (attio, _, _):
        report = await attio.people.upsert_many(
            [{"email_addresses": "grace@example.com"}, {"email_addresses": 5}], match="email_addresses"
        )
        data = strict(report.to_dict(mode="json"))
        assert (data["total"], data["created"], data["failed"]) == (2, 1, 1)
        assert data["failures"][0]["error"]["exception"] == "CoercionError"
        assert data["dead_letters"][0]["payload"]["values"] == {"email_addresses": 5}
        schema = strict((await attio.people.schema()).to_dict(mode="json"))
        assert schema["name"] == "people"
        assert {"name", "job_title"} <= {each["slug"] for each in schema["attributes"]}
        assert strict(attio.limiter.stats().to_dict(mode="json"))["queries"]["max_concurrent"] is None
        assert strict((await attio.identify()).to_dict(mode="json"))["active"] is True
        async with await attio.people.create_many([{"name": "New"}]).plan() as plan:
            assert strict(plan.to_dict(mode="json"))["create"] == 1


async def test_schemas_of_workspaces_and_their_plans() -> None:
    async with workspace() as (attio, _, _):
        schema = await attio.workspace_schema.pull(objects=["people"])
        data = strict(schema.to_dict(mode="json"))
        assert data["objects"][0]["slug"] == "people"
        assert "name" in {each["slug"] for each in data["objects"][0]["attributes"]}
        wanted = Schema(
            objects=(SchemaObject(slug="people", attributes=(SchemaAttribute(slug="x", title="X"),)),)
        )
        plan = await attio.workspace_schema.plan(wanted)
        (change,) = strict(plan.to_dict(mode="json"))["changes"]
        assert (change["symbol"], change["path"], change["text"]) == ("+", "people.x", "(text)")
        found = Schema().diff(wanted)
        assert strict([each.to_dict(mode="json") for each in found])[0]["text"] == str(found[0])
        assert json.loads(plan.to_json())["done"] == []


async def test_errors_say_what_to_do() -> None:
    async with workspace() as (attio, _, _):
        with pytest.raises(errors.CoercionError) as invalid:
            await attio.people.create({"job_title": object()})
        with pytest.raises(errors.NotFound) as missing:
            await attio.people.get("00000000-0000-4000-8000-000000000000")
        with pytest.raises(errors.UnknownName) as unknown:
            (await attio.people.schema()).find("job_titel")
    data = strict(invalid.value.to_dict(mode="json"))
    assert data["problems"][0]["slug"] == "job_title"
    data = strict(missing.value.to_dict(mode="json"))
    assert (data["exception"], data["status"], data["method"]) == ("NotFound", 404, "GET")
    assert data["execution_id"]
    assert "response" not in data
    assert strict(unknown.value.to_dict(mode="json"))["suggestions"] == ["job_title"]
    lost = errors.OutcomeUnknown("create_task", errors.RequestTimeout("late", sent=True))
    lost.add_note("a note")
    assert strict(lost.to_dict(mode="json"))["cause"]["exception"] == "RequestTimeout"
    lacking = errors.PermissionDenied("no", status=403, required_scopes=["a:read"], granted_scopes=[])
    assert strict(lacking.to_dict(mode="json"))["missing_scopes"] == ["a:read"]


def test_every_result_can_be_written() -> None:
    """Read from nothing, so that each field is None or empty, and from JSON of any shape elsewhere."""
    from fastapi.encoders import jsonable_encoder

    for info in pkgutil.iter_modules(models.__path__):
        importlib.import_module(f"attio_async_api.models.{info.name}")
    for name in attio_async.__all__:
        getattr(attio_async, name)
    results = {each for each in subclasses(JsonData) if hasattr(each, "from_dict")}
    assert len(results) > 40
    for each in results:
        read = each.from_dict({"secret": "s3cret", "id": {"workspace_id": "w"}})  # type: ignore[attr-defined]
        assert "s3cret" not in read.to_json()
        assert strict(read.to_dict(mode="json")) == jsonable_encoder(read) == vars(read)


def test_what_fastapi_falls_back_on_is_json_data() -> None:
    """A class with slots has no `__dict__` but that of `JsonData`; the others are known here."""
    own = {
        each
        for each in subclasses(JsonData)
        if each.__dictoffset__ and not issubclass(each, Exception | Event)
    }
    assert {each.__name__ for each in own} <= {"Found"}


def test_json_has_a_form_for_what_values_hold() -> None:
    assert to_plain(Decimal("1E+3")) == "1000"
    assert to_plain(Decimal("499.10")) == "499.10"
    assert to_plain(datetime(2026, 1, 2, 3, tzinfo=UTC)) == "2026-01-02T03:00:00Z"
    assert to_plain(date(2026, 1, 2)) == "2026-01-02"
    assert to_plain(float("inf")) is None
    assert to_plain(b"\xff") == "\\xff"
    assert to_plain({1: {"b"}}) == {"1": ["b"]}
    assert to_plain(RecordRef("people", "r")) == {"target_object": "people", "target_record_id": "r"}
    assert to_plain(Location(locality="Paris")) == {"locality": "Paris"}
    assert to_plain(UnknownValue("mood", {"at": date(2026, 1, 2)})) == {"at": "2026-01-02"}
    value = Value(Decimal(1), None, None, ActorRef("system", None), "currency", {})
    assert value.to_dict()["created_by"] == ActorRef("system", None)
    assert isinstance(PersonName(), JsonValue)


def test_jsonable_is_for_dumps() -> None:
    data = {
        "amount": Decimal("1.50"),
        "name": PersonName("Ada"),
        "id": UUID(int=0),
        "error": AttioError("no"),
    }
    read = json.loads(json.dumps(data, default=jsonable))
    assert read["amount"] == "1.50"
    assert read["name"]["first_name"] == "Ada"
    assert read["id"] == str(UUID(int=0))
    assert read["error"] == {"exception": "AttioError", "message": "no", "hint": None}
    with pytest.raises(TypeError, match="Condition cannot be written as JSON"):
        json.dumps({"filter": F.name == "Ada"}, default=jsonable)


@given(st.recursive(st.none() | st.integers() | st.text(), st.lists, max_leaves=5))
def test_plain_json_stays_as_it_is(value: Any) -> None:
    assert to_plain(value) == value


async def test_a_secret_stays_out(tmp_path: Path) -> None:
    async with FakeAttio(clock=VirtualClock()) as fake, fake.client() as attio:
        ensured = await attio.webhooks.ensure(
            "https://example.com/hook", ["record.created"], secrets=FileSecrets(tmp_path / "secrets.json")
        )
        assert ensured.secret
        assert ensured.secret not in ensured.to_json()
        assert ensured.secret not in repr(ensured.to_dict())
