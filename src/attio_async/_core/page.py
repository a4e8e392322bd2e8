"""One page of results: as it arrived, and read."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Generic, TypeVar

import attrs

__all__ = ["Fetch", "Page", "Token", "Unread", "read"]

T = TypeVar("T")

Token = int | str | None
"""What names a page: an offset, a cursor, or nothing for the first."""


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
