"""Responses that are not what the API documents: each raises the documented error, whatever the request."""

import json
import pickle
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import attrs
import httpx
import pytest

from attio_async import Attio, RetryPolicy
from attio_async.errors import (
    APIError,
    AttioError,
    AuthenticationFailed,
    BadRequest,
    BillingLimit,
    Conflict,
    ConnectionFailed,
    DecodeError,
    MergeInProgress,
    NotFound,
    OutcomeUnknown,
    PermissionDenied,
    RateLimited,
    ServerError,
    UniquenessConflict,
    ValueNotFound,
)
from tests.support import TOKEN, Scripted, async_error_of, trio_when_full

pytestmark = pytest.mark.anyio
anyio_backend = trio_when_full

ID = "5f0e3b1c-0000-4000-8000-000000000001"
HTML = b"<!DOCTYPE html><html><head><title>Bad gateway</title></head><body>" + b"x" * 5000 + b"</body></html>"
JSON = {"content-type": "application/json; charset=utf-8"}
DEEP = b"[" * 100_000 + b"]" * 100_000
HUGE = b"9" * 10_000

Call = Callable[[Attio], Awaitable[object]]

READS: Mapping[str, Call] = {
    "get": lambda attio: attio.companies.get(ID),
    "query": lambda attio: attio.companies.query().collect(),
    "first entry": lambda attio: attio.entries("pipeline").first(),
    "notes": lambda attio: attio.notes.list().collect(),
    "task": lambda attio: attio.tasks.get(ID),
    "members": lambda attio: attio.workspace_members.list(),
    "sql": lambda attio: attio.sql("SELECT 1"),
}
IDENTIFY: Mapping[str, Call] = {"identify": lambda attio: attio.identify()}
WRITES: Mapping[str, Call] = {
    "create": lambda attio: attio.companies.create({"name": "Acme"}),
    "append": lambda attio: attio.companies.update(ID, {"categories": ["AI"]}, validate=False),
    "merge": lambda attio: attio.companies.merge(ID, ID.replace("1", "2"), wait=False),
}
EVERYTHING = {**READS, **IDENTIFY, **WRITES}
NEED_DATA = {**READS, **WRITES}


@attrs.frozen
class Bad:
    """A response and the error it raises; `write` is the error of an unsafe write, if it is another one."""

    status: int
    body: bytes
    error: type[AttioError]
    write: type[AttioError] | None = None
    headers: Mapping[str, str] = attrs.field(factory=lambda: dict(JSON))
    calls: Mapping[str, Call] = attrs.field(default=EVERYTHING)


def body(
    code: object = "x", type: object = "invalid_request_error", message: object = "No.", **more: Any
) -> bytes:
    return json.dumps({"status_code": 400, "type": type, "code": code, "message": message, **more}).encode()


html = {"content-type": "text/html"}
BAD: Mapping[str, Bad] = {
    # Bodies that are not JSON.
    "a page with status 200": Bad(200, HTML, DecodeError, headers=html),
    "a page with status 400": Bad(400, HTML, BadRequest, headers=html),
    "a page with status 502": Bad(502, HTML, ServerError, OutcomeUnknown, html),
    "a page with status 520": Bad(520, HTML, ServerError, OutcomeUnknown, html),
    "a page with status 429": Bad(429, HTML, RateLimited, headers=html),
    "nothing with status 200": Bad(200, b"", DecodeError),
    "nothing with status 204": Bad(204, b"", DecodeError, headers={}),
    "nothing with status 403": Bad(403, b"", PermissionDenied),
    "nothing with status 500": Bad(500, b"", ServerError, OutcomeUnknown),
    "JSON cut short": Bad(200, b'{"data": [{"id": {"rec', DecodeError),
    "JSON with something behind it": Bad(200, b'{"data": []} OK', DecodeError),
    "JSON cut short in a refusal": Bad(400, b'{"status_code": 400, "mess', BadRequest),
    "JSON as text": Bad(200, b'{"data": 1, nope}', DecodeError, headers={"content-type": "text/plain"}),
    "a byte order mark": Bad(200, b'\xef\xbb\xbf{"data": {}}', DecodeError),
    "bytes that are no UTF-8": Bad(200, b'{"data": {"values": {"\xff\xfe": [1]}, "x": "\xff"}}', DecodeError),
    "bytes that are no UTF-8 in a refusal": Bad(404, b'{"message": "\xff\xfe"}', NotFound),
    "UTF-16": Bad(200, '{"data": {}}'.encode("utf-16"), DecodeError),
    "NaN": Bad(200, b'{"data": NaN}', DecodeError),
    "half a surrogate pair": Bad(200, b'{"data": {"values": {"n": ["\\ud800"]}}}', DecodeError),
    "wrongly compressed": Bad(200, b"no gzip", ConnectionFailed, OutcomeUnknown, {"content-encoding": "gzip"}),
    # JSON of another shape.
    "null": Bad(200, b"null", DecodeError),
    "a list": Bad(200, b"[1, 2]", DecodeError),
    "a number": Bad(200, b"12", DecodeError),
    "a text": Bad(200, b'"fine"', DecodeError),
    "no data": Bad(200, b"{}", DecodeError, calls=NEED_DATA),
    "data is null": Bad(200, b'{"data": null}', DecodeError, calls=NEED_DATA),
    "data is a number": Bad(200, b'{"data": 3}', DecodeError, calls=NEED_DATA),
    "data is a text": Bad(200, b'{"data": "x"}', DecodeError, calls=NEED_DATA),
    "data is a list of nulls": Bad(200, b'{"data": [null]}', DecodeError, calls=NEED_DATA),
    "values is a list": Bad(
        200, b'{"data": {"values": [1]}}', DecodeError, calls={"get": READS["get"], "create": WRITES["create"]}
    ),
    "nested without end": Bad(200, b'{"data": ' + DEEP + b"}", DecodeError),
    "nested without end in a refusal": Bad(400, b'{"message": ' + DEEP + b"}", BadRequest),
    "a number of 10,000 digits": Bad(200, b'{"data": ' + HUGE + b"}", DecodeError),
    "30 MB": Bad(200, b"x" * 30_000_000, DecodeError, calls={"get": READS["get"], **IDENTIFY}),
    "30 MB in a refusal": Bad(400, b"x" * 30_000_000, BadRequest, calls={"get": READS["get"]}),
    # Errors with odd bodies.
    "statusCode": Bad(409, b'{"statusCode": 409, "type": "t", "code": "slug_conflict", "message": "m"}', Conflict),
    "an unknown code": Bad(418, body("teapot"), BadRequest),
    "an unknown type": Bad(403, body("strange", "strange_error"), PermissionDenied),
    "a code with another status": Bad(400, body("uniqueness_conflict"), UniquenessConflict),
    "a code over its type": Bad(403, body("billing_error", "auth_error"), BillingLimit),
    "a merge with status 400": Bad(400, body("merge_in_progress"), MergeInProgress),
    "a scope with status 401": Bad(401, body("x", "auth_error", "This needs the scope a:b."), PermissionDenied),
    "a token with status 400": Bad(400, body("unauthorized", "auth_error"), AuthenticationFailed),
    "a rate with status 400": Bad(400, body("x", "rate_limit_error"), RateLimited),
    "an attribute of a filter": Bad(400, body("unknown_filter_attribute_slug"), ValueNotFound),
    "code and type of other kinds": Bad(400, body(12, ["x"], {"a": 1}), BadRequest),
    "everything null": Bad(400, body(None, None, None), BadRequest),
    "a refusal that is a list": Bad(400, b'["no"]', BadRequest),
    "a refusal that is null": Bad(404, b"null", NotFound),
    "errors as a text": Bad(400, body(validation_errors="all of it"), BadRequest),
    "errors of other kinds": Bad(400, body(validation_errors=[1, None, "x", [], {}]), BadRequest),
    "errors with odd paths": Bad(
        400,
        body(validation_errors=[{"path": 3}, {"path": "a.b"}, {"path": [0, None]}, {"message": ["x"]}, {"path": {}}]),
        BadRequest,
    ),
    "a thousand errors": Bad(
        400, body(validation_errors=[{"path": ["a"], "message": "m" * 5000}] * 1000), BadRequest
    ),
    "a message of a megabyte": Bad(400, body(message="m" * 1_000_000), BadRequest),
    # Odd statuses and headers.
    "a redirect": Bad(302, b"", APIError, headers={"location": "https://elsewhere.example.com/login"}),
    "not modified": Bad(304, b"", APIError, headers={}),
    "a status below 200": Bad(199, b"", APIError),
    "499": Bad(499, b"", BadRequest),
    "599": Bad(599, b"", ServerError),
    "a wait in words": Bad(429, body(), RateLimited, headers={"retry-after": "a while"}),
    "a wait without end": Bad(429, body(), RateLimited, headers={"retry-after": "9" * 400}),
    "a wait that is not a number": Bad(429, body(), RateLimited, headers={"retry-after": "nan"}),
    "a wait in the past": Bad(429, body(), RateLimited, headers={"retry-after": "Mon, 01 Jan 0001 00:00:00 GMT"}),
    "a date that cannot be read": Bad(429, body(), RateLimited, headers={"date": "tomorrow", "retry-after": "-1"}),
}  # fmt: skip


def responding(bad: Bad) -> Scripted:
    http = Scripted(retry=RetryPolicy(attempts=2, rate_limit_attempts=2))
    ok = httpx.Response(200, json={"data": [{"api_slug": "name", "type": "text"}]})
    http.router.get(path__regex=r"/attributes$").mock(return_value=ok)

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(bad.status, headers=bad.headers, content=bad.body)

    http.router.route().mock(side_effect=answer)
    return http


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_every_malformed_response_raises_the_documented_error(anyio_backend: str) -> None:
    misfits = {}
    for what, bad in BAD.items():
        for name, call in bad.calls.items():
            http = responding(bad)
            error = await async_error_of(call, http.attio)
            unsafe = bad.write or (OutcomeUnknown if bad.error is DecodeError else bad.error)
            expected = unsafe if name in WRITES else bad.error
            if (
                type(error) is not expected
                or not 0 < len(str(error)) < 60_000
                or TOKEN in repr(vars(error)) + str(error)
                or type(pickle.loads(pickle.dumps(error))) is not type(error)
            ):
                misfits[what, name] = error
    assert not misfits


async def test_an_error_without_a_message_has_a_short_excerpt() -> None:
    http = responding(Bad(404, HTML, NotFound, headers=html))
    with pytest.raises(NotFound) as caught:
        await http.attio.tasks.get(ID)
    text = str(caught.value)
    assert text.startswith(f"GET /v2/tasks/{ID}: 404: <!DOCTYPE html>")
    assert len(text) < 300
    assert caught.value.response is not None
    assert caught.value.response.body == HTML


async def test_the_body_of_a_large_error_is_cut() -> None:
    http = responding(Bad(400, b"x" * 1_000_000, BadRequest))
    with pytest.raises(BadRequest) as caught:
        await http.attio.tasks.get(ID)
    assert caught.value.response is not None
    assert len(caught.value.response.body) == 65_536


ODD_SCHEMAS = [b"null", b'{"data": [null, 3]}', b'{"data": {"a": 1}}', b'{"data": "abc"}', HTML, b"", DEEP]


async def test_records_are_read_although_their_schema_is_malformed() -> None:
    record = {"id": {"record_id": ID}, "values": {"name": [{"attribute_type": "text", "value": "Acme"}]}}
    for odd in ODD_SCHEMAS:
        http = Scripted()
        http.router.get(path__regex=r"/attributes$").mock(return_value=httpx.Response(200, content=odd))
        http.router.get(f"/v2/objects/companies/records/{ID}").mock(
            return_value=httpx.Response(200, json={"data": record})
        )
        found = await http.attio.companies.get(ID)
        assert found["name"] == "Acme"
        with pytest.raises(DecodeError):
            await http.attio.schema("companies")


async def test_malformed_options_and_members_are_ignored() -> None:
    http = Scripted()
    attributes = [
        {"api_slug": "stage", "type": "status"},
        {"api_slug": "owner", "type": "actor-reference"},
        {"api_slug": 5, "id": None, "title": [], "type": {}, "config": "x"},
    ]
    http.router.get("/v2/objects/deals/attributes").mock(
        return_value=httpx.Response(200, json={"data": attributes})
    )
    http.router.get(path__regex=r"/statuses$").mock(return_value=httpx.Response(200, json={"data": [3]}))
    members = [{"id": 3, "email_address": 5, "first_name": ["x"]}, {}]
    http.router.get("/v2/workspace_members").mock(return_value=httpx.Response(200, json={"data": members}))
    created = http.router.post("/v2/objects/deals/records").mock(
        return_value=httpx.Response(200, json={"data": {"id": 3, "values": None, "created_at": 12}})
    )
    deal = await http.attio.deals.create({"stage": "Won"})
    assert (deal.id, deal.created_at, dict(deal)) == ("", None, {})
    assert json.loads(created.calls[0].request.content)["data"]["values"]["stage"]
    with pytest.raises(ValueError, match="owner"):
        await http.attio.deals.create({"owner": "Nobody Known"})


def numbered(raw: str) -> bytes:
    value = f'[{{"attribute_type": "number", "value": {raw}}}]'
    return (
        f'{{"data": {{"id": {{"record_id": "{ID}"}}, "values": {{"size": {value}, "name": null}}}}}}'.encode()
    )


async def test_a_number_out_of_range_leaves_the_rest_readable() -> None:
    for raw in ("1e999", "9" * 5000, "1.5e99999999999999999999", "-1.5e-99999999999999999999"):
        http = Scripted()
        http.router.get(path__regex=r"/attributes$").mock(
            return_value=httpx.Response(200, json={"data": [{"api_slug": "size", "type": "number"}]})
        )
        http.router.get(path__regex=r"/records/").mock(
            return_value=httpx.Response(200, content=numbered(raw))
        )
        found = await http.attio.companies.get(ID)
        assert found.id == ID
        assert found.all("name") == []
        assert found["size"] is not None
        assert found == await http.attio.companies.get(ID)
        assert set(found.raw["values"]) == {"size", "name"}


async def test_the_last_of_two_equal_keys_counts() -> None:
    http = Scripted()
    http.router.get("/v2/self").mock(
        return_value=httpx.Response(200, content=b'{"active": false, "active": true, "workspace_name": "W"}')
    )
    assert (await http.attio.identify()).workspace_name == "W"


def record_page(_: httpx.Request) -> httpx.Response:
    page = [{"id": {"record_id": str(number)}, "values": {}} for number in range(500)]
    return httpx.Response(200, json={"data": page})


async def test_a_server_that_repeats_a_page_raises_an_error() -> None:
    http = Scripted()
    http.router.get(path__regex=r"/attributes$").mock(return_value=httpx.Response(200, json={"data": []}))
    route = http.router.post("/v2/objects/companies/records/query").mock(side_effect=record_page)
    with pytest.raises(DecodeError, match="3 pages without a new result"):
        await http.attio.companies.query()
    assert route.call_count < 6


async def test_repeated_cursors_raise_an_error() -> None:
    http = Scripted()

    def page(request: httpx.Request) -> httpx.Response:
        following = "b" if request.url.params.get("cursor") == "a" else "a"
        return httpx.Response(200, json={"data": [], "pagination": {"next_cursor": following}})

    route = http.router.get("/v2/meetings").mock(side_effect=page)
    with pytest.raises(DecodeError, match="a cursor a second time"):
        await http.attio.meetings.list()
    assert route.call_count < 6


async def test_a_server_that_repeats_attributes_is_asked_twice() -> None:
    http = Scripted()
    page = [{"api_slug": f"a{number}"} for number in range(500)]
    route = http.router.get("/v2/objects/companies/attributes").mock(
        return_value=httpx.Response(200, json={"data": page})
    )
    assert len((await http.attio.schema("companies")).attributes) == 500
    assert route.call_count == 2


async def test_a_value_that_is_not_utf_8_leaves_the_rest_readable() -> None:
    http = Scripted()
    http.router.get(path__regex=r"/attributes$").mock(
        return_value=httpx.Response(200, json={"data": [{"api_slug": "a"}, {"api_slug": "b"}]})
    )
    values = b'{"a": [{"attribute_type": "text", "value": "\xff!"}], "b": [{"attribute_type": "text", "value": "\xc3\xbc"}]}'
    http.router.get(path__regex=r"/records/").mock(
        return_value=httpx.Response(200, content=b'{"data": {"values": ' + values + b"}}")
    )
    found = await http.attio.companies.get(ID)
    assert dict(found) == {"a": "\N{REPLACEMENT CHARACTER}!", "b": "\N{LATIN SMALL LETTER U WITH DIAERESIS}"}
    assert found.raw["values"]["b"][0]["value"] == "\N{LATIN SMALL LETTER U WITH DIAERESIS}"
