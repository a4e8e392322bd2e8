"""The budget of repeats, and refusals of a token that works. Time is virtual."""

import anyio
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support import Scripted, error, in_turn

from attio_async import RetryPolicy
from attio_async._limits.limiter import RetryBudget
from attio_async.errors import (
    AuthenticationFailed,
    ConfigurationError,
    PermissionDenied,
    ServerError,
)

pytestmark = pytest.mark.anyio

OK = httpx.Response(200, json={"data": {}})
SELF = httpx.Response(200, json={"active": True})
DEAD = httpx.Response(200, json={"active": False})
UNKNOWN_TOKEN = error(401, "auth_error", "unauthorized")
NOT_ALLOWED = error(403, "auth_error", "unauthorized")


@given(st.lists(st.booleans(), max_size=400))
def test_repeats_are_never_more_than_the_reserve_and_the_earned_share(steps: list[bool]) -> None:
    budget, earned = RetryBudget(), 0
    for success in steps:
        if success:
            budget.earn(0.2)
            earned += 1
        else:
            budget.spend()
    assert budget.spent <= 100 + 0.2 * earned
    assert budget.spent + budget.denied + earned == len(steps)
    if not earned:
        assert budget.spent == min(100, len(steps))


async def test_an_outage_is_not_multiplied() -> None:
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


async def test_successes_pay_for_repeats() -> None:
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


async def test_fifty_connections_cut_off_at_once_are_all_repeated() -> None:
    http = Scripted()
    answers = [httpx.ReadError] * 50
    http.router.get("/v2/lists").mock(side_effect=in_turn(*answers, OK))
    async with anyio.create_task_group() as group:
        for _ in range(50):
            group.start_soon(http.attio.request, "GET", "/v2/lists")


async def test_a_refused_token_that_worked_a_moment_ago_is_checked_and_the_request_repeated() -> None:
    http = Scripted()
    http.router.get("/v2/objects").mock(return_value=OK)
    probe = http.router.get("/v2/self").mock(return_value=SELF)
    write = http.router.post("/v2/notes").mock(side_effect=in_turn(UNKNOWN_TOKEN, OK))
    await http.attio.request("GET", "/v2/objects")
    assert await http.attio.request("POST", "/v2/notes") == {"data": {}}
    assert (probe.call_count, write.call_count) == (1, 2)
    assert http.attio.limiter.stats().false_auth_errors == 1


async def test_a_token_that_is_refused_twice_is_refused() -> None:
    http = Scripted()
    http.router.get("/v2/objects").mock(side_effect=in_turn(OK, UNKNOWN_TOKEN))
    probe = http.router.get("/v2/self").mock(return_value=SELF)
    await http.attio.request("GET", "/v2/objects")
    with pytest.raises(AuthenticationFailed):
        await http.attio.request("GET", "/v2/objects")
    assert probe.call_count == 1


@pytest.mark.parametrize(
    "answer", [DEAD, UNKNOWN_TOKEN, httpx.Response(200, content=b"<html>"), httpx.Response(500)]
)
async def test_a_dead_token_is_found_out_once(answer: httpx.Response) -> None:
    http = Scripted()
    objects = http.router.get("/v2/objects").mock(side_effect=in_turn(OK, UNKNOWN_TOKEN))
    probe = http.router.get("/v2/self").mock(return_value=answer)
    await http.attio.request("GET", "/v2/objects")
    for _ in range(3):
        with pytest.raises(AuthenticationFailed):
            await http.attio.request("GET", "/v2/objects")
    assert (probe.call_count, objects.call_count) == (1, 4)
    assert http.attio.limiter.stats().false_auth_errors == 0


async def test_a_missing_scope_is_believed() -> None:
    http = Scripted()
    http.router.get("/v2/objects").mock(return_value=OK)
    asked = http.router.get("/v2/self").mock(return_value=SELF)
    notes = http.router.post("/v2/notes").mock(return_value=NOT_ALLOWED)
    await http.attio.request("GET", "/v2/objects")
    for number in range(1, 3):
        with pytest.raises(PermissionDenied):
            await http.attio.request("POST", "/v2/notes")
        assert notes.call_count == number  # not sent again
    assert asked.call_count == 1  # for the scopes that the message names


async def test_a_permission_that_the_same_operation_just_had_is_not() -> None:
    http = Scripted()
    http.router.get("/v2/self").mock(return_value=SELF)
    http.router.post("/v2/notes").mock(side_effect=in_turn(OK, NOT_ALLOWED, OK))
    for _ in range(2):
        assert await http.attio.request("POST", "/v2/notes") == {"data": {}}
    assert http.attio.limiter.stats().false_auth_errors == 1


async def test_an_old_success_and_a_first_refusal_prove_nothing() -> None:
    http = Scripted()
    http.router.get("/v2/objects").mock(side_effect=in_turn(OK, UNKNOWN_TOKEN))
    probe = http.router.get("/v2/self").mock(return_value=SELF)
    await http.attio.request("GET", "/v2/objects")
    await http.clock.sleep(61)
    with pytest.raises(AuthenticationFailed):
        await http.attio.request("GET", "/v2/objects")
    assert probe.call_count == 0


async def test_the_check_can_be_switched_off() -> None:
    http = Scripted(retry=RetryPolicy(recheck_token=False))
    http.router.get("/v2/objects").mock(side_effect=in_turn(OK, UNKNOWN_TOKEN, OK))
    await http.attio.request("GET", "/v2/objects")
    with pytest.raises(AuthenticationFailed):
        await http.attio.request("GET", "/v2/objects")


def test_a_negative_budget_cannot_work() -> None:
    with pytest.raises(ConfigurationError, match="budget"):
        RetryPolicy(budget=-0.1)
