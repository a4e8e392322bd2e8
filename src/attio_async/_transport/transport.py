"""The edge: requests to HTTP and answers back, by whichever library and connections the pool has."""

from collections.abc import AsyncIterable
from contextlib import aclosing
from typing import Any

import msgspec

from ..errors import ConfigurationError
from .backends import no_answer
from .client_pool import HttpPool
from .gzip import DamagedBody, Packed
from .messages import (
    Content,
    Request,
    Response,
    Sink,
    TokenSource,
    unpacked,
)
from .native.free_list import Direct
from .native.instrumentation import HTTPCORE, HTTPX

_CONNECT = 10.0
"""Seconds to get a connection in."""

_MOST_HOPS = 5
"""Redirects on the way to a file, and the file itself."""


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
        self._library = pool.library
        timeouts = {"connect": min(timeout, _CONNECT), "pool": _CONNECT}
        self._timeout = pool.library.module.Timeout(timeout, **timeouts)
        self._headers = {"Accept": "application/json", "User-Agent": user_agent}
        self._direct: Direct | None = None
        if pool.free_list is not None:
            self._direct = Direct(pool.free_list, self._base_url, self._timeout)

    async def send(self, request: Request) -> Response:
        self._pool.check_open()
        headers = {**self._headers, **request.headers}
        if self._token is not None:
            headers["Authorization"] = f"Bearer {await _text_of(self._token)}"
        failures = self._library.failures
        try:
            if request.sink is not None:
                return await self._receive(request, request.sink, headers)
            if request.content is not None:
                return await self._stream(request, request.content, headers)
            return await self._exchange(request, headers)
        except failures.all as error:
            if isinstance(error, self._library.module.PoolTimeout):
                await self._pool.heal()
            raise failures.translated(request, error) from None

    async def _exchange(self, request: Request, headers: dict[str, str]) -> Response:
        content: bytes | None = None
        if request.json is not None:
            content = msgspec.json.encode(request.json, enc_hook=_plain)
            headers["Content-Type"] = "application/json"
        if self._direct is not None and not (HTTPX.are_replaced() or HTTPCORE.are_replaced()):
            return await self._direct.exchange(request, headers, content)
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
            return _response(answer, unpacked(request, await _body(answer)))
        except self._library.failures.all as error:
            raise self._library.failures.translated(request, error, sent=True) from None
        except DamagedBody as error:
            raise no_answer(request, str(error)) from None
        finally:
            await answer.aclose()

    async def _receive(self, request: Request, sink: Sink, headers: dict[str, str]) -> Response:
        """Give the body of the answer to `sink`, wherever it is; only an answer of the API itself is judged."""
        client, url = self._pool.client, self._library.module.URL(self._base_url + request.path)
        for hop in range(_MOST_HOPS):
            built = client.build_request(request.method, url, headers=headers, timeout=self._timeout)
            if hop > 0:  # whatever the caller's own client adds stays with the API
                for name in ("Authorization", "Cookie"):
                    built.headers.pop(name, None)
            answer = await client.send(built, stream=True, auth=None, follow_redirects=False)
            try:
                if answer.has_redirect_location:
                    url = self._elsewhere(request, url, answer.headers["Location"])
                    headers = {"User-Agent": self._headers["User-Agent"], "Accept-Encoding": "identity"}
                    continue
                if answer.is_success:
                    await sink(answer.aiter_bytes())
                    return _response(answer, b"")
                if hop == 0:
                    return _response(answer, await answer.aread())
                raise no_answer(request, f"the storage answered {answer.status_code}")
            finally:
                await answer.aclose()
        raise no_answer(request, "the storage redirects without end")

    def _elsewhere(self, request: Request, here: Any, location: str) -> Any:
        """The address of a file, which has to be as safe as the API's own."""
        url = here.join(location)  # the library has refused what is no address
        if url.scheme != "https" and self._base_url.startswith("https:"):
            raise no_answer(request, f"the file is at an address that is not https, at {url.host}")
        return url


async def _text_of(token: TokenSource) -> str:
    """The access token; one that cannot be sent is refused here, since the library would show it in its error."""
    text = token if isinstance(token, str) else await token()
    if not text.isascii() or not text.isprintable():
        raise ConfigurationError("the access token has characters that no token has")
    return text


async def _body(answer: Any) -> bytes | Packed:
    """The body of an answer, which is not kept in it: answers are reference cycles, and pages would pile up."""
    if answer.is_stream_consumed or answer.headers.get("Content-Encoding") != "gzip":
        body: bytes = await answer.aread()
        return body
    async with aclosing(answer.aiter_raw()) as pieces:
        return await Packed.arriving(pieces)


def _response(answer: Any, body: bytes | Packed) -> Response:
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return Response(status=answer.status_code, headers=headers, body=body)


def _plain(value: object) -> str:
    """Subclasses of str, such as ids that were read, as the text they are."""
    if isinstance(value, str):
        return str.__str__(value)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")
