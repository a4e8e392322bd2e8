# ruff: noqa: T201 - what the parent waits for
"""Refresh a mirror again and again, until the process is killed: ``refresh_process.py FILE``."""

import sys

import anyio

from attio_async import Attio


async def main(path: str) -> None:
    async with Attio() as attio, attio.mirror(path) as mirror:
        print("begun", flush=True)
        async for report in mirror.watch(every=0):
            print(report.sweep, flush=True)


anyio.run(main, sys.argv[1])
