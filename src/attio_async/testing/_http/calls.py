"""The requests that a fake has answered."""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import parse_qsl

import attrs
import msgspec

from ..._utils.public import public
from .router import check_operations

_MAX_BODY_BYTES = 64 * 1024
_MAX_TOTAL_BYTES = 16 * 1024 * 1024


@public
@attrs.frozen
class Call:
    """A request that the fake has answered.

    Two calls are equal if the attributes before `query` are.

    Attributes:
        time: The Unix time of the response.
        method: The HTTP method, in capital letters.
        path: The path without the query, percent-encoded as it was sent.
        operation: The operation; None if none matches.
        status: The status of the response; 0 if a fault prevented the request and its response.
        query: The query, without the question mark.
        body: The body of the request as it was sent. A body above 64 KiB is not kept, and of all bodies only the
            last 16 MiB.
        fault: The fault that the request met; with one, the response may not have arrived.
    """

    time: float
    method: str
    path: str
    operation: str | None
    status: int
    query: str = attrs.field(default="", eq=False)
    body: bytes = attrs.field(default=b"", eq=False, repr=False)
    fault: object = attrs.field(default=None, eq=False)

    @property
    def params(self) -> dict[str, str]:
        """The decoded query; of repeated parameters the last."""
        return dict(parse_qsl(self.query, keep_blank_values=True))

    @property
    def json(self) -> Any:
        """The decoded body of the request; None if the request has none or it was not kept.

        Raises:
            ValueError: The body is not valid JSON.
        """
        if not self.body:
            return None
        try:
            return msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise ValueError(f"the body of {self.method} {self.path} is not valid JSON: {error}") from None


@public
class Calls(list[Call]):
    """The requests in the order in which they were answered.

    Args:
        calls: The first calls.
        keep: How many of the last calls to keep. Default: all.
    """

    def __init__(self, calls: Iterable[Call] = (), *, keep: int | None = None) -> None:
        super().__init__(calls)
        self._keep = keep
        self._total_bytes = 0
        self._without_body = 0

    def record(self, call: Call) -> None:
        """Append a call, with its body if that is kept."""
        if self._keep == 0:
            return
        if len(self) == self._keep:
            self._total_bytes -= len(self.pop(0).body)
            self._without_body = max(0, self._without_body - 1)
        if len(call.body) > _MAX_BODY_BYTES:
            call = attrs.evolve(call, body=b"")
        self.append(call)
        self._total_bytes += len(call.body)
        while self._total_bytes > _MAX_TOTAL_BYTES and self._without_body < len(self):
            oldest = self[self._without_body]
            self._total_bytes -= len(oldest.body)
            if oldest.body:
                self[self._without_body] = attrs.evolve(oldest, body=b"")
            self._without_body += 1

    def clear(self) -> None:
        """Remove all calls."""
        super().clear()
        self._total_bytes = self._without_body = 0

    def where(
        self,
        *,
        operation: str | None = None,
        method: str | None = None,
        path: str | None = None,
        status: int | None = None,
    ) -> "Calls":
        """Return the calls that match all of the arguments.

        Args:
            operation: The operation, such as "create_record".
            method: The HTTP method, in capital letters.
            path: The path; `*` stands for any text, `?` for one character.
            status: The status of the response.

        Raises:
            ValueError: The operation is unknown.
        """
        check_operations(() if operation is None else (operation,))
        return Calls(
            call
            for call in self
            if operation in (None, call.operation)
            and method in (None, call.method)
            and status in (None, call.status)
            and (path is None or fnmatchcase(call.path, path))
        )
