"""HTTP/1.1 connections in a free list, in place of the pool of the HTTP library.

The gate keeps the number of requests in flight below the number of connections, so nothing has to be counted, queued
or searched here. The pool of httpx does all three: with 50 connections and hundreds of waiting requests it spends
13 ms of CPU on each request, the free list under 1 ms (`benchmarks/limits_served.py`). That pool can also lose a slot
for good when a request is cancelled in flight.
"""

import gc
import ssl
import warnings
from collections import defaultdict
from collections.abc import AsyncIterable, AsyncIterator, Callable, Mapping
from typing import Any, cast

import httpcore
import httpx

from .connection import Connection, Origin, Timeouts
from .http1 import RequestHead, ResponseHead, head_of
from .plain_requests import PatchableMethods


class FreeList:
    """HTTP/1.1 connections by origin; the one used last is used next, so that surplus ones expire."""

    def __init__(self, tls: ssl.SSLContext) -> None:
        self._tls = tls
        self._idle: defaultdict[Origin, list[Connection]] = defaultdict(list)
        self._closed = False
        self._stock_pool: httpcore.AsyncConnectionPool | None = None

    async def exchange(
        self, origin: Origin, head: RequestHead, content: bytes | None, timeouts: Timeouts
    ) -> tuple[ResponseHead, list[bytes | bytearray]]:
        """Send a request and return the head of its response and the pieces of its body.

        Raises:
            httpcore.ConnectError: Nothing was sent; `httpcore.ConnectTimeout` likewise.
            httpcore.NetworkError: The connection broke before the response was complete.
            httpcore.ProtocolError: The response is not valid HTTP.
            httpcore.TimeoutException: The response took too long.
        """
        connection = await self._take(origin, timeouts.connect)
        try:
            response = await connection.exchange(head, content, timeouts.read)
        except BaseException:
            connection.close()
            raise
        self._give_back(origin, connection)
        return response

    def transport(self) -> httpx.AsyncHTTPTransport | None:
        """Return a transport of httpx that sends through this list; None if this version of httpx cannot.

        It is an `httpx.AsyncHTTPTransport`, so that tools that patch or wrap that class, such as respx, keep working.
        """
        transport = httpx.AsyncHTTPTransport(verify=self._tls)
        if not isinstance(getattr(transport, "_pool", None), httpcore.AsyncConnectionPool):
            return None
        # The transport calls nothing but `handle_async_request` and `aclose` of its pool.
        transport._pool = self  # type: ignore[assignment]  # noqa: SLF001  # pyright: ignore[reportPrivateUsage, reportAttributeAccessIssue]
        return transport

    async def handle_async_request(self, request: httpcore.Request) -> httpcore.Response:
        """Send a request of the transport of httpx, and return its response before the body has arrived.

        A tool that has patched the pool or the connections of httpcore gets the request in place of the free list.
        """
        if HTTPCORE.are_patched():
            self._stock_pool = self._stock_pool or httpcore.AsyncConnectionPool(ssl_context=self._tls)
            return await self._stock_pool.handle_async_request(request)
        url = request.url.origin
        origin = Origin(url.scheme, url.host, url.port)
        timeout: Mapping[str, float | None] = cast("Any", request).extensions.get("timeout", {})
        timeouts = Timeouts(timeout.get("connect"), timeout.get("read"), timeout.get("write"))
        head = head_of(request.method, request.url.target, request.headers)
        content = cast("AsyncIterable[bytes]", request.stream)
        connection = await self._take(origin, timeouts.connect)
        try:
            await connection.send(head, content, timeouts.write)
            response = await connection.response(timeouts.read)
        except BaseException:
            connection.close()
            raise
        return httpcore.Response(
            status=response.status,
            headers=list(response.headers),
            content=_StreamedBody(connection, timeouts.read, lambda: self._give_back(origin, connection)),
            extensions={"http_version": b"HTTP/" + response.http_version, "reason_phrase": response.reason},
        )

    def forget(self) -> None:
        """Drop all connections, which cannot be closed any more: their event loop has ended."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            had_any = self._stock_pool is not None or any(self._idle.values())
            self._idle.clear()
            self._stock_pool = None
            if had_any:  # their transports are reference cycles, and would warn when they are collected
                gc.collect()

    async def aclose(self) -> None:
        self._closed = True
        idle, self._idle = self._idle, defaultdict(list)
        for connection in [connection for connections in idle.values() for connection in connections]:
            connection.close()
        if self._stock_pool is not None:
            await self._stock_pool.aclose()

    async def _take(self, origin: Origin, seconds: float | None) -> Connection:
        idle = self._idle[origin]
        while idle:
            connection = idle.pop()
            if connection.is_reusable():
                return connection
            connection.close()
        return await Connection.opened(origin, self._tls, seconds)

    def _give_back(self, origin: Origin, connection: Connection) -> None:
        if connection.is_done() and not self._closed:
            self._idle[origin].append(connection)
        else:
            connection.close()


class _StreamedBody:
    """The body of a response as it arrives; closing it gives the connection back."""

    def __init__(self, connection: Connection, seconds: float | None, give_back: Callable[[], None]) -> None:
        self._connection = connection
        self._seconds = seconds
        self._give_back = give_back
        self._closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (piece := await self._connection.piece(self._seconds)) is not None:
            yield piece

    async def aclose(self) -> None:
        if not self._closed:
            self._closed = True
            self._give_back()


def _httpcore_methods() -> tuple[object, ...]:
    pool, connection = httpcore.AsyncConnectionPool, httpcore.AsyncHTTPConnection
    return pool.handle_async_request, connection.handle_async_request


HTTPCORE = PatchableMethods("httpcore", _httpcore_methods)
