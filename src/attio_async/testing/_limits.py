"""The rate limits of the API, enforced strictly: the first request above the limit is refused.

There are four ways to count requests per second. The limit may change between any two requests.
"""

import math
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Literal, Protocol

import attrs

from attio_async_api.operations import OPERATIONS, Operation

from .._utils.public import public
from ._errors import rate_limited
from ._http.router import check_operations
from ._query_cost import ScoreLimits

_ROUNDING = 1e-6
"""The share of a token that may be missing, as sums of floats are not exact."""

LimitWindow = Literal["fixed", "sliding", "counter", "bucket"]


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


def _documented() -> Mapping[str, int]:
    """Return the limits of operations that have one of their own, by operation id."""
    return {one.id: int(one.rate) for one in OPERATIONS.values() if one.rate is not None}


def _check_rate(_: object, attribute: "attrs.Attribute[Any]", value: int | None) -> None:
    if value is not None and value < 1:
        raise ValueError(f"{attribute.name} must be at least 1, or None for no limit, not {value!r}")


def _check_endpoints(_: object, __: object, value: Mapping[str, int]) -> None:
    check_operations(value)
    for operation_id, limit in value.items():
        if limit < 1:
            raise ValueError(f"endpoints: the limit of {operation_id} must be at least 1, not {limit}")


@public
@attrs.frozen
class LoweredLimits:
    """Lower rates than usual, as during an incident.

    Args:
        reads: Reads per second. Default: unchanged.
        writes: Writes per second. Default: unchanged.
        endpoints: Requests per second to an operation, by its id.
    """

    reads: int | None = attrs.field(default=None, validator=_check_rate)
    writes: int | None = attrs.field(default=None, validator=_check_rate)
    endpoints: Mapping[str, int] = attrs.field(factory=dict[str, int], validator=_check_endpoints)


@public
@attrs.frozen
class Limits:
    """The numbers of requests per second that are allowed. Default: the documented limits.

    Args:
        reads: Reads per second; None for no limit.
        writes: Writes per second; None for no limit.
        window: How requests are counted. `fixed` counts per second of the clock, as the API is described. `sliding`
            counts exactly, over the second before each request, and is the hardest to respect. `counter` counts per
            second of the clock, plus the share of the second before that still overlaps. `bucket` contains as many
            tokens as the limit, and is refilled evenly.
        endpoints: Further limits of single operations, per second, by operation id. Default: the documented ones,
            such as 5 for `merge_records`; `{}` for none.
        scores: The limits of the scores of queries. Default: none.
    """

    reads: int | None = attrs.field(default=100, validator=_check_rate)
    writes: int | None = attrs.field(default=25, validator=_check_rate)
    window: LimitWindow = attrs.field(default="fixed", validator=attrs.validators.in_(tuple(WINDOWS)))
    endpoints: Mapping[str, int] = attrs.field(factory=_documented, validator=_check_endpoints)
    scores: ScoreLimits | None = None

    @classmethod
    def none(cls) -> "Limits":
        """Return limits that allow everything."""
        return cls(reads=None, writes=None, endpoints={})

    def lowered(self, reductions: Iterable[LoweredLimits]) -> "Limits":
        """Return these limits, or the lower ones of the reductions."""
        limits = self
        for reduction in reductions:
            endpoints = dict(limits.endpoints)
            for operation_id, limit in reduction.endpoints.items():
                endpoints[operation_id] = min(limit, endpoints.get(operation_id, limit))
            limits = attrs.evolve(
                limits,
                reads=_lower(limits.reads, reduction.reads),
                writes=_lower(limits.writes, reduction.writes),
                endpoints=endpoints,
            )
        return limits


def _lower(usual: int | None, reduced: int | None) -> int | None:
    if usual is None or reduced is None:
        return reduced if usual is None else usual
    return min(usual, reduced)


class Meters:
    """Counts requests under limits that may change from one request to the next."""

    def __init__(self, window: LimitWindow) -> None:
        self._new_meter = WINDOWS[window]
        self._meters: dict[str, Meter] = {}

    def admit(self, operation: Operation, limits: Limits, now: float) -> None:
        """Count a request that all its limits allow. A refused one counts nowhere.

        Raises:
            ApiProblem: 429, one of its limits is used up.
        """
        general = limits.reads if operation.access == "read" else limits.writes
        own = limits.endpoints.get(operation.id)
        if own is None and general is None:
            return
        passed: list[Meter] = []
        for name, limit in ((operation.id, own), (operation.access, general)):
            if limit is None:
                continue
            meter = self._meters.get(name) or self._meters.setdefault(name, self._new_meter())
            free_at = meter.free_at(now, limit)
            if free_at is not None:
                what = f'"{name}" requests' if name == operation.id else f"{name} requests"
                message = f"Rate limit exceeded: more than {limit} {what} within a second"
                raise rate_limited(f"{message}; please try again later.", free_at)
            passed.append(meter)
        for meter in passed:
            meter.count(now)
