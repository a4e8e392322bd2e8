"""A request by the connections alone, without the client of the HTTP library around them.

That client merges addresses, headers, cookies and redirects that are not wanted here, and takes two fifths of the
CPU of a small request for it (`benchmarks/small.py`).
"""

import re
from collections.abc import Mapping
from contextlib import aclosing
from typing import Any, cast

import httpcore
import httpx

from .connections import FreeList
from .failures import Failures, no_answer
from .gunzip import DamagedBody, Packed
from .message import Request, Response, unpacked

__all__ = ["Direct", "is_watched"]

_PLAIN = re.compile(r"(/(?!\.)[A-Za-z0-9\-._~!$&'()*+,;=:@%]*)+")
"""A path that is sent as it is; in any other, the library quotes what must be quoted."""

_failures = Failures.of(httpcore)


def _watched() -> tuple[object, ...]:
    """Where tools that record, answer or trace requests put themselves into httpx."""
    client, transport = vars(httpx.AsyncClient), httpx.AsyncHTTPTransport
    return client.get("send"), client.get("_transport_for_url"), transport.handle_async_request


_untouched = _watched()
_was_touched = any(
    hasattr(method, "__wrapped__") or not str(getattr(method, "__module__", "")).startswith("httpx.")
    for method in _untouched
)


def is_watched() -> bool:
    """Whether one of them is there: then it must see every request, and the library's client is what shows it them."""
    return _was_touched or _watched() != _untouched


class Direct:
    """Sends to one address, through a free list of connections."""

    def __init__(self, connections: FreeList, base_url: str, timeout: httpx.Timeout) -> None:
        url = httpx.URL(base_url)
        self._connections = connections
        self._base_url = base_url
        self._prefix = url.raw_path.rstrip(b"/")
        self._scheme, self._host, self._port = url.raw_scheme, url.raw_host, url.port
        self._headers = [(b"Host", url.netloc), (b"Accept-Encoding", b"gzip")]
        self._extensions = {"timeout": timeout.as_dict()}

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
        sent = self._headers + [
            (name.encode("ascii"), value.encode("ascii")) for name, value in headers.items()
        ]
        if content is not None:
            sent.append((b"Content-Length", b"%d" % len(content)))
        answer = await self._connections.handle_async_request(
            httpcore.Request(
                request.method.encode("ascii"),
                httpcore.URL(
                    scheme=self._scheme, host=self._host, port=self._port, target=self._target(request)
                ),
                headers=sent,
                content=content,
                extensions=self._extensions,
            )
        )
        try:
            received = _headers(answer.headers)
            body = await _body(answer, received.get("content-encoding", "identity"))
        finally:
            await answer.aclose()
        return Response(status=answer.status, headers=received, body=unpacked(request, body))

    def _target(self, request: Request) -> bytes:
        if not _PLAIN.fullmatch(request.path):
            params = {"params": dict(request.params)} if request.params else {}
            return httpx.URL(self._base_url + request.path, **params).raw_path
        target = self._prefix + request.path.encode("ascii")
        if request.params:
            target += b"?" + str(httpx.QueryParams(dict(request.params))).encode("ascii")
        return target


def _headers(raw: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """By their lower-case names; those that come several times are one, as everywhere in HTTP."""
    headers: dict[str, str] = {}
    for key, value in raw:
        name, text = key.decode("latin-1").lower(), value.decode("latin-1")
        headers[name] = f"{headers[name]}, {text}" if name in headers else text
    return headers


async def _body(answer: httpcore.Response, encoding: str) -> bytes | Packed:
    if encoding not in {"gzip", "identity"}:
        raise DamagedBody(f"the body is encoded as {encoding!r}, which was not asked for")
    async with aclosing(cast("Any", answer.stream).__aiter__()) as pieces:
        if encoding == "identity":
            return b"".join([piece async for piece in pieces])
        return await Packed.arriving(pieces)
