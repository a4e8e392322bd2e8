"""Requests to one base URL through a free list, without a client of the HTTP library in between."""

from collections.abc import Iterable, Mapping

import attrs
import httpcore
import httpx

from .backends import Library, no_response
from .connection import Origin, Timeouts
from .free_list import HTTPCORE, FreeList
from .gzip import DamagedBody, unpackable
from .http1 import RequestHead, head_of
from .messages import Request, Response, received
from .plain_requests import HTTPX, RequestTargets

_DEFAULT_PORTS = {"http": 80, "https": 443}

_HTTPCORE = Library.of(httpcore)


@attrs.frozen(repr=False)
class _CheckedHeaders:
    """Headers, the token among them, and a head with them."""

    sent: Mapping[str, str]
    length: int | None
    head: RequestHead


class DirectClient:
    """Sends plain requests to one base URL, through a free list of connections."""

    def __init__(self, connections: FreeList, base_url: str, timeout: httpx.Timeout) -> None:
        url = httpx.URL(base_url)
        self._connections = connections
        self._targets = RequestTargets(base_url)
        self._host = url.netloc.decode("ascii")
        self._origin = Origin(url.raw_scheme, url.raw_host, url.port or _DEFAULT_PORTS[url.scheme])
        self._headers = [(b"Host", url.netloc), (b"Accept-Encoding", b"gzip")]
        self._last: _CheckedHeaders | None = None
        self._timeouts = Timeouts(timeout.connect, timeout.read, timeout.write)

    def is_bypassed(self) -> bool:
        """Return True while a tool has patched httpx or httpcore, since it must see every request."""
        return HTTPX.are_patched() or HTTPCORE.are_patched()

    async def exchange(self, request: Request, headers: Mapping[str, str], content: bytes | None) -> Response:
        """Send one request and read its response.

        Raises:
            TransportError: No response arrived, or its body is damaged; `sent` says whether the request may have been sent.
        """
        try:
            return await self._exchange(request, headers, content)
        except DamagedBody as error:
            raise no_response(request, str(error)) from None
        except _HTTPCORE.errors as error:
            raise _HTTPCORE.translated(request, error, self._host) from None

    async def _exchange(
        self, request: Request, headers: Mapping[str, str], content: bytes | None
    ) -> Response:
        head = self._head(request, headers, content)
        response, pieces = await self._connections.exchange(self._origin, head, content, self._timeouts)
        fields = _headers(response.headers)
        body = unpackable(pieces, fields.get("content-encoding", ""))
        return await received(request, response.status, fields, body)

    def _head(self, request: Request, headers: Mapping[str, str], content: bytes | None) -> RequestHead:
        """Return the head of a request. Headers equal to those of the last request are not checked again."""
        method, target, length = request.method.encode("ascii"), self._targets.of(request), _length(content)
        last = self._last
        if last is not None and last.length == length and last.sent == headers:
            return last.head.with_target(method, target)
        sent = self._headers + [
            (name.encode("ascii"), value.encode("ascii")) for name, value in headers.items()
        ]
        if length is not None:
            sent.append((b"Content-Length", b"%d" % length))
        head = head_of(method, target, sent)
        self._last = _CheckedHeaders(dict(headers), length, head)
        return head


def _length(content: bytes | None) -> int | None:
    return None if content is None else len(content)


def _headers(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return headers by their lower-case names; repeated ones are joined by commas, as HTTP defines it."""
    headers: dict[str, str] = {}
    for key, value in raw:
        name, text = key.decode("latin-1").lower(), value.decode("latin-1")
        headers[name] = f"{headers[name]}, {text}" if name in headers else text
    return headers
