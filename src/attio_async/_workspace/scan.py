"""Scans: all records, each exactly once, although others write meanwhile.

A record that is deleted or created meanwhile shifts the offsets of those behind it. A scan uses no offset: it queries
the records created at or after the last one it returned, oldest first, and skips those it has returned.
https://docs.attio.com/rest-api/how-to/filtering-and-sorting
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any, Generic, Self, TypeVar

import msgspec

from .._records.models import AttributeMapping
from .._utils.public import public
from ..errors import ConfigurationError

R = TypeVar("R", bound=AttributeMapping)

_RunQuery = Callable[[Mapping[str, Any]], Awaitable[Sequence[R]]]
_ReadConditions = Callable[[], Awaitable[Mapping[str, Any]]]

_LEAST_PAGE_OF_VIEW = 2
"""A page repeats the last record of the page before, so it needs room for another one."""

_OLDEST_FIRST = ({"attribute": "created_at", "direction": "asc"},)


class _ScanToken(msgspec.Struct, omit_defaults=True):
    """The position of a scan: when the last record was created, and the records returned of those created then.

    `position` is the number of records before the last one in its view; None for a scan without a view.
    """

    scan: str
    after: str | None = None
    returned: list[str] = []
    position: int | None = None


@public
class Scan(Generic[R]):
    """All matching records, each once, oldest first: an async iterator. Making one sends nothing.

    Every record that exists during the whole scan is returned, whatever others create or delete meanwhile. Each page
    is one request and repeats at least one record of the page before. Offsets are used only among records that were
    created at the same instant, if they do not fit one page, and for the records of a saved view, whose conditions the
    API does not tell: there each page must begin with a record that was returned before, or it is read from further back.

    `token` is the position after the last record; a new scan with ``resume=token`` continues there.
    """

    def __init__(
        self,
        query: _RunQuery[R],
        name: str,
        read_conditions: _ReadConditions,
        *,
        limit: int | None,
        page_size: int,
        resume: str | None,
        describe: Callable[[], str] | None = None,
    ) -> None:
        self._describe = describe or (lambda: name)
        self._query = query
        self._name = name
        self._read_conditions = read_conditions
        self._conditions: Mapping[str, Any] | None = None
        self._left = limit
        self._page_size = page_size
        self._state = _ScanToken(name) if resume is None else _parse_token(resume, name)
        self._operator = "$gte"
        self._queried_from: str | None = None
        self._offset = 0
        self._page: Iterator[R] = iter(())
        self._is_last = False

    def __repr__(self) -> str:
        return f"<Scan of {self._describe()}>"

    @property
    def token(self) -> str:
        """The position after the last record, as a text that `resume` takes."""
        return msgspec.json.encode(self._state).decode()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> R:
        while self._left != 0:
            for record in self._page:
                if self._is_new(record):
                    if self._left is not None:
                        self._left -= 1
                    return record
            if self._is_last:
                break
            await self._read_page()
        raise StopAsyncIteration

    async def _read_page(self) -> None:
        if self._conditions is None:
            self._conditions = await self._read_conditions()
        if "filter_view_id" in self._conditions:
            await self._read_page_of_view(self._conditions)
            return
        found = await self._query(self._body(self._conditions))
        self._page = iter(found)
        is_full = len(found) == self._page_size
        if self._operator == "$eq" and not is_full:
            self._operator, self._offset = "$gt", 0  # no more records of that instant
            return
        self._is_last = not is_full
        if self._operator == "$eq" or (is_full and found[-1].created_at_text is None):
            self._offset += len(found)
        elif is_full and found[-1].created_at_text == self._queried_from:
            # More records than fit a page were created at one instant. Only these are paged by offset, so that what
            # others do to them cannot shift the rest.
            self._operator, self._offset = "$eq", len(found)
        else:
            self._operator, self._offset = "$gte", 0

    async def _read_page_of_view(self, conditions: Mapping[str, Any]) -> None:
        """Read on from the last record that was returned; records before it may have left the view meanwhile."""
        size, offset = max(self._page_size, _LEAST_PAGE_OF_VIEW), self._state.position or 0
        while True:
            body = {**conditions, "sorts": list(_OLDEST_FIRST), "limit": size, "offset": offset}
            found = await self._query(body)
            if offset == 0 or (found and not self._is_later(found[0])):
                break
            offset = max(0, offset - size)
        self._page = filter(self._is_later, found)
        self._is_last = len(found) < size
        self._state.position = offset + max(len(found) - 1, 0)

    def _is_later(self, record: R) -> bool:
        """Return True if a record comes after all that were returned."""
        created, after = record.created_at_text or "", self._state.after or ""
        return created > after or (created == after and record.id not in self._state.returned)

    def _body(self, conditions: Mapping[str, Any]) -> Mapping[str, Any]:
        self._queried_from = self._state.after
        parts = [conditions["filter"]] if "filter" in conditions else []
        if self._queried_from is not None:
            parts.append({"created_at": {self._operator: self._queried_from}})
        body: dict[str, Any] = {
            "limit": self._page_size,
            "offset": self._offset,
            "sorts": list(_OLDEST_FIRST),
        }
        if parts:
            body["filter"] = parts[0] if len(parts) == 1 else {"$and": parts}
        return body

    def _is_new(self, record: R) -> bool:
        """Return True if the record was not returned yet, and remember it."""
        state = self._state
        if record.id in state.returned:
            return False
        created = record.created_at_text
        if created == state.after:
            state.returned.append(record.id)
        else:
            state.after, state.returned = created, [record.id]
        return True


def _parse_token(token: str, name: str) -> _ScanToken:
    try:
        state = msgspec.json.decode(token, type=_ScanToken)
    except (
        msgspec.DecodeError,
        RecursionError,
        TypeError,
        UnicodeError,
    ):  # the last two for what is not a text
        raise ConfigurationError("resume is not a valid token; give the token of an earlier scan") from None
    if state.scan != name:
        raise ConfigurationError(
            f"the token is of a scan of {state.scan!r}; resume {name!r} with a token of its own"
        )
    return state
