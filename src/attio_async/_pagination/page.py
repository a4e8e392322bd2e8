"""One page of results, read or still to be read."""

from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Sequence
from typing import Generic, TypeVar

import attrs

from attio_async_api.json_data import JsonData, JsonFields

from .._utils.public import public

T = TypeVar("T")

Token = int | str | None
"""The position of a page: an offset, a cursor, or None for the first page of an endpoint with cursors.

https://docs.attio.com/rest-api/how-to/pagination
"""

Identify = Callable[[T], Hashable]
"""Returns what tells a result from all others, such as its id."""


@public
@attrs.frozen
class Page(JsonData, Generic[T]):
    """One page of results.

    Attributes:
        items: The results, in the order of the API.
        offset: The number of results before this page; None where the endpoint uses cursors.
        cursor: The cursor of the next page; None where the endpoint uses offsets.
        has_more: True if there may be a further page. For endpoints with offsets, any full page may be followed by one.
    """

    items: Sequence[T]
    offset: int | None = None
    cursor: str | None = None
    has_more: bool = False

    @property
    def next(self) -> Token:
        """The position of the next page, for `Paginator.page`; None after the last one.

        It is a number or a text, so that a later request of a web client can send it back.
        """
        if not self.has_more:
            return None
        return self.cursor if self.offset is None else self.offset + len(self.items)

    def _json_fields(self) -> JsonFields:
        return [
            ("items", self.items),
            ("offset", self.offset),
            ("cursor", self.cursor),
            ("has_more", self.has_more),
            ("next", self.next),
        ]


@attrs.frozen(kw_only=True)
class Unread(Generic[T]):
    """A page that has arrived and is still compressed, so that it takes little memory until it is read.

    Attributes:
        size: The bytes it takes.
        offset: The number of results before this page.
        parts: Reads the page, a few results at a time.
        has_more: Tells from the number of results whether there may be a further page.
    """

    size: int
    offset: int
    parts: Callable[[], AsyncIterator[Sequence[T]]]
    has_more: Callable[[int], bool]

    async def read(self) -> Page[T]:
        """Read the whole page."""
        found: list[T] = []
        async for part in self.parts():
            found += part
        return Page(found, offset=self.offset, has_more=self.has_more(len(found)))


@attrs.frozen(kw_only=True)
class Source(Generic[T]):
    """A source of pages.

    Attributes:
        fetch: Fetches the page at a position.
        first: The position of the first page.
        step: Results per page, where positions are offsets that can be computed ahead; else None.
        identify: Tells results apart; None where the same result cannot come twice.
    """

    fetch: Callable[[Token], Awaitable[Page[T] | Unread[T]]]
    first: Token = None
    step: int | None = None
    identify: Identify[T] | None = None


async def read_page(page: Page[T] | Unread[T]) -> Page[T]:
    """Return a page, and read it first if it is still unread."""
    return page if isinstance(page, Page) else await page.read()
