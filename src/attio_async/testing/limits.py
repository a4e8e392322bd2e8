"""The rate limits of the API, kept strictly: the request after the last allowed one is refused."""

import math
from collections import deque
from collections.abc import Mapping
from typing import Literal, Protocol

import attrs

Access = Literal["read", "write"]


@attrs.frozen
class Limits:
    """How many requests per second are let through.

    Args:
        reads: Reads per second; None for no limit.
        writes: Writes per second; None for no limit.
        window: `fixed` counts per second of the clock, as the API describes it. `sliding` counts exactly, over the
            second before each request, and is the harder one to keep.
    """

    reads: int | None = attrs.field(default=100)
    writes: int | None = attrs.field(default=25)
    window: Literal["fixed", "sliding"] = attrs.field(
        default="fixed", validator=attrs.validators.in_(("fixed", "sliding"))
    )

    def __attrs_post_init__(self) -> None:
        for name, limit in (("reads", self.reads), ("writes", self.writes)):
            if limit is not None and limit < 1:
                raise ValueError(f"{name} must be at least 1, or None for no limit, not {limit}")

    def meters(self) -> "Mapping[Access, Meter]":
        """Fresh counters for the two kinds of access."""
        kind = _FixedWindow if self.window == "fixed" else _SlidingLog
        allowed: tuple[tuple[Access, int | None], ...] = (("read", self.reads), ("write", self.writes))
        return {access: kind(math.inf if limit is None else limit) for access, limit in allowed}


class Meter(Protocol):
    """Counts the requests of one kind."""

    def admit(self, now: float) -> float | None:
        """None when the request may pass, which counts it; else the whole Unix second from which it may."""
        ...


class _FixedWindow:
    __slots__ = ("_count", "_limit", "_second")

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._second = -math.inf
        self._count = 0

    def admit(self, now: float) -> float | None:
        second = math.floor(now)
        if second != self._second:
            self._second, self._count = second, 0
        if self._count >= self._limit:
            return second + 1
        self._count += 1
        return None


class _SlidingLog:
    __slots__ = ("_limit", "_passed")

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._passed: deque[float] = deque()

    def admit(self, now: float) -> float | None:
        while self._passed and self._passed[0] <= now - 1:
            self._passed.popleft()
        if len(self._passed) >= self._limit:
            return math.ceil(self._passed[0] + 1)
        self._passed.append(now)
        return None
