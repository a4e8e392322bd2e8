"""Clients that share limits: order, rates, 429s and scores. Time is virtual, Redis is the model."""

import math
import random
from typing import Any

import anyio
import httpx
import pytest

from attio_async import (
    Attio,
    BucketPaused,
    LimitLowered,
    PermitAwaited,
    RedisRateLimiter,
    RetryPolicy,
    RetryScheduled,
)
from attio_async._limits import redis_limiter as limiter_module
from attio_async._limits.gate import Gate
from attio_async._limits.limiter import TokenLimits, limits_of
from attio_async._limits.redis_client import OnReply, ScriptCall, running_loop
from attio_async.errors import ConfigurationError, QueryTooComplex
from attio_async.testing import VirtualClock
from attio_async_api.operations import OPERATIONS
from tests._limits.redis.script_model import SharedModel
from tests._limits.simulator import most_in_any_second
from tests._limits.windows import Log
from tests.support import TOKEN, error_of

pytestmark = pytest.mark.anyio

pytest.importorskip("redis")
URL = "redis://user:very-secret@localhost:1/0"


class ModelCaller:
    """A caller that asks the model, which replies in the next turn of the event loop."""

    redis: SharedModel
    made: list["ModelCaller"]

    def __init__(self, url: str) -> None:
        self.clock: Any = VirtualClock()
        self.failure = "ConnectionError"
        ModelCaller.made.append(self)
        self.process = str(len(ModelCaller.made))
        self.closed = self.broken = False
        self.calls = 0

    def call(self, bucket: str, call: ScriptCall, on_reply: OnReply) -> None:
        now = self.clock.monotonic()
        self.calls += 1
        reply = None if self.broken else ModelCaller.redis.reply(bucket, call, 1000.0 + now)
        running_loop()(lambda: on_reply(reply, now))

    async def aclose(self) -> None:
        self.closed = True


@pytest.fixture(autouse=True)
def model(monkeypatch: pytest.MonkeyPatch) -> SharedModel:
    ModelCaller.redis, ModelCaller.made = SharedModel(), []
    monkeypatch.setattr(limiter_module, "RedisCaller", ModelCaller)
    return ModelCaller.redis


def limiter_of(**options: Any) -> RedisRateLimiter:
    return RedisRateLimiter(URL, **{"scope": "acme", **options})


def sharing(**options: Any) -> TokenLimits:
    return limits_of(limiter_of(**options))


async def settled(clock: VirtualClock) -> None:
    """Wait until all permits of new limits are back."""
    await clock.sleep(3)


async def test_two_limiters_share_one_rate_in_the_order_of_asking() -> None:
    clock, order = VirtualClock(), list[list[int]]([[], []])
    limiters = [sharing(), sharing()]
    gates = [Gate(limiter, 50, clock) for limiter in limiters]
    times: list[float] = []

    async def send(which: int, number: int) -> None:
        permit = await gates[which].enter(limiters[which].lane("read"), gates[which].position())
        order[which].append(number)
        times.append(clock.monotonic())
        await clock.sleep(0.04)
        permit.answered()

    async with anyio.create_task_group() as group:
        for number in range(200):
            group.start_soon(send, 0, number)
            group.start_soon(send, 1, number)
            await anyio.lowlevel.checkpoint()
    assert [sorted(numbers) for numbers in order] == [list(range(200))] * 2
    assert order[0] == sorted(order[0])
    assert most_in_any_second(sorted(times)) <= 100
    assert max(times) == pytest.approx(400 / 96, abs=0.3)
    assert limiters[0].stats().reads.requests == 200
    assert limiters[0].stats().reads.rate == pytest.approx(96)
    assert sum(caller.calls for caller in ModelCaller.made) <= 0.3 * 400


async def test_a_burst_leaves_at_once_after_an_idle_time() -> None:
    clock, limiter = VirtualClock(), sharing()
    gate, times = Gate(limiter, 50, clock), []

    async def send() -> None:
        permit = await gate.enter(limiter.lane("read"), gate.position())
        times.append(clock.monotonic())
        await clock.sleep(0.04)
        permit.answered()

    (await gate.enter(limiter.lane("read"), gate.position())).answered()
    await settled(clock)
    started = clock.monotonic()
    async with anyio.create_task_group() as group:
        for _ in range(100):
            group.start_soon(send)
    assert max(times) - started <= 0.1


async def test_merges_use_most_of_their_own_rate_among_writes() -> None:
    clock = VirtualClock()
    limiters = [sharing() for _ in range(2)]
    times: dict[str, list[float]] = {"merge_records": [], "write": []}

    async def send(limiter: TokenLimits, gate: Gate, name: str) -> None:
        lane = limiter.lane_of(OPERATIONS["merge_records"]) if name == "merge_records" else limiter.lane(name)
        permit = await gate.enter(lane, gate.position())
        times[name].append(clock.monotonic())
        await clock.sleep(0.04)
        permit.answered()

    async with anyio.create_task_group() as group:
        for limiter in limiters:
            gate = Gate(limiter, 50, clock)
            for _ in range(115):
                group.start_soon(send, limiter, gate, "write")
            for _ in range(20):
                group.start_soon(send, limiter, gate, "merge_records")
    together = sorted(times["merge_records"] + times["write"])
    assert most_in_any_second(sorted(times["merge_records"])) <= 5
    assert most_in_any_second(together) <= 25
    assert max(times["merge_records"]) <= 40 / 4 + 3
    assert max(together) <= 270 / 23 + 3


async def test_the_permit_of_a_cancelled_waiter_is_used_by_the_next() -> None:
    clock, limiter = VirtualClock(), sharing(reads=1)
    gate = Gate(limiter, 50, clock)
    lane = limiter.lane("read")
    (await gate.enter(lane, gate.position())).answered()
    with anyio.CancelScope() as scope:
        async with anyio.create_task_group() as group:
            group.start_soon(gate.enter, lane, gate.position())
            await clock.sleep(0.5)
            scope.cancel()
    permit = await gate.enter(lane, gate.position())
    assert clock.monotonic() == pytest.approx(
        1.25, abs=0.01
    )  # the permit that the cancelled request had waited for
    permit.answered()


async def test_cancelled_requests_lose_no_permit_and_no_connection() -> None:
    clock, limiter, chance = VirtualClock(), sharing(), random.Random(3)
    gate, lane, times = Gate(limiter, 50, clock), limiter.lane("read"), list[float]()

    async def send(scope: anyio.CancelScope) -> None:
        with scope:
            permit = await gate.enter(lane, gate.position())
            times.append(clock.monotonic())
            try:
                await clock.sleep(0.04)
            except BaseException:
                permit.lost()
                raise
            permit.answered()

    async def cancel(scope: anyio.CancelScope, after: float) -> None:
        await clock.sleep(after)
        scope.cancel()

    async with anyio.create_task_group() as group:
        for number in range(400):
            scope = anyio.CancelScope()
            group.start_soon(send, scope)
            if number % 2:
                group.start_soon(cancel, scope, round(chance.uniform(0, 3) * 96) / 96)
    assert 200 < len(times) < 400
    assert most_in_any_second(sorted(times)) <= 100
    await settled(clock)
    started, times[:] = clock.monotonic(), []
    async with anyio.create_task_group() as group:
        for _ in range(90):
            group.start_soon(send, anyio.CancelScope())
    assert max(times) - started <= 0.1  # all connections and permits are back


class Server:
    """Counts strictly what all clients send, and responds after 40 ms."""

    def __init__(self, clock: VirtualClock, limit: int = 100) -> None:
        self.clock, self.window = clock, Log(limit)
        self.rate_limited = self.accepted = 0
        self.complex: set[str] = set()

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        await self.clock.sleep(0.02)
        if request.url.path in self.complex or not self.window.admit(self.clock.time()):
            self.rate_limited += 1
            text = "query score" if request.url.path in self.complex else "slow down"
            body = {"status_code": 429, "code": "rate_limit_exceeded", "message": text}
            return httpx.Response(429, headers={"retry-after": "1"}, json=body)
        self.accepted += 1
        await self.clock.sleep(0.02)
        return httpx.Response(200, json={"data": []})

    def client(self, **options: Any) -> Attio:
        transport = httpx.MockTransport(self)
        retry = RetryPolicy(rate_limit_attempts=30)
        return Attio(
            TOKEN, limiter=limiter_of(), transport=transport, clock=self.clock, retry=retry, **options
        )


async def test_all_clients_follow_a_lowered_limit_and_report_it_to_hooks() -> None:
    clock, events = VirtualClock(), list[Any]()
    server = Server(clock, limit=50)
    first, second = server.client(), server.client(hooks=[events.append])

    async def reader(attio: Attio, pause: float) -> None:
        while clock.monotonic() < 10:
            await attio.request("GET", "/v2/self")
            await clock.sleep(pause)

    async with first, second, anyio.create_task_group() as group:
        for _ in range(100):
            group.start_soon(reader, first, 0)
        group.start_soon(reader, second, 0.3)
    assert server.accepted >= 0.8 * 50 * 9
    assert server.rate_limited <= 60
    rates = [attio.limiter.stats().reads for attio in (first, second)]
    assert rates[0].rate == pytest.approx(rates[1].rate, abs=3)
    assert max(rate.rate for rate in rates) <= 52
    kinds = {type(event) for event in events}
    assert kinds >= {LimitLowered, PermitAwaited, BucketPaused}
    assert rates[1].pauses >= 1
    assert ModelCaller.made[0].closed


async def test_a_429_for_a_score_slows_the_queries_of_all_clients() -> None:
    clock = VirtualClock()
    server = Server(clock)
    server.complex = {"/v2/objects/deals/records/query"}
    first, second = server.client(), server.client()
    async with first, second, anyio.create_task_group() as group:
        await second.request("POST", "/v2/objects/people/records/query", json={})
        group.start_soon(failing_query, first)
        await clock.sleep(0.1)
        await second.request("GET", "/v2/self")  # any reply tells it of the 429
        started = clock.monotonic()
        await second.request("POST", "/v2/objects/people/records/query", json={})
        assert clock.monotonic() - started >= 0.8
        assert second.limiter.stats().queries.max_concurrent < math.inf
        await second.request("GET", "/v2/self")


async def failing_query(attio: Attio) -> None:
    with pytest.raises(QueryTooComplex):
        await attio.request("POST", "/v2/objects/deals/records/query", json={})


async def test_a_query_beside_those_of_another_client_is_not_too_complex() -> None:
    clock, events = VirtualClock(), list[Any]()
    server = Server(clock)
    server.complex = {"/v2/objects/deals/records/query"}
    first, second = server.client(hooks=[events.append]), server.client()
    async with first, second, anyio.create_task_group() as group:
        group.start_soon(failing_query, first)
        for _ in range(6):
            await second.request("POST", "/v2/objects/people/records/query", json={})
            await clock.sleep(1.5)
        repeats = sum(isinstance(event, RetryScheduled) for event in events)
        assert repeats >= 4  # three would be enough without other queries


async def test_requests_go_on_without_redis_and_a_warning_is_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = VirtualClock()
    server = Server(clock)
    attio = server.client()
    limiter = attio.limiter
    assert isinstance(limiter, RedisRateLimiter)
    async with attio:
        await attio.request("GET", "/v2/self")
        ModelCaller.made[0].broken = True
        await settled(clock)
        for _ in range(20):
            await attio.request("GET", "/v2/self")
        assert not limiter.is_shared
        assert attio.limiter.stats().reads.rate < 90
        ModelCaller.made[0].broken = False
        await clock.sleep(1)
        for _ in range(4):
            await attio.request("GET", "/v2/self")
        assert limiter.is_shared
    warnings = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert warnings == [
        "Redis does not reply (ConnectionError); using a share of the rate limits until it does"
    ]
    assert "secret" not in caplog.text


def test_the_password_is_not_shown() -> None:
    limiter = limiter_of(writes=10)
    assert repr(limiter) == "RedisRateLimiter(scope='acme', reads=100, writes=10)"
    assert "secret" not in repr(vars(limiter))


def test_invalid_options_are_rejected() -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({"scope": ""}, "scope must be a name"),
        ({"scope": "two\nlines"}, "scope must be a name"),
        ({"processes": 0}, "processes must be at least 1"),
        ({"reads": 0}, "reads must be at least 1"),
        ({"writes": 1001}, "writes must be at most 1000"),
        ({"operations": {"merge_record": 1}}, "did you mean 'merge_records'"),
    ]
    misfits = {}
    for options, message in cases:
        error = error_of(lambda options=options: sharing(**options))
        if not isinstance(error, ConfigurationError) or message not in str(error):
            misfits[str(options)] = error
    assert not misfits
