"""The rate limits of the API, kept strictly: the request after the last allowed one is refused."""

from collections.abc import Iterable, Mapping
from typing import Literal

import attrs

from attio_async_api.operations import OPERATIONS, Operation

from .._errors import ApiProblem
from .query_cost import ScoreLimits
from .windows import WINDOWS, Meter

WindowName = Literal["fixed", "sliding", "counter", "bucket"]


def _documented() -> Mapping[str, int]:
    """The operations with a limit of their own, by id."""
    return {one.id: int(one.rate) for one in OPERATIONS.values() if one.rate is not None}


def _rate(_: object, attribute: "attrs.Attribute[int | None]", value: int | None) -> None:
    if value is not None and value < 1:
        raise ValueError(f"{attribute.name} must be at least 1, or None to leave it, not {value!r}")


@attrs.frozen
class LoweredLimits:
    """Lower rates than usual, as during an incident. No request is refused that these let through.

    Args:
        reads: Reads per second; None to leave them.
        writes: Writes per second; None to leave them.
        endpoints: Requests per second to an operation, by its id.
    """

    reads: int | None = attrs.field(default=None, validator=_rate)
    writes: int | None = attrs.field(default=None, validator=_rate)
    endpoints: Mapping[str, int] = attrs.field(factory=dict[str, int])


@attrs.frozen
class Limits:
    """How many requests per second are let through; as it is made without arguments, what Attio documents.

    Args:
        reads: Reads per second; None for no limit.
        writes: Writes per second; None for no limit.
        window: How they are counted. `fixed` counts per second of the clock, as the API describes it. `sliding` counts
            exactly, over the second before each request, and is the harder one to keep. `counter` counts per
            second of the clock, and of the second before as much as still overlaps. `bucket` holds the
            limit's number of tokens and is refilled evenly.
        endpoints: What single operations allow besides, per second, by operation id. Default: what Attio
            documents, such as 5 for `merge_records`; `{}` for none.
        scores: What queries of records and entries may cost. Default: anything.
    """

    reads: int | None = attrs.field(default=100)
    writes: int | None = attrs.field(default=25)
    window: WindowName = attrs.field(default="fixed", validator=attrs.validators.in_(tuple(WINDOWS)))
    endpoints: Mapping[str, int] = attrs.field(factory=_documented)
    scores: ScoreLimits | None = None

    def __attrs_post_init__(self) -> None:
        for name, limit in (("reads", self.reads), ("writes", self.writes)):
            if limit is not None and limit < 1:
                raise ValueError(f"{name} must be at least 1, or None for no limit, not {limit}")
        for operation_id, limit in self.endpoints.items():
            if operation_id not in OPERATIONS:
                raise ValueError(f"endpoints: there is no operation {operation_id!r}")
            if limit < 1:
                raise ValueError(f"endpoints: the limit of {operation_id} must be at least 1, not {limit}")

    @classmethod
    def none(cls) -> "Limits":
        """Let everything through."""
        return cls(reads=None, writes=None, endpoints={})

    def lowered(self, reductions: Iterable[LoweredLimits]) -> "Limits":
        """These limits, or the lower ones where a reduction says so."""
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
        self._kind = WINDOWS[window]
        self._meters: dict[str, Meter] = {}

    def admit(self, operation: Operation, limits: Limits, now: float) -> None:
        """Count a request that all its limits let through; one that is refused counts nowhere.

        Raises:
            ApiProblem: 429, one of its limits is used up.
        """
        bounds = (
            (operation.id, limits.endpoints.get(operation.id), f'"{operation.id}" requests'),
            (operation.access, _general(operation, limits), f"{operation.access} requests"),
        )
        passed: list[tuple[Meter, int]] = []
        for name, limit, what in bounds:
            if limit is None:
                continue
            meter = self._meters.get(name) or self._meters.setdefault(name, self._kind())
            free_at = meter.free_at(now, limit)
            if free_at is not None:
                raise _refused(f"Rate limit exceeded: more than {limit} {what} within a second", free_at)
            passed.append((meter, limit))
        for meter, _ in passed:
            meter.count(now)


def _general(operation: Operation, limits: Limits) -> int | None:
    return limits.reads if operation.access == "read" else limits.writes


def _refused(reason: str, free_at: float) -> ApiProblem:
    return ApiProblem(
        429,
        "rate_limit_exceeded",
        f"{reason}; please try again later.",
        type="rate_limit_error",
        retry_at=free_at,
    )
