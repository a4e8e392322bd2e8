"""Write companies from a CSV file with four processes that share one rate limit.

    export ATTIO_API_KEY=...  REDIS_URL=redis://localhost:6379/0
    python workers.py companies.csv

The file has the columns `name` and `domains`. Each worker takes every fourth row. Together they stay within the 25
writes per second of the token, and share them evenly. Four containers on four machines work the same way.
"""
# ruff: noqa: INP001, T201 - a program that prints, not a package

import csv
import os
import subprocess
import sys
from pathlib import Path

import anyio

from attio_async import Attio, RedisRateLimiter

WORKERS = 4
SCOPE = "my-workspace"  # the same for every process with the same token; never the token itself


def rows_of(path: str, number: int) -> list[dict[str, str]]:
    """Return every fourth row, from `number`."""
    with Path(path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))[number::WORKERS]


async def work(path: str, number: int) -> int:
    """Write the rows of one worker, and return the number of failed rows."""
    limiter = RedisRateLimiter(os.environ["REDIS_URL"], scope=SCOPE, processes=WORKERS)
    async with Attio(limiter=limiter) as attio:
        report = await attio.companies.upsert_many(rows_of(path, number), match="domains")
    writes = limiter.stats().writes
    print(
        f"worker {number}: {report.created} created, {report.updated} updated, {report.failed} failed,"
        f" {writes.rate_limited} rate-limited, {'shared limit' if limiter.is_shared else 'limit not shared'}",
        flush=True,
    )
    return report.failed


def main(path: str) -> int:
    """Run the workers, and return 1 if one of them failed."""
    workers = [subprocess.Popen([sys.executable, __file__, path, str(number)]) for number in range(WORKERS)]  # noqa: S603 - this program
    return max([worker.wait() for worker in workers])


if __name__ == "__main__":
    if len(sys.argv) > 2:  # noqa: PLR2004 - started by `main` as a worker
        sys.exit(1 if anyio.run(work, sys.argv[1], int(sys.argv[2])) else 0)
    sys.exit(main(sys.argv[1]))
