"""The rate limits of one access token, shared by all processes that use it."""

import logging
import math
import weakref
from collections.abc import Mapping, Sequence
from typing import Protocol, cast

import attrs
import msgspec

from ...errors import ConfigurationError
from ..governor import Ticket
from ..limiter import (
    Bucket,
    BucketStats,
    Lane,
    Pool,
    Quota,
    RateLimiter,
    Waiting,
)
from ..query_budget import QueryBudget
from .client import RedisCaller
from .pool import SharedPool
from .protocol import ScriptCall, ScriptReply

_log = logging.getLogger("attio_async")

_MOST = 1000
"""The largest rate that is kept: each permit of it is stored, and Attio's own limits are far below."""

_WINDOW = 10.0
"""Seconds within which a query of another process makes this one's not the only one."""


class _Grantor(Protocol):
    """A limit that has to be asked for permits."""

    def want(self, wanted: int, now: float) -> int:
        """Ask for permits, if there are fewer than wanted. How many can be used at once, or nearly."""
        ...


@attrs.frozen
class _SharedLane(Lane):
    """A lane whose limits have to be asked, the scarcest first: a permit of the others is not kept waiting for it."""

    def ask(self, waiting: int, now: float) -> None:
        for quota in self.quotas:
            waiting = cast("_Grantor", quota).want(waiting, now)
            if not waiting:
                return

    def pauses_heard(self) -> Sequence[float]:
        pool = cast("SharedPool", self.pool)
        pauses, pool.pauses = pool.pauses, []
        return pauses


class _SharedQueries(QueryBudget):
    """The limit on what queries cost, with what other processes know of it. Rides with the calls for reads."""

    __slots__ = ("_others_at", "_refusals", "_until", "_wanted", "pool")

    def __init__(self) -> None:
        super().__init__()
        self.pool: SharedPool | None = None
        self._wanted = False
        self._until = -math.inf  # until when a refusal that was not told yet asks to wait
        self._refusals: int | None = None
        self._others_at = -math.inf

    def want(self, wanted: int, now: float) -> int:
        self._wanted = True
        return int(min(wanted, self.room(now)))

    def refused(self, ticket: Ticket, now: float, until: float) -> bool:
        self._until = max(self._until, until)
        if self.pool is not None:
            self.pool.tell(now)
        return super().refused(ticket, now, until)

    def was_alone(self, ticket: Ticket) -> bool:
        return self._others_at <= ticket.sent - _WINDOW and super().was_alone(ticket)

    def board(self, call: ScriptCall, now: float) -> ScriptCall:
        told = -1.0 if self._until == -math.inf else max(0.0, self._until - now)
        call = msgspec.structs.replace(call, queried=self._wanted, score_refusal=told)
        if told >= 0 and self._refusals is not None:
            self._refusals += 1  # this one is no news
        self._wanted, self._until = False, -math.inf
        return call

    def alight(self, answer: ScriptReply, now: float) -> None:
        self._others_at = max(self._others_at, now - answer.queried)
        if self._refusals is not None and answer.score_refusals > self._refusals:
            self.heard_of_refusal(now, now + answer.score_pause)
        self._refusals = answer.score_refusals


class RedisRateLimiter(RateLimiter):
    """Keeps the requests of all processes of a scope within the limits, together.

    Every process that uses the same access token makes one, with the same arguments::

        limiter = RedisRateLimiter("redis://localhost:6379/0", scope="acme")
        async with Attio(limiter=limiter) as attio: ...

    Permits are reserved in Redis, a few at a time, and shared fairly; what one process learns from a refusal all
    of them keep to. Within a process they are used in the order of asking, as with `RateLimiter`. A request that
    does not wait for its permit costs one round trip to Redis at most.

    While Redis cannot be reached, each process uses its share of 90 % of the limit and learns from refusals by
    itself; it comes back by itself as well. Nothing waits for Redis longer than a third of a second, and nothing
    fails because of it. A warning of the logger ``attio_async`` tells when that begins.

    Args:
        url: ``redis://``, ``rediss://`` or ``unix://``, with user and password where there are some. Redis 5 or newer.
        scope: What shares the limits: a name for the access token, such as the workspace's slug. Never the token.
        reads: Allowed reads per second of all processes together, queries and searches included; at most 1,000.
        writes: Allowed writes per second, likewise.
        operations: Lower rates for operations that have one of their own, by their id.
        processes: How many there are, for as long as Redis could never be asked.

    Raises:
        ConfigurationError: A rate, scope or address that cannot work, or the extra `redis` is not installed.
            Nothing was sent.
    """

    def __init__(
        self,
        url: str,
        *,
        scope: str,
        reads: int = 100,
        writes: int = 25,
        operations: Mapping[str, float] | None = None,
        processes: int = 1,
    ) -> None:
        if not scope or not scope.isprintable():
            raise ConfigurationError("scope must be a name for the access token that is shared")
        if processes < 1:
            raise ConfigurationError(f"processes must be at least 1, not {processes!r}")
        for name, limit in (("reads", reads), ("writes", writes)):
            if limit > _MOST:
                raise ConfigurationError(f"{name} must be at most {_MOST} per second, not {limit!r}")
        self._scope = scope
        self._processes = processes
        self._caller = RedisCaller(url)
        self._gates: weakref.WeakSet[Waiting] = weakref.WeakSet()
        self._shared: list[SharedPool] = []
        self._was_away = False
        super().__init__(reads=reads, writes=writes, operations=operations)

    @property
    def is_shared(self) -> bool:
        """Whether the limits are shared now; False while Redis gives no answer."""
        return not any(pool.away for pool in self._shared)

    def attach(self, waiting: Waiting) -> None:
        """Requests wait there from now on, and are told of permits that Redis gave."""
        self._gates.add(waiting)
        self._caller.clock = waiting.clock

    async def aclose(self) -> None:
        """Close the connection to Redis; the next request that needs it opens it again."""
        await self._caller.aclose()

    def __repr__(self) -> str:
        reads, writes = self.pools["read"].limit, self.pools["write"].limit
        return f"RedisRateLimiter(scope={self._scope!r}, reads={reads}, writes={writes})"

    def _make_pool(self, name: Bucket, limit: int, window: float) -> Pool:
        queries = cast("_SharedQueries", self.queries) if name == "read" else None
        pool = SharedPool(
            f"attio:{self._scope}:{name}:{limit / window:g}",
            limit,
            window,
            caller=self._caller,
            processes=self._processes,
            changed=self._changed,
            rider=queries,
        )
        if queries is not None:
            queries.pool = pool
        self._shared.append(pool)
        return pool

    def _make_queries(self) -> QueryBudget:
        return _SharedQueries()

    def _make_lane(
        self,
        name: Bucket,
        blamed: Bucket,
        quotas: tuple[Quota, ...],
        stats: tuple[BucketStats, ...],
        pool: Pool,
    ) -> Lane:
        return _SharedLane(name, blamed, quotas, stats, pool)

    def _changed(self) -> None:
        if self._was_away == self.is_shared:
            self._was_away = not self._was_away
            if self._was_away:
                why = self._caller.failure
                _log.warning("Redis gives no answer (%s); going on with a share of the limits", why)
            else:
                _log.info("Redis answers again; the limits are shared again")
        for gate in list(self._gates):
            gate.pump()
