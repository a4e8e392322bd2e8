"""Values that exist already are recognised, whatever their type and however they were written."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st
from tests.bulk.support import fast
from tests.support import examples

from attio_async import (
    Location,
    Name,
    Row,
)
from attio_async._records.models import Record, decode_one
from attio_async._schema import Attribute, ObjectSchema, Option
from attio_async._workspace.encode import encode
from attio_async.bulk._write.diff import Comparer
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
@settings(max_examples=examples(60), deadline=None)
def test_written_values_are_unchanged_when_they_are_read(fake: FakeAttio, values: dict[str, Any]) -> None:
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
    {"company": {"target_object": "companies", "domains": "ref.example.com"}},
    {"job_title": "Countess", "description": None},
    {"owner": "jane@acme.com"},
    {"owner": "Jane Doe"},
    {"tier": "Gold", "tags": ["B", "A"]},
]


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_each_kind_of_value_is_recognised() -> None:
    for row in ROWS:
        fake, attio = fast()
        fake.seed.add_member("jane@acme.com", "Jane", "Doe")
        fake.seed.add_attribute("people", "owner", "actor-reference")
        fake.seed.add_attribute("people", "tier", "select")
        fake.seed.add_attribute("people", "tags", "select", multiselect=True)
        for slug, title in (("tier", "Gold"), ("tags", "A"), ("tags", "B")):
            fake.seed.add_option("people", slug, title)
        await attio.companies.create({"domains": "ref.example.com"})
        rows = [{"email_addresses": "key@example.com", **row}]
        first = await attio.people.upsert_many(rows, match="email_addresses")
        assert (first.created, first.failed) == (1, 0), (row, first.failures)
        writes = len([call for call in fake.calls if call.method == "PUT"])
        again = await attio.people.upsert_many(rows, match="email_addresses")
        assert again.unchanged == 1, row
        assert len([call for call in fake.calls if call.method == "PUT"]) == writes, row
        record = (await attio.people.query())[0]
        as_read = Row({slug: record[slug] for slug in row}, id=record)
        assert (await attio.people.update_many([as_read], multiselect="overwrite")).unchanged == 1, row


CHANGES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"name": "Ada Lovelace"}, {"name": "Ada Byron"}),
    ({"phone_numbers": "+442079460000"}, {"phone_numbers": "+442079460001"}),
    ({"phone_numbers": ["+442079460000", "+442079460001"]}, {"phone_numbers": "+442079460000"}),
    ({"job_title": "a"}, {"job_title": "A"}),
    ({"job_title": "a"}, {"job_title": None}),
    ({"primary_location": Location(locality="Paris")}, {"primary_location": Location(locality="Lyon")}),
    ({"primary_location": "1 A, Paris, FR"}, {"primary_location": "2 A, Paris, FR"}),
]


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_differences_are_written() -> None:
    key = {"email_addresses": "key@example.com"}
    for before, after in CHANGES:
        _, attio = fast()
        await attio.people.upsert_many([{**key, **before}], match="email_addresses")
        report = await attio.people.upsert_many([{**key, **after}], match="email_addresses")
        assert (report.updated, report.unchanged) == (1, 0), (before, after)


def test_an_option_given_by_its_id_is_compared_by_its_title() -> None:
    option = Option("Gold", "0b1f0e30-0000-4000-8000-000000000001")
    schema = ObjectSchema("people", [Attribute("tier", type="select", options=(option,))])
    assert Comparer(schema).keys("tier", [{"option": option.id}]) == ["Gold"]
    assert Comparer(schema).keys("tier", [{"option": "another"}]) == []
    numbers = Comparer(ObjectSchema("x", [Attribute("n", type="number")]))
    assert numbers.keys("n", 1) == numbers.keys("n", Decimal("1.0")) == numbers.keys("n", "1.00")
