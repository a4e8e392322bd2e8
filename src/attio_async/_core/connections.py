"""Connections kept in a free list, instead of in the pool of the HTTP library.

The gate already sees to it that no more requests are out than there may be connections, so nothing has to be
counted, queued or searched here. The library's own pool does all three: with 50 connections and hundreds of
waiting requests it spends 13 ms of CPU on each request, where this takes under 1 ms (`benchmarks/limits_served.py`), and
it can lose a slot for good when a request is cancelled in flight.
"""

import ssl
from collections import defaultdict
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, cast

import anyio
import h11
import httpcore
import httpx

from .http11 import Connection, Place, Timeouts, head_of
from .watching import HTTPCORE

__all__ = ["FreeList", "free_list_transport"]


class FreeList:
    """HTTP/1.1 connections by place; the one used last is used next, so that surplus ones expire."""

    def __init__(self, tls: ssl.SSLContext) -> None:
        self._tls = tls
        self._idle: defaultdict[Place, list[Connection]] = defaultdict(list)
        self._closed = False
        self._replaced: httpcore.AsyncConnectionPool | None = None

    async def exchange(
        self, place: Place, head: h11.Request, content: bytes | None, timeouts: Timeouts
    ) -> tuple[h11.Response, list[bytes]]:
        """Send a request and read the whole answer: its head, and its body in pieces.

        Raises:
            httpcore.ConnectError: Nothing was sent; `httpcore.ConnectTimeout` likewise.
            httpcore.NetworkError: There is no answer, or no whole one.
            httpcore.ProtocolError: What there is is none.
            httpcore.TimeoutException: It was too long in coming.
        """
        connection = await self._take(place, timeouts.connect)
        try:
            answer = await connection.exchange(head, content, timeouts.read)
        except BaseException:
            await connection.aclose()
            raise
        await self._give_back(place, connection)
        return answer

    async def handle_async_request(self, request: httpcore.Request) -> httpcore.Response:
        """What a transport of httpx asks of its pool: the head of the answer, and its body as it arrives.

        A tool that answers or records requests in place of the pool or the connections of httpcore gets to do so.
        """
        if HTTPCORE.are_replaced():
            self._replaced = self._replaced or httpcore.AsyncConnectionPool(ssl_context=self._tls)
            return await self._replaced.handle_async_request(request)
        origin = request.url.origin
        place = Place(origin.scheme, origin.host, origin.port)
        seconds: Mapping[str, float | None] = cast("Any", request).extensions.get("timeout", {})
        timeouts = Timeouts(seconds.get("connect"), seconds.get("read"), seconds.get("write"))
        head = head_of(request.method, request.url.target, request.headers)
        content = cast("AsyncIterable[bytes]", request.stream)
        connection = await self._take(place, timeouts.connect)
        try:
            await connection.send(head, content, timeouts.write)
            answer = await connection.answer(timeouts.read)
        except BaseException:
            await connection.aclose()
            raise
        return httpcore.Response(
            status=answer.status_code,
            headers=answer.headers.raw_items(),
            content=_Body(connection, timeouts.read, lambda: self._give_back(place, connection)),
            extensions={"http_version": b"HTTP/" + answer.http_version, "reason_phrase": answer.reason},
        )

    async def aclose(self) -> None:
        self._closed = True
        idle, self._idle = self._idle, defaultdict(list)
        for connection in [each for several in idle.values() for each in several]:
            await connection.aclose()
        if self._replaced is not None:
            await self._replaced.aclose()

    async def _take(self, place: Place, seconds: float | None) -> Connection:
        idle = self._idle[place]
        while idle:
            connection = idle.pop()
            if connection.is_alive():
                return connection
            await connection.aclose()
        return await Connection.opened(place, self._tls, seconds)

    async def _give_back(self, place: Place, connection: Connection) -> None:
        if connection.rest() and not self._closed:
            self._idle[place].append(connection)
        else:
            await connection.aclose()


class _Body:
    """The body of an answer, which gives its connection back in the end."""

    def __init__(
        self, connection: Connection, seconds: float | None, give_back: Callable[[], Awaitable[None]]
    ) -> None:
        self._connection = connection
        self._seconds = seconds
        self._give_back = give_back
        self._is_closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (piece := await self._connection.piece(self._seconds)) is not None:
            yield piece

    async def aclose(self) -> None:
        if not self._is_closed:
            self._is_closed = True
            with anyio.CancelScope(shield=True):
                await self._give_back()


def free_list_transport(connections: FreeList, tls: ssl.SSLContext) -> httpx.AsyncHTTPTransport:
    """A transport of httpx that sends through these connections.

    It stays an `httpx.AsyncHTTPTransport`, so that what patches or wraps that one, as respx does, works as ever.
    """
    transport = httpx.AsyncHTTPTransport(verify=tls)
    # The one thing the transport asks of its pool is `handle_async_request`; httpx is pinned below 0.29 for this.
    transport._pool = connections  # type: ignore[assignment]  # noqa: SLF001  # pyright: ignore[reportPrivateUsage, reportAttributeAccessIssue]
    return transport
