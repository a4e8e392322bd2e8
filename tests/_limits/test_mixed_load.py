"""Readers, writers and mergers at once against a strict server that silently halves the limit of reads."""

import math
import random
from collections import Counter
from email.utils import formatdate

import anyio
import httpx
import pytest

from attio_async import Attio
from attio_async.testing import VirtualClock
from tests._limits.windows import NETWORKS, PROCESSING, WINDOWS
from tests.support import TOKEN, trio_when_full

pytestmark = pytest.mark.anyio
anyio_backend = trio_when_full

READERS, WRITERS, MERGERS = 300, 80, 10
HALVED, RESTORED, END = 3.0, 7.0, 12.0


class Strict:
    """Counts arrivals behind a network with a long tail, and notes when each rate-limited request may be retried."""

    def __init__(self, clock: VirtualClock, window: str) -> None:
        self.clock = clock
        self.chance = random.Random(5)
        self.limits = {
            name: WINDOWS[window](limit) for name, limit in (("read", 100), ("write", 25), ("merge", 5))
        }
        self.not_before: dict[str, float] = {}
        self.processed: Counter[str] = Counter()
        self.rate_limited = self.early = 0

    async def way(self) -> None:
        await self.clock.sleep(NETWORKS["spike"](self.chance))

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        await self.way()
        now, path = self.clock.time(), request.url.path
        self.early += now < self.not_before.pop(path, -math.inf)
        kinds = ["merge"] if path.endswith("/merge") else []
        for kind in [*kinds, "read" if request.method == "GET" else "write"]:
            if not self.limits[kind].admit(now):
                self.rate_limited += 1
                self.not_before[path] = math.floor(now) + 1.0
                await self.way()
                dates = {"date": now, "retry-after": math.floor(now) + 1}
                headers = {name: formatdate(math.floor(at), usegmt=True) for name, at in dates.items()}
                return httpx.Response(429, headers=headers, json={"code": "rate_limit_exceeded"})
        self.processed[path] += 1
        await self.clock.sleep(PROCESSING(self.chance))
        await self.way()
        return httpx.Response(200, json={"data": {}})


@pytest.mark.parametrize("window", ["fixed", "log"])
async def test_no_request_is_lost_retried_early_or_processed_twice(window: str) -> None:
    clock, done = VirtualClock(), list[str]()
    server = Strict(clock, window)
    attio = Attio(TOKEN, transport=httpx.MockTransport(server), clock=clock)

    async def send(method: str, pattern: str, name: str) -> None:
        number = 0
        while clock.monotonic() < END:
            number += 1
            path = pattern.format(f"{name}-{number}")
            await attio.request(method, path)
            done.append(path)

    async def halve() -> None:
        await clock.sleep(HALVED)
        server.limits["read"].limit = 50
        await clock.sleep(RESTORED - HALVED)
        server.limits["read"].limit = 100

    async with attio, anyio.create_task_group() as group:
        group.start_soon(halve)
        for count, method, pattern in (
            (READERS, "GET", "/v2/tasks/{}"),
            (WRITERS, "PUT", "/v2/objects/o{}/records"),
            (MERGERS, "POST", "/v2/objects/o{}/records/merge"),
        ):
            for task in range(count):
                group.start_soon(send, method, pattern, str(task))
    assert sorted(done) == sorted(server.processed)
    assert set(server.processed.values()) == {1}
    assert server.early == 0
    assert 0 < server.rate_limited <= 70
    merges = sum(path.endswith("/merge") for path in done)
    assert merges >= 3.5 * END
    assert sum(path.startswith("/v2/tasks") for path in done) >= 60 * END
    assert len(done) - merges - sum(path.startswith("/v2/tasks") for path in done) >= 15 * END
