"""A million rows through a job with a journal on disk, into a served fake: memory does not grow with their number.

python benchmarks/bulk_million.py [ROWS]

The fake is served by `attio-async serve` at raised limits, in a process of its own, and so is the job: its memory is that
of the client alone. Without ROWS a hundred thousand are followed by a million, which takes about half an hour and 3 GB
of memory, all but a few megabytes of them for the workspace.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import anyio
import msgspec

from attio_async import Attio, RateLimiter
from bulk_server import row
from harness import GoalLine

FEW, MANY = 100_000, 1_000_000
RAISED = 1_000_000
"""Reads and writes per second: more than can be made."""


@dataclass(frozen=True)
class Measured:
    """A job, from inside of its process.

    Attributes:
        created: How many rows the job says it has created.
        there: How many of those the workspace has, and no more.
        megabytes: The most memory that the process had.
        seconds: How long it took.
        cpu: How much of that the processor worked for the client.
    """

    created: int
    there: int
    megabytes: int
    seconds: int
    cpu: int


async def written(rows: int, folder: str) -> Measured:
    """Have the rows written into the workspace that the environment names."""
    started, worked = time.monotonic(), time.process_time()
    async with Attio(limiter=RateLimiter(reads=RAISED, writes=RAISED)) as attio:
        report = await attio.companies.upsert_many(
            map(row, range(rows)), match="domains", journal=Path(folder, "job.db")
        )
        seconds, cpu = time.monotonic() - started, time.process_time() - worked
        there = await counted(attio, rows)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Measured(report.created, there, round(peak), round(seconds), round(cpu))


async def counted(attio: Attio, rows: int) -> int:
    """Return the number of companies. Each was the only one of its domain when it was written."""
    page = {"limit": 2, "offset": rows - 1}
    last = await attio.request("POST", "/v2/objects/companies/records/query", json=page)
    return rows - 1 + len(last["data"])


@contextmanager
def served() -> Iterator[dict[str, str]]:
    """An empty workspace in a process of its own, and the variables that lead to it."""
    words = f"serve --port 0 --reads {RAISED} --writes {RAISED} --latency-ms 0".split()
    process = subprocess.Popen(
        [sys.executable, "-m", "attio_async", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        lines = [process.stdout.readline().removeprefix("export ") for _ in range(2)]
        yield dict(line.strip().split("=", 1) for line in lines)
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


def measured(rows: int) -> Measured:
    command = [sys.executable, __file__, "--job", str(rows)]
    with served() as variables:
        told = subprocess.check_output(command, env=os.environ | variables)
    return msgspec.json.decode(told, type=Measured)


def line(rows: int, found: Measured, goal: str, *, met: bool) -> GoalLine:
    whole = found.created == found.there == rows
    figure = f"{found.megabytes} MB, {rows / found.seconds:.0f}/s, {1e6 * found.cpu / rows:.0f} us of CPU"
    return GoalLine(f"{rows:,} rows with a journal: peak memory", figure, goal, met and whole)


def lines() -> Iterable[GoalLine]:
    few = measured(FEW)
    yield line(FEW, few, "", met=True)
    many = measured(MANY)
    yield line(MANY, many, "at most 1.2 times that", met=many.megabytes <= 1.2 * few.megabytes)


def main(words: list[str]) -> None:
    match words:
        case ["--job", rows]:
            with tempfile.TemporaryDirectory() as folder:
                done = anyio.run(written, int(rows), folder)
            sys.stdout.buffer.write(msgspec.json.encode(asdict(done)))
        case [rows]:
            print(measured(int(rows)))
        case _:
            print(*lines(), sep="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
