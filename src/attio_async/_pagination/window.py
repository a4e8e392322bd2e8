"""A window of creation time, read page by page while others write. No I/O.

A record that is deleted or created meanwhile shifts the offsets of those behind it. A window uses none: each page begins
at the creation time of the last record, oldest first, and what was returned before is skipped. Offsets remain among
records that were created at the same instant, if they do not fit one page, and in a saved view, whose conditions the API
does not tell. There each page must begin with a record that was returned, or it is read from further back.
https://docs.attio.com/rest-api/how-to/filtering-and-sorting
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, Protocol, TypeVar

import attrs
import msgspec

_LEAST_PAGE = 2
"""A page repeats the last record of the page before, so it needs room for another one."""

_MAX_ENDS = 3
"""How often the end of the same records is looked for again, when they became fewer than were returned."""

_TICK = timedelta(milliseconds=1)
"""The API tells nanoseconds, but sets milliseconds, so finer bounds would split nothing."""

_OLDEST_FIRST = ({"attribute": "created_at", "direction": "asc"},)


class Dated(Protocol):
    """A record or entry."""

    @property
    def id(self) -> str: ...
    @property
    def created_at_text(self) -> str | None: ...


R = TypeVar("R", bound=Dated)


class WindowToken(msgspec.Struct, omit_defaults=True):
    """The position in a window.

    Attributes:
        after: When the last record was created; where the window begins, as long as none was returned.
        returned: The records that were returned of those created then.
        position: The number of records before the last one in its view; None without a view.
        before: Where the window ends; None for the one without an end.
        unreadable: The records that were returned whose time of creation cannot be read.
    """

    after: str | None = None
    returned: list[str] = []
    position: int | None = None
    before: str | None = None
    unreadable: list[str] = []


@attrs.frozen
class WindowQuery:
    """A query for a page of a window."""

    after: str | None
    before: str | None
    offset: int
    size: int

    def body(self, conditions: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the body of the request, for what matches the conditions."""
        paging = {"limit": self.size, "offset": self.offset, "sorts": list(_OLDEST_FIRST)}
        bounds = {
            name: bound for name, bound in (("$gte", self.after), ("$lt", self.before)) if bound is not None
        }
        if "filter_view_id" in conditions:
            return {**conditions, **paging}
        parts = [conditions["filter"]] if "filter" in conditions else []
        if bounds:
            parts.append({"created_at": bounds})
        if not parts:
            return paging
        return {**paging, "filter": parts[0] if len(parts) == 1 else {"$and": parts}}


@attrs.define
class _Passed:
    """Records of a window that were passed; see `WindowToken`."""

    after: str | None
    returned: set[str]
    unreadable: set[str]
    position: int | None

    def is_passed(self, record: Dated) -> bool:
        return record.id in self.returned or record.id in self.unreadable

    def is_behind(self, record: Dated) -> bool:
        """Return True if a record of a view comes before the last one that was passed, which has all its time."""
        created = record.created_at_text
        return self.after is not None and created is not None and created < self.after

    def pass_by(self, record: Dated) -> None:
        created = record.created_at_text
        if created == self.after and created is not None:
            self.returned.add(record.id)
        elif created is None or read_time(created) is None:
            self.unreadable.add(record.id)
        else:
            self.after, self.returned = created, {record.id}


class TimeWindow(Generic[R]):
    """The records created in a window of time, or those of a view. Pages are read ahead of being given to the caller.

    Attributes:
        before: Where the window ends; None for the one without an end.
        is_over: True once all of it was read.
        is_busy: True while a page of it is being read.
        is_measured: True once a full page told how dense its records are; before, it is taken to be as the one that it was
            cut off from.
        unsettled: The number of its pages that were read and not given completely.
    """

    def __init__(
        self,
        token: WindowToken,
        size: int,
        *,
        is_view: bool = False,
        page_span: timedelta | None = None,
    ) -> None:
        self._read = _place_of(token)
        self._given = _place_of(token)
        self._size = max(size, _LEAST_PAGE)
        self._is_view = is_view
        self._page_span = page_span
        self._offset = (token.position or 0) if is_view else 0
        self._ends = 0
        self._is_going_back = False
        self._is_blurred = bool(token.unreadable)
        self.before = token.before
        self.is_over = False
        self.is_busy = False
        self.is_measured = False
        self.unsettled = 0

    @property
    def is_settled(self) -> bool:
        """True if all of it was given, and nothing can come later."""
        return self.is_over and not self.unsettled and self.before is not None

    def token(self) -> WindowToken:
        """Return the position after the last record that was given."""
        given = self._given
        return WindowToken(
            given.after, sorted(given.returned), given.position, self.before, sorted(given.unreadable)
        )

    def rewound(self) -> "TimeWindow[R]":
        """Return the window as it is for one who knows only what was given."""
        if self.is_over and not self.unsettled:
            return self
        return TimeWindow(self.token(), self._size, is_view=self._is_view, page_span=self._page_span)

    def give(self, record: R) -> None:
        """Note that the caller got a record."""
        self._given.pass_by(record)

    def query(self) -> WindowQuery:
        """Return the query for the next page."""
        return WindowQuery(
            None if self._is_view else self._read.after,
            None if self._is_view else self.before,
            self._offset,
            self._size,
        )

    def take(self, query: WindowQuery, found: Sequence[R]) -> list[R]:
        """Take the answer to the last query, and return the records in it that are new."""
        if query.offset and self._is_shifted(found):
            self._offset = max(0, query.offset - query.size + 1)
            self._is_going_back = True
            return []
        self._is_going_back = False
        is_full = len(found) >= query.size
        kept, ends_here = self._within(query, found)
        if is_full and not self._is_view:
            kept = self._dated(query, kept)
        new = self._pass_by(kept)
        if new:
            self._ends = 0
        if is_full:
            self._measure(found)
        if self._is_view:
            self._offset = self._read.position = query.offset + max(len(found) - 1, 0)
            self._given.position = self._offset
            self.is_over = not is_full
        elif ends_here or (not is_full and len(kept) == len(found)):
            self.is_over = True
        elif self._read.after != query.after:
            self._offset, self._is_blurred = 0, False
        else:
            self._offset = query.offset + max(len(kept) - 1, 0)
        return new

    def _is_shifted(self, found: Sequence[R]) -> bool:
        """Return True if a page does not begin with a record that was returned: those before it have become fewer."""
        if found:
            return not self._read.is_passed(found[0]) and not (
                self._is_view and self._read.is_behind(found[0])
            )
        if not self._is_going_back:
            self._ends += 1
        return self._ends <= _MAX_ENDS

    def _within(self, query: WindowQuery, found: Sequence[R]) -> tuple[Sequence[R], bool]:
        """Return what is surely within the window, which may have become shorter meanwhile, and True if it ends there."""
        end = read_time(self.before)
        if query.before == self.before or end is None:
            return found, False
        count = 0
        for index, record in enumerate(found):
            created = read_time(record.created_at_text)
            if created is not None and created >= end:
                return found[:count], count == index
            if created is not None:
                count = index + 1
        return found[:count], False

    def _dated(self, query: WindowQuery, found: Sequence[R]) -> Sequence[R]:
        """Return what comes up to the last record whose time of creation can be read.

        The others may be created at any time from then on, so the window could not be split. They come again in the next
        page. Where nothing else is in a page, they are taken, and the window is not split before the next readable time.
        """
        count = len(found)
        while count and read_time(found[count - 1].created_at_text) is None:
            count -= 1
        if count == len(found) or (count and found[count - 1].created_at_text != query.after):
            return found[:count]
        self._is_blurred = True
        return found

    def _pass_by(self, found: Sequence[R]) -> list[R]:
        read, new = self._read, list[R]()
        for record in found:
            if not (read.is_passed(record) or (self._is_view and read.is_behind(record))):
                read.pass_by(record)
                new.append(record)
        return new

    def _measure(self, found: Sequence[R]) -> None:
        first, last = read_time(found[0].created_at_text), read_time(found[-1].created_at_text)
        if first is not None and last is not None:
            self._page_span = max(last - first, _TICK)
            self.is_measured = True

    # Splitting

    def pages_left(self, now: datetime) -> float:
        """Return about how many pages are left, if they are as full as the last one; 0 if that is not known."""
        start, end = read_time(self._read.after), read_time(self.before) or now
        if (
            self.is_over
            or self._is_view
            or self._is_blurred
            or start is None
            or self._page_span is None
            or end <= start
        ):
            return 0
        return (end - start) / self._page_span

    def split(self, now: datetime, share: float = 0.5) -> "TimeWindow[R] | None":
        """Keep a share of what is left, and return the later rest; None if that cannot be cut."""
        start, end = read_time(self._read.after), read_time(self.before) or now
        if start is None:
            return None
        middle = start + (end - start) * share
        middle -= timedelta(microseconds=middle.microsecond % 1000)
        if middle <= start:
            return None
        later = WindowToken(after=_text_of(middle), before=self.before)
        self.before = later.after
        return TimeWindow(later, self._size, page_span=self._page_span)


def read_time(text: str | None) -> datetime | None:
    """Return a time of creation, to the microsecond; None if it cannot be read."""
    try:
        found = datetime.fromisoformat(text or "")
        return found.astimezone(UTC) if found.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def _text_of(time: datetime) -> str:
    return f"{time.replace(tzinfo=None).isoformat(timespec='milliseconds')}000000Z"


def _place_of(token: WindowToken) -> _Passed:
    return _Passed(token.after, set(token.returned), set(token.unreadable), token.position)
