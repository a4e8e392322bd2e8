"""An engine on a real PostgreSQL: what is filed, started, retried, paused, taken over and drained."""

import asyncio
import math
import os
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, cast

import psycopg
import pytest

from attio_async.bulk import flag
from attio_async.engine import Engine, Job, Run, RunEvent
from attio_async.errors import ConfigurationError, UnknownName
from attio_async.oauth import SQLiteTokens, TokenKeys
from attio_async.testing import FakeAttio

from .support import Fakes, new_engine

pytestmark = [pytest.mark.anyio, pytest.mark.full]

ROWS = [{"name": f"Company {number}", "domains": [f"c{number}.example.com"]} for number in range(5)]


@pytest.fixture
def anyio_backend() -> str:
    """Engines run on asyncio alone."""
    return "asyncio"


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
    async def push(job: Job) -> None:
        """Do nothing."""

    with pytest.raises(UnknownName, match="unknown tenant 'acme'"):
        await engine.run(push, "acme")
    with pytest.raises(UnknownName, match="unknown job 'pull'"):
        await engine.run("pull", "acme")
    with pytest.raises(ConfigurationError, match="there already"):
        engine.job(name="push")(push)
    job: Any = ["push"]
    with pytest.raises(UnknownName, match="unknown job"):
        await engine.run(job, "acme")
    with pytest.raises(UnknownName, match="unknown dead run '5'"):
        await engine.retry(cast("str", 5))


@pytest.mark.parametrize("name", ["a\0b", "\ud800", "*push", ""])
async def test_a_name_that_no_tenant_can_have_is_unknown(engine: Engine, name: str) -> None:
    @engine.job()
    async def push(job: Job) -> None:
        """Do nothing."""

    tenants = engine.tenants
    for call in (tenants.pause, tenants.resume, tenants.remove, partial(engine.run, push)):
        with pytest.raises(UnknownName, match="unknown tenant"):
            await call(name)


async def test_any_text_may_be_the_reason_of_a_pause(engine: Engine) -> None:
    await engine.tenants.add("acme")
    await engine.tenants.pause("acme", reason="a\0b \ud800" + "c" * 1000)
    (tenant,) = await engine.tenants.list()
    assert tenant.paused_reason is not None
    assert tenant.paused_reason.startswith("ab \\ud800ccc")


async def test_a_database_that_was_never_initialised_is_refused(database: str, fakes: Fakes) -> None:
    async with Engine(database, tokens=fakes.token) as engine:
        with pytest.raises(ConfigurationError, match="attio-async engine init"):
            await engine.tenants.list()


class Broken(Exception):
    """The failure of a job in these tests."""


async def states(engine: Engine) -> dict[str, str]:
    return {run.run: run.state for run in (await engine.overview()).runs}


async def test_a_retry_in_an_hour_keeps_no_fresh_job_from_running_now(engine: Engine) -> None:
    ran: list[str] = []

    @engine.job(backoff="1h", max_backoff="1h")
    async def broken(job: Job) -> None:
        raise Broken

    @engine.job()
    async def fresh(job: Job) -> None:
        ran.append(job.tenant)

    await engine.tenants.add("acme")
    failed = await engine.run(broken, "acme")
    await work(engine)
    await engine.run(fresh, "acme")
    await work(engine)
    assert ran == ["acme"]
    runs = {run.job: run for run in (await engine.overview()).runs}
    assert runs["fresh"].state == "succeeded"
    assert runs["broken"].run == failed.run
    assert runs["broken"].state == "waiting"
    assert runs["broken"].error == "Broken"
    due_at = runs["broken"].due_at
    assert due_at is not None
    assert 3000 < (due_at - (await engine.overview()).at).total_seconds() <= 3600


async def test_a_run_that_waits_for_its_retry_is_brought_forward(engine: Engine) -> None:
    attempts: list[int] = []

    @engine.job(backoff="1h")
    async def push(job: Job) -> None:
        attempts.append(job.attempt)
        if job.attempt == 1:
            raise Broken

    await engine.tenants.add("acme")
    first = await engine.run(push, "acme")
    await work(engine)
    second = await engine.run(push, "acme")
    assert second.run == first.run
    await work(engine)
    assert attempts == [1, 2]
    assert await states(engine) == {first.run: "succeeded"}


async def test_a_run_that_fails_too_often_is_dead_until_it_is_retried(engine: Engine) -> None:
    attempts: list[int] = []

    @engine.job(retries=2, backoff=0)
    async def push(job: Job) -> None:
        attempts.append(job.attempt)
        if len(attempts) < 4:
            raise Broken("a value of a row")

    await engine.tenants.add("acme")
    run = await engine.run(push, "acme")
    await work(engine)
    assert attempts == [1, 2, 3]
    (dead,) = await engine.dead()
    assert (dead.run, dead.error) == (run.run, "Broken")
    assert "a value" not in str(dead.reason)
    assert "in push, test_engine.py line" in str(dead.reason)
    await engine.retry(dead)
    await work(engine)
    assert attempts == [1, 2, 3, 1]
    assert not await engine.dead()
    with pytest.raises(UnknownName, match="dead run"):
        await engine.retry(run)


async def test_a_tenant_whose_token_is_revoked_is_paused(engine: Engine, fakes: Fakes) -> None:
    @engine.job(every="1h")
    async def push(job: Job) -> None:
        await job.attio.companies.upsert_many(ROWS, match="domains", **job.durable)

    await engine.tenants.add("acme")
    fakes["acme"].auth.revoke_token("token-of-acme")
    await work(engine)
    (tenant,) = await engine.tenants.list()
    assert tenant.is_paused
    assert "401" in str(tenant.paused_reason)
    (run,) = (await engine.overview()).runs
    assert run.state == "failed"
    calls = len(fakes["acme"].calls)
    await work(engine)
    assert len(fakes["acme"].calls) == calls
    with pytest.raises(ConfigurationError, match="is paused"):
        await engine.run(push, "acme")


async def test_a_removed_tenant_leaves_nothing(engine: Engine, database: str) -> None:
    @engine.job(every="1h")
    async def push(job: Job) -> None:
        await job.attio.companies.upsert_many(ROWS, match="domains", **job.durable)

    for tenant in ("acme", "globex"):
        await engine.tenants.add(tenant)
    await work(engine)
    await engine.tenants.remove("acme")
    overview = await engine.overview()
    assert [each.tenant for each in overview.tenants] == ["globex"]
    assert [each.tenant for each in overview.runs] == ["globex"]
    assert [each.tenant for each in overview.next_runs] == ["globex"]
    with psycopg.connect(database) as connection:
        journals = connection.execute("SELECT DISTINCT job FROM attio_rows").fetchall()
    assert [job.split("/")[2] for (job,) in journals] == ["globex"]


async def test_tenants_take_turns(engine: Engine) -> None:
    order: list[str] = []

    async def note(job: Job) -> None:
        order.append(job.tenant)

    for number in range(3):
        engine.job(name=f"job{number}")(note)
    for tenant in ("acme", "globex"):
        await engine.tenants.add(tenant)
    for number in range(3):
        await engine.run(f"job{number}", "acme")
    await engine.run("job0", "globex")
    await asyncio.wait_for(engine.work(concurrency=1, wait=False, signals=False), 30)
    assert order[:2] == ["acme", "globex"]
    assert order[2:] == ["acme", "acme"]


async def test_a_tenant_with_a_higher_concurrency_runs_that_many_jobs_but_each_once(engine: Engine) -> None:
    running: list[str] = []
    most: list[list[str]] = [[]]
    go_on = asyncio.Event()

    async def note(job: Job) -> None:
        running.append(f"{job.tenant} {job.name}")
        most.append(max(most[-1], sorted(running), key=len))
        await go_on.wait()
        running.remove(f"{job.tenant} {job.name}")

    for name in "abc":
        engine.job(name=name)(note)
    await engine.tenants.add("acme", concurrency=2)
    await engine.tenants.add("globex", concurrency=2)
    await engine.tenants.add("globex", concurrency=1)
    await engine.tenants.add("acme")  # which leaves it alone
    assert [(each.tenant, each.concurrency) for each in await engine.tenants.list()] == [
        ("acme", 2),
        ("globex", 1),
    ]
    for name in "abc":
        await engine.run(name, "acme")
        await engine.run(name, "globex")
    worker = asyncio.create_task(engine.work(signals=False))
    await until(engine, lambda runs: sum(run.state == "running" for run in runs) == 3)
    again = await engine.run("a", "acme")  # while one of this job runs
    await asyncio.sleep(1.5)  # longer than the dispatcher pauses
    assert sorted(running) == ["acme a", "acme b", "globex a"]
    assert (await states(engine))[again.run] == "queued"
    go_on.set()
    await until(engine, lambda runs: all(run.state == "succeeded" for run in runs))
    worker.cancel()
    await asyncio.wait([worker])
    assert len(most[-1]) == 3
    assert len(await states(engine)) == 7
    with pytest.raises(ConfigurationError, match="concurrency"):
        await engine.tenants.add("acme", concurrency=0)


async def test_a_backfill_goes_on_beside_fresh_work_that_waits_for_a_run_of_its_own_job(
    engine: Engine,
) -> None:
    attempts: list[int] = []
    go_on = asyncio.Event()

    @engine.job(backfill=True)
    async def backfill(job: Job) -> None:
        attempts.append(job.attempt)
        while not go_on.is_set() and not job.is_stopping:  # noqa: ASYNC110 - of the job
            await asyncio.sleep(0.02)

    @engine.job()
    async def fresh(job: Job) -> None:
        await go_on.wait()

    await engine.tenants.add("acme", concurrency=2)
    await engine.run(backfill, "acme")
    await engine.run(fresh, "acme")
    worker = asyncio.create_task(engine.work(signals=False))
    await until(engine, lambda runs: [run.state for run in runs] == ["running"] * 2)
    await engine.run(fresh, "acme")
    await asyncio.sleep(2.5)  # longer than the worker looks twice
    go_on.set()
    await until(engine, lambda runs: [run.state for run in runs] == ["succeeded"] * 3)
    worker.cancel()
    await asyncio.wait([worker])
    assert attempts == [1]


async def test_a_backfill_yields_to_fresh_work_of_its_tenant(engine: Engine, fakes: Fakes) -> None:
    order: list[str] = []
    rows = [{"name": f"Company {number}", "domains": [f"d{number}.example.com"]} for number in range(60)]
    begun = asyncio.Event()

    @engine.job(backfill=True)
    async def backfill(job: Job) -> None:
        order.append(f"backfill {job.attempt}")

        async def slow(_: object) -> None:
            begun.set()
            await asyncio.sleep(0.05)

        await job.attio.companies.upsert_many(rows, match="domains", on_outcome=slow, **job.durable)

    @engine.job()
    async def fresh(job: Job) -> None:
        order.append("fresh")

    await engine.tenants.add("acme")
    await engine.run(backfill, "acme")
    worker = asyncio.create_task(engine.work(signals=False))
    await asyncio.wait_for(begun.wait(), 20)
    await engine.run(fresh, "acme")
    await until(engine, lambda runs: all(run.state == "succeeded" for run in runs))
    worker.cancel()
    await asyncio.wait([worker])
    assert order == ["backfill 1", "fresh", "backfill 1"]
    companies = fakes["acme"].records("companies")
    assert len(companies) == 60
    assert written(fakes["acme"]) == 60


async def test_a_worker_that_is_stopped_drains(engine: Engine, fakes: Fakes) -> None:
    rows = [{"name": f"Company {number}", "domains": [f"d{number}.example.com"]} for number in range(60)]
    begun = asyncio.Event()

    @engine.job()
    async def push(job: Job) -> None:
        async def slow(_: object) -> None:
            begun.set()
            await asyncio.sleep(0.02)

        await job.attio.companies.upsert_many(rows, match="domains", on_outcome=slow, **job.durable)

    await engine.tenants.add("acme")
    run = await engine.run(push, "acme")
    worker = asyncio.create_task(engine.work())
    await asyncio.wait_for(begun.wait(), 20)
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(worker, 10)
    before = written(fakes["acme"])
    assert before < 60
    (waiting,) = (await engine.overview()).runs
    assert (waiting.run, waiting.state, waiting.attempt) == (run.run, "queued", 0)
    await work(engine)
    assert await states(engine) == {run.run: "succeeded"}
    assert written(fakes["acme"]) == 60
    assert len(fakes["acme"].records("companies")) == 60


async def test_a_sync_keeps_its_state_in_the_database(engine: Engine, fakes: Fakes, database: str) -> None:
    source = [{"name": f"Company {number}", "domains": [f"c{number}.example.com"]} for number in range(20)]

    @engine.job()
    async def push(job: Job) -> None:
        await job.attio.companies.sync_to(
            source, match="domains", owned=["name"], missing="delete", **job.durable
        )

    await engine.tenants.add("acme")
    await engine.run(push, "acme")
    await work(engine)
    del source[19]
    await engine.run(push, "acme")
    await work(engine)
    counts = [run.counts for run in (await engine.overview()).runs]
    assert counts == [{"deleted": 1, "unchanged": 19}, {"created": 20}]
    assert len(fakes["acme"].records("companies")) == 19
    await engine.tenants.remove("acme")
    with psycopg.connect(database) as connection:
        for table in ("attio_jobs", "attio_rows", "attio_syncs", "attio_sync_known"):
            assert connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchall() == [(0,)]


async def test_a_removed_tenant_takes_no_state_of_another_with_it(engine: Engine, fakes: Fakes) -> None:
    source = [{"name": f"Company {number}", "domains": [f"c{number}.example.com"]} for number in range(20)]

    @engine.job()
    async def push(job: Job) -> None:
        await job.attio.companies.sync_to(
            source, match="domains", owned=["name"], missing="delete", **job.durable
        )

    for tenant in ("acme", "acme/eu"):
        await engine.tenants.add(tenant)
        await engine.run(push, tenant)
        await work(engine)
    await engine.tenants.remove("acme")
    source.pop()
    await engine.run(push, "acme/eu")
    await work(engine)
    run, _ = (await engine.overview()).runs
    assert run.counts == {"deleted": 1, "unchanged": 19}


async def test_the_records_that_a_sync_cleared_or_flagged_are_counted(engine: Engine, fakes: Fakes) -> None:
    fakes["acme"].seed.add_attribute("companies", "stale", "checkbox")
    source = [{"name": f"Company {number}", "domains": [f"c{number}.example.com"]} for number in range(20)]
    missing: list[Any] = ["clear", flag("stale")]

    @engine.job()
    async def push(job: Job) -> None:
        for number, what in enumerate(missing):
            await job.attio.companies.sync_to(
                source, match="domains", owned=["name"], missing=what, journal=job.journal(str(number))
            )

    await engine.tenants.add("acme")
    await engine.run(push, "acme")
    await work(engine)
    source.pop()
    await engine.run(push, "acme")
    await work(engine)
    run, _ = (await engine.overview()).runs
    assert run.counts == {"cleared": 1, "flagged": 1, "unchanged": 38}


async def test_a_worker_that_slept_through_its_lease_is_superseded(
    database: str, fakes: Fakes, engine: Engine
) -> None:
    rows = [{"name": f"Company {number}", "domains": [f"d{number}.example.com"]} for number in range(40)]
    begun = asyncio.Event()
    attempts: list[str] = []

    # A row in flight when the first one is superseded is left alone until the lease of the first one is over.
    async with new_engine(database, fakes, lease=8) as sleeper, new_engine(database, fakes, lease=1) as other:
        for each in (sleeper, other):

            @each.job(name="push")
            async def push(job: Job, owner: Engine = each) -> None:
                attempts.append("first" if owner is sleeper else "second")

                async def slow(_: object) -> None:
                    begun.set()
                    await asyncio.sleep(0.1 if owner is sleeper else 0)

                await job.attio.companies.upsert_many(
                    rows, match="domains", on_outcome=slow, workers=2, **job.durable
                )

        await engine.tenants.add("acme")
        run = await other.run("push", "acme")
        first = asyncio.create_task(sleeper.work(signals=False))
        await asyncio.wait_for(begun.wait(), 20)
        with psycopg.connect(database) as connection:
            connection.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'")
        second = asyncio.create_task(other.work(signals=False))
        await until(engine, lambda runs: runs[0].state == "succeeded")
        for worker in (first, second):
            worker.cancel()
        await asyncio.wait([first, second])
    (done,) = (await engine.overview()).runs
    assert (done.run, done.counts, done.epoch > 1) == (run.run, {"created": 40}, True)
    assert attempts[0] == "first"
    assert len(attempts) > 1  # by the second one, or first by the worker that the first one starts again
    assert written(fakes["acme"]) == 40
    assert len(fakes["acme"].records("companies")) == 40


async def test_a_resumed_tenant_gets_its_new_token(engine: Engine, fakes: Fakes) -> None:
    @engine.job()
    async def push(job: Job) -> None:
        await job.attio.companies.upsert_many(ROWS, match="domains", **job.durable)

    await engine.tenants.add("acme")
    await engine.run(push, "acme")
    await work(engine)  # the client stays open
    fakes["acme"].auth.revoke_token("token-of-acme")
    fakes["acme"].auth.add_token("new-token")
    fakes.tokens["acme"] = "new-token"
    await engine.tenants.pause("acme", "a new token")
    async with new_engine(engine._conninfo, fakes) as other:  # as the command line does
        await other.tenants.resume("acme")
    await engine.run(push, "acme")
    await work(engine)
    assert [run.state for run in (await engine.overview()).runs] == ["succeeded", "succeeded"]


async def test_a_job_that_takes_too_long_fails(engine: Engine) -> None:
    @engine.job(timeout=0.2, retries=0)
    async def hang(job: Job) -> None:
        await asyncio.sleep(3600)

    await engine.tenants.add("acme")
    await engine.run(hang, "acme")
    await work(engine)
    (dead,) = await engine.dead()
    assert dead.error == "TimeoutError"


async def test_a_clock_that_was_set_back_delays_nothing(engine: Engine, database: str) -> None:
    ran: list[str] = []

    @engine.job(every="1h")
    async def push(job: Job) -> None:
        ran.append("push")

    @engine.job(backoff="1h")
    async def broken(job: Job) -> None:
        ran.append("broken")
        raise Broken

    await engine.tenants.add("acme")
    await engine.run(broken, "acme")
    await work(engine)
    with psycopg.connect(database) as connection:
        connection.execute("UPDATE attio_engine.schedules SET next_at = next_at + interval '1 year'")
        connection.execute(
            "UPDATE attio_engine.runs SET due_at = due_at + interval '1 year' WHERE state = 'waiting'"
        )
    worker = asyncio.create_task(engine.work(signals=False))
    await until(engine, lambda _: len(ran) == 4)
    worker.cancel()
    await asyncio.wait([worker])
    assert sorted(ran) == ["broken", "broken", "push", "push"]


async def test_tables_of_another_format_are_refused(database: str, fakes: Fakes) -> None:
    async with new_engine(database, fakes):
        pass
    with psycopg.connect(database) as connection:
        connection.execute("UPDATE attio_engine.format SET version = 99")
    async with Engine(database, tokens=fakes.token) as engine:
        for call in (engine.init, engine.tenants.list, engine.work):
            with pytest.raises(
                ConfigurationError, match="format 99, and this version of attio-async writes format 2"
            ):
                await call()


async def test_a_run_whose_source_has_changed_begins_anew(database: str, fakes: Fakes) -> None:
    rows = [dict(row) for row in ROWS]
    attempts: list[int] = []
    events: list[RunEvent] = []

    async with new_engine(database, fakes, lease=1, on_run=events.append) as engine:

        @engine.job(backoff=0)
        async def push(job: Job) -> None:
            attempts.append(job.attempt)
            await job.attio.companies.upsert_many(rows, match="domains", **job.durable)
            if job.attempt == 1:
                rows[0]["name"] = "Another name"
                rows.append({"name": "Late", "domains": ["late.example.com"]})
                raise Broken

        await engine.tenants.add("acme")
        await engine.run(push, "acme")
        worker = asyncio.create_task(engine.work(signals=False))
        await until(engine, lambda runs: runs[0].state == "succeeded")
        worker.cancel()
        await asyncio.wait([worker])
    assert attempts == [1, 2, 3]
    assert [(each.outcome, each.error) for each in events] == [
        ("failed", "Broken"),
        ("failed", "InputChanged"),
        ("succeeded", None),
    ]
    names = [record["values"]["name"][0]["value"] for record in fakes["acme"].records("companies")]
    assert sorted(names) == sorted(row["name"] for row in rows)


async def test_a_run_whose_source_changes_at_every_attempt_is_dead(database: str, fakes: Fakes) -> None:
    rows = [dict(row) for row in ROWS]
    events: list[RunEvent] = []

    async with new_engine(database, fakes, on_run=events.append) as engine:

        @engine.job(backoff=0, retries=1)
        async def push(job: Job) -> None:
            await job.attio.companies.upsert_many(rows, match="domains", **job.durable)
            rows[0]["name"] = "Another name"
            raise Broken

        await engine.tenants.add("acme")
        await engine.run(push, "acme")
        await work(engine)
        (dead,) = await engine.dead()
    assert dead.error == "InputChanged"
    assert [(each.outcome, each.error) for each in events] == [("failed", "Broken"), ("dead", "InputChanged")]


async def test_counts_that_cannot_be_stored_do_not_make_a_run_again(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    odd: Any = {"sum": Decimal("1.5"), "nan": math.nan, "s\0": 1, "\ud800": 2, (1, 2): 3, "x": "y"}

    @engine.job()
    async def push(job: Job) -> None:
        await job.attio.companies.upsert_many(ROWS, match="domains", **job.durable)
        job.counts.update({"created": 1, "zero": 0})
        for name, count in odd.items():
            job.counts[name] = count

    await engine.tenants.add("acme")
    await engine.run(push, "acme")
    await work(engine)
    (run,) = (await engine.overview()).runs
    assert run.state == "succeeded"
    assert run.counts == {"created": 6, "zero": 0, "sum": 1.5, "s": 1, "\\ud800": 2, "(1, 2)": 3}
    assert "the count 'nan' of the job push is left out" in caplog.text
    assert "the count 'x' of the job push is left out" in caplog.text


async def test_a_tenant_without_a_token_is_paused(database: str) -> None:
    async def token(tenant: str) -> str:
        raise LookupError(tenant)

    async with Engine(database, tokens=token) as engine:
        await engine.init()

        @engine.job(every="1h")
        async def push(job: Job) -> None:
            """Never called."""

        await engine.tenants.add("acme")
        await work(engine)
        (tenant,) = await engine.tenants.list()
        assert tenant.paused_reason == "the tenant has no token"


async def test_an_overview_shows_workers_and_rates(database: str, fakes: Fakes) -> None:
    async with new_engine(database, fakes, lease=1) as engine:

        @engine.job()
        async def push(job: Job) -> None:
            while not job.is_stopping:
                await job.attio.companies.query(limit=1)
                await asyncio.sleep(0.05)

        await engine.tenants.add("acme")
        await engine.run(push, "acme")
        worker = asyncio.create_task(engine.work(signals=False))
        async with asyncio.timeout(30):
            while not any(rate.used for rate in (await engine.overview()).rates):  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        overview = await engine.overview()
        assert [each.running for each in overview.workers] == [1]
        assert {(rate.kind, rate.allowed) for rate in overview.rates} == {("reads", 100), ("writes", 25)}
        worker.cancel()
        await asyncio.wait([worker])
        overview = await engine.overview()
        assert (overview.workers, overview.runs[0].state) == ((), "succeeded")


async def test_a_run_of_a_tenant_that_is_paused_stops_and_goes_on_later(engine: Engine, fakes: Fakes) -> None:
    rows = [{"name": f"Company {number}", "domains": [f"d{number}.example.com"]} for number in range(60)]
    begun = asyncio.Event()

    @engine.job()
    async def push(job: Job) -> None:
        async def slow(_: object) -> None:
            begun.set()
            await asyncio.sleep(0.1)

        await job.attio.companies.upsert_many(
            rows, match="domains", on_outcome=slow, workers=2, **job.durable
        )

    await engine.tenants.add("acme")
    run = await engine.run(push, "acme")
    worker = asyncio.create_task(engine.work(signals=False))
    await asyncio.wait_for(begun.wait(), 20)
    await engine.tenants.pause("acme")
    await until(engine, lambda runs: runs[0].state == "queued")
    before = written(fakes["acme"])
    assert before < 60
    await asyncio.sleep(1.5)  # longer than the dispatcher pauses
    assert await states(engine) == {run.run: "queued"}
    await engine.tenants.resume("acme")
    await until(engine, lambda runs: runs[0].state == "succeeded")
    worker.cancel()
    await asyncio.wait([worker])
    assert written(fakes["acme"]) == 60


async def test_a_job_that_is_no_longer_in_the_code_leaves_the_next_runs(
    database: str, engine: Engine, fakes: Fakes
) -> None:
    async with new_engine(database, fakes) as deployed:

        async def push(job: Job) -> None:
            """Do nothing."""

        async def jobs(of: Engine) -> list[str]:
            return sorted(each.job for each in (await of.overview()).next_runs)

        engine.job(every="1h", name="removed")(push)
        for each in (engine, deployed):
            each.job(every="1h", name="kept")(push)
        await engine.tenants.add("acme")
        old = asyncio.create_task(engine.work(signals=False))
        await until(engine, lambda runs: [run.state for run in runs] == ["succeeded"] * 2)
        assert await jobs(deployed) == ["kept", "removed"]  # as long as a worker has it
        old.cancel()
        await asyncio.wait([old])
        assert await jobs(deployed) == ["kept"]
        assert await jobs(engine) == ["kept", "removed"]

        with psycopg.connect(database) as connection:
            connection.execute("UPDATE attio_engine.schedules SET next_at = now() - interval '8 days'")
        new = asyncio.create_task(deployed.work(signals=False))
        async with asyncio.timeout(20):
            while await jobs(engine) != ["kept"]:  # noqa: ASYNC110 - of another task
                await asyncio.sleep(0.05)
        new.cancel()
        await asyncio.wait([new])


async def test_a_worker_that_was_forgotten_has_its_schedules_again(database: str, fakes: Fakes) -> None:
    ran: list[str] = []
    async with new_engine(database, fakes, lease=1) as engine:

        @engine.job(every="1h")
        async def push(job: Job) -> None:
            ran.append(job.tenant)

        await engine.tenants.add("acme")
        worker = asyncio.create_task(engine.work(signals=False))
        await until(engine, lambda runs: [run.state for run in runs] == ["succeeded"])
        with psycopg.connect(database) as connection:
            connection.execute("DELETE FROM attio_engine.schedules")
            connection.execute("DELETE FROM attio_engine.workers")
        await until(engine, lambda runs: [run.state for run in runs] == ["succeeded"] * 2)
        worker.cancel()
        await asyncio.wait([worker])
    assert ran == ["acme", "acme"]


async def test_the_end_of_each_attempt_is_told(database: str, fakes: Fakes) -> None:
    events: list[RunEvent] = []

    def note(event: RunEvent) -> None:
        events.append(event)
        raise Broken  # which changes nothing

    async with new_engine(database, fakes, on_run=note) as engine:

        @engine.job()
        async def push(job: Job) -> None:
            await job.attio.companies.upsert_many(ROWS, match="domains", **job.durable)

        @engine.job(retries=1, backoff=0)
        async def broken(job: Job) -> None:
            raise Broken

        await engine.tenants.add("acme")
        pushed = await engine.run(push, "acme")
        await work(engine)
        failed = await engine.run(broken, "acme")
        await work(engine)
        fakes["acme"].auth.revoke_token("token-of-acme")
        refused = await engine.run(push, "acme")
        await work(engine)
    assert [(each.run, each.attempt, each.outcome, each.counts, each.error) for each in events] == [
        (pushed.run, 1, "succeeded", {"created": 5}, None),
        (failed.run, 1, "failed", {}, "Broken"),
        (failed.run, 2, "dead", {}, "Broken"),
        (refused.run, 1, "failed", {"pending": 5}, "AuthenticationFailed"),
    ]
    assert [each.job for each in events] == ["push", "broken", "broken", "push"]
    assert {each.tenant for each in events} == {"acme"}
    assert all(0 < each.seconds < 30 for each in events)


async def test_a_backfill_yields_to_fresh_work_of_others_when_its_worker_is_full(
    engine: Engine, fakes: Fakes
) -> None:
    order: list[str] = []
    rows = [{"name": f"Company {number}", "domains": [f"d{number}.example.com"]} for number in range(60)]
    begun = asyncio.Event()

    @engine.job(backfill=True)
    async def backfill(job: Job) -> None:
        order.append("backfill of acme")

        async def slow(_: object) -> None:
            begun.set()
            await asyncio.sleep(0 if "fresh" in order else 0.5)

        await job.attio.companies.upsert_many(
            rows, match="domains", on_outcome=slow, workers=2, **job.durable
        )

    @engine.job()
    async def fresh(job: Job) -> None:
        order.append("fresh")

    for tenant in ("acme", "globex"):
        await engine.tenants.add(tenant)
    await engine.run(backfill, "acme")
    worker = asyncio.create_task(engine.work(concurrency=1, signals=False))
    await asyncio.wait_for(begun.wait(), 20)
    await engine.run(fresh, "globex")
    await until(engine, lambda runs: all(run.state == "succeeded" for run in runs))
    worker.cancel()
    await asyncio.wait([worker])
    assert order == ["backfill of acme", "fresh", "backfill of acme"]
    assert written(fakes["acme"]) == len(fakes["acme"].records("companies")) == 60


async def test_tokens_come_from_an_encrypted_store(database: str, fakes: Fakes, tmp_path: Path) -> None:
    keys = TokenKeys(TokenKeys.generate())
    async with (
        SQLiteTokens(tmp_path / "tokens.db", keys=keys) as tokens,
        Engine(database, tokens=tokens.get, tenant_options=fakes.options) as engine,
    ):
        await engine.init()

        @engine.job(every="1h")
        async def push(job: Job) -> None:
            await job.attio.companies.upsert_many(ROWS, match="domains", **job.durable)

        await tokens.put("acme", "token-of-acme")
        for tenant in ("acme", "globex"):
            await engine.tenants.add(tenant)
        await work(engine)
        assert {each.tenant: each.paused_reason for each in await engine.tenants.list()} == {
            "acme": None,
            "globex": "the tenant has no token",
        }
        await tokens.put("globex", "token-of-globex")
        await engine.tenants.resume("globex")
        await engine.run(push, "globex")
        await work(engine)
    assert [len(fakes[tenant].records("companies")) for tenant in ("acme", "globex")] == [5, 5]


async def until(engine: Engine, is_true: Callable[[Sequence[Run]], bool]) -> None:
    async with asyncio.timeout(30):
        while not is_true((await engine.overview()).runs):  # noqa: ASYNC110 - of another process, or task
            await asyncio.sleep(0.05)


def written(fake: FakeAttio) -> int:
    """Return the number of writes that a workspace answered with success."""
    return sum(
        call.method in {"PUT", "POST"}
        and "/records" in call.path
        and not call.path.endswith("/query")
        and call.status < 300
        for call in fake.calls
    )
