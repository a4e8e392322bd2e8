"""A large page read in parts: the same results, with other tasks running in between."""

import gzip
import hashlib
import json
from typing import Any

import anyio
import anyio.lowlevel
import httpx
import msgspec
import pytest

from attio_async import Attio
from attio_async._transport.gzip import Packed
from attio_async._transport.messages import Request, Response
from attio_async._workspace.page_reader import PageReader
from attio_async.errors import ConnectionFailed, DecodeError
from attio_async_api.operations import QUERY_RECORDS

pytestmark = pytest.mark.anyio
REQUEST = Request(method="POST", path="/v2/objects/people/records/query", is_page=True)


def read(body: bytes) -> list[Any]:
    return msgspec.json.decode(body)["data"]


def compact(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def people(count: int, first: int = 0) -> bytes:
    data = [
        {"id": {"workspace_id": "w", "n": number}, "text": f"{number**99:x}" * 6}
        for number in range(first, first + count)
    ]
    return compact({"data": data})


def packed(body: bytes, *, damaged: bool = False) -> Response:
    whole = gzip.compress(body, 1)
    return Response(status=200, headers={}, body=Packed([whole[:-8] + bytes(8) if damaged else whole]))


class Responses:
    """A session that sends these responses."""

    def __init__(self, *responses: Response) -> None:
        self.left = list(responses)

    async def send(self, *_: object) -> Response:
        await anyio.lowlevel.checkpoint()
        return self.left.pop(0)

    def parts(self) -> PageReader[Any]:
        session: Any = self
        return PageReader(session, QUERY_RECORDS, REQUEST, self.left.pop(0), read)


async def numbers(parts: PageReader[Any]) -> list[int]:
    return [each["id"]["n"] async for part in parts for each in part]


async def test_the_parts_are_the_whole_page() -> None:
    for count in (0, 1, 3, 700):
        body = people(count)
        for response in (packed(body), Response(status=200, headers={}, body=body)):
            assert await numbers(Responses(response).parts()) == list(range(count))
            assert len(await Responses(response).parts().all()) == count
    parts = [part async for part in Responses(packed(people(700))).parts()]
    assert len(parts) > 5


async def test_other_tasks_run_while_a_page_is_read() -> None:
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await anyio.lowlevel.checkpoint()

    async with anyio.create_task_group() as group:
        group.start_soon(other)
        parts = [part async for part in Responses(packed(people(3000))).parts()]
        group.cancel_scope.cancel()
    assert len(parts) > 10
    assert turns > len(parts) / 3  # trio schedules tasks in random order


async def test_parts_are_decoded_as_they_are_asked_for() -> None:
    seen = 0

    def counted(body: bytes) -> list[Any]:
        nonlocal seen
        found = read(body)
        seen += len(found)
        return found

    session: Any = Responses()
    parts = PageReader(session, QUERY_RECORDS, REQUEST, packed(people(3000)), counted)
    first = await anext(parts)
    assert 0 < len(first) == seen < 300


async def test_a_page_that_is_cut_inside_an_object_is_read_whole() -> None:
    inner = [{"id": {"workspace_id": "w", "text": "x" * 50_000}} for _ in range(20)]
    right = [{"id": {"workspace_id": "w", "n": number}, "text": "x" * 1000} for number in range(200)]
    data = [*right, {"id": {"workspace_id": inner}}, *right]
    body = compact({"data": data})
    assert await Responses(packed(body)).parts().all() == data
    with pytest.raises(DecodeError):
        await Responses(packed(body[:-9])).parts().all()


async def test_a_damaged_page_is_requested_again_and_returns_nothing_twice() -> None:
    responses = Responses(packed(people(700), damaged=True), packed(people(700)))
    assert await numbers(responses.parts()) == list(range(700))
    assert responses.left == []


async def test_the_second_response_may_be_cut_elsewhere() -> None:
    other = compact({"data": [{**each, "text": each["text"] * 3} for each in read(people(700))]})
    responses = Responses(packed(people(700), damaged=True), packed(other))
    assert await numbers(responses.parts()) == list(range(700))


async def test_a_page_that_is_damaged_twice_is_an_error() -> None:
    responses = Responses(
        packed(people(700), damaged=True), packed(people(700), damaged=True), packed(people(700))
    )
    with pytest.raises(ConnectionFailed, match="damaged") as caught:
        await responses.parts().all()
    assert caught.value.sent
    assert len(responses.left) == 1


async def test_the_second_request_may_be_cancelled() -> None:
    responses = Responses(packed(people(700), damaged=True), packed(people(700)))
    parts, found = responses.parts(), list[int]()
    for steps in range(60):
        with anyio.CancelScope() as scope:
            async with anyio.create_task_group() as group:
                group.start_soon(_cancel_after, steps % 4, scope)
                async for part in parts:
                    found += [each["id"]["n"] for each in part]
                group.cancel_scope.cancel()
    assert found == list(range(700))


async def _cancel_after(steps: int, scope: anyio.CancelScope) -> None:
    for _ in range(steps):
        await anyio.lowlevel.checkpoint()
    scope.cancel()


# Through the client


def digits(number: int) -> str:
    """Return a text that does not compress well."""
    return hashlib.shake_256(str(number).encode()).hexdigest(200)


RECORDS = [
    {
        "id": {"record_id": f"{number:08x}"},
        "values": {"name": [{"value": digits(number), "attribute_type": "text"}]},
    }
    for number in range(500)
]
PAGE = gzip.compress(json.dumps({"data": RECORDS}, separators=(",", ":")).encode())
DAMAGED = PAGE[:-8] + bytes(8)


class QueryServer:
    """A server that answers queries with these bodies, and knows no attributes."""

    def __init__(self, *bodies: bytes) -> None:
        self.bodies = list(bodies)

    async def respond(self, request: httpx.Request) -> httpx.Response:
        if not request.url.path.endswith("/query"):
            return httpx.Response(200, json={"data": []})
        headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
        body = self.bodies.pop(0)

        async def pieces():
            for start in range(0, len(body), 16_000):
                yield body[start : start + 16_000]

        return httpx.Response(200, headers=headers, content=pieces())


async def test_a_compressed_page_is_read_whole() -> None:
    assert len(PAGE) > 40_000
    for bodies in ([PAGE], [DAMAGED, PAGE]):
        server = QueryServer(*bodies)
        async with Attio("x", transport=httpx.MockTransport(server.respond)) as attio:
            page = await attio.people.query(page_size=500).page()
        assert [record.id for record in page.items] == [record["id"]["record_id"] for record in RECORDS]
        assert page.items[7].first("name") == RECORDS[7]["values"]["name"][0]["value"]
        assert server.bodies == []


async def test_a_compressed_page_that_is_damaged_twice_is_an_error() -> None:
    server = QueryServer(DAMAGED, DAMAGED, PAGE)
    async with Attio("x", transport=httpx.MockTransport(server.respond)) as attio:
        with pytest.raises(
            ConnectionFailed, match=r"POST /v2/objects/people/records/query: .*damaged"
        ) as caught:
            await attio.people.query(page_size=500)
    assert caught.value.sent
    assert server.bodies == [PAGE]
