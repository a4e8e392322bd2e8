"""Ways to count requests per second. Pure. The limit may change between any two requests."""

import math
from collections import deque
from collections.abc import Callable, Mapping
from typing import Final, Protocol

_ROUNDING = 1e-6
"""The share of a token that may be missing, as sums of floats are not exact."""


class Meter(Protocol):
    """Counts requests of one kind."""

    def free_at(self, now: float, limit: int) -> float | None:
        """Return None if a request may pass now; otherwise the whole Unix second from which the next one may."""
        ...

    def count(self, now: float) -> None:
        """Count a request, right after `free_at` returned None."""
        ...


class FixedWindow:
    """Counts per second of the clock."""

    __slots__ = ("_count", "_second")

    def __init__(self) -> None:
        self._second = -math.inf
        self._count = 0

    def free_at(self, now: float, limit: int) -> float | None:
        second = math.floor(now)
        if second != self._second:
            self._second, self._count = second, 0
        return None if self._count < limit else second + 1

    def count(self, now: float) -> None:  # noqa: ARG002 - `free_at` has just seen it
        self._count += 1


class SlidingLog:
    """Counts exactly, over the second before each request."""

    __slots__ = ("_passed",)

    def __init__(self) -> None:
        self._passed: deque[float] = deque()

    def free_at(self, now: float, limit: int) -> float | None:
        while self._passed and self._passed[0] <= now - 1:
            self._passed.popleft()
        excess = len(self._passed) - limit
        return None if excess < 0 else math.ceil(self._passed[excess] + 1)

    def count(self, now: float) -> None:
        self._passed.append(now)


class SlidingCounter:
    """Counts per second of the clock, plus the share of the second before that still overlaps."""

    __slots__ = ("_before", "_count", "_second")

    def __init__(self) -> None:
        self._second = -math.inf
        self._count = 0
        self._before = 0

    def free_at(self, now: float, limit: int) -> float | None:
        second = math.floor(now)
        if second != self._second:
            self._before = self._count if second == self._second + 1 else 0
            self._second, self._count = second, 0
        if self._before * (second + 1 - now) + self._count < limit:
            return None
        # At the beginning of a second, the one before counts in full.
        return second + 1 if self._count < limit else second + 2

    def count(self, now: float) -> None:  # noqa: ARG002 - `free_at` has just seen it
        self._count += 1


class TokenBucket:
    """Contains as many tokens as the limit, one for each request, and is refilled evenly within a second."""

    __slots__ = ("_seen", "_tokens")

    def __init__(self) -> None:
        self._tokens = math.inf  # full, whatever the limit is
        self._seen = 0.0

    def free_at(self, now: float, limit: int) -> float | None:
        self._tokens = min(limit, self._tokens + (now - self._seen) * limit)
        self._seen = now
        if self._tokens > 1 - _ROUNDING:
            return None
        return math.ceil(now + (1 - self._tokens) / limit)

    def count(self, now: float) -> None:  # noqa: ARG002 - `free_at` has just seen it
        self._tokens -= 1


WINDOWS: Final[Mapping[str, Callable[[], Meter]]] = {
    "fixed": FixedWindow,
    "sliding": SlidingLog,
    "counter": SlidingCounter,
    "bucket": TokenBucket,
}
"""By their names in `Limits`."""
