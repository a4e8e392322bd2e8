"""Connections kept in a free list, instead of in the pool of the HTTP library.

The gate already sees to it that no more requests are out than there may be connections, so nothing has to be
counted, queued or searched here. The library's own pool does all three: with 50 connections and hundreds of
waiting requests it spends 13 ms of CPU on each request, where this takes under 1 ms (`benchmarks/limits_served.py`), and
it can lose a slot for good when a request is cancelled in flight.
"""

import ssl
from collections import defaultdict
from collections.abc import AsyncIterable, AsyncIterator
from typing import Any, cast

import anyio
import httpcore
import httpx

__all__ = ["FreeList", "free_list_transport"]

_KEPT_ALIVE = 15.0
"""Seconds for which an idle connection is used again; servers close theirs a good deal later."""


_Place = tuple[bytes, bytes, int]  # scheme, host and port


class FreeList:
    """HTTP/1.1 connections by origin; the one used last is used next, so that surplus ones expire."""

    def __init__(self, tls: ssl.SSLContext) -> None:
        self._tls = tls
        self._idle: defaultdict[_Place, list[httpcore.AsyncHTTPConnection]] = defaultdict(list)

    async def handle_async_request(self, request: httpcore.Request) -> httpcore.Response:
        origin = request.url.origin
        idle = self._idle[origin.scheme, origin.host, origin.port]
        connection = await self._connection(origin, idle)
        try:
            response = await connection.handle_async_request(request)
        except BaseException:
            with anyio.CancelScope(shield=True):
                await connection.aclose()
            raise
        body = cast("AsyncIterable[bytes]", response.stream)
        return httpcore.Response(
            status=response.status,
            headers=response.headers,
            content=_Body(body, connection, idle),
            extensions=cast("Any", response).extensions,
        )

    async def aclose(self) -> None:
        idle, self._idle = self._idle, defaultdict(list)
        for connection in [each for several in idle.values() for each in several]:
            await connection.aclose()

    async def _connection(
        self, origin: httpcore.Origin, idle: list[httpcore.AsyncHTTPConnection]
    ) -> httpcore.AsyncHTTPConnection:
        while idle:
            connection = idle.pop()
            if connection.is_available() and not connection.has_expired():
                return connection
            await connection.aclose()
        return httpcore.AsyncHTTPConnection(origin, ssl_context=self._tls, keepalive_expiry=_KEPT_ALIVE)


class _Body:
    """The body of an answer, which gives its connection back once it is read."""

    def __init__(
        self,
        stream: AsyncIterable[bytes],
        connection: httpcore.AsyncHTTPConnection,
        idle: list[httpcore.AsyncHTTPConnection],
    ) -> None:
        self._stream = stream
        self._connection = connection
        self._idle = idle

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._stream.__aiter__()

    async def aclose(self) -> None:
        with anyio.CancelScope(shield=True):
            close = getattr(self._stream, "aclose", None)
            if close is not None:
                await close()
            if self._connection.is_idle():
                self._idle.append(self._connection)
            else:
                await self._connection.aclose()


def free_list_transport(connections: FreeList, tls: ssl.SSLContext) -> httpx.AsyncHTTPTransport:
    """A transport of httpx that sends through these connections.

    It stays an `httpx.AsyncHTTPTransport`, so that what patches or wraps that one, as respx does, works as ever.
    """
    transport = httpx.AsyncHTTPTransport(verify=tls)
    # The one thing the transport asks of its pool is `handle_async_request`; httpx is pinned below 0.29 for this.
    transport._pool = connections  # type: ignore[assignment]  # noqa: SLF001  # pyright: ignore[reportPrivateUsage, reportAttributeAccessIssue]
    return transport
