"""The edge: requests become HTTP and HTTP becomes responses, by the library and connections of the pool."""

from collections.abc import AsyncIterable
from contextlib import aclosing
from typing import Any

import msgspec

from ..errors import ConfigurationError
from .backends import no_response
from .client_pool import HttpPool
from .gzip import DamagedBody, Packed
from .messages import Content, Request, Response, Sink, TokenSource, unpacked

_CONNECT_TIMEOUT_S = 10.0

_MAX_HOPS = 5
"""Requests on the way to a file: redirects, and the file itself."""


class HttpxTransport:
    """Sends through an `HttpPool`, and adds the access token, if there is one, as the request leaves.

    Redirects are not followed, since they would carry the token to another host. Files are the exception: they are
    fetched wherever a redirect leads, without the token.
    """

    def __init__(
        self, pool: HttpPool, *, base_url: str, token: TokenSource | None, user_agent: str, timeout: float
    ) -> None:
        self._pool = pool
        self._base_url = base_url.rstrip("/")
        self._token = token
        self._library = pool.library
        timeouts = {"connect": min(timeout, _CONNECT_TIMEOUT_S), "pool": _CONNECT_TIMEOUT_S}
        self._timeout = pool.library.module.Timeout(timeout, **timeouts)
        self._headers = {"Accept": "application/json", "User-Agent": user_agent}
        self._direct = pool.direct_client(self._base_url, self._timeout)

    async def send(self, request: Request) -> Response:
        self._pool.check_open()
        headers = {**self._headers, **request.headers}
        if self._token is not None:
            headers["Authorization"] = f"Bearer {await _text_of(self._token)}"
        try:
            if request.sink is not None:
                return await self._receive(request, request.sink, headers)
            if request.content is not None:
                return await self._stream(request, request.content, headers)
            return await self._exchange(request, headers)
        except self._library.errors as error:
            if isinstance(error, self._library.module.PoolTimeout):
                await self._pool.heal()
            raise self._library.translated(request, error) from None

    async def _exchange(self, request: Request, headers: dict[str, str]) -> Response:
        content: bytes | None = None
        if request.json is not None:
            content = msgspec.json.encode(request.json, enc_hook=_plain)
            headers["Content-Type"] = "application/json"
        if self._direct is not None and not self._direct.is_bypassed():
            return await self._direct.exchange(request, headers, content)
        return await self._send(request, headers, content)

    async def _stream(self, request: Request, content: Content, headers: dict[str, str]) -> Response:
        """Send a body piece by piece."""
        headers["Content-Type"] = content.type
        if content.length is not None:
            headers["Content-Length"] = str(content.length)
        async with aclosing(content.open()) as pieces:
            return await self._send(request, headers, pieces)

    async def _send(
        self, request: Request, headers: dict[str, str], content: bytes | AsyncIterable[bytes] | None
    ) -> Response:
        """Send through the library's client."""
        client = self._pool.client
        built = client.build_request(
            request.method,
            self._base_url + request.path,
            params=dict(request.params) or None,
            content=content,
            headers=headers,
            timeout=self._timeout,
        )
        received = await client.send(built, stream=True, follow_redirects=False)
        try:
            return _response(received, unpacked(request, await _body(received)))
        except self._library.errors as error:
            raise self._library.translated(request, error, sent=True) from None
        except DamagedBody as error:
            raise no_response(request, str(error)) from None
        finally:
            await received.aclose()

    async def _receive(self, request: Request, sink: Sink, headers: dict[str, str]) -> Response:
        """Give the body of a successful response to `sink`, wherever redirects lead.

        The status of the API's own response is left to the caller; a failure of the storage behind it is an error.
        """
        client, url = self._pool.client, self._library.module.URL(self._base_url + request.path)
        for hop in range(_MAX_HOPS):
            built = client.build_request(request.method, url, headers=headers, timeout=self._timeout)
            if hop > 0:  # what the caller's own client adds is for the API only
                for name in ("Authorization", "Cookie"):
                    built.headers.pop(name, None)
            received = await client.send(built, stream=True, auth=None, follow_redirects=False)
            try:
                if received.has_redirect_location:
                    url = self._redirected(request, url, received.headers["Location"])
                    headers = {"User-Agent": self._headers["User-Agent"], "Accept-Encoding": "identity"}
                    continue
                if received.is_success:
                    await sink(received.aiter_bytes())
                    return _response(received, b"")
                if hop == 0:
                    return _response(received, await received.aread())
                raise no_response(request, f"the file storage answered {received.status_code}")
            finally:
                await received.aclose()
        raise no_response(request, "the file storage redirects in a loop")

    def _redirected(self, request: Request, url: Any, location: str) -> Any:
        """Return the URL that a redirect leads to, which must be as secure as the API's own."""
        target = url.join(location)  # the library has rejected an invalid one
        if target.scheme != "https" and self._base_url.startswith("https:"):
            raise no_response(request, f"the redirect to {target.host} is not https")
        return target


async def _text_of(token: TokenSource) -> str:
    """Return the access token. One that cannot be sent is rejected here: the library's error would show it."""
    text = token if isinstance(token, str) else await token()
    if not text.isascii() or not text.isprintable():
        raise ConfigurationError("the access token has characters that no token has")
    return text


async def _body(received: Any) -> bytes | Packed:
    """Return the body of a response without keeping it there: responses are reference cycles, so pages would pile up."""
    if received.is_stream_consumed or received.headers.get("Content-Encoding") != "gzip":
        body: bytes = await received.aread()
        return body
    async with aclosing(received.aiter_raw()) as pieces:
        return await Packed.arriving(pieces)


def _response(received: Any, body: bytes | Packed) -> Response:
    headers = {name.lower(): value for name, value in received.headers.items()}
    return Response(status=received.status_code, headers=headers, body=body)


def _plain(value: object) -> str:
    """Return a subclass of str, such as an id, as a plain str."""
    if isinstance(value, str):
        return str.__str__(value)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")
