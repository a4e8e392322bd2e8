"""A mixed load with faults, cancellations and kills, for as long as asked: `make soak`.

    python -m tests.chaos.soak [SECONDS [SEED]]

A process serves the fake with eleven kinds of faults. This one reads, writes, deletes, exports, follows changes and receives
webhooks, and cancels what it does at random moments; other processes work on jobs with a journal, and are killed. Then the
workspace is compared with what was reported as done. Exits with 1 if something is lost or doubled, if an exception is not of
the package, or if memory or open files grow.

The load has a steady state, so that whatever grows is a leak: the workspace begins with as many records as it keeps, and as
many are deleted as are created. What was done is noted in a file. Memory is measured in this process alone, which has the
client and the receiver, at moments when nothing is under way, since a page of records more or less would hide a leak. For the
same reason the C library gives freed memory back at once, where it would else learn to keep it.
"""
# ruff: noqa: T201 - a program

import asyncio
import contextlib
import ctypes
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
from typing import Any, NamedTuple

import msgspec

from attio_async import Attio, RateLimiter, asc
from attio_async.bulk import Created, Deleted
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
from .worker import KILLED, REFUSED, Settings, started

SECONDS = 1_800
WARM_UP_S = 120
WARM_UP_ROUNDS = 5
SAMPLE_S = 5
QUIET_S = 3
"""What is still under way after that, when memory is to be measured, is cancelled."""

SHOWN_EVERY = 4
MIN_SAMPLES = 20
"""Fewer say nothing about growth."""

MAX_COMPANIES = 600
MAX_TASKS = 50
MAX_DELETES = 50

MAX_GROWTH = 0.01
"""The most that memory may grow in ten minutes, as a share: what is resident, and what is in use.

Of the memory in use no unused part hides growth: that is the heap of the C library, as a share of what is resident,
and the blocks of Python.
"""

MAX_MORE_FILES = 10
"""The most by which open files may rise from the first third to the last: connections come and go."""

_ALLOCATOR = {-1: 128 * 1024, -3: 128 * 1024, -8: 1}
"""The trim and mmap thresholds, in bytes, and the number of arenas, by the numbers of `mallopt` in malloc.h."""

FAULT_SHARE = 0.004
"""The share of requests that each kind of fault hits."""

TIMEOUT_S = 2.0
MAX_CONNECTIONS = 10
CLIENT_RATE = 100
"""More than the load of this process needs."""

BULK_ROWS = 60
BULK_KILLS = 4
JOB_PAUSE_S = 5
KINDS = ("record", "gone", "task", "gone-task", "change", "delivery", "handled", "row")
PAUSE_S = 0.4
"""Between two actions of a task, so that the machine is not the bound."""


class Sample(NamedTuple):
    """The memory and files that this process holds.

    Attributes:
        seconds: Since the beginning.
        resident: Bytes of resident memory.
        heap: Bytes that the C library has given out and not got back.
        blocks: Blocks of memory that objects of Python occupy.
        files: Open files.
    """

    seconds: float
    resident: int
    heap: int
    blocks: int
    files: int


class _HeapFigures(ctypes.Structure):
    """The struct `mallinfo2` of glibc."""

    _fields_ = tuple((name, ctypes.c_size_t) for name in (*"abcd", "mapped", *"ef", "used", *"gh"))


_STATM = Path("/proc/self/statm")
_processes = multiprocessing.get_context("forkserver")


def serve_with_faults(talk: Connection) -> None:
    """Serve until told to stop; tell the address, and stop the faults when told to."""
    fake = FakeAttio(limits=Limits(reads=UNLIMITED_RATE, writes=UNLIMITED_RATE, endpoints={}), keep_calls=0)
    for number in range(MAX_COMPANIES):
        fake.seed.add_record("companies", {"name": [f"s{number}"], "domains": [f"s{number}.example.com"]})
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
        self.known = self.companies = 0
        self.samples: list[Sample] = []
        self._may_act = asyncio.Event()
        self._may_act.set()
        self._under_way: set[asyncio.Future[None]] = set()

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
        limiter = RateLimiter(reads=CLIENT_RATE, writes=CLIENT_RATE)  # which remembers four seconds' worth
        return Attio(
            self.token,
            base_url=self.url,
            limiter=limiter,
            timeout=TIMEOUT_S,
            max_connections=MAX_CONNECTIONS,
        )

    async def run(self, seconds: float) -> None:
        """Run the load, and measure."""
        end = time.monotonic() + seconds
        async with self.client() as attio, self._receiver() as receiver:
            await self._warm_up(attio)
            await asyncio.gather(
                *(
                    self._repeat(end, name, action)
                    for name, action in (
                        ("upsert", lambda: self._upsert(attio)),
                        ("upsert", lambda: self._upsert(attio)),
                        ("task", lambda: self._create_task(attio)),
                        ("delete", lambda: self._delete_old(attio)),
                        ("query", lambda: self._read_pages(attio)),
                        ("get_many", lambda: self._get_many(attio)),
                        ("export", lambda: self._export(attio)),
                        ("changes", lambda: self._follow(attio)),
                        ("webhook", lambda: self._receive(receiver)),
                    )
                ),
                self._work_on_jobs(end),
                self._measure(end),
            )
            await receiver.drain()

    async def _warm_up(self, attio: Attio) -> None:
        """Do all at once that needs memory: the most that was ever needed stays with the process."""
        for _ in range(WARM_UP_ROUNDS):
            await asyncio.gather(
                self._end_of("changes", self._follow(attio)),
                *(
                    self._end_of("warm-up", action(attio))
                    for action in (self._export, self._read_pages, self._get_many, self._delete_old)
                    for _ in range(3)
                ),
            )

    async def settle(self) -> None:
        """Follow the rest of the changes without faults: to the end of the sweep that was interrupted, then of a whole one."""
        async with self.client() as attio:
            await self._follow(attio)
            await self._follow(attio)

    async def _repeat(self, end: float, name: str, action: Callable[[], Awaitable[None]]) -> None:
        while time.monotonic() < end:
            await self._may_act.wait()
            self.actions[name] += 1
            task = asyncio.ensure_future(action())
            self._under_way.add(task)
            if self.chance.random() < 0.3:
                await asyncio.wait([task], timeout=self.chance.expovariate(20))
                self._cancel(task)
            await self._end_of(name, task)
            self._under_way.discard(task)
            del task
            await asyncio.sleep(PAUSE_S)

    async def _work_on_jobs(self, end: float) -> None:
        while time.monotonic() < end:
            self.actions["job"] += 1
            await self._end_of("job", self._job())
            await asyncio.sleep(JOB_PAUSE_S)

    async def _end_of(self, name: str, action: Awaitable[None]) -> None:
        try:
            await action
        except asyncio.CancelledError:
            pass
        except AttioError as error:
            self.failures[type(error).__name__] += 1
        except BaseException as error:  # noqa: BLE001 - it is counted
            self.foreign[f"{name}: {type(error).__name__}: {error}"[:200]] += 1

    def _cancel(self, task: "asyncio.Future[None]") -> None:
        self.cancelled += not task.done()
        task.cancel()

    async def _upsert(self, attio: Attio) -> None:
        domain = f"u{next(self.numbers)}.example.com"
        await attio.companies.upsert({"name": domain, "domains": [domain]}, match="domains")
        self.note("record", domain)

    async def _create_task(self, attio: Attio) -> None:
        content = f"task {next(self.numbers)}"
        await attio.tasks.create(content)
        self.note("task", content)

    async def _delete_old(self, attio: Attio) -> None:
        tasks = await attio.tasks.list()
        for task in tasks[:-MAX_TASKS]:
            self.note("gone-task", f"{task.id.task_id} {task.content_plaintext}")
            await attio.tasks.delete(task)
        more = min(self.companies - MAX_COMPANIES, MAX_DELETES)
        if more > 0:
            old = await attio.companies.query(sorts=asc("created_at"), limit=more)
            for record in old:
                self.note("gone", f"{record.id} {record['domains'][0]}")
            self.companies -= more  # until the next sweep has counted them
            await attio.companies.delete_many([record.id for record in old])

    async def _read_pages(self, attio: Attio) -> None:
        async with attio.companies.query(page_size=50, limit=200).pages(prefetch=2) as pages:
            async for _ in pages:
                pass

    async def _get_many(self, attio: Attio) -> None:
        found = await attio.companies.query(limit=20)
        await attio.companies.get_many([record.id for record in found])

    async def _export(self, attio: Attio) -> None:
        form = self.chance.choice(["csv", "jsonl"])
        name = f"export{next(self.numbers) % 3}.{form}"
        await attio.companies.export(self.folder / name, resume=self.chance.random() < 0.5)

    async def _follow(self, attio: Attio) -> None:
        async with attio.feed(self.folder / "changes.db", objects={"companies": ["domains"]}) as feed:
            async for change in feed:
                await change.ack()
                self.known += isinstance(change, Created) - isinstance(change, Deleted)
                if isinstance(change, Created):
                    self.note("change", change.record_id)
        self.companies = self.known

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
        log.unlink(missing_ok=True)
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
            if process.exitcode not in (KILLED, REFUSED):
                self.foreign[f"a worker ended with {process.exitcode}"] += 1
        failed: set[int] = set()
        for line in log.read_text().splitlines() if log.exists() else []:
            word, *rest = line.split(" ")
            if word == "told":
                self.note("row", f"b{number}-{rest[0]}")
            if word == "letter":
                failed.add(int(rest[0]))
        if process.exitcode == 0:
            for row in set(range(BULK_ROWS)) - failed:
                self.note("record", f"b{number}-{row}.example.com")
        process.close()

    async def _measure(self, end: float) -> None:
        begin = time.monotonic()
        while time.monotonic() < end:
            await asyncio.sleep(SAMPLE_S)
            self._may_act.clear()
            if self._under_way:
                await asyncio.wait(self._under_way, timeout=QUIET_S)
            for task in [*self._under_way]:
                self._cancel(task)
            while self._under_way:  # noqa: ASYNC110 - each task tells when it has ended
                await asyncio.sleep(0.01)
            self.samples.append(measured(time.monotonic() - begin))
            self._may_act.set()


def measured(seconds: float) -> Sample:
    """Return what this process holds, after a garbage collection."""
    gc.collect()
    pages = int(_STATM.read_text().split()[1])
    return Sample(
        seconds,
        resident=pages * os.sysconf("SC_PAGE_SIZE"),
        heap=_heap_bytes(),
        blocks=sys.getallocatedblocks(),
        files=sum(1 for _ in os.scandir("/proc/self/fd")),
    )


def _heap_bytes() -> int:
    figures = getattr(ctypes.CDLL(None), "mallinfo2", None)  # of glibc from 2.33
    if figures is None:
        return 0
    figures.restype = _HeapFigures
    found = figures()
    return int(found.used + found.mapped)


async def problems_of(soak: Soak, done: dict[str, Counter[str]]) -> dict[str, int]:
    """Compare the workspace with what was reported as done."""
    async with soak.client() as attio:
        gone = dict(line.split(" ") for line in done["gone"])
        domains = Counter(gone.values())
        ids: list[str] = []
        async for record in attio.companies.scan():
            if record.id not in gone:
                domains.update(str(domain) for domain in record.get("domains") or ())
            ids.append(record.id)
        tasks = dict(line.split(" ", 1) for line in done["gone-task"])
        tasks |= {str(task.id.task_id): task.content_plaintext async for task in attio.tasks.list()}
    contents = Counter(tasks.values())
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
    _return_freed_memory()
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
    print(f"{seconds:g} s, seed {seed}: {dict(soak.actions)}")
    print(f"{soak.cancelled} cancelled, {soak.kills} workers killed")
    print(f"reported as done: {', '.join(f'{len(names)} {kind}' for kind, names in done.items())}")
    print(f"failures: {dict(soak.failures)}")
    found |= growth_in(soak.samples, after=min(WARM_UP_S, seconds * 0.4))
    for name, times in found.items():
        print(f"{times:>6} {name}")
    for text, times in soak.foreign.most_common(10):
        print(f"       {times} x {text}")
    return 0 if not any(found.values()) else 1


def growth_in(samples: list[Sample], *, after: float) -> dict[str, int]:
    """Print how memory and open files developed, and return which of them grew."""
    warm = [sample for sample in samples if sample.seconds >= after]
    if len(warm) < MIN_SAMPLES:
        print(f"{len(warm)} samples after {after:g} s are too few to tell growth")
        return {}
    resident = statistics.median(sample.resident for sample in warm)
    blocks = statistics.median(sample.blocks for sample in warm)
    percent = {
        "resident memory": _per_10_minutes([(each.seconds, each.resident) for each in warm]) / resident,
        "heap": _per_10_minutes([(each.seconds, each.heap) for each in warm]) / resident,
        "blocks": _per_10_minutes([(each.seconds, each.blocks) for each in warm]) / blocks,
    }
    third = len(warm) // 3
    files = [sample.files for sample in warm]
    more_files = max(files[-third:]) - max(files[:third])
    print(f"{len(warm)} samples after {after:g} s: {resident / 2**20:.1f} MiB resident, {blocks:,.0f} blocks")
    print("growth per 10 minutes:", ", ".join(f"{name} {each:+.2%}" for name, each in percent.items()))
    print(
        "MiB by seconds:",
        *(f"{each.seconds:.0f}:{each.resident / 2**20:.1f}" for each in samples[::SHOWN_EVERY]),
    )
    print(f"open files {min(files)} to {max(files)}, {more_files:+d} from the first third to the last")
    grown = {f"{name} grew": each >= MAX_GROWTH for name, each in percent.items()}
    return {**grown, "open files grew": more_files > MAX_MORE_FILES}


def _per_10_minutes(samples: list[tuple[float, int]]) -> float:
    return 600 * theil_sen(samples)


def _return_freed_memory() -> None:
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # of glibc
    for parameter, value in _ALLOCATOR.items() if mallopt else ():
        mallopt(parameter, value)


if __name__ == "__main__":
    sys.exit(main(*map(float, sys.argv[1:2]), *map(int, sys.argv[2:3])))
