"""The edge: the only place of the client that knows the HTTP library."""

import functools
import ssl

import httpx
import msgspec

from ..errors import ConfigurationError, ConnectionFailed, RequestTimeout, TransportError
from .message import Request, Response, TokenSource

__all__ = ["HttpPool", "HttpxTransport"]


@functools.cache
def _tls() -> ssl.SSLContext:
    """One TLS context for all clients: loading the certificates costs 17 ms each time."""
    return httpx.create_ssl_context()


_CONNECT = 10.0
"""Seconds to get a connection in."""

_UNSENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.ProxyError,
)
"""Failures before the first byte of the request left."""


class HttpPool:
    """The connections: one `httpx.AsyncClient`, shared by a client and its copies with other options.

    A client of the caller's is used as it is and never closed here.
    """

    def __init__(
        self,
        *,
        connections: int,
        client: httpx.AsyncClient | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
        self._transport = transport
        self._owned = client is None
        self._closed = False
        self.client = self._new_client() if client is None else client

    def _new_client(self) -> httpx.AsyncClient:
        if self._transport is not None:
            return httpx.AsyncClient(transport=self._transport, limits=self._limits)
        return httpx.AsyncClient(verify=_tls(), limits=self._limits)

    def check_open(self) -> None:
        if self._closed:
            raise ConfigurationError("this client is closed; make another one")

    async def heal(self) -> None:
        """Replace a pool that gives no connection although no more requests are out than it has connections.

        httpx 0.28 can lose a connection slot for good when a request is cancelled in flight.
        """
        if self._owned and self._transport is None:
            leaked, self.client = self.client, self._new_client()
            await leaked.aclose()

    async def aclose(self) -> None:
        self._closed = True
        if self._owned:
            await self.client.aclose()


class HttpxTransport:
    """Sends through an `HttpPool`, and adds the access token as the request leaves.

    Redirects are never followed: a redirect would carry the token to another place.
    """

    def __init__(
        self, pool: HttpPool, *, base_url: str, token: TokenSource, user_agent: str, timeout: float
    ) -> None:
        self._pool = pool
        self._base_url = base_url.rstrip("/")
        self._token = token
        self._timeout = httpx.Timeout(timeout, connect=min(timeout, _CONNECT), pool=_CONNECT)
        self._headers = {"Accept": "application/json", "User-Agent": user_agent}

    async def send(self, request: Request) -> Response:
        self._pool.check_open()
        token = self._token if isinstance(self._token, str) else await self._token()
        headers = {**self._headers, **request.headers, "Authorization": f"Bearer {token}"}
        content: bytes | None = None
        if request.json is not None:
            content = msgspec.json.encode(request.json)
            headers["Content-Type"] = "application/json"
        try:
            answer = await self._pool.client.request(
                request.method,
                self._base_url + request.path,
                params=dict(request.params) or None,
                content=content,
                headers=headers,
                timeout=self._timeout,
                follow_redirects=False,
            )
        except httpx.PoolTimeout as error:
            await self._pool.heal()
            raise _failure(request, error) from None
        except httpx.HTTPError as error:
            raise _failure(request, error) from None
        return Response(
            status=answer.status_code,
            headers={name.lower(): value for name, value in answer.headers.items()},
            body=answer.content,
        )


def _failure(request: Request, error: httpx.HTTPError) -> TransportError:
    """Our exception for one of httpx, whose own holds the request and with it the token."""
    cls = RequestTimeout if isinstance(error, httpx.TimeoutException) else ConnectionFailed
    what = str(error) or type(error).__name__
    return cls(
        f"{request.method} {request.path}: {what}",
        sent=not isinstance(error, _UNSENT),
        method=request.method,
        path=request.path,
    )
