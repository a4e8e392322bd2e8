"""One connection over which requests go one after the other, as HTTP/1.1 has it.

What goes over the wire, and after what the connection can be used again, is decided by h11; what is here moves the
bytes. The connections of httpcore do the same with locks, traces and a time limit around each read, which take half
of the CPU of a small request, and which nobody needs where a connection has one user at a time.
"""

import select
import ssl
import sys
from collections.abc import AsyncIterable
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

import anyio
import attrs
import h11
import httpcore
from anyio.abc import ByteStream, SocketAttribute
from anyio.streams.tls import TLSStream

Headers = list[tuple[bytes, bytes]]

_AT_ONCE = 256 * 1024
"""The most bytes that are read at once."""

_LONGEST_HEAD = 100 * 1024
"""The most bytes of the head of an answer."""

_KEPT_ALIVE = 15.0
"""Seconds for which an idle connection is used again; servers close theirs a good deal later."""

_NOTHING = (b"", False)
"""What h11 has beyond an answer: no bytes, and no end of the connection."""

_EARLY = 0.05
"""The part of itself by which a time limit may come early, so that many reads in a row need not each set it anew."""

_BROKEN = (anyio.BrokenResourceError, anyio.ClosedResourceError, OSError)
"""What the network and TLS raise; `ssl.SSLError` is an `OSError`."""


@attrs.frozen
class Origin:
    """Where connections lead to."""

    scheme: bytes
    host: bytes
    port: int


@attrs.frozen
class Timeouts:
    """Seconds until a connection has to be there, and without progress on it; None is for ever."""

    connect: float | None = None
    read: float | None = None
    write: float | None = None


class _Patience:
    """Raises an error when nothing happens for so long within it: one time limit for many reads."""

    __slots__ = ("_error", "_scope", "_seconds", "_since")

    def __init__(self, seconds: float | None, error: type[httpcore.TimeoutException]) -> None:
        self._seconds = float("inf") if seconds is None else seconds
        self._error = error

    def __enter__(self) -> Self:
        self._since = anyio.current_time()
        self._scope = anyio.CancelScope(deadline=self._since + self._seconds)
        self._scope.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._scope.__exit__(kind, error, trace)
        if self._scope.cancelled_caught:
            raise self._error(f"nothing happened for {self._seconds:g} s") from None

    def renew(self) -> float:
        """Something happened, at the time that is returned."""
        now = anyio.current_time()
        if now - self._since > self._seconds * _EARLY:
            self._since = now
            self._scope.deadline = now + self._seconds
        return now


class Connection:
    """An open connection. Whoever has it has it alone, and closes it after any failure.

    The methods raise what the connections of httpcore raise.
    """

    __slots__ = ("_heard", "_http", "_socket", "_stream")

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream
        self._socket: Any = stream.extra(SocketAttribute.raw_socket)  # noqa: S610 - not the one of Django
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=_LONGEST_HEAD)
        self._heard = 0.0  # when something last arrived

    @classmethod
    async def opened(cls, place: Origin, tls: ssl.SSLContext, seconds: float | None) -> Self:
        """A new one.

        Raises:
            httpcore.ConnectTimeout: It took too long.
            httpcore.ConnectError: Nobody is there, or not who should be.
        """
        host = place.host.decode("ascii")
        with _Patience(seconds, httpcore.ConnectTimeout):
            try:
                stream: ByteStream = await anyio.connect_tcp(host, place.port)
                if place.scheme == b"https":
                    stream = await _secured(stream, tls, host)
            except (*_BROKEN, anyio.EndOfStream) as error:
                raise httpcore.ConnectError(error) from error
        return cls(stream)

    async def exchange(
        self, head: h11.Request, content: bytes | None, seconds: float | None
    ) -> tuple[h11.Response, list[bytes]]:
        """Send a request, all at once, and read the whole answer: its head, and its body in pieces."""
        sent = self._framed(head)
        if content:
            sent += self._framed(h11.Data(data=content))
        sent += self._framed(h11.EndOfMessage())
        pieces: list[bytes] = []
        with _Patience(seconds, httpcore.ReadTimeout) as patience:
            with suppress(httpcore.WriteError):  # as in `send`
                await self._write(sent)
            answer = await self._answer(patience)
            while isinstance(event := await self._event(patience), h11.Data):
                pieces.append(bytes(event.data))
        return answer, pieces

    async def send(self, head: h11.Request, content: AsyncIterable[bytes], seconds: float | None) -> None:
        """Send a request piece by piece."""
        # A server that has heard enough may have answered before it hung up.
        with suppress(httpcore.WriteError):
            await self._send(head, seconds)
            async for piece in content:
                await self._send(h11.Data(data=piece), seconds)
            await self._send(h11.EndOfMessage(), seconds)

    async def answer(self, seconds: float | None) -> h11.Response:
        """The head of the answer."""
        with _Patience(seconds, httpcore.ReadTimeout) as patience:
            return await self._answer(patience)

    async def piece(self, seconds: float | None) -> bytes | None:
        """The next piece of its body; None after the last."""
        with _Patience(seconds, httpcore.ReadTimeout) as patience:
            event = await self._event(patience)
        return bytes(event.data) if isinstance(event, h11.Data) else None

    def rest(self) -> bool:
        """Get ready for the next request; whether there can be one."""
        http = self._http
        is_over = http.our_state is h11.DONE and http.their_state is h11.DONE
        if not is_over or http.trailing_data != _NOTHING:
            return False
        http.start_next_cycle()
        return True

    def is_alive(self) -> bool:
        """Whether it still is what it was when it came to rest: a server that says anything meanwhile says goodbye."""
        number = self._socket.fileno()
        return number >= 0 and anyio.current_time() - self._heard < _KEPT_ALIVE and not _has_arrived(number)

    async def aclose(self) -> None:
        """Close it, whatever it is at."""
        with anyio.CancelScope(shield=True):
            await self._stream.aclose()

    async def _send(self, event: h11.Event, seconds: float | None) -> None:
        data = self._framed(event)
        with _Patience(seconds, httpcore.WriteTimeout):
            await self._write(data)

    def _framed(self, event: h11.Event) -> bytes:
        try:
            return self._http.send(event) or b""
        except h11.LocalProtocolError as error:
            raise httpcore.LocalProtocolError(error) from error

    async def _write(self, data: bytes) -> None:
        try:
            await self._stream.send(data)
        except _BROKEN as error:
            self._http.send_failed()
            raise httpcore.WriteError(error) from error

    async def _answer(self, patience: _Patience) -> h11.Response:
        await self._read(patience)
        while not isinstance(event := await self._event(patience), h11.Response):
            pass  # 100 Continue and its like
        return event

    async def _event(self, patience: _Patience) -> object:
        try:
            while (event := self._http.next_event()) is h11.NEED_DATA:
                await self._read(patience)
        except h11.RemoteProtocolError as error:
            raise httpcore.RemoteProtocolError(error) from error
        return event

    async def _read(self, patience: _Patience) -> None:
        try:
            data = await self._stream.receive(_AT_ONCE)
        except anyio.EndOfStream:
            data = b""
            if self._http.their_state is h11.SEND_RESPONSE:
                raise httpcore.RemoteProtocolError("the server hung up without an answer") from None
        except _BROKEN as error:
            raise httpcore.ReadError(error) from error
        self._heard = patience.renew()
        self._http.receive_data(data)


def head_of(method: bytes, target: bytes, headers: Headers | h11.Request) -> h11.Request:
    """The head of a request, with those headers, or with those of another request: they need no second check.

    Raises:
        httpcore.LocalProtocolError: It has what no head can have.
    """
    checked = headers.headers if isinstance(headers, h11.Request) else headers
    try:
        return h11.Request(method=method, target=target, headers=checked)
    except h11.LocalProtocolError as error:
        raise httpcore.LocalProtocolError(error) from error


async def _secured(stream: ByteStream, tls: ssl.SSLContext, host: str) -> TLSStream:
    tls.set_alpn_protocols(["http/1.1"])
    try:
        return await TLSStream.wrap(stream, hostname=host, ssl_context=tls, standard_compatible=False)
    except BaseException:
        with anyio.CancelScope(shield=True):
            await stream.aclose()
        raise


def _has_arrived(number: int) -> bool:
    """Whether there is something to read from the socket of that number."""
    if sys.platform == "win32":
        return bool(select.select([number], [], [], 0)[0])
    poll = select.poll()
    poll.register(number, select.POLLIN)
    return bool(poll.poll(0))
