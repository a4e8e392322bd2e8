"""Results that come twice because pages shift while others write.

Offsets count results, so a write before them shifts a page: https://docs.attio.com/rest-api/how-to/pagination
"""

from collections import deque
from collections.abc import Hashable, Sequence
from typing import Generic, TypeVar

from ..errors import DecodeError
from .page import Identify

T = TypeVar("T")

_KEPT_PAGES = 2
"""Pages before the current one whose results are dropped if they come again."""

_MAX_STALE_PAGES = 3
"""Pages in a row without a new result after which the server is taken to ignore the offset."""


class Deduplicator(Generic[T]):
    """Drops results that one of the latest pages already had."""

    def __init__(self, identify: Identify[T] | None, prefetch: int) -> None:
        self._identify = identify
        self._pages: deque[set[Hashable]] = deque(maxlen=_KEPT_PAGES + prefetch)
        self._ids: set[Hashable] = set()
        self._has_new = False
        self._cursors: set[int] = set()
        self._stale = 0

    def drop_repeated(self, items: Sequence[T], offset: int | None) -> Sequence[T]:
        """Return the results, of some of the current page, that no earlier page had."""
        if self._identify is None or offset is None:
            return items
        ids = [self._identify(item) for item in items]
        self._ids.update(ids)
        earlier = [seen for seen in self._pages if not seen.isdisjoint(ids)]
        if earlier:
            seen = set[Hashable]().union(*earlier)
            items = [item for item, id_ in zip(items, ids, strict=True) if id_ not in seen]
        self._has_new |= bool(items)
        return items

    def end_page(self, cursor: str | None, *, has_more: bool) -> None:
        """End the current page, and check that the pages come to an end.

        Raises:
            DecodeError: The cursor was used before, or several pages in a row had nothing new.
        """
        if cursor is not None:
            if (key := hash(cursor)) in self._cursors:
                raise DecodeError("the API returned a cursor a second time, so its pages would never end")
            self._cursors.add(key)
        if self._ids:
            self._stale = 0 if self._has_new else self._stale + 1
            if self._stale >= _MAX_STALE_PAGES and has_more:
                raise DecodeError(
                    f"the API returned {_MAX_STALE_PAGES} pages without a new result, so its pages would never end"
                )
            self._pages.append(self._ids)
            self._ids, self._has_new = set(), False
