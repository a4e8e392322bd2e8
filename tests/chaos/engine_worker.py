"""A worker of an engine, as a process that can be killed: `python -m tests.chaos.engine_worker SETTINGS [init]`.

SIGUSR1 sets the clock of the process an hour ahead, SIGUSR2 an hour back.
"""

import asyncio
import logging
import os
import signal
import time
from collections.abc import Mapping
from typing import Any

import attrs

from attio_async.engine import Engine, Job

HOUR_S = 3600


@attrs.frozen(kw_only=True)
class EngineSettings:
    """The settings of all workers of an engine.

    Attributes:
        postgres, redis: The databases.
        url: The server of the workspaces, which tells them apart by their tokens.
        log: The file that starts of runs are appended to.
        every_s: Seconds from one run of a tenant to the next; None for runs that are filed by hand.
        rows: The rows that a run of each tenant writes.
        kinds: What the job of each tenant does: "upsert", "create" or "sync" rows, "fail", or "kill" its worker.
        reads, writes: The rates of each tenant.
        lease_s: Seconds after which the work of a worker that is not heard of is taken over.
        retries: Retries of a run.
        backoff_s: Seconds before a run that failed is retried.
        concurrency: Runs of a worker at a time.
    """

    postgres: str
    redis: str | None
    url: str
    log: str
    every_s: float | None
    rows: Mapping[str, int]
    kinds: Mapping[str, str]
    reads: int
    writes: int
    lease_s: float = 4.0
    retries: int = 20
    backoff_s: float = 1.0
    concurrency: int = 50


def token_of(tenant: str) -> str:
    """Return the access token of a tenant's workspace."""
    return f"token-of-{tenant}"


def rows_of(tenant: str, run: object, count: int) -> list[dict[str, Any]]:
    """Return the rows that a run writes, which no other run does."""
    return [
        {"name": f"{tenant} {run} {number}", "domains": [f"{tenant}-{run}-{number}.example.com"]}
        for number in range(count)
    ]


def engine_of(settings: EngineSettings) -> Engine:
    """Return the engine, with its jobs: `push` on a schedule, and `write` by hand."""

    async def token(tenant: str) -> str:
        return token_of(tenant)

    engine = Engine(
        settings.postgres,
        tokens=token,
        redis=settings.redis,
        reads=settings.reads,
        writes=settings.writes,
        lease=settings.lease_s,
        base_url=settings.url,
    )

    async def do(job: Job, kind: str) -> None:
        note(settings.log, job.run, time.clock_gettime(time.CLOCK_REALTIME))
        if kind == "fail":
            raise ValueError("as it always does")
        if kind == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        rows = rows_of(job.tenant, job.run, settings.rows[job.tenant])
        if kind == "sync":
            await job.attio.companies.sync_to(rows, match="domains", owned=["name"], **job.durable)
        elif kind == "create":
            await job.attio.companies.create_many(rows, **job.durable)
        else:
            await job.attio.companies.upsert_many(rows, match="domains", **job.durable)

    @engine.job(every=settings.every_s, retries=settings.retries, backoff=settings.backoff_s)
    async def push(job: Job) -> None:
        await do(job, settings.kinds[job.tenant])

    @engine.job()
    async def write(job: Job) -> None:
        await do(job, "upsert")

    return engine


def note(log: str, *words: object) -> None:
    """Append a line to a file that several processes write."""
    file = os.open(log, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
    os.write(file, (" ".join(map(str, words)) + "\n").encode())
    os.close(file)


def work(settings: EngineSettings, output: str) -> None:
    """Work until SIGTERM, and log to a file. SIGUSR1 sets the clock of the process an hour ahead, SIGUSR2 an hour back."""
    logging.basicConfig(filename=output, level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    _let_signals_set_clock()
    asyncio.run(_work(settings))


async def _work(settings: EngineSettings) -> None:
    async with engine_of(settings) as engine:
        await engine.work(concurrency=settings.concurrency)


def _let_signals_set_clock() -> None:
    """Change the clock as Python code reads it."""
    right, ahead = time.time, 0.0

    def shift(signal_number: int, _: object) -> None:
        nonlocal ahead
        ahead += HOUR_S if signal_number == signal.SIGUSR1 else -HOUR_S

    time.time = lambda: right() + ahead
    signal.signal(signal.SIGUSR1, shift)
    signal.signal(signal.SIGUSR2, shift)
