"""The edge: the only place of the client that knows the HTTP library."""

import functools
import ssl
from collections.abc import AsyncIterable
from contextlib import aclosing
from urllib.request import getproxies

import httpx
import msgspec

from ..errors import ConfigurationError, ConnectionFailed, RequestTimeout, TransportError
from .connections import free_list_transport
from .message import Content, Request, Response, Sink, TokenSource

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


_MOST_HOPS = 5
"""Redirects on the way to a file, and the file itself."""


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
            return httpx.AsyncClient(transport=self._transport)
        if getproxies():  # only the library's own pools know how to go through a proxy
            return httpx.AsyncClient(verify=_tls(), limits=self._limits)
        return httpx.AsyncClient(transport=free_list_transport(_tls()))

    def check_open(self) -> None:
        if self._closed:
            raise ConfigurationError("this client is closed; make another one")

    async def heal(self) -> None:
        """Replace a pool that gives no connection although no more requests are out than it has connections.

        The pools of httpx 0.28, used behind a proxy, can lose a slot for good when a request is cancelled in flight.
        """
        if self._owned and self._transport is None:
            leaked, self.client = self.client, self._new_client()
            await leaked.aclose()

    async def aclose(self) -> None:
        self._closed = True
        if self._owned:
            await self.client.aclose()


class HttpxTransport:
    """Sends through an `HttpPool`, and adds the access token, if there is one, as the request leaves.

    A redirect would carry the token to another place, so none is followed, except to fetch a file: then without
    the token.
    """

    def __init__(
        self, pool: HttpPool, *, base_url: str, token: TokenSource | None, user_agent: str, timeout: float
    ) -> None:
        self._pool = pool
        self._base_url = base_url.rstrip("/")
        self._token = token
        self._timeout = httpx.Timeout(timeout, connect=min(timeout, _CONNECT), pool=_CONNECT)
        self._user_agent = user_agent

    async def send(self, request: Request) -> Response:
        self._pool.check_open()
        headers = {"Accept": "application/json", "User-Agent": self._user_agent, **request.headers}
        if self._token is not None:
            token = self._token if isinstance(self._token, str) else await self._token()
            headers["Authorization"] = f"Bearer {token}"
        try:
            if request.sink is not None:
                return await self._receive(request, request.sink, headers)
            if request.content is not None:
                return await self._stream(request, request.content, headers)
            return await self._exchange(request, headers)
        except httpx.PoolTimeout as error:
            await self._pool.heal()
            raise _failure(request, error) from None
        except httpx.HTTPError as error:
            raise _failure(request, error) from None

    async def _exchange(self, request: Request, headers: dict[str, str]) -> Response:
        content: bytes | None = None
        if request.json is not None:
            content = msgspec.json.encode(request.json, enc_hook=_plain)
            headers["Content-Type"] = "application/json"
        return await self._answer(request, headers, content)

    async def _stream(self, request: Request, content: Content, headers: dict[str, str]) -> Response:
        """Send a body piece by piece."""
        headers["Content-Type"] = content.type
        if content.length is not None:
            headers["Content-Length"] = str(content.length)
        async with aclosing(content.open()) as pieces:
            return await self._answer(request, headers, pieces)

    async def _answer(
        self, request: Request, headers: dict[str, str], content: bytes | AsyncIterable[bytes] | None
    ) -> Response:
        answer = await self._pool.client.request(
            request.method,
            self._base_url + request.path,
            params=dict(request.params) or None,
            content=content,
            headers=headers,
            timeout=self._timeout,
            follow_redirects=False,
        )
        return _response(answer, answer.content)

    async def _receive(self, request: Request, sink: Sink, headers: dict[str, str]) -> Response:
        """Give the body of the answer to `sink`, wherever it is; only an answer of the API itself is judged."""
        client, url = self._pool.client, httpx.URL(self._base_url + request.path)
        for hop in range(_MOST_HOPS):
            built = client.build_request(request.method, url, headers=headers, timeout=self._timeout)
            if hop > 0:  # whatever the caller's own client adds stays with the API
                for name in ("Authorization", "Cookie"):
                    built.headers.pop(name, None)
            answer = await client.send(built, stream=True, auth=None, follow_redirects=False)
            try:
                if answer.has_redirect_location:
                    url = self._elsewhere(request, url, answer.headers["Location"])
                    headers = {"User-Agent": self._user_agent, "Accept-Encoding": "identity"}
                    continue
                if answer.is_success:
                    await sink(answer.aiter_bytes())
                    return _response(answer, b"")
                if hop == 0:
                    return _response(answer, await answer.aread())
                raise _unavailable(request, f"the storage answered {answer.status_code}")
            finally:
                await answer.aclose()
        raise _unavailable(request, "the storage redirects without end")

    def _elsewhere(self, request: Request, here: httpx.URL, location: str) -> httpx.URL:
        """The address of a file, which has to be as safe as the API's own."""
        url = here.join(location)  # httpx has refused what is no address
        if url.scheme != "https" and self._base_url.startswith("https:"):
            raise _unavailable(request, f"the file is at an address that is not https, at {url.host}")
        return url


def _response(answer: httpx.Response, body: bytes) -> Response:
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return Response(status=answer.status_code, headers=headers, body=body)


def _plain(value: object) -> str:
    """Subclasses of str, such as ids that were read, as the text they are."""
    if isinstance(value, str):
        return str.__str__(value)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


def _unavailable(request: Request, what: str) -> TransportError:
    return ConnectionFailed(
        f"{request.method} {request.path}: {what}", sent=True, method=request.method, path=request.path
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
