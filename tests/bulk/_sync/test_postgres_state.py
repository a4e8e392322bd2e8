"""The state of a sync in PostgreSQL: who may use it, and what is left of it."""

import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from tests.postgres import running_postgres

from attio_async import Attio, JobSuperseded, RateLimiter
from attio_async.bulk import PostgresSyncState, SyncJob
from attio_async.bulk._sync import state as module
from attio_async.errors import ConfigurationError
from attio_async.testing import FakeAttio, VirtualClock

pytestmark = [pytest.mark.anyio, pytest.mark.full]

TABLES = ("known", "created", "source", "missing")


@pytest.fixture
def anyio_backend() -> str:
    """Run the tests on one event loop; what differs between the two is below a sync."""
    return "asyncio"


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    with running_postgres() as conninfo:
        yield conninfo


@pytest.fixture
def attio() -> Attio:
    fake = FakeAttio(clock=VirtualClock(), latency=0.01)
    fake.seed.add_attribute("companies", "plan", "text")
    return fake.client(limiter=RateLimiter(reads=5_000, writes=5_000))


def sync(attio: Attio, count: int, state: PostgresSyncState) -> SyncJob:
    rows = [{"domains": f"c{number}.example.com", "plan": "Pro"} for number in range(count)]
    return attio.companies.sync_to(
        rows, match="domains", owned=["plan"], missing="delete", state=state, max_missing_ratio=1
    )


def count(database: str, table: str, where: str) -> int:
    with psycopg.connect(database) as connection:
        query = f"SELECT count(*) FROM {table} WHERE {where}"
        ((number,),) = connection.execute(query.encode()).fetchall()
        return int(number)


async def test_one_process_runs_a_sync_at_a_time(
    database: str, attio: Attio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LOCK_TRIES", 2)
    state = PostgresSyncState(database, name="alone")
    async with await sync(attio, 3, state).plan() as plan:
        with pytest.raises(ConfigurationError, match="the sync state 'alone' is in use by another process"):
            await sync(attio, 3, state)
        assert (await sync(attio, 3, PostgresSyncState(database, name="another"))).created == 3
        assert (await plan.apply()).unchanged == 3
    assert (await sync(attio, 3, state)).unchanged == 3


async def test_a_run_with_a_higher_epoch_supersedes_another(database: str, attio: Attio) -> None:
    first, second = (PostgresSyncState(database, name="taken over", epoch=epoch) for epoch in (4, 5))
    await sync(attio, 5, first)
    async with await sync(attio, 3, first).plan() as plan:
        assert plan.delete == 2
        report = await sync(attio, 4, second)
        assert report.deleted == 1
        with pytest.raises(JobSuperseded, match="with epoch 5, and this worker has epoch 4"):
            await plan.apply()
    with pytest.raises(JobSuperseded):
        await sync(attio, 3, first)
    assert len(await attio.companies.query()) == 4
    assert (await sync(attio, 4, PostgresSyncState(database, name="taken over"))).unchanged == 4


async def test_a_takeover_waits_until_nothing_of_the_other_run_is_in_flight(
    database: str, attio: Attio
) -> None:
    await sync(attio, 1, PostgresSyncState(database, name="in flight", epoch=1))
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO attio_rows (job, place, state, label, digest, begun_at, leased_until)"
            " VALUES ('sync in flight', 0, 'begun', '0', '', 1, clock_timestamp() + interval '0.3 seconds')"
        )
    started = time.monotonic()
    assert (await sync(attio, 1, PostgresSyncState(database, name="in flight", epoch=2))).unchanged == 1
    assert time.monotonic() - started >= 0.2


async def test_values_are_kept_until_the_run_is_over(database: str, attio: Attio) -> None:
    state = PostgresSyncState(database, name="kept")
    async with await sync(attio, 3, state).plan() as plan:
        assert count(database, "attio_rows", "job = 'sync kept'") == 3
        await plan.apply()
    assert count(database, "attio_rows", "job = 'sync kept'") == 0
    assert count(database, "attio_sync_source", "sync = 'kept'") == 0
    assert count(database, "attio_sync_known", "sync = 'kept'") == 3
    await state.delete()
    left: dict[str, Any] = {
        table: count(database, f"attio_sync_{table}", "sync = 'kept'") for table in TABLES
    }
    left["jobs"] = count(database, "attio_jobs", "job = 'sync kept'")
    assert not any(left.values()), left
    assert "host" not in repr(state)


async def test_a_state_of_another_version_is_rejected(database: str, attio: Attio) -> None:
    state = PostgresSyncState(database, name="old")
    await sync(attio, 1, state)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("UPDATE attio_formats SET version = 9 WHERE name = 'sync state'")
        try:
            with pytest.raises(ConfigurationError, match=r"the sync state tables .* have the format 9"):
                await sync(attio, 1, state)
        finally:
            connection.execute("UPDATE attio_formats SET version = 1 WHERE name = 'sync state'")
