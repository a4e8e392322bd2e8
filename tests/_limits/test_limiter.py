"""The limits that a request counts against, and the order of requests. Time is virtual."""

import asyncio
import logging
import random
from collections import Counter
from typing import Any

import anyio
import httpx
import pytest
from hypothesis import given, strategies as st

from attio_async import (
    Attio,
    LimitLowered,
    LimitRestored,
    PermitAwaited,
    RateLimiter,
    priority,
)
from attio_async._limits.gate import Gate
from attio_async._limits.limiter import RetryBudget, TokenLimits, limits_of
from attio_async.errors import ConfigurationError
from attio_async.testing import FakeAttio, Limits, VirtualClock
from attio_async_api.operations import OPERATIONS
from tests._limits.simulator import most_in_any_second
from tests.support import Scripted, error_of

pytestmark = pytest.mark.anyio

OK = httpx.Response(200, json={"data": {}})


def test_each_operation_counts_against_its_limits() -> None:
    limiter = TokenLimits()
    lanes = Counter(limiter.lane_of(operation).name for operation in OPERATIONS.values())
    own = {operation.id for operation in OPERATIONS.values() if operation.rate is not None}
    assert lanes.keys() == {"read", "write", "query", *own}
    assert lanes["query"] == 3
    merge = limiter.lane_of(OPERATIONS["merge_records"])
    assert merge.quotas == (limiter.pools["merge_records"], limiter.pools["write"])
    assert limiter.pools["merge_records"].governor.rate == pytest.approx(4)


def test_rates_can_be_lowered() -> None:
    limiter = RateLimiter(reads=50, writes=5, operations={"merge_records": 0.5})
    limits_of(limiter).lane_of(OPERATIONS["merge_records"])
    stats = limiter.stats()
    assert (stats.reads.limit, stats.writes.limit, stats.operations["merge_records"].limit) == (50, 5, 0.5)
    assert stats.operations["merge_records"].rate == pytest.approx(0.4)


def test_invalid_rates_are_rejected() -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({"reads": 0}, "reads must be at least 1, not 0"),
        ({"writes": -1}, "writes must be at least 1, not -1"),
        (
            {"operations": {"merge_record": 1}},
            "'merge_record' is not an operation with a rate of its own; did you mean 'merge_records'?",
        ),
        (
            {"operations": {"merge_records": 6}},
            "the rate of merge_records must be more than 0 and at most 5, not 6",
        ),
        ({"operations": {"run_sql": 0}}, "the rate of run_sql must be more than 0 and at most 2, not 0"),
    ]
    misfits = {}
    for options, message in cases:
        error = error_of(lambda options=options: RateLimiter(**options))
        if not isinstance(error, ConfigurationError) or str(error) != message:
            misfits[str(options)] = error
    assert not misfits


async def test_merges_use_all_of_their_own_rate_among_writes() -> None:
    clock, limiter = VirtualClock(), TokenLimits()
    gate = Gate(limiter, 50, clock)
    times: dict[str, list[float]] = {"merge_records": [], "write": []}

    async def send(name: str) -> None:
        lane = limiter.lane_of(OPERATIONS["merge_records"]) if name == "merge_records" else limiter.lane(name)
        permit = await gate.enter(lane, gate.position())
        times[name].append(clock.monotonic())
        await clock.sleep(0.04)
        permit.answered()

    async with anyio.create_task_group() as group:
        for _ in range(230):
            group.start_soon(send, "write")
        for _ in range(41):
            group.start_soon(send, "merge_records")
    merges, together = times["merge_records"], sorted(times["merge_records"] + times["write"])
    assert most_in_any_second(merges) <= 5
    assert most_in_any_second(together) <= 25
    assert max(merges) - min(merges) <= 41 / 4 + 0.5
    stats = limiter.stats()
    assert (stats.operations["merge_records"].requests, stats.writes.requests) == (41, 271)


async def test_interactive_requests_overtake_bulk_ones() -> None:
    clock, limiter = VirtualClock(), TokenLimits()
    gate, waits = Gate(limiter, 50, clock), []
    bulk: dict[int, float] = {}

    async def send(rank: int, number: int) -> None:
        permit = await gate.enter(limiter.lane("read"), gate.position(rank))
        if rank:
            bulk[number] = permit.tickets[0].sent
        else:
            waits.append(permit.waited)
        await clock.sleep(0.04)
        permit.answered()

    async with anyio.create_task_group() as group:
        for number in range(500):
            group.start_soon(send, 1, number)
            await anyio.lowlevel.checkpoint()
        await clock.sleep(1.5)
        for number in range(20):
            group.start_soon(send, 0, number)
            await anyio.lowlevel.checkpoint()
    assert max(waits) <= 0.25
    sent = [bulk[number] for number in range(500)]
    assert sent == sorted(sent)
    assert len(waits) == 20


async def test_requests_in_the_priority_context_are_bulk_also_in_tasks_started_there() -> None:
    http = Scripted(limiter=RateLimiter(reads=1), max_connections=1)
    http.router.get().mock(return_value=OK)
    order: list[str] = []

    async def get(path: str) -> None:
        await http.attio.request("GET", path)
        order.append(path)

    async with anyio.create_task_group() as group:
        await get("/v2/self")
        with http.attio.priority("bulk"):
            async with anyio.create_task_group() as inner:
                inner.start_soon(get, "/v2/objects")
                await http.clock.sleep(0.1)
                with priority("interactive"):
                    group.start_soon(get, "/v2/lists")
    assert order == ["/v2/self", "/v2/lists", "/v2/objects"]


def test_an_unknown_priority_is_rejected() -> None:
    with pytest.raises(ConfigurationError, match="'interactive' or 'bulk'"), priority("urgent"):  # type: ignore[arg-type]
        pass


async def test_other_requests_go_before_those_of_a_bulk_upsert() -> None:
    fake = FakeAttio(clock=VirtualClock(), limits=Limits(writes=25), latency=0.04)
    clock, waited = fake.clock, []
    async with fake.client() as attio, anyio.create_task_group() as group:
        rows = ({"name": f"Company {n}", "domains": f"c{n}.example.com"} for n in range(200))

        async def upsert() -> None:
            await attio.companies.upsert_many(rows, match="domains")

        group.start_soon(upsert)
        for _ in range(20):
            await clock.sleep(0.3)
            asked = clock.monotonic()
            await attio.companies.create({"name": "Mine"})
            waited.append(clock.monotonic() - asked)
    assert max(waited[4:]) <= 0.15


async def test_cancelled_requests_give_back_every_permit() -> None:
    clock, limiter, chance = VirtualClock(), TokenLimits(), random.Random(4)
    gate, lane = Gate(limiter, 50, clock), limiter.lane("read")

    async def send(scope: anyio.CancelScope) -> None:
        with scope:
            permit = await gate.enter(lane, gate.position())
            try:
                await clock.sleep(0.04)
            except BaseException:
                permit.lost()
                raise
            permit.answered()

    async def cancel(scope: anyio.CancelScope, after: float) -> None:
        await clock.sleep(after)
        scope.cancel()

    async with anyio.create_task_group() as group:
        for number in range(600):
            scope = anyio.CancelScope()
            group.start_soon(send, scope)
            if number % 2:  # half of them, often in the instant in which a permit is granted
                group.start_soon(cancel, scope, round(chance.uniform(0, 4) * 96) / 96)
    await clock.sleep(3)
    assert limiter.pools["read"].available(clock.monotonic()) == 100
    assert limiter.stats().reads.requests >= 300


@pytest.mark.parametrize("seed", range(3))
def test_natively_cancelled_tasks_give_back_every_permit(seed: int) -> None:
    asyncio.run(cancelled_natively(seed))


async def cancelled_natively(seed: int) -> None:
    clock, limiter, chance = VirtualClock(), TokenLimits(), random.Random(seed)
    gate, lane = Gate(limiter, 50, clock), limiter.lane("read")
    ignored = []

    async def send() -> None:
        permit = await gate.enter(lane, gate.position())
        try:
            await clock.sleep(0.04)
        except BaseException:
            permit.lost()
            raise
        permit.answered()

    async def cancel(task: asyncio.Task[None], after: float) -> None:
        await clock.sleep(after)
        if task.cancel():
            await asyncio.wait([task])
            if not task.cancelled():
                ignored.append(task)

    sending = [asyncio.create_task(send()) for _ in range(600)]
    # In the ticks in which permits come back.
    cancelling = [asyncio.create_task(cancel(t, 1.04 + chance.randrange(400) / 96)) for t in sending[::2]]
    await asyncio.wait(sending + cancelling)
    await clock.sleep(3)
    assert not ignored
    assert 100 < sum(task.cancelled() for task in sending) < 300
    assert limiter.pools["read"].available(clock.monotonic()) == 100


async def test_a_lowered_limit_and_its_end_are_reported_once(caplog: pytest.LogCaptureFixture) -> None:
    events: list[object] = []
    fake = FakeAttio(clock=VirtualClock(), limits=Limits(reads=50), latency=0.04)
    with caplog.at_level(logging.WARNING):
        async with fake.client(hooks=[events.append]) as attio, anyio.create_task_group() as group:

            async def reader() -> None:
                while fake.clock.monotonic() < 8:
                    await attio.identify()

            for _ in range(150):
                group.start_soon(reader)
    lowered = [event for event in events if isinstance(event, LimitLowered)]
    assert len(lowered) - sum(isinstance(event, LimitRestored) for event in events) in {0, 1}
    assert (lowered[0].bucket, lowered[0].limit) == ("read", 100)
    assert 40 <= lowered[0].rate <= 55
    warnings = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert len(warnings) == len(lowered)
    assert "100 per second" in warnings[0].getMessage()
    assert any(isinstance(event, PermitAwaited) and event.seconds > 0 for event in events)


async def test_a_mixed_load_sends_each_request_once() -> None:
    fake = FakeAttio(clock=VirtualClock(), limits=Limits(window="sliding"), latency=0.04)
    async with fake.client() as attio:
        await mixed(attio, fake)
    created = [call for call in fake.calls if call.method == "POST" and call.status == 200]
    assert len(created) == 100
    assert attio.limiter.stats().rate_limited <= 3


async def mixed(attio: Attio, fake: FakeAttio) -> None:
    async def write(number: int) -> None:
        await attio.companies.create({"name": f"Company {number}"})

    async def read() -> None:
        for _ in range(3):
            await attio.identify()

    async with anyio.create_task_group() as group:
        for number in range(100):
            group.start_soon(write, number)
        for _ in range(200):
            group.start_soon(read)


@given(st.lists(st.booleans(), max_size=400))
def test_retries_are_never_more_than_the_reserve_and_the_earned_share(steps: list[bool]) -> None:
    budget, earned = RetryBudget(), 0
    for success in steps:
        if success:
            budget.earn(0.2)
            earned += 1
        else:
            budget.spend()
    assert budget.spent <= 100 + 0.2 * earned
    assert budget.spent + budget.denied + earned == len(steps)
    if not earned:
        assert budget.spent == min(100, len(steps))
