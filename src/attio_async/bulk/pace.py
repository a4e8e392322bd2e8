"""How many rows are on their way at once."""

import math

from .._core.limiter import RateLimiter

__all__ = ["Pace"]

_FEWEST = 4
_EVERY = 20
"""Rows after which the number is set anew."""

_MARGIN = 1.5
"""So many times what the rate needs at the mean latency, since some answers take longer than others."""


class Pace:
    """Chooses how many rows are on their way so that the rate limit, not the latency, decides how fast a job is.

    By Little's law that is the rate times the time an answer takes, without what it waited for its permit.

    Args:
        limiter: Whose limit is to be used up.
        most: How many there may be; less than there are connections, so that other requests find one free.
        fixed: The number, where it is given.
    """

    def __init__(self, limiter: RateLimiter, *, most: int, fixed: int | None) -> None:
        self._limiter = limiter
        self._most = most
        self.workers = fixed or min(most, 8)
        self._fixed = fixed is not None
        self._rows = 0
        self._seconds = 0.0
        self._before = limiter.stats().writes

    def took(self, seconds: float) -> None:
        """A row was on its way for so long, waiting for its permit included."""
        self._rows += 1
        self._seconds += seconds
        if self._fixed or self._rows < _EVERY:
            return
        now = self._limiter.stats().writes
        sent = max(1, now.requests - self._before.requests)
        waited = (now.waited - self._before.waited) / sent
        latency = max(0.0, self._seconds / self._rows - waited)
        wanted = math.ceil(now.rate * latency * _MARGIN) + _FEWEST
        self.workers = max(_FEWEST, min(self._most, wanted))
        self._rows, self._seconds, self._before = 0, 0.0, now
