"""When a request is retried, and after which delay. Pure: the pipeline waits and sends."""

import functools
import math
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

import attrs

from .._limits.server_clock import ServerClock
from .._utils.checks import at_least, positive
from .._utils.public import public

TRANSIENT_STATUSES = frozenset({408, 425, 500, 502, 503, 504, *range(520, 531)})
"""Statuses of a server, or of a proxy in front of it, that a retry may get past."""

_MAX_JITTER_S = 0.02
"""Requests that were told to wait until the same instant are spread over this time."""

_DEFAULT_DELAY_S = 1.0
"""The delay after a 429 that names none; Attio's limits are per second."""


@public
@attrs.frozen(kw_only=True)
class RetryPolicy:
    """The number of retries and the delays before them.

    A request that got a 429 was not processed, so it is retried on every operation. After other failures a request is
    retried only if nothing was sent, or if doing it twice does no harm.

    https://docs.attio.com/rest-api/how-to/rate-limiting

    Attributes:
        attempts: How often a request is sent in all when the connection or the server fails; 1 never retries.
        rate_limit_attempts: How often a request is sent in all when it is rate-limited.
        base: The first backoff in seconds; each further one is twice as long. The actual delay is random between 0
            and the backoff, so that many clients do not come back together.
        cap: The longest backoff in seconds.
        max_retry_after: The longest delay in seconds that the server may ask for; a longer one raises the error.
        deadline: Seconds from the first attempt after which nothing is retried.
        budget: How many retries after failures each success pays for once the reserve of a hundred is used up, so
            that retries cannot multiply an outage. Clients with the same limiter share one reserve.
        recheck_token: True to check a rejection of a token that worked within the last minute against /v2/self, and
            to retry once if the token works there.
    """

    attempts: int = attrs.field(default=4, validator=at_least(1))
    rate_limit_attempts: int = attrs.field(default=10, validator=at_least(1))
    base: float = attrs.field(default=0.5, validator=positive)
    cap: float = attrs.field(default=20.0, validator=positive)
    max_retry_after: float = attrs.field(default=60.0, validator=positive)
    deadline: float = attrs.field(default=300.0, validator=positive)
    budget: float = attrs.field(default=0.2, validator=at_least(0))
    recheck_token: bool = True

    def backoff(self, attempt: int, random: float) -> float:
        """Return the delay after the given attempt (1 is the first), for a random number from 0 to 1."""
        return random * min(self.cap, self.base * 2.0 ** (attempt - 1))


def rate_limit_delay(
    headers: Mapping[str, str], clock: ServerClock, *, now: float, wall: float, random: float
) -> float:
    """Return the seconds from `now` (monotonic) until a rate-limited request may be retried, jitter included."""
    delay = retry_after_delay(headers, clock, now=now, wall=wall)
    return (_DEFAULT_DELAY_S if delay is None else delay) + random * _MAX_JITTER_S


def retry_after_delay(
    headers: Mapping[str, str], clock: ServerClock, *, now: float, wall: float
) -> float | None:
    """Return the seconds that `Retry-After` asks for; None if it has neither a number nor an HTTP date.

    Attio sends a date. It is read by the server's own clock, or by ours (`wall`, unix seconds) while no response had a
    date: https://docs.attio.com/rest-api/how-to/rate-limiting
    """
    text = headers.get("retry-after", "").strip()
    try:
        seconds = float(text)
    except ValueError:
        date = http_date(text)
        if date is None:
            return None
        seconds = clock.local(date) - now if clock.known else date - wall
    return max(0.0, seconds) if math.isfinite(seconds) else None


@functools.lru_cache(maxsize=8)  # all responses of a second have the same date
def http_date(text: str) -> float | None:
    """Return the unix seconds of an HTTP date; None if it is not valid. One without a zone is in UTC, as all must be."""
    try:
        moment = parsedate_to_datetime(text)
        return (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
