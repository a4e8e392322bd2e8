"""Ways in which a server may count a rate, and networks in between. Only uses the standard library."""

import math
import random
from collections import deque
from collections.abc import Callable
from typing import Protocol

TO_95TH = 1.645  # standard deviations from the median of a normal distribution to its 95th percentile


class Window(Protocol):
    """Counts arrivals. `limit` may change at any time."""

    limit: int

    def admit(self, now: float) -> bool: ...


class Fixed:
    """Counts per second of a clock, which may differ from the one in the `Date` headers."""

    def __init__(self, limit: int, offset: float = 0.0) -> None:
        self.limit, self._offset = limit, offset
        self._second, self._count = -1, 0

    def admit(self, now: float) -> bool:
        second = math.floor(now - self._offset)
        if second != self._second:
            self._second, self._count = second, 0
        if self._count >= self.limit:
            return False
        self._count += 1
        return True


class Log:
    """Counts exactly, over the second before each arrival."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._passed: deque[float] = deque()

    def admit(self, now: float) -> bool:
        while self._passed and self._passed[0] <= now - 1:
            self._passed.popleft()
        if len(self._passed) >= self.limit:
            return False
        self._passed.append(now)
        return True


class Counter:
    """Counts this second, and the part of the one before that is less than a second ago."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._second, self._count, self._before = -1, 0, 0

    def admit(self, now: float) -> bool:
        second = math.floor(now)
        if second != self._second:
            self._before = self._count if second == self._second + 1 else 0
            self._second, self._count = second, 0
        if self._before * (1 - (now - second)) + self._count >= self.limit:
            return False
        self._count += 1
        return True


class Bucket:
    """A token bucket."""

    def __init__(self, limit: int, capacity: int | None = None) -> None:
        self.limit = limit
        self._capacity = capacity or limit
        self._tokens, self._seen = float(self._capacity), 0.0

    def admit(self, now: float) -> bool:
        self._tokens = min(self._capacity, self._tokens + (now - self._seen) * self.limit)
        self._seen = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


WINDOWS: dict[str, Callable[[int], Window]] = {
    "fixed": Fixed,
    "fixed-offset": lambda limit: Fixed(limit, 0.37),
    "log": Log,
    "counter": Counter,
    "bucket": Bucket,
}

Delay = Callable[[random.Random], float]


def uniform(low: float, high: float) -> Delay:
    return lambda chance: chance.uniform(low, high)


def lognormal(p5: float, p95: float) -> Delay:
    """By its 5th and 95th percentiles."""
    centre = (math.log(p5) + math.log(p95)) / 2
    sigma = (math.log(p95) - math.log(p5)) / 2 / TO_95TH
    return lambda chance: chance.lognormvariate(centre, sigma)


def spiked(delay: Delay, share: float = 0.01, extra: float = 0.3) -> Delay:
    return lambda chance: delay(chance) + (extra if chance.random() < share else 0.0)


NETWORKS: dict[str, Delay] = {
    "clean": lambda _: 0.04,
    "j30": uniform(0.025, 0.055),
    "jit": lognormal(0.02, 0.08),
    "spike": spiked(lognormal(0.02, 0.08)),
}
PROCESSING = lognormal(0.03, 0.12)
