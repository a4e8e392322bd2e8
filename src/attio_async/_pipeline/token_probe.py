"""Doubts about responses that reject the access token although it worked a moment ago."""

from http import HTTPStatus

import msgspec

from attio_async_api.operations import GET_SELF, Operation

from .._transport.messages import Request, Response
from ..errors import APIError, AuthenticationFailed, PermissionDenied

PROBE = Request(method=GET_SELF.method, path=GET_SELF.path)
"""The request that checks whether the token works.

https://docs.attio.com/rest-api/endpoint-reference/meta/identify
"""

_TRUST_S = 60.0
"""How long a success speaks for the token."""

_MAX_OPERATIONS = 200
"""Operations whose last success is kept."""


class TokenTrust:
    """The last successes of the token, at all and by operation."""

    __slots__ = ("_worked_at", "_worked_for")

    def __init__(self) -> None:
        self._worked_at = float("-inf")
        self._worked_for: dict[str, float] = {}

    def worked(self, operation: Operation, now: float) -> None:
        """Note a success."""
        self._worked_at = now
        if operation.id in self._worked_for or len(self._worked_for) < _MAX_OPERATIONS:
            self._worked_for[operation.id] = now

    def doubts(self, operation: Operation, error: APIError, now: float) -> bool:
        """Return True if a rejection of the token contradicts a recent success.

        An unknown token contradicts any success; a missing scope only one of the same operation.
        """
        if isinstance(error, PermissionDenied) or error.status == HTTPStatus.FORBIDDEN:
            worked = self._worked_for.get(operation.id, float("-inf"))
        elif isinstance(error, AuthenticationFailed):
            worked = self._worked_at
        else:
            return False
        return now - worked <= _TRUST_S

    def forget(self) -> None:
        """Drop all successes, since the token no longer works: rejections are believed from now on."""
        self._worked_at = float("-inf")
        self._worked_for.clear()


def token_works(response: Response) -> bool:
    """Return True if the response to the probe says that the token works."""
    try:
        decoded: object = msgspec.json.decode(response.body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
    return isinstance(decoded, dict) and decoded.get("active") is not False  # pyright: ignore[reportUnknownMemberType]
