"""Requests and answers as the pipeline and middleware see them."""

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any, Protocol

import attrs

__all__ = ["Request", "Response", "TokenSource", "Transport"]


@attrs.frozen(kw_only=True)
class Request:
    """One request, without the access token: that is added when it leaves.

    Attributes:
        method: The HTTP method.
        path: The path below the base URL, percent-encoded, such as "/v2/objects/people/records/query".
        params: Query parameters.
        json: What the body says, before it becomes JSON; None sends no body.
        headers: Further headers.
    """

    method: str
    path: str
    params: Mapping[str, Any] = attrs.field(factory=dict[str, Any])
    json: Any = None
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str])

    @classmethod
    def built(cls, parts: Mapping[str, Any]) -> "Request":
        """From what a generated request builder returns."""
        return cls(
            method=parts["method"].upper(),
            path=parts["url"],
            params=parts.get("params", {}),
            json=parts.get("json"),
        )


@attrs.frozen(kw_only=True)
class Response:
    """An answer: the status, headers with lower-case names, the body's bytes, and how often it took."""

    status: int
    headers: Mapping[str, str]
    body: bytes = attrs.field(repr=False)
    attempts: int = 1

    @property
    def is_success(self) -> bool:
        """Whether the status is one of the 200s."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES


TokenSource = str | Callable[[], Awaitable[str]]


class Transport(Protocol):
    """What turns one request into one answer, without limits, retries or judgement."""

    async def send(self, request: Request) -> Response:
        """Send once.

        Raises:
            TransportError: No answer arrived; its `sent` says whether the request may have.
        """
        ...
