"""Hints of errors: read from the messages that the live API sends, and possible to follow."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from tests.support import Scripted, error

from attio_async import RetryPolicy
from attio_async._pipeline.retry import http_date
from attio_async.errors import (
    Conflict,
    MultipleMatches,
    PermissionDenied,
    RateLimited,
    UniquenessConflict,
    ValueNotFound,
)
from attio_async.testing import FakeAttio, TooManyRequests, VirtualClock
from attio_async.values import Ref

pytestmark = pytest.mark.anyio

ATTRIBUTE = "b8bf5ac2-06ed-41f2-a30a-3a1d5b0c7e10"
RECORD = "5f0e3b1c-0000-4000-8000-000000000001"


@pytest.mark.parametrize(
    ("attribute", "record", "message"),
    [
        (
            ATTRIBUTE,
            None,
            (
                'The value "{\\"email_address\\":\\"a@b.com\\"}" provided for attribute with ID '
                f'"{ATTRIBUTE}" conflicts with one already in the system.'
            ),
        ),
        (
            "email_addresses",
            None,
            (
                'The value "{\\"email_address\\":\\"a@b.com\\"}" provided for attribute with slug '
                '"email_addresses" conflicts with one already in the system.'
            ),
        ),
        ("domains", RECORD, f'attribute "domains" conflicts with record "{RECORD}"'),
        (None, None, "A record with these values exists already."),
    ],
)
async def test_a_conflict_names_the_attribute_and_a_record_only_if_the_message_does(
    attribute: str | None, record: str | None, message: str
) -> None:
    http = Scripted()
    body = {
        "status_code": 409,
        "type": "invalid_request_error",
        "code": "uniqueness_conflict",
        "message": message,
    }
    http.router.post("/v2/objects/people/records").mock(return_value=httpx.Response(409, json=body))
    with pytest.raises(UniquenessConflict) as caught:
        await http.attio.request("POST", "/v2/objects/people/records", json={})
    assert (caught.value.attribute, caught.value.conflicting_record_id) == (attribute, record)
    assert "upsert" in str(caught.value.hint)
    assert ("update that one" in str(caught.value.hint)) is (record is not None)


async def test_the_hint_of_a_conflict_can_be_followed() -> None:
    attio = FakeAttio(clock=VirtualClock()).client()
    first = await attio.people.create({"email_addresses": "ada@x.example.com"})
    values = {"email_addresses": "ada@x.example.com", "job_title": "Chief"}
    with pytest.raises(UniquenessConflict) as caught:
        await attio.people.create(values)
    assert caught.value.attribute
    again = await attio.people.upsert(values, match=caught.value.attribute)
    assert (again.id, again["job_title"]) == (first.id, "Chief")


@pytest.mark.parametrize("code", ["uniqueness_conflict", "slug_conflict"])
async def test_a_conflict_of_webhooks_is_none_of_records(code: str) -> None:
    http = Scripted()
    body = {
        "status_code": 409,
        "type": "invalid_request_error",
        "code": code,
        "message": f'webhook "{RECORD}" has it',
    }
    http.router.post("/v2/webhooks").mock(return_value=httpx.Response(409, json=body))
    with pytest.raises(Conflict) as caught:
        await http.attio.request("POST", "/v2/webhooks", json={})
    assert getattr(caught.value, "conflicting_record_id", None) is None
    assert "record" not in str(caught.value.hint)


async def test_a_missing_record_is_no_misspelt_attribute() -> None:
    attio = FakeAttio(clock=VirtualClock()).client()
    person = {
        "email_addresses": "ada@x.example.com",
        "company": Ref("companies", domain="nowhere.example.com"),
    }
    with pytest.raises(ValueNotFound) as caught:
        await attio.people.create(person)
    assert "did you mean" not in str(caught.value)
    assert "create_references=True" in str(caught.value.hint)
    report = await attio.people.create_many([person], create_references=True)
    assert report.created == 1


async def test_entries_of_one_record_are_not_to_be_merged() -> None:
    fake = FakeAttio(clock=VirtualClock())
    fake.seed.add_list("sales", "Sales", parent="companies")
    attio = fake.client()
    company = await attio.companies.create({"name": "Acme"})
    one, two = [await attio.entries("sales").create(company) for _ in range(2)]
    with pytest.raises(MultipleMatches, match="in the list more than once") as caught:
        await attio.entries("sales").upsert(company)
    assert "merge" not in str(caught.value.hint)
    await attio.entries("sales").update(one, {})
    await attio.entries("sales").delete(two)
    assert (await attio.entries("sales").upsert(company)).id == one.id


async def test_a_level_of_tokens_is_named_where_no_scope_is_missing() -> None:
    http = Scripted()
    denied = {"status_code": 403, "type": "auth_error", "code": "unauthorized", "message": "No."}
    http.router.get("/v2/webhooks").mock(return_value=httpx.Response(403, json=denied))
    http.router.delete(f"/v2/comments/{RECORD}").mock(return_value=httpx.Response(403, json=denied))
    granted = {"active": True, "scope": "webhook:read-write comment:read-write"}
    http.router.get("/v2/self").mock(return_value=httpx.Response(200, json=granted))
    with pytest.raises(PermissionDenied, match="use a token of the level workspace"):
        await http.attio.webhooks.list()
    with pytest.raises(PermissionDenied, match="deletes only the comments of that user"):
        await http.attio.comments.delete(RECORD)


@pytest.mark.parametrize("coding", ["gzip", "GZIP", "x-gzip", " Gzip "])
async def test_content_codings_are_read_in_any_case(coding: str) -> None:
    import gzip

    from attio_async._transport.gzip import unpackable

    body: Any = unpackable([gzip.compress(b"{}")], coding)
    assert b"".join(body.steps()) == b"{}"


async def test_a_server_that_asks_for_too_little_is_asked_less_and_less_often() -> None:
    fake = FakeAttio(clock=VirtualClock())
    attio = fake.client(retry=RetryPolicy(rate_limit_attempts=10))
    fake.fault(TooManyRequests(retry_after="past"), operation="get_self", times=50)
    with pytest.raises(RateLimited):
        await attio.identify()
    assert fake.clock.monotonic() > 3


@pytest.mark.parametrize("zone", ["", " GMT", " +0000", " -0000"])
def test_an_http_date_without_a_zone_is_in_utc(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    __import__("time").tzset()
    try:
        assert (
            http_date(f"Sat, 28 Nov 2026 10:00:00{zone}")
            == datetime(2026, 11, 28, 10, tzinfo=UTC).timestamp()
        )
    finally:
        monkeypatch.undo()
        __import__("time").tzset()


async def test_a_concurrent_write_is_retried() -> None:
    http = Scripted()
    conflict = error(409, "invalid_request_error", "concurrent_write_conflict")
    done = httpx.Response(200, json={"data": {"id": {"record_id": RECORD}, "values": {}}})
    route = http.router.put("/v2/objects/people/records").mock(side_effect=[conflict, conflict, done])
    await http.attio.request("PUT", "/v2/objects/people/records", json={})
    assert route.call_count == 3
