"""An engine loses and doubles nothing, whatever happens to its workers. At length: `python -m tests.chaos.engine`."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import attrs
import psycopg
import pytest

from tests.postgres import standby_server
from tests.redis_server import needs_redis

pytest.importorskip("procrastinate")

from .engine_run import ChaosPlan, EngineChaos, databases, engine_chaos, figures_of, run_engine

pytestmark = [pytest.mark.full, needs_redis]

StartEngine = Callable[..., AbstractContextManager[EngineChaos]]

QUIET = ChaosPlan(seconds=0, tenants=2, rows=(20, 20), writes=10)
"""Nothing happens by itself; a run takes two seconds."""


@pytest.fixture(scope="module")
def engine() -> Iterator[StartEngine]:
    """Start an engine of two tenants, with these settings of its workers."""
    with databases() as (postgres, redis):

        def start(plan: ChaosPlan = QUIET, **settings: Any) -> AbstractContextManager[EngineChaos]:
            return engine_chaos(plan, postgres, redis, **settings)

        yield start


def states(chaos: EngineChaos, tenant: str) -> list[str]:
    """Return the states of the runs of a tenant."""
    return [run["state"] for run in chaos.runs() if run["tenant"] == tenant]


def requests(chaos: EngineChaos, tenant: str = "t000") -> int:
    return len(chaos.fakes[tenant].calls)


def assert_done_once(chaos: EngineChaos, runs: int) -> None:
    """Wait for the runs, and check that each row was written once."""
    assert chaos.wait(chaos.is_idle, 30), chaos.runs()
    figures = figures_of(chaos)
    assert figures.runs == {"succeeded": runs}
    assert (figures.lost, figures.doubled) == (0, 0)


def test_kills_and_restarts_lose_and_double_nothing() -> None:
    plan = ChaosPlan(
        seconds=10,
        tenants=8,
        workers=2,
        every_s=4,
        rows=(5, 12),
        kills=4,
        postgres_restarts=1,
        redis_restarts=1,
    )
    figures = run_engine(plan)
    assert (figures.lost, figures.doubled) == (0, 0), str(figures)
    assert set(figures.runs) == {"succeeded"}, str(figures)
    assert figures.rate_limited <= 1, str(figures)
    assert figures.kills == plan.kills


def test_a_retry_in_an_hour_waits_beside_a_fresh_job(engine: StartEngine) -> None:
    with engine(kinds=["fail", "upsert"], backoff_s=3600, every_s=None) as chaos:
        chaos.set_up()
        chaos.start()
        chaos.file("push", "t000")
        assert chaos.wait(lambda: states(chaos, "t000") == ["waiting"], 15)
        asked = time.time()
        chaos.file("write", "t000")
        assert chaos.wait(lambda: states(chaos, "t000") == ["waiting", "succeeded"], 15)
        (first,) = chaos.starts()[2]
        assert first - asked < 3
        jobs = chaos.fetch("SELECT FROM procrastinate_jobs WHERE status IN ('todo', 'doing')")
        assert not jobs


def test_a_poisonous_tenant_starves_nobody(engine: StartEngine) -> None:
    with engine(kinds=["kill", "upsert"], every_s=None, lease_s=1.0, retries=1) as chaos:
        chaos.set_up()
        chaos.file("push", *chaos.fakes)
        deaths = 0
        until = time.monotonic() + 40
        worker = chaos.start()
        while states(chaos, "t000") != ["dead"]:
            assert time.monotonic() < until, chaos.runs()
            if not worker.is_alive():
                deaths += 1
                chaos.workers.remove(worker)
                worker = chaos.start()
            time.sleep(0.1)
        assert deaths == 2  # of the first attempt and its retry
        assert chaos.wait(lambda: states(chaos, "t001") == ["succeeded"], 15)
        assert chaos.stop() == [0]


def test_a_revoked_tenant_is_paused_and_costs_nothing(engine: StartEngine) -> None:
    with engine(kinds=["upsert"], every_s=1.0) as chaos:
        fake = chaos.fakes["t000"]
        fake.auth.revoke_token()
        chaos.set_up()
        chaos.start()
        paused = "SELECT paused_reason FROM attio_engine.tenants WHERE paused_at IS NOT NULL"
        assert chaos.wait(lambda: len(chaos.fetch(paused)) == 1, 15)
        asked, others = requests(chaos), requests(chaos, "t001")
        assert chaos.wait(lambda: requests(chaos, "t001") > others + 20, 15)
        assert requests(chaos) == asked
        assert [run["state"] for run in chaos.runs() if run["tenant"] == "t000" and run["started_at"]] == [
            "failed"
        ]


def test_a_worker_that_is_stopped_drains(engine: StartEngine) -> None:
    plan = attrs.evolve(QUIET, tenants=3, rows=(30, 30))
    with engine(plan, kinds=["upsert", "create", "sync"], every_s=None) as chaos:
        chaos.set_up()
        chaos.start()
        chaos.file("push", *chaos.fakes)
        assert chaos.wait(lambda: all(requests(chaos, tenant) > 12 for tenant in chaos.fakes), 15)
        chaos.file("push", "t000")
        begin = time.monotonic()
        assert chaos.stop() == [0]
        assert time.monotonic() - begin < 3
        assert len(states(chaos, "t000")) == 2
        assert set(states(chaos, "t000")) <= {"waiting", "queued"}
        chaos.start()
        assert_done_once(chaos, 4)  # the run that was interrupted, too, before the next one
        (_, again), (later,) = (chaos.starts()[run["run"]] for run in chaos.runs() if run["tenant"] == "t000")
        assert again < later
        assert chaos.stop() == [0]


def test_a_worker_that_sleeps_through_its_lease_writes_nothing_more(engine: StartEngine) -> None:
    plan = attrs.evolve(QUIET, rows=(40, 40))
    with engine(plan, kinds=["upsert", "create"], every_s=None, lease_s=1.0) as chaos:
        chaos.set_up()
        sleeper = chaos.start()
        chaos.file("push", *chaos.fakes)
        assert chaos.wait(lambda: all(requests(chaos, tenant) > 12 for tenant in chaos.fakes), 15)
        os.kill(sleeper.pid or 0, signal.SIGSTOP)
        chaos.start()
        assert chaos.wait(lambda: min(run["epoch"] for run in chaos.runs()) > 1, 15)
        assert chaos.wait(chaos.is_idle, 30)
        os.kill(sleeper.pid or 0, signal.SIGCONT)
        time.sleep(1)  # it would write what it had begun
        assert_done_once(chaos, 2)
        assert chaos.stop() == [0, 0]


def test_a_failover_of_the_database_loses_and_doubles_nothing() -> None:
    plan = attrs.evolve(QUIET, tenants=4, rows=(30, 30))
    with databases() as (primary, redis), standby_server(primary) as standby:
        with psycopg.connect(primary.conninfo, autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
            connection.execute("SELECT pg_reload_conf()")
        primary.conninfo = f"host={primary.folder},{standby.folder} user=postgres dbname=postgres target_session_attrs=read-write"
        with engine_chaos(plan, primary, redis, every_s=None) as chaos:
            chaos.set_up()
            chaos.start()
            chaos.file("push", *chaos.fakes)
            assert chaos.wait(lambda: any(requests(chaos, tenant) > 12 for tenant in chaos.fakes), 15)
            primary.stop("immediate")
            standby.promote()
            with psycopg.connect(standby.conninfo, autocommit=True) as connection:
                connection.execute("ALTER SYSTEM RESET synchronous_standby_names")
                connection.execute("SELECT pg_reload_conf()")
            assert_done_once(chaos, plan.tenants)
            assert chaos.stop() == [0]


def test_a_clock_that_is_set_changes_no_schedule(engine: StartEngine) -> None:
    plan = attrs.evolve(QUIET, rows=(3, 3))
    with engine(plan, kinds=["upsert"], every_s=1.0) as chaos:
        chaos.set_up()
        worker = chaos.start()
        assert chaos.wait(lambda: len(chaos.starts()) >= 2, 15)
        for shifts in (
            [signal.SIGUSR1],
            [signal.SIGUSR2, signal.SIGUSR2],
        ):  # an hour ahead, then an hour back
            for shift in shifts:
                os.kill(worker.pid or 0, shift)
            before, at = len(chaos.starts()), time.monotonic()
            assert chaos.wait(lambda: len(chaos.starts()) >= before + 4, 15)  # noqa: B023 - called at once
            assert len(chaos.starts()) - before <= 2 * (time.monotonic() - at + 2)
        chaos.fetch("DELETE FROM attio_engine.schedules")
        assert_done_once(chaos, len(chaos.runs()))
        assert chaos.stop() == [0]
