"""A process that sweeps for changes until it is killed; it logs the changes it was given and confirmed.

Usage: sweep_process.py WORKSPACE STATE LOG
"""

import os
import sys
from pathlib import Path

import anyio

import attio_async.bulk._changes.sources as sources_module
from attio_async.testing import FakeAttio

workspace, state, log_path = sys.argv[1:4]
log = os.open(log_path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
sources_module.MAX_PAGE_SIZE = 20


def note(what: str, place: int, told: str) -> None:
    os.write(log, f"{what} {place} {told}\n".encode())


async def main() -> None:
    fake = FakeAttio.from_json(Path(workspace).read_bytes())  # noqa: ASYNC240 - nothing else runs
    async with fake.client() as attio, attio.feed(state, objects=["people"]) as feed:
        async for change in feed:
            told = f"{type(change).__name__}-{change.record_id}-{getattr(change, 'attribute', '')}"
            note("given", change.place, told)
            await change.ack()
            note("confirmed", change.place, told)
    note("finished", 0, "")


anyio.run(main)
