"""Reading many pages ahead: how near to what the limit and the latency allow, and in how much memory.

Time is virtual here, so that the figure is the limiter's and the prefetching's own: a server 200 ms away that allows
100 reads a second in fixed windows, and refuses what is more.
"""

import json
import tracemalloc

import anyio
import httpx

from attio_async import Attio
from attio_async.testing import VirtualClock
from harness import GoalLine
from pages import person

LATENCY = 0.2
SIZE = 50
PREFETCH = 40
PLACEHOLDER = "record-id-goes-here"


class ReadServer:
    """Answers queries with pages of made-up people."""

    def __init__(self, total: int, clock: VirtualClock) -> None:
        self.total = total
        self.clock = clock
        self.windows: dict[int, int] = {}
        self.refused = 0
        self.people = [json.dumps({**person(n), "id": {"record_id": PLACEHOLDER}}) for n in range(SIZE)]

    async def answer(self, request: httpx.Request) -> httpx.Response:
        await self.clock.sleep(LATENCY / 2)
        second = int(self.clock.time())
        self.windows[second] = self.windows.get(second, 0) + 1
        await self.clock.sleep(LATENCY / 2)
        if self.windows[second] > 100:
            self.refused += 1
            return httpx.Response(429, headers={"retry-after": "1"}, json={})
        if request.method == "GET":
            return httpx.Response(200, json={"data": []})
        offset = json.loads(request.content)["offset"]
        rows = self.people[: max(0, min(SIZE, self.total - offset))]
        numbered = [row.replace(PLACEHOLDER, f"{offset + n:036d}") for n, row in enumerate(rows)]
        return httpx.Response(200, content=f'{{"data": [{",".join(numbered)}]}}'.encode())


async def read(total: int) -> tuple[float, int, int, float]:
    clock = VirtualClock()
    server = ReadServer(total, clock)
    found = 0
    async with Attio("x", transport=httpx.MockTransport(server.answer), clock=clock) as attio:
        tracemalloc.start()
        async with attio.people.query(page_size=SIZE).pages(prefetch=PREFETCH) as pages:
            async for page in pages:
                found += len(page.items)
        peak = tracemalloc.get_traced_memory()[1] / 1e6
        tracemalloc.stop()
    return clock.monotonic(), found, server.refused, peak


def lines() -> list[GoalLine]:
    pages = 1000
    theory = (pages - 100) / 96 + LATENCY  # a full window at once, then the limiter's 96 per second
    seconds, found, refused, large = anyio.run(read, pages * SIZE)
    _, _, _, small = anyio.run(read, 100 * SIZE)
    return [
        GoalLine(
            f"{pages} pages of {SIZE}, {PREFETCH} ahead: time : theory",
            f"{seconds / theory:.2f} ({seconds:.1f} s : {theory:.1f} s)",
            "at most 1.15",
            seconds <= 1.15 * theory,
        ),
        GoalLine(
            "  records, refusals",
            f"{found}, {refused}",
            f"{pages * SIZE}, 0",
            (found, refused) == (pages * SIZE, 0),
        ),
        GoalLine(
            "  peak memory, 1000 pages : 100 pages",
            f"{large:.1f} MB : {small:.1f} MB",
            "at most 1.2 times",
            large <= 1.2 * small,
        ),
    ]
