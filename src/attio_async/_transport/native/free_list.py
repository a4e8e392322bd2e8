"""Connections kept in a free list, instead of in the pool of the HTTP library.

The gate already sees to it that no more requests are out than there may be connections, so nothing has to be
counted, queued or searched here. The library's own pool does all three: with 50 connections and hundreds of
waiting requests it spends 13 ms of CPU on each request, where this takes under 1 ms (`benchmarks/limits_served.py`), and
it can lose a slot for good when a request is cancelled in flight.
"""

import re
import ssl
from collections import defaultdict
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Mapping
from typing import Any, cast

import anyio
import h11
import httpcore
import httpx

from ..backends import Failures, no_answer
from ..gzip import DamagedBody, Packed
from ..messages import Request, Response, unpacked
from .connection import (
    Connection,
    Headers,
    Origin,
    Timeouts,
    head_of,
)
from .instrumentation import HTTPCORE


class FreeList:
    """HTTP/1.1 connections by place; the one used last is used next, so that surplus ones expire."""

    def __init__(self, tls: ssl.SSLContext) -> None:
        self._tls = tls
        self._idle: defaultdict[Origin, list[Connection]] = defaultdict(list)
        self._closed = False
        self._replaced: httpcore.AsyncConnectionPool | None = None

    async def exchange(
        self, place: Origin, head: h11.Request, content: bytes | None, timeouts: Timeouts
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
        place = Origin(origin.scheme, origin.host, origin.port)
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
            content=_PooledBody(connection, timeouts.read, lambda: self._give_back(place, connection)),
            extensions={"http_version": b"HTTP/" + answer.http_version, "reason_phrase": answer.reason},
        )

    async def aclose(self) -> None:
        self._closed = True
        idle, self._idle = self._idle, defaultdict(list)
        for connection in [each for several in idle.values() for each in several]:
            await connection.aclose()
        if self._replaced is not None:
            await self._replaced.aclose()

    async def _take(self, place: Origin, seconds: float | None) -> Connection:
        idle = self._idle[place]
        while idle:
            connection = idle.pop()
            if connection.is_alive():
                return connection
            await connection.aclose()
        return await Connection.opened(place, self._tls, seconds)

    async def _give_back(self, place: Origin, connection: Connection) -> None:
        if connection.rest() and not self._closed:
            self._idle[place].append(connection)
        else:
            await connection.aclose()


class _PooledBody:
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


_PLAIN = re.compile(r"(/(?!\.)[A-Za-z0-9\-._~!$&'()*+,;=:@%]*)+")


"""A path that is sent as it is; in any other, the library quotes what must be quoted."""


_PORTS = {"http": 80, "https": 443}


_failures = Failures.of(httpcore)


class Direct:
    """Sends to one address, through a free list of connections."""

    def __init__(self, connections: FreeList, base_url: str, timeout: httpx.Timeout) -> None:
        url = httpx.URL(base_url)
        self._connections = connections
        self._base_url = base_url
        self._prefix = url.raw_path.rstrip(b"/")
        self._place = Origin(url.raw_scheme, url.raw_host, url.port or _PORTS[url.scheme])
        self._headers = [(b"Host", url.netloc), (b"Accept-Encoding", b"gzip")]
        self._before: tuple[Headers, h11.Request] | None = None
        self._timeouts = Timeouts(timeout.connect, timeout.read, timeout.write)

    async def exchange(self, request: Request, headers: Mapping[str, str], content: bytes | None) -> Response:
        """Send one request and read the answer.

        Raises:
            TransportError: No answer arrived, or its body is damaged.
        """
        try:
            return await self._exchange(request, headers, content)
        except DamagedBody as error:
            raise no_answer(request, str(error)) from None
        except _failures.all as error:
            raise _failures.translated(request, error) from None

    async def _exchange(
        self, request: Request, headers: Mapping[str, str], content: bytes | None
    ) -> Response:
        head = self._head(request, headers, content)
        answer, pieces = await self._connections.exchange(self._place, head, content, self._timeouts)
        received = _headers(answer.headers)
        body = _body(pieces, received.get("content-encoding", "identity"))
        return Response(status=answer.status_code, headers=received, body=unpacked(request, body))

    def _head(self, request: Request, headers: Mapping[str, str], content: bytes | None) -> h11.Request:
        """The head of a request; most have the headers of the one before."""
        sent = self._headers + [
            (name.encode("ascii"), value.encode("ascii")) for name, value in headers.items()
        ]
        if content is not None:
            sent.append((b"Content-Length", b"%d" % len(content)))
        before, method = self._before, request.method.encode("ascii")
        if before is not None and before[0] == sent:
            return head_of(method, self._target(request), before[1])
        head = head_of(method, self._target(request), sent)
        self._before = sent, head
        return head

    def _target(self, request: Request) -> bytes:
        if not _PLAIN.fullmatch(request.path):
            params = {"params": dict(request.params)} if request.params else {}
            return httpx.URL(self._base_url + request.path, **params).raw_path
        target = self._prefix + request.path.encode("ascii")
        if request.params:
            target += b"?" + str(httpx.QueryParams(dict(request.params))).encode("ascii")
        return target


def _headers(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """By their names, which are lower-case; those that come several times are one, as everywhere in HTTP."""
    headers: dict[str, str] = {}
    for key, value in raw:
        name, text = key.decode("latin-1"), value.decode("latin-1")
        headers[name] = f"{headers[name]}, {text}" if name in headers else text
    return headers


def _body(pieces: list[bytes], encoding: str) -> bytes | Packed:
    if encoding == "identity":
        return b"".join(pieces)
    if encoding == "gzip":
        return Packed(tuple(pieces))
    raise DamagedBody(f"the body is encoded as {encoding!r}, which was not asked for")
