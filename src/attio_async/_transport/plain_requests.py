"""Plain requests: those that go around the client of the HTTP library, and how they are addressed."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Protocol, runtime_checkable

import httpx

from .messages import Request, Response

_PLAIN_PATH = re.compile(r"(/(?!\.)[A-Za-z0-9\-._~!$&'()*+,;=:@%]*)+")
"""A path that is sent as it is; httpx quotes any other."""


_UNQUOTED = re.compile(r"[A-Za-z0-9_.~-]*")
"""A name or value that is the same in a query, as most are; httpx takes ten times as long to find that out."""


class PlainSender(Protocol):
    """Sends plain requests to one base URL."""

    def is_bypassed(self) -> bool:
        """Return True while a tool has patched the HTTP library, since it must see every request."""
        ...

    async def exchange(self, request: Request, headers: Mapping[str, str], content: bytes | None) -> Response:
        """Send one request and read its response.

        Raises:
            TransportError: No response arrived, or its body is damaged; `sent` says whether the request may have been sent.
            httpx.HTTPError: Likewise.
        """
        ...


@runtime_checkable
class PlainTransport(Protocol):
    """A transport that also sends plain requests without the client of the HTTP library."""

    def plain_sender(self, base_url: str, timeout: float, total: float) -> PlainSender:
        """Return what sends plain requests to this base URL.

        Args:
            base_url: The base URL.
            timeout: Seconds without progress.
            total: Seconds that a response may take in all.
        """
        ...


class RequestTargets:
    """Addresses of requests to one base URL."""

    def __init__(self, base_url: str) -> None:
        url = httpx.URL(base_url)
        self._base_url = base_url
        self._prefix = url.raw_path.rstrip(b"/")

    def of(self, request: Request) -> bytes:
        """Return the path and query of a request, percent-encoded."""
        if not _PLAIN_PATH.fullmatch(request.path):
            params = {"params": dict(request.params)} if request.params else {}
            return httpx.URL(self._base_url + request.path, **params).raw_path
        target = self._prefix + request.path.encode("ascii")
        if request.params:
            target += b"?" + _query(request.params).encode("ascii")
        return target


def _query(params: Mapping[str, Any]) -> str:
    for name, value in params.items():
        is_text = type(name) is str and type(value) is str
        if not is_text or not _UNQUOTED.fullmatch(name) or not _UNQUOTED.fullmatch(value):
            return str(httpx.QueryParams(dict(params)))
    return "&".join([f"{name}={value}" for name, value in params.items()])


class PatchableMethods:
    """Methods of a library that tools such as respx patch.

    One that this version of the library does not have counts as patched: where a tool would patch it is then unknown.

    Args:
        library: The name of the library.
        current: Returns the methods as they are now.
    """

    def __init__(self, library: str, current: Callable[[], tuple[object, ...]]) -> None:
        self._current = current
        self._originals = current()
        self._were_patched = not all(_belongs_to(library, method) for method in self._originals)

    def are_patched(self) -> bool:
        """Return True if one of the methods is not the library's own."""
        return self._were_patched or self._current() != self._originals


def _belongs_to(library: str, method: object) -> bool:
    return not hasattr(method, "__wrapped__") and str(getattr(method, "__module__", "")).startswith(
        f"{library}."
    )


def _httpx_methods() -> tuple[object, ...]:
    client, transport = vars(httpx.AsyncClient), httpx.AsyncHTTPTransport
    return client.get("send"), client.get("_transport_for_url"), transport.handle_async_request


HTTPX = PatchableMethods("httpx", _httpx_methods)
