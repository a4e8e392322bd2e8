"""Exporting 50,000 people, with some thirty attributes each, to every format, and sweeping 10,000 for changes.

The server is in the process and answers at once, and the time is that of the processor, so the figures are the client's
own. What scanning alone takes, without a file, is told beside them.
"""

import json
import re
import tempfile
import time
from bisect import bisect_left
from pathlib import Path

import anyio
import httpx

import people
from attio_async import Attio
from harness import GoalLine

ROWS = 50_000
SWEPT = 10_000
ALIKE = 1_000
"""Rows after which the people repeat, under other ids."""

BOUND = re.compile(rb'"\$(gte|lt)":"([^"]+)"')


def stamp(number: int) -> str:
    return f"2026-01-01T00:00:{number // 1000:02}.{number % 1000:03}000000Z"


class ExportServer:
    """Answers a scan: people created one millisecond after the other."""

    def __init__(self, total: int = ROWS) -> None:
        self.total = total
        self.people = []
        self.stamps = [stamp(number) for number in range(total)]
        for number in range(ALIKE):
            found = people.person(number)
            found["created_at"] = "CREATED"
            self.people.append(json.dumps(found, separators=(",", ":")))

    def row(self, number: int) -> str:
        text = self.people[number % ALIKE].replace("CREATED", stamp(number), 1)
        return text.replace(people.MARK, f"-4aaa-8{number // ALIKE:03}-")

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v2/self":
            return httpx.Response(200, json={"active": True, "workspace_id": people.WORKSPACE, "scope": ""})
        if request.method == "GET":
            return httpx.Response(200, content=people.attributes())
        bounds = {name: text.decode() for name, text in BOUND.findall(request.content)}
        start = bisect_left(self.stamps, bounds.get(b"gte", ""))
        end = bisect_left(self.stamps, bounds.get(b"lt", "~"))
        rows = ",".join(map(self.row, range(start, min(start + 500, end))))
        return httpx.Response(200, content=f'{{"data":[{rows}]}}'.encode())


async def scanned(server: ExportServer) -> float:
    started = time.process_time()
    async with Attio("x", transport=httpx.MockTransport(server.answer)) as attio:
        assert len([0 async for _ in attio.people.scan()]) == ROWS
    return time.process_time() - started


async def exported(server: ExportServer, path: Path, *, resume: bool = False) -> float:
    started = time.process_time()
    async with Attio("x", transport=httpx.MockTransport(server.answer)) as attio:
        result = await attio.people.export(path, resume=resume)
    assert result.records == ROWS
    return time.process_time() - started


async def swept(server: ExportServer, path: Path) -> float:
    """Measure a sweep that finds no changes."""
    started = time.process_time()
    async with (
        Attio("x", transport=httpx.MockTransport(server.answer)) as attio,
        attio.feed(path, objects=["people"], baseline=True) as feed,
    ):
        assert [change async for change in feed] == []
    return time.process_time() - started


def lines() -> list[GoalLine]:
    server = ExportServer()
    alone = anyio.run(scanned, server)
    found = [
        GoalLine(f"scan of {ROWS:,} people, no file", f"{ROWS / alone:,.0f} rows per CPU s", "for comparison")
    ]
    with tempfile.TemporaryDirectory() as folder:
        for name in ("people.jsonl", "people.csv", "people.parquet"):
            path = Path(folder) / name
            seconds = anyio.run(exported, server, path)
            size = path.stat().st_size / 1e6
            found.append(
                GoalLine(
                    f"  export to {path.suffix[1:]}",
                    f"{ROWS / seconds:,.0f} rows per CPU s, {size:.0f} MB",
                    "",
                )
            )
        seconds = anyio.run(lambda: exported(server, Path(folder) / "kept.jsonl", resume=True))
        found.append(GoalLine("  export to jsonl, resumable", f"{ROWS / seconds:,.0f} rows per CPU s", ""))
        fewer, state = ExportServer(SWEPT), Path(folder) / "people.db"
        first, again = anyio.run(swept, fewer, state), anyio.run(swept, fewer, state)
        size = state.stat().st_size / 1e6
    found.append(
        GoalLine(
            f"sweep of {SWEPT:,} people that takes stock",
            f"{SWEPT / first:,.0f} rows per CPU s, {size:.0f} MB",
            "",
        )
    )
    found.append(GoalLine("  again, nothing changed", f"{SWEPT / again:,.0f} rows per CPU s", ""))
    return found
