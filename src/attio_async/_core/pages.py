"""Going from page to page, or from result to result, with pages fetched ahead or not.

Written as plain iterator objects, not async generators, so that leaving a loop early leaves nothing open.
"""

from collections import deque
from collections.abc import AsyncIterator, Sequence
from types import TracebackType
from typing import Generic, Self, TypeVar

import attrs
from anyio.lowlevel import checkpoint

from ..errors import ConfigurationError
from .page import Fetch, Page, Token, Unread, read
from .prefetch import Prefetcher
from .repeats import Recent

__all__ = ["Items", "Pages"]

T = TypeVar("T")

_IN_A_ROW = 64
"""Results that are given before others on the event loop have their turns: what is done with each takes time, too."""

_SMALL = 32 * 1024
"""Bytes up to which a page is read as it arrives: it may be the last, after which none need be asked for."""


class Pages(Generic[T]):
    """An iterator over pages; see `Paginator.pages`."""

    def __init__(
        self, fetch: Fetch[T], first: Token, step: int | None, recent: Recent[T], prefetch: int
    ) -> None:
        self._fetch = fetch
        self._first = self._next = self._following = first
        self._step = step
        self._recent = recent
        self._prefetch = prefetch
        self._ahead: Prefetcher[Page[T] | Unread[T]] | None = None
        self._held: Page[T] | Unread[T] | None = None
        self._reading: _Reading[T] | None = None
        self._done = False

    def items(self) -> AsyncIterator[T]:
        """One result after the other, in place of the pages; none is kept once it is given.

        A page is read bit by bit on the way, which takes less memory and time than a loop over pages.
        """
        return Items(self)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Page[T]:
        if self._reading is not None:
            raise ConfigurationError("the results of a page are being given one by one, by items()")
        return self._fresh(await read(await self._arrived()))

    async def part(self) -> Sequence[T]:
        """The next few results, for `items`; none where a page ends.

        Raises:
            StopAsyncIteration: There are no more.
        """
        if self._reading is None:
            found = await self._arrived()
            if isinstance(found, Page):
                return self._fresh(found).items
            self._reading = _Reading(found)
        try:
            part = await self._reading.next()
        except Exception:
            self._reading, self._done = None, True  # nothing may follow where something is missing
            raise
        if part is not None:
            return self._recent.fresh(part, self._reading.offset)
        following, self._reading = self._reading.following, None
        self._turn(following, None)
        return ()

    async def _arrived(self) -> Page[T] | Unread[T]:
        if self._done:
            raise StopAsyncIteration
        if self._prefetch and self._ahead is None:
            raise ConfigurationError(
                "fetching ahead is an `async with` block: async with ...pages(prefetch=n) as pages"
            )
        if self._held is None:  # else reading it was cancelled
            self._held = await (self._fetch(self._next) if self._ahead is None else self._ahead.next())
        return self._held

    def _fresh(self, page: Page[T]) -> Page[T]:
        items = self._recent.fresh(page.items, page.offset)
        self._turn(page.next, page.cursor)
        if items is page.items:
            return page
        # Where the next page starts follows from what was read, not from what was new.
        return _Shortened(items, page.offset, page.cursor, page.has_more, page.next)

    def _turn(self, following: Token, cursor: str | None) -> None:
        self._held = None
        self._next = following
        self._done = following is None
        self._recent.turn(cursor, has_more=not self._done)

    async def __aenter__(self) -> Self:
        if self._prefetch:
            self._ahead = Prefetcher(
                self._by_number,
                lambda page: isinstance(page, Page) and page.next is None,
                ahead=self._prefetch,
                at_once=1 if self._step is None else self._prefetch,
            )
            await self._ahead.__aenter__()
        return self

    async def _by_number(self, number: int) -> Page[T] | Unread[T]:
        """The page of a number; its offset is known, or the page before has told its name."""
        if self._step is not None and isinstance(self._first, int):
            found = await self._fetch(self._first + number * self._step)
            return found if isinstance(found, Unread) and found.size > _SMALL else await read(found)
        page = await read(await self._fetch(self._following))
        self._following = page.next
        return page

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._done = True
        if self._ahead is not None:
            await self._ahead.aclose()


class _Reading(Generic[T]):
    """A page while it is read."""

    def __init__(self, page: Unread[T]) -> None:
        self._page = page
        self._parts = page.parts()
        self._count = 0
        self.offset = page.offset

    async def next(self) -> Sequence[T] | None:
        """The next few results; None after the last."""
        try:
            part = await self._parts.__anext__()
        except StopAsyncIteration:
            return None
        self._count += len(part)
        return part

    @property
    def following(self) -> Token:
        """What the next page is asked for with, if there is one, once this one is read."""
        return self.offset + self._count if self._page.has_more(self._count) else None


@attrs.frozen
class _Shortened(Page[T]):
    """A page without the results that an earlier one had."""

    following: Token = None

    @property
    def next(self) -> Token:
        return self.following


class Items(Generic[T]):
    """One result after the other; none is kept once it is given, so that pages do not go away all at once."""

    def __init__(self, pages: Pages[T]) -> None:
        self._pages = pages
        self._left = deque[T]()
        self._later: Sequence[T] = ()

    def __aiter__(self) -> AsyncIterator[T]:
        return self

    async def __anext__(self) -> T:
        if not self._left:
            await self._more()
        return self._left.popleft()

    async def _more(self) -> None:
        if self._later:  # a long page must not keep everybody else waiting
            await checkpoint()
        while not self._later:
            self._later = await self._pages.part()
        self._left.extend(self._later[:_IN_A_ROW])
        self._later = self._later[_IN_A_ROW:]
