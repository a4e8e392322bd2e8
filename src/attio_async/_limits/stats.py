"""The figures of rate limits."""

import math
from collections.abc import Mapping

import attrs

from attio_async_api.json_data import JsonData

from .._utils.public import public


@public
@attrs.define
class BucketStats(JsonData):
    """The requests of one bucket since the limiter was created.

    Attributes:
        limit: Allowed requests per second.
        lowered: True while the server allows fewer than the limit.
        rate: Requests per second that are sent now if there are enough: below the limit by a margin that is learned,
            and further below it while `lowered`.
        requests: Requests sent, retries included.
        rate_limited: Responses that were a 429.
        pauses: How often 429s came so densely that the whole bucket waited.
        waited: Seconds that requests waited for their permits, added up.
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


@public
@attrs.frozen
class QueryStats(JsonData):
    """The cost of queries, as far as responses tell.

    Attributes:
        rate_limited: Responses that were a 429 for the score of queries.
        max_concurrent: How many queries may run at a time now; infinity without a cap.
        scores: The score of the last query, by object or list as it was addressed.
    """

    rate_limited: int = 0
    max_concurrent: float = math.inf
    scores: Mapping[str, float] = attrs.field(factory=dict[str, float])


@public
@attrs.frozen
class LimiterStats(JsonData):
    """The figures of all limits. A copy, which later requests do not change.

    Attributes:
        reads: All reads, including those with a rate of their own.
        writes: All writes, including those with a rate of their own.
        operations: Operations with a rate of their own that were used, by their id, such as "merge_records".
        queries: The cost of queries.
        retries: Failed requests that were retried; those that were rate-limited are not counted.
        retries_skipped: Retries skipped because the retry budget was used up.
        false_auth_errors: Responses that rejected the token although it works.
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
