"""Shared by every measured client, whatever environment it runs in. Standard library only.

    python worker_module.py CLIENT URL

Each line of standard input asks for a task, {"task": "pages", "times": 20}; each is answered with a line that says what it took.
"""

import asyncio
import gc
import json
import resource
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

FIVE = ("name", "email_addresses", "job_title", "phone_numbers", "company")
SIZE = 500
RECORD = "11111111-1111-4aaa-8aaa-000000000001"
TICK = 0.001
MEGABYTE = 1e6 if sys.platform == "darwin" else 1e3
"""In the units in which the system tells a process's memory."""

CONTENT = {"data": {"values": {"job_title": [{"value": "Engineer"}]}}}
Task = Callable[[int], Awaitable[int | dict[str, float]]]


def read_plain(record: Mapping[str, Any]) -> object:
    """Return the five attributes of a record as plain JSON has it."""
    values = record["values"]
    name, title, company = values["name"], values["job_title"], values["company"]
    return (
        name[0]["full_name"] if name else None,
        [value["email_address"] for value in values["email_addresses"]],
        title[0]["value"] if title else None,
        [value["phone_number"] for value in values["phone_numbers"]],
        company[0]["target_record_id"] if company else None,
    )


async def measured(task: Task, times: int) -> dict[str, float]:
    gc.collect()
    cpu, wall, peak = (
        time.process_time(),
        time.perf_counter(),
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
    )
    found = await task(times)
    took = {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak
    return {**took, "grown": grown / MEGABYTE, **(found if isinstance(found, dict) else {"count": found})}


async def stalls(task: Task, times: int) -> dict[str, float]:
    """By how many milliseconds another task on the event loop is late, which sleeps one at a time.

    What the system gives to other processes meanwhile does not count: no more than the CPU time that was used.
    """
    late: list[float] = []

    async def tick() -> None:
        while True:
            before, used = time.perf_counter(), time.process_time()
            await asyncio.sleep(TICK)
            lateness, busy = time.perf_counter() - before - TICK, time.process_time() - used
            late.append(min(lateness, busy) * 1000)

    ticking = asyncio.ensure_future(tick())
    count = await task(times)
    ticking.cancel()
    late.sort()
    return {"count": count, "p99": late[int(len(late) * 0.99)], "max": late[-1]}


async def work(tasks: Mapping[str, Task]) -> None:
    """Do what standard input asks for."""
    loop = asyncio.get_running_loop()
    print(json.dumps(sorted(tasks)), flush=True)
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        order = json.loads(line)
        print(json.dumps(await measured(tasks[order["task"]], order["times"])), flush=True)
