"""The rate limits of one access token."""

import difflib
from collections.abc import Mapping
from typing import ClassVar, Protocol

import attrs

from attio_async_api.operations import OPERATIONS, Operation

from .._transport.messages import Response
from .._utils.checks import check_count, is_number
from .._utils.clock import Clock
from .._utils.public import public
from .._utils.text import show
from ..errors import ConfigurationError, did_you_mean
from .lane import QUERIES, Bucket, Lane, Pool, Quota
from .permits import PermitPool
from .query_budget import QueryBudget, speaks_of_score
from .server_clock import ServerClock
from .stats import BucketStats, LimiterStats

_MAX_RETRY_BALANCE = 100.0
"""Retries that need no success before them: two for each connection of a pool that was cut off at once."""

_MAX_LOAD_OF_SCORE = 0.5
"""The load of the read limit below which a 429 for a query is blamed on its score."""

_MIN_CALM_OF_SCORE_S = 10.0
"""Seconds without a 429 for reads after which one for a query is blamed on its score."""


class RetryBudget:
    """An account of retries: each success pays in a part of one, and each retry takes one out."""

    __slots__ = ("_balance", "denied", "spent")

    def __init__(self) -> None:
        self._balance = _MAX_RETRY_BALANCE
        self.spent: int = 0
        self.denied: int = 0

    def earn(self, share: float) -> None:
        """Pay in a part of a retry, for a success."""
        if self._balance < _MAX_RETRY_BALANCE:
            self._balance = min(_MAX_RETRY_BALANCE, self._balance + share)

    def spend(self) -> bool:
        """Take out one retry and count it. Return False if the budget is used up."""
        if self._balance < 1:
            self.denied += 1
            return False
        self._balance -= 1
        self.spent += 1
        return True


class Waiting(Protocol):
    """A gate where requests wait for permits."""

    @property
    def clock(self) -> Clock: ...
    def pump(self) -> None:
        """Let every request pass that has its permits now."""
        ...


class TokenLimits:
    """The limits of one access token, as requests take permits from them.

    Attributes:
        server_clock: The clock of the server, as far as its responses tell.
        retry_budget: The account of retries.
        queries: The limit on the cost of queries.
        false_auth_errors: Responses that rejected the token although it works.
        pools: The permits of each rate that was used.
        buckets: The figures of each rate that was used.
    """

    _lane_type: ClassVar[type[Lane]] = Lane

    def __init__(
        self, *, reads: int = 100, writes: int = 25, operations: Mapping[str, float] | None = None
    ) -> None:
        check_count(1, reads=reads, writes=writes)
        self._rates = _own_rates(operations or {})
        self.server_clock: ServerClock = ServerClock()
        self.retry_budget: RetryBudget = RetryBudget()
        self.queries: QueryBudget = self._make_queries()
        self.false_auth_errors: int = 0
        self.pools: dict[Bucket, Pool] = {
            "read": self._make_pool("read", reads, 1.0),
            "write": self._make_pool("write", writes, 1.0),
        }
        self.buckets: dict[Bucket, BucketStats] = {"read": BucketStats(reads), "write": BucketStats(writes)}
        self._lanes: dict[Bucket, Lane] = {}
        for access, pool in self.pools.items():
            self._add_lane(access, access, (pool,), (self.buckets[access],))
        self._add_lane(QUERIES, "read", (self.queries, self.pools["read"]), (self.buckets["read"],))

    def lane_of(self, operation: Operation) -> Lane:
        """Return the limits that an operation counts against."""
        name = operation.id if operation.id in self._rates else _common_bucket(operation)
        lane = self._lanes.get(name)
        return lane if lane is not None else self._add_own_lane(operation)

    def lane(self, name: Bucket) -> Lane:
        """Return the limits that a bucket stands for, once it was used."""
        return self._lanes[name]

    def blames_score(self, lane: Lane, response: Response, now: float) -> bool:
        """Return True if a 429 is for the score of queries.

        The API documents one response for both limits. Where it does not speak of scores, a query that was rate-limited
        while few reads were sent, and none of them was rate-limited, was rate-limited for its score.
        """
        if lane.name != QUERIES:
            return False
        reads = lane.pool.governor
        is_calm = reads.load(now) < _MAX_LOAD_OF_SCORE and now - reads.limited_at > _MIN_CALM_OF_SCORE_S
        return is_calm or speaks_of_score(response)

    def attach(self, waiting: Waiting) -> None:
        """Register a gate. These limits change by what the gate itself reports alone, so there is nothing to tell it."""

    async def aclose(self) -> None:
        """Release what the limits are kept with: nothing, here."""

    def stats(self) -> LimiterStats:
        """Return the figures so far."""
        figures = {
            name: attrs.evolve(stats, rate=self.pools[name].governor.rate)
            for name, stats in self.buckets.items()
        }
        return LimiterStats(
            reads=figures.pop("read"),
            writes=figures.pop("write"),
            operations=figures,
            queries=self.queries.stats(),
            retries=self.retry_budget.spent,
            retries_skipped=self.retry_budget.denied,
            false_auth_errors=self.false_auth_errors,
        )

    def _add_own_lane(self, operation: Operation) -> Lane:
        name, rate = operation.id, self._rates[operation.id]
        limit = max(1, int(rate))
        pool = self.pools[name] = self._make_pool(name, limit, limit / rate)
        stats = self.buckets[name] = BucketStats(rate)
        access = operation.access
        return self._add_lane(name, name, (pool, self.pools[access]), (stats, self.buckets[access]))

    def _add_lane(
        self, name: Bucket, blamed: Bucket, quotas: tuple[Quota, ...], stats: tuple[BucketStats, ...]
    ) -> Lane:
        lane = self._lanes[name] = self._lane_type(name, blamed, quotas, stats, self.pools[blamed])
        return lane

    def _make_pool(self, name: Bucket, limit: int, window: float) -> Pool:  # noqa: ARG002 - for subclasses
        return PermitPool(limit, window=window)

    def _make_queries(self) -> QueryBudget:
        return QueryBudget()


@public
class RateLimiter:
    """Keeps requests within `reads` and `writes` per second, as Attio counts them.

    Up to a second's worth may leave at once after an idle time. Sustained, the rate stays a few percent below the limit
    (96 reads and 23 writes per second to begin with), since a server counts arrivals, which jitter. The margin is
    learned from 429 responses, and a limit that the server lowered is followed down and up again.
    Clients that share an access token in one process should share one `RateLimiter`.

    https://docs.attio.com/rest-api/how-to/rate-limiting

    Args:
        reads: Allowed reads per second, queries and searches included.
        writes: Allowed writes per second.
        operations: Lower rates for operations that have one of their own, by their id: ``{"merge_records": 2}``.

    Raises:
        ConfigurationError: A rate is not valid, or an operation has none of its own.
    """

    def __init__(
        self, *, reads: int = 100, writes: int = 25, operations: Mapping[str, float] | None = None
    ) -> None:
        self._limits = TokenLimits(reads=reads, writes=writes, operations=operations)

    async def aclose(self) -> None:
        """Release what the limits are kept with; the next request that needs it opens it again."""
        await self._limits.aclose()

    def stats(self) -> LimiterStats:
        """Return the figures so far, by limit."""
        return self._limits.stats()

    def __repr__(self) -> str:
        pools = self._limits.pools
        return f"RateLimiter(reads={pools['read'].limit}, writes={pools['write'].limit})"


def limits_of(limiter: RateLimiter) -> TokenLimits:
    """Return the limits behind a limiter."""
    return limiter._limits  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - callers of the library have no use for them


def _common_bucket(operation: Operation) -> Bucket:
    if operation.access == "read" and operation.method == "POST" and operation.path.endswith("/query"):
        return QUERIES
    return operation.access


def _own_rates(lowered: Mapping[str, float]) -> Mapping[str, float]:
    """Return the rates of all operations that have their own, some of them lowered."""
    rates = {operation.id: operation.rate for operation in OPERATIONS.values() if operation.rate is not None}
    if not isinstance(lowered, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance] - callers may not be typed
        raise ConfigurationError(f"operations must be a dict of operations and rates, not {show(lowered)}")
    for name, rate in lowered.items():
        if name not in rates:
            suggestions = difflib.get_close_matches(str(name), rates)
            raise ConfigurationError(
                f"{name!r} is not an operation with a rate of its own{did_you_mean(suggestions, tuple(rates))}"
            )
        if not is_number(rate) or not 0 < rate <= rates[name]:
            raise ConfigurationError(
                f"the rate of {name} must be more than 0 and at most {rates[name]:g}, not {rate!r}"
            )
    return {**rates, **lowered}
