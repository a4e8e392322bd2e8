"""Results that come in pages: one value that can be awaited, looped over, paged or collected."""

import logging
import warnings
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Sequence
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

import attrs
from anyio.lowlevel import checkpoint

from ..errors import ConfigurationError, MultipleResultsFound, NoResultFound
from .deduplicate import Identify, Recent
from .prefetch import Prefetcher

T = TypeVar("T")

Token = int | str | None
"""What names a page: an offset, a cursor, or nothing for the first."""

_MANY_RESULTS = 100_000

_log = logging.getLogger("attio_async")


class Results(list[T]):
    """The results of an awaited query or list: a plain list that also knows whether it is complete.

    Attributes:
        has_more: True if `limit` cut the results and the API may have more.
    """

    has_more = False


@attrs.frozen
class Page(Generic[T]):
    """One page of results.

    Attributes:
        items: The results, in the order of the API.
        offset: How many results came before, where the endpoint counts them; else None.
        cursor: What names the next page, where the endpoint uses cursors; else None.
        has_more: Whether there may be a further page. For endpoints that count, a full page means there may be.
    """

    items: Sequence[T]
    offset: int | None = None
    cursor: str | None = None
    has_more: bool = False

    @property
    def next(self) -> Token:
        """What the next page is asked for with; None after the last one."""
        if not self.has_more:
            return None
        return self.cursor if self.offset is None else self.offset + len(self.items)


@attrs.frozen(kw_only=True)
class Unread(Generic[T]):
    """A page that has arrived and is still packed, so that it takes little memory while it waits for its turn.

    Attributes:
        size: Bytes that it takes.
        offset: How many results came before.
        parts: Reads it, a few results at a time.
        has_more: Whether there may be a further page, told from the number of results.
    """

    size: int
    offset: int
    parts: Callable[[], AsyncIterator[Sequence[T]]]
    has_more: Callable[[int], bool]

    async def read(self) -> Page[T]:
        """All of it."""
        found: list[T] = []
        async for part in self.parts():
            found += part
        return Page(found, offset=self.offset, has_more=self.has_more(len(found)))


Fetch = Callable[[Token], Awaitable[Page[T] | Unread[T]]]


async def read(found: Page[T] | Unread[T]) -> Page[T]:
    """A page, whichever way it came."""
    return found if isinstance(found, Page) else await found.read()


_IN_A_ROW = 64
"""Results that are given before others on the event loop have their turns: what is done with each takes time, too."""


_SMALL = 32 * 1024
"""Bytes up to which a page is read as it arrives: it may be the last, after which none need be asked for."""


class Pages(Generic[T]):
    """An iterator over pages; see `Paginator.pages`.

    Attributes:
        has_more: True once `limit` has ended the pages and the API may have more.
    """

    def __init__(self, source: "Paginator[T]", prefetch: int, limit: int | None) -> None:
        self._fetch = source.fetch
        self._first = self._next = self._following = source.first_token
        self._step = source.step
        self._recent = Recent(source.identify, prefetch)
        self._prefetch = prefetch
        if prefetch and limit is not None and self._step is not None:
            self._prefetch = min(prefetch, limit // self._step + 1)
        self._left = limit
        self._ahead: Prefetcher[Page[T] | Unread[T]] | None = None
        self._held: Page[T] | Unread[T] | None = None
        self._reading: _Reading[T] | None = None
        self._done = limit == 0
        self.has_more = limit == 0

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
            items = self._recent.fresh(part, self._reading.offset)
            taken = self._take(items)
            if self._left == 0:
                self._reading, self._done, self.has_more = None, True, True
            return taken
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
        taken = self._take(items)
        self._turn(page.next, page.cursor)
        has_more = page.has_more
        if self._left == 0:
            has_more = has_more or len(taken) < len(items)
            self._done, self.has_more = True, has_more
        if taken is page.items:
            return page
        # Where the next page starts follows from what was read, not from what was new.
        return _Shortened(taken, page.offset, page.cursor, has_more, page.next)

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
        self._recent.turn(cursor, has_more=not self._done)

    async def __aenter__(self) -> Self:
        if self._prefetch:
            self._ahead = Prefetcher(
                self._by_number,
                lambda page: isinstance(page, Page) and page.next is None,
                ahead=self._prefetch,
                max_concurrent=1 if self._step is None else self._prefetch,
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


class Paginator(Generic[T]):
    """All results of a query or list, at most `limit` of them. Making one sends nothing.

    ``await`` it for the list of results; ``async for`` walks them and fetches page after page on the way;
    `page()` is one page, and `pages()` walks all of them. Each use starts from the beginning.

    While others write, pages that are counted off shift. A result that this moves onto the next page is given
    once, when `identify` tells results apart. One that it moves onto a page already read is missed; a scan of
    records does not count and misses none.
    """

    def __init__(
        self,
        fetch: Fetch[T],
        *,
        first: Token = None,
        step: int | None = None,
        limit: int | None = None,
        identify: Identify[T] | None = None,
    ) -> None:
        self.fetch = fetch
        self.first_token = first
        self.step = step
        self.identify = identify
        self._limit = check_limit(limit)

    def __await__(self) -> Generator[Any, Any, Results[T]]:
        return self.collect().__await__()

    def __aiter__(self) -> AsyncIterator[T]:
        return Items(self.pages())

    async def page(self, after: Page[T] | None = None) -> Page[T]:
        """Fetch one page: the first, or the one after a page of the same query. One request.

        Raises:
            ConfigurationError: `after` is the last page. Nothing was sent.
        """
        if after is None:
            return await anext(self.pages(), Page(()))
        if after.next is None:
            raise ConfigurationError("no page follows the last page; check has_more first")
        return await read(await self.fetch(after.next))

    def pages(self, *, prefetch: int = 0) -> "Pages[T]":
        """Walk the pages in order, each fetched as the loop gets to it.

        With `prefetch`, up to that many pages are fetched ahead; it then is an ``async with`` block, whose end
        cancels what is still on its way::

            async with attio.people.query().pages(prefetch=8) as pages:
                async for person in pages.items():
                    ...

        Pages that are counted off are fetched at the same time, which costs up to `prefetch` requests beyond the
        last page. Pages that name the next one are fetched one after the other.

        Args:
            prefetch: How many pages may be on their way or waiting; memory grows with it, not with the result.
                Large pages wait as they came, compressed, and are read when it is their turn.
        """
        if prefetch < 0:
            raise ConfigurationError(f"prefetch must be 0 or more, not {prefetch}")
        return Pages(self, prefetch, self._limit)

    async def collect(self, *, limit: int | None = None) -> Results[T]:
        """Return the results as a list, at most `limit` of them; no page is fetched that is not needed for that.

        The same as awaiting, with a bound of its own. `has_more` of the list says whether the bound cut it, which
        is also logged at INFO.
        """
        bounds = [bound for bound in (check_limit(limit), self._limit) if bound is not None]
        pages = Pages(self, 0, min(bounds, default=None))
        found = Results[T]()
        async for page in pages:
            before = len(found)
            found.extend(page.items)
            if not bounds and before < _MANY_RESULTS <= len(found):
                warnings.warn(_TOO_MANY, stacklevel=2)
        found.has_more = pages.has_more
        if found.has_more:
            _log.info("limit=%d cut the results; the API may have more", min(bounds))
        return found

    async def first(self) -> T | None:
        """Return the first result; None if there is none."""
        async for item in self:
            return item
        return None

    async def ids(self) -> list[str]:
        """Return the ids of the results, in their order; reads every page.

        Raises:
            ConfigurationError: These results have no ids. Nothing was sent.
        """
        if self.identify is None:
            raise ConfigurationError("these results have no ids")
        return [str(self.identify(item)) async for item in self]

    async def one(self) -> T:
        """Return the only result.

        Raises:
            NoResultFound: There is none.
            MultipleResultsFound: There is more than one.
        """
        found = await self.one_or_none()
        if found is None:
            raise NoResultFound("expected one result, found none")
        return found

    async def one_or_none(self) -> T | None:
        """Return the only result; None if there is none.

        Raises:
            MultipleResultsFound: There is more than one.
        """
        found = [item async for page in Pages(self, 0, 2) for item in page.items]
        if len(found) > 1:
            raise MultipleResultsFound("expected one result, found several")
        return found[0] if found else None

    async def count(self) -> int:
        """Count the results, at most `limit`.

        The API does not count, so this reads all of them: one request per page, 500 records at most each.
        """
        total = 0
        async for page in self.pages():
            total += len(page.items)
        return total


_TOO_MANY = (
    f"awaiting this query has read {_MANY_RESULTS:,} results into one list; "
    "bound it with limit=, or walk records with scan()"
)


def check_limit(limit: int | None) -> int | None:
    """Return the most results that are wanted.

    Raises:
        ConfigurationError: It is negative. Nothing was sent.
    """
    if limit is not None and limit < 0:
        raise ConfigurationError(f"limit must be 0 or more, not {limit!r}")
    return limit


def size_within(page_size: int, limit: int | None, *, least: int = 1) -> int:
    """Return how many results to ask for at a time: one more than the limit shows whether there are more."""
    return page_size if limit is None else max(least, min(page_size, limit + 1))
