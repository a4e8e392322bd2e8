"""Iterators over the pages of a query, and over their results."""

from collections import deque
from collections.abc import AsyncIterator, Hashable, Sequence
from types import TracebackType
from typing import Generic, Self, TypeVar

import attrs
from anyio.lowlevel import checkpoint

from .._utils.public import public
from ..errors import ConfigurationError, DecodeError
from .page import Identify, Page, Source, Token, Unread, read_page
from .prefetch import Prefetcher

T = TypeVar("T")

_KEPT_PAGES = 2
"""Pages before the current one whose results are dropped if they come again."""

_MAX_STALE_PAGES = 3
"""Pages in a row without a new result after which the server is taken to ignore the offset."""

_MAX_ITEMS_IN_A_ROW = 64
"""Results given before other tasks get their turn, since the caller's work on each takes time, too."""

_MAX_EAGER_BYTES = 32 * 1024
"""A page up to this size is read as it arrives: it may be the last, after which none need be fetched."""


@public
class Pages(Generic[T]):
    """An iterator over pages; see `Paginator.pages`.

    Attributes:
        has_more: True once `limit` has ended the pages and the API may have more.
    """

    def __init__(self, source: Source[T], prefetch: int, limit: int | None) -> None:
        self._fetch = source.fetch
        self._first = self._next = self._following = source.first
        self._step = source.step
        self._deduplicator = Deduplicator(source.identify, prefetch)
        self._prefetch = prefetch
        if prefetch and limit is not None and self._step is not None:
            self._prefetch = min(prefetch, limit // self._step + 1)
        self._left = limit
        self._prefetcher: Prefetcher[Page[T] | Unread[T]] | None = None
        self._held: Page[T] | Unread[T] | None = None
        self._reading: _PartialRead[T] | None = None
        self._done = limit == 0
        self.has_more: bool = limit == 0

    def items(self) -> AsyncIterator[T]:
        """Iterate over results instead of pages; none is kept once it is given.

        Each page is read bit by bit, which takes less memory and time than a loop over pages.
        """
        return Items(self)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Page[T]:
        if self._reading is not None:
            raise ConfigurationError("items() is in the middle of a page; use either items() or the pages")
        return self._deduplicated(await read_page(await self._arrived()))

    async def part(self) -> Sequence[T]:
        """Return the next few results, for `items`; none where a page ends.

        Raises:
            StopAsyncIteration: There are no more.
        """
        if self._reading is None:
            page = await self._arrived()
            if isinstance(page, Page):
                return self._deduplicated(page).items
            self._reading = _PartialRead(page)
        try:
            part = await self._reading.next()
        except Exception:
            self._reading, self._done = None, True  # nothing may follow where results are missing
            raise
        if part is not None:
            taken = self._take(self._deduplicator.drop_repeated(part, self._reading.offset))
            if self._left == 0:
                self._reading, self._done, self.has_more = None, True, True
            return taken
        following, self._reading = self._reading.following, None
        self._turn(following, None)
        return ()

    async def _arrived(self) -> Page[T] | Unread[T]:
        if self._done:
            raise StopAsyncIteration
        if self._prefetch and self._prefetcher is None:
            raise ConfigurationError("prefetching needs a block: async with ...pages(prefetch=n) as pages")
        if self._held is None:  # else reading it was cancelled
            fetched = self._fetch(self._next) if self._prefetcher is None else self._prefetcher.next()
            self._held = await fetched
        return self._held

    def _deduplicated(self, page: Page[T]) -> Page[T]:
        items = self._deduplicator.drop_repeated(page.items, page.offset)
        taken = self._take(items)
        self._turn(page.next, page.cursor)
        has_more = page.has_more
        if self._left == 0:
            has_more = has_more or len(taken) < len(items)
            self._done, self.has_more = True, has_more
        if taken is page.items:
            return page
        # The next page starts after all that was read, repeated results included, and with what `limit` cut off.
        following = page.next
        if len(taken) < len(items):
            following = _position_of(items[len(taken)], page)
        return _ShortenedPage(taken, page.offset, page.cursor, has_more, following)

    def _take(self, items: Sequence[T]) -> Sequence[T]:
        """Return the items that `limit` still allows."""
        if self._left is None:
            return items
        taken = items if len(items) <= self._left else items[: self._left]
        self._left -= len(taken)
        return taken

    def _turn(self, following: Token, cursor: str | None) -> None:
        self._held = None
        self._next = following
        self._done = following is None
        self._deduplicator.end_page(cursor, has_more=not self._done)

    async def __aenter__(self) -> Self:
        if self._prefetch:
            self._prefetcher = Prefetcher(
                self._fetch_by_number,
                lambda page: isinstance(page, Page) and page.next is None,
                ahead=self._prefetch,
                max_concurrent=1 if self._step is None else self._prefetch,
            )
            await self._prefetcher.__aenter__()
        return self

    async def _fetch_by_number(self, number: int) -> Page[T] | Unread[T]:
        """Fetch the page with this number: its offset is computed, or the page before it has its cursor."""
        if self._step is not None and isinstance(self._first, int):
            found = await self._fetch(self._first + number * self._step)
            return (
                found
                if isinstance(found, Unread) and found.size > _MAX_EAGER_BYTES
                else await read_page(found)
            )
        page = await read_page(await self._fetch(self._following))
        self._following = page.next
        return page

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._done = True
        if self._prefetcher is not None:
            await self._prefetcher.aclose()


def _position_of(item: T, page: Page[T]) -> int | None:
    """Return the position of a page that begins with an item of this one; None where the API takes only cursors."""
    if page.offset is None:
        return None
    return page.offset + next(index for index, each in enumerate(page.items) if each is item)


class _PartialRead(Generic[T]):
    """An unread page whose results are read a few at a time."""

    def __init__(self, page: Unread[T]) -> None:
        self._page = page
        self._parts = page.parts()
        self._count = 0
        self.offset = page.offset

    async def next(self) -> Sequence[T] | None:
        """Return the next few results; None after the last."""
        try:
            part = await self._parts.__anext__()
        except StopAsyncIteration:
            return None
        self._count += len(part)
        return part

    @property
    def following(self) -> Token:
        """The position of the next page, once all of this one is read; None if it was the last."""
        return self.offset + self._count if self._page.has_more(self._count) else None


@attrs.frozen
class _ShortenedPage(Page[T]):
    """A page without the results that an earlier one had, or that `limit` cuts off."""

    following: Token = None

    @property
    def next(self) -> Token:
        return self.following


class Items(Generic[T]):
    """An iterator over results. None is kept once it is given, so that memory is freed bit by bit."""

    def __init__(self, pages: Pages[T]) -> None:
        self._pages = pages
        self._left = deque[T]()
        self._later: Sequence[T] = ()

    def __aiter__(self) -> AsyncIterator[T]:
        return self

    async def __anext__(self) -> T:
        if not self._left:
            await self._load()
        return self._left.popleft()

    async def _load(self) -> None:
        if self._later:  # a long page must not keep other tasks waiting
            await checkpoint()
        while not self._later:
            self._later = await self._pages.part()
        self._left.extend(self._later[:_MAX_ITEMS_IN_A_ROW])
        self._later = self._later[_MAX_ITEMS_IN_A_ROW:]


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
