"""Scans of a store that others write to meanwhile."""

import asyncio
import itertools
import json
import math
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import anyio
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from attio_async._records.models import Record, decode_many
from attio_async._workspace.scan import Scan, ScanOptions
from attio_async.errors import ConfigurationError, ServerError

pytestmark = pytest.mark.anyio

START = datetime(2026, 1, 1, tzinfo=UTC)
MONTH = 30 * 24 * 3600 * 1000


class Store:
    """Records with a number and a time of creation, in milliseconds. Between pages, others delete and create."""

    def __init__(
        self,
        times: Sequence[int],
        meanwhile: Sequence[tuple[str, int]] = (),
        unreadable: Mapping[int, object] | None = None,
    ) -> None:
        self.rows = dict(enumerate(times))
        self.meanwhile = list(meanwhile)
        self.unreadable = unreadable or {}
        self.asked: list[Mapping[str, Any]] = []
        self.touched: set[int] = set()
        self.random = random.Random(len(times))
        self.running = self.most_running = 0
        self.cap = math.inf
        self.failures = 0
        self.now = (START + timedelta(milliseconds=max(times, default=0) + 1)).timestamp()

    def query(self, body: Mapping[str, Any]) -> list[Record]:
        self.asked.append(body)
        fits = condition(body.get("filter", {}))
        rows = sorted((time, number) for number, time in self.rows.items() if fits(stamp(time)))
        page = rows[body["offset"] : body["offset"] + body["limit"]]
        raw = [
            {"id": {"record_id": str(number)}, "created_at": self.unreadable.get(number, stamp(time))}
            for time, number in page
        ]
        self.others_write()
        return decode_many(json.dumps({"data": raw}).encode(), Record, None)

    def others_write(self) -> None:
        if not self.meanwhile:
            return
        what, which = self.meanwhile.pop(0)
        if what == "delete" and self.rows:
            number = sorted(self.rows)[which % len(self.rows)]
            self.touched.add(number)
            del self.rows[number]
        elif what in ("create", "merge"):
            number = 100_000 + len(self.meanwhile)
            self.touched.add(number)
            old = self.rows[sorted(self.rows)[which % len(self.rows)]] if self.rows else 0
            newest = max(self.rows.values(), default=0) + which
            self.rows[number] = newest if what == "create" else old

    async def send(self, body: Mapping[str, Any]) -> Callable[[], Awaitable[list[Record]]]:
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            await self.rest()
            if self.failures:
                self.failures -= 1
                raise ServerError("no", status=500)
            found = self.query(body)
            await self.rest()
        finally:
            self.running -= 1

        async def decode() -> list[Record]:
            await self.rest()
            return found

        return decode

    async def rest(self) -> None:
        for _ in range(self.random.choice((0, 1, 3, 9))):
            await anyio.lowlevel.checkpoint()

    def scan(
        self, *, view: str | None = None, conditions: Mapping[str, Any] | None = None, **options: Any
    ) -> Scan[Record]:
        async def read_conditions() -> Mapping[str, Any]:
            await anyio.lowlevel.checkpoint()
            return conditions or ({} if view is None else {"filter_view_id": view})

        chosen = ScanOptions(**{"page_size": 5, "is_view": view is not None, **options})
        return Scan(
            self.send, "people", read_conditions, chosen, max_queries=lambda: self.cap, now=lambda: self.now
        )

    def stayed(self, times: Sequence[int]) -> set[str]:
        """Return the ids of the records that were there all the time."""
        return {str(number) for number in range(len(times))} - set(map(str, self.touched))


@cache
def stamp(time: int) -> str:
    return f"{(START + timedelta(milliseconds=time)).replace(tzinfo=None).isoformat(timespec='milliseconds')}000000Z"


def condition(filter: Mapping[str, Any]) -> Callable[[str], bool]:
    bounds = {
        name: bound
        for part in filter.get("$and", [filter])
        for name, bound in part.get("created_at", {}).items()
    }
    assert bounds.keys() <= {"$gte", "$lt"}
    first, end = bounds.get("$gte", ""), bounds.get("$lt", "~")
    return lambda time: first <= time < end


@asynccontextmanager
async def opened(scan: Scan[Record], *, ahead: bool = True) -> AsyncIterator[Scan[Record]]:
    async with scan if ahead else nullcontext(scan):
        yield scan


async def ids(scan: Scan[Record], *, ahead: bool = True) -> list[str]:
    async with opened(scan, ahead=ahead):
        return [record.id async for record in scan]


MEANWHILE = st.lists(
    st.tuples(st.sampled_from(["delete", "delete", "create", "merge", "nothing"]), st.integers(0, 99)),
    max_size=20,
)
TIMES = st.one_of(
    st.lists(st.integers(0, 8), max_size=60),
    st.lists(st.integers(0, 100).map(lambda second: 1000 * second), max_size=60),
    st.lists(st.one_of(st.integers(0, MONTH), st.just(777)), max_size=60),
    st.lists(st.integers(MONTH, MONTH + 300), max_size=60),
)
UNREADABLE = st.dictionaries(st.integers(0, 59), st.sampled_from([None, 7, "soon", "2026-01-01"]), max_size=5)


@settings(max_examples=25)
@given(times=TIMES, meanwhile=MEANWHILE, size=st.integers(1, 7), ahead=st.booleans())
async def test_a_record_that_exists_throughout_comes_exactly_once(
    times: list[int], meanwhile: list[tuple[str, int]], size: int, *, ahead: bool
) -> None:
    store = Store(times, meanwhile)
    found = await ids(store.scan(page_size=size), ahead=ahead)
    assert len(found) == len(set(found))
    assert store.stayed(times) <= set(found)
    assert store.most_running <= 1


PARALLEL = st.fixed_dictionaries(
    {
        "times": TIMES,
        "meanwhile": MEANWHILE,
        "unreadable": UNREADABLE,
        "size": st.integers(1, 7),
        "parallel": st.integers(2, 9),
        "ordered": st.booleans(),
    }
)


async def _exactly_once_in_parallel(case: Mapping[str, Any]) -> None:
    times, parallel, ordered = case["times"], case["parallel"], case["ordered"]
    store = Store(times, case["meanwhile"], case["unreadable"])
    scan = store.scan(page_size=case["size"], parallel=parallel, ordered=ordered)
    created = dict(store.rows)
    found = await ids(scan)
    assert len(found) == len(set(found))
    assert store.stayed(times) <= set(found)
    assert store.most_running <= parallel
    if ordered:
        known = [created[int(each)] for each in found if int(each) in created]
        assert known == sorted(known)


@settings(max_examples=25)
@given(PARALLEL)
async def test_so_it_does_in_parallel(case: Mapping[str, Any]) -> None:
    await _exactly_once_in_parallel(case)


@pytest.mark.full
@settings(max_examples=1_500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(PARALLEL)
async def test_so_it_does_in_parallel_thousands_of_times(case: Mapping[str, Any]) -> None:
    await _exactly_once_in_parallel(case)


@settings(max_examples=25)
@given(
    times=TIMES,
    unreadable=UNREADABLE,
    stop=st.integers(0, 60),
    parallels=st.tuples(st.integers(1, 6), st.integers(1, 6)),
    by_page=st.booleans(),
)
async def test_a_scan_resumes_where_another_stopped(
    times: list[int],
    unreadable: dict[int, object],
    stop: int,
    parallels: tuple[int, int],
    *,
    by_page: bool,
) -> None:
    first, second = parallels
    before: list[str] = []
    store = Store(times, unreadable=unreadable)
    async with store.scan(parallel=first) as scan:
        if by_page:
            async for page in scan.pages():
                before += [record.id for record in page]
                if len(before) >= stop:
                    break
        else:
            while len(before) < min(stop, len(times)):
                before.append((await anext(scan)).id)
        token = scan.token
    token = token if stop % 2 else scan.token  # that of the ended block may have more windows
    after = await ids(store.scan(resume=token, parallel=second))
    assert sorted(before + after) == sorted(str(n) for n in range(len(times)))
    assert len(before) < stop or by_page or len(after) == len(times) - len(before)


@settings(max_examples=25)
@given(times=TIMES, meanwhile=MEANWHILE, size=st.integers(1, 7), parallel=st.integers(1, 4))
async def test_a_record_that_stays_in_a_view_comes_exactly_once(
    times: list[int], meanwhile: list[tuple[str, int]], size: int, parallel: int
) -> None:
    store = Store(times, meanwhile)
    found = await ids(store.scan(page_size=size, view="v", parallel=parallel))
    assert len(found) == len(set(found))
    assert store.stayed(times) <= set(found)
    assert all(body["filter_view_id"] == "v" and "filter" not in body for body in store.asked)
    assert store.most_running <= 1  # it cannot be divided by time


async def test_records_come_in_the_order_of_creation() -> None:
    tables: list[list[int]] = [[], [1], list(range(23)), [3] * 23, [1, 2] * 12, [*range(5), *[9] * 5]]
    for times, view, ordered in itertools.product(tables, (None, "v"), (False, True)):
        scan = Store(times).scan(view=view, parallel=5 if ordered else 1, ordered=ordered)
        async with opened(scan, ahead=ordered):
            found = [record async for record in scan]
        assert sorted(record.id for record in found) == sorted(str(n) for n in range(len(times)))
        stamps = [record.created_at_text or "" for record in found]
        assert stamps == sorted(stamps)


async def test_a_view_resumes_where_another_stopped() -> None:
    tables = [list(range(23)), [3] * 23, [1, 2, 2, 2] * 6]
    for times, stop in itertools.product(tables, range(0, 24, 3)):
        first = Store(times).scan(view="v")
        before = [(await anext(first)).id for _ in range(min(stop, len(times)))]
        after = [record.id async for record in Store(times).scan(resume=first.token, view="v")]
        assert sorted(before + after) == sorted(str(n) for n in range(len(times)))


async def test_the_filter_holds_for_every_page() -> None:
    store = Store(list(range(12)))
    async for _ in store.scan(conditions={"filter": {"name": "Ada"}}):
        pass
    assert store.asked[0]["filter"] == {"name": "Ada"}
    assert store.asked[1]["filter"] == {"$and": [{"name": "Ada"}, {"created_at": {"$gte": stamp(4)}}]}


def test_an_invalid_token_is_rejected() -> None:
    for token in ("", "{}", "nonsense", '{"scan": "companies"}'):
        with pytest.raises(ConfigurationError, match="token"):
            Store([]).scan(resume=token)


async def test_a_token_belongs_to_the_filter_or_view_of_its_scan() -> None:
    acme = {"filter": {"name": "Acme"}}
    store = Store(range(12))
    for mine, others in ((acme, ({}, {"filter": {"name": "B"}}, {"filter_view_id": "v"})), ({}, (acme,))):
        scan = store.scan(conditions=mine)
        unused = scan.token
        await anext(scan)
        again = store.scan(conditions=mine, resume=scan.token).token  # which knows it before it asks
        for token in (scan.token, again):
            assert len(await ids(store.scan(conditions=mine, resume=token))) == 11
            for other in others:
                asked = len(store.asked)
                with pytest.raises(ConfigurationError, match="another filter or view"):
                    await anext(store.scan(conditions=other, resume=token))
                assert len(store.asked) == asked
        assert len(await ids(store.scan(conditions=others[0], resume=unused))) == 12


async def test_a_finished_scan_resumes_with_what_is_newer() -> None:
    store = Store(range(0, 1000, 10))
    async with store.scan(parallel=4) as scan:
        assert len([record async for record in scan]) == 100
        assert [record async for record in scan] == []
    store.rows[100] = 2000
    for parallel in (1, 4):
        assert await ids(store.scan(resume=scan.token, parallel=parallel)) == ["100"]


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
class TestRequests:
    """Few more are sent than needed, and few at a time."""

    @pytest.mark.parametrize(
        ("parallel", "cap", "most"), [(8, math.inf, 8), (8, 3, 3), (8, 0.5, 1), (1, 9, 1)]
    )
    async def test_no_more_run_at_once_than_the_limits_allow(
        self, parallel: int, cap: float, most: int
    ) -> None:
        store = Store(range(0, 50_000, 100))
        store.cap = cap
        assert len(await ids(store.scan(parallel=parallel))) == 500
        assert most - 1 <= store.most_running <= most

    @pytest.mark.parametrize(
        "times",
        [
            range(0, 50_000, 100),
            [777] * 500,
            [777] * 250 + [MONTH] * 250,
            [number * number for number in range(500)],
            [MONTH - number * number for number in range(500)],
            [*range(0, MONTH, MONTH // 50), *range(9999, 10_449)],
        ],
        ids=["even", "one-instant", "two-instants", "slower", "faster", "burst"],
    )
    async def test_guesses_cost_little(self, times: Sequence[int]) -> None:
        needed = len(times) / 9 + 1  # the last record comes again
        one, many = Store(times), Store(times)
        many.now += MONTH / 1000  # nothing was created lately
        assert len(await ids(one.scan(page_size=10))) == len(times)
        assert len(one.asked) <= needed + 1
        assert len(await ids(many.scan(page_size=10, parallel=8))) == len(times)
        assert len(many.asked) <= 1.2 * needed + 60

    @pytest.mark.parametrize("count", [0, 1, 4, 5, 6])
    async def test_few_records_take_few_requests(self, count: int) -> None:
        store = Store(range(0, 1000 * count, 1000))
        assert len(await ids(store.scan(parallel=32))) == count
        assert len(store.asked) <= (1 if count < 5 else 3)

    @pytest.mark.parametrize("ordered", [False, True])
    @pytest.mark.parametrize("limit", [0, 1, 5, 6, 42, 100, 500])
    async def test_a_limit_is_met_exactly(self, limit: int, *, ordered: bool) -> None:
        store = Store(range(0, 50_000, 500))
        found = await ids(store.scan(parallel=8, limit=limit, ordered=ordered))
        assert len(found) == len(set(found)) == min(limit, 100)
        if ordered:
            assert found == [str(number) for number in range(min(limit, 100))]
        assert len(store.asked) <= math.ceil(min(limit, 100) / 4) + (8 if limit > 5 else 1)
        by_page = store.scan(parallel=8, limit=limit)
        async with by_page:
            assert sum([len(page) async for page in by_page.pages()]) == min(limit, 100)


class TestEnds:
    """Blocks that end early, errors, and loops that go on."""

    async def test_parallel_needs_a_block(self) -> None:
        with pytest.raises(ConfigurationError, match="needs a block"):
            await anext(Store([1]).scan(parallel=2))

    async def test_an_abandoned_loop_leaves_nothing_running(self, anyio_backend_name: str) -> None:
        store = Store(range(0, 50_000, 100))
        is_asyncio = anyio_backend_name == "asyncio"
        tasks = asyncio.all_tasks() if is_asyncio else None
        async with store.scan(parallel=8) as scan:
            async for _ in scan:
                break
        assert store.running == 0
        assert tasks == (asyncio.all_tasks() if is_asyncio else None)

    async def test_an_error_is_raised_and_the_loop_can_go_on(self) -> None:
        store = Store(range(0, 50_000, 100))
        found: list[str] = []
        raised = 0
        outages = [20, 120]
        async with store.scan(parallel=8) as scan:
            while len(found) < 500:
                if len(found) in outages:
                    outages.remove(len(found))  # or an error without a record would begin another outage
                    store.failures = 3
                try:
                    found.append((await anext(scan)).id)
                except ServerError:
                    raised += 1
            with pytest.raises(StopAsyncIteration):
                await anext(scan)
        assert sorted(found, key=int) == [str(number) for number in range(500)]
        assert 2 <= raised <= 6

    async def test_a_stopped_loop_gives_what_is_on_its_way(self) -> None:
        store = Store(range(0, 50_000, 100))
        scan, found, rounds = store.scan(parallel=8), list[str](), 0
        while rounds == 0 or scan_is_unfinished(found):
            rounds += 1
            async with scan:
                async for page in scan.pages():
                    found += [record.id for record in page]
                    scan.stop()
        assert sorted(found, key=int) == [str(number) for number in range(500)]
        assert 10 < rounds < 100
        assert len(store.asked) < 1.5 * 500 / 4

    async def test_a_cancelled_loop_can_go_on(self) -> None:
        store = Store(range(0, 2_000, 10))
        found: list[str] = []
        for ordered in (False, True):
            found.clear()
            async with store.scan(parallel=8, ordered=ordered) as scan:
                for pause in itertools.cycle((0, 1, 2, 3, 5, 8)):
                    with anyio.CancelScope() as scope:
                        async with anyio.create_task_group() as group:
                            group.start_soon(cancel_after, pause, scope)
                            async for record in scan:
                                found.append(record.id)
                            group.cancel_scope.cancel()
                    if not scope.cancelled_caught:
                        break
            assert sorted(found, key=int) == [str(number) for number in range(200)]


def scan_is_unfinished(found: list[str]) -> bool:
    return len(found) < 500


async def cancel_after(count: int, scope: anyio.CancelScope) -> None:
    for _ in range(count):
        await anyio.lowlevel.checkpoint()
    scope.cancel()
