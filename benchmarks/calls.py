"""The cost of a request besides the network: the gate, the funnel, the values."""

import time
import tracemalloc

import anyio
import attrs
import httpx

from attio_async import Attio, Name
from attio_async._limits.gate import Gate
from attio_async._limits.limiter import RateLimiter, TokenLimits
from attio_async._schema import standard_schema
from attio_async._utils.clock import SystemClock
from attio_async.testing import FakeAttio, VirtualClock
from attio_async.values import coerce_values
from harness import GoalLine, best

PERSON = {
    "name": Name("Ada", "Lovelace"),
    "email_addresses": ["ada@acme.example.com"],
    "phone_numbers": "+44 20 7946 0018",
    "job_title": "Engineer",
    "description": "The first of them",
    "linkedin": "ada",
    "twitter": "ada",
    "facebook": "ada",
    "instagram": "ada",
    "angellist": "ada",
    "avatar_url": "https://acme.example.com/ada.png",
    "twitter_follower_count": 1815,
    "company": "acme.example.com",
    "associated_deals": [],
    "associated_users": [],
}


async def acquire(times: int) -> float:
    limiter = TokenLimits(reads=10**9)
    gate, lane = Gate(limiter, 50, SystemClock()), limiter.lane("read")
    start = time.perf_counter()
    for _ in range(times):
        (await gate.enter(lane, gate.position())).answered()
    return (time.perf_counter() - start) / times * 1e6


async def requests(times: int) -> float:
    fake = FakeAttio()
    async with fake.client(limiter=RateLimiter(reads=10**9)) as attio:
        await attio.identify()
        start = time.perf_counter()
        for _ in range(times):
            await attio.identify()
        return times / (time.perf_counter() - start)


async def plain_httpx(times: int) -> float:
    async with httpx.AsyncClient(transport=FakeAttio().transport()) as client:
        headers = {"authorization": "Bearer test-token"}
        start = time.perf_counter()
        for _ in range(times):
            (await client.get("https://api.example.com/v2/self", headers=headers)).json()
        return times / (time.perf_counter() - start)


FEW = 2500
"""Rows after which a job holds as many as it ever does."""


async def bulk_memory(rows: int) -> float:
    """Peak megabytes while upserting that many rows into answers that are always the same."""
    fake, token = FakeAttio(), {"authorization": "Bearer test-token"}
    schema = fake.handle("GET", "/v2/objects/companies/attributes", token, b"").body
    record = fake.handle("POST", "/v2/objects/companies/records", token, b'{"data": {"values": {}}}').body

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/query"):
            return httpx.Response(200, content=b'{"data": []}')
        return httpx.Response(200, content=schema if request.method == "GET" else record)

    async with Attio(
        "x", transport=httpx.MockTransport(answer), clock=VirtualClock(), limiter=RateLimiter(writes=10**9)
    ) as attio:
        await attio.companies.upsert({"domains": "c.example.com"}, match="domains")
        tracemalloc.start()
        await attio.companies.upsert_many(
            ({"domains": f"c{n}.example.com"} for n in range(rows)), match="domains"
        )
        peak = tracemalloc.get_traced_memory()[1] / 1e6
        tracemalloc.stop()
        return peak


def lines() -> list[GoalLine]:
    # Some of a person's attributes are read-only, which costs nothing to find out.
    people = standard_schema("people").attributes
    specs = {slug: attrs.evolve(attribute, is_writable=True) for slug, attribute in people.items()}
    coercing = best(lambda: [coerce_values(PERSON, specs) for _ in range(500)]) / 500 * 1e6
    permit = min(anyio.run(acquire, 20_000) for _ in range(5))
    ours, peer = anyio.run(requests, 1500), anyio.run(plain_httpx, 1500)
    small, large = anyio.run(bulk_memory, FEW), anyio.run(bulk_memory, FEW + 8000)
    growth = (large - small) * 1e6 / 8000
    return [
        GoalLine("permit and connection, uncontended", f"{permit:.1f} us", "at most 5 us", permit <= 5),
        GoalLine("coerce a person of 15 attributes", f"{coercing:.0f} us", "at most 60 us", coercing <= 60),
        GoalLine(
            "small requests to the fake in process",
            f"{ours:.0f}/s",
            "at least 2000/s with httpx",
            peer >= 2000,
        ),
        GoalLine("  the same with httpx alone, for comparison", f"{peer:.0f}/s", ""),
        GoalLine(
            "peak memory of a bulk upsert, for each further row",
            f"{growth:.0f} bytes ({small:.1f} MB with {FEW:,} rows)",
            "at most 100 bytes",
            growth <= 100,
        ),
    ]
