"""Reading 100,000 records 0.3 s away, under a limit of 100 reads a second: one page after the other, and in parallel.

The server enforces the limit over every second, and time is virtual, so the figures are the same on every machine. They
leave out the time of the processor, which the benchmarks `served` and `exports` tell.
"""

import json
import math
import random
import re
import uuid
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import anyio
import httpx

import people
from attio_async import Attio
from attio_async.testing import VirtualClock
from harness import GoalLine

ROWS = 100_000
PAGE = 500
LATENCY_S = 0.3
READS_PER_S = 100
SHARE = 1.3
"""Of the time that as many queries of full pages take without anything else, under the same limits."""
PARALLEL = 32
"""As exports, feeds and mirrors do."""
YEARS = 3

BOUND = re.compile(rb'"\$(gte|lt)":"([^"]+)"')
OFFSET = re.compile(rb'"offset":(\d+)')
LIMIT = re.compile(rb'"limit":(\d+)')


class CreatedOverYears:
    """Answers scans of records that were created in the last years, and refuses what is above the limit."""

    def __init__(self, spread: Callable[[random.Random], Sequence[float]]) -> None:
        self.clock = VirtualClock()
        now = datetime.fromtimestamp(self.clock.time(), UTC)
        draw = random.Random(19)
        shares = sorted(spread(draw))
        moments = [now - timedelta(days=365 * YEARS) * (1 - share) for share in shares]
        self.stamps = [f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}000000Z" for at in moments]
        self.rows = [
            json.dumps(
                {
                    "id": {"record_id": str(uuid.UUID(int=number, version=4))},
                    "created_at": stamp,
                    "values": {},
                }
            )
            for number, stamp in enumerate(self.stamps)
        ]
        self.requests = self.refused = 0
        self._arrivals: deque[float] = deque()

    def client(self) -> Attio:
        return Attio("x", transport=httpx.MockTransport(self.answer), clock=self.clock)

    async def answer(self, request: httpx.Request) -> httpx.Response:
        await self.clock.sleep(LATENCY_S / 2)
        response = self.page(request)
        await self.clock.sleep(LATENCY_S / 2)
        return response

    def page(self, request: httpx.Request) -> httpx.Response:
        now = self.clock.monotonic()
        while self._arrivals and self._arrivals[0] <= now - 1:
            self._arrivals.popleft()
        self.requests += 1
        if len(self._arrivals) >= READS_PER_S:
            self.refused += 1
            return httpx.Response(429, headers={"retry-after": "1"}, json={})
        self._arrivals.append(now)
        if request.method == "GET":
            return httpx.Response(200, content=people.attributes())
        bounds = {name: text.decode() for name, text in BOUND.findall(request.content)}
        first = bisect_left(self.stamps, bounds.get(b"gte", "")) + _number(OFFSET, request)
        last = min(bisect_left(self.stamps, bounds.get(b"lt", "~")), first + _number(LIMIT, request))
        return httpx.Response(200, content=f'{{"data":[{",".join(self.rows[first:last])}]}}'.encode())


def _number(pattern: re.Pattern[bytes], request: httpx.Request) -> int:
    found = pattern.search(request.content)
    return int(found[1]) if found else 0


def evenly(draw: random.Random) -> Sequence[float]:
    return [draw.random() for _ in range(ROWS)]


def growing(draw: random.Random) -> Sequence[float]:
    """Return shares of which each year has three times as many as the one before."""
    return [1 + math.log(draw.random() * (1 - 1 / 27) + 1 / 27, 27) for _ in range(ROWS)]


def imported(draw: random.Random) -> Sequence[float]:
    """Return shares of which nearly all are of twenty imports, of 25 rows a second."""
    second = 1 / (YEARS * 365 * 24 * 3600)
    imports = [draw.random() * 0.99 for _ in range(20)]
    rows = [start + number * second / 25 for start in imports for number in range(ROWS // 20 - 50)]
    return rows + [draw.random() for _ in range(ROWS - len(rows))]


async def queried() -> float:
    """Return how long queries of all full pages take that wait for nothing but the limits."""
    server = CreatedOverYears(evenly)
    async with server.client() as attio:
        await attio.people.schema()
        server.clock.advance(2)
        started = server.clock.monotonic()
        async with anyio.create_task_group() as group:
            for _ in range(ROWS // PAGE):
                group.start_soon(attio.people.query(page_size=PAGE).page)
        assert not server.refused
        return server.clock.monotonic() - started


async def scanned(
    spread: Callable[[random.Random], Sequence[float]], parallel: int, *, ordered: bool = False
) -> tuple[float, CreatedOverYears]:
    """Return how long a scan took, of which the schema was read before."""
    server = CreatedOverYears(spread)
    async with server.client() as attio:
        await attio.people.schema()
        server.clock.advance(2)
        started, server.requests = server.clock.monotonic(), 0
        async with attio.people.scan(parallel=parallel, ordered=ordered) as scan:
            assert sum([len(page) async for page in scan.pages()]) == ROWS
        return server.clock.monotonic() - started, server


def lines() -> list[GoalLine]:
    allowed = anyio.run(queried)
    found = [
        GoalLine(
            f"{ROWS // PAGE} queries, all at once, {LATENCY_S:g} s away, {READS_PER_S} reads/s",
            f"{allowed:.2f} s",
            "for comparison",
        )
    ]
    for spread in (evenly, growing, imported):
        for parallel in (1, 8, PARALLEL) if spread is evenly else (PARALLEL,):
            seconds, server = anyio.run(scanned, spread, parallel)
            has_goal = parallel == PARALLEL and spread is evenly
            found.append(
                GoalLine(
                    f"scan of {ROWS:,} records, created {spread.__name__}, parallel={parallel}",
                    f"{seconds:.2f} s, {server.requests} requests, {server.refused} refused",
                    f"at most {SHARE} times {allowed:.2f} s" if has_goal else "",
                    seconds <= SHARE * allowed if has_goal else None,
                )
            )
    return found
