"""The rate limits of the API, enforced strictly: the first request above the limit is refused."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

import attrs

from attio_async_api.operations import OPERATIONS, Operation

from .._errors import rate_limited
from .._http.router import check_operations
from .query_cost import ScoreLimits
from .windows import WINDOWS, Meter

WindowName = Literal["fixed", "sliding", "counter", "bucket"]


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
    window: WindowName = attrs.field(default="fixed", validator=attrs.validators.in_(tuple(WINDOWS)))
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

    def __init__(self, window: WindowName) -> None:
        self._new_meter = WINDOWS[window]
        self._meters: dict[str, Meter] = {}

    def admit(self, operation: Operation, limits: Limits, now: float) -> None:
        """Count a request that all its limits allow. A refused one counts nowhere.

        Raises:
            ApiProblem: 429, one of its limits is used up.
        """
        general = limits.reads if operation.access == "read" else limits.writes
        bounds = (
            (operation.id, limits.endpoints.get(operation.id), f'"{operation.id}" requests'),
            (operation.access, general, f"{operation.access} requests"),
        )
        passed: list[Meter] = []
        for name, limit, what in bounds:
            if limit is None:
                continue
            meter = self._meters.get(name) or self._meters.setdefault(name, self._new_meter())
            free_at = meter.free_at(now, limit)
            if free_at is not None:
                message = f"Rate limit exceeded: more than {limit} {what} within a second"
                raise rate_limited(f"{message}; please try again later.", free_at)
            passed.append(meter)
        for meter in passed:
            meter.count(now)
