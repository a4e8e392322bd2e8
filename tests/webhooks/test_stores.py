"""The promises of every store, and those of SQLite and Redis alone."""

import os
import stat
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import attrs
import pytest

from attio_async.errors import ConfigurationError
from attio_async.testing import VirtualClock
from attio_async.webhooks import (
    Delivery,
    DeliveryStore,
    MemoryStore,
    PostgresStore,
    RedisStore,
    SQLiteStore,
)
from tests.postgres import lose_next_commit, running_postgres
from tests.redis_server import redis_server, running_redis
from tests.support import some, trio_when_full

pytestmark = pytest.mark.anyio
anyio_backend = trio_when_full


def delivery(key: str, at: float = 0.0) -> Delivery:
    return Delivery(key=key, body=f"body of {key}".encode(), received_at=at)


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    pytest.importorskip("redis")
    if redis_server is None:
        pytest.skip("redis-server is not installed")
    with running_redis("very-secret") as server:
        yield server.url


@pytest.fixture
def name() -> str:
    """A name that no other test uses."""
    return uuid.uuid4().hex


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    with running_postgres() as conninfo:
        yield conninfo


@pytest.fixture(params=["memory", "sqlite", "redis", pytest.param("postgres", marks=pytest.mark.full)])
async def store(request: pytest.FixtureRequest, tmp_path: Path, name: str, anyio_backend: str) -> Any:
    if request.param == "memory":
        made: DeliveryStore = MemoryStore()
    elif request.param == "sqlite":
        made = SQLiteStore(tmp_path / "hooks.db")
    elif request.param == "postgres":
        made = PostgresStore(request.getfixturevalue("database"), name=name)
    else:
        made = RedisStore(request.getfixturevalue("redis_url"), name=name)
    yield made
    await made.aclose()


async def test_a_key_is_added_once(store: DeliveryStore) -> None:
    assert await store.add(delivery("a"))
    assert not await store.add(attrs.evolve(delivery("a"), body=b"other"))
    assert await store.load(["a"]) == [delivery("a")]
    await store.finish(["a"])
    assert not await store.add(delivery("a"))
    assert list(await store.pending()) == []


async def test_pending_deliveries_are_in_the_order_of_arrival(store: DeliveryStore) -> None:
    for key in "cabd":
        await store.add(delivery(key))
    await store.finish(["a"])
    assert list(await store.pending()) == ["c", "b", "d"]
    assert [each.key for each in await store.load(["d", "a", "nobody", "c"])] == ["d", "c"]


async def test_progress_is_stored(store: DeliveryStore) -> None:
    await store.add(delivery("a"))
    changed = attrs.evolve(delivery("a"), done=frozenset({"0:x", "1:y"}), attempts=3, reason="no")
    await store.save(changed)
    assert await store.load(["a"]) == [changed]
    await store.finish(["a"])
    await store.save(changed)
    assert await store.load(["a"]) == []


async def test_dead_letters_are_stored_and_can_be_revived(store: DeliveryStore) -> None:
    await store.add(delivery("a"))
    dead = attrs.evolve(delivery("a"), done=frozenset({"0:x"}), attempts=8, reason="no")
    await store.bury(dead)
    await store.bury(attrs.evolve(delivery("never added"), reason="unreadable"))
    assert [(each.key, each.reason) for each in await store.dead_letters()] == [
        ("a", "no"),
        ("never added", "unreadable"),
    ]
    assert not await store.add(delivery("a"))
    assert list(await store.pending()) == []
    revived = attrs.evolve(dead, attempts=0, reason=None)
    assert await store.revive("a") == revived
    assert await store.revive("a") is None
    assert await store.load(["a"]) == [revived]
    assert len(await store.dead_letters()) == 1


async def test_concurrent_tasks_add_each_key_once(store: DeliveryStore) -> None:
    added: list[str] = []

    async def add(key: str) -> None:
        if await store.add(delivery(key)):
            added.append(key)

    async with anyio.create_task_group() as group:
        for number in range(200):
            group.start_soon(add, str(number % 50))
    assert sorted(added, key=int) == [str(number) for number in range(50)]


async def test_a_file_outlives_its_store(tmp_path: Path) -> None:
    first = SQLiteStore(tmp_path / "hooks.db")
    await first.add(delivery("a"))
    await first.add(delivery("b"))
    await first.finish(["a"])
    await first.aclose()
    second = SQLiteStore(tmp_path / "hooks.db")
    assert not await second.add(delivery("a"))
    assert await second.load(list(await second.pending())) == [delivery("b")]
    await second.aclose()


def modes(folder: Path) -> set[int]:
    return {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}


async def test_a_file_is_private_and_belongs_to_one_store(tmp_path: Path) -> None:
    path = tmp_path / "hooks.db"
    first, second = SQLiteStore(path), SQLiteStore(path)
    await first.add(delivery("a"))
    if os.name == "posix":
        assert modes(tmp_path) == {0o600}
    with pytest.raises(ConfigurationError, match="in use by another process"):
        await second.add(delivery("b"))
    await first.aclose()
    assert await second.add(delivery("b"))
    await second.aclose()


async def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear Ada, " * 500, encoding="utf-8")
    with pytest.raises(ConfigurationError, match="not a valid delivery store"):
        await SQLiteStore(path).pending()
    assert path.read_text(encoding="utf-8").startswith("Dear Ada")


async def test_a_file_keeps_no_finished_body_and_forgets_old_keys(tmp_path: Path) -> None:
    path = tmp_path / "hooks.db"
    store = SQLiteStore(path, remember=100.0)
    await store.add(delivery("old", at=0.0))
    await store.add(delivery("waiting", at=0.0))
    await store.finish(["old"])
    async with anyio.create_task_group() as group:
        for number in range(1000):
            group.start_soon(store.add, delivery(str(number), at=200.0))
    assert await store.add(delivery("old", at=200.0))
    assert not await store.add(delivery("waiting", at=200.0))
    await store.finish(["waiting"])
    await store.aclose()
    assert b"body of waiting" not in b"".join(
        bytes(row[0]) for row in _rows(path, "SELECT body FROM attio_deliveries WHERE key = 'waiting'")
    )


def _rows(path: Path, query: str) -> list[Any]:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(path)) as database:
        return database.execute(query).fetchall()


async def test_a_memory_store_forgets_the_oldest_keys() -> None:
    store = MemoryStore(max_finished=2)
    for key in "abc":
        await store.add(delivery(key))
    await store.finish(["a", "b", "c"])
    assert await store.add(delivery("a"))
    assert not await store.add(delivery("c"))
    with pytest.raises(ConfigurationError):
        MemoryStore(max_finished=0)


async def test_a_file_is_usable_after_a_cancelled_operation(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "hooks.db")
    async with anyio.create_task_group() as group:
        for number in range(20):
            group.start_soon(store.add, delivery(str(number)))
        await anyio.lowlevel.checkpoint()
        group.cancel_scope.cancel()
    assert await store.add(delivery("after"))
    assert "after" in await store.pending()
    await store.aclose()


def test_a_body_is_not_shown() -> None:
    assert "body of" not in repr(delivery("a"))


async def test_an_invalid_key_fails_alone_in_a_file(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "hooks.db")
    with pytest.raises(UnicodeEncodeError):
        await store.add(delivery("\ud800"))
    assert await store.add(delivery("a"))
    await store.aclose()


@pytest.mark.full
async def test_stores_in_one_database_are_apart(database: str, name: str) -> None:
    first, second = PostgresStore(database, name=name), PostgresStore(database, name=f"{name} too")
    assert await first.add(delivery("a"))
    assert await second.add(delivery("a"))
    await second.finish(["a"])
    await first.aclose()
    again = PostgresStore(database, name=name, remember=100.0)
    assert await again.load(list(await again.pending())) == [delivery("a")]
    await again.finish(["a"])
    for store in (again, second):
        await store.aclose()
    assert database not in repr(again)


@pytest.mark.full
async def test_an_answer_that_was_lost_makes_no_delivery_a_repeated_one(
    database: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("attio_async.webhooks._stores.postgres.SystemClock", VirtualClock)
    store = PostgresStore(database, name=name)
    await store.pending()
    assert await store.add(delivery("other"))
    lost = lose_next_commit(monkeypatch)
    assert await store.add(delivery("a"))
    assert lost == [True]
    assert not await store.add(delivery("a"))
    assert list(await store.pending()) == ["other", "a"]
    await store.aclose()


async def test_redis_outlives_its_store(redis_url: str, name: str) -> None:
    first = RedisStore(redis_url, name=name)
    await first.add(delivery("a"))
    await first.add(delivery("b"))
    await first.finish(["a"])
    await first.aclose()
    second = RedisStore(redis_url, name=name)
    assert not await second.add(delivery("a"))
    assert await second.load(list(await second.pending())) == [delivery("b")]
    await second.aclose()


async def test_a_name_in_redis_belongs_to_the_last_store_that_used_it(redis_url: str, name: str) -> None:
    first, second = RedisStore(redis_url, name=name), RedisStore(redis_url, name=name)
    await first.add(delivery("a"))
    assert list(await second.pending()) == ["a"]
    with pytest.raises(ConfigurationError, match="another process has taken over the name"):
        await first.add(delivery("b"))
    assert list(await second.pending()) == ["a"]
    await first.aclose()
    assert await first.add(delivery("b"))
    other = RedisStore(redis_url, name=f"{name}-other")
    assert await other.add(delivery("a"))
    for store in (first, second, other):
        await store.aclose()


async def test_redis_keeps_no_finished_body_and_forgets_old_keys(redis_url: str, name: str) -> None:
    import redis

    store = RedisStore(redis_url, name=name, remember=100.0)
    for key in ("old", "waiting"):
        await store.add(delivery(key, at=0.0))
    await store.finish(["old", "nobody"])
    assert not await store.add(delivery("old", at=90.0))
    assert await store.add(delivery("old", at=200.0))
    assert not await store.add(delivery("waiting", at=200.0))
    await store.finish(["waiting", "old"])
    await store.aclose()
    with redis.Redis.from_url(redis_url) as client:
        kept = [key.decode() for key in client.scan_iter(f"attio:webhooks:*{name}*")]
    assert sorted(key.rpartition(":")[2] for key in kept) == ["finished", "owner", "place"]


async def test_an_invalid_key_fails_alone_in_redis(redis_url: str, name: str) -> None:
    store = RedisStore(redis_url, name=name)
    with pytest.raises(UnicodeEncodeError):
        await store.add(delivery("\ud800"))
    assert await store.add(attrs.evolve(delivery("a"), body=bytes(range(256)), reason=""))
    assert (await store.load(["a"]))[0].body == bytes(range(256))
    assert (await store.load(["a"]))[0].reason == ""
    await store.aclose()


async def test_a_redis_that_is_down_fails_and_works_again_later(name: str) -> None:
    redis = pytest.importorskip("redis")
    if redis_server is None:
        pytest.skip("redis-server is not installed")
    with running_redis("very-secret") as server:
        store = RedisStore(server.url, name=name)
        await store.add(delivery("a"))
        server.stop()
        for _ in range(2):
            with pytest.raises(redis.RedisError) as caught:
                await store.add(delivery("b"))
            assert "very-secret" not in str(caught.value)
        server.start()
        assert await store.add(delivery("b"))
        assert "very-secret" not in repr(store)
        await store.aclose()


async def test_redis_is_usable_after_a_cancelled_operation(redis_url: str, name: str) -> None:
    store = RedisStore(redis_url, name=name)
    async with anyio.create_task_group() as group:
        for number in range(20):
            group.start_soon(store.add, delivery(str(number)))
        await anyio.lowlevel.checkpoint()
        group.cancel_scope.cancel()
    assert await store.add(delivery("after"))
    assert "after" in await store.pending()
    await store.aclose()


def test_an_invalid_url_or_name_is_refused_and_no_password_is_shown() -> None:
    pytest.importorskip("redis")
    for url, name in (
        ("redis://x:p4ss@h:port", "a"),
        ("nowhere", "a"),
        ("redis://h", ""),
        ("redis://h", "\n"),
    ):
        with pytest.raises(ConfigurationError) as caught:
            RedisStore(url, name=name)
        assert "p4ss" not in str(caught.value)


_ODD_KEYS = ("owner", "place", "pending", "dead", "finished", "of:waiting", "of:buried")
_ODD_VALUES = (b"", b"x", b"\xff\xfe", b"-1", b"nan", b"1e999", b"[1]", b"{", b"9" * 400)


def _damage(redis: Any, prefix: str) -> Iterator[Callable[[], object]]:
    """Yield functions that damage what Redis has of a store."""
    for name in _ODD_KEYS:
        key = prefix + name
        for instead in (
            lambda key=key: None,
            lambda key=key: redis.set(key, "x"),
            lambda key=key: redis.rpush(key, "x"),
            lambda key=key: redis.hset(key, "x", "y"),
            lambda key=key: redis.zadd(key, {b"\xff": 1}),
        ):
            yield lambda key=key, instead=instead: (redis.delete(key), instead())
    for name in ("of:waiting", "of:buried"):
        for field in ("body", "received_at", "done", "attempts", "reason"):
            yield lambda name=name, field=field: redis.hdel(prefix + name, field)
            for value in _ODD_VALUES:
                yield lambda name=name, field=field, value=value: redis.hset(prefix + name, field, value)


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_damaged_content_of_redis_is_refused_with_an_error_of_this_package(redis_url: str) -> None:
    import redis

    refused = damaged = 0
    with redis.Redis.from_url(redis_url) as client:
        for number, damage in some(enumerate(_damage(client, "attio:webhooks:{damaged}:"))):
            damaged += 1
            client.flushall()
            store = RedisStore(redis_url, name="damaged")
            for key in ("waiting", "buried", "finished"):
                await store.add(delivery(key))
            await store.finish(["finished"])
            await store.bury(delivery("buried"))
            damage()
            for use in (
                store.pending,
                lambda store=store: store.load(["waiting"]),
                store.dead_letters,
                lambda store=store: store.save(delivery("waiting")),
                lambda store=store: store.add(delivery("new")),
                lambda store=store: store.revive("buried"),
                lambda store=store: store.bury(delivery("waiting")),
                lambda store=store: store.finish(["waiting", "new"]),
            ):
                try:
                    await use()
                except ConfigurationError as error:
                    assert "damaged" in str(error), (number, error)
                    refused += 1
            await store.aclose()
    assert refused > damaged * 0.4
