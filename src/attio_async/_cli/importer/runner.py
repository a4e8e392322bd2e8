"""From a file's rows to records: checks first, then writes at the full allowed rate, then says what happened."""

from collections.abc import Collection, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import attrs
from anyio.lowlevel import checkpoint

from ..._workspace.encode import encode, unique_attribute
from ...bulk import (
    Guards,
    Outcome,
    Row,
    SQLiteJournal,
    export_dead_letters,
    read_dead_letters,
)
from ...bulk._write.duplicates import SeenKeys
from ...errors import AttioError, CoercionError, ConfigurationError
from ..errors import Refusal
from ..progress import ProgressDisplay, show_progress
from ..signals import Stop, run_stoppable
from ..workspace import find_object, refused_if_failing
from .columns import ColumnMap, has_column, map_columns
from .failures import FailureReport, failure_report
from .models import ImportJob, ImportResult, Status
from .rows import LetterReader, RowReader, reference_targets
from .table import ImportTable

if TYPE_CHECKING:
    from ..._client import Attio
    from ..._schema import ObjectSchema
    from ...bulk import BulkJob


def in_dependency_order(objects: Sequence[str], needs: Mapping[str, Collection[str]]) -> list[str]:
    """The objects, each after those that it refers to; else as they are given.

    Objects that refer to each other stay as they are given: then a reference to what is not there yet fails, and is
    there when the job is repeated.

    Args:
        objects: What is imported.
        needs: The objects that each refers to; those that are not imported count for nothing.
    """
    place = {name: number for number, name in enumerate(objects)}
    edges = {
        name: {need for need in needs.get(name, ()) if need in place and need != name} for name in objects
    }
    sorter = TopologicalSorter(edges)
    try:
        sorter.prepare()
    except CycleError:
        return list(objects)
    ordered: list[str] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready(), key=place.__getitem__)
        ordered += ready
        sorter.done(*ready)
    return ordered


_PLAN_ROWS = 1_000


@attrs.frozen(kw_only=True)
class Mapped:
    """A file, and where its columns go. Nothing was written.

    Attributes:
        job: What to import, and how.
        table: The rows.
        schema: The object's attributes.
        columns: Which column goes into which attribute.
        targets: The object that each reference attribute refers to, by the attribute's slug.
    """

    job: ImportJob
    table: ImportTable
    schema: "ObjectSchema"
    columns: ColumnMap
    targets: Mapping[str, str]


async def map_file(attio: "Attio", table: ImportTable, job: ImportJob) -> Mapped:
    """Where the columns of a file go.

    Raises:
        Refusal: The object, a column or the match attribute is wrong. Nothing was written.
    """
    target, objects = await find_object(attio, job.object)
    with refused_if_failing():
        schema = await attio.schema(target.api_slug)
    columns = map_columns(table.columns, schema, match=job.match, renames=job.renames, skip=job.skip)
    targets = reference_targets(columns.attributes.values(), objects)
    return Mapped(job=job, table=table, schema=schema, columns=columns, targets=targets)


async def run_import(attio: "Attio", table: ImportTable, job: ImportJob, *, stream: TextIO) -> ImportResult:
    """Import the rows of a file; progress goes to `stream`.

    Raises:
        Refusal: The object, a column or the match attribute is wrong. Nothing was written.
    """
    mapped = await map_file(attio, table, job)
    reader = RowReader(table, mapped.columns, job.separator, mapped.targets)
    result = ImportResult(
        object=mapped.schema.name,
        match=mapped.columns.match,
        rows=table.count,
        dry_run=job.dry_run,
        ignored_columns=mapped.columns.read_only,
    )
    return await _run(attio, schema=mapped.schema, job=job, reader=reader, result=result, stream=stream)


async def run_imports(
    attio: "Attio", files: Sequence[tuple[ImportTable, ImportJob]], *, stream: TextIO
) -> list[ImportResult]:
    """Import several files, what others refer to first; the first one that is interrupted is the last.

    Of several files each has a report and dead letters of its own, with the object in their names.

    Raises:
        Refusal: As `run_import`, before any of them is written.
    """
    mapped = {
        each.schema.name: each for each in [await map_file(attio, *file) for file in _shared_out(files)]
    }
    if len(mapped) < len(files):
        raise Refusal("two files are of the same object; import one after the other")
    needs = {name: set(each.targets.values()) for name, each in mapped.items()}
    results: list[ImportResult] = []
    for name in in_dependency_order(list(mapped), needs):
        job = mapped[name].job
        if len(files) > 1:
            job = attrs.evolve(job, report=_of(name, job.report), dead_letters=_of(name, job.dead_letters))
        results.append(await run_import(attio, mapped[name].table, job, stream=stream))
        if results[-1].interrupted:
            break
    return results


def _of(name: str, file: Path | None) -> Path | None:
    """The file with the object in its name: failed.people.jsonl."""
    return None if file is None else file.with_name(f"{file.stem}.{name}{file.suffix}")


def _shared_out(files: Sequence[tuple[ImportTable, ImportJob]]) -> list[tuple[ImportTable, ImportJob]]:
    """The files, each told only of the columns that it has; of one that none has all are told, and refuse it."""
    tables = [table for table, _ in files]

    def concerns(table: ImportTable, column: str) -> bool:
        return has_column(table.columns, column) or not any(has_column(t.columns, column) for t in tables)

    return [
        (
            table,
            attrs.evolve(
                job,
                renames={column: slug for column, slug in job.renames.items() if concerns(table, column)},
                skip=[column for column in job.skip if concerns(table, column)],
            ),
        )
        for table, job in files
    ]


async def run_replay(attio: "Attio", letters: Path, job: ImportJob, *, stream: TextIO) -> ImportResult:
    """Import rows that failed before, from the file that `ImportJob.dead_letters` made.

    Raises:
        Refusal: The file, the object or the match attribute is wrong. Nothing was written.
    """
    target, _ = await find_object(attio, job.object)
    with refused_if_failing():
        schema = await attio.schema(target.api_slug)
    try:
        reader = LetterReader(list(read_dead_letters(letters)))
        match = unique_attribute(schema, job.match).slug
    except OSError as error:
        raise Refusal(f"{letters} cannot be read: {error.strerror or error}") from error
    except (CoercionError, ConfigurationError) as error:
        raise Refusal(str(error)) from error
    result = ImportResult(object=target.api_slug, match=match, rows=reader.count, dry_run=job.dry_run)
    return await _run(attio, schema=schema, job=job, reader=reader, result=result, stream=stream)


async def _run(
    attio: "Attio",
    *,
    schema: "ObjectSchema",
    job: ImportJob,
    reader: "RowReader | LetterReader",
    result: ImportResult,
    stream: TextIO,
) -> ImportResult:
    label = f"{result.object} (dry run)" if job.dry_run else result.object
    with (
        failure_report(job.report) as failures,
        show_progress(stream, attio.settings.clock, label, result.rows) as progress,
    ):
        await _ImportRun(
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
class _ImportRun:
    """One pass over the rows, keeping count in `result`."""

    attio: "Attio"
    schema: "ObjectSchema"
    job: ImportJob
    reader: RowReader | LetterReader
    result: ImportResult
    failures: FailureReport
    progress: ProgressDisplay
    jobs: "list[BulkJob]" = attrs.field(factory=list["BulkJob"])

    async def to_the_end(self) -> None:
        """Write, or check, row by row until there are no more or the user stops it."""
        clock, limiter = self.attio.settings.clock, self.attio.limiter
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
        async with SQLiteJournal(self.job.journal, job=self.result.object) as journal:
            job = self.attio.records(self.result.object).upsert_many(
                self.reader.rows(stop),
                match=self.result.match,
                on_error=self.job.on_error,
                on_outcome=self._written,
                journal=journal,
                guards=Guards(max_failures=self.job.max_failures),
            )
            self.jobs.append(job)
            if self.job.plan:
                await self._plan(job)
            else:
                self.result.take(await job)
            if self.job.dead_letters is not None and self.result.failed:
                await export_dead_letters(journal, self.job.dead_letters)
                self.result.dead_letters = str(self.job.dead_letters)

    async def _plan(self, job: "BulkJob") -> None:
        plan = await job.plan()
        self.result.planned = plan.create + plan.update
        self.result.plan = await plan.table(most=_PLAN_ROWS)

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
