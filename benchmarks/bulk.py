"""Bulk upserts into a strict fake: over real HTTP, and ten thousand rows in virtual time; and a plan of many rows.

How far the rate, the refusals and the waiting are as they should be follows from virtual time, in which ten thousand
writes take no longer than the processor needs for them. That is told beside it. A million rows: `bulk_million`.
"""

import statistics
import time
from collections.abc import Iterator

import anyio
import httpx

from attio_async import Attio, RateLimiter
from attio_async.testing import FakeAttio, Limits, VirtualClock
from bulk_server import Companies, row
from harness import GoalLine

ROWS = 500
MANY = 10_000
PLANNED = 50_000
CHANGED_EVERY = 50


def companies(count: int) -> Iterator[dict[str, str]]:
    return ({"name": f"Company {n}", "domains": f"c{n}.example.com"} for n in range(count))


async def served(url: str, token: str) -> tuple[float, int, int]:
    stamps: list[float] = []
    async with Attio(token, base_url=url) as attio:
        report = await attio.companies.upsert_many(
            companies(ROWS), match="domains", on_outcome=lambda _: stamps.append(anyio.current_time())
        )
    late = [stamp for stamp in stamps if stamp >= stamps[0] + 1]
    return len(late) / (late[-1] - late[0]), report.rate_limited, report.created


async def many() -> list[GoalLine]:
    """Ten thousand rows 80 ms away, with somebody asking for a record every half second."""
    fake = FakeAttio(clock=VirtualClock(), limits=Limits(reads=100, writes=25, window="fixed"), latency=0.08)
    attio, clock, waits = fake.client(), fake.clock, list[float]()

    async def interactive() -> None:
        while True:
            await clock.sleep(0.5)
            asked = clock.monotonic()
            await attio.people.query(page_size=1).page()
            waits.append(clock.monotonic() - asked - fake.latency)

    async with anyio.create_task_group() as group:
        group.start_soon(interactive)
        first = await attio.companies.upsert_many(companies(MANY), match="domains")
        group.cancel_scope.cancel()
    again = await attio.companies.upsert_many(companies(MANY), match="domains")
    rate, slow = MANY / first.seconds, 1000 * statistics.quantiles(waits, n=20)[-1]
    writes = again.updated + again.created
    return [
        GoalLine(
            f"writes per second of {MANY:,} rows, virtual time",
            f"{rate:.1f}/s of 25",
            "at least 23.25",
            rate >= 23.25,
        ),
        GoalLine("  refused meanwhile (429)", str(first.rate_limited), "at most 5", first.rate_limited <= 5),
        GoalLine("  rows created", str(first.created), str(MANY), first.created == MANY),
        GoalLine("  a read meanwhile waits, 95th percentile", f"{slow:.0f} ms", "at most 50 ms", slow <= 50),
        GoalLine("  the same rows again: writes", str(writes), "0", writes == 0),
        GoalLine(
            "  the same rows again: virtual seconds", f"{again.seconds:.1f}", "under 10", again.seconds < 10
        ),
        GoalLine(
            "  the same rows again: requests", str(again.requests), "at most 100", again.requests <= 100
        ),
    ]


async def unchanged() -> list[GoalLine]:
    """Measure the CPU time of rows that exist already, at the real limits."""
    server = Companies(there=MANY)
    async with Attio("x", transport=httpx.MockTransport(server.answer)) as attio:
        started = time.process_time()
        report = await attio.companies.upsert_many(map(row, range(MANY)), match="domains")
        cpu = time.process_time() - started
    what = f"{MANY:,} rows that are there already, real time"
    return [
        GoalLine(what, f"{report.seconds:.1f} s, {cpu:.1f} s of CPU", "under 10 s", report.seconds < 10),
        GoalLine("  writes", str(server.writes), "0", server.writes == 0 and report.unchanged == MANY),
    ]


async def planned() -> list[GoalLine]:
    """Measure the requests and the CPU time of rows of which one in fifty has changed."""
    server = Companies(there=PLANNED)
    transport = httpx.MockTransport(server.answer)
    async with Attio("x", transport=transport, limiter=RateLimiter(reads=100_000, writes=100_000)) as attio:
        started = time.process_time()
        rows = (row(number, changed_every=CHANGED_EVERY) for number in range(PLANNED))
        async with await attio.companies.upsert_many(rows, match="domains").plan() as plan:
            cpu, changed = time.process_time() - started, plan.update
            report = await plan.apply()
    what, wanted = f"{PLANNED:,} rows, 2 % of them changed", PLANNED // CHANGED_EVERY
    return [
        GoalLine(f"{what}: reads", str(server.queries), "100 to 500", 100 <= server.queries <= 500),
        GoalLine(
            "  writes",
            str(server.writes),
            f"about {wanted}",
            server.writes == report.updated == changed == wanted,
        ),
        GoalLine("  CPU seconds of the plan", f"{cpu:.1f}, {1e6 * cpu / PLANNED:.0f} us per row", ""),
    ]


def lines() -> list[GoalLine]:
    fake = FakeAttio(limits=Limits(reads=100, writes=25, window="fixed"), latency=0.08)
    with fake.serve(port=0) as server:
        rate, refused, created = anyio.run(served, server.url, fake.token)
    return [
        GoalLine(
            f"writes per second of {ROWS} rows over HTTP, after the first second",
            f"{rate:.1f}/s of 25",
            "at least 22.5",
            rate >= 22.5,
        ),
        GoalLine("  refused meanwhile (429)", str(refused), "0", refused == 0),
        GoalLine("  rows created", str(created), str(ROWS), created == ROWS),
        *anyio.run(many),
        *anyio.run(unchanged),
        *anyio.run(planned),
    ]
