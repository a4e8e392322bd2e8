"""One HTTP/1.1 connection, which carries one request after another.

`http1.py` says what goes over the wire and when the connection can be reused; this module moves the bytes. The connections
of httpcore do the same with locks, traces and a timeout around each read. Those take half of the CPU of a small request,
and a connection with one user at a time needs none of them.
"""

import ssl
from collections.abc import AsyncIterable
from contextlib import suppress
from typing import Self, cast

import anyio
import attrs
import httpcore
from anyio.lowlevel import checkpoint_if_cancelled

from .gzip import MAX_BODY_BYTES, too_large
from .http1 import BodyWriter, RequestHead, ResponseHead, ResponseParser
from .sockets import DeadlinePassed, Stream, open_stream

_MAX_READ_BYTES = 64 * 1024
_MAX_WRITE_BYTES = 256 * 1024
"""A larger body is sent in parts, so that each part taken by the server counts as progress."""

_MAX_TIMEOUTS = 10
"""How many timeouts a response may take in all, however steadily it drips."""

_IDLE_TIMEOUT_S = 15.0
"""Servers keep idle connections open for a good deal longer."""


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
        with anyio.move_on_after(seconds):
            try:
                return cls(await open_stream(host, origin.port, context))
            except OSError as error:
                raise httpcore.ConnectError(error) from error
        raise httpcore.ConnectTimeout(f"no connection within {seconds:g} s")

    async def exchange(
        self, head: RequestHead, content: bytes | None, seconds: float | None
    ) -> tuple[ResponseHead, list[bytes | bytearray]]:
        """Send a request, a small one in one write; return the head of its response and the pieces of its body."""
        body = BodyWriter(head)
        sent = head.data + body.piece(content) + body.end() if content else head.data + body.end()
        response, collected = self._begin(head), bytearray()
        await checkpoint_if_cancelled()  # nothing else yields before the request is sent
        try:
            for start in range(0, len(sent), _MAX_WRITE_BYTES):
                self._stream.deadline.start(seconds, _MAX_TIMEOUTS)
                await self._write(sent[start : start + _MAX_WRITE_BYTES], httpcore.ReadTimeout)
        except httpcore.WriteError:  # as in `send`
            pass
        else:
            self._is_sent = True
        while not response.is_complete:
            await self._read()
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
        self._stream.deadline.start(seconds)
        while (head := self._response.head) is None:
            await self._read()
        return head

    async def piece(self, seconds: float | None) -> bytes | None:
        """Return the next piece of the body; None after the last."""
        response = self._response
        self._stream.deadline.start(seconds)
        while not response.pieces and not response.is_complete:
            await self._read()
        return response.pieces.pop(0) if response.pieces else None

    def is_done(self) -> bool:
        """Return True if the exchange is over and another one may follow."""
        return self._is_sent and self._response.is_reusable()

    def is_reusable(self) -> bool:
        """Return True if the idle connection can be reused. Unsolicited data means that the server is closing it."""
        idle = self._stream.deadline.time() - self._read_at
        return idle < _IDLE_TIMEOUT_S and not self._stream.has_data()

    def close(self) -> None:
        """Close the connection, whatever its state."""
        self._stream.close()

    def _begin(self, head: RequestHead) -> ResponseParser:
        self._is_sent = False
        self._response = ResponseParser(head.method)
        return self._response

    async def _send(self, data: bytes, seconds: float | None) -> None:
        if data:
            self._stream.deadline.start(seconds)
            await self._write(data, httpcore.WriteTimeout)

    async def _write(self, data: bytes, too_late: type[httpcore.TimeoutException]) -> None:
        try:
            await self._stream.send(data)
        except DeadlinePassed as error:
            raise too_late(str(error)) from None
        except OSError as error:
            raise httpcore.WriteError(error) from error

    async def _read(self) -> None:
        try:
            data = await self._stream.receive(_MAX_READ_BYTES)
        except DeadlinePassed as error:
            raise httpcore.ReadTimeout(str(error)) from None
        except OSError as error:
            raise httpcore.ReadError(error) from error
        if not data and self._response.head is None:
            raise httpcore.RemoteProtocolError("the server closed the connection without a response")
        self._read_at = self._stream.deadline.renew()
        self._response.feed(data)
