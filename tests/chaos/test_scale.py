"""The formulas of docs/scale.md agree with what a small case costs, within 20 %; its tables are those of the simulation."""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import attrs
import httpx
import msgspec
import psycopg
import pytest

pytest.importorskip("procrastinate")

import redis
from scripts.scale import (
    PAGE,
    Costs,
    Fleet,
    Operations,
    delivery_operations,
    run_operations,
    simulate,
    tables,
)

from attio_async import RedisRateLimiter
from attio_async.engine import Engine, Job
from attio_async.testing import FakeAttio, Limits
from attio_async.webhooks import RecordCreated, sign
from tests.postgres import postgres_server
from tests.redis_server import needs_redis, running_redis

COSTS = Costs()
WITHIN = 0.2
pytestmark = pytest.mark.full
NO_STATEMENT = ("BEGIN", "COMMIT", "ROLLBACK", "SELECT PG_STAT", "SELECT STATE, EXTRACT")


def test_the_tables_are_those_of_the_simulation() -> None:
    assert "\n".join(tables()) in PAGE.read_text("utf-8")


def test_a_fleet_that_is_too_small_waits() -> None:
    few, many = (simulate(Fleet(workers=workers), COSTS, seconds=1800) for workers in (5, 50))
    assert many.longest_wait_s == 0 < few.longest_wait_s
    assert few.rows < many.rows


@attrs.define
class Counts:
    """The operations of PostgreSQL and Redis since they were last taken."""

    database: psycopg.Connection[Any]
    redis: "redis.Redis"
    began: float = 0.0

    def take(self) -> tuple[Operations, int]:
        """Return the operations without those of an idle worker, and the calls of Redis."""
        found = self.database.execute("SELECT upper(query), calls FROM pg_stat_statements").fetchall()
        stats: Any = self.redis.info("commandstats")
        seconds = time.monotonic() - self.began
        counted = Operations(
            sum(calls for query, calls in found if not query.startswith(NO_STATEMENT)),
            sum(calls for query, calls in found if query.startswith("COMMIT")),
        )
        self.database.execute("SELECT pg_stat_statements_reset()")
        self.redis.config_resetstat()
        self.began = time.monotonic()
        return counted + COSTS.idle_s * -seconds, stats.get("cmdstat_evalsha", {}).get("calls", 0)


@attrs.define
class SmallCase:
    """An engine with a worker in this process.

    Attributes:
        engine: The engine.
        counts: What its databases count.
        fake: The workspace of all tenants.
        rows: The rows that a run writes.
        handled: The deliveries that were handled.
    """

    engine: Engine
    counts: Counts
    fake: FakeAttio
    rows: int = 0
    handled: int = 0

    async def wait(self, is_so: Callable[[], bool]) -> None:
        """Wait until something is so, and the worker has noted it."""
        async with asyncio.timeout(60):
            while not is_so():  # noqa: ASYNC110 - processes and threads say so
                await asyncio.sleep(0.05)
        await asyncio.sleep(1.0)

    def runs(self, job: str) -> list[Any]:
        query = "SELECT state, extract(epoch FROM ended_at - started_at)::float8 FROM attio_engine.runs WHERE job = %s"
        return self.counts.database.execute(query, (job,)).fetchall()

    def ended(self, job: str) -> int:
        return sum(state == "succeeded" for state, _ in self.runs(job))


@asynccontextmanager
async def small_case() -> AsyncIterator[SmallCase]:
    fake = FakeAttio(limits=Limits(window="sliding"))

    async def token(tenant: str) -> str:
        return fake.token

    with (
        postgres_server(shared_preload_libraries="pg_stat_statements") as postgres,
        running_redis() as redis_server,
        fake.serve() as server,
        psycopg.connect(postgres.conninfo, autocommit=True) as database,
        redis.Redis.from_url(redis_server.url) as client,
    ):
        database.execute("CREATE EXTENSION pg_stat_statements")
        engine = Engine(postgres.conninfo, tokens=token, redis=redis_server.url, base_url=server.url)
        case = SmallCase(engine, Counts(database, client), fake)

        @engine.job(every="1h")
        async def idle(job: Job) -> None: ...

        @engine.job()
        async def push(job: Job) -> None:
            rows = [{"name": f"{n}", "domains": [f"c{n}.example.com"]} for n in range(case.rows)]
            await job.attio.companies.upsert_many(rows, match="domains", **job.durable)

        @engine.on(RecordCreated)
        async def handle(job: Job, event: RecordCreated) -> None:
            case.handled += 1

        async with engine:
            await engine.init()
            working = asyncio.create_task(engine.work(signals=False))
            await asyncio.sleep(2)
            try:
                yield case
            finally:
                working.cancel()
                await asyncio.wait([working])


def close_to(counted: float, formula: float) -> bool:
    return abs(counted - formula) <= WITHIN * formula


@needs_redis
def test_the_formulas_agree_with_a_small_case() -> None:
    asyncio.run(compare())


async def compare() -> None:
    async with small_case() as case:
        case.counts.take()
        await compare_runs(case)
        await compare_rows(case)
        await compare_deliveries(case)


async def compare_runs(case: SmallCase) -> None:
    for number in range(20):
        await case.engine.tenants.add(f"t{number}")
    await case.wait(lambda: case.ended("idle") == 20)
    counted, _ = case.counts.take()
    statements = counted.statements - 2 * 20  # which added the tenants and their schedules
    assert close_to(statements, (COSTS.run * 20).statements), counted


async def compare_rows(case: SmallCase) -> None:
    case.rows = 150
    await case.engine.run("push", "t0")
    await case.wait(lambda: case.ended("push") == 1)
    counted, redis_calls = case.counts.take()
    ((_, seconds),) = case.runs("push")
    formula = run_operations(COSTS, case.rows, seconds)
    assert close_to(counted.statements, formula.statements), (counted, formula)
    assert counted.commits <= (1 + WITHIN) * formula.commits, (counted, formula)
    most = (1 + WITHIN) * COSTS.redis_calls * len(case.fake.calls)  # fewer where nothing arrives late
    assert most / 2 <= redis_calls <= most, redis_calls


async def compare_deliveries(case: SmallCase) -> None:
    async def secret(tenant: str) -> str:
        return "secret"

    transport = httpx.ASGITransport(app=case.engine.webhooks(secrets=secret))
    async with httpx.AsyncClient(transport=transport, base_url="http://engine.example.com") as attio:
        for number in range(100):
            body = delivery(number)
            headers = {
                "content-type": "application/json",
                "attio-signature": sign(body, "secret"),
                "idempotency-key": f"k{number}",
            }
            assert (await attio.post("/t0", content=body, headers=headers)).status_code == 202
            await asyncio.sleep(0.04)
    await case.wait(lambda: case.handled == 100)
    counted, _ = case.counts.take()
    formula = delivery_operations(COSTS, 100, len(case.runs("webhooks")))
    assert close_to(counted.statements, formula.statements), (counted, formula)


@needs_redis
def test_a_lone_request_asks_redis_once() -> None:
    asyncio.run(ask_redis())


async def ask_redis() -> None:
    requests = 40
    fake = FakeAttio()
    with running_redis() as server, redis.Redis.from_url(server.url) as client:
        limiter = RedisRateLimiter(server.url, scope="t0")
        async with fake.client(limiter=limiter) as attio:
            await attio.companies.create({"name": "Example"})  # which reads the schema
            client.config_resetstat()
            for number in range(requests):
                await attio.companies.create({"name": f"Example {number}"})
                await asyncio.sleep(0.05)
            stats: Any = client.info("commandstats")
            assert close_to(stats["cmdstat_evalsha"]["calls"], requests), stats


def delivery(number: int) -> bytes:
    ids = {
        "workspace_id": "00000000-0000-4000-8000-000000000000",
        "object_id": "00000000-0000-4000-8000-000000000001",
        "record_id": f"00000000-0000-4000-8000-{number:012}",
    }
    event = {"event_type": "record.created", "id": ids, "actor": {"type": "system", "id": None}}
    return msgspec.json.encode({"webhook_id": "w", "events": [event]})


MEMORY = """
import asyncio, gc, sys
import attio_async.engine._worker
from attio_async import AttioPool, RedisRateLimiter

def resident():
    gc.collect()
    return int(open("/proc/self/statm").read().split()[1]) * 4096

async def main(url, token, redis):
    async def get(tenant):
        return token
    limiter = lambda tenant: RedisRateLimiter(redis, scope=tenant)
    async with AttioPool(get, limiter=limiter, base_url=url, max_clients=1000) as pool:
        async def use(number):
            async with pool.client(f"t{number}") as attio:
                await attio.companies.first()
        await use(0)
        base = resident()
        for number in range(1, 101):
            await use(number)
        print(base, (resident() - base) / 100)

asyncio.run(main(*sys.argv[1:]))
"""


@needs_redis
@pytest.mark.skipif(
    not Path("/proc/self/statm").exists(), reason="the memory of a process is read from /proc"
)
def test_the_memory_of_a_worker_is_as_planned() -> None:
    fake = FakeAttio()
    with fake.serve() as server, running_redis() as redis_server:
        command = [sys.executable, "-c", MEMORY, server.url, fake.token, redis_server.url]
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    base, client = map(float, told.split())
    assert close_to(client / 1000, COSTS.client_kb), client
    assert close_to(base / 1e6, COSTS.worker_mb), base
