"""A long list in parts: the same results, turns for others in between, and nothing given twice or left out."""

import gzip
import json
from typing import Any

import anyio
import anyio.lowlevel
import msgspec
import pytest

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
    whole = gzip.compress(body)
    return Response(status=200, headers={}, body=Packed([whole[:-8] + bytes(8) if damaged else whole]))


class Server:
    """A wire that answers with these."""

    def __init__(self, *answers: Response) -> None:
        self.answers = list(answers)

    async def send(self, *_: object) -> Response:
        await anyio.lowlevel.checkpoint()
        return self.answers.pop(0)

    def parts(self) -> PageReader[Any]:
        session: Any = self
        return PageReader(session, QUERY_RECORDS, REQUEST, self.answers.pop(0), read)


async def numbers(parts: PageReader[Any]) -> list[int]:
    return [each["id"]["n"] async for part in parts for each in part]


@pytest.mark.parametrize("count", [0, 1, 3, 700])
async def test_the_parts_are_the_whole(count: int) -> None:
    body = people(count)
    for response in (packed(body), Response(status=200, headers={}, body=body)):
        assert await numbers(Server(response).parts()) == list(range(count))
        assert len(await Server(response).parts().all()) == count
    several = [part async for part in Server(packed(people(700))).parts()]
    assert len(several) > 5


async def test_others_have_their_turns_while_a_long_list_is_read() -> None:
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await anyio.lowlevel.checkpoint()

    async with anyio.create_task_group() as group:
        group.start_soon(other)
        several = [part async for part in Server(packed(people(3000))).parts()]
        group.cancel_scope.cancel()
    assert len(several) > 10
    assert turns > len(several) / 3  # trio does not say whose turn is next


async def test_what_is_read_is_unpacked_no_sooner() -> None:
    seen = 0

    def counted(body: bytes) -> list[Any]:
        nonlocal seen
        found = read(body)
        seen += len(found)
        return found

    session: Any = Server()
    parts = PageReader(session, QUERY_RECORDS, REQUEST, packed(people(3000)), counted)
    first = await anext(parts)
    assert 0 < len(first) == seen < 300


async def test_an_answer_cut_in_the_wrong_place_is_read_whole() -> None:
    inner = [{"id": {"workspace_id": "w", "text": "x" * 50_000}} for _ in range(20)]
    right = [{"id": {"workspace_id": "w", "n": number}, "text": "x" * 1000} for number in range(200)]
    data = [*right, {"id": {"workspace_id": inner}}, *right]
    body = compact({"data": data})
    assert await Server(packed(body)).parts().all() == data
    with pytest.raises(DecodeError):
        await Server(packed(body[:-9])).parts().all()


async def test_a_damaged_answer_is_asked_for_once_more_and_gives_nothing_twice() -> None:
    server = Server(packed(people(700), damaged=True), packed(people(700)))
    assert await numbers(server.parts()) == list(range(700))
    assert server.answers == []


async def test_the_second_answer_may_be_cut_elsewhere() -> None:
    other = compact({"data": [{**each, "text": each["text"] * 3} for each in read(people(700))]})
    server = Server(packed(people(700), damaged=True), packed(other))
    assert await numbers(server.parts()) == list(range(700))


async def test_an_answer_that_is_damaged_twice_is_none() -> None:
    server = Server(packed(people(700), damaged=True), packed(people(700), damaged=True), packed(people(700)))
    with pytest.raises(ConnectionFailed, match="damaged") as caught:
        await server.parts().all()
    assert caught.value.sent
    assert len(server.answers) == 1


async def test_asking_again_may_be_cancelled() -> None:
    server = Server(packed(people(700), damaged=True), packed(people(700)))
    parts, found = server.parts(), list[int]()
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
