"""Requests through aiohttp, behind the interface of httpx. The only module that needs the extra `aiohttp`."""

import asyncio
import base64
import ssl
import weakref
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator
from contextlib import aclosing, contextmanager
from types import SimpleNamespace
from typing import Any, cast

import aiohttp
import httpx
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from httpx_aiohttp import AiohttpTransport

from ..errors import ConfigurationError
from .unasked_data import is_readable

_KEEPALIVE_S = 15.0


class _UnaskedData(aiohttp.ClientConnectionError):
    """An idle connection has data that the server sent unasked. Nothing was sent."""


_UNSENT_ERRORS = (
    _UnaskedData,
    aiohttp.ClientConnectorError,  # refused, unknown host, invalid certificate
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientHttpProxyError,
    aiohttp.InvalidURL,
)
"""Errors of aiohttp raised before the first byte of the request left."""


class AiohttpRouter(httpx.AsyncBaseTransport):
    """Sends each request through aiohttp, and through the proxy for its URL if there is one.

    Args:
        tls: The certificates to trust.
        connections: How many may be open at once to each origin.
        proxy_for: Returns the proxy for the scheme and authority of a URL, or None.
    """

    def __init__(
        self, tls: ssl.SSLContext, connections: int, proxy_for: Callable[[str, str], str | None]
    ) -> None:
        self._tls = tls
        self._limits = httpx.Limits(max_connections=connections)
        self._proxy_for = proxy_for
        self._by_origin: dict[tuple[str, bytes], _Transport] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request.

        Raises:
            httpx.TransportError: No response arrived.
            ConfigurationError: The event loop is not asyncio's, or the proxy is not valid. Nothing was sent.
        """
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            raise ConfigurationError("the backend 'aiohttp' runs on asyncio only, not on trio") from None
        origin = request.url.scheme, request.url.netloc
        transport = self._by_origin.get(origin)
        if transport is None:
            proxy = self._proxy_for(request.url.scheme, request.url.netloc.decode("ascii"))
            transport = self._by_origin[origin] = _Transport(self._tls, self._limits, proxy)
        return await transport.handle_async_request(request)

    def forget(self) -> None:
        """Drop all sessions, which cannot be closed any more: their event loop has ended."""
        for transport in self._by_origin.values():
            transport.forget()
        self._by_origin.clear()

    async def aclose(self) -> None:
        for transport in self._by_origin.values():
            await transport.aclose()


class _Transport(AiohttpTransport):
    """Tells whether a request can have been sent, and leaves retries to the caller.

    `AiohttpTransport` raises the same error when a connection cannot be made and when one breaks while the response is
    awaited. The difference decides whether a write may be retried.
    """

    def __init__(self, tls: ssl.SSLContext, limits: httpx.Limits, proxy: str | None) -> None:
        super().__init__(
            verify=tls,
            limits=limits,
            proxy=None if proxy is None else _with_header(httpx.Proxy(proxy)),
            client=self._session,
        )

    def _session(self) -> aiohttp.ClientSession:
        """Open a session that never retries by itself: the rate limits would not count such a retry."""
        connector = aiohttp.TCPConnector(
            limit=self.limits.max_connections or 0, ssl=self.ssl_context, keepalive_timeout=_KEEPALIVE_S
        )
        session = aiohttp.ClientSession(
            connector=connector, cookie_jar=aiohttp.DummyCookieJar(), request_class=_CheckedRequest
        )
        if hasattr(session, "_retry_connection"):
            session._retry_connection = False  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
            return session
        session.detach()
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            request_class=_CheckedRequest,
            trace_configs=[_one_connection()],
        )

    def forget(self) -> None:
        """Detach the session from its connections, so that neither complains that it was not closed."""
        session: Any = self.client
        if isinstance(session, aiohttp.ClientSession):
            connections: Any = getattr(session.connector, "_conns", {})
            connections.clear()
            session.detach()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        for attempts_left in reversed(range((self.limits.max_connections or 0) + 1)):
            try:
                with _httpx_errors():
                    response = await super().handle_async_request(request)
            except httpx.ConnectError as error:  # each attempt has closed one such connection
                if not attempts_left or not isinstance(_cause_of(error), _UnaskedData):
                    raise
            else:
                response.stream = _AiohttpBody(cast("httpx.AsyncByteStream", response.stream))
                return response
        raise AssertionError  # pragma: no cover - the last attempt raises


_used: weakref.WeakSet[ResponseHandler] = weakref.WeakSet()
"""Connections that a request was sent over. A new one may have something to read: the tickets of TLS 1.3."""


class _CheckedRequest(aiohttp.ClientRequest):
    """Is sent only over a connection that has nothing to read, which would be taken for the response."""

    async def send(self, conn: Connection) -> aiohttp.ClientResponse:
        protocol = conn.protocol
        if protocol is not None:
            if protocol.should_close or (protocol in _used and _is_readable(conn.transport)):
                raise _UnaskedData("the server sent data unasked")
            _used.add(protocol)
        return await super().send(conn)


def _is_readable(transport: asyncio.BaseTransport | None) -> bool:
    """Return True if data has arrived that the event loop did not read yet."""
    connection = None if transport is None else transport.get_extra_info("socket")
    return connection is not None and connection.fileno() >= 0 and is_readable(connection.fileno())


def _one_connection() -> aiohttp.TraceConfig:
    """Return a trace that fails a request when it asks for a second connection, which is how aiohttp retries."""

    async def count(_: object, request: SimpleNamespace, __: object) -> None:
        if hasattr(request, "is_connected"):
            raise aiohttp.ServerDisconnectedError
        request.is_connected = True

    trace = aiohttp.TraceConfig()
    trace.on_connection_create_start.append(count)
    trace.on_connection_reuseconn.append(count)
    return trace


def _with_header(proxy: httpx.Proxy) -> httpx.Proxy:
    """Move the user and password of a proxy into a header: aiohttp deprecates any other way."""
    if proxy.auth is None:
        return proxy
    credentials = base64.b64encode(":".join(proxy.auth).encode()).decode("ascii")
    return httpx.Proxy(proxy.url, headers={**proxy.headers, "Proxy-Authorization": f"Basic {credentials}"})


class _AiohttpBody(httpx.AsyncByteStream):
    def __init__(self, stream: httpx.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _httpx_errors():
            async with aclosing(cast("AsyncGenerator[bytes]", self._stream.__aiter__())) as pieces:
                async for piece in pieces:
                    yield piece

    async def aclose(self) -> None:
        with _httpx_errors():
            await self._stream.aclose()


@contextmanager
def _httpx_errors() -> Generator[None]:
    try:
        yield
    except (httpx.TransportError, aiohttp.ClientError, TimeoutError) as error:
        raise _translated(error) from error


def _translated(error: Exception) -> httpx.TransportError:
    cause = _cause_of(error)
    message = str(error) or type(error).__name__
    if isinstance(cause, _UNSENT_ERRORS):
        return (httpx.ConnectTimeout if isinstance(cause, TimeoutError) else httpx.ConnectError)(message)
    return (httpx.ReadTimeout if isinstance(cause, TimeoutError) else httpx.ReadError)(message)


def _cause_of(error: BaseException) -> BaseException | None:
    """Return the exception of aiohttp behind one of httpx."""
    while isinstance(error, httpx.TransportError) and error.__cause__ is not None:
        error = error.__cause__
    return error
