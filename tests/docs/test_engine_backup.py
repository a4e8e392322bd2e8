"""The commands of the page on backups, on a real PostgreSQL: jobs go on in the restored database."""

import asyncio
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.engine.support import Fakes
from tests.postgres import programs, running_postgres

from attio_async import Attio, Outcome
from attio_async.bulk import BulkReport, PostgresJournal, PostgresSyncState, SyncReport
from attio_async.engine import Engine, Job
from attio_async.webhooks import Delivery, PostgresStore

pytestmark = [pytest.mark.anyio, pytest.mark.full]

TEXT = (Path(__file__).parents[2] / "docs" / "engine-backup.md").read_text(encoding="utf-8")
ROWS = [{"name": f"Company {number}", "domains": f"c{number}.example.com"} for number in range(20)]


KEYLESS = [{"name": f"Company {number}"} for number in range(5)]
"""Rows that would be there twice if they were sent twice."""


@pytest.fixture
def anyio_backend() -> str:
    """Engines run on asyncio alone."""
    return "asyncio"


@pytest.fixture
def database() -> Iterator[str]:
    with running_postgres() as conninfo:
        yield conninfo


def back_up_and_restore(database: str, folder: Path) -> str:
    """Run the commands of the page, and return the connection string of the restored database."""
    restored = database.replace("dbname=postgres", "dbname=engine_restored")
    environment = {
        **os.environ,
        "PATH": f"{programs()}{os.pathsep}{os.environ['PATH']}",
        "DATABASE_URL": database,
        "RESTORED_URL": restored,
    }
    commands = re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)
    assert len(commands) == 2
    for command in commands:
        subprocess.run(["sh", "-euc", command], check=True, cwd=folder, env=environment)
    return restored


async def upsert(attio: Attio, database: str, *, stop_after: int = 1_000) -> BulkReport:
    """Upsert the rows, and stop after some of them."""

    def on_outcome(outcome: Outcome) -> None:
        if outcome.index >= stop_after:
            job.stop()

    async with PostgresJournal(database, job="upsert") as journal:
        job = attio.companies.upsert_many(
            ROWS, match="domains", journal=journal, workers=1, on_outcome=on_outcome
        )
        return await job


async def sync(attio: Attio, database: str, count: int) -> SyncReport:
    rows = [{"domains": row["domains"], "name": "Synced"} for row in ROWS[:count]]
    state = PostgresSyncState(database, name="names")
    return await attio.companies.sync_to(
        rows, match="domains", owned=["name"], missing="delete", state=state, max_missing_ratio=1
    )


def new_engine(database: str, fakes: Fakes, is_broken: list[bool]) -> Engine:
    engine = Engine(database, tokens=fakes.token, tenant_options=fakes.options)

    @engine.job(backoff=0.001, max_backoff=0.001)
    async def push(job: Job) -> None:
        await job.attio.companies.create_many(KEYLESS, **job.durable)
        if is_broken:
            raise RuntimeError(is_broken)

    return engine


async def work(engine: Engine) -> None:
    await asyncio.wait_for(engine.work(wait=False, signals=False), 30)


async def test_a_restored_database_goes_on_where_the_dump_was_made(database: str, tmp_path: Path) -> None:
    fakes = Fakes(latency=0.0)
    jobs, syncs = fakes["jobs"].client(), fakes["syncs"].client()
    first = await upsert(jobs, database, stop_after=5)
    assert 0 < first.created < 20
    assert (await sync(syncs, database, 6)).created == 6
    store = PostgresStore(database, name="hooks")
    await store.add(Delivery(key="a", body=b"{}", received_at=1.0))
    await store.aclose()
    async with new_engine(database, fakes, [True]) as engine:
        await engine.init()
        await engine.tenants.add("acme")
        await engine.run("push", "acme")
        await work(engine)
        (run,) = (await engine.overview()).runs
        assert run.state == "dead"

    restored = back_up_and_restore(database, tmp_path)

    second = await upsert(jobs, restored)
    assert (second.created, second.resumed, second.failed) == (20, first.created, 0)
    assert len(fakes["jobs"].records("companies")) == 20
    report = await sync(syncs, restored, 4)
    assert (report.unchanged, report.deleted) == (4, 2)
    store = PostgresStore(restored, name="hooks")
    assert await store.pending() == ["a"]
    await store.aclose()
    async with new_engine(restored, fakes, []) as engine:
        await engine.init()
        await engine.retry(run.run)
        await work(engine)
        (again,) = (await engine.overview()).runs
        assert (again.run, again.state) == (run.run, "succeeded")
    assert len(fakes["acme"].records("companies")) == 5


async def test_the_page_names_the_tables(database: str) -> None:
    fakes = Fakes()
    await sync(fakes["syncs"].client(), database, 1)
    store = PostgresStore(database, name="hooks")
    await store.pending()
    await store.aclose()
    names: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL):
        exec(block, names)
    await names["clean_up"](database)
    with psycopg.connect(database) as connection:
        found = connection.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname LIKE 'attio%'"
        ).fetchall()
    named = re.findall(r"`(attio_\w+)(\*?)`", TEXT)
    for (table,) in found:
        assert any(table == name or (star and table.startswith(name)) for name, star in named), table
