"""Rejections of a token that works. Time is virtual."""

import httpx
import pytest
from tests.support import Scripted, error, in_turn

from attio_async import RetryPolicy
from attio_async.errors import AuthenticationFailed, PermissionDenied

pytestmark = pytest.mark.anyio

OK = httpx.Response(200, json={"data": {}})
SELF = httpx.Response(200, json={"active": True, "scope": "object_configuration:read"})
DEAD = httpx.Response(200, json={"active": False})
UNKNOWN_TOKEN = error(401, "auth_error", "unauthorized")
NOT_ALLOWED = error(403, "auth_error", "unauthorized")


async def test_a_rejected_token_that_worked_a_moment_ago_is_checked_and_the_request_retried() -> None:
    http = Scripted()
    http.router.get("/v2/objects").mock(return_value=OK)
    probe = http.router.get("/v2/self").mock(return_value=SELF)
    write = http.router.post("/v2/notes").mock(side_effect=in_turn(UNKNOWN_TOKEN, OK))
    await http.attio.request("GET", "/v2/objects")
    assert await http.attio.request("POST", "/v2/notes") == {"data": {}}
    assert (probe.call_count, write.call_count) == (1, 2)
    assert http.attio.limiter.stats().false_auth_errors == 1


async def test_a_token_rejected_twice_raises_the_error() -> None:
    http = Scripted()
    http.router.get("/v2/objects").mock(side_effect=in_turn(OK, UNKNOWN_TOKEN))
    probe = http.router.get("/v2/self").mock(return_value=SELF)
    await http.attio.request("GET", "/v2/objects")
    with pytest.raises(AuthenticationFailed):
        await http.attio.request("GET", "/v2/objects")
    assert probe.call_count == 1


async def test_a_dead_token_is_checked_once() -> None:
    for response in (DEAD, UNKNOWN_TOKEN, httpx.Response(200, content=b"<html>"), httpx.Response(500)):
        http = Scripted()
        objects = http.router.get("/v2/objects").mock(side_effect=in_turn(OK, UNKNOWN_TOKEN))
        probe = http.router.get("/v2/self").mock(return_value=response)
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
        assert notes.call_count == number  # not retried
    assert asked.call_count == 1  # to name the scopes in the message


async def test_a_missing_scope_of_an_operation_that_just_worked_is_checked() -> None:
    http = Scripted()
    http.router.get("/v2/self").mock(return_value=SELF)
    http.router.post("/v2/notes").mock(side_effect=in_turn(OK, NOT_ALLOWED, OK))
    for _ in range(2):
        assert await http.attio.request("POST", "/v2/notes") == {"data": {}}
    assert http.attio.limiter.stats().false_auth_errors == 1


async def test_an_old_success_does_not_raise_doubts() -> None:
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
