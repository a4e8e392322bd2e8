"""Shared limits on a real Redis that the tests start. They run in real time, so briefly."""

import functools
import logging
import sys
import threading
from collections.abc import Callable, Iterator

import anyio
import httpx
import pytest

from attio_async import Attio, RedisRateLimiter
from attio_async._limits.redis_client import RedisCaller
from attio_async.errors import ConfigurationError
from tests.redis_server import RedisServer, needs_redis, running_redis
from tests.support import TOKEN

pytestmark = pytest.mark.anyio
pytest.importorskip("redis")
PASSWORD = "very-secret"


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with running_redis(PASSWORD) as server:
        yield server


async def respond(_: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={"data": {}})


def client(url: str, scope: str) -> Attio:
    limiter = RedisRateLimiter(url, scope=scope)
    return Attio(TOKEN, limiter=limiter, transport=httpx.MockTransport(respond))


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "attio-redis"]


async def until(condition: Callable[[], bool], attio: Attio) -> None:
    with anyio.fail_after(20):
        while not condition():
            await attio.request("GET", "/v2/self")
            await anyio.sleep(0.02)


@needs_redis
async def test_clients_take_permits_from_redis_and_end_their_threads(
    server: RedisServer, anyio_backend_name: str
) -> None:
    first, second = (client(server.url, f"taking-{anyio_backend_name}") for _ in range(2))
    async with first, second, anyio.create_task_group() as group:
        for attio in (first, second):
            for _ in range(20):
                group.start_soon(functools.partial(attio.request, "GET", "/v2/self"))
                group.start_soon(functools.partial(attio.request, "DELETE", "/v2/notes/1"))
        await anyio.sleep(0.3)
        assert len(threads()) == 2
    limiters = [attio.limiter for attio in (first, second)]
    assert all(isinstance(limiter, RedisRateLimiter) and limiter.is_shared for limiter in limiters)
    stats = [limiter.stats() for limiter in limiters]
    assert [each.reads.requests for each in stats] == [20, 20]
    assert [each.writes.requests for each in stats] == [20, 20]
    assert sum(each.writes.waited for each in stats) > 1
    assert threads() == []
    await first.limiter.aclose()  # it is closed already


@needs_redis
async def test_a_closed_limiter_serves_another_client(server: RedisServer) -> None:
    attio = client(server.url, "again")
    async with attio:
        await attio.request("GET", "/v2/self")
    async with Attio(TOKEN, limiter=attio.limiter, transport=httpx.MockTransport(respond)) as other:
        await other.request("GET", "/v2/self")
        assert other.limiter.stats().reads.requests == 2
    assert threads() == []


@needs_redis
async def test_a_client_goes_offline_and_rejoins_with_redis(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "attio_async")
    with running_redis(PASSWORD) as server:
        async with client(server.url, "gone") as attio:
            limiter = attio.limiter
            assert isinstance(limiter, RedisRateLimiter)
            await attio.request("GET", "/v2/self")
            server.stop()
            await until(lambda: not limiter.is_shared, attio)
            server.start()
            await until(lambda: limiter.is_shared, attio)
    lines = [record.getMessage() for record in caplog.records if record.name == "attio_async"]
    assert [line.partition(" (")[0] for line in lines] == [
        "Redis does not reply",
        "Redis replies again; the rate limits are shared again",
    ]
    assert PASSWORD not in caplog.text


@needs_redis
async def test_a_wrong_password_is_an_outage_and_is_not_shown(
    server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    async with client(server.url.replace(PASSWORD, "wrong-one"), "wrong") as attio:
        assert await attio.request("GET", "/v2/self") == {"data": {}}
    assert "Redis does not reply (AuthenticationError)" in caplog.text
    assert "wrong-one" not in caplog.text


@needs_redis
async def test_a_collected_caller_leaves_no_thread(server: RedisServer) -> None:
    caller = RedisCaller(server.url)
    caller._start()
    thread = caller._thread
    assert thread is not None
    assert thread.is_alive()
    del caller
    thread.join(5)
    assert not thread.is_alive()


def test_an_invalid_url_is_rejected_without_being_shown() -> None:
    for url in ("", "localhost:6379", "http://localhost", "redis://u:p4ss@host:port/0"):
        with pytest.raises(ConfigurationError, match="URL of Redis") as caught:
            RedisRateLimiter(url, scope="acme")
        assert "p4ss" not in str(caught.value)


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(ConfigurationError, match=r"attio-async\[redis\]"):
        RedisRateLimiter("redis://localhost", scope="acme")
