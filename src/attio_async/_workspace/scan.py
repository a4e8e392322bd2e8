"""Walking all records without losing one while others write.

Offsets count, so a record that is deleted or created meanwhile shifts the ones behind it. A scan does not count:
it asks for the records created at or after the last one it gave, oldest first, and leaves out those it has given.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any, Generic, Self, TypeVar

import msgspec

from .._records.models import Valued
from ..errors import ConfigurationError

R = TypeVar("R", bound=Valued)

Query = Callable[[Mapping[str, Any]], Awaitable[Sequence[R]]]
Conditions = Callable[[], Awaitable[Mapping[str, Any] | None]]

_OLDEST_FIRST = ({"attribute": "created_at", "direction": "asc"},)


class _Token(msgspec.Struct):
    """Where a scan stands: the moment of the last record given, and the records of that moment."""

    scan: str
    after: str | None = None
    given: list[str] = []


class Scan(Generic[R]):
    """All records that match, each once, oldest first. An async iterator; making one sends nothing.

    A record that exists during the whole scan is given, whatever others create or delete meanwhile. One request per
    page; each page repeats at least one record of the page before. Only where more records than fit a page were
    created in the same instant are these counted off among themselves, as `query` does with all.

    `token` says where the scan stands, after any record. A new scan made with ``resume=token`` goes on from there.
    """

    def __init__(
        self,
        query: Query[R],
        name: str,
        conditions: Conditions,
        *,
        limit: int | None,
        page_size: int,
        resume: str | None,
    ) -> None:
        self._query = query
        self._name = name
        self._conditions = conditions
        self._filter: Mapping[str, Any] | None = None
        self._begun = False
        self._left = limit
        self._page_size = page_size
        self._state = _Token(name) if resume is None else _parse(resume, name)
        self._operator = "$gte"
        self._asked_from: str | None = None
        self._offset = 0
        self._page: Iterator[R] = iter(())
        self._last = False

    @property
    def token(self) -> str:
        """Text that `resume` takes: everything up to the last record given is behind it."""
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
            if self._last:
                break
            await self._turn()
        raise StopAsyncIteration

    async def _turn(self) -> None:
        if not self._begun:
            self._filter, self._begun = await self._conditions(), True
        found = await self._query(self._body())
        self._page = iter(found)
        is_full = len(found) == self._page_size
        if self._operator == "$eq" and not is_full:
            self._operator, self._offset = "$gt", 0  # the crowded instant is over
            return
        self._last = not is_full
        if self._operator == "$eq" or (is_full and found[-1].created_at_text is None):
            self._offset += len(found)
        elif is_full and found[-1].created_at_text == self._asked_from:
            # More records than a page holds were created in one instant. These have to be counted off, by
            # themselves, so that what others do to them cannot shift the rest.
            self._operator, self._offset = "$eq", len(found)
        else:
            self._operator, self._offset = "$gte", 0

    def _body(self) -> Mapping[str, Any]:
        self._asked_from = self._state.after
        conditions = [dict(self._filter)] if self._filter else []
        if self._asked_from is not None:
            conditions.append({"created_at": {self._operator: self._asked_from}})
        body: dict[str, Any] = {
            "limit": self._page_size,
            "offset": self._offset,
            "sorts": list(_OLDEST_FIRST),
        }
        if conditions:
            body["filter"] = conditions[0] if len(conditions) == 1 else {"$and": conditions}
        return body

    def _is_new(self, record: R) -> bool:
        """Whether the record was not given yet; it then counts as given."""
        state = self._state
        if record.id in state.given:
            return False
        created = record.created_at_text
        if created == state.after:
            state.given.append(record.id)
        else:
            state.after, state.given = created, [record.id]
        return True


def _parse(token: str, name: str) -> _Token:
    try:
        state = msgspec.json.decode(token, type=_Token)
    except msgspec.DecodeError:
        raise ConfigurationError("resume takes the token of an earlier scan; this is none") from None
    if state.scan != name:
        raise ConfigurationError(f"the token is of a scan of {state.scan!r}, not of {name!r}")
    return state
