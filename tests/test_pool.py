"""A client for each tenant: the least recently used are closed, but none while it is used."""

from typing import Any

import anyio
import anyio.lowlevel
import httpx
import pytest

from attio_async import Attio, AttioPool, RateLimiter
from attio_async.errors import ConfigurationError

pytestmark = pytest.mark.anyio


class Tokens:
    """The tokens of all tenants: the n-th one given out has the number n."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.fails = False

    async def get(self, tenant: str) -> str:
        self.asked.append(tenant)
        await anyio.lowlevel.checkpoint()
        if self.fails:
            raise LookupError(tenant)
        return f"token-of-{tenant}-{len(self.asked)}"


class Api:
    """Answers every request, and keeps its token, path and timeout."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, float]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        token = request.headers["authorization"].removeprefix("Bearer ")
        self.requests.append((token, request.url.path, request.extensions["timeout"]["read"]))
        return httpx.Response(200, json={"active": True, "data": []})


def pool_of(tokens: Tokens, api: Api | None = None, **options: Any) -> AttioPool:
    return AttioPool(tokens.get, transport=httpx.MockTransport(api or Api()), **options)


async def is_open(attio: Attio) -> bool:
    try:
        await attio.identify()
    except ConfigurationError as error:
        assert "closed" in str(error)
        return False
    return True


async def test_the_limits_of_a_tenant_are_made_once() -> None:
    made: dict[str, RateLimiter] = {}

    def limits(tenant: str) -> RateLimiter:
        assert tenant not in made
        return made.setdefault(tenant, RateLimiter(reads=10, writes=5))

    async with pool_of(Tokens(), limiter=limits) as pool:
        for tenant in ("a", "b", "a"):
            async with pool.client(tenant) as attio:
                assert attio.limiter is made[tenant]
    assert sorted(made) == ["a", "b"]


async def test_each_tenant_has_its_own_client_limits_and_schemas() -> None:
    tokens, api = Tokens(), Api()
    async with pool_of(tokens, api, timeout=7.0) as pool:
        async with pool.client("a") as first, pool.client("b") as other:
            for attio in (first, other, first):
                await attio.schema("people")
            assert first is not other
            assert first.limiter is not other.limiter
        async with pool.client("a") as again:
            assert again is first
        assert await is_open(first)
    assert tokens.asked == ["a", "b"]
    path = "/v2/objects/people/attributes"
    assert api.requests[:2] == [("token-of-a-1", path, 7.0), ("token-of-b-2", path, 7.0)]
    assert len(api.requests) == 3
    assert not await is_open(first)
    assert not await is_open(other)


async def test_concurrent_tasks_open_one_client() -> None:
    tokens, clients = Tokens(), []
    async with pool_of(tokens) as pool:

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


async def test_the_least_recently_used_clients_are_closed() -> None:
    clients: dict[str, Attio] = {}
    async with pool_of(Tokens(), max_clients=2) as pool:
        for tenant in ("a", "b", "a", "c"):
            async with pool.client(tenant) as clients[tenant]:
                pass
        assert [await is_open(clients[tenant]) for tenant in "abc"] == [True, False, True]
        assert len(pool) == 2


async def test_a_client_in_use_stays_open_even_above_the_maximum() -> None:
    async with pool_of(Tokens(), max_clients=1) as pool:
        async with pool.client("a") as a:
            async with pool.client("b") as b:
                assert await is_open(a)
                assert await is_open(b)
            assert await is_open(a)
            assert not await is_open(b)
        assert len(pool) == 1


async def test_a_forgotten_tenant_gets_a_new_token_and_its_old_client_may_finish() -> None:
    tokens = Tokens()
    async with pool_of(tokens) as pool:
        async with pool.client("a") as old:
            await pool.forget("a")
            await pool.forget("nobody")
            assert await is_open(old)
            async with pool.client("a") as new:
                assert new is not old
        assert not await is_open(old)
        assert await is_open(new)
    assert tokens.asked == ["a", "a"]


async def test_a_token_that_could_not_be_read_is_read_again() -> None:
    tokens = Tokens()
    async with pool_of(tokens) as pool:
        tokens.fails = True
        with pytest.raises(LookupError):
            async with pool.client("a"):
                pass
        assert len(pool) == 0
        tokens.fails = False
        async with pool.client("a") as attio:
            assert await is_open(attio)


@pytest.mark.parametrize("token", [lambda tenant: "token", "token", None])
async def test_tokens_come_from_an_async_function(token: Any) -> None:
    async with AttioPool(token) as pool:
        with pytest.raises(ConfigurationError, match="must come from an async function"):
            async with pool.client("a"):
                pass
        assert len(pool) == 0


async def test_a_closed_pool_opens_nothing_and_lets_clients_in_use_finish() -> None:
    pool = pool_of(Tokens())
    async with pool.client("a") as attio:
        await pool.aclose()
        assert await is_open(attio)
        with pytest.raises(ConfigurationError, match="closed"):
            async with pool.client("b"):
                pass
    assert not await is_open(attio)


def test_options_that_belong_to_one_tenant_are_refused() -> None:
    for options in ({"limiter": RateLimiter()}, {"colour": 1}, {"token": "x"}, {"max_clients": 0}):
        with pytest.raises((ConfigurationError, TypeError)):
            AttioPool(Tokens().get, **options)
    with pytest.raises(ConfigurationError, match="max_clients must be at least 1, not '5'"):
        AttioPool(Tokens().get, max_clients="5")


async def test_no_token_is_shown() -> None:
    async with pool_of(Tokens()) as pool, pool.client("a") as attio:
        assert "token-of-a" not in repr(pool) + repr(attio)
