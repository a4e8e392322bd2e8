import gc

import pytest

from attio_async import Page, Paginator
from attio_async.errors import ConfigurationError

pytestmark = pytest.mark.anyio


class Source:
    """Numbers in pages, by offset or by cursor; counts what was asked for."""

    def __init__(self, total: int, size: int) -> None:
        self.total, self.size, self.asked = total, size, []

    async def by_offset(self, offset: int | str | None) -> Page[int]:
        self.asked.append(offset)
        items = list(range(self.total))[offset : offset + self.size]
        return Page(items, offset=offset, has_more=len(items) == self.size)

    async def by_cursor(self, cursor: int | str | None) -> Page[int]:
        self.asked.append(cursor)
        start = int(cursor or 0)
        items = [
            n for n in range(start, min(self.total, start + self.size)) if n % 3
        ]  # short pages on purpose
        more = start + self.size < self.total
        return Page(items, cursor=str(start + self.size) if more else None, has_more=more)


@pytest.mark.parametrize("total", [0, 1, 4, 5, 6, 10, 11])
async def test_every_item_comes_once(total: int) -> None:
    source = Source(total, 5)
    pages = Paginator(source.by_offset, first=0)
    assert [item async for item in pages] == list(range(total))
    assert await pages.collect() == list(range(total))
    assert [len(page.items) async for page in pages.pages()] == [
        len(range(total)[start : start + 5]) for start in range(0, total + (total % 5 == 0), 5)
    ]


async def test_empty_and_short_pages_before_the_last_do_not_end_a_cursor() -> None:
    source = Source(7, 1)
    assert [item async for item in Paginator(source.by_cursor)] == [1, 2, 4, 5]


async def test_awaiting_gives_the_first_page_only() -> None:
    source = Source(12, 5)
    page = await Paginator(source.by_offset, first=0)
    assert list(page.items) == [0, 1, 2, 3, 4]
    assert (page.offset, page.has_more) == (0, True)
    assert source.asked == [0]


async def test_no_page_is_fetched_that_is_not_needed() -> None:
    for most, asked in ((0, []), (3, [0]), (5, [0]), (6, [0, 5])):
        source = Source(20, 5)
        assert await Paginator(source.by_offset, first=0).collect(max=most) == list(range(most))
        assert source.asked == asked
    with pytest.raises(ConfigurationError):
        await Paginator(Source(1, 1).by_offset, first=0).collect(max=-1)


async def test_first() -> None:
    source = Source(20, 5)
    assert await Paginator(source.by_offset, first=0).first() == 0
    assert source.asked == [0]
    assert await Paginator(Source(0, 5).by_offset, first=0).first() is None


async def test_leaving_a_loop_early_leaves_nothing_open() -> None:
    async for item in Paginator(Source(20, 5).by_offset, first=0):
        if item == 7:
            break
    gc.collect()  # an unfinished async generator would warn here, and warnings are errors


async def test_making_one_sends_nothing() -> None:
    source = Source(20, 5)
    Paginator(source.by_offset, first=0).pages()
    assert source.asked == []
