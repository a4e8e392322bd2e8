"""Results that come in pages: one value that can be awaited, looped over, paged or collected.

Written as plain iterator objects, not async generators, so that leaving a loop early leaves nothing open.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator, Sequence
from typing import Any, Generic, TypeVar

import attrs

from ..errors import ConfigurationError

__all__ = ["Page", "Paginator"]

T = TypeVar("T")


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
    def next(self) -> "int | str | None":
        """What the next page is asked for with; None after the last one."""
        if not self.has_more:
            return None
        return self.cursor if self.offset is None else self.offset + len(self.items)


Fetch = Callable[["int | str | None"], Awaitable[Page[T]]]


class Paginator(Generic[T]):
    """All results of a query or list. Making one sends nothing.

    ``await`` it for the first `Page`; ``async for`` walks every result and fetches page after page on the way;
    `pages()` walks the pages; `collect()` makes a list. Each use starts from the beginning.
    """

    def __init__(self, fetch: Fetch[T], *, first: "int | str | None" = None) -> None:
        self._fetch = fetch
        self._first = first

    def __await__(self) -> Generator[Any, Any, Page[T]]:
        return self._load().__await__()

    async def _load(self) -> Page[T]:
        return await self._fetch(self._first)

    def __aiter__(self) -> AsyncIterator[T]:
        return _Items(self.pages())

    def pages(self) -> "AsyncIterator[Page[T]]":
        """The pages, fetched one by one as the loop gets to them."""
        return _Pages(self._fetch, self._first)

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


class _Pages(Generic[T]):
    def __init__(self, fetch: Fetch[T], first: "int | str | None") -> None:
        self._fetch = fetch
        self._next = first
        self._done = False

    def __aiter__(self) -> AsyncIterator[Page[T]]:
        return self

    async def __anext__(self) -> Page[T]:
        if self._done:
            raise StopAsyncIteration
        page = await self._fetch(self._next)
        self._next = page.next
        self._done = self._next is None
        return page


class _Items(Generic[T]):
    def __init__(self, pages: AsyncIterator[Page[T]]) -> None:
        self._pages = pages
        self._items: Iterator[T] = iter(())

    def __aiter__(self) -> AsyncIterator[T]:
        return self

    async def __anext__(self) -> T:
        while True:
            for item in self._items:
                return item
            self._items = iter((await self._pages.__anext__()).items)
