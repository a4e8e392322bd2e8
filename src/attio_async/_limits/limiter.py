"""The rate limits of one access token, and what became of the requests under them."""

import difflib
from collections.abc import Mapping, Sequence
from typing import Protocol

import attrs

from attio_async_api.operations import OPERATIONS, Operation

from .._transport.messages import Response
from .._utils.clock import Clock
from ..errors import ConfigurationError, did_you_mean
from .governor import Ticket
from .permits import PermitPool
from .query_budget import QueryBudget, QueryStats, speaks_of_score
from .server_clock import ServerClock

_RESERVE = 100.0


"""Repeats that are possible without any success: two for each connection of a pool that was cut off at once."""


class RetryBudget:
    """An account of repeats. Each success pays in a share of one, each repeat takes one out."""

    __slots__ = ("_balance", "denied", "spent")

    def __init__(self) -> None:
        self._balance = _RESERVE
        self.spent = 0
        self.denied = 0

    def earn(self, share: float) -> None:
        """A request succeeded."""
        if self._balance < _RESERVE:
            self._balance = min(_RESERVE, self._balance + share)

    def spend(self) -> bool:
        """Whether one more request may be repeated; counts it."""
        if self._balance < 1:
            self.denied += 1
            return False
        self._balance -= 1
        self.spent += 1
        return True


Bucket = str


"""What a limit counts: "read", "write", "query", or the id of an operation that has a rate of its own."""


QUERIES: Bucket = "query"


"""Queries of records and entries, which are reads with a score."""


_FEW_READS = 0.5


"""The part of the allowed reads below which a rate limit cannot be why one of them is refused."""


_QUIET = 10.0


"""Seconds without a refusal for the rate after which the rate is not suspected."""


class Quota(Protocol):
    """A limit that requests draw on: a rate, or the score of queries."""

    def ready_at(self, now: float) -> float: ...
    def take(self, now: float) -> Ticket: ...
    def answered(self, ticket: Ticket, now: float) -> None: ...
    def lost(self, ticket: Ticket, now: float) -> None: ...
    def untaken(self, ticket: Ticket) -> None: ...
    def refused(self, ticket: Ticket, now: float, until: float) -> bool: ...


class Rate(Protocol):
    """How fast a pool goes."""

    @property
    def scale(self) -> float: ...
    @property
    def rate(self) -> float: ...
    @property
    def refused_at(self) -> float: ...
    def load(self, now: float) -> float: ...


class Pool(Quota, Protocol):
    """The permits of a rate."""

    @property
    def limit(self) -> int: ...
    @property
    def governor(self) -> Rate: ...


class Waiting(Protocol):
    """Where requests wait for this limiter."""

    @property
    def clock(self) -> Clock: ...
    def pump(self) -> None:
        """Let everybody go who may."""
        ...


@attrs.define
class BucketStats:
    """What became of the requests of one bucket since the limiter was made.

    Attributes:
        limit: Allowed requests per second.
        lowered: Whether the server allows fewer now.
        rate: Requests per second that are sent now when there are enough: below the limit by a margin that is
            learned, and further below while the server refuses more than it documents.
        requests: Requests sent, repeats included.
        rate_limited: Answers that were a 429.
        pauses: How often refusals came so densely that the whole bucket waited.
        waited: Seconds that requests waited for their permit, added up.
        longest_wait: The longest of these waits.
    """

    limit: float
    lowered: bool = False
    rate: float = 0.0
    requests: int = 0
    rate_limited: int = 0
    pauses: int = 0
    waited: float = 0.0
    longest_wait: float = 0.0


@attrs.frozen
class LimiterStats:
    """The figures of all limits; copies, which later requests do not change.

    Attributes:
        reads: All reads, those with a rate of their own included.
        writes: All writes, likewise.
        operations: Operations with a rate of their own that were used, by their id, such as "merge_records".
        queries: What queries cost.
        retries: Failed requests that were sent again; refusals for the rate are not among them.
        retries_skipped: Those that were not, because too many had failed before them.
        false_auth_errors: Answers that refused the token, which a moment later worked.
    """

    reads: BucketStats
    writes: BucketStats
    operations: Mapping[str, BucketStats] = attrs.field(factory=dict[str, BucketStats])
    queries: QueryStats = attrs.field(factory=QueryStats)
    retries: int = 0
    retries_skipped: int = 0
    false_auth_errors: int = 0

    @property
    def requests(self) -> int:
        return self.reads.requests + self.writes.requests

    @property
    def rate_limited(self) -> int:
        return self.reads.rate_limited + self.writes.rate_limited


@attrs.frozen
class Lane:
    """What one kind of request draws on, the scarcest first.

    Attributes:
        name: The kind of request.
        blamed: Whose rate it is when one is refused for the rate.
        quotas: The limits.
        stats: Their figures; the score of queries has none of this kind.
        pool: The blamed rate: the scarcest.
    """

    name: Bucket
    blamed: Bucket
    quotas: tuple[Quota, ...]
    stats: tuple[BucketStats, ...]
    pool: Pool

    def ask(self, waiting: int, now: float) -> None:
        """So many requests wait and could go; these limits are all known here, so nobody needs to be asked."""

    def pauses_heard(self) -> Sequence[float]:
        """For how many seconds this rate had to pause, each time that only an answer of others told."""
        return ()


class RateLimiter:
    """Keeps requests within `reads` and `writes` per second, as Attio counts them.

    Up to a second's worth may leave at once after an idle time; sustained, the rate stays a few percent below
    the limit (96 reads and 23 writes per second to begin with), because a server sees arrivals, which jitter.
    The margin is learned from refusals, and a limit that the server lowered is followed down and up again.
    Clients that share an access token in one process share its limits by sharing one `RateLimiter`.

    Args:
        reads: Allowed reads per second, queries and searches included.
        writes: Allowed writes per second.
        operations: Lower rates for operations that have one of their own, by their id: ``{"merge_records": 2}``.

    Raises:
        ConfigurationError: A rate that cannot work, or no such operation.
    """

    def __init__(
        self, *, reads: int = 100, writes: int = 25, operations: Mapping[str, float] | None = None
    ) -> None:
        for name, limit in (("reads", reads), ("writes", writes)):
            if limit < 1:
                raise ConfigurationError(f"{name} must be at least 1 per second, not {limit!r}")
        self._rates = _own_rates(operations or {})
        self.server_clock = ServerClock()
        self.retry_budget = RetryBudget()
        self.queries = self._make_queries()
        self.false_auth_errors = 0
        self.pools: dict[Bucket, Pool] = {
            "read": self._make_pool("read", reads, 1.0),
            "write": self._make_pool("write", writes, 1.0),
        }
        self.buckets: dict[Bucket, BucketStats] = {"read": BucketStats(reads), "write": BucketStats(writes)}
        self._lanes: dict[Bucket, Lane] = {
            access: self._make_lane(access, access, (pool,), (self.buckets[access],), pool)
            for access, pool in self.pools.items()
        }
        read = self.pools["read"]
        self._lanes[QUERIES] = self._make_lane(
            QUERIES, "read", (self.queries, read), (self.buckets["read"],), read
        )

    def lane_of(self, operation: Operation) -> Lane:
        """The limits that an operation draws on."""
        name = operation.id if operation.id in self._rates else _common_lane(operation)
        lane = self._lanes.get(name)
        return lane if lane is not None else self._own_lane(operation)

    def lane(self, name: Bucket) -> Lane:
        """The limits that a bucket stands for, once it was used."""
        return self._lanes[name]

    def blames_score(self, lane: Lane, response: Response, now: float) -> bool:
        """Whether a refusal is for what queries cost.

        The API documents one answer for both limits. Where it does not speak of scores, a query that was refused
        while reads were few, and none refused for their rate, was refused for its score.
        """
        if lane.name != QUERIES:
            return False
        reads = lane.pool.governor
        quiet = reads.load(now) < _FEW_READS and now - reads.refused_at > _QUIET
        return quiet or speaks_of_score(response)

    def attach(self, waiting: Waiting) -> None:
        """Requests wait there from now on; these limits change by nothing else than what is told from there."""

    async def aclose(self) -> None:
        """Let go of what the limits are kept with: nothing, here."""

    def stats(self) -> LimiterStats:
        """What became of the requests so far, per limit."""
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

    def _own_lane(self, operation: Operation) -> Lane:
        name, rate = operation.id, self._rates[operation.id]
        limit = max(1, int(rate))
        pool = self.pools[name] = self._make_pool(name, limit, limit / rate)
        stats = self.buckets[name] = BucketStats(rate)
        common = operation.access
        lane = self._make_lane(name, name, (pool, self.pools[common]), (stats, self.buckets[common]), pool)
        self._lanes[name] = lane
        return lane

    def _make_pool(self, name: Bucket, limit: int, window: float) -> Pool:  # noqa: ARG002 - for subclasses
        return PermitPool(limit, window=window)

    def _make_queries(self) -> QueryBudget:
        return QueryBudget()

    def _make_lane(
        self,
        name: Bucket,
        blamed: Bucket,
        quotas: tuple[Quota, ...],
        stats: tuple[BucketStats, ...],
        pool: Pool,
    ) -> Lane:
        return Lane(name, blamed, quotas, stats, pool)

    def __repr__(self) -> str:
        return f"RateLimiter(reads={self.pools['read'].limit}, writes={self.pools['write'].limit})"


def _common_lane(operation: Operation) -> Bucket:
    if operation.access == "read" and operation.method == "POST" and operation.path.endswith("/query"):
        return QUERIES
    return operation.access


def _own_rates(lowered: Mapping[str, float]) -> Mapping[str, float]:
    """The rates of all operations that have their own, some of them lowered."""
    rates = {operation.id: operation.rate for operation in OPERATIONS.values() if operation.rate is not None}
    for name, rate in lowered.items():
        if name not in rates:
            near = difflib.get_close_matches(name, rates)
            raise ConfigurationError(
                f"no operation with a rate of its own is called {name!r}{did_you_mean(near, tuple(rates))}"
            )
        if not 0 < rate <= rates[name]:
            raise ConfigurationError(
                f"the rate of {name} is more than 0 and at most {rates[name]:g}, not {rate!r}"
            )
    return {**rates, **lowered}
