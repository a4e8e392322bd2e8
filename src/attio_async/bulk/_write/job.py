"""A job over many rows: awaited it is done, and before that it can be planned."""

import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Sized
from typing import Literal

import anyio

from ..._limits.gate import priority
from ..._records.models import Entry, Record
from ..._schema import ObjectSchema
from ..._workspace.arguments import check_several
from ..._workspace.encode import attribute_slug, unique_attribute
from ..._workspace.rows import Multiselect, check_multiselect
from ..._workspace.rows import Rows as WorkspaceRows
from ...errors import CoercionError, ConfigurationError
from .._journal.protocol import (
    JobInfo,
    JobState,
    Journal,
    check_same_job,
)
from .._journal.sqlite import SQLiteJournal
from .decisions import RowOperation
from .duplicates import resolved
from .engine import Engine, Pace, Phase
from .lookup import Current
from .operations import (
    Create,
    Delete,
    Update,
    Upsert,
)
from .options import BulkOptions, JobOptions, MatchOn, Progress, show_on_terminal
from .plan import Plan, planned_counts
from .reader import (
    Prepared,
    Rows,
    prepared,
    unlike_before,
)
from .report import BulkReport, Outcome
from .targets import Target

_CONNECTIONS_LEFT = 10


"""Connections that a job leaves to other requests."""


class BulkJob(Awaitable[BulkReport]):
    """A job over many rows. Making one sends nothing; ``await`` does it, and ``await job.plan()`` says what it would do.

    Args:
        make: Makes the operation, after checking that it can work.
        rows: What to write; None works off what the journal holds.
        options: How.
    """

    def __init__(
        self, make: Callable[[], Awaitable[RowOperation]], rows: Rows | None, options: JobOptions
    ) -> None:
        self._make = make
        self._rows = rows
        self._options = options
        self._engine: Engine | None = None
        self._told_to_stop: str | None = None

    @property
    def in_flight(self) -> int:
        """How many rows are being written now, or were when the job was cancelled: these may or may not be written."""
        return 0 if self._engine is None else self._engine.in_flight

    def stop(self, reason: str = "it was told to") -> None:
        """Write no further row. Those on their way are finished; then the report says which are pending."""
        self._told_to_stop = reason
        if self._engine is not None:
            self._engine.stop(reason)

    def __await__(self) -> Generator[object, None, BulkReport]:
        return self._run().__await__()

    async def plan(self) -> Plan:
        """What the job would do, row by row, after reading what is there. Nothing is written.

        The plan keeps the rows, in the journal if there is one, else in a temporary file: use it as a context manager,
        or `apply` it, which writes only what changes.

        Raises:
            CoercionError, ConfigurationError, NotFound: The job cannot work, as if it was awaited.
        """
        run = await self._begun()
        try:
            engine = await run.go(self._rows, phase="plan")
            counts = await planned_counts(run.journal)
            return Plan(
                run.journal, await run.journal.state(), counts, engine.stop_reason, lambda: self._applied(run)
            )
        except BaseException:
            await run.aclose()
            raise

    async def _run(self) -> BulkReport:
        run = await self._begun()
        try:
            guards = self._options.guards
            if not guards.look_first:
                await run.journal.approve()
                return await run.report(await run.go(self._rows, phase="write"))
            engine = await run.go(self._rows, phase="plan")
            counts = await planned_counts(run.journal)
            state = await run.journal.state()
            objection = guards.objection(counts, state.counts.get("unchanged", 0))
            if guards.dry_run or objection or engine.stop_reason is not None:
                report = await run.report(engine, planned=counts if guards.dry_run else None)
                if objection:
                    report.stop_reason = objection
                return report
            await run.journal.approve()
            return await run.report(await run.go(None, phase="write"))
        finally:
            await run.aclose()

    async def _applied(self, run: "_JobRun") -> BulkReport:
        try:
            await run.journal.approve()
            return await run.report(await run.go(None, phase="write"))
        finally:
            await run.aclose()

    async def _begun(self) -> "_JobRun":
        operation = await self._make()
        options = self._options
        if self._rows is None and options.journal is None:
            raise ConfigurationError("without rows there must be a journal that holds them")
        schema = await operation.target.schema()
        given = options.journal
        own = given is None or isinstance(given, str | os.PathLike)
        journal: Journal = (
            SQLiteJournal(given) if given is None or isinstance(given, str | os.PathLike) else given
        )
        run = _JobRun(operation, schema, journal, options, closes=own, begins=self._begins)
        try:
            await run.open()
        except BaseException:
            await run.aclose()
            raise
        return run

    def _begins(self, engine: Engine) -> None:
        self._engine = engine
        if self._told_to_stop is not None:
            engine.stop(self._told_to_stop)


class _JobRun:
    """One run of a job, in one process."""

    def __init__(
        self,
        operation: RowOperation,
        schema: ObjectSchema,
        journal: Journal,
        options: JobOptions,
        *,
        closes: bool,
        begins: Callable[[Engine], None],
    ) -> None:
        self._begins = begins
        self.journal = journal
        self._operation = operation
        self._schema = schema
        self._options = options
        self._closes = closes
        self._pipeline = operation.target.session.pipeline
        self._before = self._pipeline.limiter.stats()
        self._started = self._pipeline.clock.monotonic()
        self._failures = BulkReport()
        self._total: int | None = None
        self._progress = _progress(options.progress)
        self._state = JobState(info=self._info())

    async def open(self) -> None:
        """Open the journal, which has to be of this job."""
        info = self._info()
        self._state = await self.journal.open(info)
        check_same_job(self._state.info, info)
        self._resumed = sum(self._state.counts.values())
        self._done = self._resumed

    async def aclose(self) -> None:
        """Close the journal, where it is the job's own."""
        if self._closes:
            with anyio.CancelScope(shield=True):
                await self.journal.aclose()

    async def go(self, rows: Rows | None, *, phase: Phase) -> Engine:
        """One pass over the rows."""
        pipeline, options = self._pipeline, self._options
        most = max(1, pipeline.connections - min(_CONNECTIONS_LEFT, pipeline.connections // 2))
        current = Current(self._operation, create_references=options.create_references)
        state = await self.journal.state()
        engine = Engine(
            operation=self._operation,
            journal=self.journal,
            state=state,
            current=current,
            pace=Pace(pipeline.limiter, most=most, fixed=options.workers),
            deliver=self._deliver,
            max_failures=options.max_failures,
            phase=phase,
        )
        self._begins(engine)
        self._total = _length(rows) or state.total or self._total
        new = None if rows is None else self._new(rows, engine, state)
        with priority("bulk"):
            await engine.run(new)
        return engine

    def _new(self, rows: Rows, engine: Engine, state: JobState) -> AsyncGenerator[Prepared]:
        duplicates = self._options.duplicates
        unlike = resolved(prepared(self._operation, rows), self._operation, duplicates, self._schema)
        may_grow = duplicates in {"refuse", "first"} or state.total is None
        return unlike_before(unlike, self.journal, state.rows, may_grow=may_grow, checked=engine.checked)

    def _deliver(self, outcome: Outcome) -> None:
        self._done += 1
        self._failures.add(outcome)
        if self._options.on_outcome is not None:
            self._options.on_outcome(outcome)
        if self._progress is not None:
            self._progress(self._now())

    def _now(self) -> Progress:
        seconds = self._pipeline.clock.monotonic() - self._started
        writes = self._pipeline.limiter.stats().writes
        return Progress(
            done=self._done,
            failed=self._state.counts.get("failed", 0) + self._failures.failed,
            total=self._total,
            seconds=seconds,
            rate=(self._done - self._resumed) / seconds if seconds else 0.0,
            waited=writes.waited - self._before.writes.waited,
        )

    async def report(self, engine: Engine, *, planned: dict[str, int] | None = None) -> BulkReport:
        """What became of all rows; with `planned`, what would."""
        state = await self.journal.state()
        now = self._pipeline.limiter.stats()
        counts = {**state.counts}
        ended: dict[Literal["created", "updated", "deleted"], int] = {}
        if planned is not None:
            ended = {
                "created": planned.get("create", 0),
                "updated": planned.get("update", 0),
                "deleted": planned.get("delete", 0),
            }
        return BulkReport(
            created=counts.get("created", 0) + ended.get("created", 0),
            updated=counts.get("updated", 0) + ended.get("updated", 0),
            deleted=counts.get("deleted", 0) + ended.get("deleted", 0),
            unchanged=counts.get("unchanged", 0),
            duplicate=counts.get("duplicate", 0),
            failed=counts.get("failed", 0),
            failures=self._failures.failures,
            pending=state.open + (0 if planned is not None else state.held),
            resumed=self._resumed,
            dead_letters=list(await self.journal.dead_letters(limit=1_000)),
            requests=now.requests - self._before.requests,
            rate_limited=now.rate_limited - self._before.rate_limited,
            seconds=self._pipeline.clock.monotonic() - self._started,
            stop_reason=engine.stop_reason,
            dry_run=planned is not None,
        )

    def _info(self) -> JobInfo:
        clock = self._pipeline.clock
        operation = self._operation
        attributes = self._schema.attributes.values()
        return JobInfo(
            title=f"{operation.verb} {operation.target.name}",
            parameters={**operation.parameters, "duplicates": self._options.duplicates},
            schema={
                each.slug: f"{each.type}{' (several)' * each.is_multiselect}{' (unique)' * each.is_unique}"
                for each in attributes
                if each.is_writable and not each.is_archived
            },
            started_at=self._pipeline.limiter.server_clock.now(clock.monotonic(), clock.time()),
        )


def _length(rows: object) -> int | None:
    return len(rows) if isinstance(rows, Sized) else None


def _progress(given: bool | Callable[[Progress], None]) -> Callable[[Progress], None] | None:  # noqa: FBT001 - it is what the caller gave
    if given is True:
        return show_on_terminal()
    return given or None


def job(make: Callable[[], Awaitable[RowOperation]], rows: Rows | None, options: BulkOptions) -> BulkJob:
    """Make a job. Its options, and that there are several rows, are checked now; the rest when it runs.

    Raises:
        ConfigurationError: An option is not valid, or one row was given in place of several. Nothing was sent.
    """
    if rows is not None:
        check_several(rows, "rows")
    return BulkJob(make, rows, JobOptions(**options))


AnyRows = WorkspaceRows[Record] | WorkspaceRows[Entry]


async def record_upsert(rows: WorkspaceRows[Record], match: str | MatchOn, *, compare: bool) -> RowOperation:
    """Return the operation that upserts records.

    Raises:
        CoercionError: The attribute cannot be matched on.
    """
    target, schema = Target(rows), await rows.schema()
    if isinstance(match, str):
        return Upsert(target, unique_attribute(schema, match).slug, compare=compare)
    slug = attribute_slug(schema, match.attribute)
    attribute = schema.attributes.get(slug)
    if attribute is None or not attribute.is_writable or attribute.is_archived:
        raise CoercionError.single(slug, None, None, "is not an attribute of records that can be written")
    if attribute.is_unique:
        return Upsert(target, slug, compare=compare)
    return Upsert(target, slug, match.on_ambiguous, compare=True)


async def entry_upsert(rows: WorkspaceRows[Entry], *, compare: bool) -> RowOperation:
    """Return the operation that upserts entries by their parents."""
    return Upsert(Target(rows), compare=compare)


async def create(rows: AnyRows) -> RowOperation:
    """Return the operation that creates."""
    return Create(Target(rows))


async def update(rows: AnyRows, multiselect: Multiselect, *, compare: bool) -> RowOperation:
    """Return the operation that updates what exists.

    Raises:
        ConfigurationError: `multiselect` is neither "append" nor "overwrite".
    """
    check_multiselect(multiselect)
    return Update(Target(rows), multiselect, compare)


async def delete(rows: AnyRows) -> RowOperation:
    """Return the operation that deletes."""
    return Delete(Target(rows))
