"""When a request is sent again, and after how long. Pure: the pipeline asks, waits and sends."""

import functools
import math
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

import attrs

from .._limits.server_clock import ServerClock
from ..errors import ConfigurationError

TRANSIENT_STATUSES = frozenset({408, 425, 500, 502, 503, 504, *range(520, 531)})
"""Answers of a server, or of a proxy in front of it, that a repeat may get past."""


def _positive(_: object, attribute: "attrs.Attribute[float]", value: float) -> None:
    if not value > 0:
        raise ConfigurationError(f"{attribute.name} must be more than 0, not {value!r}")


def _not_negative(_: object, attribute: "attrs.Attribute[float]", value: float) -> None:
    if not value >= 0:
        raise ConfigurationError(f"{attribute.name} must be at least 0, not {value!r}")


def _whole(_: object, attribute: "attrs.Attribute[int]", value: int) -> None:
    if value < 1:
        raise ConfigurationError(f"{attribute.name} must be at least 1, not {value!r}")


@attrs.frozen(kw_only=True)
class RetryPolicy:
    """How often and how patiently a request is sent again.

    A 429 was not processed, so it is repeated on every operation. Other failures are repeated only where
    nothing was sent, or where doing it twice does no harm.

    Attributes:
        attempts: How often a request is sent in all when the connection or the server fails; 1 is never again.
        rate_limit_attempts: How often a request is sent in all when it is refused for the rate.
        base: The first pause in seconds; each further one may be twice as long. The actual pause is random
            between 0 and that, so that many clients do not come back together.
        cap: The longest such pause in seconds.
        max_retry_after: The longest wait in seconds that the server may ask for; what asks for more is raised.
        deadline: Seconds from the first sending after which nothing is sent again.
        budget: How many repeats after failures each success allows, once the reserve of a hundred is used up, so
            that repeats cannot multiply an outage. Clients with the same limiter have one reserve.
        recheck_token: Whether a refusal of a token that worked within the last minute is checked against /v2/self
            and, when the token works there, the request is sent once more.
    """

    attempts: int = attrs.field(default=4, validator=_whole)
    rate_limit_attempts: int = attrs.field(default=10, validator=_whole)
    base: float = attrs.field(default=0.5, validator=_positive)
    cap: float = attrs.field(default=20.0, validator=_positive)
    max_retry_after: float = attrs.field(default=60.0, validator=_positive)
    deadline: float = attrs.field(default=300.0, validator=_positive)
    budget: float = attrs.field(default=0.2, validator=_not_negative)
    recheck_token: bool = True

    def backoff(self, attempt: int, random: float) -> float:
        """The pause after the given attempt (1 is the first), for a random number from 0 to 1."""
        return random * min(self.cap, self.base * 2.0 ** (attempt - 1))


_JITTER = 0.02
"""Seconds over which requests that were told the same instant are spread."""

_UNREADABLE = 1.0
"""Seconds to wait when a 429 does not say how long; Attio's limits are per second."""


def rate_limit_delay(
    headers: Mapping[str, str], clock: ServerClock, *, now: float, wall: float, random: float
) -> float:
    """Seconds from `now` (monotonic) until a refused request may be sent again, jitter included."""
    delay = retry_after_delay(headers, clock, now=now, wall=wall)
    return (_UNREADABLE if delay is None else delay) + random * _JITTER


def retry_after_delay(
    headers: Mapping[str, str], clock: ServerClock, *, now: float, wall: float
) -> float | None:
    """The seconds that Retry-After asks for: a number, or an HTTP date.

    A date is read by the server's own clock, or by ours (`wall`, unix seconds) when no answer was ever dated.
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


@functools.lru_cache(maxsize=8)  # the answers of a second have the same
def http_date(text: str) -> float | None:
    """Unix seconds of an HTTP date; None when it is none."""
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError):
        return None
