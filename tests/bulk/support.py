"""Shared by the tests of jobs: fakes, rows, and transports that fail."""

import json
import random
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import anyio
import httpx

from attio_async import Attio, RateLimiter, Record, RecordRef
from attio_async.errors import UniquenessConflict
from attio_async.testing import FakeAttio, Limits, VirtualClock


def fast(**options: Any) -> tuple[FakeAttio, Attio]:
    """Return a fake and a client that no limit holds up."""
    fake = FakeAttio(clock=VirtualClock(), latency=0.01)
    return fake, fake.client(limiter=RateLimiter(reads=5_000, writes=5_000), **options)


def strict() -> tuple[FakeAttio, Attio]:
    """Return a fake that is strict about 25 writes a second and answers after 40 ms, and a client."""
    fake = FakeAttio(clock=VirtualClock(), limits=Limits(reads=100, writes=25, window="fixed"), latency=0.04)
    return fake, fake.client()


def companies(count: int, start: int = 0, **more: object) -> Iterator[dict[str, object]]:
    for number in range(start, start + count):
        yield {"name": f"Company {number}", "domains": f"c{number}.example.com", **more}


async def read_companies(fake: FakeAttio) -> list[Record]:
    return await fake.client().companies.query()


class Crowded(FakeAttio):
    """Counts the queries that run at a time, and remembers the most."""

    running = most = 0

    async def exchange(self, method: str, target: str, headers: Any, body: bytes) -> Any:
        is_query = target.endswith("/query")
        self.running += is_query
        self.most = max(self.most, self.running)
        try:
            return await super().exchange(method, target, headers, body)
        finally:
            self.running -= is_query


class Killed(BaseException):
    """The process ends here."""


class FlakyTransport(httpx.AsyncBaseTransport):
    """Loses some requests before they are carried out, some responses after that, and refuses others."""

    def __init__(self, fake: FakeAttio, share: float, seed: int = 1) -> None:
        self._inner = fake.transport()
        self._share = share
        self._random = random.Random(seed)
        self.faults = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        kind = self._random.random() / self._share * 6
        if kind >= 6:
            return await self._inner.handle_async_request(request)
        self.faults += 1
        if kind < 1:
            raise httpx.ReadError("reset before", request=request)
        if kind < 2:
            return httpx.Response(503, content=b"<html>", request=request)
        if kind < 3:
            return httpx.Response(429, headers={"retry-after": "1"}, request=request)
        await self._inner.handle_async_request(request)
        if kind < 4:
            raise httpx.ReadTimeout("after", request=request)
        if kind < 5:
            return httpx.Response(200, content=b'{"data": {"id', request=request)
        return httpx.Response(502, content=b"bad gateway", request=request)

    async def aclose(self) -> None:
        await self._inner.aclose()


class KillingTransport(httpx.AsyncBaseTransport):
    """Ends the process at one of the requests: before it is carried out, or between that and its response."""

    def __init__(self, fake: FakeAttio, at: int, *, carried_out: bool) -> None:
        self._inner = fake.transport()
        self._left = at
        self._carried_out = carried_out

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self._left -= 1
        if self._left < 0:
            await anyio.sleep_forever()
        last = self._left == 0
        if last and not self._carried_out:
            raise Killed
        response = await self._inner.handle_async_request(request)
        if last:
            raise Killed
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


class RivalTransport(httpx.AsyncBaseTransport):
    """Lets others create each company or entry of the list "accounts", just before it is created.

    Attributes:
        made: The ids of the companies that others created.
    """

    def __init__(self, fake: FakeAttio) -> None:
        self.made: set[str] = set()
        self._inner = fake.transport()
        self._rival = fake.client()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        data = json.loads(request.content or b"{}").get("data", {})
        if request.method in {"POST", "PUT"} and path.endswith("/companies/records"):
            with suppress(UniquenessConflict):
                made = await self._rival.companies.create({"domains": data["values"]["domains"]})
                self.made.add(made.id)
        elif request.method in {"POST", "PUT"} and path.endswith("/accounts/entries"):
            await self._rival.entries("accounts").upsert(RecordRef("companies", data["parent_record_id"]))
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()
