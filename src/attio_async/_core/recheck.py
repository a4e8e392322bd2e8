"""Whether a refusal of the access token can be believed. Pure: the pipeline asks, and sends the probe."""

from http import HTTPStatus

import msgspec

from attio_async_api.operations import GET_SELF, Operation

from ..errors import APIError, AuthenticationFailed, PermissionDenied
from .message import Request, Response

__all__ = ["PROBE", "TokenTrust", "token_works"]

PROBE = Request(method=GET_SELF.method, path=GET_SELF.path)
"""What asks whether the token works."""

_RECENT = 60.0
"""Seconds for which a success speaks for the token."""

_OPERATIONS = 200
"""Operations whose last success is remembered."""


class TokenTrust:
    """Remembers when the token last worked, at all and for each operation."""

    __slots__ = ("_worked_at", "_worked_for")

    def __init__(self) -> None:
        self._worked_at = float("-inf")
        self._worked_for: dict[str, float] = {}

    def worked(self, operation: Operation, now: float) -> None:
        self._worked_at = now
        if operation.id in self._worked_for or len(self._worked_for) < _OPERATIONS:
            self._worked_for[operation.id] = now

    def doubts(self, operation: Operation, error: APIError, now: float) -> bool:
        """Whether this refusal contradicts what the token could do a moment ago.

        An unknown token contradicts any success. A missing scope is believed, unless the same operation worked.
        """
        if isinstance(error, PermissionDenied) or error.status == HTTPStatus.FORBIDDEN:
            worked = self._worked_for.get(operation.id, float("-inf"))
        elif isinstance(error, AuthenticationFailed):
            worked = self._worked_at
        else:
            return False
        return now - worked <= _RECENT

    def forget(self) -> None:
        """The token is dead: from now on refusals are believed."""
        self._worked_at = float("-inf")
        self._worked_for.clear()


def token_works(response: Response) -> bool:
    """What the answer to the probe says of the token."""
    try:
        answer: object = msgspec.json.decode(response.body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
    return isinstance(answer, dict) and answer.get("active") is not False  # pyright: ignore[reportUnknownMemberType]
