"""A request by the connections alone, without the client of the HTTP library around them.

That client merges addresses, headers, cookies and redirects that are not wanted here, and takes two fifths of the
CPU of a small request for it.
"""

import re
from collections.abc import Iterable, Mapping

import h11
import httpcore
import httpx

from .connections import FreeList
from .failures import Failures, no_answer
from .gunzip import DamagedBody, Packed
from .http11 import Headers, Place, Timeouts, head_of
from .message import Request, Response, unpacked

__all__ = ["Direct"]

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
        self._place = Place(url.raw_scheme, url.raw_host, url.port or _PORTS[url.scheme])
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
