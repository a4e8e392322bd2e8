"""A job over many rows: planned, run and resumed."""

import inspect
import os
import warnings
from collections import Counter, deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Generator, Mapping, Sized
from functools import partial
from typing import TypeVar

import anyio.abc

from ..._limits.gate import priority
from ..._records.models import Entry, Record
from ..._schema import ObjectSchema, owner_ids
from ..._utils.public import public
from ..._utils.shield import finish
from ..._utils.text import show
from ..._workspace.arguments import check_several
from ..._workspace.encode import attribute_slug, unique_attribute
from ..._workspace.rows import Multiselect, Rows, check_multiselect
from ...errors import AttioError, CoercionError, ConfigurationError
from .._journal.protocol import JobInfo, JobState, Journal, check_same_job
from .._journal.sqlite import SQLiteJournal
from .duplicates import deduplicate
from .engine import BulkEngine, Concurrency, Phase
from .operations import Create, Delete, RowOperation, Update, Upsert
from .options import BulkOptions, JobOptions, MatchOn, Progress
from .plan import JobPlan, count_planned
from .reader import InputRows, PreparedRow, prepare, skip_known
from .remote_state import RemoteState
from .report import MAX_REPORTED_FAILURES, BulkReport, Outcome, RunMeter, server_time
from .watch import current_watch

R = TypeVar("R", bound=BulkReport)

_RESERVED_CONNECTIONS = 10
"""Connections that a job leaves to other requests."""


class Deferred:
    """The base of jobs, which do nothing before they are awaited or planned."""

    _title = ""
    _is_begun = True  # until it is made: one whose options are not valid was no job

    def _defer(self, title: str) -> None:
        self._title, self._is_begun = title, False

    def __repr__(self) -> str:
        return f"<{self._title}>" if self._is_begun else f"<{self._title}: not run; await it>"


@public
class BulkJob(Deferred, Awaitable[BulkReport]):
    """A job over many rows. Creating one sends nothing; ``await`` runs it, and ``await job.plan()`` says what it would do."""

    def __init__(
        self,
        title: str,
        make: Callable[[], Awaitable[RowOperation]],
        rows: InputRows | None,
        options: JobOptions,
        *,
        expected: Collection[str] = (),
    ) -> None:
        """Create the job that a method such as `upsert_many` returns.

        Args:
            title: A verb and the object or list, for people.
            make: Returns the operation, after checking that it can work.
            rows: The rows to write; None resumes what the journal holds.
            options: The options of the job.
            expected: Objects whose records another job creates before this one runs, which a plan takes into account.
        """
        self._make = make
        self._expected = expected
        self._rows = rows
        self._options = options
        self._engine: BulkEngine | None = None
        self._stop_reason: str | None = None
        self._defer(title)

    def __del__(self, warn: Callable[..., None] = warnings.warn) -> None:
        if not self._is_begun and self._stop_reason is None:
            warn(
                f"{self._title} was never run; await the job, or call run() without async",
                RuntimeWarning,
                stacklevel=2,
                source=self,
            )

    @property
    def in_flight(self) -> int:
        """The number of rows in flight now, or when the job was cancelled: these may or may not be written."""
        return 0 if self._engine is None else self._engine.in_flight

    def stop(self, reason: str = "the job was told to stop") -> None:
        """Write no further row. Rows in flight are finished; then the report says how many are pending."""
        self._stop_reason = reason
        if self._engine is not None:
            self._engine.stop(reason)

    def __await__(self) -> Generator[object, None, BulkReport]:
        self._is_begun = True
        return watched(self, self._execute).__await__()

    async def plan(self) -> JobPlan:
        """Return what the job would do, row by row, after reading what exists. Nothing is written.

        The plan keeps the rows, in the journal if there is one, else in a temporary file: use it as a context manager,
        or `apply` it, which writes only what changes.

        Raises:
            CoercionError, ConfigurationError, NotFound: The job cannot work, as when it is awaited.
        """
        self._is_begun = True
        run = await self._start()
        try:
            engine = await run.work(self._rows, phase="plan")
            counts = await count_planned(run.journal)
            return JobPlan(
                run.journal,
                await run.journal.state(),
                counts,
                engine.stop_reason,
                lambda: self._apply(run),
                notes=run.notes,
                missing=engine.missing_references,
            )
        except BaseException:
            await run.aclose()
            raise

    async def _execute(self) -> BulkReport:
        async with await self._start() as run:
            guards = self._options.guards
            if not guards.need_plan:
                return await run.apply(self._rows)
            engine = await run.work(self._rows, phase="plan")
            counts = await count_planned(run.journal)
            state = await run.journal.state()
            violation = guards.violation(counts, state.counts.get("unchanged", 0))
            if guards.dry_run or violation or engine.stop_reason is not None:
                planned = counts if guards.dry_run else None
                return await run.report(violation or engine.stop_reason, planned=planned)
            return await run.apply(None)

    async def _apply(self, run: "JobRun") -> BulkReport:
        async with run:
            return await run.apply(None)

    async def _start(self) -> "JobRun":
        operation = await self._make()
        if self._rows is None and self._options.journal is None:
            raise ConfigurationError(
                "a job without rows needs a journal that holds them; give it rows or a journal"
            )
        schema = await operation.target.schema()
        run = JobRun(operation, schema, self._options, on_start=self._on_start, expected=self._expected)
        try:
            await run.open()
        except BaseException:
            await run.aclose()
            raise
        return run

    def _on_start(self, engine: BulkEngine) -> None:
        self._engine = engine
        if self._stop_reason is not None:
            engine.stop(self._stop_reason)


async def watched(job: BulkJob, execute: Callable[[], Awaitable[R]]) -> R:
    """Run a job, in sight of the watch of this context."""
    watch = current_watch()
    if watch is None:
        return await execute()
    watch.begin(job)
    try:
        report = await execute()
    except BaseException:
        watch.end(job, None)
        raise
    watch.end(job, report)
    return report


class JobRun(anyio.abc.AsyncResource):
    """One run of a job, in one process."""

    def __init__(
        self,
        operation: RowOperation,
        schema: ObjectSchema,
        options: JobOptions,
        *,
        on_start: Callable[[BulkEngine], None],
        expected: Collection[str] = (),
    ) -> None:
        given = options.journal
        self._owns_journal = given is None or isinstance(given, str | os.PathLike)
        self.journal: Journal = (
            SQLiteJournal(given) if given is None or isinstance(given, str | os.PathLike) else given
        )
        self._operation = operation
        self._schema = schema
        self._options = options
        self._on_start = on_start
        self._expected = expected
        self._pipeline = operation.target.session.pipeline
        self._meter = RunMeter(self._pipeline)
        self._failures: list[Outcome] = []
        self._failed = 0
        self._resumed = 0
        self._done = 0
        self._total: int | None = None
        self._callbacks = PendingCallbacks()
        self._has_failed_callback = False

    async def open(self) -> None:
        """Open the journal, which has to belong to this job."""
        info = self._info()
        state = await self.journal.open(info)
        check_same_job(state.info, info)
        self._failed = state.counts.get("failed", 0)
        self._done = self._resumed = sum(state.counts.values())

    @property
    def notes(self) -> dict[str, int]:
        """The guesses and omissions in values, and in how many rows each was made."""
        return dict(self._operation.notes)

    async def aclose(self) -> None:
        """Close the journal, unless it is the caller's."""
        if self._owns_journal:
            await finish(self.journal.aclose)

    async def apply(self, rows: InputRows | None) -> BulkReport:
        """Write all rows, those that were held for an approval included."""
        await self.journal.approve()
        return await self.report((await self.work(rows, phase="write")).stop_reason)

    async def work(self, rows: InputRows | None, *, phase: Phase) -> BulkEngine:
        """Go over the rows once."""
        connections = self._pipeline.connections
        limit = max(1, connections - min(_RESERVED_CONNECTIONS, connections // 2))
        state = await self.journal.state()
        engine = BulkEngine(
            operation=self._operation,
            journal=self.journal,
            state=state,
            remote=RemoteState(
                self._operation,
                create_references=self._options.create_references,
                expected=self._expected,
            ),
            concurrency=Concurrency(self._pipeline.limits, limit=limit, fixed=self._options.workers),
            deliver=self.deliver,
            settle=self.settle,
            failures=self._options.failures,
            phase=phase,
        )
        self._on_start(engine)
        self._total = _length(rows) or state.total or self._total
        new = None if rows is None else self._new_rows(rows, engine, state)
        with priority("bulk"):
            await engine.run(new)
        return engine

    def _new_rows(self, rows: InputRows, engine: BulkEngine, state: JobState) -> AsyncGenerator[PreparedRow]:
        duplicates = self._options.duplicates
        prepared = prepare(self._operation, rows, self._options.nulls)
        unique = deduplicate(prepared, self._operation, duplicates, self._schema)
        may_grow = duplicates in {"refuse", "first"} or state.total is None
        return skip_known(
            unique,
            self.journal,
            state.rows,
            may_grow=may_grow,
            confirm_input=engine.confirm_input,
            verb=self._operation.verb,
        )

    def deliver(self, outcome: Outcome) -> None:
        """Count the outcome of a row, and tell the caller's functions."""
        self._done += 1
        if outcome.status == "failed":
            self._failed += 1
            if len(self._failures) < MAX_REPORTED_FAILURES:
                self._failures.append(outcome)
        if self._has_failed_callback:
            return  # the first failure ends the job, and is the one to be raised
        try:
            if self._options.on_outcome is not None:
                self._callbacks.add(self._options.on_outcome(outcome))
            if self._options.on_progress is not None:
                self._callbacks.add(self._options.on_progress(self._progress()))
        except BaseException:
            self._has_failed_callback = True
            raise

    async def settle(self) -> None:
        """Await what callbacks returned; one that is async delays the job, and ends it if it fails."""
        try:
            await self._callbacks.settle()
        except BaseException:
            self._has_failed_callback = True
            self._callbacks.discard()
            raise

    def _progress(self) -> Progress:
        seconds = self._meter.seconds
        return Progress(
            done=self._done,
            failed=self._failed,
            total=self._total,
            seconds=seconds,
            rate=(self._done - self._resumed) / seconds if seconds else 0.0,
            waited=self._meter.waited,
        )

    async def report(
        self, stop_reason: AttioError | str | None, *, planned: Mapping[str, int] | None = None
    ) -> BulkReport:
        """Return what became of all rows; with `planned`, what would."""
        state = await self.journal.state()
        counts = Counter(state.counts)
        would = planned or {}
        return BulkReport(
            created=counts["created"] + would.get("create", 0),
            updated=counts["updated"] + would.get("update", 0),
            deleted=counts["deleted"] + would.get("delete", 0),
            unchanged=counts["unchanged"],
            duplicate=counts["duplicate"],
            failed=counts["failed"] + would.get("invalid", 0),
            pending=state.open + (0 if planned is not None else state.held),
            resumed=self._resumed,
            failures=self._failures,
            dead_letters=list(await self.journal.dead_letters(limit=1_000)),
            stop_reason=stop_reason,
            dry_run=planned is not None,
            notes=self.notes,
            **self._meter.totals(),
        )

    def _info(self) -> JobInfo:
        operation = self._operation
        attributes = self._schema.attributes.values()
        return JobInfo(
            title=f"{operation.verb} {operation.target.name}",
            parameters={
                **operation.parameters,
                **{f"id of the {name}": id_ for name, id_ in owner_ids(attributes).items()},
                "duplicates": self._options.duplicates,
                **({"nulls": "skip"} if self._options.nulls == "skip" else {}),
            },
            schema={
                each.slug: f"{each.type}{' (several)' * each.is_multiselect}{' (unique)' * each.is_unique} {each.id}"
                for each in attributes
                if each.is_writable and not each.is_archived
            },
            started_at=server_time(self._pipeline),
        )


def _length(rows: object) -> int | None:
    return len(rows) if isinstance(rows, Sized) else None


def job(
    title: str, make: Callable[[], Awaitable[RowOperation]], rows: InputRows | None, options: BulkOptions
) -> BulkJob:
    """Return a job. Its options, and that there are several rows, are checked now; the rest when it begins.

    Raises:
        ConfigurationError: An option is not valid, or one row was given in place of several. Nothing was sent.
    """
    if rows is not None:
        check_several(rows, "rows")
    return BulkJob(title, make, rows, JobOptions(**options))


async def record_upsert(
    target: Rows[Record],
    match: str | MatchOn,
    *,
    compare: bool,
    creates: bool = True,
    creates_unmatched: bool = False,
) -> RowOperation:
    """Return the operation that upserts records.

    Raises:
        CoercionError: The attribute cannot be matched on.
    """
    schema = await target.schema()
    upsert = partial(Upsert, target, compare=compare, creates=creates, creates_unmatched=creates_unmatched)
    if isinstance(match, str):
        return upsert(match=unique_attribute(schema, match).slug)
    if not isinstance(match, MatchOn):  # pyright: ignore[reportUnnecessaryIsInstance] - callers may not be typed
        raise ConfigurationError(f"match must be an attribute or a MatchOn, not {show(match)}")
    slug = attribute_slug(schema, match.attribute)
    attribute = schema.attributes.get(slug)
    if attribute is None or not attribute.is_writable or attribute.is_archived:
        raise CoercionError.single(slug, None, None, "is not an attribute of records that can be written")
    if attribute.is_unique:
        return upsert(match=slug)
    return upsert(match=slug, on_ambiguous=match.on_ambiguous)


async def entry_upsert(target: Rows[Entry], *, compare: bool) -> RowOperation:
    """Return the operation that upserts entries by their parents."""
    return Upsert(target, compare=compare)


async def create(target: Rows[Record | Entry]) -> RowOperation:
    """Return the operation that creates."""
    return Create(target)


async def update(target: Rows[Record | Entry], multiselect: Multiselect, *, compare: bool) -> RowOperation:
    """Return the operation that updates what exists.

    Raises:
        ConfigurationError: `multiselect` is neither "append" nor "overwrite".
    """
    check_multiselect(multiselect)
    return Update(target, multiselect, compare)


async def delete(target: Rows[Record | Entry]) -> RowOperation:
    """Return the operation that deletes."""
    return Delete(target)


class PendingCallbacks:
    """The results of callbacks that are to be awaited, in the order of the calls."""

    def __init__(self) -> None:
        self._pending = deque[Awaitable[object]]()
        self._lock = anyio.Lock()

    def add(self, result: object) -> None:
        """Add the result of a callback; it is awaited later if it can be."""
        if inspect.isawaitable(result):
            self._pending.append(result)

    async def settle(self) -> None:
        """Await all results so far."""
        if not self._pending:
            return
        async with self._lock:
            while self._pending:
                await self._pending.popleft()

    def discard(self) -> None:
        """Forget the results that nobody will await, after a failure or cancellation."""
        while self._pending:
            pending = self._pending.popleft()
            if inspect.iscoroutine(pending):
                pending.close()
