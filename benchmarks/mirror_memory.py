"""Refresh a mirror twice, and print its figures: `mirror_memory.py URL ROWS`, in an empty folder. Nothing else is imported.

Of each refresh they are the MB that the process had at most until then, and the seconds; the last one is the MB of the file.
"""

import json
import re
import sys
import time
from pathlib import Path

import anyio

from attio_async import Attio

FILE = Path("crm.duckdb")


def peak_mb() -> float:
    """Return the most memory that this process had, on Linux. What `getrusage` tells counts that of the parent, too."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) / 1e3


async def refresh(url: str) -> tuple[int, int]:
    """Return how many rows were read, and how many of them are new."""
    async with (
        Attio("x", base_url=url) as attio,
        attio.mirror(FILE, objects=["people"], lists=(), also=()) as mirror,
    ):
        (table,) = (await mirror.refresh()).tables
        return table.read, table.rows.created


def main(url: str, rows: int) -> None:
    figures: list[float] = []
    for created in (rows, 0):
        started = time.perf_counter()
        assert anyio.run(refresh, url) == (rows, created)
        figures += (peak_mb(), time.perf_counter() - started)
    print(json.dumps([*figures, FILE.stat().st_size / 1e6]))


main(sys.argv[1], int(sys.argv[2]))
