"""Run twenty tenants on four workers, kill some of them, and check that nothing is lost or doubled.

    make demo-engine                    in a clone; or, in its folder `examples`:
    python -m many_tenants [--rows 25] [--port 8799] [--stay]

Everything is on this machine and gone afterwards: PostgreSQL, Redis, a fake workspace for each tenant, the workers, and a
page to look at. Exits with 1 if something was lost or doubled.
"""
# ruff: noqa: T201 - a program that prints

import argparse
import asyncio
import csv
import importlib
import json
import logging
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Mount

from attio_async.engine import Engine, Overview
from attio_async.testing import FakeAttio, Limits

from . import servers

TENANTS = [f"tenant-{number:02}" for number in range(1, 21)]
REVOKED = "tenant-07"
"""Its token is revoked in the beginning, and replaced later."""
_TIMEOUT_S = 600.0
_TICK_S = 0.2
_TOLD_EVERY_S = 3.0


class Workers:
    """The worker processes."""

    def __init__(self, count: int, log: Path) -> None:
        self.kills = 0
        self._log = log
        self._processes = [self._start() for _ in range(count)]

    def kill(self, number: int) -> None:
        """Kill a worker, which finishes nothing, and start another one."""
        self._processes[number].kill()
        self._processes[number].wait()
        self.kills += 1
        self._processes[number] = self._start()

    def stop(self) -> list[int]:
        """Let the workers drain, and return their exit codes."""
        for process in self._processes:
            process.send_signal(signal.SIGTERM)
        return [process.wait(60) for process in self._processes]

    def end(self) -> None:
        """End what is left of them."""
        for process in self._processes:
            if process.poll() is None:
                process.kill()
                process.wait()

    def _start(self) -> "subprocess.Popen[bytes]":
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "many_tenants", "--worker"], stdout=log, stderr=log
            )


class Workspaces:
    """A fake workspace for each tenant, and the rows that it should have."""

    def __init__(self, folder: Path, rows: int) -> None:
        self.fakes = {
            name: FakeAttio(token=secrets.token_hex(16), limits=Limits(window="sliding")) for name in TENANTS
        }
        self.rows = {name: _companies(name, rows) for name in TENANTS}
        self._folder = folder
        self._urls: dict[str, str] = {}
        self._secrets = {name: secrets.token_hex(16) for name in TENANTS}
        self._tokens = {name: fake.token for name, fake in self.fakes.items()}

    @contextmanager
    def served(self) -> Iterator[None]:
        """Serve the fakes, and write the files that the workers read."""
        with ExitStack() as stack:
            for name, fake in self.fakes.items():
                self._urls[name] = stack.enter_context(fake.serve()).url
                hook = {"target_url": "https://example.com/hooks", "secret": self._secrets[name]}
                fake.fill(
                    {
                        "webhooks": [
                            {**hook, "subscriptions": [{"event_type": "record.created", "filter": None}]}
                        ]
                    }
                )
                with (self._folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                    writer = csv.DictWriter(file, ("name", "domains"))
                    writer.writeheader()
                    writer.writerows(self.rows[name])
            self._write()
            yield

    def revoke(self, name: str) -> None:
        """Revoke the token of a tenant."""
        self.fakes[name].auth.revoke_token(self._tokens[name])

    def replace(self, name: str) -> None:
        """Give a tenant another token."""
        self._tokens[name] = self.fakes[name].auth.add_token(secrets.token_hex(16))
        self._write()

    async def deliver(self, url: str) -> None:
        """Deliver the webhooks that are due."""
        async with asyncio.TaskGroup() as group:
            for name, fake in self.fakes.items():
                if fake.webhooks.queued:
                    group.create_task(fake.webhooks.deliver(to=f"{url}/hooks/{name}"))

    def _write(self) -> None:
        tenants = {
            name: {"url": self._urls[name], "token": self._tokens[name], "secret": self._secrets[name]}
            for name in TENANTS
        }
        new = self._folder / "tenants.new"
        new.write_text(json.dumps(tenants), encoding="utf-8")
        new.replace(self._folder / "tenants.json")

    def found(self, name: str) -> list[tuple[str, str]]:
        """Return the name and description of each company in a workspace."""
        records = self.fakes[name].records("companies")
        return [(str(_text(each, "name")), str(_text(each, "description"))) for each in records]


class Demo:
    """The demo: what happens, and what is said about it.

    Args:
        engine: The engine.
        workspaces: The workspaces of its tenants.
        workers: Its workers.
        url: Where the page and the webhooks are.
    """

    def __init__(self, engine: Engine, workspaces: Workspaces, workers: Workers, url: str) -> None:
        self._engine = engine
        self._workspaces = workspaces
        self._workers = workers
        self._url = url
        self._total = sum(map(len, workspaces.rows.values()))
        self._began = time.monotonic()

    async def run(self) -> bool:
        """Do it; return True if everything was done in time."""
        side = [asyncio.create_task(self._deliver()), asyncio.create_task(self._tell())]
        try:
            return await self._kill_and_wait()
        finally:
            for task in side:
                task.cancel()
            await asyncio.wait(side)

    async def _kill_and_wait(self) -> bool:
        await self._until("a third is written", lambda: self._created() > self._total / 3)
        self._workers.kill(0)
        print("killed a worker, and started another one", flush=True)
        await self._until("two thirds are written", lambda: self._created() > self._total * 2 / 3)
        self._workers.kill(1)
        print("killed a second worker, and started another one", flush=True)
        self._workspaces.replace(REVOKED)
        await self._engine.tenants.resume(REVOKED)
        await self._engine.run("push", REVOKED)
        print(f"gave {REVOKED} another token, and resumed it", flush=True)
        return await self._until("everything is done", self._is_done)

    async def _until(self, what: str, condition: Callable[[], bool]) -> bool:
        """Wait until something is so; return False if time is up before."""
        while not condition():
            if time.monotonic() - self._began > _TIMEOUT_S:
                print(f"time is up before {what}")
                return False
            await asyncio.sleep(_TICK_S)
        return True

    async def _deliver(self) -> None:
        """Deliver webhooks, as Attio does."""
        while True:
            await self._workspaces.deliver(self._url)
            await asyncio.sleep(_TICK_S)

    async def _tell(self) -> None:
        """Print the state."""
        while True:
            counts = (await self._engine.overview()).counts
            states = [
                f"{counts[name]} {name}"
                for name in ("running", "queued", "waiting", "paused")
                if counts.get(name)
            ]
            print(
                f"{self._created():>5} of {self._total} companies, {', '.join(states) or 'idle'}", flush=True
            )
            await asyncio.sleep(_TOLD_EVERY_S)

    def _created(self) -> int:
        return sum(len(fake.records("companies")) for fake in self._workspaces.fakes.values())

    def _is_done(self) -> bool:
        from .app import greeting  # noqa: PLC0415 - needs the settings

        return all(
            self._workspaces.found(name).count((row["name"], greeting(row["name"]))) == 1
            for name, rows in self._workspaces.rows.items()
            for row in rows
        )


def summary(workspaces: Workspaces, overview: Overview, kills: int) -> bool:
    """Print what came of everything; return True if nothing was lost or doubled."""
    from .app import greeting  # noqa: PLC0415 - needs the settings

    lost = doubled = undone = writes = limited = 0
    for name, rows in workspaces.rows.items():
        found = workspaces.found(name)
        times = Counter(company for company, _ in found)
        lost += sum(not times[row["name"]] for row in rows)
        doubled += len(found) - len(times)
        undone += len(rows) - len({(row["name"], greeting(row["name"])) for row in rows} & set(found))
        calls = [call for call in workspaces.fakes[name].calls if call.method in {"POST", "PUT", "PATCH"}]
        writes += len([call for call in calls if not call.path.endswith("/query")])
        limited += sum(call.status == 429 for call in workspaces.fakes[name].calls)  # noqa: PLR2004 - HTTP
    dead = overview.counts.get("dead", 0)
    print(
        f"\n{len(workspaces.rows)} tenants, {sum(map(len, workspaces.rows.values()))} companies, {writes} writes,"
        f" {limited} rate-limited, {kills} workers killed"
        f"\n{lost} lost, {doubled} doubled, {undone} webhooks without effect, {dead} dead letters"
    )
    return not (lost or doubled or undone or dead)


def _companies(tenant: str, count: int) -> list[dict[str, str]]:
    return [
        {"name": f"Company {number} of {tenant}", "domains": f"c{number}.{tenant}.example.com"}
        for number in range(count)
    ]


def _text(record: dict[str, Any], attribute: str) -> str:
    values = record["values"].get(attribute) or [{"value": ""}]
    return str(values[0]["value"])


@asynccontextmanager
async def _web(engine: Engine, port: int) -> AsyncGenerator[str]:
    """Serve the page and the webhooks on this machine."""
    from .app import secret_of  # noqa: PLC0415 - needs the settings

    def is_local(request: Request) -> bool:
        """Say who may look: here, those on this machine. A program of your own looks at its session."""
        return request.client is not None and request.client.host == "127.0.0.1"

    routes = [
        Mount("/engine", engine.status(auth=is_local)),
        Mount("/hooks", engine.webhooks(secrets=secret_of)),
    ]
    config = uvicorn.Config(Starlette(routes=routes), host="127.0.0.1", port=port, log_config=None)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    try:
        while not server.started:
            if serving.done():
                raise OSError(f"port {port} is taken: give another one with --port")
            await asyncio.sleep(0.02)
        (socket,) = server.servers[0].sockets
        yield f"http://127.0.0.1:{socket.getsockname()[1]}"
    finally:
        server.should_exit = True
        await asyncio.wait([serving])


async def demo(folder: Path, workspaces: Workspaces, port: int, *, stay: bool) -> bool:
    """Start everything, run the demo, and return True if nothing was lost or doubled."""
    app = importlib.import_module(".app", __package__)
    engine: Engine = app.engine
    workspaces.revoke(REVOKED)
    async with engine, _web(engine, port) as url:
        await engine.init()
        for name in TENANTS:
            await engine.tenants.add(name)
        print(f"{len(TENANTS)} tenants on {app.WORKERS} workers; look at {url}/engine/", flush=True)
        workers = Workers(app.WORKERS, folder / "workers.log")
        try:
            done = await Demo(engine, workspaces, workers, url).run()
            overview = await engine.overview()
            if stay:
                print(f"everything is done; {url}/engine/ stays until you press Ctrl-C")
                await asyncio.Event().wait()
            codes = await asyncio.to_thread(workers.stop)
        finally:
            workers.end()
        is_right = summary(workspaces, overview, workers.kills)
        if any(codes) or not (done and is_right):
            print(
                (folder / "workers.log").read_text(encoding="utf-8", errors="replace")[-5_000:],
                file=sys.stderr,
            )
            return False
        return True


async def work() -> None:
    """Be a worker."""
    app = importlib.import_module(".app", __package__)
    logging.basicConfig(level=logging.WARNING, format="%(process)d %(levelname)s %(message)s")
    async with app.engine as engine:
        await engine.work(concurrency=10)


def main() -> int:
    """Run the demo, or one of its workers."""
    parser = argparse.ArgumentParser("python -m many_tenants", description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=25, help="companies of each tenant")
    parser.add_argument("--port", type=int, default=8799, help="the port of the page; 0 for any free one")
    parser.add_argument("--stay", action="store_true", help="leave the page up until Ctrl-C")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.worker:
        asyncio.run(work())
        return 0
    with tempfile.TemporaryDirectory(prefix="many-tenants-") as name, ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o711)  # PostgreSQL has a user of its own
        try:
            postgres = stack.enter_context(servers.postgres(folder))
            redis = stack.enter_context(servers.redis(folder))
        except servers.ServerMissing as missing:
            print(missing, file=sys.stderr)
            return 1
        os.environ |= {"DEMO_FOLDER": name, "DEMO_POSTGRES": postgres, "DEMO_REDIS": redis}
        workspaces = Workspaces(folder, given.rows)
        stack.enter_context(workspaces.served())
        try:
            return 0 if asyncio.run(demo(folder, workspaces, given.port, stay=given.stay)) else 1
        except KeyboardInterrupt:
            return 0 if given.stay else 130
        except OSError as error:
            print(error, file=sys.stderr)
            return 1


if __name__ == "__main__":
    sys.exit(main())
