"""The limits over real HTTP on loopback, in real time: a strict server in a process of its own, jitter in between."""

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio

from attio_async import Attio
from harness import GoalLine

SERVER = Path(__file__).with_name("strict_server.py")
SECONDS = 60.0
MIXED_SECONDS = 40.0


@contextmanager
def serving(*options: str) -> Iterator[str]:
    with subprocess.Popen(
        [sys.executable, str(SERVER), *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.stdin.close()


def manage(url: str, **limits: int) -> dict[str, Any]:
    """Change limits, and learn what the server saw."""
    path, body = ("/-/limits", json.dumps(limits).encode()) if limits else ("/-/report", None)
    with urllib.request.urlopen(urllib.request.Request(url + path, data=body), timeout=10) as answer:
        return json.load(answer)


async def saturate(url: str, seconds: float) -> None:
    number = 0

    async def reader() -> None:
        nonlocal number
        while True:
            number += 1
            await attio.request("GET", f"/v2/tasks/{number}")

    async with Attio("x", base_url=url) as attio:
        with anyio.move_on_after(seconds):
            async with anyio.create_task_group() as group:
                for _ in range(300):
                    group.start_soon(reader)


def used(instants: list[float], limit: float) -> float:
    """Percent of the limit accepted, from the first arrival to the last."""
    return 100 * len(instants) / limit / (max(instants) - min(instants))


def steady() -> Iterable[GoalLine]:
    for window in ("fixed", "log", "counter", "bucket"):
        with serving("--window", window) as url:
            anyio.run(saturate, url, SECONDS)
            report = manage(url)
        share, refused = used(report["accepted"]["read"], 100), len(report["refused"]["read"])
        yield GoalLine(
            f"300 readers for {SECONDS:.0f} s, 30 ms of jitter: {window}",
            f"{share:.1f} %, {refused} refused, {report['early']} early",
            "96 %, at most 3, 0",
            share >= 96 and refused <= 3 and not report["early"],
        )


async def mixed(url: str) -> int:
    """Readers, writers and mergers, while reads are halved for the middle third; how many were answered."""
    done = number = 0
    end = time.monotonic() + MIXED_SECONDS

    async def send(method: str, path: str) -> None:
        nonlocal done, number
        while time.monotonic() < end:
            number += 1
            await attio.request(method, path.format(number))
            done += 1

    async with Attio("x", base_url=url) as attio, anyio.create_task_group() as group:
        for tasks, method, path in (
            (300, "GET", "/v2/tasks/{}"),
            (80, "PUT", "/v2/objects/o{}/records"),
            (10, "POST", "/v2/objects/o{}/records/merge"),
        ):
            for _ in range(tasks):
                group.start_soon(send, method, path)
        await anyio.sleep(MIXED_SECONDS / 3)
        await anyio.to_thread.run_sync(lambda: manage(url, read=50))
        await anyio.sleep(MIXED_SECONDS / 3)
        await anyio.to_thread.run_sync(lambda: manage(url, read=100))
    return done


def mixture() -> Iterable[GoalLine]:
    for window in ("fixed", "log"):
        with serving("--window", window, "--network", "spike") as url:
            done = anyio.run(mixed, url)
            report = manage(url)
        rates = {kind: used(instants, 1) / 100 for kind, instants in report["accepted"].items()}
        yield GoalLine(
            f"300 readers, 80 writers, 10 mergers, a drop to 50/s: {window}",
            f"{done - report['processed']} lost, {report['early']} early, {report['twice']} twice",
            "0, 0, 0",
            done == report["processed"] and not report["early"] and not report["twice"],
        )
        yield GoalLine("  writes and merges per second", f"{rates['write']:.1f}, {rates['merge']:.1f}", "")
        refused = {kind: len(instants) for kind, instants in report["refused"].items()}
        yield GoalLine("  refused: reads, writes, merges", ", ".join(map(str, refused.values())), "")


def lines() -> Iterable[GoalLine]:
    yield from steady()
    yield from mixture()
