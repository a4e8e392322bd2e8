"""What is as it should be is found so, whatever its type and however it was written."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.bulk.jobs import companies, quick

from attio_async import (
    Attio,
    Location,
    Name,
    Row,
)
from attio_async._records.models import Record, decode_one
from attio_async._schema import Attribute, ObjectSchema, Option
from attio_async._workspace.encode import encode
from attio_async.bulk._write.concurrency import Concurrency
from attio_async.bulk._write.diff import Comparer
from attio_async.bulk._write.remote_state import QuerySize
from attio_async.testing import FakeAttio, VirtualClock

pytestmark = pytest.mark.anyio

TYPES = {
    "checkbox": st.booleans(),
    "currency": st.decimals(-(10**9), 10**9, places=4),
    "date": st.dates(date(1900, 1, 1), date(2100, 1, 1)),
    "number": st.one_of(st.integers(-(10**9), 10**9), st.decimals(-(10**6), 10**6, places=4)),
    "rating": st.integers(0, 5),
    "text": st.text(st.characters(codec="utf-8"), min_size=1, max_size=20),
    "timestamp": st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - the zone is the strategy's
}


@pytest.fixture(scope="module")
def fake() -> FakeAttio:
    fake = FakeAttio(clock=VirtualClock())
    fake.seed.add_object("things")
    for kind in TYPES:
        fake.seed.add_attribute("things", f"a_{kind}", kind)
    return fake


@given(values=st.fixed_dictionaries({}, optional={f"a_{kind}": values for kind, values in TYPES.items()}))
@settings(max_examples=60, deadline=None)
def test_what_was_written_is_unchanged_when_it_is_read(fake: FakeAttio, values: dict[str, Any]) -> None:
    schema = ObjectSchema("things", [Attribute(f"a_{kind}", type=kind) for kind in TYPES])
    written = encode(values, schema)
    body = json.dumps({"data": {"values": written}}).encode()
    headers = {"authorization": f"Bearer {fake.token}", "content-type": "application/json"}
    answer = fake.handle("POST", "/v2/objects/things/records", headers, body)
    assert answer.status == 200, answer.body
    record = decode_one(answer.body, Record, schema)
    assert Comparer(schema).changes(written, record, {}, "replace") == []
    again = encode({slug: record[slug] for slug in values}, schema)
    assert Comparer(schema).changes(again, record, {}, "replace") == []


ROWS: list[dict[str, Any]] = [
    {"name": Name("Ada", "Lovelace")},
    {"name": "Lovelace, Ada"},
    {"email_addresses": ["ADA@example.com", "b@example.com"]},
    {"phone_numbers": "+44 20 7946 0000"},
    {"phone_numbers": {"original_phone_number": "+442079460000", "country_code": "GB"}},
    {"primary_location": Location(locality="Paris", country_code="FR", latitude="48.8566000")},
    {"company": {"target_object": "companies", "domains": "ref.example"}},
    {"job_title": "Countess", "description": None},
    {"owner": "jane@acme.com"},
    {"owner": "Jane Doe"},
    {"tier": "Gold", "tags": ["B", "A"]},
]


@pytest.mark.parametrize("row", ROWS, ids="-".join)
async def test_each_kind_of_value_is_recognised(row: dict[str, Any]) -> None:
    fake, attio = quick()
    fake.seed.add_member("jane@acme.com", "Jane", "Doe")
    fake.seed.add_attribute("people", "owner", "actor-reference")
    fake.seed.add_attribute("people", "tier", "select")
    fake.seed.add_attribute("people", "tags", "select", multiselect=True)
    for slug, title in (("tier", "Gold"), ("tags", "A"), ("tags", "B")):
        fake.seed.add_option("people", slug, title)
    await attio.companies.create({"domains": "ref.example"})
    rows = [{"email_addresses": "key@example.com", **row}]
    first = await attio.people.upsert_many(rows, match="email_addresses")
    assert (first.created, first.failed) == (1, 0), first.failures
    writes = len([call for call in fake.calls if call.method == "PUT"])
    again = await attio.people.upsert_many(rows, match="email_addresses")
    assert again.unchanged == 1
    assert len([call for call in fake.calls if call.method == "PUT"]) == writes
    record = (await attio.people.query())[0]
    as_read = {slug: record[slug] for slug in row}
    assert (await attio.people.update_many([Row(as_read, id=record)], multiselect="overwrite")).unchanged == 1


CHANGES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"name": "Ada Lovelace"}, {"name": "Ada Byron"}),
    ({"phone_numbers": "+442079460000"}, {"phone_numbers": "+442079460001"}),
    ({"phone_numbers": ["+442079460000", "+442079460001"]}, {"phone_numbers": "+442079460000"}),
    ({"job_title": "a"}, {"job_title": "A"}),
    ({"job_title": "a"}, {"job_title": None}),
    ({"primary_location": Location(locality="Paris")}, {"primary_location": Location(locality="Lyon")}),
    ({"primary_location": "1 A, Paris, FR"}, {"primary_location": "2 A, Paris, FR"}),
]


@pytest.mark.parametrize(("before", "after"), CHANGES)
async def test_what_differs_is_written(before: dict[str, Any], after: dict[str, Any]) -> None:
    _, attio = quick()
    key = {"email_addresses": "key@example.com"}
    await attio.people.upsert_many([{**key, **before}], match="email_addresses")
    report = await attio.people.upsert_many([{**key, **after}], match="email_addresses")
    assert (report.updated, report.unchanged) == (1, 0)


async def test_a_few_changes_among_many_rows_cost_few_requests() -> None:
    fake, attio = quick()
    await attio.companies.upsert_many(companies(500), match="domains", compare=False)
    before = len(fake.calls)
    rows = [row if n % 50 else {**row, "description": "changed"} for n, row in enumerate(companies(500))]
    report = await attio.companies.upsert_many(rows, match="domains")
    assert (report.updated, report.unchanged) == (10, 490)
    calls = [call.operation_id for call in fake.calls[before:]]
    assert calls.count("assert_record") == 10
    assert calls.count("query_records") <= 12


def test_a_query_names_fewer_keys_after_it_was_too_complex_and_slowly_more_again() -> None:
    size = QuerySize(limit=100)
    assert size.keys == 100
    size.reject(100)
    assert size.keys == 50
    size.reject(50)
    assert size.keys == 25
    size.accept(25, None)
    assert size.keys == 27
    for _ in range(60):
        size.accept(size.keys, None)
    assert size.keys == 100


def test_the_score_of_a_query_tells_what_a_key_costs() -> None:
    size = QuerySize(limit=100)
    size.accept(100, 5000.0)
    size.reject(100)
    assert size.keys == 50
    size.accept(10, 500.0)
    assert size.keys == 50


@pytest.mark.parametrize(("latency", "fewest", "most"), [(0.05, 4, 8), (0.5, 12, 30), (3.0, 40, 40)])
async def test_as_many_are_on_their_way_as_the_rate_needs(latency: float, fewest: int, most: int) -> None:
    attio = Attio("token", clock=VirtualClock())
    pace = Concurrency(attio.limiter, limit=40, fixed=None)
    for _ in range(200):
        pace.observe(latency)
    assert fewest <= pace.workers <= most
    fixed = Concurrency(attio.limiter, limit=40, fixed=7)
    for _ in range(200):
        fixed.observe(latency)
    assert fixed.workers == 7


def test_an_option_given_by_its_id_is_compared_by_its_title() -> None:
    option = Option("Gold", "0b1f0e30-0000-4000-8000-000000000001")
    schema = ObjectSchema("people", [Attribute("tier", type="select", options=(option,))])
    assert Comparer(schema).keys("tier", [{"option": option.id}]) == ["Gold"]
    assert Comparer(schema).keys("tier", [{"option": "another"}]) == []
    numbers = Comparer(ObjectSchema("x", [Attribute("n", type="number")]))
    assert numbers.keys("n", 1) == numbers.keys("n", Decimal("1.0")) == numbers.keys("n", "1.00")
