"""Many workspaces: one client each, the least recently used closed, none while it is used."""

from typing import Any

import anyio
import anyio.lowlevel
import httpx
import pytest

from attio_async import Attio, AttioPool, RateLimiter
from attio_async.errors import ConfigurationError

pytestmark = pytest.mark.anyio


def is_open(attio: Attio) -> bool:
    return not attio._shared.pool.client.is_closed


class Tokens:
    def __init__(self) -> None:
        self.asked: list[str] = []
        self.fails = False

    async def get(self, tenant: str) -> str:
        self.asked.append(tenant)
        await anyio.lowlevel.checkpoint()
        if self.fails:
            raise LookupError(tenant)
        return f"token-of-{tenant}-{len(self.asked)}"


def pool_of(tokens: Tokens, **options: Any) -> AttioPool:
    return AttioPool(tokens.get, **options)


async def test_each_tenant_has_the_limits_that_are_made_for_it() -> None:
    made: dict[str, RateLimiter] = {}

    def limits(tenant: str) -> RateLimiter:
        assert tenant not in made
        return made.setdefault(tenant, RateLimiter(reads=10, writes=5))

    async with pool_of(Tokens(), limiter=limits) as pool:
        for tenant in ("a", "b", "a"):
            async with pool.client(tenant) as attio:
                assert attio.limiter is made[tenant]
    assert sorted(made) == ["a", "b"]


async def test_each_tenant_has_its_own_client_for_as_long_as_it_is_kept() -> None:
    tokens, seen = Tokens(), []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["authorization"])
        return httpx.Response(200, json={"active": True})

    async with pool_of(tokens, transport=httpx.MockTransport(answer), timeout=7.0) as pool:
        async with pool.client("a") as first, pool.client("b") as other:
            await first.identify()
            await other.identify()
            assert first is not other
            assert first.limiter is not other.limiter
            assert first._schemas is not other._schemas
            assert first.settings.timeout == 7.0
        async with pool.client("a") as again:
            assert again is first
        assert is_open(first)
    assert tokens.asked == ["a", "b"]
    assert seen == ["Bearer token-of-a-1", "Bearer token-of-b-2"]
    assert not is_open(first)
    assert not is_open(other)


async def test_many_at_once_open_one_client() -> None:
    tokens, clients = Tokens(), []
    pool = pool_of(tokens)

    async def use() -> None:
        async with pool.client("a") as attio:
            clients.append(attio)
            await anyio.lowlevel.checkpoint()

    async with anyio.create_task_group() as group:
        for _ in range(20):
            group.start_soon(use)
    assert tokens.asked == ["a"]
    assert len(clients) == 20
    assert len(set(map(id, clients))) == 1
    await pool.aclose()


async def test_the_least_recently_used_are_closed() -> None:
    pool, clients = pool_of(Tokens(), max_clients=2), {}
    for tenant in ("a", "b", "a", "c"):
        async with pool.client(tenant) as clients[tenant]:
            pass
    assert {tenant: is_open(attio) for tenant, attio in clients.items()} == {"a": True, "b": False, "c": True}
    assert len(pool) == 2
    await pool.aclose()


async def test_what_is_in_use_stays_open_however_many_there_are() -> None:
    pool = pool_of(Tokens(), max_clients=1)
    async with pool.client("a") as a:
        async with pool.client("b") as b:
            assert is_open(a)
            assert is_open(b)
        assert is_open(a)
        assert not is_open(b)
    assert len(pool) == 1
    await pool.aclose()


async def test_a_forgotten_tenant_gets_a_new_token_and_the_old_client_may_finish() -> None:
    tokens = Tokens()
    pool = pool_of(tokens)
    async with pool.client("a") as old:
        await pool.forget("a")
        await pool.forget("nobody")
        assert is_open(old)
        async with pool.client("a") as new:
            assert new is not old
    assert not is_open(old)
    assert is_open(new)
    assert tokens.asked == ["a", "a"]
    await pool.aclose()


async def test_a_tenant_without_a_token_is_asked_for_again() -> None:
    tokens = Tokens()
    pool = pool_of(tokens)
    tokens.fails = True
    with pytest.raises(LookupError):
        async with pool.client("a"):
            pass
    assert len(pool) == 0
    tokens.fails = False
    async with pool.client("a") as attio:
        assert is_open(attio)
    await pool.aclose()


async def test_a_closed_pool_opens_nothing_and_lets_those_in_use_finish() -> None:
    pool = pool_of(Tokens())
    async with pool.client("a") as attio:
        await pool.aclose()
        assert is_open(attio)
        with pytest.raises(ConfigurationError, match="closed"):
            async with pool.client("b"):
                pass
    assert not is_open(attio)


@pytest.mark.parametrize(
    "options", [{"limiter": RateLimiter()}, {"colour": 1}, {"token": "x"}, {"max_clients": 0}]
)
async def test_options_that_cannot_be_shared_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises((ConfigurationError, TypeError)):
        pool_of(Tokens(), **options)


async def test_no_token_is_shown() -> None:
    pool = pool_of(Tokens())
    async with pool.client("a") as attio:
        assert "token-of-a" not in repr(pool) + repr(attio)
    await pool.aclose()
