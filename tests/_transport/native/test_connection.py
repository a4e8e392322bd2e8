"""What a connection makes of what comes over the wire, with a wire that does as it is told."""

import math
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from types import SimpleNamespace
from typing import Any

import anyio
import httpcore
import pytest
from anyio.abc import ByteStream, SocketAttribute
from trio.testing import MockClock

from attio_async._transport.native.connection import (
    Connection,
    Origin,
    Timeouts,
    head_of,
)
from attio_async._transport.native.free_list import FreeList

pytestmark = pytest.mark.anyio

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
HEADERS = [(b"Host", b"api.example")]
PLACE = Origin(b"http", b"api.example", 80)

in_virtual_time = pytest.mark.parametrize(
    "anyio_backend", [("trio", {"clock": MockClock(autojump_threshold=0)})], ids=["trio"]
)


class Wire(ByteStream):
    """Gives each piece of its script when asked; a number is a wait, an exception is raised, after the last is the end."""

    def __init__(self, *script: bytes | float | Exception, breaks: Exception | None = None) -> None:
        self.script = list(script)
        self.breaks = breaks
        self.sent: list[bytes] = []
        self.closed = False
        self.socket: Any = SimpleNamespace(fileno=lambda: -1)

    @property
    def extra_attributes(self) -> Mapping[Any, Callable[[], Any]]:
        return {SocketAttribute.raw_socket: lambda: self.socket}

    async def receive(self, max_bytes: int = 65536) -> bytes:
        await anyio.lowlevel.checkpoint()
        while self.script:
            piece = self.script.pop(0)
            if isinstance(piece, Exception):
                raise piece
            if isinstance(piece, bytes):
                return piece
            await anyio.sleep(piece)
        raise anyio.EndOfStream

    async def send(self, item: bytes) -> None:
        await anyio.lowlevel.checkpoint()
        if self.breaks is not None:
            raise self.breaks
        self.sent.append(item)

    async def send_eof(self) -> None:
        raise AssertionError

    async def aclose(self) -> None:
        self.closed = True


async def exchange(
    session: Wire, method: bytes = b"GET", content: bytes | None = None
) -> tuple[int, bytes, bool]:
    """The status and body of the answer, and whether the connection can be used again."""
    connection = Connection(session)
    headers = HEADERS + ([] if content is None else [(b"Content-Length", b"%d" % len(content))])
    answer, pieces = await connection.exchange(head_of(method, b"/v2/self", headers), content, 5.0)
    return answer.status_code, b"".join(pieces), connection.start_next_cycle()


async def test_head_and_body_leave_together() -> None:
    session = Wire(OK)
    assert await exchange(session, b"POST", b'{"data":1}') == (200, b"{}", True)
    assert session.sent == [
        b'POST /v2/self HTTP/1.1\r\nHost: api.example\r\nContent-Length: 10\r\n\r\n{"data":1}'
    ]


@pytest.mark.parametrize(
    ("pieces", "method", "expected"),
    [
        ([OK[:5], OK[5:40], OK[40:]], b"GET", (200, b"{}", True)),
        ([b"HTTP/1.1 103 Early Hints\r\n\r\n" + OK], b"GET", (200, b"{}", True)),
        ([b"HTTP/1.1 100 Continue\r\n\r\n", OK], b"GET", (200, b"{}", True)),
        ([b"HTTP/1.1 204 No Content\r\n\r\n"], b"DELETE", (204, b"", True)),
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"], b"HEAD", (200, b"", True)),
        (
            [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n", b"0\r\n\r\n"],
            b"GET",
            (200, b"{}", True),
        ),
        ([OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")], b"GET", (200, b"{}", False)),
        ([OK.replace(b"1.1", b"1.0")], b"GET", (200, b"{}", False)),
        ([b"HTTP/1.1 200 OK\r\n\r\n{", b"}"], b"GET", (200, b"{}", False)),
        ([OK + OK], b"GET", (200, b"{}", False)),  # nobody asked for the second
    ],
)
async def test_how_an_answer_ends(
    pieces: list[bytes], method: bytes, expected: tuple[int, bytes, bool]
) -> None:
    assert await exchange(Wire(*pieces), method) == expected


@pytest.mark.parametrize(
    ("script", "error"),
    [
        ([], httpcore.RemoteProtocolError),
        ([OK[:20]], httpcore.RemoteProtocolError),
        ([OK[:-1]], httpcore.RemoteProtocolError),
        ([b"What do you mean?\r\n\r\n"], httpcore.RemoteProtocolError),
        ([anyio.BrokenResourceError()], httpcore.ReadError),
        ([OK[:-1], anyio.ClosedResourceError()], httpcore.ReadError),
        ([ssl.SSLError("bad record mac")], httpcore.ReadError),
    ],
)
async def test_no_answer_or_no_whole_one(script: list[bytes | Exception], error: type[Exception]) -> None:
    with pytest.raises(error):
        await exchange(Wire(*script))


async def test_an_answer_to_what_the_server_would_not_hear_to_the_end() -> None:
    refusal = OK.replace(b"200 OK", b"413 Too Large")
    assert await exchange(Wire(refusal, breaks=anyio.BrokenResourceError()), b"POST", b"{}") == (
        413,
        b"{}",
        False,
    )
    session, asked = Wire(refusal, breaks=anyio.BrokenResourceError()), []

    async def pieces() -> AsyncIterator[bytes]:
        asked.append("the body")
        yield b"{}"

    connection = Connection(session)
    await connection.send(head_of(b"POST", b"/", [*HEADERS, (b"Content-Length", b"2")]), pieces(), None)
    assert (await connection.response(None)).status_code == 413
    assert asked == []


@pytest.mark.parametrize(("length", "content"), [(b"3", b"{}"), (b"1", b"{}")])
async def test_a_body_of_another_length_than_was_said(length: bytes, content: bytes) -> None:
    head = head_of(b"POST", b"/", [*HEADERS, (b"Content-Length", length)])
    with pytest.raises(httpcore.LocalProtocolError):
        await Connection(Wire(OK)).exchange(head, content, None)


async def test_a_header_that_cannot_be_sent() -> None:
    with pytest.raises(httpcore.LocalProtocolError):
        head_of(b"GET", b"/", [*HEADERS, (b"X-Mine", b"a\nb")])


@in_virtual_time
async def test_time_counts_from_the_last_that_arrived() -> None:
    slow: list[bytes | float] = []
    for byte in OK:
        slow += [4.0, bytes([byte])]
    assert await exchange(Wire(*slow)) == (200, b"{}", True)
    with pytest.raises(httpcore.ReadTimeout, match="5 s"):
        await exchange(Wire(OK[:10], 4.0, OK[10:20], 5.5, OK[20:]))


@in_virtual_time
async def test_without_a_limit_it_waits() -> None:
    connection = Connection(Wire(10**6, OK))
    assert (await connection.exchange(head_of(b"GET", b"/", HEADERS), None, None))[1] == [b"{}"]


@in_virtual_time
async def test_a_connection_that_is_never_made(monkeypatch: pytest.MonkeyPatch) -> None:
    wires: list[Wire] = []

    async def connect(host: str, port: int) -> Wire:
        wires.append(Wire(math.inf))
        return wires[-1]

    monkeypatch.setattr(anyio, "connect_tcp", connect)
    start = anyio.current_time()
    with pytest.raises(httpcore.ConnectTimeout):
        await Connection.opened(Origin(b"https", b"api.example", 443), ssl.create_default_context(), 3.0)
    assert anyio.current_time() - start == pytest.approx(3.0)
    assert wires[0].closed


@in_virtual_time
async def test_a_connection_is_alive_while_it_is_quiet_and_not_for_ever() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        session = Wire(OK)
        session.socket = ours
        connection = Connection(session)
        await connection.exchange(head_of(b"GET", b"/", HEADERS), None, None)
        assert connection.start_next_cycle()
        assert connection.is_reusable()
        await anyio.sleep(14)
        assert connection.is_reusable()
        await anyio.sleep(2)
        assert not connection.is_reusable()


@pytest.mark.parametrize("how", ["says something", "hangs up"])
async def test_a_connection_on_which_something_happens_unasked_is_dead(how: str) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        session = Wire(OK)
        session.socket = ours
        connection = Connection(session)
        await connection.exchange(head_of(b"GET", b"/", HEADERS), None, None)
        assert connection.is_reusable()
        if how == "hangs up":
            theirs.close()
        else:
            theirs.send(b"HTTP/1.1 408 Request Timeout\r\n\r\n")
        assert not connection.is_reusable()
    assert not connection.is_reusable()


async def test_cancelling_reaches_who_cancelled_and_closes_the_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    session = Wire(math.inf)

    async def opened(*_: object) -> Connection:
        return Connection(session)

    monkeypatch.setattr(Connection, "opened", opened)
    connections = FreeList(ssl.create_default_context())
    with anyio.move_on_after(0.01) as scope:
        await connections.exchange(PLACE, head_of(b"GET", b"/", HEADERS), None, Timeouts(read=60.0))
    assert scope.cancelled_caught
    assert session.closed


async def test_an_answer_after_the_list_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    session = Wire(0.01, OK)

    async def opened(*_: object) -> Connection:
        return Connection(session)

    monkeypatch.setattr(Connection, "opened", opened)
    connections, answers = FreeList(ssl.create_default_context()), []

    async def ask() -> None:
        answers.append(await connections.exchange(PLACE, head_of(b"GET", b"/", HEADERS), None, Timeouts()))

    async with anyio.create_task_group() as group:
        group.start_soon(ask)
        await anyio.lowlevel.checkpoint()
        await connections.aclose()
    assert len(answers) == 1
    assert session.closed
