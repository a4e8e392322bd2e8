"""Retries of failed requests and their budget, and the delay that the server asks for. Time is virtual."""

import anyio
import httpx
import pytest
from tests.support import Scripted, in_turn

from attio_async import RetryPolicy
from attio_async._limits.server_clock import ServerClock
from attio_async._pipeline.retry import http_date, rate_limit_delay, retry_after_delay
from attio_async.errors import (
    ConfigurationError,
    ServerError,
)

pytestmark = pytest.mark.anyio

OK = httpx.Response(200, json={"data": {}})


async def test_retries_do_not_multiply_an_outage() -> None:
    http = Scripted()
    route = http.router.get("/v2/lists").mock(return_value=httpx.Response(503))
    failed = 0

    async def get() -> None:
        nonlocal failed
        with pytest.raises(ServerError):
            await http.attio.request("GET", "/v2/lists")
        failed += 1

    async with anyio.create_task_group() as group:
        for _ in range(500):
            group.start_soon(get)
    assert failed == 500
    assert route.call_count == 600
    stats = http.attio.limiter.stats()
    assert (stats.retries, stats.retries_skipped) == (100, 500)


async def test_successes_pay_for_retries() -> None:
    http = Scripted()
    http.router.get("/v2/lists").mock(return_value=httpx.Response(503))
    http.router.get("/v2/objects").mock(return_value=OK)
    async with anyio.create_task_group() as group:
        for _ in range(100):
            group.start_soon(fails, http)
    before = http.attio.limiter.stats().retries
    await fails(http)
    assert http.attio.limiter.stats().retries == before
    for _ in range(11):
        await http.attio.request("GET", "/v2/objects")
    await fails(http)
    assert http.attio.limiter.stats().retries == before + 2


async def fails(http: Scripted) -> None:
    with pytest.raises(ServerError):
        await http.attio.request("GET", "/v2/lists")


async def test_fifty_connections_cut_off_at_once_are_all_retried() -> None:
    http = Scripted()
    answers = [httpx.ReadError] * 50
    http.router.get("/v2/lists").mock(side_effect=in_turn(*answers, OK))
    async with anyio.create_task_group() as group:
        for _ in range(50):
            group.start_soon(http.attio.request, "GET", "/v2/lists")


def test_a_negative_budget_is_rejected() -> None:
    with pytest.raises(ConfigurationError, match="budget"):
        RetryPolicy(budget=-0.1)


HOUR_AHEAD = ServerClock()
HOUR_AHEAD.observe(1684852920.0, sent=0.0, received=0.0)  # Tue, 23 May 2023 14:42:00 GMT


def delay_for(value: str | None, *, wall: float = 0.0) -> float | None:
    headers = {} if value is None else {"retry-after": value}
    return retry_after_delay(headers, HOUR_AHEAD, now=0.0, wall=wall)


def test_retry_after_of_the_api_and_of_proxies() -> None:
    assert delay_for("Tue, 23 May 2023 14:42:01 GMT") == 1.0
    assert delay_for("2") == 2.0
    assert delay_for("0.25") == 0.25
    assert delay_for("Tue, 23 May 2023 14:40:00 GMT") == 0.0
    assert delay_for("-3") == 0.0
    for invalid in ("soon", "", "nan", "inf", None):
        assert delay_for(invalid) is None


def test_a_date_is_read_by_our_clock_if_the_server_has_sent_none() -> None:
    headers = {"retry-after": "Tue, 23 May 2023 14:42:01 GMT"}
    assert retry_after_delay(headers, ServerClock(), now=50.0, wall=1684852919.0) == 2.0


def test_a_429_without_retry_after_waits_a_second_and_some_jitter() -> None:
    assert rate_limit_delay({}, ServerClock(), now=0.0, wall=0.0, random=0.0) == 1.0
    assert 1.0 < rate_limit_delay({}, ServerClock(), now=0.0, wall=0.0, random=1.0) < 1.1


def test_http_dates() -> None:
    assert http_date("Thu, 01 Jan 1970 00:00:10 GMT") == 10.0
    assert http_date("yesterday") is None
    assert http_date("") is None
