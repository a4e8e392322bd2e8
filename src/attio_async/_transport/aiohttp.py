"""Sending by aiohttp, behind the interface of httpx. The one module here that needs the extra `aiohttp`."""

import asyncio
import base64
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Generator
from contextlib import aclosing, contextmanager
from typing import cast

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from ..errors import ConfigurationError

_REACHING = (
    aiohttp.ClientConnectorError,  # refused, no such host, certificates
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientHttpProxyError,
    aiohttp.InvalidURL,
)
"""Failures of aiohttp before the first byte of the request left."""


class AiohttpClient(httpx.AsyncClient):
    """A client of httpx that sends by aiohttp, also through proxies."""

    def _init_transport(  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        self, *, verify: ssl.SSLContext, limits: httpx.Limits, **_: object
    ) -> httpx.AsyncBaseTransport:
        return _Transport(verify=verify, limits=limits)

    def _init_proxy_transport(  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        self, proxy: httpx.Proxy, *, verify: ssl.SSLContext, limits: httpx.Limits, **_: object
    ) -> httpx.AsyncBaseTransport:
        return _Transport(verify=verify, limits=limits, proxy=proxy)


class _Transport(AiohttpTransport):
    """As it is, but it tells whether a request can have been sent, and never sends one twice by itself.

    What it makes of a connection that breaks while the answer is awaited is the same as of one that cannot be made.
    That difference decides whether a write may be repeated.
    """

    def __init__(
        self, *, verify: ssl.SSLContext, limits: httpx.Limits, proxy: httpx.Proxy | None = None
    ) -> None:
        super().__init__(
            verify=verify, limits=limits, proxy=proxy and _with_header(proxy), client=self._session
        )

    def _session(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            limit=self.limits.max_connections or 0, ssl=self.ssl_context, keepalive_timeout=15.0
        )
        session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        # Repeats are decided where it is known what they do, and counted.
        session._retry_connection = False  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
        return session

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request.

        Raises:
            httpx.TransportError: No answer arrived.
            ConfigurationError: The event loop is not asyncio's.
        """
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            raise ConfigurationError("the backend 'aiohttp' runs on asyncio only, not on trio") from None
        with _translating():
            answer = await super().handle_async_request(request)
        answer.stream = _AiohttpBody(cast("httpx.AsyncByteStream", answer.stream))
        return answer


def _with_header(proxy: httpx.Proxy) -> httpx.Proxy:
    """The proxy, with its name and password as the header that they become: aiohttp deprecates any other way."""
    if proxy.auth is None:
        return proxy
    credentials = base64.b64encode(":".join(proxy.auth).encode()).decode("ascii")
    return httpx.Proxy(proxy.url, headers={**proxy.headers, "Proxy-Authorization": f"Basic {credentials}"})


class _AiohttpBody(httpx.AsyncByteStream):
    def __init__(self, stream: httpx.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _translating():
            async with aclosing(cast("AsyncGenerator[bytes]", self._stream.__aiter__())) as pieces:
                async for piece in pieces:
                    yield piece

    async def aclose(self) -> None:
        with _translating():
            await self._stream.aclose()


@contextmanager
def _translating() -> Generator[None]:
    try:
        yield
    except (httpx.TransportError, aiohttp.ClientError, TimeoutError) as error:
        raise _translated(error) from error


def _translated(error: Exception) -> httpx.TransportError:
    cause = error.__cause__ if isinstance(error, httpx.TransportError) else error
    what = str(error) or type(error).__name__
    if isinstance(cause, _REACHING):
        return (httpx.ConnectTimeout if isinstance(cause, TimeoutError) else httpx.ConnectError)(what)
    return (httpx.ReadTimeout if isinstance(cause, TimeoutError) else httpx.ReadError)(what)
