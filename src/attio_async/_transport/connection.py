"""One HTTP/1.1 connection, which carries one request after another.

`http1.py` says what goes over the wire and when the connection can be reused; this module moves the bytes. The connections
of httpcore do the same with locks, traces and a timeout around each read. Those take half of the CPU of a small request,
and a connection with one user at a time needs none of them.
"""

import math
import ssl
from collections.abc import AsyncIterable
from contextlib import suppress
from types import TracebackType
from typing import Self, cast

import anyio
import attrs
import httpcore
from anyio.lowlevel import checkpoint_if_cancelled

from .gzip import MAX_BODY_BYTES, too_large
from .http1 import BodyWriter, RequestHead, ResponseHead, ResponseParser
from .sockets import Stream, open_stream

_MAX_READ_BYTES = 64 * 1024
_MAX_WRITE_BYTES = 256 * 1024
"""A larger body is sent in parts, so that each part taken by the server counts as progress."""

_MAX_TIMEOUTS = 10
"""How many timeouts a response may take in all, however steadily it drips."""

_IDLE_TIMEOUT_S = 15.0
"""Servers keep idle connections open for a good deal longer."""

_RENEWAL_SHARE = 0.05
"""The part of a timeout that may pass before its deadline is moved, since moving it at each read is slow.

A timeout can fire early by this part.
"""


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

    __slots__ = ("_is_sent", "_read_at", "_response", "_stream")

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._response = ResponseParser(b"")
        self._is_sent = False
        self._read_at = 0.0

    @classmethod
    async def opened(cls, origin: Origin, tls: ssl.SSLContext, seconds: float | None) -> Self:
        """Open a connection.

        Raises:
            httpcore.ConnectTimeout: It took too long.
            httpcore.ConnectError: The host cannot be reached, or its certificate is not valid.
        """
        host, context = origin.host.decode("ascii"), tls if origin.scheme == b"https" else None
        with _ReadDeadline(seconds, httpcore.ConnectTimeout):
            try:
                stream = await open_stream(host, origin.port, context)
            except OSError as error:
                raise httpcore.ConnectError(error) from error
        return cls(stream)

    async def exchange(
        self, head: RequestHead, content: bytes | None, seconds: float | None
    ) -> tuple[ResponseHead, list[bytes | bytearray]]:
        """Send a request, a small one in one write; return the head of its response and the pieces of its body."""
        body = BodyWriter(head)
        sent = head.data + body.piece(content) + body.end() if content else head.data + body.end()
        response, collected = self._begin(head), bytearray()
        await checkpoint_if_cancelled()  # nothing else yields before the request is sent
        with _ReadDeadline(seconds, httpcore.ReadTimeout, _MAX_TIMEOUTS) as deadline:
            with suppress(httpcore.WriteError):  # as in `send`
                for start in range(0, len(sent), _MAX_WRITE_BYTES):
                    if start:
                        deadline.restart()
                    await self._write(sent[start : start + _MAX_WRITE_BYTES])
                self._is_sent = True
            while not response.is_complete:
                await self._read(deadline)
                if response.size > MAX_BODY_BYTES:
                    raise httpcore.RemoteProtocolError(too_large())
                if not response.is_complete:  # many pieces that live on would fragment the memory
                    collected += b"".join(response.pieces)
                    response.pieces.clear()
        pieces: list[bytes | bytearray] = [collected] if collected else []
        return cast("ResponseHead", response.head), [*pieces, *response.pieces]

    async def send(self, head: RequestHead, content: AsyncIterable[bytes], seconds: float | None) -> None:
        """Send a request piece by piece."""
        body = BodyWriter(head)
        self._begin(head)
        # A server may respond and hang up before it has read the whole request: its response still counts.
        with suppress(httpcore.WriteError):
            await self._send(head.data, seconds)
            async for piece in content:
                await self._send(body.piece(piece), seconds)
            await self._send(body.end(), seconds)
            self._is_sent = True

    async def response(self, seconds: float | None) -> ResponseHead:
        """Return the head of the response."""
        with _ReadDeadline(seconds, httpcore.ReadTimeout) as deadline:
            while (head := self._response.head) is None:
                await self._read(deadline)
        return head

    async def piece(self, seconds: float | None) -> bytes | None:
        """Return the next piece of the body; None after the last."""
        response = self._response
        with _ReadDeadline(seconds, httpcore.ReadTimeout) as deadline:
            while not response.pieces and not response.is_complete:
                await self._read(deadline)
        return response.pieces.pop(0) if response.pieces else None

    def is_done(self) -> bool:
        """Return True if the exchange is over and another one may follow."""
        return self._is_sent and self._response.is_reusable()

    def is_reusable(self) -> bool:
        """Return True if the idle connection can be reused. Unsolicited data means that the server is closing it."""
        return anyio.current_time() - self._read_at < _IDLE_TIMEOUT_S and not self._stream.has_data()

    def close(self) -> None:
        """Close the connection, whatever its state."""
        self._stream.close()

    def _begin(self, head: RequestHead) -> ResponseParser:
        self._is_sent = False
        self._response = ResponseParser(head.method)
        return self._response

    async def _send(self, data: bytes, seconds: float | None) -> None:
        if data:
            with _ReadDeadline(seconds, httpcore.WriteTimeout):
                await self._write(data)

    async def _write(self, data: bytes) -> None:
        try:
            await self._stream.send(data)
        except OSError as error:
            raise httpcore.WriteError(error) from error

    async def _read(self, deadline: _ReadDeadline) -> None:
        try:
            data = await self._stream.receive(_MAX_READ_BYTES)
        except OSError as error:
            raise httpcore.ReadError(error) from error
        if not data and self._response.head is None:
            raise httpcore.RemoteProtocolError("the server closed the connection without a response")
        self._read_at = deadline.renew()
        self._response.feed(data)
