"""Sockets and TLS for one reader and writer at a time.

The streams of anyio serve any protocol: they guard against a second user, yield at every call and pass through the
transports of asyncio. A connection has one user, and always waits for a response. Without those layers a small request
takes a fifth less CPU (`benchmarks/served.py`).
"""

import asyncio
import errno
import ipaddress
import math
import os
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, Protocol

import anyio

from .._utils.shield import asyncio_task, native_cancellation
from .unasked_data import is_readable

_Address = tuple[int, Any]
"""The family of an address, and the address as its family writes it."""

_NEXT_ATTEMPT_S = 0.25
"""The time until the next address of a host is tried as well: https://www.rfc-editor.org/rfc/rfc8305#section-5."""

_UNDER_WAY = frozenset(
    {errno.EINPROGRESS, errno.EWOULDBLOCK, getattr(errno, "WSAEWOULDBLOCK", errno.EWOULDBLOCK)}
)


class DeadlinePassed(Exception):
    """The deadline of a stream has passed. Not an `OSError`, which a connection raises that the system gave up."""


class Deadline:
    """When to stop waiting for the server: after so long without progress, or so long in all.

    A stream looks at it when it begins to wait and when its alarm goes off, so that to move it costs almost nothing. A
    cancel scope for each request would be 71,000 of the 873,000 instructions that read one record.

    Attributes:
        at: The moment, in the time of the event loop.
        time: Returns that time, in seconds.
    """

    __slots__ = ("_end", "_timeout", "_total", "at", "time")

    def __init__(self, time: Callable[[], float]) -> None:
        self.time = time
        self.at = self._end = self._timeout = self._total = math.inf

    def start(self, timeout: float | None, timeouts: float = math.inf) -> None:
        """Start anew.

        Args:
            timeout: Seconds without progress; None waits for ever.
            timeouts: How many of them all of it may take.
        """
        self._timeout = math.inf if timeout is None else timeout
        self._total = self._timeout * timeouts
        self._end = self.time() + self._total
        self.renew()

    def renew(self) -> float:
        """Start the timeout anew, since something happened. Return the time."""
        now = self.time()
        self.at = min(now + self._timeout, self._end)
        return now

    def passed(self) -> DeadlinePassed:
        """Return the error for it."""
        if self.at >= self._end:
            return DeadlinePassed(f"the response took more than {self._total:g} s")
        return DeadlinePassed(f"no progress for {self._timeout:g} s")


class Stream(Protocol):
    """A stream of bytes to a server.

    Its methods raise `DeadlinePassed`, `OSError`, and `ssl.SSLError`, which is one.
    """

    @property
    def deadline(self) -> Deadline:
        """When the methods stop waiting."""
        ...

    async def send(self, data: bytes) -> None:
        """Send all of the data."""
        ...

    async def receive(self, max_bytes: int) -> bytes:
        """Wait for data, and return it; no bytes mean that the server closed the connection."""
        ...

    def has_data(self) -> bool:
        """Return True if there is something to read, or if the stream is closed."""
        ...

    def close(self) -> None:
        """Close the stream."""
        ...


class SocketStream:
    """A stream over a connected, non-blocking socket."""

    __slots__ = ("_socket", "deadline")

    def __init__(self, connected: socket.socket, time: Callable[[], float] = anyio.current_time) -> None:
        self._socket = connected
        self.deadline: Deadline = Deadline(time)

    async def send(self, data: bytes) -> None:
        left = memoryview(data)
        while left:
            try:
                left = left[self._socket.send(left) :]
            except BlockingIOError:
                await self._wait(anyio.wait_writable)

    async def receive(self, max_bytes: int) -> bytes:
        while True:
            await self._wait(anyio.wait_readable)
            with suppress(BlockingIOError):
                return self._socket.recv(max_bytes)

    async def _wait(self, wait: Callable[[socket.socket], Awaitable[None]]) -> None:
        with anyio.CancelScope(deadline=self.deadline.at) as scope:
            await wait(self._socket)
        if scope.cancelled_caught:
            raise self.deadline.passed()

    def has_data(self) -> bool:
        number = self._socket.fileno()
        return number < 0 or is_readable(number)

    def close(self) -> None:
        self._socket.close()


class LoopSocketStream(SocketStream):
    """The same on asyncio, whose loop keeps watching the socket from one read to the next.

    To begin and end that at each read costs two system calls, an eighth of the CPU of a small request. When something
    arrives that nobody waits for, it stays in the socket and the watch ends. One alarm lasts for many reads as well: it
    goes off at the earliest deadline that there was, and is set again if that has moved.
    """

    __slots__ = ("_alarm", "_is_watched", "_loop", "_max_bytes", "_received")

    def __init__(self, connected: socket.socket, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(connected, loop.time)
        self._loop = loop
        self._alarm: asyncio.TimerHandle | None = None
        self._is_watched = False
        self._max_bytes = 0
        self._received: asyncio.Future[bytes] | None = None

    async def receive(self, max_bytes: int) -> bytes:
        if not self._is_watched:
            self._loop.add_reader(self._socket, self._on_readable)
            self._is_watched = True
        if self._alarm is None or self.deadline.at < self._alarm.when():
            # An alarm finds no wait to end where data is always there.
            if self.deadline.at <= self._loop.time():
                raise self.deadline.passed()
            self._set_alarm()
        received = self._received = self._loop.create_future()
        self._max_bytes = max_bytes
        try:
            data: bytes = await received
        finally:
            self._received = None
        return data

    def close(self) -> None:
        if not self._loop.is_closed():
            if self._is_watched:
                self._unwatch()
            if self._alarm is not None:
                self._alarm.cancel()
            if self._received is not None and not self._received.done():  # nothing else would end the wait
                self._received.set_exception(OSError(errno.EBADF, os.strerror(errno.EBADF)))
        super().close()

    def _on_readable(self) -> None:
        received = self._received
        if received is None or received.done():
            self._unwatch()
            return
        try:
            received.set_result(self._socket.recv(self._max_bytes))
        except BlockingIOError:
            pass
        except OSError as error:
            received.set_exception(error)

    def _set_alarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if self.deadline.at < math.inf:
            self._alarm = self._loop.call_at(self.deadline.at, self._on_alarm)

    def _on_alarm(self) -> None:
        self._alarm, received = None, self._received
        if received is None or received.done():
            return
        if self._loop.time() < self.deadline.at:
            self._set_alarm()
        else:
            received.set_exception(self.deadline.passed())

    def _unwatch(self) -> None:
        self._loop.remove_reader(self._socket)
        self._is_watched = False


def _stream_over(connected: socket.socket) -> SocketStream:
    task = asyncio_task()
    if task is None or type(task.get_loop()).add_reader is asyncio.AbstractEventLoop.add_reader:
        return SocketStream(
            connected
        )  # the usual loop of Windows watches no sockets: anyio has a thread for that
    return LoopSocketStream(connected, task.get_loop())


class TLSStream:
    """A stream over TLS."""

    __slots__ = ("_incoming", "_outgoing", "_stream", "_tls", "deadline")

    def __init__(self, stream: SocketStream, context: ssl.SSLContext, host: str) -> None:
        self._stream = stream
        self.deadline: Deadline = stream.deadline
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)

    async def shake_hands(self) -> None:
        """Agree on keys with the server, and check its certificate."""
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                await self._flush()
                await self._take(_RECORD_BYTES)
            except ssl.SSLError:
                with suppress(OSError):  # tell the server why
                    await self._flush()
                raise
            else:
                await self._flush()
                return

    async def send(self, data: bytes) -> None:
        self._tls.write(data)
        await self._flush()

    async def receive(self, max_bytes: int) -> bytes:
        while True:
            try:
                return self._tls.read(
                    min(max_bytes, _RECORD_BYTES)
                )  # it makes room for all that it might return
            except ssl.SSLWantReadError:
                await self._flush()  # an answer of the protocol itself
                await self._take(max_bytes)
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                return b""  # HTTP says whether the response is complete

    def has_data(self) -> bool:
        return bool(self._incoming.pending or self._tls.pending()) or self._stream.has_data()

    def close(self) -> None:
        self._stream.close()

    async def _take(self, max_bytes: int) -> None:
        if data := await self._stream.receive(max_bytes):
            self._incoming.write(data)
        else:
            self._incoming.write_eof()

    async def _flush(self) -> None:
        if self._outgoing.pending:
            await self._stream.send(self._outgoing.read())


_RECORD_BYTES = 16 * 1024
"""The most data in one record of TLS."""


async def open_stream(host: str, port: int, tls: ssl.SSLContext | None) -> Stream:
    """Open a stream to a server, over TLS if there is a context for it.

    Raises:
        OSError: The host cannot be reached, or its certificate is not valid.
    """
    with native_cancellation():
        stream = _stream_over(await _connected(await _addresses(host, port)))
    if tls is None:
        return stream
    try:
        tls.set_alpn_protocols(["http/1.1"])
        secured = TLSStream(stream, tls, host)
        await secured.shake_hands()
    except BaseException:
        stream.close()
        raise
    return secured


async def _addresses(host: str, port: int) -> Sequence[_Address]:
    """Return the addresses of a host in the order to try them: IPv6 first, and then in turns."""
    with suppress(ValueError):
        is_v6 = ipaddress.ip_address(host).version == 6  # noqa: PLR2004 - the version of IP
        return [(socket.AF_INET6 if is_v6 else socket.AF_INET, (host, port))]
    found = await anyio.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    by_family: dict[bool, list[_Address]] = {True: [], False: []}
    for family, *_, address in found:
        by_family[family == socket.AF_INET6].append((family, address))
    ranked = [
        (rank, family != socket.AF_INET6, (family, address))
        for each in by_family.values()
        for rank, (family, address) in enumerate(each)
    ]
    return [each for *_, each in sorted(ranked, key=lambda item: item[:2])]


async def _connected(addresses: Sequence[_Address]) -> socket.socket:
    """Return a socket that is connected to the first address that answers."""
    if len(addresses) == 1:
        return await _connect(addresses[0])
    winner: list[socket.socket] = []
    errors: list[OSError] = []

    async def attempt(address: _Address, failed: anyio.Event) -> None:
        try:
            found = await _connect(address)
        except OSError as error:
            errors.append(error)
            failed.set()
            return
        if winner:
            found.close()
        else:
            winner.append(found)
            group.cancel_scope.cancel()

    try:
        async with anyio.create_task_group() as group:
            for address in addresses:
                failed = anyio.Event()
                group.start_soon(attempt, address, failed)
                with anyio.move_on_after(_NEXT_ATTEMPT_S):
                    await failed.wait()
    except BaseException:
        for found in winner:
            found.close()
        raise
    if not winner:
        raise errors[0]
    return winner[0]


async def _connect(address: _Address) -> socket.socket:
    family, target = address
    new = socket.socket(family, socket.SOCK_STREAM)
    try:
        new.setblocking(False)
        new.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        number = new.connect_ex(target)
        if number in _UNDER_WAY:
            await anyio.wait_writable(new)
            number = new.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    except BaseException:
        new.close()
        raise
    if number:
        new.close()
        raise OSError(number, f"{os.strerror(number)}: {target[0]}")
    return new
