"""Results that come in pages: one value that can be awaited, looped over, paged or collected."""

from collections.abc import AsyncIterator, Generator
from typing import Any, Generic, TypeVar

from ..errors import ConfigurationError, MultipleResultsFound, NoResultFound
from .page import Fetch, Page, Token, Unread, read
from .pages import Items, Pages
from .repeats import Identify, Recent

__all__ = ["Page", "Pages", "Paginator", "Token", "Unread"]

T = TypeVar("T")


class Paginator(Generic[T]):
    """All results of a query or list. Making one sends nothing.

    ``await`` it for the first `Page`; ``async for`` walks every result and fetches page after page on the way;
    `pages()` walks the pages; `collect()` makes a list. Each use starts from the beginning.

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
        identify: Identify[T] | None = None,
    ) -> None:
        self._fetch = fetch
        self._first = first
        self._step = step
        self._identify = identify

    def __await__(self) -> Generator[Any, Any, Page[T]]:
        return self._load().__await__()

    async def _load(self) -> Page[T]:
        return await read(await self._fetch(self._first))

    def __aiter__(self) -> AsyncIterator[T]:
        return Items(self.pages())

    def pages(self, *, prefetch: int = 0) -> "Pages[T]":
        """The pages, in order, each fetched as the loop gets to it.

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
        return Pages(self._fetch, self._first, self._step, Recent(self._identify, prefetch), prefetch)

    async def collect(self, *, max: int | None = None) -> list[T]:
        """The results as a list, at most `max` of them; no page is fetched that is not needed for that."""
        if max is not None and max < 0:
            raise ConfigurationError(f"max must be 0 or more, not {max}")
        found: list[T] = []
        if max == 0:
            return found
        async for page in self.pages():
            found.extend(page.items)
            if max is not None and len(found) >= max:
                return found[:max]
        return found

    async def first(self) -> T | None:
        """The first result; None when there is none."""
        async for item in self:
            return item
        return None

    async def ids(self) -> list[str]:
        """The ids of all results, in their order; reads every page.

        Raises:
            ConfigurationError: These results have no ids.
        """
        if self._identify is None:
            raise ConfigurationError("these results have no ids")
        return [str(self._identify(item)) async for item in self]

    async def one(self) -> T:
        """The only result.

        Raises:
            NoResultFound: There is none.
            MultipleResultsFound: There is more than one.
        """
        found = await self.collect(max=2)
        if not found:
            raise NoResultFound("there is no result where one was expected")
        if len(found) > 1:
            raise MultipleResultsFound("there is more than one result where one was expected")
        return found[0]

    async def count(self) -> int:
        """How many results there are.

        The API does not count, so this reads all of them: one request per page, 500 records at most each.
        """
        total = 0
        async for page in self.pages():
            total += len(page.items)
        return total
