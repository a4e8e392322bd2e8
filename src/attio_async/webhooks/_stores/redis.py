"""Deliveries in Redis, for receivers without a disk of their own."""

import secrets
from collections.abc import Sequence
from importlib import resources
from itertools import islice
from typing import TYPE_CHECKING, Any, cast

import anyio
import msgspec

from ..._limits.redis.client import redis_client
from ..._storage.executor import GroupCommit, SerialExecutor
from ...errors import ConfigurationError
from .base import Delivery

if TYPE_CHECKING:
    import redis
    from redis.commands.core import Script

_WEEK = 7 * 24 * 3600.0
_TIMEOUT = 2.0
"""Seconds for an answer of Redis: Attio wants its own within five."""

_Step = tuple[Any, ...]


class _Opaque:
    __slots__ = ("content",)

    def __init__(self, content: bytes) -> None:
        self.content = content


class RedisStore:
    """Keeps deliveries in Redis, which survives crashes of this process, and of Redis as far as that is set up to.

    Redis acknowledges what it has in memory. That an accepted delivery also survives a crash of Redis takes
    ``appendonly yes`` and ``appendfsync always`` there. It must not evict: ``maxmemory-policy noeviction``.

    A name belongs to one receiver at a time: a process that begins to use it takes it over, pending deliveries
    included, and whoever used it before is told so. What many tasks ask for at once is one call.

    Args:
        url: ``redis://``, ``rediss://`` or ``unix://``, with user and password where there are some. Redis 5 or newer.
        name: What is kept under it: one name for each receiver.
        remember: Seconds for which finished deliveries are recognised when they come again. Attio repeats for about
            three days.

    Raises:
        ConfigurationError: The address or name cannot work, or the extra `redis` is not installed.
    """

    def __init__(self, url: str, *, name: str, remember: float = _WEEK) -> None:
        if not name or not name.isprintable():
            raise ConfigurationError("name must be a name for the receiver whose deliveries are kept")
        redis_client(url, timeout=_TIMEOUT).close()  # so that what cannot work is said here
        self._url = url
        self._name = name
        self._remember = remember
        self._executor = SerialExecutor()
        self._calls = GroupCommit(self._call, self._executor)
        self._owner = secrets.token_hex(12)
        self._client: redis.Redis | None = None
        self._script: Script | None = None

    def __repr__(self) -> str:
        return f"RedisStore(name={self._name!r})"

    async def add(self, delivery: Delivery) -> bool:
        """See `DeliveryStore`.

        Raises:
            ConfigurationError: Another process has taken this name over.
            redis.RedisError: Redis cannot be reached; the delivery may have been kept nevertheless.
        """
        forget_before = repr(delivery.received_at - self._remember)
        (added,) = await self._do([("add", _fields(delivery), forget_before)])
        return bool(added)

    async def pending(self) -> Sequence[str]:
        """See `DeliveryStore`."""
        (keys,) = await self._do([("list", "pending")])
        return [key.decode() for key in keys]

    async def load(self, keys: Sequence[str]) -> Sequence[Delivery]:
        """See `DeliveryStore`."""
        return await self._loaded(keys, "pending")

    async def save(self, delivery: Delivery) -> None:
        """See `DeliveryStore`."""
        await self._do([("save", _fields(delivery))])

    async def finish(self, keys: Sequence[str]) -> None:
        """See `DeliveryStore`."""
        await self._do([("finish", key) for key in keys])

    async def bury(self, delivery: Delivery) -> None:
        """See `DeliveryStore`."""
        await self._do([("bury", _fields(delivery))])

    async def dead_letters(self) -> Sequence[Delivery]:
        """See `DeliveryStore`."""
        (keys,) = await self._do([("list", "dead")])
        return await self._loaded([key.decode() for key in keys], "dead")

    async def revive(self, key: str) -> Delivery | None:
        """See `DeliveryStore`."""
        (fields,) = await self._do([("revive", key)])
        return _delivery(key, fields) if fields else None

    async def aclose(self) -> None:
        """Close the connection; the next use opens it again, and takes the name over again."""
        with anyio.CancelScope(shield=True):
            await self._executor.run(self._close)

    async def _loaded(self, keys: Sequence[str], which: str) -> Sequence[Delivery]:
        found = await self._do([("load", key, which) for key in keys])
        return [_delivery(key, fields) for key, fields in zip(keys, found, strict=True) if fields]

    async def _do(self, steps: Sequence[_Step]) -> Sequence[Any]:
        _packed(steps)  # what cannot be written fails here, and alone
        results: Sequence[Any] = await self._calls.submit(steps)
        return results

    def _call(self, batch: Sequence[Sequence[_Step]]) -> Sequence[Sequence[Any]]:
        results = iter(self._ask([step for steps in batch for step in steps]))
        return [list(islice(results, len(steps))) for steps in batch]

    def _ask(self, steps: Sequence[_Step]) -> Sequence[Any]:
        import redis  # noqa: PLC0415 - an extra; it is there

        begins = self._client is None or self._script is None
        if self._client is None or self._script is None:
            self._client = redis_client(self._url, timeout=_TIMEOUT)
            self._script = self._client.register_script(_source())
        arguments: list[str | int | bytes] = [self._owner, int(begins), *_packed(steps)]
        try:
            answer = self._script(keys=[f"attio:webhooks:{{{self._name}}}:"], args=arguments)
            return cast("Sequence[Any]", answer)
        except redis.ResponseError as error:
            if "TAKEN" not in str(error):
                raise
            raise ConfigurationError(
                f"the name {self._name!r} was taken over by another process; give each receiver its own"
            ) from None
        except redis.RedisError:
            if begins:
                self._close()
            raise

    def _close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()


def _source() -> str:
    return resources.files(__name__.rpartition(".")[0]).joinpath("deliveries.lua").read_text("utf-8")


def _packed(steps: Sequence[_Step]) -> Sequence[bytes]:
    """The steps, and the bodies they mention by their number: scripts unpack text only."""
    bodies: list[bytes] = []

    def number(body: object) -> int:
        assert isinstance(body, _Opaque)  # noqa: S101 - nothing else unknown is in a step
        bodies.append(body.content)
        return len(bodies)

    return [msgspec.msgpack.encode(steps, enc_hook=number), *bodies]


def _fields(delivery: Delivery) -> dict[str, Any]:
    return {
        "key": delivery.key,
        "body": _Opaque(delivery.body),
        "received_at": repr(delivery.received_at),
        "done": msgspec.json.encode(sorted(delivery.done)).decode(),
        "attempts": delivery.attempts,
        "reason": "" if delivery.reason is None else f"={delivery.reason}",
    }


def _delivery(key: str, fields: Sequence[bytes]) -> Delivery:
    body, received_at, done, attempts, reason = fields
    return Delivery(
        key=key,
        body=body,
        received_at=float(received_at),
        done=frozenset(msgspec.json.decode(done, type=list[str])),
        attempts=int(attempts),
        reason=reason.decode()[1:] if reason else None,
    )
