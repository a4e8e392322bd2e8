"""A process that works on a job until it is done, or killed, and logs the outcomes to a file of its own."""

import multiprocessing
import os
import sys
import traceback
from multiprocessing.process import BaseProcess
from pathlib import Path

import anyio
import attrs
import msgspec

from attio_async import (
    Attio,
    Outcome,
    RateLimiter,
    RedisRateLimiter,
    SQLiteJournal,
)
from attio_async.bulk import PostgresJournal
from attio_async.errors import AttioError

from .operations import begin, counts

KILLED = -9
REFUSED = 3
"""The exit code of a process that an error of the package has ended."""

processes = multiprocessing.get_context("forkserver")
"""Starts processes that have imported everything."""
_USED = (
    "httpx",
    "anyio._backends._asyncio",
    "attio_async._transport.transport",
    "attio_async.bulk._write.job",
    "attio_async.engine._worker",
    "tests.chaos.engine_worker",
)
processes.set_forkserver_preload([__name__, *_USED])  # so that a process begins its work at once


@attrs.frozen(kw_only=True)
class Settings:
    """The settings of a process.

    Attributes:
        url, token: The workspace.
        kind: The operation.
        rows: The file with the rows; None works off those that another process adds.
        journal: The file, or the connection string of PostgreSQL if there is a `lease`.
        log: The file that outcomes are appended to.
        rate: Reads and writes per second.
        lease: The lease of a shared journal.
        redis: The Redis that shares the rate; None if it is not shared.
    """

    url: str
    token: str
    kind: str
    rows: str | None
    journal: str
    log: str
    rate: int
    lease: float | None = None
    redis: str | None = None


def started(settings: Settings) -> BaseProcess:
    """Return a process that has started."""
    process = processes.Process(target=_run, args=(settings,))
    process.start()
    return process


def _run(settings: Settings) -> None:
    try:
        anyio.run(_work, settings)
    except AttioError:
        traceback.print_exc()
        sys.exit(REFUSED)


async def _work(settings: Settings) -> None:
    log = os.open(settings.log, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)

    def note(*words: object) -> None:
        os.write(log, (" ".join(map(str, words)) + "\n").encode())

    def told(outcome: Outcome) -> None:
        note("told", outcome.index, outcome.status)

    rows = msgspec.json.decode(Path(settings.rows).read_bytes()) if settings.rows else None  # noqa: ASYNC240 - nothing else runs
    attio = Attio(settings.token, base_url=settings.url, limiter=_limiter(settings))
    async with attio, _journal(settings) as journal:
        report = await begin(settings.kind, attio, rows, journal=journal, on_outcome=told)
    for letter in report.dead_letters:
        note("letter", letter.index, letter.failure.kind)
    note("counts", msgspec.json.encode(counts(report)).decode())


def _journal(settings: Settings) -> SQLiteJournal | PostgresJournal:
    if settings.lease is None:
        return SQLiteJournal(settings.journal)
    return PostgresJournal(settings.journal, lease=settings.lease)


def _limiter(settings: Settings) -> RateLimiter:
    rates = {"reads": settings.rate, "writes": settings.rate}
    if settings.redis is None:
        return RateLimiter(**rates)
    return RedisRateLimiter(settings.redis, scope="chaos", **rates)
