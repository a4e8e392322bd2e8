"""Sockets and TLS: connecting, partial writes, reads that nobody waits for, cancellation."""

import errno
import gc
import math
import socket
import ssl
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import anyio
import pytest

from attio_async._transport import sockets
from attio_async._transport.sockets import DeadlinePassed, LoopSocketStream, SocketStream, open_stream
from tests._transport import certificates
from tests._transport.http_server import Listener, running
from tests.support import async_error_of

pytestmark = pytest.mark.anyio


class Echo(Listener):
    """Sends back what it receives, over TLS if it has a context, until the client closes."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        super().__init__(self._echo)

    def _echo(self, connection: socket.socket) -> None:
        side = connection if self._tls is None else self._tls.wrap_socket(connection, server_side=True)
        with suppress(OSError):  # over TLS, the client hangs up without a word
            while data := side.recv(65536):
                side.sendall(data)
        side.close()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return certificates.make(tmp_path_factory.mktemp("certificates"))


def contexts(files: tuple[Path, Path]) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(files[1])
    return server, ssl.create_default_context(cafile=files[0])


def addresses(*found: tuple[int, Any]) -> Callable[..., Any]:
    async def look_up(*_: object, **__: object) -> list[tuple[Any, ...]]:
        return [(family, socket.SOCK_STREAM, 6, "", address) for family, address in found]

    return look_up


@pytest.mark.parametrize("secure", [False, True], ids=["plain", "tls"])
async def test_all_data_arrives_however_slowly_it_is_taken(files: tuple[Path, Path], *, secure: bool) -> None:
    server, client = contexts(files) if secure else (None, None)
    sent = bytes(range(256)) * 20_000  # more than the buffers of a socket hold
    echo, received = Echo(server), bytearray()
    with running(echo):
        stream = await open_stream("127.0.0.1", echo.port, client)

        async def send() -> None:
            await stream.send(sent)

        async with anyio.create_task_group() as group:
            group.start_soon(send)
            while len(received) < len(sent):
                received += await stream.receive(65536)
        stream.close()
    assert received == sent


async def test_on_asyncio_the_loop_keeps_watching(anyio_backend_name: str) -> None:
    echo = Echo()
    with running(echo):
        stream = await open_stream("127.0.0.1", echo.port, None)
        assert isinstance(stream, LoopSocketStream) == (anyio_backend_name == "asyncio")
        stream.close()


async def test_what_nobody_waits_for_stays_in_the_socket(files: tuple[Path, Path]) -> None:
    for server, client in ((None, None), contexts(files)):
        echo = Echo(server)
        with running(echo):
            stream = await open_stream("127.0.0.1", echo.port, client)
            await stream.send(b"1")
            assert await stream.receive(100) == b"1"
            assert not stream.has_data()
            await stream.send(b"2")
            with anyio.fail_after(5):
                while not stream.has_data():  # noqa: ASYNC110 - of another process
                    await anyio.sleep(0.001)
            for _ in range(10):
                await anyio.lowlevel.checkpoint()  # the loop notices it and must not spin
            assert await stream.receive(100) == b"2"
            stream.close()
            assert stream.has_data()


async def test_the_end_of_the_connection_is_no_bytes(files: tuple[Path, Path]) -> None:
    for server, client in ((None, None), contexts(files)):

        def hang_up(connection: socket.socket, server: ssl.SSLContext | None = server) -> None:
            side = connection if server is None else server.wrap_socket(connection, server_side=True)
            side.close()

        listener = Listener(hang_up)
        with running(listener):
            stream = await open_stream("127.0.0.1", listener.port, client)
            assert await stream.receive(100) == b""
            stream.close()


async def test_the_next_address_is_tried_when_one_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    echo = Echo()
    with running(echo), socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # nobody listens
        monkeypatch.setattr(
            anyio,
            "getaddrinfo",
            addresses((socket.AF_INET, unused.getsockname()), (socket.AF_INET, ("127.0.0.1", echo.port))),
        )
        stream = await open_stream("api.example.com", 443, None)
        await stream.send(b"1")
        assert await stream.receive(1) == b"1"
        stream.close()
        monkeypatch.setattr(
            anyio,
            "getaddrinfo",
            addresses((socket.AF_INET, unused.getsockname()), (socket.AF_INET, unused.getsockname())),
        )
        error = await async_error_of(open_stream, "api.example.com", 443, None)
        assert isinstance(error, OSError)
        assert error.errno == errno.ECONNREFUSED


async def test_of_two_addresses_that_answer_one_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[socket.socket] = []
    connect = sockets._connect

    async def noted(address: Any) -> socket.socket:
        found = await connect(address)
        opened.append(found)
        with anyio.CancelScope(shield=True):
            await anyio.lowlevel.checkpoint()
        return found

    monkeypatch.setattr(sockets, "_connect", noted)
    monkeypatch.setattr(sockets, "_NEXT_ATTEMPT_S", 0)
    echo = Echo()
    with running(echo):
        monkeypatch.setattr(
            anyio,
            "getaddrinfo",
            addresses(*[(socket.AF_INET, ("127.0.0.1", echo.port))] * 3),
        )
        stream = await open_stream("api.example.com", 443, None)
        assert [each.fileno() >= 0 for each in opened].count(True) == 1
        stream.close()


def test_addresses_of_both_families_take_turns() -> None:
    async def order() -> list[int]:
        return [family for family, _ in await sockets._addresses("api.example.com", 443)]

    four, six = (socket.AF_INET, ("192.0.2.1", 443)), (socket.AF_INET6, ("2001:db8::1", 443, 0, 0))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(anyio, "getaddrinfo", addresses(four, four, six, six))
        assert anyio.run(order) == [socket.AF_INET6, socket.AF_INET] * 2


async def test_a_cancelled_connect_closes_its_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[socket.socket] = []

    class Noted(socket.socket):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            made.append(self)

        def connect_ex(self, _: Any) -> int:
            return errno.EINPROGRESS

    async def never(_: object) -> None:
        await anyio.sleep(math.inf)

    monkeypatch.setattr(sockets.socket, "socket", Noted)
    monkeypatch.setattr(anyio, "wait_writable", never)
    for count in (1, 2):
        monkeypatch.setattr(anyio, "getaddrinfo", addresses(*[(socket.AF_INET, ("192.0.2.1", 443))] * count))
        with anyio.move_on_after(0.01) as scope:
            await open_stream("api.example.com", 443, None)
        assert scope.cancelled_caught
    assert [each.fileno() for each in made] == [-1] * len(made)
    gc.collect()


async def test_a_certificate_of_another_host_is_refused(files: tuple[Path, Path]) -> None:
    server, _ = contexts(files)
    echo = Echo(server)
    with running(echo):
        error = await async_error_of(open_stream, "127.0.0.1", echo.port, ssl.create_default_context())
    assert isinstance(error, ssl.SSLCertVerificationError)


async def test_a_stream_needs_no_loop_that_watches_sockets() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        stream = SocketStream(ours)
        theirs.send(b"1")
        assert await stream.receive(10) == b"1"
        with anyio.move_on_after(0.01):
            await stream.receive(10)
        assert not stream.has_data()


@asynccontextmanager
async def connected() -> AsyncGenerator[tuple[SocketStream, socket.socket]]:
    """A stream as the event loop has it, and the other side."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        stream = await open_stream("127.0.0.1", listener.getsockname()[1], None)
        theirs, _ = listener.accept()
        with theirs:
            assert isinstance(stream, SocketStream)
            try:
                yield stream, theirs
            finally:
                stream.close()


async def test_a_wait_ends_at_the_deadline_and_another_may_follow() -> None:
    async with connected() as (stream, theirs):
        for _ in range(2):
            stream.deadline.start(0.01)
            with pytest.raises(DeadlinePassed, match=r"no progress for 0\.01 s"):
                await stream.receive(10)
            theirs.send(b"1")
            stream.deadline.start(60)
            assert await stream.receive(10) == b"1"
        theirs.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        stream.deadline.start(0.01)
        with pytest.raises(DeadlinePassed):
            await stream.send(bytes(50_000_000))


async def test_a_deadline_that_has_moved_on_ends_no_wait() -> None:
    async with connected() as (stream, theirs):
        theirs.send(b"1")
        stream.deadline.start(0.05)
        assert await stream.receive(10) == b"1"
        stream.deadline.start(60)  # the alarm of the first read is still set
        async with anyio.create_task_group() as group:

            async def send_later() -> None:
                await anyio.sleep(0.08)
                theirs.send(b"2")

            group.start_soon(send_later)
            assert await stream.receive(10) == b"2"
        stream.deadline.start(0.01, 1)
        with pytest.raises(DeadlinePassed, match="took more than"):
            await stream.receive(10)


async def test_the_end_of_the_time_is_noticed_where_data_is_always_there() -> None:
    async with connected() as (stream, theirs):
        theirs.send(b"1234")
        for received in (b"1", b"2"):
            stream.deadline.start(0, 2)  # at first no alarm is set, then one for later
            with pytest.raises(DeadlinePassed, match="took more than 0 s"):
                await stream.receive(1)
            stream.deadline.start(60, 2)
            assert await stream.receive(1) == received


async def test_a_wait_ends_although_another_task_closes_the_stream() -> None:
    async with connected() as (stream, _), anyio.create_task_group() as group:
        stream.deadline.start(0.05)

        async def close() -> None:
            stream.close()

        group.start_soon(close)
        with anyio.fail_after(5), pytest.raises((DeadlinePassed, OSError)):
            await stream.receive(10)


async def test_without_a_deadline_no_alarm_is_set() -> None:
    async with connected() as (stream, theirs):
        stream.deadline.start(None)
        theirs.send(b"1")
        assert await stream.receive(10) == b"1"
        assert getattr(stream, "_alarm", None) is None
