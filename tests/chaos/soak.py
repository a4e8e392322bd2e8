"""A mixed load with faults, cancellations and kills, for as long as asked: `make soak`.

    python -m tests.chaos.soak [SECONDS [SEED]]

A process serves the fake with eleven kinds of faults. This one reads, writes, exports, follows changes and receives webhooks,
and cancels what it does at random moments; other processes work on jobs with a journal, and are killed. Then the workspace is
compared with what was reported as done. Exits with 1 if something is lost or doubled, if an exception is not of the package,
or if memory or open files grow.
"""
# ruff: noqa: T201 - a program

import asyncio
import contextlib
import gc
import multiprocessing
import os
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from itertools import combinations, count
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import msgspec

from attio_async import Attio, RateLimiter
from attio_async.bulk import Created
from attio_async.errors import AttioError
from attio_async.testing import (
    ConnectionReset,
    FakeAttio,
    Garbled,
    Limits,
    NoAnswer,
    ProxyFailure,
    ServerFailure,
    SlowBody,
    SlowFirstByte,
    TooManyRequests,
    Truncated,
    WrongContentType,
)
from attio_async.webhooks import SQLiteStore, WebhookReceiver, sign

from .work import UNLIMITED_RATE
from .worker import Settings, started

SECONDS = 1_800
WARM_UP_S = 120
SAMPLE_S = 5
MIN_SAMPLES = 20
"""Fewer say nothing about growth."""

MAX_GROWTH_PERCENT = 1.0
"""The most that resident memory may grow in ten minutes."""

FAULT_SHARE = 0.004
"""The share of requests that each kind of fault hits."""

TIMEOUT_S = 2.0
BULK_ROWS = 60
BULK_KILLS = 4
JOB_PAUSE_S = 5
KINDS = ("record", "task", "change", "delivery", "handled", "row")
PAUSE_S = 0.4
"""Between two actions of a task, so that the machine is not the bound."""

_STATM = Path("/proc/self/statm")
_processes = multiprocessing.get_context("forkserver")


def serve_with_faults(talk: Connection) -> None:
    """Serve until told to stop; tell the address, and stop the faults when told to."""
    fake = FakeAttio(limits=Limits(reads=UNLIMITED_RATE, writes=UNLIMITED_RATE, endpoints={}))
    faults = [
        fake.fault(fault, probability=FAULT_SHARE)
        for fault in (
            ServerFailure(500),
            ServerFailure(503, when="after"),
            ProxyFailure(),
            TooManyRequests(seconds=1),
            Truncated(),
            Garbled(),
            WrongContentType(),
            SlowFirstByte(1.0),
            SlowBody(1.0),
            ConnectionReset(),
            NoAnswer(),
        )
    ]
    with fake.serve() as server:
        talk.send((server.url, fake.token))
        while talk.recv() == "calm":
            for fault in faults:
                fault.remove()
            talk.send("calm")


class Soak:
    """The load, and what was reported as done."""

    def __init__(self, url: str, token: str, folder: Path, seed: int) -> None:
        self.url, self.token, self.folder = url, token, folder
        self.chance = random.Random(seed)
        self.numbers = count()
        self.done = (folder / "done").open("w+")  # a file, since memory is measured
        self.foreign: Counter[str] = Counter()
        self.actions: Counter[str] = Counter()
        self.failures: Counter[str] = Counter()
        self.cancelled = self.kills = 0
        self.samples: list[tuple[float, int, int]] = []

    def note(self, what: str, name: object) -> None:
        """Keep what was reported as done."""
        self.done.write(f"{what} {name}\n")

    def noted(self) -> dict[str, Counter[str]]:
        """Return how often each thing was reported as done, by its kind."""
        self.done.seek(0)
        found: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
        for line in self.done:
            what, name = line.rstrip("\n").split(" ", 1)
            found[what][name] += 1
        return found

    def client(self) -> Attio:
        limiter = RateLimiter(reads=UNLIMITED_RATE, writes=UNLIMITED_RATE)
        return Attio(self.token, base_url=self.url, limiter=limiter, timeout=TIMEOUT_S)

    async def run(self, seconds: float) -> None:
        """Run the load, and measure."""
        end = time.monotonic() + seconds
        async with self.client() as attio, self._receiver() as receiver:
            await asyncio.gather(
                *(
                    self._repeat(end, name, action)
                    for name, action in (
                        ("upsert", lambda: self._upsert(attio)),
                        ("upsert", lambda: self._upsert(attio)),
                        ("task", lambda: self._create_task(attio)),
                        ("query", lambda: self._read_pages(attio)),
                        ("get_many", lambda: self._get_many(attio)),
                        ("export", lambda: self._export(attio)),
                        ("changes", lambda: self._follow(attio)),
                        ("webhook", lambda: self._receive(receiver)),
                    )
                ),
                self._repeat(end, "job", self._job, is_cancelled=False),
                self._measure(end),
            )
            await receiver.drain()

    async def settle(self) -> None:
        """Follow the rest of the changes without faults."""
        async with self.client() as attio:
            await self._follow(attio)

    async def _repeat(
        self, end: float, name: str, action: Callable[[], Awaitable[None]], *, is_cancelled: bool = True
    ) -> None:
        while time.monotonic() < end:
            self.actions[name] += 1
            task = asyncio.ensure_future(action())
            if is_cancelled and self.chance.random() < 0.3:
                await asyncio.wait([task], timeout=self.chance.expovariate(20))
                self.cancelled += not task.done()
                task.cancel()
            try:
                await task
            except asyncio.CancelledError:
                pass
            except AttioError as error:
                self.failures[type(error).__name__] += 1
            except BaseException as error:  # noqa: BLE001 - it is counted
                self.foreign[f"{name}: {type(error).__name__}: {error}"[:200]] += 1
            del task
            await asyncio.sleep(PAUSE_S)

    async def _upsert(self, attio: Attio) -> None:
        domain = f"u{next(self.numbers)}.example.com"
        await attio.companies.upsert({"name": domain, "domains": [domain]}, match="domains")
        self.note("record", domain)

    async def _create_task(self, attio: Attio) -> None:
        content = f"task {next(self.numbers)}"
        await attio.tasks.create(content)
        self.note("task", content)

    async def _read_pages(self, attio: Attio) -> None:
        async with attio.companies.query(page_size=50, limit=200).pages(prefetch=2) as pages:
            async for _ in pages:
                pass

    async def _get_many(self, attio: Attio) -> None:
        found = await attio.companies.query(limit=20)
        await attio.companies.get_many([record.id for record in found])

    async def _export(self, attio: Attio) -> None:
        form = self.chance.choice(["csv", "jsonl"])
        await attio.companies.export(self.folder / f"export.{form}", resume=self.chance.random() < 0.5)

    async def _follow(self, attio: Attio) -> None:
        async with attio.companies.changes(self.folder / "changes.db", select=["domains"]) as changes:
            async for change in changes:
                await changes.ack(change)
                if isinstance(change, Created):
                    self.note("change", change.record_id)

    @contextlib.asynccontextmanager
    async def _receiver(self) -> Any:
        receiver = WebhookReceiver(secret="s", store=SQLiteStore(self.folder / "deliveries.db"))

        @receiver.on("record.created")
        async def handle(event: Any) -> None:
            await asyncio.sleep(self.chance.random() / 100)
            self.note("handled", event.record_id)

        async with receiver:
            yield receiver

    async def _receive(self, receiver: WebhookReceiver) -> None:
        key = f"d{next(self.numbers)}"
        event = {"event_type": "record.created", "id": {"record_id": key}}
        body = msgspec.json.encode({"webhook_id": "w", "events": [event]})
        headers = {"attio-signature": sign(body, "s"), "idempotency-key": key}
        if (await receiver.receive(headers, body)).status < 300:
            self.note("delivery", key)

    async def _job(self) -> None:
        number = next(self.numbers)
        rows = [
            {"name": f"b{number} {row}", "domains": [f"b{number}-{row}.example.com"]}
            for row in range(BULK_ROWS)
        ]
        source, log = self.folder / "rows.json", self.folder / "log"
        source.write_bytes(msgspec.json.encode(rows))
        settings = Settings(
            url=self.url,
            token=self.token,
            kind="upsert",
            rows=str(source),
            journal=str(self.folder / f"journal{number}.db"),
            log=str(log),
            rate=UNLIMITED_RATE,
        )
        for kill in range(BULK_KILLS + 1):
            process = started(settings)
            limit = None if kill == BULK_KILLS else self.chance.uniform(0.3, 2.0)
            await asyncio.to_thread(process.join, limit)
            if process.is_alive():
                process.kill()
                self.kills += 1
            await asyncio.to_thread(process.join)
            if process.exitcode == 0:
                break
        failed: set[int] = set()
        for line in log.read_text().splitlines():
            word, *rest = line.split(" ")
            if word == "told":
                self.note("row", f"b{number}-{rest[0]}")
            if word == "letter":
                failed.add(int(rest[0]))
        if process.exitcode == 0:
            for row in set(range(BULK_ROWS)) - failed:
                self.note("record", f"b{number}-{row}.example.com")
        process.close()
        log.unlink()
        await asyncio.sleep(JOB_PAUSE_S)

    async def _measure(self, end: float) -> None:
        begin = time.monotonic()
        while (now := time.monotonic()) < end:
            gc.collect()
            pages = int(_STATM.read_text().split()[1])  # noqa: ASYNC240 - of the kernel, so nothing waits
            self.samples.append(
                (now - begin, pages * os.sysconf("SC_PAGE_SIZE"), sum(1 for _ in os.scandir("/proc/self/fd")))
            )
            await asyncio.sleep(SAMPLE_S)


async def problems_of(soak: Soak, done: dict[str, Counter[str]]) -> dict[str, int]:
    """Compare the workspace with what was reported as done."""
    async with soak.client() as attio:
        domains: Counter[str] = Counter()
        ids: list[str] = []
        async for record in attio.companies.scan():
            domains.update(str(domain) for domain in record.get("domains") or ())
            ids.append(record.id)
        contents = Counter([task.content_plaintext async for task in attio.tasks.list()])
    return {
        "records lost": len(set(done["record"]) - set(domains)),
        "records doubled": _twice(domains),
        "tasks lost": len(set(done["task"]) - set(contents)),
        "tasks doubled": _twice(contents),
        "changes lost": len(set(ids) - set(done["change"])),
        "changes told twice": _twice(done["change"]),
        "deliveries lost": len(set(done["delivery"]) - set(done["handled"])),
        "deliveries handled twice": _twice(done["handled"]),
        "rows of jobs told twice": _twice(done["row"]),
        "foreign exceptions": sum(soak.foreign.values()),
    }


def _twice(found: Counter[str]) -> int:
    return sum(times > 1 for times in found.values())


def theil_sen(samples: list[tuple[float, int]]) -> float:
    """Return the median slope between all pairs of samples, per second."""
    slopes = [(y2 - y1) / (x2 - x1) for (x1, y1), (x2, y2) in combinations(samples, 2) if x2 > x1]
    return statistics.median(slopes) if slopes else 0.0


def main(seconds: float = SECONDS, seed: int = 1) -> int:
    """Run, print the figures, and return the exit code."""
    here, there = _processes.Pipe()
    server = _processes.Process(target=serve_with_faults, args=(there,))
    server.start()
    url, token = here.recv()
    with tempfile.TemporaryDirectory() as folder:
        soak = Soak(url, token, Path(folder), seed)
        asyncio.run(soak.run(seconds))
        here.send("calm")
        here.recv()
        asyncio.run(soak.settle())
        done = soak.noted()
        found = asyncio.run(problems_of(soak, done))
        soak.done.close()
    here.send("stop")
    server.join()
    warm = [sample for sample in soak.samples if sample[0] >= min(WARM_UP_S, seconds * 0.4)]
    resident = statistics.median([sample[1] for sample in warm])
    growth = theil_sen([(sample[0], sample[1]) for sample in warm]) * 600 / resident * 100
    files = [sample[2] for sample in warm]
    files_growth = theil_sen([(sample[0], sample[2]) for sample in warm]) * 600
    print(f"{seconds:g} s, seed {seed}: {dict(soak.actions)}")
    print(f"{soak.cancelled} cancelled, {soak.kills} workers killed")
    print(f"reported as done: {', '.join(f'{len(names)} {kind}' for kind, names in done.items())}")
    print(f"failures: {dict(soak.failures)}")
    for name, times in found.items():
        print(f"{times:>6} {name}")
    for text, times in soak.foreign.most_common(10):
        print(f"       {times} x {text}")
    print(
        f"resident memory {resident / 2**20:.1f} MiB, {growth:+.2f} % per 10 minutes ({len(warm)} samples); "
        f"open files {min(files)} to {max(files)}, {files_growth:+.1f} per 10 minutes"
    )
    print("per minute, in MiB:", *(f"{size / 2**20:.0f}" for _, size, _ in soak.samples[:: 60 // SAMPLE_S]))
    is_flat = len(warm) < MIN_SAMPLES or (growth < MAX_GROWTH_PERCENT and files_growth < 1)
    return 0 if is_flat and not any(found.values()) else 1


if __name__ == "__main__":
    sys.exit(main(*map(float, sys.argv[1:2]), *map(int, sys.argv[2:3])))
