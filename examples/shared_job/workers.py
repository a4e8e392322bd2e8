"""Companies from a CSV file, as one job that any number of workers share, on as many machines.

    export ATTIO_API_KEY=...  REDIS_URL=redis://localhost:6379/0  DATABASE_URL=postgresql://localhost/jobs
    python workers.py companies.csv     (one worker: it reads the file, and works)
    python workers.py                   (as many as you like: they only work)

The job is kept in PostgreSQL, and the rate in Redis. A worker that dies loses nothing: the others take its rows over
two minutes later. If it was the one that reads the file, start it again with the same file.
"""
# ruff: noqa: INP001, T201 - a program, not a package; it prints

import csv
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import anyio

from attio_async import Attio, RedisRateLimiter
from attio_async.bulk import PostgresJournal

SCOPE = "my-workspace"  # the same wherever the token is the same; never the token


def rows_of(path: str) -> Iterator[dict[str, str]]:
    """The rows, read as they are needed."""
    with Path(path).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


async def work(path: str | None) -> int:
    """Work until all rows are done; how many failed."""
    limiter = RedisRateLimiter(os.environ["REDIS_URL"], scope=SCOPE)
    rows = rows_of(path) if path else None
    told: list[int] = []
    async with (
        Attio(limiter=limiter) as attio,
        PostgresJournal(os.environ["DATABASE_URL"], job="companies") as journal,
    ):
        report = await attio.companies.upsert_many(
            rows, match="domains", journal=journal, on_outcome=lambda outcome: told.append(outcome.index)
        )
    print(f"{len(told)} rows here; in all {report.created} created, {report.failed} failed", flush=True)
    return report.failed


if __name__ == "__main__":
    sys.exit(1 if anyio.run(work, sys.argv[1] if len(sys.argv) > 1 else None) else 0)
