"""An engine on a real PostgreSQL: what is filed, started, retried, paused, taken over and drained."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from attio_async.engine import Engine, Job
from attio_async.errors import ConfigurationError, UnknownName
from tests.postgres import running_postgres

from .support import Fakes, new_database, new_engine

pytestmark = [pytest.mark.anyio, pytest.mark.full]

ROWS = [{"name": f"Company {number}", "domains": [f"c{number}.example.com"]} for number in range(5)]


@pytest.fixture
def anyio_backend() -> str:
    """Engines run on asyncio alone."""
    return "asyncio"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with running_postgres() as words:
        yield words


@pytest.fixture
def database(server: str) -> str:
    return new_database(server)


@pytest.fixture
def fakes() -> Fakes:
    return Fakes()


@pytest.fixture
async def engine(database: str, fakes: Fakes) -> AsyncIterator[Engine]:
    async with new_engine(database, fakes) as engine:
        yield engine


async def work(engine: Engine) -> None:
    await asyncio.wait_for(engine.work(wait=False, signals=False), 30)


async def test_a_run_is_done(engine: Engine, fakes: Fakes) -> None:
    @engine.job()
    async def push(job: Job) -> None:
        await job.attio.companies.upsert_many(ROWS, match="domains", **job.durable)

    await engine.tenants.add("acme")
    run = await engine.run(push, "acme")
    assert run.state == "queued"
    await work(engine)
    (done,) = (await engine.overview()).runs
    assert done.run == run.run
    assert done.state == "succeeded"
    assert done.counts == {"created": 5}
    assert done.epoch == done.attempt == 1
    assert len(fakes["acme"].records("companies")) == 5


async def test_a_schedule_runs_at_once_and_then_in_its_interval(engine: Engine) -> None:
    ran: list[str] = []

    @engine.job(every="1h")
    async def push(job: Job) -> None:
        ran.append(job.tenant)

    for tenant in ("acme", "globex"):
        await engine.tenants.add(tenant)
    await work(engine)
    await work(engine)
    assert sorted(ran) == ["acme", "globex"]
    overview = await engine.overview()
    assert [(each.job, each.tenant, each.every) for each in overview.next_runs] == [
        ("push", "acme", 3600),
        ("push", "globex", 3600),
    ]
    assert all(each.next_at > overview.at for each in overview.next_runs)


async def test_what_is_unknown_is_refused(engine: Engine) -> None:
    @engine.job()
    async def push(job: Job) -> None: ...

    with pytest.raises(UnknownName, match="unknown tenant 'acme'"):
        await engine.run(push, "acme")
    with pytest.raises(UnknownName, match="unknown job 'pull'"):
        await engine.run("pull", "acme")
    with pytest.raises(ConfigurationError, match="there already"):
        engine.job(name="push")(push)


async def test_a_database_that_was_never_initialised_is_refused(database: str, fakes: Fakes) -> None:
    async with Engine(database, tokens=fakes.token) as engine:
        with pytest.raises(ConfigurationError, match="attio-async engine init"):
            await engine.tenants.list()
