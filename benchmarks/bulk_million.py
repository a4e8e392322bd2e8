"""A million rows through a job with a journal on disk, at raised limits: memory does not grow with their number.

python benchmarks/bulk_million.py ROWS     (one measurement, which prints megabytes and seconds)
"""

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

import anyio
import httpx

from attio_async import Attio, RateLimiter
from bulk_server import Companies, row
from harness import Line

FEW, MANY = 100_000, 1_000_000


async def written(rows: int, folder: str) -> int:
    """How many rows were created."""
    server = Companies(there=0)
    transport = httpx.MockTransport(server.answer)
    limiter = RateLimiter(reads=1_000_000, writes=1_000_000)
    async with Attio("x", transport=transport, limiter=limiter) as attio:
        report = await attio.companies.upsert_many(
            (row(number) for number in range(rows)), match="domains", journal=Path(folder, "job.db")
        )
    return report.total - report.failed


def main(rows: int) -> None:
    started = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        done = anyio.run(written, rows, folder)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(done, round(peak), round(time.process_time() - started))


def measured(rows: int) -> list[int]:
    command = [sys.executable, __file__, str(rows)]
    return [int(word) for word in subprocess.check_output(command, text=True).split()]


def lines() -> Iterable[Line]:
    done, few, seconds = measured(FEW)
    yield Line(f"{FEW:,} rows with a journal: peak memory", f"{few} MB, {seconds} s CPU", "", done == FEW)
    done, many, seconds = measured(MANY)
    yield Line(
        f"{MANY:,} rows likewise",
        f"{many} MB, {seconds} s CPU",
        "at most 1.2 times that",
        done == MANY and many <= 1.2 * few,
    )


if __name__ == "__main__":
    main(int(sys.argv[1]))
