"""A connection over a scripted wire: which responses it reads, and which errors it raises."""

import math
import socket
import ssl
from collections.abc import AsyncIterator

import anyio
import httpcore
import pytest
from trio.testing import MockClock

from attio_async._transport import sockets
from attio_async._transport.connection import (
    Connection,
    Origin,
    Timeouts,
)
from attio_async._transport.free_list import FreeList
from attio_async._transport.http1 import head_of
from attio_async._transport.sockets import Deadline, SocketStream
from tests.support import async_error_of

pytestmark = pytest.mark.anyio

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
HEADERS = [(b"Host", b"api.example.com")]
ORIGIN = Origin(b"http", b"api.example.com", 80)

in_virtual_time = pytest.mark.parametrize(
    "anyio_backend", [("trio", {"clock": MockClock(autojump_threshold=0)})], ids=["trio"]
)


class Wire:
    """Returns one item of its script per read: bytes as they are, a number as a wait, an exception by raising it."""

    def __init__(self, *script: bytes | float | Exception, breaks: Exception | None = None) -> None:
        self.script = list(script)
        self.breaks = breaks
        self.sent: list[bytes] = []
        self.closed = False
        self.is_readable = False
        self.deadline = Deadline(anyio.current_time)

    async def receive(self, max_bytes: int = 65536) -> bytes:
        await anyio.lowlevel.checkpoint()
        with anyio.CancelScope(deadline=self.deadline.at):
            return await self.next_piece()
        raise self.deadline.passed()

    async def next_piece(self) -> bytes:
        while self.script:
            piece = self.script.pop(0)
            if isinstance(piece, Exception):
                raise piece
            if isinstance(piece, bytes):
                return piece
            await anyio.sleep(piece)
        return b""

    async def send(self, data: bytes) -> None:
        await anyio.lowlevel.checkpoint()
        if self.breaks is not None:
            raise self.breaks
        self.sent.append(data)

    def has_data(self) -> bool:
        return self.is_readable

    def close(self) -> None:
        self.closed = True


async def exchange(
    wire: Wire, method: bytes = b"GET", content: bytes | None = None
) -> tuple[int, bytes, bool]:
    """Return the status and body of the response, and whether the connection can be reused."""
    connection = Connection(wire)
    headers = HEADERS + ([] if content is None else [(b"Content-Length", b"%d" % len(content))])
    response, pieces = await connection.exchange(head_of(method, b"/v2/self", headers), content, 5.0)
    return response.status, b"".join(pieces), connection.is_done()


async def test_head_and_body_are_sent_in_one_write() -> None:
    wire = Wire(OK)
    assert await exchange(wire, b"POST", b'{"data":1}') == (200, b"{}", True)
    assert wire.sent == [
        b'POST /v2/self HTTP/1.1\r\nHost: api.example.com\r\nContent-Length: 10\r\n\r\n{"data":1}'
    ]


async def test_responses_end_as_http_defines_it() -> None:
    cases: list[tuple[list[bytes], bytes, tuple[int, bytes, bool]]] = [
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
        ([OK + OK], b"GET", (200, b"{}", False)),  # the second response is unsolicited
    ]
    misfits = {}
    for pieces, method, expected in cases:
        found = await exchange(Wire(*pieces), method)
        if found != expected:
            misfits[method, *pieces] = found
    assert not misfits


async def test_incomplete_responses_raise_errors() -> None:
    cases: list[tuple[list[bytes | Exception], type[Exception]]] = [
        ([], httpcore.RemoteProtocolError),
        ([OK[:20]], httpcore.RemoteProtocolError),
        ([OK[:-1]], httpcore.RemoteProtocolError),
        ([b"What do you mean?\r\n\r\n"], httpcore.RemoteProtocolError),
        ([BrokenPipeError()], httpcore.ReadError),
        ([OK[:-1], ConnectionResetError()], httpcore.ReadError),
        ([ssl.SSLError("bad record mac")], httpcore.ReadError),
    ]
    found = [type(await async_error_of(exchange, Wire(*script))) for script, _ in cases]
    assert found == [error for _, error in cases]


async def test_a_response_before_the_end_of_the_request_counts() -> None:
    rejection = OK.replace(b"200 OK", b"413 Too Large")
    assert await exchange(Wire(rejection, breaks=BrokenPipeError()), b"POST", b"{}") == (
        413,
        b"{}",
        False,
    )
    wire, asked = Wire(rejection, breaks=BrokenPipeError()), []

    async def pieces() -> AsyncIterator[bytes]:
        asked.append("the body")
        yield b"{}"

    connection = Connection(wire)
    await connection.send(head_of(b"POST", b"/", [*HEADERS, (b"Content-Length", b"2")]), pieces(), None)
    assert (await connection.response(None)).status == 413
    assert asked == []


async def test_a_body_of_another_length_than_stated_is_rejected() -> None:
    for length in (b"3", b"1"):
        head = head_of(b"POST", b"/", [*HEADERS, (b"Content-Length", length)])
        with pytest.raises(httpcore.LocalProtocolError):
            await Connection(Wire(OK)).exchange(head, b"{}", None)


async def test_an_invalid_header_is_rejected() -> None:
    with pytest.raises(httpcore.LocalProtocolError):
        head_of(b"GET", b"/", [*HEADERS, (b"X-Mine", b"a\nb")])


@in_virtual_time
async def test_a_timeout_starts_anew_with_each_read() -> None:
    slow: list[bytes | float] = []
    for start in range(0, len(OK), 5):
        slow += [4.0, OK[start : start + 5]]
    assert await exchange(Wire(*slow)) == (200, b"{}", True)
    with pytest.raises(httpcore.ReadTimeout, match="5 s"):
        await exchange(Wire(OK[:10], 4.0, OK[10:20], 5.5, OK[20:]))


@in_virtual_time
async def test_a_response_that_drips_ends_after_ten_timeouts() -> None:
    drip: list[bytes | float] = [b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"]
    for _ in range(100):
        drip += [1.0, b" "]
    start = anyio.current_time()
    with pytest.raises(httpcore.ReadTimeout, match="more than 50 s"):
        await exchange(Wire(*drip))
    assert anyio.current_time() - start == pytest.approx(50)


async def test_informational_responses_are_bounded() -> None:
    hint = b"HTTP/1.1 103 Early Hints\r\n\r\n"
    assert await exchange(Wire(*[hint] * 19, OK)) == (200, b"{}", True)
    with pytest.raises(httpcore.RemoteProtocolError, match="informational"):
        await exchange(Wire(*[hint] * 1000, OK))


@in_virtual_time
async def test_each_part_of_a_large_body_that_is_taken_counts_as_progress() -> None:
    class SlowWire(Wire):
        async def send(self, data: bytes) -> None:
            await anyio.sleep(4.0)
            await super().send(data)

    body = b"x" * 5_000_000
    wire, start = SlowWire(OK), anyio.current_time()
    assert await exchange(wire, b"POST", body) == (200, b"{}", True)
    assert b"".join(wire.sent).endswith(b"\r\n\r\n" + body)
    assert anyio.current_time() - start > 60


@in_virtual_time
async def test_no_timeout_waits_for_ever() -> None:
    connection = Connection(Wire(10**6, OK))
    assert (await connection.exchange(head_of(b"GET", b"/", HEADERS), None, None))[1] == [b"{}"]


@in_virtual_time
async def test_a_connection_that_takes_too_long_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)

    async def connected(_: object) -> socket.socket:
        return ours

    monkeypatch.setattr(sockets, "_connected", connected)
    start = anyio.current_time()
    with theirs, pytest.raises(httpcore.ConnectTimeout):
        await Connection.opened(Origin(b"https", b"192.0.2.1", 443), ssl.create_default_context(), 3.0)
    assert anyio.current_time() - start == pytest.approx(3.0)
    assert ours.fileno() == -1


@in_virtual_time
async def test_an_idle_connection_is_reusable_for_15_seconds() -> None:
    connection = Connection(Wire(OK))
    await connection.exchange(head_of(b"GET", b"/", HEADERS), None, None)
    assert connection.is_done()
    assert connection.is_reusable()
    await anyio.sleep(14)
    assert connection.is_reusable()
    await anyio.sleep(2)
    assert not connection.is_reusable()


async def test_a_connection_with_unsolicited_data_or_closed_by_the_server_is_not_reusable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        "attio_async._transport.connection._IDLE_TIMEOUT_S", math.inf
    )  # on a busy machine, too
    for unsolicited in (b"HTTP/1.1 408 Request Timeout\r\n\r\n", b""):
        ours, theirs = socket.socketpair()
        with ours, theirs:
            ours.setblocking(False)
            theirs.sendall(OK)
            connection = Connection(SocketStream(ours))
            await connection.exchange(head_of(b"GET", b"/", HEADERS), None, None)
            assert connection.is_reusable()
            if unsolicited:
                theirs.send(unsolicited)
            else:
                theirs.close()
            assert not connection.is_reusable()
        assert not connection.is_reusable()


async def test_a_cancelled_exchange_closes_its_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wire = Wire(math.inf)

    async def opened(*_: object) -> Connection:
        return Connection(wire)

    monkeypatch.setattr(Connection, "opened", opened)
    connections = FreeList(ssl.create_default_context())
    with anyio.move_on_after(0.01) as scope:
        await connections.exchange(ORIGIN, head_of(b"GET", b"/", HEADERS), None, Timeouts(read=60.0))
    assert scope.cancelled_caught
    assert wire.closed


async def test_a_response_after_the_list_was_closed_is_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    wire = Wire(0.01, OK)

    async def opened(*_: object) -> Connection:
        return Connection(wire)

    monkeypatch.setattr(Connection, "opened", opened)
    connections, responses = FreeList(ssl.create_default_context()), []

    async def ask() -> None:
        responses.append(await connections.exchange(ORIGIN, head_of(b"GET", b"/", HEADERS), None, Timeouts()))

    async with anyio.create_task_group() as group:
        group.start_soon(ask)
        await anyio.lowlevel.checkpoint()
        await connections.aclose()
    assert len(responses) == 1
    assert wire.closed
