"""A store of deliveries in Redis, for receivers without a disk of their own."""

import secrets
from collections.abc import Sequence
from importlib import resources
from itertools import islice
from typing import TYPE_CHECKING, Any, cast

import msgspec

from ..._limits.redis_client import redis_client
from ..._storage.executor import GroupCommit, SerialExecutor
from ..._storage.stored import reading_stored
from ..._utils.public import public
from ...errors import ConfigurationError
from .base import REMEMBER_S, Delivery, DeliveryStore, delivery_of, row_of

if TYPE_CHECKING:
    from redis import Redis
    from redis.commands.core import Script

_REPLY_TIMEOUT_S = 2.0
"""Less than the 5 seconds that Attio waits for a response."""

_Step = tuple[Any, ...]
"""The name and arguments of a step of the script `deliveries.lua`."""


@public
class RedisStore(DeliveryStore):
    """A store in Redis, which survives crashes of the process, and of Redis as far as Redis is set up for it.

    Redis acknowledges what it holds in memory. For an accepted delivery to survive a crash of Redis, set
    ``appendonly yes`` and ``appendfsync always``; and ``maxmemory-policy noeviction``, so that none is evicted.

    A name belongs to one receiver at a time: a process that starts to use it takes it over, pending deliveries
    included, and the previous process gets an error. Concurrent operations share a call.

    Args:
        url: ``redis://``, ``rediss://`` or ``unix://``, with user and password if there are any. Redis 5 or newer.
        name: A name for the receiver; its deliveries are kept under it.
        remember: Seconds for which finished deliveries are remembered, to recognise repeated ones.

    Raises:
        ConfigurationError: The URL or name is invalid, or the extra `redis` is not installed.
    """

    def __init__(self, url: str, *, name: str, remember: float = REMEMBER_S) -> None:
        if not name or not name.isprintable():
            raise ConfigurationError(
                f"{name!r} is not a valid name: give the receiver one of printable characters"
            )
        redis_client(url, timeout=_REPLY_TIMEOUT_S).close()  # reports an invalid URL at once
        self._url = url
        self._name = name
        self._remember = remember
        self._owner = secrets.token_hex(12)
        self._executor = SerialExecutor()
        self._calls = GroupCommit(self._commit, self._executor)
        self._connection: tuple[Redis, Script] | None = None

    def __repr__(self) -> str:
        return f"RedisStore(name={self._name!r})"

    async def add(self, delivery: Delivery) -> bool:
        """Store a new delivery as pending; see `DeliveryStore`.

        Raises:
            ConfigurationError: Another process has taken over the name, or what Redis has of the store is damaged.
            redis.RedisError: Redis is not reachable. The delivery may have been stored.
        """
        forget_before = repr(delivery.received_at - self._remember)
        (added,) = await self._run([("add", _fields(delivery), forget_before)])
        return bool(added)

    async def pending(self) -> Sequence[str]:
        return await self._keys("pending")

    async def load(self, keys: Sequence[str]) -> Sequence[Delivery]:
        return await self._load(keys, "pending")

    async def save(self, delivery: Delivery) -> None:
        await self._run([("save", _fields(delivery))])

    async def finish(self, keys: Sequence[str]) -> None:
        await self._run([("finish", key) for key in keys])

    async def bury(self, delivery: Delivery) -> None:
        await self._run([("bury", _fields(delivery))])

    async def dead_letters(self) -> Sequence[Delivery]:
        return await self._load(await self._keys("dead"), "dead")

    async def revive(self, key: str) -> Delivery | None:
        (fields,) = await self._run([("revive", key)])
        return self._delivery(key, fields) if fields else None

    async def aclose(self) -> None:
        """Close the connection. The next use opens it again, and takes over the name again."""
        await self._executor.finish(self._close)

    async def _keys(self, state: str) -> Sequence[str]:
        (keys,) = await self._run([("list", state)])
        with reading_stored(self):
            return [key.decode() for key in keys]

    async def _load(self, keys: Sequence[str], state: str) -> Sequence[Delivery]:
        found = await self._run([("load", key, state) for key in keys])
        return [self._delivery(key, fields) for key, fields in zip(keys, found, strict=True) if fields]

    def _delivery(self, key: str, fields: Sequence[bytes]) -> Delivery:
        with reading_stored(self):
            body, received_at, done, attempts, reason = fields
            row = key, body, received_at, done, attempts, reason.decode()[1:] if reason else None
        return delivery_of(row, self)

    async def _run(self, steps: Sequence[_Step]) -> Sequence[Any]:
        """Run steps, all or none, and return their results."""
        _pack(steps)  # invalid steps fail here, without those of other tasks
        results: Sequence[Any] = await self._calls.submit(steps)
        return results

    def _commit(self, batch: Sequence[Sequence[_Step]]) -> Sequence[Sequence[Any]]:
        results = iter(self._call([step for steps in batch for step in steps]))
        return [list(islice(results, len(steps))) for steps in batch]

    def _call(self, steps: Sequence[_Step]) -> Sequence[Any]:
        import redis  # noqa: PLC0415 - an extra, which is installed

        is_first = self._connection is None
        if self._connection is None:
            client = redis_client(self._url, timeout=_REPLY_TIMEOUT_S)
            self._connection = client, client.register_script(_script_source())
        _, script = self._connection
        arguments: list[str | int | bytes] = [self._owner, int(is_first), *_pack(steps)]
        try:
            return cast("Sequence[Any]", script(keys=[f"attio:webhooks:{{{self._name}}}:"], args=arguments))
        except redis.RedisError as error:
            if is_first:
                self._close()
            if not isinstance(error, redis.ResponseError):
                raise
            if "TAKEN" in str(error):
                raise ConfigurationError(
                    f"another process has taken over the name {self._name!r}: give each receiver its own"
                ) from None
            reason = str(error).partition(" script:")[0]
            raise ConfigurationError(
                f"Redis cannot use what it has of the store {self._name!r}: {reason}"
            ) from None

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            client, _ = connection
            client.close()


def _script_source() -> str:
    return resources.files(__name__.rpartition(".")[0]).joinpath("deliveries.lua").read_text("utf-8")


class _Body:
    """The body of a delivery within a step."""

    __slots__ = ("content",)

    def __init__(self, content: bytes) -> None:
        self.content = content


def _pack(steps: Sequence[_Step]) -> Sequence[bytes]:
    """Return the steps, in which each body is a number, and the bodies: the script can unpack text only."""
    bodies: list[bytes] = []

    def number(body: object) -> int:
        assert isinstance(body, _Body)  # noqa: S101 - the only type in a step that msgspec does not know
        bodies.append(body.content)
        return len(bodies)

    return [msgspec.msgpack.encode(steps, enc_hook=number), *bodies]


def _fields(delivery: Delivery) -> dict[str, Any]:
    key, body, received_at, done, attempts, reason = row_of(delivery)
    return {
        "key": key,
        "body": _Body(body),
        "received_at": repr(received_at),
        "done": done,
        "attempts": attempts,
        "reason": "" if reason is None else f"={reason}",
    }
