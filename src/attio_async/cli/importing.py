"""From a file's rows to records: checks first, then writes at the full allowed rate, then says what happened."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TextIO

import attrs
from anyio.lowlevel import checkpoint

from ..bulk import Outcome, Row
from ..bulk.keys import SeenKeys
from ..errors import AttioError, CoercionError
from ..resources.encoding import encode
from .failures import FailedValue, FailureReport, failure_report
from .mapping import map_columns
from .progress import Progress, show_progress
from .rows import RowReader, reference_targets
from .stopping import Stop, run_stoppable
from .tabular import Table
from .workspace import find_object, refused_if_failing

if TYPE_CHECKING:
    from ..bulk import BulkJob
    from ..client import Attio
    from ..schema import ObjectSchema

__all__ = ["ImportJob", "ImportResult", "run_import"]

Status = Literal["created", "updated", "unchanged", "deleted", "duplicate", "checked", "failed"]


@attrs.frozen(kw_only=True)
class ImportJob:
    """What to import, and how.

    Attributes:
        object: The object's slug or id.
        match: The unique attribute by which existing records are found.
        renames: Columns to attributes, where the names differ.
        skip: Columns to leave out.
        separator: What stands between the values of a multiselect attribute in one cell.
        on_error: Whether the first row that fails ends the job.
        dry_run: Check every row, write none.
        report: Where to write all failures.
    """

    object: str
    match: str
    renames: Mapping[str, str] = attrs.field(factory=dict[str, str])
    skip: Sequence[str] = ()
    separator: str = ";"
    on_error: Literal["stop", "collect"] = "collect"
    dry_run: bool = False
    report: Path | None = None


@attrs.define(kw_only=True)
class ImportResult:
    """What became of a file.

    Attributes:
        object, match: The slugs of the object and of the attribute that was matched on.
        rows: Rows in the file.
        created, updated, unchanged, failed: How many of them ended so; in a dry run the first three stay 0.
        duplicate: Rows that were not written by themselves, since another one with the same key was.
        checked: Rows found right, in a dry run.
        unknown: Rows that were on their way when the job was cut off.
        last_line: The line of the last row of which, and of all before it, the outcome is known.
        interrupted: Whether the user ended it.
        stopped_by: Why it ended early by itself.
        requests, writes, rate_limited: Requests sent; those that write; those refused for the rate and sent again.
        seconds: How long it took.
        ignored_columns: Columns left out since Attio sets them itself.
        failures: The first reasons why rows failed.
        more_failures: How many further reasons there are.
    """

    object: str
    match: str
    rows: int
    dry_run: bool = False
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    duplicate: int = 0
    failed: int = 0
    checked: int = 0
    unknown: int = 0
    last_line: int | None = None
    interrupted: bool = False
    stopped_by: str | None = None
    requests: int = 0
    writes: int = 0
    rate_limited: int = 0
    seconds: float = 0.0
    ignored_columns: Sequence[str] = ()
    failures: Sequence[FailedValue] = ()
    more_failures: int = 0

    def add(self, status: Status) -> None:
        """Count one row."""
        setattr(self, status, getattr(self, status) + 1)

    @property
    def not_tried(self) -> int:
        """Rows that were not sent at all."""
        return self.rows - self.known - self.unknown

    @property
    def known(self) -> int:
        """Rows of which the outcome is known."""
        written = self.created + self.updated + self.unchanged + self.duplicate
        return written + self.failed + self.checked

    @property
    def exit_code(self) -> int:
        """0 when every row was written (or, in a dry run, could be), 1 when not, 130 when interrupted."""
        if self.interrupted:
            return 130
        return 1 if self.failed or self.not_tried else 0


async def run_import(attio: "Attio", table: Table, job: ImportJob, *, stream: TextIO) -> ImportResult:
    """Import the rows of a file; progress goes to `stream`.

    Raises:
        Refusal: The object, a column or the match attribute is wrong. Nothing was written.
    """
    target, objects = await find_object(attio, job.object)
    with refused_if_failing():
        schema = await attio.schema(target.api_slug)
    columns = map_columns(table.columns, schema, match=job.match, renames=job.renames, skip=job.skip)
    targets = reference_targets(columns.attributes.values(), objects)
    reader = RowReader(table, columns, job.separator, targets)
    result = ImportResult(
        object=target.api_slug,
        match=columns.match,
        rows=table.count,
        dry_run=job.dry_run,
        ignored_columns=columns.read_only,
    )
    clock = attio.options.clock
    label = f"{target.api_slug} (dry run)" if job.dry_run else target.api_slug
    with (
        failure_report(job.report) as failures,
        show_progress(stream, clock, label, table.count) as progress,
    ):
        await _Run(
            attio=attio,
            schema=schema,
            job=job,
            reader=reader,
            result=result,
            failures=failures,
            progress=progress,
        ).to_the_end()
    result.failures, result.more_failures = failures.first, failures.hidden
    return result


@attrs.frozen(kw_only=True)
class _Run:
    """One pass over the rows, keeping count in `result`."""

    attio: "Attio"
    schema: "ObjectSchema"
    job: ImportJob
    reader: RowReader
    result: ImportResult
    failures: FailureReport
    progress: Progress
    jobs: "list[BulkJob]" = attrs.field(factory=list["BulkJob"])

    async def to_the_end(self) -> None:
        """Write, or check, row by row until there are no more or the user stops it."""
        clock, limiter = self.attio.options.clock, self.attio.limiter
        before, started = limiter.stats(), clock.monotonic()
        job = self._check_rows if self.job.dry_run else self._write_rows
        try:
            stop = await run_stoppable(job, on_request=self._stopping)
        finally:
            now, result = limiter.stats(), self.result
            result.seconds = clock.monotonic() - started
            result.requests = now.requests - before.requests
            result.writes = now.writes.requests - before.writes.requests
            result.rate_limited = now.rate_limited - before.rate_limited
        self.result.unknown = sum(job.in_flight for job in self.jobs) if stop.cut_off else 0
        self.result.interrupted = stop.requested and bool(self.result.unknown or self.result.not_tried)

    async def _write_rows(self, stop: Stop) -> None:
        job = self.attio.records(self.result.object).upsert_many(
            self.reader.rows(stop),
            match=self.result.match,
            on_error=self.job.on_error,
            on_outcome=self._written,
        )
        self.jobs.append(job)
        report = await job
        if isinstance(report.stopped_by, AttioError):
            self.result.stopped_by = str(report.stopped_by)

    async def _check_rows(self, stop: Stop) -> None:
        with SeenKeys() as seen:
            for row in self.reader.rows(stop):
                error = self._problem(row, seen)
                self._count(row.label, "failed" if error else "checked", error)
                if error is not None and self.job.on_error == "stop":
                    return
                await checkpoint()

    def _problem(self, row: Row, seen: SeenKeys) -> AttioError | None:
        """What would keep a row from being written, as far as it can be told here."""
        try:
            if row.error is not None:
                raise row.error
            data, match = encode(row.values, self.schema), self.result.match
            if not data.get(match):
                raise CoercionError.single(match, None, None, "has no value, so there is nothing to match on")
            if (earlier := seen.claim(data[match], row.label)) is not None:
                raise CoercionError.single(match, None, data[match], f"row {earlier} has the same value")
        except AttioError as error:
            return error
        return None

    def _written(self, outcome: Outcome) -> None:
        self._count(outcome.label, outcome.status, outcome.error)

    def _count(self, line: object, status: Status, error: AttioError | None) -> None:
        result = self.result
        number = line if isinstance(line, int) else 0
        values = self.reader.settle(number)
        result.last_line = number
        result.add(status)
        if error is not None:
            self.failures.add(number, error, values)
        self.progress.advance()

    def _stopping(self) -> None:
        for job in self.jobs:
            job.stop()
        on_the_way = sum(job.in_flight for job in self.jobs)
        self.progress.note(
            f"Stopping: no further row is written; rows on their way, {on_the_way} now, are finished."
            " Press Ctrl-C again to cut them off."
        )
