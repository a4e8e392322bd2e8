"""Requests and answers as the pipeline and middleware see them."""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Any, Protocol

import attrs

from .gzip import Packed

_LARGE = 32 * 1024
"""Bytes from which on a page stays packed."""

Sink = Callable[[AsyncIterator[bytes]], Awaitable[None]]
"""Takes the pieces of a body; called for each attempt, with the pieces from the beginning."""


@attrs.frozen(kw_only=True)
class Content:
    """A body that is sent piece by piece.

    Attributes:
        type: The media type.
        open: Gives the pieces from the beginning; called for each attempt.
        length: How many bytes they are in all; None when that is not known.
    """

    type: str
    open: Callable[[], AsyncGenerator[bytes]]
    length: int | None = None


@attrs.frozen(kw_only=True)
class Request:
    """One request, without the access token: that is added when it leaves.

    Attributes:
        method: The HTTP method.
        path: The path below the base URL, percent-encoded, such as "/v2/objects/people/records/query".
        params: Query parameters.
        json: What the body says, before it becomes JSON; None sends no body.
        headers: Further headers.
        content: A body that is sent piece by piece, in place of `json`.
        sink: Takes the body of a successful answer, which is then followed wherever it redirects to, without the
            token.
        is_page: Whether a large answer stays packed until it is read, since many may wait for that. Only then it
            is known whether it is damaged.
    """

    method: str
    path: str
    params: Mapping[str, Any] = attrs.field(factory=dict[str, Any])
    json: Any = None
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str])
    content: Content | None = None
    sink: Sink | None = None
    is_page: bool = False

    @property
    def is_streamed(self) -> bool:
        """Whether how long it takes depends on how much there is to carry."""
        return self.content is not None or self.sink is not None

    @classmethod
    def built(cls, parts: Mapping[str, Any], *, is_page: bool = False) -> "Request":
        """From what a generated request builder returns."""
        return cls(
            method=parts["method"].upper(),
            path=parts["url"],
            params=parts.get("params", {}),
            json=parts.get("json"),
            is_page=is_page,
        )


@attrs.frozen(kw_only=True)
class Response:
    """An answer: the status, headers with lower-case names, the body's bytes, and how often it took."""

    status: int
    headers: Mapping[str, str]
    _body: bytes | Packed = attrs.field(alias="body", repr=False)
    attempts: int = 1

    @property
    def body(self) -> bytes:
        """All of the body.

        Raises:
            ConnectionFailed: It is damaged, which is known of a large page only when it is read.
        """
        return self._body if isinstance(self._body, bytes) else b"".join(self._body.steps())

    @property
    def size(self) -> int:
        """Bytes that the body takes as it is kept here."""
        return len(self._body)

    def steps(self) -> Iterator[bytes]:
        """The body in parts: a large page is unpacked as they are asked for, and never in memory as a whole.

        Raises:
            ConnectionFailed: It is damaged.
        """
        return iter((self._body,)) if isinstance(self._body, bytes) else self._body.steps()

    @property
    def is_success(self) -> bool:
        """Whether the status is one of the 200s."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES


def unpacked(request: Request, body: bytes | Packed) -> bytes | Packed:
    """The body of the answer to a request, which stays packed if it is a large page.

    Raises:
        ConnectionFailed: It is damaged.
    """
    if isinstance(body, bytes) or (request.is_page and len(body) > _LARGE):
        return body
    return b"".join(body.steps())


TokenSource = str | Callable[[], Awaitable[str]]


class Transport(Protocol):
    """What turns one request into one answer, without limits, retries or judgement."""

    async def send(self, request: Request) -> Response:
        """Send once.

        Raises:
            TransportError: No answer arrived; its `sent` says whether the request may have.
        """
        ...


class HttpClient(Protocol):
    """An `AsyncClient` of httpx or httpx2."""

    @property
    def build_request(self) -> Callable[..., Any]:
        """Makes a request."""
        ...

    @property
    def send(self) -> Callable[..., Awaitable[Any]]:
        """Sends it."""
        ...


class HttpTransport(Protocol):
    """An `AsyncBaseTransport` of httpx or httpx2."""

    @property
    def handle_async_request(self) -> Callable[..., Awaitable[Any]]:
        """Sends a request."""
        ...
