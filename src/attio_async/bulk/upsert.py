"""Upserting many rows."""

import math
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Iterable, Mapping
from contextlib import aclosing
from typing import Any, Literal

import attrs

from .._core.priority import priority
from ..errors import AttioError, AuthenticationFailed, CoercionError, ConfigurationError, PermissionDenied
from ..records import Record
from ..resources._base import Wire
from ..resources.encoding import encoded
from ..resources.records import assert_values
from ..resources.schemas import Schemas
from ..schema import ObjectSchema
from .keys import SeenKeys
from .ordered import iterate, run_in_order
from .report import BulkReport, Outcome, Row

__all__ = ["upsert_many"]

_HOPELESS = (AuthenticationFailed, PermissionDenied)
"""Refusals that every further row would meet too."""

Rows = Iterable[Mapping[str, object] | Row] | AsyncIterable[Mapping[str, object] | Row]


async def upsert_many(
    wire: Wire,
    schemas: Schemas,
    rows: Rows,
    *,
    object_name: str,
    match: str,
    on_error: Literal["collect", "stop"],
    on_outcome: Callable[[Outcome], None] | None,
    workers: int,
) -> BulkReport:
    """See `Records.upsert_many`; `match` is the slug of a unique attribute."""
    if on_error not in {"collect", "stop"}:
        raise ConfigurationError(f"on_error is 'collect' or 'stop', not {on_error!r}")
    if workers < 1:
        raise ConfigurationError(f"workers must be at least 1, not {workers}")
    with SeenKeys() as seen:
        job = _Upsert(
            wire,
            schemas,
            object_name=object_name,
            match=match,
            seen=seen,
            on_outcome=on_outcome,
            stop_early=on_error == "stop",
        )
        async with aclosing(job.prepared(rows)) as prepared:
            with priority("bulk"):
                await run_in_order(prepared, job.write, job.deliver, workers=workers)
    return job.finished()


@attrs.frozen
class _Prepared:
    """A row in Attio's shape, or what is wrong with it."""

    label: object
    data: Mapping[str, Any] | AttioError
    schema: ObjectSchema | None = None


class _Upsert:
    """One job, from its first row to its report."""

    def __init__(
        self,
        wire: Wire,
        schemas: Schemas,
        *,
        object_name: str,
        match: str,
        seen: SeenKeys,
        on_outcome: Callable[[Outcome], None] | None,
        stop_early: bool,
    ) -> None:
        self.report = BulkReport()
        self._wire = wire
        self._schemas = schemas
        self._object_name = object_name
        self._match = match
        self._seen = seen
        self._on_outcome = on_outcome
        self._stop_early = stop_early
        pipeline = wire.pipeline
        self._before = pipeline.limiter.stats()
        self._started = pipeline.clock.monotonic()
        server_now = pipeline.limiter.server_clock.now(self._started, pipeline.clock.time())
        self._job_start = math.floor(server_now * 1000) / 1000  # created_at has milliseconds

    async def prepared(self, rows: Rows) -> AsyncGenerator[_Prepared]:
        """The rows in Attio's shape. Done while reading, so that of equal keys the first row has it."""
        index = 0
        async with aclosing(iterate(rows)) as items:
            async for item in items:
                if self.report.stopped:
                    return
                row = item if isinstance(item, Row) else Row(item)
                yield await self._prepare(row, index if row.label is None else row.label)
                index += 1

    async def _prepare(self, row: Row, label: object) -> _Prepared:
        if row.error is not None:
            return _Prepared(label, row.error)
        try:
            schema, data = await encoded(self._schemas, self._object_name, row.values, validate=True)
            self._claim(data.get(self._match), label)
        except AttioError as error:
            return _Prepared(label, error)
        return _Prepared(label, data, schema)

    def _claim(self, key: list[Any] | None, label: object) -> None:
        if not key:
            raise CoercionError.single(
                self._match, None, None, "has no value, so there is nothing to match on"
            )
        earlier = self._seen.claim(key, label)
        if earlier is not None:
            reason = f"row {earlier} has the same value, so this one was not written"
            raise CoercionError.single(self._match, None, key, reason)

    async def write(self, index: int, row: _Prepared) -> Outcome:
        """Upsert one row; whatever goes wrong with it is its outcome."""
        try:
            if isinstance(row.data, AttioError):
                raise row.data
            record = await assert_values(
                self._wire, self._object_name, row.schema, row.data, match=self._match
            )
        except AttioError as error:
            if self._stop_early or isinstance(error, _HOPELESS):
                self.report.stopped = True
            return Outcome(index, row.label, "failed", error=error)
        return Outcome(index, row.label, "created" if self._is_new(record) else "updated", record)

    def deliver(self, outcome: Outcome) -> None:
        """Count an outcome and show it."""
        self.report.add(outcome)
        if self._on_outcome is not None:
            self._on_outcome(outcome)

    def finished(self) -> BulkReport:
        """The report, with the figures of the whole job."""
        now = self._wire.pipeline.limiter.stats()
        self.report.requests = now.requests - self._before.requests
        self.report.rate_limited = now.rate_limited - self._before.rate_limited
        self.report.seconds = self._wire.pipeline.clock.monotonic() - self._started
        return self.report

    def _is_new(self, record: Record) -> bool:
        created = record.created_at
        return created is not None and created.timestamp() >= self._job_start
