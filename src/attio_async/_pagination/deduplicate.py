"""Results that come twice, because others write while pages are counted off."""

from collections import deque
from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar

from ..errors import DecodeError

T = TypeVar("T")

Identify = Callable[[T], Hashable]

_REMEMBERED = 2
"""Pages before the current one whose results are not given again."""

_MOST_STALE = 3
"""Pages in a row without anything new after which the server is taken not to turn the page."""


class Recent(Generic[T]):
    """Drops what one of the latest pages already had."""

    def __init__(self, identify: Identify[T] | None, prefetch: int) -> None:
        self._identify = identify
        self._pages: deque[set[Hashable]] = deque(maxlen=_REMEMBERED + prefetch)
        self._names: set[Hashable] = set()
        self._is_new = False
        self._cursors: set[int] = set()
        self._stale = 0

    def fresh(self, items: Sequence[T], offset: int | None) -> Sequence[T]:
        """What of some results of a page is new."""
        if self._identify is None or offset is None:
            return items
        names = [self._identify(item) for item in items]
        self._names.update(names)
        earlier = [known for known in self._pages if not known.isdisjoint(names)]
        if earlier:
            known = set[Hashable]().union(*earlier)
            items = [item for item, name in zip(items, names, strict=True) if name not in known]
        self._is_new |= bool(items)
        return items

    def turn(self, cursor: str | None, *, has_more: bool) -> None:
        """The page is over. Refuse to go round in circles.

        Raises:
            DecodeError: The page leads back to one that was read, or is the same again and again.
        """
        if cursor is not None:
            if (known := hash(cursor)) in self._cursors:
                raise DecodeError("the pages lead back to one that was read")
            self._cursors.add(known)
        if self._names:
            self._stale = 0 if self._is_new else self._stale + 1
            if self._stale >= _MOST_STALE and has_more:
                raise DecodeError("the pages repeat themselves")
            self._pages.append(self._names)
            self._names, self._is_new = set(), False
