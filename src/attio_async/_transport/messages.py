"""Requests and responses as the pipeline and middleware see them."""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Any, Protocol

import attrs
from anyio.lowlevel import checkpoint

from attio_async_api.operations import Operation

from .._utils.public import public
from .._utils.secret import Secret
from .gzip import DamagedBody, Packed

_MIN_PACKED_BYTES = 32 * 1024
"""A page larger than this stays compressed until it is read."""

_SUCCESS = range(HTTPStatus.OK, HTTPStatus.MULTIPLE_CHOICES)

_STEPS_IN_A_ROW = 16
"""Steps of decompression, a millisecond or less each, between two checkpoints."""

Sink = Callable[[AsyncIterator[bytes]], Awaitable[None]]
"""Takes the pieces of a body. It is called for each attempt, with the pieces from the beginning."""

HiddenToken = Secret | Callable[[], Awaitable[str]]
"""An access token that is not shown, or an async function that returns it."""

TokenSource = str | HiddenToken
"""An access token, or an async function that returns it and is called for each request."""


@public
@attrs.frozen(kw_only=True)
class Content:
    """A body that is sent piece by piece.

    Attributes:
        type: The media type.
        open: Returns the pieces from the beginning; called for each attempt.
        length: The number of bytes; None if it is not known.
    """

    type: str
    open: Callable[[], AsyncGenerator[bytes]]
    length: int | None = None


@public
@attrs.frozen(kw_only=True)
class Request:
    """One request, without the access token, which is added when it leaves.

    Attributes:
        method: The HTTP method.
        path: The path below the base URL, percent-encoded, such as "/v2/objects/people/records/query".
        params: Query parameters.
        json: The body before it is encoded as JSON; None sends no body.
        headers: Further headers.
        content: A body that is sent piece by piece, instead of `json`.
        sink: Takes the body of a successful response. Redirects are followed then, without the token.
        is_page: True to keep a large response compressed until it is read, since many may wait for that. A damaged one
            is detected only then.
        operation: The operation, with its `id` and the template of its `path`; always set for middleware.
        base_url: The address that `path` is below; set for middleware.
        attempt: The number of this attempt, for middleware; 1 is the first.
        waited: Seconds that this attempt waited for its permits, a connection and, if it is a retry, before that; for
            middleware.
    """

    method: str
    path: str
    params: Mapping[str, Any] = attrs.field(factory=dict[str, Any])
    json: Any = None
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str])
    content: Content | None = None
    sink: Sink | None = None
    is_page: bool = False
    operation: Operation | None = attrs.field(default=None, repr=False)
    base_url: str = attrs.field(default="", repr=False)
    attempt: int = attrs.field(default=1, repr=False)
    waited: float = attrs.field(default=0.0, repr=False)

    @property
    def is_streamed(self) -> bool:
        """True if its duration depends on the size of a body."""
        return self.content is not None or self.sink is not None


@public
@attrs.frozen(kw_only=True)
class Response:
    """A response: the status, headers with lower-case names, the body, and how many attempts it took."""

    status: int
    headers: Mapping[str, str]
    _body: bytes | Packed = attrs.field(alias="body", repr=False)
    attempts: int = 1

    @property
    def body(self) -> bytes:
        """The whole body.

        Raises:
            ConnectionFailed: It is damaged. Only a large page can still be, see `Request.is_page`.
        """
        return self._body if isinstance(self._body, bytes) else b"".join(self._body.steps())

    @property
    def size(self) -> int:
        """The bytes that the body takes in memory, compressed or not."""
        return len(self._body)

    def steps(self) -> Iterator[bytes]:
        """Iterate over the body in parts. A large page is decompressed part by part, never as a whole.

        Raises:
            ConnectionFailed: It is damaged.
        """
        return iter((self._body,)) if isinstance(self._body, bytes) else self._body.steps()

    @property
    def is_success(self) -> bool:
        """True if the status is 2xx."""
        return self.status in _SUCCESS


async def received(
    request: Request, status: int, headers: Mapping[str, str], body: bytes | Packed
) -> Response:
    """Return the response to a request, its body decompressed unless it is a large page.

    Raises:
        ConnectionFailed: The body of a success is damaged. That of a failure counts as empty: the status tells enough.
    """
    is_success = status in _SUCCESS
    if isinstance(body, Packed) and not (is_success and request.is_page and len(body) > _MIN_PACKED_BYTES):
        try:
            body = await _joined(body)
        except DamagedBody:
            if is_success:
                raise
            body = b""
    return Response(status=status, headers=headers, body=body)


async def _joined(body: Packed) -> bytes:
    """Decompress a body; others have their turn in between."""
    steps: list[bytes] = []
    for step in body.steps():
        steps.append(step)
        if len(steps) % _STEPS_IN_A_ROW == 0:
            await checkpoint()
    return b"".join(steps)


class Transport(Protocol):
    """Turns one request into one response, without limits or retries; any status is a response."""

    async def send(self, request: Request) -> Response:
        """Send a request once.

        Raises:
            TransportError: No response arrived; `sent` says whether the request may have been sent.
        """
        ...


@public
class HttpClient(Protocol):
    """An `AsyncClient` of httpx or httpx2."""

    @property
    def build_request(self) -> Callable[..., Any]:
        """Creates a request."""
        ...

    @property
    def send(self) -> Callable[..., Awaitable[Any]]:
        """Sends it."""
        ...


@public
class HttpTransport(Protocol):
    """An `AsyncBaseTransport` of httpx or httpx2."""

    @property
    def handle_async_request(self) -> Callable[..., Awaitable[Any]]:
        """Sends a request."""
        ...
