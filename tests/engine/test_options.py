"""The options of an engine and its jobs, and what it refuses. Nothing here connects."""

from datetime import timedelta
from typing import Any

import anyio
import pytest

from attio_async.bulk import PostgresJournal
from attio_async.engine import Engine, Job
from attio_async.engine._definition import JobDefinition, seconds_of
from attio_async.errors import ConfigurationError
from attio_async.testing import FakeAttio


async def token(tenant: str) -> str:
    return "token"


async def push(job: Job) -> None:
    """Do nothing."""


def new_engine(**options: Any) -> Engine:
    return Engine("dbname=none", tokens=token, **options)


@pytest.mark.parametrize(
    ("given", "seconds"),
    [("90s", 90), ("15m", 900), ("1.5h", 5400), (" 1d ", 86_400), (2, 2), (timedelta(minutes=1), 60)],
)
def test_a_length_of_time_is_read(given: Any, seconds: float) -> None:
    assert seconds_of("every", given) == seconds


@pytest.mark.parametrize(
    "given", ["15", "15 minutes", "-1s", "", -1, float("inf"), float("nan"), None, [1], True]
)
def test_what_is_not_a_length_of_time_is_refused(given: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"^every "):
        seconds_of("every", given)


def test_the_limits_of_a_tenant_are_split_by_the_workers() -> None:
    assert repr(new_engine(workers=4)._limiter("acme")) == "RateLimiter(reads=25, writes=6)"
    assert repr(new_engine(workers=99)._limiter("acme")) == "RateLimiter(reads=1, writes=1)"


def test_the_limits_of_a_tenant_are_shared_through_redis() -> None:
    engine = new_engine(redis="redis://localhost", workers=4, writes=10)
    assert repr(engine._limiter("acme")) == "RedisRateLimiter(scope='acme', reads=100, writes=10)"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"workers": 0}, "workers must be at least 1"),
        ({"workers": 1.5}, "workers must be a whole number, not 1.5"),
        ({"lease": "1"}, "lease is not a valid length of time"),
        ({"redis": "http://localhost"}, "redis"),
        ({"tokn": 1}, "unknown option tokn"),
        ({"on_run": push}, "on_run is called without await"),
    ],
)
def test_an_option_that_is_not_valid_is_refused(options: Any, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        new_engine(**options)


def test_a_job_that_is_not_valid_is_refused() -> None:
    engine = new_engine()
    with pytest.raises(ConfigurationError, match="a job must be an async function"):
        engine.job()(lambda job: None)  # type: ignore[arg-type, return-value]
    for name in ("", "a/b", "a b", "x" * 61):
        with pytest.raises(ConfigurationError, match="is not a valid name of a job"):
            engine.job(name=name or "/")(push)
    with pytest.raises(ConfigurationError, match="every must be at least 1 seconds"):
        engine.job(every=0.1)


def test_retries_wait_longer_and_longer_up_to_a_limit() -> None:
    definition = JobDefinition(
        name="push",
        function=push,
        every=None,
        per_tenant=True,
        retries=200,
        backoff=30,
        max_backoff=3600,
        timeout=None,
        backfill=False,
    )
    for attempt, longest in ((1, 30), (2, 60), (7, 1920), (8, 3600), (200, 3600)):
        delay = definition.delay(attempt)
        assert delay is not None
        assert 0.9 * longest <= delay <= longest
    assert definition.delay(201) is None


@pytest.mark.anyio
async def test_a_database_that_cannot_be_reached_is_told() -> None:
    async with Engine("host=/none dbname=none", tokens=token) as engine:
        for call in (engine.init, engine.overview, engine.dead):
            with pytest.raises(ConfigurationError, match=r"cannot be used|not on trio"):
                await call()


def test_an_engine_says_that_it_needs_asyncio() -> None:
    with pytest.raises(ConfigurationError, match="an engine runs on asyncio, not on trio"):
        anyio.run(new_engine().init, backend="trio")


@pytest.mark.anyio
async def test_a_sync_has_one_place_for_its_state() -> None:
    journal = PostgresJournal("dbname=none")
    async with FakeAttio().client() as attio:
        with pytest.raises(ConfigurationError, match="give either state or journal"):
            attio.companies.sync_to([], match="domains", owned=["name"], state="state.db", journal=journal)
