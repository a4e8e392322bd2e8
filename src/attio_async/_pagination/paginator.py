"""Results that come in pages: one value that can be awaited, looped over, paged or collected."""

import logging
import re
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Sequence
from typing import Any, Generic, TypeVar, get_args

import attrs

from .._utils.checks import check_count
from .._utils.public import public
from .._utils.text import show
from ..errors import ConfigurationError, MultipleResultsFound, NoResultFound
from .page import Identify, Page, Source, Token, Unread, read_page
from .pages import Items, Pages

T = TypeVar("T")
S = TypeVar("S")

_MAX_UNBOUNDED_RESULTS = 100_000
_TOO_MANY_RESULTS = (
    f"awaiting this query has read {_MAX_UNBOUNDED_RESULTS:,} results into one list; "
    "bound it with limit=, or walk records with scan()"
)

_MAX_OFFSET = 10**18
_OFFSET = re.compile("[0-9]{1,18}")
"""An offset as text, such as web frameworks give. Python refuses to read thousands of digits."""

_log = logging.getLogger("attio_async")


@public
class Results(list[T]):
    """The results of an awaited query or list: a plain list that also knows whether it is complete.

    Attributes:
        has_more: True if `limit` cut the results and the API may have more.
    """

    has_more: bool = False

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Callable[[Any], Any], /) -> Any:
        return handler(list[get_args(source) or Any])  # type: ignore[misc]  # known only when pydantic asks


@public
class Paginator(Generic[T]):
    """All results of a query or list, at most `limit` of them. Creating one sends nothing.

    ``await`` it for the list of results. ``async for`` walks them and fetches page after page on the way. `page()` is one
    page, and `pages()` walks all of them. Each use starts from the beginning.

    Offsets shift while others write. A result that moves onto the next page is still given once, if `identify` tells
    results apart. One that moves onto a page already read is missed; a scan of records uses no offsets and misses none.
    """

    def __init__(
        self,
        fetch: Callable[[Token], Awaitable[Page[T] | Unread[T]]],
        *,
        first: Token = None,
        step: int | None = None,
        limit: int | None = None,
        identify: Identify[T] | None = None,
        describe: Callable[[], str] = lambda: "results",
    ) -> None:
        self._source = Source(fetch=fetch, first=first, step=step, identify=identify)
        self._limit = check_limit(limit)
        self._describe = describe

    def __repr__(self) -> str:
        limit = "" if self._limit is None else f", limit={self._limit}"
        return f"<Paginator of {self._describe()}{limit}>"

    def __await__(self) -> Generator[Any, Any, Results[T]]:
        return self.collect().__await__()

    def __aiter__(self) -> AsyncIterator[T]:
        return Items(self.pages())

    async def page(self, after: Page[T] | int | str | None = None) -> Page[T]:
        """Fetch one page: the first, or the one after a page of the same query. One request.

        Args:
            after: A page, or its `next`, which may have been sent to a web client and back meanwhile. None is the first
                page, as is the `next` of the last one, so check that.

        Raises:
            ConfigurationError: `after` is the last page, is not a position in these results, or was cut by `limit` where
                the API takes cursors. Nothing was sent.
        """
        source = self._source
        if after is not None:
            if isinstance(after, Page) and after.next is None:
                raise ConfigurationError(
                    "limit cuts this page in its middle, where no cursor begins; leave limit out"
                    if after.has_more
                    else "no page follows the last one; check has_more first"
                )
            source = attrs.evolve(source, first=_position(after, source.first))
        return await anext(Pages(source, 0, self._limit), Page(()))

    def pages(self, *, prefetch: int = 0) -> Pages[T]:
        """Walk the pages in order, each fetched as the loop gets to it.

        With `prefetch`, up to that many pages are fetched ahead. It then needs an ``async with`` block, whose end cancels
        requests still on their way::

            async with attio.people.query().pages(prefetch=8) as pages:
                async for person in pages.items():
                    ...

        Pages with offsets are fetched concurrently, which costs up to `prefetch` requests beyond the last page. Pages with
        cursors are fetched one after the other.

        Args:
            prefetch: How many pages may be on their way or waiting. Memory grows with it, not with the number of
                results. Large pages wait compressed and are read when it is their turn.

        Raises:
            ConfigurationError: `prefetch` is negative, or not a whole number. Nothing was sent.
        """
        check_count(0, prefetch=prefetch)
        return Pages(self._source, prefetch, self._limit)

    async def collect(self, *, limit: int | None = None) -> Results[T]:
        """Return the results as a list, at most `limit` of them. No page is fetched that this does not need.

        The same as awaiting, with a bound of its own. `has_more` of the list is True if the bound cut it, which is also
        logged at INFO.
        """
        bounds = [bound for bound in (check_limit(limit), self._limit) if bound is not None]
        pages = Pages(self._source, 0, min(bounds, default=None))
        found = Results[T]()
        async for page in pages:
            before = len(found)
            found.extend(page.items)
            if not bounds and before < _MAX_UNBOUNDED_RESULTS <= len(found):
                warnings.warn(_TOO_MANY_RESULTS, stacklevel=2)
        found.has_more = pages.has_more
        if found.has_more:
            _log.info("limit=%d cut the results; the API may have more", min(bounds))
        return found

    async def first(self) -> T | None:
        """Return the first result, or None."""
        async for item in self:
            return item
        return None

    async def ids(self) -> list[str]:
        """Return the ids of the results, in their order. Reads every page.

        Raises:
            ConfigurationError: These results have no ids. Nothing was sent.
        """
        identify = self._source.identify
        if identify is None:
            raise ConfigurationError("these results have no ids; collect() returns the results themselves")
        return [str(identify(item)) async for item in self]

    async def one(self) -> T:
        """Return the only result.

        Raises:
            NoResultFound: Nothing was found.
            MultipleResultsFound: There is more than one.
        """
        found = await self.one_or_none()
        if found is None:
            raise NoResultFound("expected one result, found none")
        return found

    async def one_or_none(self) -> T | None:
        """Return the only result, or None.

        Raises:
            MultipleResultsFound: There is more than one.
        """
        found = [item async for page in Pages(self._source, 0, 2) for item in page.items]
        if len(found) > 1:
            raise MultipleResultsFound("expected one result, found several")
        return found[0] if found else None

    async def count(self) -> int:
        """Count the results, at most `limit`.

        The API does not count, so this reads all of them: one request per page of at most 500 records.
        """
        total = 0
        async for page in self.pages():
            total += len(page.items)
        return total


def changed(
    paginator: Paginator[T], change: Callable[[Sequence[T]], Awaitable[Sequence[S]]], identify: Identify[S]
) -> Paginator[S]:
    """Return the same pages with other items: `change` returns one for each of a page, in their order."""
    source, limit = paginator._source, paginator._limit  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]

    async def fetch(token: Token) -> Page[S]:
        page = await read_page(await source.fetch(token))
        return Page(await change(page.items), page.offset, page.cursor, page.has_more)

    return Paginator(fetch, first=source.first, step=source.step, limit=limit, identify=identify)


def _position(after: object, first: Token) -> Token:
    """Return the position of the page after another one, in results whose first page is at `first`.

    Raises:
        ConfigurationError: It is not a position in these results.
    """
    token: object = after.next if isinstance(after, Page) else after  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    if first is None:
        if isinstance(token, str) and token:
            return token
    elif isinstance(token, str) and _OFFSET.fullmatch(token):
        return int(token)
    elif isinstance(token, int) and not isinstance(token, bool) and 0 <= token < _MAX_OFFSET:
        return token
    raise ConfigurationError(
        f"{show(token)} is not the position of a page; give an earlier page of this query, or its next"
    )


def check_limit(limit: int | None) -> int | None:
    """Return the limit on the number of results.

    Raises:
        ConfigurationError: It is negative, or not a whole number. Nothing was sent.
    """
    if limit is not None:
        check_count(0, limit=limit)
    return limit


def size_within(page_size: int, limit: int | None, *, least: int = 1) -> int:
    """Return how many results to ask for at a time: one more than the limit, to see whether there are more."""
    return page_size if limit is None else max(least, min(page_size, limit + 1))
