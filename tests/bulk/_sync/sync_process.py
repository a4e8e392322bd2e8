"""A process that syncs companies until it is killed.

Usage: sync_process.py URL STATE FIRST COUNT

STATE is a file, or the connection string of a PostgreSQL database.
"""

import sys

import anyio

from attio_async import Attio, RateLimiter
from attio_async.bulk import PostgresSyncState

url, state, first, count = sys.argv[1:5]


async def main() -> None:
    limiter = RateLimiter(reads=5_000, writes=5_000)
    async with Attio(token="test-token", base_url=url, limiter=limiter) as attio:
        rows = [
            {"domains": f"c{number}.example.com", "plan": "Pro"}
            for number in range(int(first), int(first) + int(count))
        ]
        report = await attio.companies.sync_to(
            rows,
            match="domains",
            owned=["plan"],
            missing="delete",
            state=PostgresSyncState(state, name="killed") if "dbname=" in state else state,
            max_missing_ratio=1,
            workers=4,
        )
    assert (report.failed, report.pending) == (0, 0), report


anyio.run(main)
