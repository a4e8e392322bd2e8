"""The funnel with each kind of response, seen from the HTTP side. Time is virtual."""

import gzip
import itertools
import logging
import random
import traceback
from collections.abc import AsyncIterator
from typing import Any

import anyio
import httpx
import pytest
from tests.support import (
    TOKEN,
    Scripted,
    async_error_of,
    error,
    in_turn,
)

from attio_async import (
    AttemptEnded,
    Attio,
    BucketPaused,
    PermitAwaited,
    RateLimiter,
    Request,
    Response,
    RetryPolicy,
    RetryScheduled,
)
from attio_async.errors import (
    APIError,
    ConfigurationError,
    ConnectionFailed,
    DecodeError,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    RequestTimeout,
    ServerError,
)
from attio_async.testing import VirtualClock

pytestmark = pytest.mark.anyio

OK = httpx.Response(200, json={"data": {}})
EVERY_KIND = [
    ("GET", "/v2/self"),
    ("POST", "/v2/objects/people/records/query"),
    ("POST", "/v2/objects/people/records"),
    ("PATCH", "/v2/objects/people/records/1"),
    ("PUT", "/v2/objects/people/records/1"),
    ("DELETE", "/v2/objects/people/records/1"),
    ("POST", "/v2/objects/people/records/merge"),
    ("POST", "/v2/something/new"),
]
UNSAFE = [kind for kind in EVERY_KIND if kind[0] in {"POST", "PATCH"} and "query" not in kind[1]]
SAFE = [kind for kind in EVERY_KIND if kind not in UNSAFE]


async def test_a_429_is_retried_on_every_operation() -> None:
    misfits = {}
    for method, path in EVERY_KIND:
        http = Scripted()
        route = http.router.route().mock(side_effect=in_turn(http.refuse(http.date(1)), OK))
        response = await http.attio.request(method, path)
        waited = http.clock.monotonic()
        # One second ahead, as far as a date tells.
        if (response, route.call_count) != ({"data": {}}, 2) or not 1.0 <= waited <= 2.1:
            misfits[method, path] = response, route.call_count, waited
    assert not misfits


async def test_a_429_is_retried_after_the_seconds_it_names_or_one() -> None:
    misfits = {}
    for retry_after, seconds in (("3", 3.0), ("0.5", 0.5), (None, 1.0), ("soon", 1.0), ("-5", 0.0)):
        http = Scripted()
        http.router.route().mock(side_effect=in_turn(http.refuse(retry_after), OK))
        await http.attio.request("GET", "/v2/self")
        if not seconds <= http.clock.monotonic() <= seconds + 0.1:
            misfits[retry_after] = http.clock.monotonic()
    assert not misfits


async def test_a_longer_wait_than_allowed_is_raised_at_once() -> None:
    http = Scripted()
    route = http.router.route().mock(return_value=http.refuse("3600"))
    with pytest.raises(RateLimited) as caught:
        await http.attio.request("GET", "/v2/self")
    assert caught.value.retry_after == pytest.approx(3600, abs=0.1)
    assert route.call_count == 1
    assert http.clock.monotonic() == 0.0


async def test_retries_of_a_rate_limited_request_end() -> None:
    http = Scripted(retry=RetryPolicy(rate_limit_attempts=4))
    route = http.router.route().mock(return_value=http.refuse("1"))
    with pytest.raises(RateLimited) as caught:
        await http.attio.request("POST", "/v2/objects/people/records")
    assert route.call_count == caught.value.attempts == 4


async def test_an_isolated_429_delays_its_own_request_only() -> None:
    http = Scripted()
    http.router.get("/v2/lists").mock(side_effect=in_turn(http.refuse("5"), OK))
    http.router.get("/v2/self").mock(return_value=OK)
    done: dict[str, float] = {}

    async def get(path: str) -> None:
        await http.attio.request("GET", path)
        done[path] = http.clock.monotonic()

    async with anyio.create_task_group() as group:
        group.start_soon(get, "/v2/lists")
        await http.clock.sleep(0.5)
        group.start_soon(get, "/v2/self")
    assert done["/v2/self"] == 0.5
    assert done["/v2/lists"] >= 5


async def test_three_429s_for_writes_pause_writes_but_not_reads() -> None:
    events: list[object] = []
    http = Scripted(hooks=[events.append])
    refusals = [http.refuse("4")] * 3
    writes = http.router.post("/v2/notes").mock(side_effect=in_turn(*refusals, OK))
    http.router.get("/v2/self").mock(return_value=OK)
    times: list[float] = []

    async def write() -> None:
        await http.attio.request("POST", "/v2/notes")
        times.append(http.clock.monotonic())

    async with anyio.create_task_group() as group:
        for _ in range(3):
            group.start_soon(write)
        await http.clock.sleep(0.5)
        for _ in range(5):
            group.start_soon(write)
        await http.attio.request("GET", "/v2/self")
        assert http.clock.monotonic() == 0.5
    assert min(times) >= 4
    assert writes.call_count == 3 + 8
    ordered = sorted(times)
    assert all(later - earlier >= 0.04 for earlier, later in itertools.pairwise(ordered))
    assert next(event for event in events if isinstance(event, BucketPaused)).bucket == "write"


async def calls_to_success(method: str, path: str, *failures: type[Exception] | httpx.Response) -> int:
    """Return how many requests it took to succeed after these failures."""
    http = Scripted()
    route = http.router.route().mock(side_effect=in_turn(*failures, OK))
    assert await http.attio.request(method, path) == {"data": {}}
    return route.call_count


async def test_safe_operations_are_retried_after_a_failure() -> None:
    misfits = {}
    for failure in (httpx.ReadTimeout, httpx.ReadError, httpx.RemoteProtocolError):
        for method, path in SAFE:
            calls = await calls_to_success(method, path, failure, httpx.Response(503))
            if calls != 3:
                misfits[method, path, failure] = calls
    assert not misfits


async def test_unsafe_operations_are_not_retried_after_a_failure() -> None:
    misfits = {}
    for failure in (httpx.ReadTimeout, httpx.ReadError, httpx.Response(500), httpx.Response(520)):
        for method, path in UNSAFE:
            http = Scripted()
            route = http.router.route().mock(side_effect=in_turn(failure, OK))
            error = await async_error_of(http.attio.request, method, path)
            hidden = error.__cause__ if isinstance(error, OutcomeUnknown) else None
            is_known = isinstance(hidden, (RequestTimeout, ConnectionFailed, ServerError))
            if route.call_count != 1 or not is_known:
                misfits[method, path, failure] = route.call_count, error
    assert not misfits


async def test_unsent_requests_are_retried_on_every_operation() -> None:
    misfits = {}
    for method, path in EVERY_KIND:
        calls = await calls_to_success(method, path, httpx.ConnectError, httpx.ConnectTimeout)
        if calls != 3:
            misfits[method, path] = calls
    assert not misfits


async def test_retries_end_with_the_last_failure() -> None:
    http = Scripted(retry=RetryPolicy(attempts=3))
    route = http.router.route().mock(side_effect=in_turn(httpx.ConnectError))
    with pytest.raises(ConnectionFailed) as caught:
        await http.attio.request("GET", "/v2/self")
    assert route.call_count == caught.value.attempts == 3
    assert caught.value.sent is False
    assert isinstance(caught.value, ConnectionError)


async def test_nothing_is_retried_after_the_deadline() -> None:
    http = Scripted(retry=RetryPolicy(attempts=1000, deadline=10))
    http.router.route().mock(return_value=httpx.Response(503, headers={"retry-after": "4"}))
    with pytest.raises(ServerError) as caught:
        await http.attio.request("GET", "/v2/self")
    assert caught.value.attempts == 3
    assert http.clock.monotonic() <= 10


async def test_a_404_after_a_lost_response_to_a_delete_is_success() -> None:
    http = Scripted()
    gone = error(404, "invalid_request_error", "not_found")
    http.router.route().mock(side_effect=in_turn(httpx.ReadTimeout, gone))
    await http.attio.people.delete("5f0e3b1c-0000-4000-8000-000000000001")


async def test_a_404_for_the_first_attempt_of_a_delete_is_raised() -> None:
    http = Scripted()
    http.router.route().mock(return_value=error(404, "invalid_request_error", "not_found"))
    with pytest.raises(NotFound):
        await http.attio.people.delete("5f0e3b1c-0000-4000-8000-000000000001")


async def test_a_write_conflict_is_retried() -> None:
    http = Scripted()
    conflict = error(409, "invalid_request_error", "concurrent_write_conflict")
    route = http.router.route().mock(side_effect=in_turn(conflict, OK))
    await http.attio.request("POST", "/v2/objects/people/records")
    assert route.call_count == 2


async def test_other_errors_are_not_retried() -> None:
    http = Scripted()
    route = http.router.route().mock(return_value=error(400, "invalid_request_error", "validation_type"))
    with pytest.raises(APIError):
        await http.attio.request("GET", "/v2/self")
    assert route.call_count == 1


async def test_undocumented_bodies_raise_documented_errors() -> None:
    for body in (b"<html>Bad gateway</html>", b"", b'{"data": [', b"null", b'"text"', b"\xff\xfe", b"[1, 2]"):
        http = Scripted(retry=RetryPolicy(attempts=1))
        http.router.route().mock(return_value=httpx.Response(502, content=body))
        with pytest.raises(ServerError) as caught:
            await http.attio.notes.get("1")
        assert caught.value.status == 502
        http.router.route().mock(return_value=httpx.Response(200, content=body))
        with pytest.raises(DecodeError, match="/v2/notes/1"):
            await http.attio.notes.get("1")


async def test_redirects_are_not_followed() -> None:
    http = Scripted()
    http.router.get("/v2/self").mock(
        return_value=httpx.Response(302, headers={"location": "https://evil.example.com"})
    )
    with pytest.raises(APIError) as caught:
        await http.attio.request("GET", "/v2/self")
    assert caught.value.status == 302


async def test_middleware_wraps_every_attempt_and_never_sees_the_token() -> None:
    seen: list[tuple[str, int]] = []

    async def outer(request: Request, send) -> Response:
        assert TOKEN not in repr(request)
        response = await send(request)
        seen.append(("outer", response.status))
        return response

    async def inner(request: Request, send) -> Response:
        seen.append(("inner", 0))
        return await send(request)

    http = Scripted(middleware=[outer, inner])
    http.router.route().mock(side_effect=in_turn(httpx.Response(503), OK))
    await http.attio.request("GET", "/v2/self")
    assert seen == [("inner", 0), ("outer", 503), ("inner", 0), ("outer", 200)]


async def test_middleware_may_respond_itself_or_fail() -> None:
    async def answering(request: Request, send) -> Response:
        if request.path == "/v2/lists":
            raise KeyError("mine")
        return Response(status=200, headers={}, body=b'{"data": "made up"}')

    http = Scripted(middleware=[answering])
    assert await http.attio.request("GET", "/v2/self") == {"data": "made up"}
    with pytest.raises(KeyError, match="mine"):
        await http.attio.request("GET", "/v2/lists")


async def test_hooks_see_attempts_and_retries_and_cannot_break_them(caplog: pytest.LogCaptureFixture) -> None:
    events: list[object] = []

    def failing(event: object) -> None:
        raise RuntimeError("a bug of the hook")

    http = Scripted(hooks=[failing, events.append])
    http.router.route().mock(side_effect=in_turn(httpx.ReadTimeout, OK))
    with caplog.at_level(logging.ERROR):
        await http.attio.request("GET", "/v2/self")
    kinds = [type(event) for event in events]
    assert kinds == [AttemptEnded, RetryScheduled, AttemptEnded]
    assert (events[0].status, events[2].status) == (None, 200)
    assert "a hook failed" in caplog.text
    assert TOKEN not in caplog.text


async def test_an_exit_from_a_hook_before_sending_leaks_no_permit() -> None:
    class Stopped(BaseException):
        pass

    def stop(event: object) -> None:
        if isinstance(event, PermitAwaited):
            raise Stopped

    http = Scripted(limiter=RateLimiter(reads=1), max_connections=1, hooks=[stop])
    http.router.get("/v2/self").mock(return_value=OK)
    await http.attio.request("GET", "/v2/self")
    with pytest.raises(Stopped):
        await http.attio.request("GET", "/v2/self")
    await http.clock.sleep(5)
    started = http.clock.monotonic()
    await http.attio.request("GET", "/v2/self")  # its permit and the only connection were given back
    assert http.clock.monotonic() == started


async def test_the_token_is_sent_and_shown_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    http = Scripted()
    route = http.router.route().mock(side_effect=in_turn(httpx.ReadTimeout))
    with caplog.at_level(logging.DEBUG), pytest.raises(OutcomeUnknown) as caught:
        await http.attio.request("POST", "/v2/objects/people/records", json={"data": {"values": {}}})
    assert route.calls.last.request.headers["authorization"] == f"Bearer {TOKEN}"
    shown = "".join(traceback.format_exception(caught.value))
    for text in (repr(http.attio), repr(http.attio.settings), str(http.attio.settings), shown, caplog.text):
        assert TOKEN not in text


async def test_a_token_function_is_called_for_every_request() -> None:
    tokens = iter(["first", "second"])

    async def token() -> str:
        return next(tokens)

    http = Scripted()
    route = http.router.route().mock(return_value=OK)
    attio = http.attio.with_options(token=token)
    for expected in ("first", "second"):
        await attio.request("GET", "/v2/self")
        assert route.calls.last.request.headers["authorization"] == f"Bearer {expected}"


async def test_a_closed_client_rejects_requests() -> None:
    http = Scripted()
    async with http.attio:
        pass
    with pytest.raises(ConfigurationError, match="closed"):
        await http.attio.request("GET", "/v2/self")


async def test_cancelled_requests_give_back_their_connection() -> None:
    http = Scripted(max_connections=2)

    async def slowly(request: httpx.Request) -> httpx.Response:
        await http.clock.sleep(100)
        return OK

    http.router.get("/v2/lists").mock(side_effect=slowly)
    http.router.get("/v2/self").mock(return_value=OK)
    for _ in range(5):
        async with anyio.create_task_group() as group:
            for _ in range(4):
                group.start_soon(http.attio.request, "GET", "/v2/lists")
            await http.clock.sleep(0.1)
            group.cancel_scope.cancel()
    started = http.clock.monotonic()
    await http.attio.request("GET", "/v2/self")
    assert http.clock.monotonic() == started


async def test_a_middleware_that_returns_no_response_costs_no_connection() -> None:
    async def forgetful(request: Request, send: Any) -> Any:
        await send(request)

    http = Scripted(max_connections=2, middleware=[forgetful])
    http.router.get("/v2/self").mock(return_value=OK)
    for _ in range(5):
        with pytest.raises(ConfigurationError, match="a middleware returned NoneType"):
            await http.attio.request("GET", "/v2/self")
    assert http.attio.limiter.stats().requests == 5


async def test_a_response_that_cannot_be_judged_costs_no_connection() -> None:
    damaged = gzip.compress(random.Random(1).randbytes(60_000))[:-20]
    headers = {"content-encoding": "gzip"}

    async def wires(_: httpx.Request) -> httpx.Response:
        return httpx.Response(429, headers=headers, content=AsyncPieces(damaged))

    attio = Attio(
        TOKEN,
        transport=httpx.MockTransport(wires),
        clock=VirtualClock(),
        max_connections=2,
        retry=RetryPolicy(rate_limit_attempts=1),
    )
    for _ in range(5):
        with pytest.raises(RateLimited):
            await attio.people.query(limit=5)


class AsyncPieces:
    """A body that arrives piece by piece."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._content


async def test_a_deadline_ends_waits_and_retries() -> None:
    http = Scripted(deadline=5.0, retry=RetryPolicy(attempts=1000, base=1.0, cap=1.0, deadline=10**6))
    http.router.get("/v2/self").mock(return_value=httpx.Response(503))
    started = http.clock.monotonic()
    with pytest.raises(RequestTimeout, match="deadline of 5 s") as caught:
        await http.attio.request("GET", "/v2/self")
    assert http.clock.monotonic() - started == pytest.approx(5.0)
    assert caught.value.attempts > 5


async def test_a_deadline_in_the_middle_of_a_write_leaves_its_outcome_unknown() -> None:
    http = Scripted(deadline=5.0)

    async def slow(_: httpx.Request) -> httpx.Response:
        await http.clock.sleep(60)
        return httpx.Response(200, json={"data": {}})

    http.router.post("/v2/notes").mock(side_effect=slow)
    with pytest.raises(OutcomeUnknown) as caught:
        await http.attio.request("POST", "/v2/notes", json={})
    assert isinstance(caught.value.cause, RequestTimeout)
    http.router.get("/v2/self").mock(return_value=OK)
    assert await http.attio.request("GET", "/v2/self")  # the connection is free again


async def test_a_deadline_before_anything_was_sent_says_so() -> None:
    http = Scripted(deadline=5.0, max_connections=1, limiter=RateLimiter(writes=1))
    http.router.post("/v2/notes").mock(return_value=OK)
    errors: list[BaseException] = []

    async def write() -> None:
        try:
            await http.attio.request("POST", "/v2/notes", json={})
        except RequestTimeout as error:
            errors.append(error)

    async with anyio.create_task_group() as group:
        for _ in range(20):
            group.start_soon(write)
    assert errors
    assert not any(error.sent for error in errors)


async def test_a_failure_within_a_deadline_is_raised_as_it_is() -> None:
    http = Scripted(deadline=5.0)
    http.router.get("/v2/self").mock(return_value=error(404, "invalid_request_error", "not_found"))
    with pytest.raises(NotFound):
        await http.attio.request("GET", "/v2/self")
