"""The requests that a fake has answered."""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import parse_qsl

import attrs
import msgspec

from .._faults.injector import check_operation

_LONGEST_BODY = 64 * 1024
_KEPT_BODIES = 16 * 1024 * 1024


@attrs.frozen
class Call:
    """One request the fake has answered.

    Two calls are equal when they are in what comes before `query`.

    Attributes:
        time: Unix time when it was answered.
        method: In capital letters.
        path: Without the query, percent-encoded as it came.
        operation_id: None where no operation matches.
        status: Of the answer; 0 where a fault left the request undone and without one.
        query: What follows the question mark.
        body: Of the request, as it was sent. A body above 64 KiB is not kept, and of all bodies only the last 16 MiB.
        fault: What the request met, if anything; with it the answer may not have arrived.
    """

    time: float
    method: str
    path: str
    operation_id: str | None
    status: int
    query: str = attrs.field(default="", eq=False)
    body: bytes = attrs.field(default=b"", eq=False, repr=False)
    fault: object = attrs.field(default=None, eq=False)

    @property
    def params(self) -> dict[str, str]:
        """The query, decoded; of repeated parameters the last."""
        return dict(parse_qsl(self.query, keep_blank_values=True))

    @property
    def json(self) -> Any:
        """The body of the request, decoded; None where there was none, or none was kept.

        Raises:
            ValueError: It is no JSON.
        """
        if not self.body:
            return None
        try:
            return msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise ValueError(f"the body of {self.method} {self.path} is no JSON: {error}") from None


class Calls(list[Call]):
    """The requests in the order in which they were answered.

    Args:
        calls: Those that are there already.
        keep: How many there can be; the oldest is dropped for a new one. None for any number.
    """

    def __init__(self, calls: Iterable[Call] = (), *, keep: int | None = None) -> None:
        super().__init__(calls)
        self._keep = keep
        self._bytes = 0
        self._forgotten = 0

    def record(self, call: Call) -> None:
        """Append a call, with as much of its body as is kept."""
        if self._keep == 0:
            return
        if len(self) == self._keep:
            self._bytes -= len(self.pop(0).body)
            self._forgotten = max(0, self._forgotten - 1)
        if len(call.body) > _LONGEST_BODY:
            call = attrs.evolve(call, body=b"")
        self.append(call)
        self._bytes += len(call.body)
        while self._bytes > _KEPT_BODIES and self._forgotten < len(self):
            oldest = self[self._forgotten]
            self._bytes -= len(oldest.body)
            if oldest.body:
                self[self._forgotten] = attrs.evolve(oldest, body=b"")
            self._forgotten += 1

    def clear(self) -> None:
        """Forget them all."""
        super().clear()
        self._bytes = self._forgotten = 0

    def where(
        self,
        *,
        operation_id: str | None = None,
        method: str | None = None,
        path: str | None = None,
        status: int | None = None,
    ) -> "Calls":
        """Those calls for which all of this is true, as calls of their own.

        Args:
            operation_id: Such as "create_record".
            method: In capital letters.
            path: `*` stands for any text, `?` for one character.
            status: Of the answer.

        Raises:
            ValueError: There is no such operation.
        """
        if operation_id is not None:
            check_operation(operation_id)
        return Calls(
            call
            for call in self
            if operation_id in (None, call.operation_id)
            and method in (None, call.method)
            and status in (None, call.status)
            and (path is None or fnmatchcase(call.path, path))
        )
