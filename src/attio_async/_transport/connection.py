"""One HTTP/1.1 connection, which carries one request after another.

h11 decides what goes over the wire and when the connection can be reused; this module moves the bytes. The connections
of httpcore do the same with locks, traces and a timeout around each read. Those take half of the CPU of a small request,
and a connection with one user at a time needs none of them.
"""

import math
import ssl
from collections.abc import AsyncIterable
from contextlib import suppress
from types import TracebackType
from typing import Any, Self, cast

import anyio
import attrs
import h11
import httpcore
from anyio.abc import ByteStream, SocketAttribute
from anyio.streams.tls import TLSAttribute, TLSStream

from .._utils.shield import native_cancellation
from .gzip import MAX_BODY_BYTES, too_large
from .unasked_data import has_unasked_data

Headers = list[tuple[bytes, bytes]]

_MAX_READ_BYTES = 256 * 1024
_MAX_WRITE_BYTES = 256 * 1024
"""A larger body is sent in parts, so that each part taken by the server counts as progress."""

_MAX_HEAD_BYTES = 100 * 1024
_MAX_INFORMATIONAL = 20
"""Responses such as 103 Early Hints before the one that counts."""

_MAX_TIMEOUTS = 10
"""How many timeouts a response may take in all, however steadily it drips."""

_IDLE_TIMEOUT_S = 15.0
"""Servers keep idle connections open for a good deal longer."""

_RENEWAL_SHARE = 0.05
"""The part of a timeout that may pass before its deadline is moved, since moving it at each read is slow.

A timeout can fire early by this part.
"""

_END = h11.EndOfMessage()

_NO_TRAILING_DATA = (b"", False)
"""The `trailing_data` of h11 after a complete response: no bytes, and the connection is still open."""

_CONNECTION_ERRORS = (anyio.BrokenResourceError, anyio.ClosedResourceError, OSError)
"""What the network and TLS raise; `ssl.SSLError` is an `OSError`."""


@attrs.frozen
class Origin:
    """The scheme, host and port that a connection leads to."""

    scheme: bytes
    host: bytes
    port: int


@attrs.frozen
class Timeouts:
    """Seconds to connect, and seconds without progress while reading or writing; None waits for ever."""

    connect: float | None = None
    read: float | None = None
    write: float | None = None


class _ReadDeadline:
    """Raises a timeout error when nothing happens within it for so long: one cancel scope for many reads."""

    __slots__ = ("_end", "_error", "_scope", "_since", "_timeout", "_total")

    def __init__(
        self,
        timeout: float | None,
        error: type[httpcore.TimeoutException],
        total: float = math.inf,
    ) -> None:
        self._timeout = math.inf if timeout is None else timeout
        self._total = self._timeout * total
        self._error = error

    def __enter__(self) -> Self:
        self._since = anyio.current_time()
        self._end = self._since + self._total
        self._scope = anyio.CancelScope(deadline=self._since + self._timeout)
        self._scope.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._scope.__exit__(kind, error, trace)
        if self._scope.cancelled_caught:
            if self._scope.deadline >= self._end:
                raise self._error(f"the response took more than {self._total:g} s") from None
            raise self._error(f"no progress for {self._timeout:g} s") from None

    def restart(self) -> None:
        """Start anew with the whole time."""
        self._since = anyio.current_time()
        self._end = self._since + self._total
        self._scope.deadline = self._since + self._timeout

    def renew(self) -> float:
        """Start the timeout anew, since something happened. Return the time."""
        now = anyio.current_time()
        if now - self._since > self._timeout * _RENEWAL_SHARE:
            self._since = now
            self._scope.deadline = min(now + self._timeout, self._end)
        return now


class Connection:
    """An open connection. The caller uses it alone, and closes it after any failure.

    The methods raise the exceptions of httpcore.
    """

    __slots__ = ("_http", "_read_at", "_socket", "_stream", "_tls")

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream
        self._socket: Any = stream.extra(SocketAttribute.raw_socket)  # noqa: S610 - not the one of Django
        self._tls: ssl.SSLObject | None = cast("Any", stream.extra(TLSAttribute.ssl_object, None))  # noqa: S610 - as above
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=_MAX_HEAD_BYTES)
        self._read_at = 0.0

    @classmethod
    async def opened(cls, origin: Origin, tls: ssl.SSLContext, seconds: float | None) -> Self:
        """Open a connection.

        Raises:
            httpcore.ConnectTimeout: It took too long.
            httpcore.ConnectError: The host cannot be reached, or its certificate is not valid.
        """
        host = origin.host.decode("ascii")
        with _ReadDeadline(seconds, httpcore.ConnectTimeout):
            try:
                with native_cancellation():
                    stream: ByteStream = await anyio.connect_tcp(host, origin.port)
                if origin.scheme == b"https":
                    stream = await _with_tls(stream, tls, host)
            except (*_CONNECTION_ERRORS, anyio.EndOfStream) as error:
                raise httpcore.ConnectError(error) from error
        return cls(stream)

    async def exchange(
        self, head: h11.Request, content: bytes | None, seconds: float | None
    ) -> tuple[h11.Response, list[bytes]]:
        """Send a request, a small one in one write; return the head of its response and the pieces of its body."""
        sent = self._framed(head)
        if content:
            sent += self._framed(h11.Data(data=content))
        sent += self._framed(_END)
        pieces: list[bytes] = []
        with _ReadDeadline(seconds, httpcore.ReadTimeout, _MAX_TIMEOUTS) as deadline:
            try:
                for start in range(0, len(sent), _MAX_WRITE_BYTES):
                    if start:
                        deadline.restart()
                    await self._write(sent[start : start + _MAX_WRITE_BYTES])
            except httpcore.WriteError:
                pass  # as in `send`
            response, size = await self._response(deadline), 0
            while isinstance(event := await self._event(deadline), h11.Data):
                pieces.append(bytes(event.data))
                size += len(pieces[-1])
                if size > MAX_BODY_BYTES:
                    raise httpcore.RemoteProtocolError(too_large())
        return response, pieces

    async def send(self, head: h11.Request, content: AsyncIterable[bytes], seconds: float | None) -> None:
        """Send a request piece by piece."""
        # A server may respond and hang up before it has read the whole request: its response still counts.
        with suppress(httpcore.WriteError):
            await self._send(head, seconds)
            async for piece in content:
                await self._send(h11.Data(data=piece), seconds)
            await self._send(_END, seconds)

    async def response(self, seconds: float | None) -> h11.Response:
        """Return the head of the response."""
        with _ReadDeadline(seconds, httpcore.ReadTimeout) as deadline:
            return await self._response(deadline)

    async def piece(self, seconds: float | None) -> bytes | None:
        """Return the next piece of the body; None after the last."""
        with _ReadDeadline(seconds, httpcore.ReadTimeout) as deadline:
            event = await self._event(deadline)
        return bytes(event.data) if isinstance(event, h11.Data) else None

    def start_next_cycle(self) -> bool:
        """Prepare for the next request. Return False if the connection cannot be reused."""
        http = self._http
        is_complete = http.our_state is h11.DONE and http.their_state is h11.DONE
        if not is_complete or http.trailing_data != _NO_TRAILING_DATA:
            return False
        http.start_next_cycle()
        return True

    def is_reusable(self) -> bool:
        """Return True if the idle connection can be reused. Unsolicited data means that the server is closing it."""
        number = self._socket.fileno()
        return (
            number >= 0
            and anyio.current_time() - self._read_at < _IDLE_TIMEOUT_S
            and not has_unasked_data(number, self._tls)
        )

    async def aclose(self) -> None:
        """Close the connection, whatever its state."""
        with anyio.CancelScope(shield=True):
            await self._stream.aclose()

    async def _send(self, event: h11.Event, seconds: float | None) -> None:
        data = self._framed(event)
        with _ReadDeadline(seconds, httpcore.WriteTimeout):
            await self._write(data)

    def _framed(self, event: h11.Event) -> bytes:
        try:
            return self._http.send(event) or b""
        except h11.LocalProtocolError as error:
            raise httpcore.LocalProtocolError(error) from error

    async def _write(self, data: bytes) -> None:
        try:
            await self._stream.send(data)
        except _CONNECTION_ERRORS as error:
            self._http.send_failed()
            raise httpcore.WriteError(error) from error

    async def _response(self, deadline: _ReadDeadline) -> h11.Response:
        await self._read(deadline)
        for _ in range(_MAX_INFORMATIONAL):
            if isinstance(event := await self._event(deadline), h11.Response):
                return event
        raise httpcore.RemoteProtocolError("the server sent one informational response after the other")

    async def _event(self, deadline: _ReadDeadline) -> object:
        try:
            while (event := self._http.next_event()) is h11.NEED_DATA:
                await self._read(deadline)
        except h11.RemoteProtocolError as error:
            raise httpcore.RemoteProtocolError(error) from error
        return event

    async def _read(self, deadline: _ReadDeadline) -> None:
        try:
            data = await self._stream.receive(_MAX_READ_BYTES)
        except anyio.EndOfStream:
            data = b""
            if self._http.their_state is h11.SEND_RESPONSE:
                raise httpcore.RemoteProtocolError(
                    "the server closed the connection without a response"
                ) from None
        except _CONNECTION_ERRORS as error:
            raise httpcore.ReadError(error) from error
        self._read_at = deadline.renew()
        self._http.receive_data(data)


def head_of(method: bytes, target: bytes, headers: Headers | h11.Request) -> h11.Request:
    """Return the head of a request. The headers of another request need no second check.

    Raises:
        httpcore.LocalProtocolError: The head is not valid HTTP.
    """
    checked = headers.headers if isinstance(headers, h11.Request) else headers
    try:
        return h11.Request(method=method, target=target, headers=checked)
    except h11.LocalProtocolError as error:
        raise httpcore.LocalProtocolError(error) from error


async def _with_tls(stream: ByteStream, tls: ssl.SSLContext, host: str) -> TLSStream:
    tls.set_alpn_protocols(["http/1.1"])
    try:
        return await TLSStream.wrap(stream, hostname=host, ssl_context=tls, standard_compatible=False)
    except BaseException:
        with anyio.CancelScope(shield=True):
            await stream.aclose()
        raise
