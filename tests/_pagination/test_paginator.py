"""Results in pages: every way of reading them, prefetching, and cancellation."""

import gc
import json
import weakref
from collections.abc import AsyncIterator, Sequence

import anyio
import pytest

from attio_async import Page, Paginator
from attio_async._pagination import paginator as paginator_module
from attio_async._pagination.page import Unread
from attio_async._pagination.prefetch import Prefetcher
from attio_async.errors import ConfigurationError, MultipleResultsFound, NoResultFound
from attio_async.testing import VirtualClock

pytestmark = pytest.mark.anyio


class Source:
    """Numbers in pages, by offset or by cursor, with the positions that were fetched."""

    def __init__(self, total: int, size: int) -> None:
        self.total, self.size, self.fetched = total, size, []

    async def by_offset(self, offset: int | str | None) -> Page[int]:
        self.fetched.append(offset)
        items = list(range(self.total))[offset : offset + self.size]
        return Page(items, offset=offset, has_more=len(items) == self.size)

    async def by_cursor(self, cursor: int | str | None) -> Page[int]:
        self.fetched.append(cursor)
        start = int(cursor or 0)
        items = [
            n for n in range(start, min(self.total, start + self.size)) if n % 3
        ]  # short pages on purpose
        more = start + self.size < self.total
        return Page(items, cursor=str(start + self.size) if more else None, has_more=more)


async def test_every_result_comes_once() -> None:
    for total in (0, 1, 4, 5, 6, 10, 11):
        source = Source(total, 5)
        pages = Paginator(source.by_offset, first=0)
        assert [item async for item in pages] == list(range(total))
        assert await pages == list(range(total))
        assert [len(page.items) async for page in pages.pages()] == [
            len(range(total)[start : start + 5]) for start in range(0, total + (total % 5 == 0), 5)
        ]


async def test_an_empty_or_short_page_with_a_cursor_is_not_the_last() -> None:
    source = Source(7, 1)
    assert [item async for item in Paginator(source.by_cursor)] == [1, 2, 4, 5]


async def test_awaiting_gives_all_results() -> None:
    source = Source(12, 5)
    found = await Paginator(source.by_offset, first=0)
    assert (found, found.has_more) == (list(range(12)), False)
    assert source.fetched == [0, 5, 10]


async def test_a_page_is_one_request_and_leads_to_the_next() -> None:
    source = Source(7, 5)
    paginator = Paginator(source.by_offset, first=0)
    page = await paginator.page()
    assert (list(page.items), page.offset, page.has_more) == ([0, 1, 2, 3, 4], 0, True)
    last = await paginator.page(after=page)
    assert (list(last.items), last.has_more) == ([5, 6], False)
    with pytest.raises(ConfigurationError, match="follows the last one"):
        await paginator.page(after=last)
    assert source.fetched == [0, 5]


async def test_a_page_continues_from_a_position_that_was_json_meanwhile() -> None:
    for paginator in (Paginator(Source(7, 3).by_offset, first=0), Paginator(Source(7, 3).by_cursor)):
        expected = [page.to_dict(mode="json") async for page in paginator.pages()]
        found = [(await paginator.page()).to_dict(mode="json")]
        while (after := json.loads(json.dumps(found[-1]))["next"]) is not None:
            found.append((await paginator.page(after=after)).to_dict(mode="json"))
        assert found == expected
    by_offset = Paginator(Source(7, 3).by_offset, first=0)
    assert (await by_offset.page(after="3")).offset == 3  # as web frameworks give it


async def test_what_is_not_a_position_is_rejected() -> None:
    for source, first, positions in (
        (Source(7, 3).by_offset, 0, (-1, True, "", "x", "-1", "\u0663", 1.5, [], "9" * 5000, 10**5000)),
        (Source(7, 3).by_cursor, None, (3, "", 1.5)),
    ):
        for position in positions:
            with pytest.raises(ConfigurationError, match="not the position of a page"):
                await Paginator(source, first=first).page(after=position)


async def test_what_a_limit_cuts_off_a_page_begins_the_next() -> None:
    cut = Paginator(Source(12, 5).by_offset, first=0, limit=4)
    pages = [await cut.page()]
    while pages[-1].has_more:
        pages.append(await cut.page(after=pages[-1].next))
    assert [list(page.items) for page in pages] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]
    by_cursor = Paginator(Source(7, 3).by_cursor, limit=1)
    page = await by_cursor.page()
    assert (page.has_more, page.next) == (True, None)  # no cursor begins in its middle
    with pytest.raises(ConfigurationError, match="leave limit out"):
        await by_cursor.page(after=page)


@pytest.mark.parametrize("prefetch", [0, 3])
async def test_limit_bounds_every_way_of_reading(prefetch: int) -> None:
    for limit in (0, 1, 4, 5, 6, 10, 11, 12, 13, 100):
        bounded = Paginator(Source(12, 5).by_offset, first=0, step=5, limit=limit)
        expected = list(range(min(limit, 12)))
        assert await bounded == expected
        assert [item async for item in bounded] == expected
        assert await bounded.count() == len(expected)
        async with bounded.pages(prefetch=prefetch) as pages:
            assert [item async for page in pages for item in page.items] == expected
        async with bounded.pages(prefetch=prefetch) as pages:
            assert [item async for item in pages.items()] == expected
        assert await bounded.collect(limit=3) == expected[:3]


async def test_results_cut_by_the_limit_have_more(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "attio_async")
    for limit, has_more in ((3, True), (11, True), (12, False), (13, False), (None, False)):
        caplog.clear()
        found = await Paginator(Source(12, 5).by_offset, first=0, limit=limit)
        assert found.has_more == has_more
        assert ("cut the results" in caplog.text) == has_more


async def test_awaiting_very_many_results_warns_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paginator_module, "_MAX_UNBOUNDED_RESULTS", 10)
    with pytest.warns(UserWarning, match=r"scan\(\)") as warned:
        await Paginator(Source(30, 5).by_offset, first=0)
    assert len(warned) == 1
    await Paginator(Source(30, 5).by_offset, first=0, limit=30)


async def test_one_or_none() -> None:
    assert await Paginator(Source(0, 5).by_offset, first=0).one_or_none() is None
    assert await Paginator(Source(1, 5).by_offset, first=0).one_or_none() == 0
    with pytest.raises(MultipleResultsFound):
        await Paginator(Source(2, 5).by_offset, first=0, limit=1).one_or_none()


async def test_only_needed_pages_are_fetched() -> None:
    for most, fetched in ((0, []), (3, [0]), (5, [0]), (6, [0, 5])):
        source = Source(20, 5)
        assert await Paginator(source.by_offset, first=0).collect(limit=most) == list(range(most))
        assert source.fetched == fetched
    with pytest.raises(ConfigurationError):
        await Paginator(Source(1, 1).by_offset, first=0).collect(limit=-1)


async def test_first() -> None:
    source = Source(20, 5)
    assert await Paginator(source.by_offset, first=0).first() == 0
    assert source.fetched == [0]
    assert await Paginator(Source(0, 5).by_offset, first=0).first() is None


async def test_leaving_a_loop_early_leaves_nothing_open() -> None:
    async for item in Paginator(Source(20, 5).by_offset, first=0):
        if item == 7:
            break
    gc.collect()  # an unfinished async generator would warn, and warnings are errors


async def test_creating_a_paginator_fetches_nothing() -> None:
    source = Source(20, 5)
    Paginator(source.by_offset, first=0).pages()
    assert source.fetched == []


async def test_one() -> None:
    assert await Paginator(Source(1, 5).by_offset, first=0).one() == 0
    with pytest.raises(NoResultFound):
        await Paginator(Source(0, 5).by_offset, first=0).one()
    source = Source(100, 5)
    with pytest.raises(MultipleResultsFound):
        await Paginator(source.by_offset, first=0).one()
    assert source.fetched == [0]


async def test_ids() -> None:
    source = Source(12, 5)
    assert await Paginator(source.by_offset, first=0, identify=str).ids() == [str(n) for n in range(12)]
    with pytest.raises(ConfigurationError):
        await Paginator(source.by_offset, first=0).ids()


async def test_count_reads_every_page() -> None:
    assert await Paginator(Source(12, 5).by_offset, first=0).count() == 12


class Shifting:
    """Numbers whose pages shift: before each page after the first, a number appears at the front."""

    def __init__(self) -> None:
        self.items = list(range(20))

    async def fetch(self, offset: int | str | None) -> Page[int]:
        assert isinstance(offset, int)
        if offset:
            self.items.insert(0, -len(self.items))
        items = self.items[offset : offset + 5]
        return Page(items, offset=offset, has_more=len(items) == 5)


async def test_a_result_that_shifts_onto_the_next_page_comes_once() -> None:
    plain = [item async for item in Paginator(Shifting().fetch, first=0)]
    assert len(plain) > len(set(plain))
    once = [item async for item in Paginator(Shifting().fetch, first=0, identify=lambda n: n)]
    assert once == list(dict.fromkeys(plain))
    assert set(range(20)) <= set(once)


class Slow(Source):
    """A source that takes a different time for each page."""

    def __init__(self, total: int, size: int) -> None:
        super().__init__(total, size)
        self.clock = VirtualClock()
        self.flying = self.most = 0
        self.given_up = 0

    async def wait(self, offset: int | str | None) -> None:
        self.flying += 1
        self.most = max(self.most, self.flying)
        try:
            await self.clock.sleep(1 + int(offset or 0) * 7 % 5)
        except BaseException:
            self.given_up += 1
            raise
        finally:
            self.flying -= 1

    async def by_offset(self, offset: int | str | None) -> Page[int]:
        await self.wait(offset)
        return await super().by_offset(offset)

    async def by_cursor(self, cursor: int | str | None) -> Page[int]:
        await self.wait(cursor)
        return await super().by_cursor(cursor)


@pytest.mark.parametrize("total", [0, 4, 5, 23, 25])
@pytest.mark.parametrize("prefetch", [1, 3, 50])
async def test_prefetched_pages_come_in_order(total: int, prefetch: int) -> None:
    source = Slow(total, 5)
    found: list[int] = []
    async with Paginator(source.by_offset, first=0, step=5).pages(prefetch=prefetch) as pages:
        async for page in pages:
            found += page.items
    assert found == list(range(total))
    assert source.most <= prefetch
    assert source.flying == 0


async def test_pages_with_cursors_are_prefetched_one_after_the_other() -> None:
    source = Slow(30, 5)
    found: list[int] = []
    async with Paginator(source.by_cursor).pages(prefetch=4) as pages:
        async for page in pages:
            found += page.items
            await source.clock.sleep(100)
    assert found == [n for n in range(30) if n % 3]
    assert source.most == 1
    assert source.clock.monotonic() < 610  # pages were fetched meanwhile


class Packed(Slow):
    """A source of unread pages, the last one smaller than the others, that are read two results at a time."""

    def __init__(self, total: int, size: int) -> None:
        super().__init__(total, size)
        self.unpacked: list[int] = []

    async def packed(self, offset: int | str | None) -> Unread[int]:
        page = await self.by_offset(offset)
        size = 100_000 if len(page.items) == self.size else 10
        start = page.offset or 0

        async def parts() -> AsyncIterator[Sequence[int]]:
            self.unpacked.append(start)
            for place in range(0, len(page.items), 2):
                yield page.items[place : place + 2]

        return Unread(size=size, offset=start, parts=parts, has_more=lambda count: count == self.size)


async def test_large_prefetched_pages_stay_unread() -> None:
    source, found = Packed(1000, 5), []
    async with Paginator(source.packed, first=0, step=5).pages(prefetch=8) as pages:
        async for page in pages:
            found += page.items
            await source.clock.sleep(100)  # all of the prefetched pages are there by then
            assert source.unpacked == [*range(0, len(found), 5)]
            if len(found) == 50:
                break
    assert found == list(range(50))


async def test_results_of_prefetched_pages_come_one_by_one() -> None:
    source = Slow(23, 5)
    async with Paginator(source.by_offset, first=0, step=5).pages(prefetch=3) as pages:
        assert [item async for item in pages.items()] == list(range(23))
    assert source.most == 3


@pytest.mark.parametrize("total", [0, 4, 5, 23, 25, 100])
async def test_unread_pages_come_to_an_end(total: int) -> None:
    source = Packed(total, 5)
    async with Paginator(source.packed, first=0, step=5).pages(prefetch=3) as pages:
        found = [item async for page in pages for item in page.items]
    assert found == list(range(total)) == [item async for item in Paginator(source.packed, first=0, step=5)]
    assert max(source.fetched) <= (total // 5 + 3) * 5
    async with Paginator(source.packed, first=0, step=5).pages(prefetch=3) as pages:
        assert [item async for item in pages.items()] == found


async def test_a_page_cannot_be_asked_for_in_the_middle_of_another() -> None:
    pages = Paginator(Packed(23, 5).packed, first=0, step=5).pages()
    items = pages.items()
    assert [await anext(items) for _ in range(7)] == list(range(7))
    with pytest.raises(ConfigurationError, match=r"items\(\)"):
        await anext(pages)
    assert [item async for item in items] == list(range(7, 23))


@pytest.mark.parametrize("prefetch", [0, 3])
async def test_a_page_whose_reading_was_cancelled_is_the_next_one(prefetch: int) -> None:
    source, attempts = Source(23, 5), 0

    async def fetch(offset: int | str | None) -> Unread[int]:
        page = await source.by_offset(offset)

        async def parts() -> AsyncIterator[Sequence[int]]:
            nonlocal attempts
            attempts += 1
            if attempts % 2:
                await anyio.sleep_forever()
            yield page.items

        return Unread(
            size=100_000, offset=page.offset or 0, parts=parts, has_more=lambda count: count == source.size
        )

    found: list[int] = []
    async with Paginator(fetch, first=0, step=5).pages(prefetch=prefetch) as pages:
        while len(found) < 23:
            with anyio.CancelScope(deadline=anyio.current_time()):
                found += (await anext(pages)).items
    assert found == list(range(23))


async def test_an_unreadable_page_ends_the_results() -> None:
    async def fetch(offset: int | str | None) -> Unread[int]:
        async def parts() -> AsyncIterator[Sequence[int]]:
            yield [1]
            raise ZeroDivisionError

        return Unread(size=1, offset=0, parts=parts, has_more=lambda _: True)

    items = Paginator(fetch, first=0).pages().items()
    assert await anext(items) == 1
    with pytest.raises(ZeroDivisionError):
        await anext(items)
    assert [item async for item in items] == []


async def test_leaving_early_cancels_requests_on_their_way() -> None:
    source = Slow(1000, 5)
    async with Paginator(source.by_offset, first=0, step=5).pages(prefetch=8) as pages:
        async for page in pages:
            if page.offset == 10:
                break
    assert source.flying == 0
    assert source.given_up > 0
    assert len(source.fetched) <= 3 + 8


async def test_an_error_is_raised_in_place_of_its_page() -> None:
    class Failing(Slow):
        async def by_offset(self, offset: int | str | None) -> Page[int]:
            if offset == 10:
                raise ZeroDivisionError("page 3")
            return await super().by_offset(offset)

    source, seen = Failing(1000, 5), []
    with pytest.raises(ZeroDivisionError, match="page 3"):
        async with Paginator(source.by_offset, first=0, step=5).pages(prefetch=8) as pages:
            async for page in pages:
                seen.append(page.offset)
    assert seen == [0, 5]
    assert source.flying == 0


async def test_an_error_in_the_block_is_raised_without_a_group() -> None:
    source = Slow(1000, 5)
    with pytest.raises(KeyError, match="mine"):
        async with Paginator(source.by_offset, first=0, step=5).pages(prefetch=8) as pages:
            async for _ in pages:
                raise KeyError("mine")
    assert source.flying == 0


async def test_cancellation_at_any_time_leaves_nothing_running() -> None:
    async def read(source: Slow) -> None:
        async with Paginator(source.by_offset, first=0, step=5).pages(prefetch=4) as pages:
            async for _ in pages:
                await source.clock.sleep(0.3)

    for after in (0.0, 0.5, 1.0, 2.5, 7.0, 30.0):
        source = Slow(1000, 5)
        async with anyio.create_task_group() as group:
            group.start_soon(read, source)
            await source.clock.sleep(after)
            group.cancel_scope.cancel()
        assert source.flying == 0, after


async def test_cancellation_at_every_await_leaves_nothing_running() -> None:
    flying = 0

    async def fetch(offset: int | str | None) -> Page[int]:
        nonlocal flying
        assert isinstance(offset, int)
        flying += 1
        try:
            for _ in range(1 + offset % 3):
                await anyio.lowlevel.checkpoint()
        finally:
            flying -= 1
        return Page([offset], offset=offset, has_more=True)

    async def read() -> None:
        async with Paginator(fetch, first=0, step=1).pages(prefetch=3) as pages:
            async for _ in pages:
                await anyio.lowlevel.checkpoint()

    for steps in range(60):
        async with anyio.create_task_group() as group:
            group.start_soon(read)
            for _ in range(steps):
                await anyio.lowlevel.checkpoint()
            group.cancel_scope.cancel()
        assert flying == 0, steps


async def test_prefetching_needs_its_block() -> None:
    with pytest.raises(ConfigurationError, match="async with"):
        async for _ in Paginator(Source(1, 1).by_offset, first=0).pages(prefetch=2):
            pass
    with pytest.raises(ConfigurationError):
        Paginator(Source(1, 1).by_offset, first=0).pages(prefetch=-1)


async def test_what_was_given_is_not_held_until_the_next_result() -> None:
    class Result:
        """Something that can be referred to weakly."""

    async def fetch(number: int) -> Result:
        if number >= 3:
            await anyio.sleep_forever()
        return Result()

    results = Prefetcher(fetch, lambda _: False, ahead=3, max_concurrent=3, in_order=False)
    await results.__aenter__()
    given = [weakref.ref(await results.next()) for _ in range(3)]
    await anyio.wait_all_tasks_blocked()
    gc.collect()
    assert [one() for one in given] == [None] * 3
    await results.aclose()
