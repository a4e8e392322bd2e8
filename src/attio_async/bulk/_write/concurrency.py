"""The number of rows in flight."""

import math

from ..._limits.limiter import TokenLimits

_MIN_WORKERS = 4
_INITIAL_WORKERS = 8
_ROWS_PER_ADJUSTMENT = 20
_LATENCY_MARGIN = 1.5
"""A multiple of what the rate needs at the mean latency, since some responses take longer than others."""


class Concurrency:
    """Chooses how many rows are in flight, so that the rate limit and not the latency decides the speed of a job.

    By Little's law that is the rate times the latency, without the time spent waiting for a permit.

    Args:
        limits: The limits whose write rate is to be used up.
        limit: The highest number; less than the connections, so that other requests find one free.
        fixed: The number, where the caller gives it.

    Attributes:
        workers: The number now.
    """

    def __init__(self, limits: TokenLimits, *, limit: int, fixed: int | None) -> None:
        self.workers = fixed or min(limit, _INITIAL_WORKERS)
        self._limits = limits
        self._limit = limit
        self._is_fixed = fixed is not None
        self._rows = 0
        self._seconds = 0.0
        self._before = limits.stats().writes

    def observe(self, seconds: float) -> None:
        """Learn from a row that was in flight that long, waiting for its permit included."""
        self._rows += 1
        self._seconds += seconds
        if self._is_fixed or self._rows < _ROWS_PER_ADJUSTMENT:
            return
        now = self._limits.stats().writes
        sent = max(1, now.requests - self._before.requests)
        waited = (now.waited - self._before.waited) / sent
        latency = max(0.0, self._seconds / self._rows - waited)
        needed = math.ceil(now.rate * latency * _LATENCY_MARGIN) + _MIN_WORKERS
        self.workers = max(_MIN_WORKERS, min(self._limit, needed))
        self._rows, self._seconds, self._before = 0, 0.0, now
