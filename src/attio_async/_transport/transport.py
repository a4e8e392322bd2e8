"""The edge: requests become HTTP and HTTP becomes responses, by the library and connections of the pool."""

import inspect
import math
from collections.abc import AsyncGenerator, AsyncIterable
from contextlib import aclosing
from typing import Any, cast
from urllib.parse import urlsplit

import anyio
import httpx

from .._utils.checks import LOOPBACK
from .._utils.json import UnwritableJson, encode_json
from .._utils.secret import Secret, cleaned
from ..errors import CoercionError, ConfigurationError, RequestTimeout
from .backends import no_response
from .client_pool import HttpPool
from .gzip import DamagedBody, Packed, collected, unpackable
from .messages import Content, HiddenToken, Request, Response, Sink, received

_CONNECT_TIMEOUT_S = 10.0

_MAX_TIMEOUTS = 10
"""How many timeouts a response may take in all, however steadily it drips."""

_MAX_WRITE_BYTES = 256 * 1024
"""A larger body is sent in parts, so that each part taken by the server counts as progress."""

_MAX_HOPS = 5
"""Requests on the way to a file: redirects, and the file itself."""


class HttpxTransport:
    """Sends through an `HttpPool`, and adds the access token, if there is one, as the request leaves.

    Redirects are not followed, since they would carry the token to another host. Files are the exception: they are
    fetched wherever a redirect leads, over https and without the token.

    No exception that leaves here keeps a frame that has seen the token, see `cleaned`.
    """

    def __init__(
        self,
        pool: HttpPool,
        *,
        base_url: str,
        token: HiddenToken | None,
        user_agent: str,
        timeout: float,
    ) -> None:
        self._pool = pool
        self._base_url = base_url.rstrip("/")
        self._host = urlsplit(base_url).netloc
        self._token = token
        self._library = pool.library
        timeouts = {"connect": min(timeout, _CONNECT_TIMEOUT_S), "pool": _CONNECT_TIMEOUT_S}
        self._timeout = pool.library.module.Timeout(timeout, **timeouts)
        self._total = timeout * _MAX_TIMEOUTS
        self._headers = {"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": user_agent}
        self._plain = pool.plain_sender(self._base_url, self._timeout, self._total)

    async def send(self, request: Request) -> Response:
        self._pool.check_open()
        try:
            return await self._authorized(request)
        except BaseException as error:  # noqa: BLE001 - raised again below
            failure = error
        try:  # out of the block above, where it would become the context of itself
            raise cleaned(failure)
        finally:
            del failure  # it holds this frame

    async def _authorized(self, request: Request) -> Response:
        headers = {**self._headers, **request.headers}
        if self._token is not None:
            headers["Authorization"] = f"Bearer {await _text_of(self._token)}"
        try:
            if request.sink is not None:
                return await self._receive(request, request.sink, headers)
            if request.content is not None:
                return await self._stream(request, request.content, headers)
            return await self._exchange(request, headers)
        except (httpx.InvalidURL, self._library.module.InvalidURL):
            raise ConfigurationError(
                f"the address of {request.method} {request.path[:60]} is not valid or too long"
            ) from None
        except self._library.errors as error:
            if isinstance(error, self._library.module.PoolTimeout):
                await self._pool.heal()
            raise self._library.translated(request, error, self._host) from None

    async def _exchange(self, request: Request, headers: dict[str, str]) -> Response:
        content: bytes | None = None
        if request.json is not None:
            content = _encoded(request)
            headers["Content-Type"] = "application/json"
        if self._plain is not None and not self._plain.is_bypassed():
            return await self._plain.exchange(request, headers, content)
        if content is None or len(content) <= _MAX_WRITE_BYTES:
            with anyio.move_on_after(self._total):
                return await self._send(request, headers, content)
            raise self._too_late(request)
        headers["Content-Length"] = str(len(content))
        return await self._send_pieces(request, headers, _parts(content))

    async def _stream(self, request: Request, content: Content, headers: dict[str, str]) -> Response:
        """Send a body piece by piece."""
        headers["Content-Type"] = content.type
        if content.length is not None:
            headers["Content-Length"] = str(content.length)
        return await self._send_pieces(request, headers, content.open())

    async def _send_pieces(
        self, request: Request, headers: dict[str, str], pieces: AsyncGenerator[bytes]
    ) -> Response:
        """Send a body piece by piece; each that is taken, and the caller's time for the next, is not the server's."""
        with anyio.move_on_after(self._total) as scope:

            async def timed() -> AsyncGenerator[bytes]:
                scope.deadline = math.inf
                async for piece in pieces:
                    scope.deadline = anyio.current_time() + self._total
                    yield piece
                    scope.deadline = math.inf
                scope.deadline = anyio.current_time() + self._total

            async with aclosing(pieces), aclosing(timed()) as body:
                return await self._send(request, headers, body)
        raise self._too_late(request)

    def _too_late(self, request: Request) -> RequestTimeout:
        error = no_response(request, f"the response took more than {self._total:g} s", cls=RequestTimeout)
        return cast("RequestTimeout", error)

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
        answer = await client.send(built, stream=True, follow_redirects=False)
        try:
            return await received(request, answer.status_code, _headers(answer), await _body(answer))
        except self._library.errors as error:
            raise self._library.translated(request, error, self._host, sent=True) from None
        except DamagedBody as error:
            raise no_response(request, str(error)) from None
        finally:
            await answer.aclose()

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
            answer: Any = None
            try:
                with anyio.move_on_after(self._total):
                    answer = await client.send(built, stream=True, auth=None, follow_redirects=False)
            except self._library.errors as error:
                if hop == 0:
                    raise
                raise self._library.translated(request, error, url.netloc.decode("ascii")) from None
            if answer is None:
                raise self._too_late(request)
            try:
                if answer.has_redirect_location:
                    url = self._redirected(request, url, answer.headers["Location"])
                    headers = {"User-Agent": self._headers["User-Agent"], "Accept-Encoding": "identity"}
                    continue
                if answer.is_success:
                    async with aclosing(answer.aiter_bytes()) as chunks:
                        await sink(chunks)
                    return Response(status=answer.status_code, headers=_headers(answer), body=b"")
                if hop > 0:
                    raise no_response(request, f"the file storage answered {answer.status_code}")
                with anyio.move_on_after(self._total):
                    return await received(request, answer.status_code, _headers(answer), await _body(answer))
                raise self._too_late(request)
            finally:
                await answer.aclose()
        raise no_response(request, "the file storage redirects in a loop")

    def _redirected(self, request: Request, url: Any, location: str) -> Any:
        """Return the URL that a redirect leads to: over https, or on this machine as the API itself."""
        try:
            target = url.join(location)
        except (ValueError, self._library.module.InvalidURL):
            raise no_response(request, "the redirect has an address that is not valid") from None
        is_local = target.scheme == "http" and target.host in LOOPBACK and self._base_url.startswith("http:")
        if not (target.host and (target.scheme == "https" or is_local)):
            raise no_response(request, f"the redirect to {target.host or 'nowhere'} is not https")
        return target


async def _parts(content: bytes) -> AsyncGenerator[bytes]:
    for start in range(0, len(content), _MAX_WRITE_BYTES):
        yield content[start : start + _MAX_WRITE_BYTES]


async def _text_of(token: HiddenToken) -> str:
    """Return the access token. One that cannot be sent is rejected here: the library's error would show it."""
    if isinstance(token, Secret):
        text: Any = token.reveal()
    else:
        given: Any = cast("Any", token)()  # callers may not be typed
        text = (await given) if inspect.isawaitable(given) else None
    if not isinstance(text, str):
        raise ConfigurationError("the function given as token must be async, and return the token as a text")
    found: str = text.strip()
    if not found:
        raise ConfigurationError("the function given as token returned an empty text")
    if not found.isascii() or not found.isprintable() or " " in found:
        raise ConfigurationError("the access token has characters that no token has")
    return found


async def _body(answer: Any) -> bytes | Packed:
    """Return the body of a response without keeping it there: responses are reference cycles, so pages would pile up."""
    if answer.is_stream_consumed:
        body: bytes = await answer.aread()
        return body
    # Never decompressed by the library, which would do so with a whole piece at once.
    async with aclosing(answer.aiter_raw()) as pieces:
        return unpackable(await collected(pieces), answer.headers.get("Content-Encoding", ""))


def _headers(answer: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in answer.headers.items()}


def _encoded(request: Request) -> bytes:
    try:
        return encode_json(request.json)
    except UnwritableJson as error:
        raise CoercionError.single(
            "json", None, None, f"the body cannot be written as JSON: {error}"
        ) from None
