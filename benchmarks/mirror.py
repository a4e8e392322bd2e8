"""Mirroring 50,000 people, with some thirty attributes each, 0.3 s away and under a limit of 100 reads a second.

The server is in the process; the time of its processor is left out of the figures per CPU second. The memory is that of a
process of its own, above what it has after importing DuckDB alone, with a server in another one.

    python benchmarks/mirror.py memory ROWS    the memory and seconds of the first refresh and of one with nothing changed
"""

import asyncio
import gzip
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import anyio
import duckdb
import httpx

import people
from attio_async import Attio
from attio_async.testing import FakeAttio
from clients import HERE, PEERS, installed
from harness import GoalLine
from page_server import PageConnection

ROWS = 50_000
RELOADED = 5_000
PAGE = 500
LATENCY_S = 0.3
ALIKE = 1_000
"""Rows after which the people repeat, under other ids."""
PARALLEL = 32
"""As mirrors do."""
FIRST = datetime(2025, 1, 1, tzinfo=UTC)
ROUNDS = 3
SHARE, MEMORY_MB = 1.1, 200
ALONE = (
    "import duckdb, re; print(int(re.findall(r'VmHWM:.*?(\\d+)', open('/proc/self/status').read())[0]) / 1e3)"
)
"""A program that prints the MB of a process that has imported DuckDB alone."""

BOUND = re.compile(rb'"\$(gte|lt)":"([^"]+)"')
NUMBER = re.compile(rb'"(offset|limit)": ?(\d+)')


class People:
    """Answers scans of people who were created over a year."""

    def __init__(self, total: int, latency: float = LATENCY_S) -> None:
        self.total = total
        self.latency = latency
        self.cpu = 0.0
        self.step = timedelta(days=365) / total
        self.people = []
        for number in range(ALIKE):
            found = people.person(number)
            found["created_at"] = "CREATED"
            self.people.append(json.dumps(found, separators=(",", ":")))
        fake = FakeAttio()
        self.objects = fake.handle("GET", "/v2/objects", {"Authorization": f"Bearer {fake.token}"}, b"").body

    def client(self) -> Attio:
        return Attio("x", transport=httpx.MockTransport(self.answer))

    async def answer(self, request: httpx.Request) -> httpx.Response:
        await anyio.sleep(self.latency)
        started = time.thread_time()
        content = self.content(request.url.path, request.content)
        self.cpu += time.thread_time() - started
        return httpx.Response(200, content=content)

    def content(self, path: str, content: bytes) -> bytes:
        if path == "/v2/self":
            return json.dumps({"active": True, "workspace_id": people.WORKSPACE, "scope": ""}).encode()
        if path == "/v2/objects":
            return self.objects
        if not content:
            return people.attributes()
        bounds = {name: text.decode() for name, text in BOUND.findall(content)}
        sizes = {name: int(text) for name, text in NUMBER.findall(content)}
        first = self.place(bounds.get(b"gte"), 0) + sizes.get(b"offset", 0)
        last = min(self.place(bounds.get(b"lt"), self.total), first + sizes.get(b"limit", PAGE))
        return f'{{"data":[{",".join(map(self.row, range(first, last)))}]}}'.encode()

    def body(self, path: str, content: bytes, total: int) -> bytes:
        """Return an answer as it is served, gzipped."""
        del total
        return gzip.compress(self.content(path, content), 1)

    def place(self, stamp: str | None, without: int) -> int:
        """Return the number of the first person who was created at a moment or later."""
        if stamp is None:
            return without
        return min(max(0, -(-(datetime.fromisoformat(stamp) - FIRST) // self.step)), self.total)

    def row(self, number: int) -> str:
        created = FIRST + self.step * number
        text = self.people[number % ALIKE].replace("CREATED", f"{created:%Y-%m-%dT%H:%M:%S.%f}000Z", 1)
        return text.replace(people.MARK, f"-4aaa-8{number // ALIKE:03}-")


async def scanned(server: People) -> tuple[float, float]:
    """Return the seconds of reading alone what a refresh reads, and those of the client's processor."""
    async with server.client() as attio:
        started, cpu, theirs = time.perf_counter(), time.process_time(), server.cpu
        await attio.identify()
        await attio.objects.list()
        await attio.people.schema()
        async with attio.people.scan(parallel=PARALLEL) as scan:
            assert sum([len(page) async for page in scan.pages()]) == server.total
        return time.perf_counter() - started, time.process_time() - cpu - (server.cpu - theirs)


async def refreshed(server: People, path: Path, *, created: int) -> tuple[float, float]:
    """Return the seconds of a refresh, and those of the client's processor."""
    started, cpu, theirs = time.perf_counter(), time.process_time(), server.cpu
    async with server.client() as attio:
        assert await refresh(attio, path) == (server.total, created)
    return time.perf_counter() - started, time.process_time() - cpu - (server.cpu - theirs)


async def refresh(attio: Attio, path: Path) -> tuple[int, int]:
    """Refresh a mirror, and return how many rows were read, and how many of them are new."""
    async with attio.mirror(path, objects=["people"], lists=(), also=()) as mirror:
        (table,) = (await mirror.refresh()).tables
        return table.read, table.rows.created


async def reloaded(server: People, path: Path) -> float:
    """Return the seconds of a loop of httpx that loads everything into a new table, as connectors do."""
    started = time.perf_counter()
    with duckdb.connect(str(path)) as database:
        database.execute("CREATE OR REPLACE TABLE people (record JSON)")
        async with httpx.AsyncClient(transport=httpx.MockTransport(server.answer)) as client:
            offset, size = 0, PAGE
            while size == PAGE:
                body = {"limit": PAGE, "offset": offset}
                url = "https://api.attio.com/v2/objects/people/records/query"
                rows: list[Any] = (await client.post(url, json=body)).json()["data"]
                if rows:
                    database.executemany("INSERT INTO people VALUES (?)", [[json.dumps(row)] for row in rows])
                offset, size = offset + len(rows), len(rows)
        assert offset == server.total
    return time.perf_counter() - started


async def serve(rows: int) -> None:
    """Serve people on the loopback, print where, and end with the standard input."""
    server, loop = People(rows), asyncio.get_running_loop()
    listener = await loop.create_server(lambda: PageConnection(server), "127.0.0.1", 0, backlog=1024)
    async with listener:
        print(listener.sockets[0].getsockname()[1], flush=True)
        await loop.run_in_executor(None, sys.stdin.read)


@contextmanager
def served(rows: int) -> Iterator[str]:
    """Serve people in another process, and return where."""
    command = [sys.executable, __file__, "serve", str(rows)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        yield f"http://127.0.0.1:{server.stdout.readline().strip()}"
        server.stdin.close()


def loaded_by_dlt() -> float | None:
    """Return the seconds of a reload by dlt's REST source; None if dlt is not installed."""
    if find_spec("dlt") is None:
        return None
    with tempfile.TemporaryDirectory() as folder, served(RELOADED) as url:
        command = [sys.executable, str(PEERS / "dlt_reload.py"), f"{url}/delay={LATENCY_S}", str(RELOADED)]
        done = subprocess.run(command, cwd=folder, capture_output=True, check=True, text=True)
    return float(done.stdout.split()[-1])


def loaded_by_ingestr() -> float | None:
    """Return the seconds of a reload by ingestr's source for Attio; None if ingestr cannot be installed."""
    try:
        program = installed("ingestr", PEERS / "ingestr.txt") / "bin" / "ingestr"
    except subprocess.CalledProcessError:
        return None
    command = [sys.executable, str(PEERS / "ingestr_reload.py"), str(program), str(RELOADED), str(LATENCY_S)]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    return float(done.stdout.split()[-1])


def memory(rows: int) -> list[float]:
    """Return the MB above DuckDB alone after a first refresh and its seconds, those of one with nothing changed, and the file's MB."""
    with tempfile.TemporaryDirectory() as folder, served(rows) as url:
        alone, figures = (
            json.loads(subprocess.run(command, cwd=folder, capture_output=True, check=True).stdout)
            for command in (
                [sys.executable, "-c", ALONE],
                [sys.executable, str(HERE / "mirror_memory.py"), url, str(rows)],
            )
        )
    first, seconds, later, seconds_later, size = figures
    return [first - alone, seconds, later - alone, seconds_later, size]


def lines() -> list[GoalLine]:
    server = People(ROWS)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "crm.duckdb"
        first, first_cpu = anyio.run(lambda: refreshed(server, path, created=ROWS))
        size = path.stat().st_size / 1e6
        alone, again = [], []
        for _ in range(ROUNDS):
            alone.append(anyio.run(scanned, server))
            again.append(anyio.run(lambda: refreshed(server, path, created=0)))
        few = People(RELOADED)
        reload = anyio.run(reloaded, few, Path(folder) / "plain.duckdb")
    by_dlt, by_ingestr = loaded_by_dlt(), loaded_by_ingestr()
    ratio = min(again)[0] / min(alone)[0]
    cpu = [min(one[1] for one in each) for each in (alone, again)]
    most, _, later, *_ = memory(ROWS)
    return [
        GoalLine(
            f"mirror of {ROWS:,} people, {LATENCY_S:g} s away: first refresh",
            f"{first:.1f} s, {ROWS / first_cpu:,.0f} rows per CPU s, {size:.0f} MB",
            "",
        ),
        GoalLine(f"  reading alone, {PARALLEL} pages at once", f"{min(alone)[0]:.1f} s", "for comparison"),
        GoalLine(
            "  refresh with nothing changed",
            f"{min(again)[0]:.1f} s, {ratio:.2f} of reading",
            f"at most {SHARE}",
            met=ratio <= SHARE,
        ),
        GoalLine("  of the processor", f"{cpu[1]:.1f} s, reading alone {cpu[0]:.1f} s", ""),
        GoalLine(
            "  memory above that of DuckDB alone",
            f"{most:.0f} MB at first, {later:.0f} MB later",
            f"at most {MEMORY_MB} MB",
            met=most <= MEMORY_MB,
        ),
        GoalLine(
            f"  {RELOADED:,} people by a loop of httpx that reloads all",
            f"{reload:.1f} s, each time",
            "for comparison",
        ),
        GoalLine(
            f"  {RELOADED:,} people by dlt's REST source, which reloads all",
            "not installed" if by_dlt is None else f"{by_dlt:.1f} s, each time",
            "for comparison",
        ),
        GoalLine(
            f"  {RELOADED:,} people by ingestr's source for Attio, which reloads all",
            "cannot be installed" if by_ingestr is None else f"{by_ingestr:.1f} s, each time",
            "for comparison",
        ),
    ]


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        asyncio.run(serve(int(sys.argv[2])))
    else:
        print(memory(int(sys.argv[2])))
