"""Write companies from a CSV file as one job, shared by any number of workers on any number of machines.

    export ATTIO_API_KEY=...  REDIS_URL=redis://localhost:6379/0  DATABASE_URL=postgresql://localhost/jobs
    python workers.py companies.csv     (one worker, which also reads the file)
    python workers.py                   (any number of further workers)

PostgreSQL keeps the job, and Redis the rate limit. If a worker dies, nothing is lost: the others take over its rows
after two minutes. If it was the one that reads the file, start it again with the same file.
"""
# ruff: noqa: INP001, T201 - a program that prints, not a package

import csv
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import anyio

from attio_async import Attio, RedisRateLimiter
from attio_async.bulk import PostgresJournal

SCOPE = "my-workspace"  # the same for every process with the same token; never the token itself


def rows_of(path: str) -> Iterator[dict[str, str]]:
    """Read the rows one by one."""
    with Path(path).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


async def work(path: str | None) -> int:
    """Work until all rows are done, and return the number of failed rows."""
    limiter = RedisRateLimiter(os.environ["REDIS_URL"], scope=SCOPE)
    rows = rows_of(path) if path else None
    written: list[int] = []
    async with (
        Attio(limiter=limiter) as attio,
        PostgresJournal(os.environ["DATABASE_URL"], job="companies") as journal,
    ):
        report = await attio.companies.upsert_many(
            rows, match="domains", journal=journal, on_outcome=lambda outcome: written.append(outcome.index)
        )
    print(
        f"{len(written)} rows by this worker; in all {report.created} created, {report.failed} failed",
        flush=True,
    )
    return report.failed


if __name__ == "__main__":
    sys.exit(1 if anyio.run(work, sys.argv[1] if len(sys.argv) > 1 else None) else 0)
