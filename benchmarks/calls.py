"""The cost of a request besides the network: the gate, the funnel, the values."""

import statistics
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


REQUESTS = 500
ROUNDS = 11
UPSERTED = 1000


async def rates() -> tuple[list[float], list[float]]:
    """Small requests per CPU second, ours to the fake and those of httpx to a constant, in turns."""
    fake, answered = FakeAttio(), {"authorization": "Bearer test-token"}
    constant = fake.handle("GET", "/v2/self", answered, b"").body
    mock = httpx.MockTransport(lambda _: httpx.Response(200, content=constant))
    ours, floor = list[float](), list[float]()
    async with (
        fake.client(limiter=RateLimiter(reads=10**9)) as attio,
        httpx.AsyncClient(transport=mock) as client,
    ):
        for _ in range(ROUNDS):
            start = time.process_time()
            for _ in range(REQUESTS):
                await client.get("https://api.example.com/v2/self", headers=answered)
            floor.append(REQUESTS / (time.process_time() - start))
            start = time.process_time()
            for _ in range(REQUESTS):
                await attio.identify()
            ours.append(REQUESTS / (time.process_time() - start))
    return ours[1:], floor[1:]


async def upserting() -> float:
    """CPU seconds of an upsert of many rows, from the client to its last response."""
    async with FakeAttio(clock=VirtualClock()).client() as attio:
        start = time.process_time()
        rows = ({"domains": f"c{n}.example.com", "name": f"Company {n}"} for n in range(UPSERTED))
        await attio.companies.upsert_many(rows, match="domains")
        return time.process_time() - start


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
    ours, floor = anyio.run(rates)
    ratios = statistics.quantiles((mine / peer for mine, peer in zip(ours, floor, strict=True)), n=4)
    upsert = min(anyio.run(upserting) for _ in range(3))
    small, large = anyio.run(bulk_memory, FEW), anyio.run(bulk_memory, FEW + 8000)
    growth = (large - small) * 1e6 / 8000
    return [
        GoalLine("permit and connection, uncontended", f"{permit:.1f} us", "at most 5 us", permit <= 5),
        GoalLine("coerce a person of 15 attributes", f"{coercing:.0f} us", "at most 60 us", coercing <= 60),
        GoalLine(
            "small requests to the fake in process : httpx to a constant",
            f"{ratios[1]:.2f} ({ratios[0]:.2f} to {ratios[2]:.2f})",
            "at least 1.55",
            ratios[1] >= 1.55,
        ),
        GoalLine(
            "  both per CPU second", f"{statistics.median(ours):,.0f} : {statistics.median(floor):,.0f}", ""
        ),
        GoalLine(
            f"upsert of {UPSERTED:,} rows into the fake",
            f"{upsert:.2f} s of CPU",
            "under 0.5 s",
            upsert < 0.5,
        ),
        GoalLine(
            "peak memory of a bulk upsert, for each further row",
            f"{growth:.0f} bytes ({small:.1f} MB with {FEW:,} rows)",
            "at most 100 bytes",
            growth <= 100,
        ),
    ]
