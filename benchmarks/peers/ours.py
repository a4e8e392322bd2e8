"""This client, in the environment of the project.

`zlib` works without the extra `speed`, `speed` with it; the rest are backends, with it.
"""

import asyncio
import sys
import time
import warnings
from collections.abc import AsyncIterable
from importlib import import_module
from typing import Any

NAME, URL = sys.argv[1], sys.argv[2]
SPEED = ("isal", "httptools")
if NAME == "zlib":
    for library in SPEED:
        sys.modules[library] = None  # type: ignore[assignment]  # as if the extra were not installed
else:
    for library in SPEED:
        import_module(library)

import anyio  # noqa: E402 - after what must not be imported is out of the way
from worker import FIVE, RECORD, SIZE, stalls, work  # noqa: E402 - as above

from attio_async import Attio, RateLimiter, Record, Request, Response  # noqa: E402 - as above
from attio_async._pipeline.events import Send  # noqa: E402 - as above

UNLIMITED = RateLimiter(reads=10**9, writes=10**9)
WARM_UP = 3.0
"""Seconds until as many requests are on their way as there can be."""

BACKEND: Any = NAME if NAME in {"httpx2", "aiohttp"} else "httpx"


def client(**options: Any) -> Attio:
    return Attio("x", base_url=URL, backend=BACKEND, **{"limiter": UNLIMITED, **options})


class Reading:
    """The tasks that one client does one after the other."""

    def __init__(self, attio: Attio) -> None:
        self._attio = attio

    async def pages(self, times: int) -> int:
        return await self._read(self._attio.people.query(page_size=SIZE), times)

    async def ahead(self, times: int, prefetch: int = 4) -> int:
        async with self._attio.people.query(page_size=SIZE).pages(prefetch=prefetch) as pages:
            return await self._read(pages.items(), times)

    async def far_ahead(self, times: int) -> int:
        return await self.ahead(times, 16)

    async def _read(self, records: AsyncIterable[Record], times: int) -> int:
        left = times * SIZE
        async for record in records:
            for slug in FIVE:
                record[slug]
            left -= 1
            if not left:
                break
        return times * SIZE

    async def kept(self, times: int) -> int:
        return len(await self._attio.people.query(page_size=SIZE).collect(limit=times * SIZE))

    async def get(self, times: int) -> int:
        for _ in range(times):
            record = await self._attio.people.get(RECORD)
            for slug in FIVE:
                record[slug]
        return times

    async def put(self, times: int) -> int:
        for _ in range(times):
            record = await self._attio.people.update(
                RECORD, {"job_title": "Engineer"}, multiselect="overwrite"
            )
            for slug in FIVE:
                record[slug]
        return times


async def crowd(times: int) -> dict[str, float]:
    """So many tasks at once, with the connections there are by default."""
    order: list[str] = []

    async def note(request: Request, send: Send) -> Response:
        order.append(request.path)
        return await send(request)

    async with client(middleware=[note]) as attio:
        await asyncio.gather(*[attio.request("GET", f"/v2/tasks/{number:06}") for number in range(times)])
    return {"count": times, "in_order": order == sorted(order)}


async def steady(times: int) -> dict[str, float]:
    """Send all that the limits allow, with connections for answers that take 0.8 s. Return the steady rate per second."""
    done = {"GET": 0, "PUT": 0}
    begin = time.monotonic() + WARM_UP
    end = begin + times

    async def ask(method: str) -> None:
        while time.monotonic() < end:
            await attio.request(method, "/v2/tasks/1")
            done[method] += begin <= time.monotonic() < end

    async with client(max_connections=150, limiter=RateLimiter()) as attio:
        await asyncio.gather(*[ask("GET") for _ in range(110)], *[ask("PUT") for _ in range(30)])
    return {"count": sum(done.values()), "reads": done["GET"] / times, "writes": done["PUT"] / times}


async def cancelled(times: int) -> int:
    """So many requests cancelled natively at any moment, then enough of them to see that nothing is lost."""
    async with client(max_connections=10) as attio:
        for number in range(times // 20):
            tasks = [asyncio.ensure_future(attio.request("GET", "/v2/tasks/1")) for _ in range(20)]
            for _ in range(number % 40):
                await asyncio.sleep(0)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.wait_for(asyncio.gather(*[attio.request("GET", "/v2/tasks/1") for _ in range(50)]), 30)
    return times


async def in_scopes(times: int) -> int:
    """Likewise, cancelled through scopes."""
    async with client(max_connections=10) as attio:
        for number in range(times // 20):
            async with anyio.create_task_group() as group:
                for _ in range(20):
                    group.start_soon(attio.request, "GET", "/v2/tasks/1")
                for _ in range(number % 40):
                    await anyio.lowlevel.checkpoint()
                group.cancel_scope.cancel()
        with anyio.fail_after(30):
            async with anyio.create_task_group() as group:
                for _ in range(50):
                    group.start_soon(attio.request, "GET", "/v2/tasks/1")
    return times


async def main() -> None:
    async with client() as attio:
        reading = Reading(attio)
        await attio.schema("people")
        await work(
            {
                "pages": reading.pages,
                "ahead": reading.ahead,
                "far ahead": reading.far_ahead,
                "kept": reading.kept,
                "get": reading.get,
                "put": reading.put,
                "stalls": lambda times: stalls(reading.pages, times),
                "crowd": crowd,
                "steady": steady,
                "cancelled": cancelled,
                "scopes": in_scopes,
                "scopes of trio": lambda times: asyncio.to_thread(
                    anyio.run, in_scopes, times, backend="trio"
                ),
            }
        )


warnings.simplefilter("ignore", ResourceWarning)  # connections made in the moment of a cancellation
asyncio.run(main())
