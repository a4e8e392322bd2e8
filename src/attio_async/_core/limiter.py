"""The rate limits of one access token, and what became of the requests under them."""

from collections.abc import Mapping
from typing import Literal

import attrs

from ..errors import ConfigurationError
from .permits import PermitPool
from .server_clock import ServerClock

__all__ = ["Bucket", "BucketStats", "LimiterStats", "RateLimiter"]

Bucket = Literal["read", "write"]


@attrs.define
class BucketStats:
    """What became of the requests of one bucket since the limiter was made.

    Attributes:
        limit: Allowed requests per second.
        requests: Requests sent, repeats included.
        rate_limited: Answers that were a 429.
        pauses: How often refusals came so densely that the whole bucket waited.
        waited: Seconds that requests waited for their permit, added up.
        longest_wait: The longest of these waits.
    """

    limit: int
    requests: int = 0
    rate_limited: int = 0
    pauses: int = 0
    waited: float = 0.0
    longest_wait: float = 0.0


@attrs.frozen
class LimiterStats:
    """The two buckets' figures; copies, which later requests do not change."""

    reads: BucketStats
    writes: BucketStats

    @property
    def requests(self) -> int:
        return self.reads.requests + self.writes.requests

    @property
    def rate_limited(self) -> int:
        return self.reads.rate_limited + self.writes.rate_limited


class RateLimiter:
    """Keeps requests within `reads` and `writes` per second, as Attio counts them.

    Up to a second's worth may leave at once after an idle time; sustained, the rate stays a few percent below
    the limit (96 reads and 23 writes per second by default), because a server sees arrivals, which jitter.
    Clients that share an access token in one process share its limits by sharing one `RateLimiter`.

    Args:
        reads: Allowed reads per second, queries and searches included.
        writes: Allowed writes per second.
    """

    def __init__(self, *, reads: int = 100, writes: int = 25) -> None:
        for name, limit in (("reads", reads), ("writes", writes)):
            if limit < 1:
                raise ConfigurationError(f"{name} must be at least 1 per second, not {limit!r}")
        self.server_clock = ServerClock()
        self.pools: Mapping[Bucket, PermitPool] = {"read": PermitPool(reads), "write": PermitPool(writes)}
        self.buckets: Mapping[Bucket, BucketStats] = {
            "read": BucketStats(reads),
            "write": BucketStats(writes),
        }

    def stats(self) -> LimiterStats:
        """What became of the requests so far, per bucket."""
        return LimiterStats(attrs.evolve(self.buckets["read"]), attrs.evolve(self.buckets["write"]))

    def __repr__(self) -> str:
        return f"RateLimiter(reads={self.pools['read'].limit}, writes={self.pools['write'].limit})"
