"""The rate limits of one access token, shared by all processes that use it."""

import logging
import math
import weakref
from collections.abc import Mapping, Sequence
from typing import ClassVar, Protocol, cast

import attrs
import msgspec

from .._utils.checks import check_at_least
from .._utils.public import public
from ..errors import ConfigurationError
from .governor import Ticket
from .lane import Bucket, Lane, Pool
from .limiter import RateLimiter, TokenLimits, Waiting
from .query_budget import SCORE_WINDOW_S, QueryBudget
from .redis_client import RedisCaller, ScriptCall, ScriptReply
from .redis_pool import SharedPool

_log = logging.getLogger("attio_async")

_MAX_RATE = 1000
"""Redis stores each permit of a rate, and Attio's own limits are far below this."""


class _Reserving(Protocol):
    """A limit whose permits have to be reserved first."""

    def reserve(self, wanted: int, now: float) -> int:
        """Ask for permits if fewer than wanted are in hand. Return how many can be used at once, or nearly."""
        ...


@attrs.frozen
class _SharedLane(Lane):
    def request_permits(self, waiting: int, now: float) -> None:
        """Reserve permits, the scarcest first, so that no permit of another limit waits for one."""
        for quota in self.quotas:
            waiting = cast("_Reserving", quota).reserve(waiting, now)
            if not waiting:
                return

    def take_pauses(self) -> Sequence[float]:
        pool = cast("SharedPool", self.pool)
        pauses, pool.pauses = pool.pauses, []
        return pauses


class _SharedQueryBudget(QueryBudget):
    """The limit on the cost of queries, with what other processes report. It travels with the calls for reads."""

    __slots__ = ("_known_count", "_limited_until", "_others_at", "_wanted", "pool")

    def __init__(self) -> None:
        super().__init__()
        self.pool: SharedPool | None = None
        self._wanted = False
        self._limited_until = -math.inf  # until when a 429 that is still to be reported asks to wait
        self._known_count: int | None = None  # 429s of all processes, by the last reply
        self._others_at = -math.inf

    def reserve(self, wanted: int, now: float) -> int:
        self._wanted = True
        return int(min(wanted, self.room(now)))

    def rate_limited(self, ticket: Ticket, now: float, until: float) -> bool:
        self._limited_until = max(self._limited_until, until)
        if self.pool is not None:
            self.pool.report(now)
        return super().rate_limited(ticket, now, until)

    def was_alone(self, ticket: Ticket) -> bool:
        return self._others_at <= ticket.sent - SCORE_WINDOW_S and super().was_alone(ticket)

    def attach(self, call: ScriptCall, now: float) -> ScriptCall:
        limited = -1.0 if self._limited_until == -math.inf else max(0.0, self._limited_until - now)
        call = msgspec.structs.replace(call, queried=self._wanted, score_limited=limited)
        if limited >= 0 and self._known_count is not None:
            self._known_count += 1  # the one reported now
        self._wanted, self._limited_until = False, -math.inf
        return call

    def receive(self, reply: ScriptReply, now: float) -> None:
        self._others_at = max(self._others_at, now - reply.queried)
        if self._known_count is not None and reply.score_limited_count > self._known_count:
            self.others_rate_limited(now, now + reply.score_pause)
        self._known_count = reply.score_limited_count


class _SharedTokenLimits(TokenLimits):
    """TokenLimits whose permits are reserved in Redis."""

    _lane_type: ClassVar[type[Lane]] = _SharedLane

    def __init__(
        self,
        caller: RedisCaller,
        *,
        scope: str,
        processes: int,
        reads: int,
        writes: int,
        operations: Mapping[str, float] | None,
    ) -> None:
        self._scope = scope
        self._processes = processes
        self._caller = caller
        self._gates: weakref.WeakSet[Waiting] = weakref.WeakSet()
        self._shared: list[SharedPool] = []
        self._was_offline = False
        super().__init__(reads=reads, writes=writes, operations=operations)

    @property
    def is_shared(self) -> bool:
        """True while Redis replies."""
        return not any(pool.offline for pool in self._shared)

    def attach(self, waiting: Waiting) -> None:
        """Register a gate, which is told of permits that Redis gave."""
        self._gates.add(waiting)
        self._caller.clock = waiting.clock

    async def aclose(self) -> None:
        await self._caller.aclose()

    def _make_pool(self, name: Bucket, limit: int, window: float) -> Pool:
        queries = cast("_SharedQueryBudget", self.queries) if name == "read" else None
        pool = SharedPool(
            f"attio:{self._scope}:{name}:{limit / window:g}",
            limit,
            window,
            caller=self._caller,
            processes=self._processes,
            on_change=self._on_change,
            piggyback=queries,
        )
        if queries is not None:
            queries.pool = pool
        self._shared.append(pool)
        return pool

    def _make_queries(self) -> QueryBudget:
        return _SharedQueryBudget()

    def _on_change(self) -> None:
        if self._was_offline == self.is_shared:
            self._was_offline = not self._was_offline
            if self._was_offline:
                why = self._caller.failure or "timeout"
                _log.warning("Redis does not reply (%s); using a share of the rate limits until it does", why)
            else:
                _log.info("Redis replies again; the rate limits are shared again")
        for gate in list(self._gates):
            gate.pump()


@public
class RedisRateLimiter(RateLimiter):
    """Keeps the requests of all processes of a scope within the limits, together.

    Every process that uses the same access token creates one, with the same arguments::

        limiter = RedisRateLimiter("redis://localhost:6379/0", scope="acme")
        async with Attio(limiter=limiter) as attio: ...

    Permits are reserved in Redis, a few at a time, and shared fairly. What one process learns from a 429, all of them
    follow. Within a process permits are used in the order of asking, as with `RateLimiter`. A request that does not wait
    for its permit costs one round trip to Redis at most.

    While Redis does not reply, each process uses its share of 90 % of the limit and learns from 429s by itself; it
    rejoins by itself as well. Nothing waits for Redis longer than a third of a second, and nothing fails because of it.
    The logger ``attio_async`` warns when this begins.

    Args:
        url: ``redis://``, ``rediss://`` or ``unix://``, with user and password if needed. Redis 5 or newer.
        scope: A name for the access token that the limits belong to, such as the workspace's slug. Never the token.
        reads: Allowed reads per second of all processes together, queries and searches included; at most 1,000.
        writes: Allowed writes per second of all processes together; at most 1,000.
        operations: Lower rates for operations that have one of their own, by their id.
        processes: How many processes there are; used until the first reply of Redis.

    Raises:
        ConfigurationError: A rate, the scope or the URL is not valid, or the extra `redis` is not installed.
            Nothing was sent.
    """

    _limits: _SharedTokenLimits

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
            raise ConfigurationError("scope must be a name for the access token, of printable characters")
        check_at_least(1, processes=processes)
        for name, limit in (("reads", reads), ("writes", writes)):
            if limit > _MAX_RATE:
                raise ConfigurationError(f"{name} must be at most {_MAX_RATE} per second, not {limit!r}")
        self._scope = scope
        self._limits = _SharedTokenLimits(
            RedisCaller(url),
            scope=scope,
            processes=processes,
            reads=reads,
            writes=writes,
            operations=operations,
        )

    @property
    def is_shared(self) -> bool:
        """True while the limits are shared; False while Redis does not reply."""
        return self._limits.is_shared

    def __repr__(self) -> str:
        reads, writes = (self._limits.pools[name].limit for name in ("read", "write"))
        return f"RedisRateLimiter(scope={self._scope!r}, reads={reads}, writes={writes})"
