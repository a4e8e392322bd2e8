"""The limits at full length: a simulated client and server over minutes of virtual time, and what waiting costs here.

Every figure of the simulation is determined by its seeds; the costs are this machine's.
"""

import asyncio
import functools
import itertools
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from email.utils import formatdate
from pathlib import Path

import anyio
import httpx

sys.path.insert(0, str(Path(__file__).parent.parent))  # for the simulator, which the tests use too
from tests._limits.simulator import (
    Simulation,
    dated,
    most_in_any_second,
    saturated,
)
from tests._limits.windows import NETWORKS, WINDOWS, Fixed

from attio_async import Attio
from attio_async._limits.gate import Gate
from attio_async._limits.limiter import TokenLimits
from attio_async._limits.permits import PermitPool
from attio_async._utils.clock import SystemClock
from attio_async.testing import VirtualClock
from harness import GoalLine

FOUR = ("fixed", "log", "counter", "bucket")
SEEDS = (1, 2, 3)


def runs(window: str, network: str, limit: int, seconds: float) -> tuple[float, float]:
    """Return the mean over the seeds: percent used, refusals per ten thousand."""
    found = [saturated(window, network, limit=limit, seconds=seconds, seed=seed) for seed in SEEDS]
    return statistics.mean(used for used, _, _ in found), statistics.mean(refused for _, refused, _ in found)


def steady(
    what: str, network: str, limit: int, *, goals: dict[str, float], most: float, seconds: float = 240
) -> Iterable[GoalLine]:
    for window in FOUR:
        used, refused = runs(window, network, limit, seconds)
        yield GoalLine(
            f"{what}: {window}",
            f"{used:.1f} %, {refused:.1f} per 10,000",
            f"{goals[window]} %, at most {most:g}",
            used >= goals[window] and refused <= most,
        )


def idle_bursts() -> Iterable[GoalLine]:
    for window in FOUR:
        pool = PermitPool(100)
        warm = Simulation(WINDOWS[window](100), NETWORKS["jit"], pool, connections=50).burst(100, 10)
        yield GoalLine(
            f"100 after idle on 50 connections: {window}",
            f"{max(warm.sent):.2f} s, {max(warm.answered):.2f} s, {len(warm.rate_limited)}",
            "0.3 s, 0.8 s, 0 refused",
            max(warm.sent) <= 0.3 and max(warm.answered) <= 0.8 and not warm.rate_limited,
        )
    for window in FOUR:
        pool = PermitPool(100)
        cold = Simulation(WINDOWS[window](100), NETWORKS["jit"], pool, cold=0.08, connections=300).burst(
            300, 10
        )
        yield GoalLine(
            f"300 on cold connections: {window}",
            f"{len(cold.rate_limited)} refused",
            "0",
            not cold.rate_limited,
        )


def drop(window: str, seed: int) -> tuple[int, float, float]:
    pool = PermitPool(100)
    simulation = Simulation(WINDOWS[window](100), NETWORKS["jit"], pool, seed=seed, drop=(40, 70, 50))
    outcome = simulation.saturate(110)
    back = next(second for second in range(40) if outcome.accepted_between(70 + second, 71 + second) >= 88)
    return sum(40 <= instant < 85 for instant in outcome.rate_limited), outcome.used(42, 70, 50), back


def drops() -> Iterable[GoalLine]:
    for window in FOUR:
        refused, used, back = (
            statistics.mean(column) for column in zip(*(drop(window, s) for s in SEEDS), strict=True)
        )
        yield GoalLine(
            f"silent drop to 50/s for 30 s: {window}",
            f"{refused:.0f} refused, {used:.0f} %, {back:.0f} s",
            "60, 80 %, 88/s in 15 s",
            refused <= 60 and used >= 80 and back <= 15,
        )


ASKED: dict[str, Callable[[float], str | None]] = {
    "date": dated,
    "date 2 s ahead": lambda now: formatdate(int(now) + 2, usegmt=True),
    "seconds": lambda _: "1",
    "missing": lambda _: None,
    "garbage": lambda _: "soon",
    "past": lambda now: formatdate(now - 100, usegmt=True),
}


def unknown_limits() -> Iterable[GoalLine]:
    for name, asked in ASKED.items():
        used, early = [], 0
        for skew in (-2.0, 2.0, 3600.0):
            pool = PermitPool(100)
            simulation = Simulation(Fixed(50), NETWORKS["jit"], pool, skew=skew, retry_after=asked)
            outcome = simulation.saturate(12)
            used.append(outcome.used(0, 12, 50))
            early += outcome.early
        yield GoalLine(
            f"unknown 50/s, clock -2 s, +2 s, +1 h, Retry-After: {name}",
            f"{min(used):.0f} %, {early} early",
            "80 %, 0 early",
            round(min(used)) >= 80 and early == 0,
        )


async def lone() -> float:
    """Microseconds of work for one uncontended permit, its return included."""
    limiter = TokenLimits(reads=10**9)
    gate, lane = Gate(limiter, 50, SystemClock()), limiter.lane("read")
    start = time.process_time()
    for _ in range(5_000):
        (await gate.enter(lane, gate.position())).answered()
    return (time.process_time() - start) / 5_000 * 1e6


async def crowd(waiters: int) -> tuple[float, list[float], int]:
    """Microseconds of work per permit when so many wait, when they were sent, and how many overtook."""
    limiter, clock = TokenLimits(), SystemClock()
    gate, lane = Gate(limiter, 50, clock), limiter.lane("read")
    sent: dict[int, float] = {}

    async def one(number: int) -> None:
        permit = await gate.enter(lane, gate.position())
        sent[number] = permit.tickets[0].sent
        await anyio.sleep(0.03)
        permit.answered()

    start = time.process_time()
    async with anyio.create_task_group() as group:
        for number in range(waiters):
            group.start_soon(one, number)
    spent = (time.process_time() - start) / waiters * 1e6
    times = [sent[number] for number in range(waiters)]
    overtaken = sum(later < earlier for earlier, later in itertools.pairwise(times))
    return spent, sorted(times), overtaken


async def sleepers(tasks: int) -> float:
    """Microseconds of work per task when nobody needs a permit, but as many tasks sleep for about as long."""

    async def one(number: int) -> None:
        await anyio.sleep(number / 100)
        await anyio.sleep(0.03)

    start = time.process_time()
    async with anyio.create_task_group() as group:
        for number in range(tasks):
            group.start_soon(one, number)
    return (time.process_time() - start) / tasks * 1e6


async def urgent() -> float:
    """Return the longest that one of 20 urgent requests waits among 500 others, in seconds."""
    limiter, clock = TokenLimits(), VirtualClock()
    gate, lane, waits = Gate(limiter, 50, clock), limiter.lane("read"), list[float]()

    async def one(rank: int) -> None:
        permit = await gate.enter(lane, gate.position(rank))
        if not rank:
            waits.append(permit.waited)
        await clock.sleep(0.03)
        permit.answered()

    async with anyio.create_task_group() as group:
        for _ in range(500):
            group.start_soon(one, 1)
        await clock.sleep(1.5)
        for _ in range(20):
            group.start_soon(one, 0)
    return max(waits)


async def cancelled(seed: int) -> tuple[int, int]:
    """600 waiters of whom half are cancelled, 300 more in the instant of their permit: permits at the end, stuck."""
    clock, limiter, chance = VirtualClock(), TokenLimits(), random.Random(seed)
    gate, lane, left = Gate(limiter, 50, clock), limiter.lane("read"), 900

    async def one(scope: anyio.CancelScope) -> None:
        nonlocal left
        try:
            with scope:
                permit = await gate.enter(lane, gate.position())
                permit.answered()
        finally:
            left -= 1

    async def cancel(scope: anyio.CancelScope, after: float) -> None:
        await clock.sleep(after)
        scope.cancel()

    async with anyio.create_task_group() as group:
        for number in range(900):
            scope = anyio.CancelScope()
            group.start_soon(one, scope)
            if number >= 600:  # with the tick in which permits come back
                group.start_soon(cancel, scope, 1 + chance.randrange(400) / 96)
            elif number % 2:
                group.start_soon(cancel, scope, chance.uniform(0, 4))
    await clock.sleep(3)
    return limiter.pools["read"].available(clock.monotonic()), left


async def usable_after_cancelling(requests: int, *, natively: bool) -> tuple[int, float]:
    """So many requests of one client, all cancelled on their way: how many were, and how long 50 more take then."""
    clock, chance, ended = VirtualClock(), random.Random(1), 0

    async def answer(_: httpx.Request) -> httpx.Response:
        await clock.sleep(chance.uniform(0.02, 0.3))
        return httpx.Response(200, json={"data": {}})

    async def send(after: float) -> None:
        nonlocal ended
        try:
            with anyio.CancelScope() as scope:
                group.start_soon(cancel, asyncio.current_task().cancel if natively else scope.cancel, after)
                await attio.request("GET", "/v2/self")
            ended += scope.cancelled_caught
        except asyncio.CancelledError:
            ended += 1
            raise

    async def cancel(action: Callable[[], object], after: float) -> None:
        await clock.sleep(after)
        action()

    async def start(after: float) -> None:
        if natively:
            await asyncio.wait([asyncio.ensure_future(send(after))])
        else:
            await send(after)

    async with Attio("x", transport=httpx.MockTransport(answer), clock=clock) as attio:
        for _ in range(requests // 500):
            async with anyio.create_task_group() as group:
                for _ in range(500):
                    group.start_soon(start, chance.uniform(0, 2))
        await clock.sleep(2)
        began = clock.monotonic()
        async with anyio.create_task_group() as group:
            for _ in range(50):
                group.start_soon(attio.request, "GET", "/v2/self")
        return ended, clock.monotonic() - began


def cancelling() -> Iterable[GoalLine]:
    for how, backend, natively in (
        ("scopes, asyncio", "asyncio", False),
        ("scopes, trio", "trio", False),
        ("tasks, asyncio", "asyncio", True),
    ):
        ended, took = anyio.run(
            functools.partial(usable_after_cancelling, 10_000, natively=natively), backend=backend
        )
        yield GoalLine(
            f"10,000 requests cancelled on their way ({how}), then 50",
            f"{ended} cut off, then {took:.2f} s",
            "50 at once: at most 1 s",
            ended > 5_000 and took <= 1,
        )


def waiting() -> Iterable[GoalLine]:
    uncontended = min(anyio.run(lone) for _ in range(20))
    yield GoalLine(
        "permit and connection, uncontended", f"{uncontended:.1f} us", "at most 5 us", uncontended <= 5
    )
    spent, sent, overtaken = anyio.run(crowd, 1000)
    alone = anyio.run(sleepers, 1000)
    yield GoalLine(
        "1,000 waiters: work per permit",
        f"{spent - alone:.0f} us, and {alone:.0f} us of tasks that sleep",
        "at most 500 us",
        spent - alone <= 500,
    )
    most = most_in_any_second(sent)
    yield GoalLine(
        "  most in any second, overtaken",
        f"{most}, {overtaken}",
        "at most 100, 0",
        most <= 100 and not overtaken,
    )
    wait = anyio.run(urgent)
    yield GoalLine("20 urgent among 500: the last waits", f"{wait:.2f} s", "at most 0.25 s", wait <= 0.25)
    for backend in ("asyncio", "trio"):
        available, stuck = anyio.run(cancelled, 1, backend=backend)
        yield GoalLine(
            f"900 waiters, 600 of them cancelled, on {backend}: permits, stuck",
            f"{available}, {stuck}",
            "100, 0",
            (available, stuck) == (100, 0),
        )


def lines() -> Iterable[GoalLine]:
    even, spiky = dict.fromkeys(FOUR, 96.0), dict.fromkeys(FOUR, 93.0) | {"fixed": 95.5}
    yield from steady("reads, 30 ms of jitter, 240 s", "j30", 100, goals=even, most=5)
    yield from steady("reads, long tail and spikes, 240 s", "spike", 100, goals=spiky, most=3)
    yield from steady("writes, long tail, 240 s", "jit", 25, goals=dict.fromkeys(FOUR, 90.0), most=6)
    yield from idle_bursts()
    yield from drops()
    yield from unknown_limits()
    yield from waiting()
    yield from cancelling()
