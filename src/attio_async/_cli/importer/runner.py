"""Import files: map their columns, then write or check every row and account for it."""

from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    Callable,
    Collection,
    Generator,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import aclosing, contextmanager
from graphlib import CycleError, TopologicalSorter
from itertools import islice
from typing import TYPE_CHECKING

import anyio
import attrs
from anyio.lowlevel import checkpoint

from ..._schema import Attribute
from ..._utils.concurrency import iterate
from ..._utils.text import folded
from ..._workspace.encode import encode, unique_attribute
from ...bulk import BulkOptions, Guards, Outcome, Row, SQLiteJournal, export_dead_letters, read_dead_letters
from ...bulk._write.duplicates import KeyIndex
from ...errors import AttioError, CoercionError
from ...query import F
from ...values import RecordRef
from ..errors import Refusal
from ..target import find_target
from .columns import ColumnMap, has_column, map_columns
from .failures import FailureReport, UnreadableRow, failure_report
from .models import ImportRequest, ImportResult, Status
from .rows import REFERENCE, read_rows, reference_targets
from .table import ImportTable

if TYPE_CHECKING:
    from ..._client import Attio
    from ..._records.models import Record
    from ..._resources.records import Records
    from ..._schema import ObjectSchema
    from ...bulk import BulkJob

_PLAN_ROWS = 1_000
_PARENTS_PER_QUERY = 100
_PARENT_COLUMN = "parent_record"
"""The column of an exported list that has the references to the parent records."""


def in_dependency_order(objects: Sequence[str], needs: Mapping[str, Collection[str]]) -> list[str]:
    """Sort objects so that each comes after those that it refers to, and otherwise as they are given.

    Objects that refer to each other stay as they are given: then a reference to a missing record fails, and succeeds
    when the import is run again.

    Args:
        objects: The objects to import.
        needs: The objects that each refers to; those that are not imported are ignored.
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


@attrs.frozen(kw_only=True)
class _MappedTable:
    """A file whose columns are mapped to attributes; `targets` are the objects that reference attributes refer to."""

    table: ImportTable
    schema: "ObjectSchema"
    columns: ColumnMap
    targets: Mapping[str, str]


async def prepare_imports(
    attio: "Attio", request: ImportRequest, tables: Sequence[ImportTable]
) -> list["ImportRun"]:
    """Return the imports of these tables, referred-to objects first. Nothing is written until one of them runs.

    Of several tables each has a report and dead letters of its own.

    Args:
        attio: The workspace.
        request: What to import, and how.
        tables: The files of the request.

    Raises:
        Refusal: An object, a column or a match attribute is wrong.
        AttioError: The objects or their attributes cannot be read.
    """
    mapped: dict[str, _MappedTable] = {}
    for table, target in zip(tables, request.targets(), strict=True):
        found = await _map_table(attio, request, table, tables, target)
        if found.schema.name in mapped:
            raise Refusal(f"two files are given for {found.schema.name}; import one after the other")
        mapped[found.schema.name] = found
    needs = {name: set(each.targets.values()) for name, each in mapped.items()}
    return [
        ImportRun(
            attio=attio,
            request=request.of_object(name) if len(mapped) > 1 else request,
            schema=mapped[name].schema,
            rows=read_rows(
                mapped[name].table,
                mapped[name].columns,
                request.separator,
                mapped[name].targets,
                formulas=request.formulas,
            ),
            result=ImportResult(
                object=name,
                match=mapped[name].columns.match,
                rows=mapped[name].table.count,
                mode=request.mode,
                ignored_columns=mapped[name].columns.read_only,
            ),
        )
        for name in in_dependency_order(list(mapped), needs)
    ]


async def _map_table(
    attio: "Attio",
    request: ImportRequest,
    table: ImportTable,
    tables: Iterable[ImportTable],
    target: tuple[str, str],
) -> _MappedTable:
    """Map the columns of a table; options for columns that only other tables have do not concern it."""

    def concerns(column: str) -> bool:
        return has_column(table.columns, column) or not any(has_column(t.columns, column) for t in tables)

    name, match = target
    found = await find_target(attio, name, "object")
    schema = await attio.schema(found.slug)
    columns = map_columns(
        table.columns,
        schema,
        match=match,
        renames={column: slug for column, slug in request.renames.items() if concerns(column)},
        skip=filter(concerns, request.skip),
    )
    targets = reference_targets(columns.attributes.values(), found.objects)
    return _MappedTable(table=table, schema=schema, columns=columns, targets=targets)


async def prepare_list_import(attio: "Attio", request: ImportRequest, table: ImportTable) -> "ImportRun":
    """Return the import of a file into a list. Nothing is written until it runs.

    Raises:
        Refusal: The list or a column is wrong, or no column finds the parent records.
        AttioError: The list or its attributes cannot be read, or the parents' attribute is not unique.
    """
    target = await find_target(attio, request.list_name or "", "list")
    schema = await target.rows.schema()
    (parent, *_) = (await attio.lists.get(target.slug)).parent_object
    by_id = folded(request.parent_match or "") == _PARENT_COLUMN
    key = None if by_id else unique_attribute(await attio.schema(parent), request.parent_match or "")
    wanted = (_PARENT_COLUMN,) if key is None else (key.slug, key.title)
    names = {folded(name) for name in wanted}
    column = next((c for c in table.columns if folded(request.renames.get(c, c)) in names), None)
    if column is None:
        raise Refusal(
            f"--parent-match: no column maps to {wanted[0]!r} of {parent}; the file has {', '.join(table.columns)}"
        )
    columns = map_columns(
        [each for each in table.columns if each != column],
        schema,
        match=None,
        renames={name: slug for name, slug in request.renames.items() if name != column},
        skip=request.skip,
    )
    targets = reference_targets(columns.attributes.values(), target.objects)
    rows = read_rows(
        table, columns, request.separator, targets, parent_column=column, formulas=request.formulas
    )
    result = ImportResult(
        object=target.slug,
        match=wanted[0],
        rows=table.count,
        mode=request.mode,
        ignored_columns=columns.read_only,
    )
    found = with_known_parents(rows) if key is None else with_parents(attio.records(parent), key, rows)
    return ImportRun(attio=attio, request=request, schema=schema, rows=found, result=result)


def with_known_parents(rows: Iterable[Row]) -> Iterator[Row]:
    """Yield the rows with the records whose ids they have; a row without one fails."""
    for row in rows:
        reference = REFERENCE.fullmatch(str(row.parent))
        if row.error is not None:
            yield row
        elif reference is None:
            problem = f"has no parent: {row.parent!r} is not of the form OBJECT/ID"
            yield attrs.evolve(row, parent=None, error=UnreadableRow(problem))
        else:
            yield attrs.evolve(row, parent=RecordRef(*reference.groups()))


async def with_parents(records: "Records", key: Attribute, rows: Iterable[Row]) -> AsyncGenerator[Row]:
    """Yield the rows with the records that their parents name; a row without one fails. One query per 100 rows.

    Args:
        records: The parent records.
        key: Their unique attribute that the rows name.
        rows: The rows; each has a text as its parent.
    """
    remaining = iter(rows)
    while batch := list(islice(remaining, _PARENTS_PER_QUERY)):
        wanted = {str(row.parent) for row in batch if row.parent}
        found: list[Record] = await records.query(F[key.slug].in_(*wanted)) if wanted else []
        ids = {folded(str(value)): record.id for record in found for value in record.all(key.slug)}
        for row in batch:
            identifier = ids.get(folded(str(row.parent)))
            if row.error is not None:
                yield row
            elif identifier is None:
                problem = f"has no parent: none of {records.name} has {row.parent!r} as {key.slug}"
                yield attrs.evolve(row, parent=None, error=UnreadableRow(problem))
            else:
                yield attrs.evolve(row, parent=RecordRef(str(records.name), identifier))


async def prepare_replay(attio: "Attio", request: ImportRequest) -> "ImportRun":
    """Return the import of the rows in a file of dead letters. Nothing is written until it runs.

    Raises:
        Refusal: The file cannot be opened, or the object is unknown.
        AttioError: The file or the match attribute is wrong, or the object's attributes cannot be read.
    """
    name, match = (request.list_name, None) if request.list_name is not None else request.targets()[0]
    target = await find_target(attio, name, "object" if match is not None else "list")
    schema = await target.rows.schema()
    try:
        rows = list(read_dead_letters(request.replay or ""))
    except OSError as error:
        raise Refusal(f"{request.replay} cannot be read: {error.strerror or error}") from error
    result = ImportResult(
        object=target.slug,
        match="" if match is None else unique_attribute(schema, match).slug,
        rows=len(rows),
        mode=request.mode,
    )
    return ImportRun(attio=attio, request=request, schema=schema, rows=rows, result=result)


@attrs.define(kw_only=True, eq=False)
class ImportRun:
    """The import of one file. `result` counts its rows as their outcomes become known.

    Attributes:
        attio: The workspace.
        request: What to import, and how.
        schema: The object's attributes.
        rows: The rows, labelled with their lines.
        result: What became of them.
    """

    attio: "Attio"
    request: ImportRequest
    schema: "ObjectSchema"
    rows: Iterable[Row] | AsyncIterable[Row]
    result: ImportResult
    _job: "BulkJob | None" = attrs.field(default=None, init=False)
    _stopping: bool = attrs.field(default=False, init=False)
    _open: dict[object, Mapping[str, object]] = attrs.field(
        factory=dict[object, Mapping[str, object]], init=False
    )

    @property
    def in_flight(self) -> int:
        """Rows that are being written now, or were when the run was cancelled."""
        return 0 if self._job is None else self._job.in_flight

    def stop(self) -> None:
        """Read no further row. Rows on their way are finished."""
        self._stopping = True
        if self._job is not None:
            self._job.stop()

    async def run(self, on_row: Callable[[], None]) -> None:
        """Write, check or plan all rows, and call `on_row` after each.

        Raises:
            ConfigurationError: A file cannot be written, or the journal belongs to other rows.
            AttioError: The import failed; `result` counts the rows until then.
        """
        work = self._check_rows if self.request.mode == "check" else self._write_rows
        with self._measured(), failure_report(self.request.report) as failures:
            try:
                await work(failures, on_row)
            except anyio.get_cancelled_exc_class():
                self.result.unknown = self.in_flight
                raise
            finally:
                result = self.result
                result.failures, result.more_failures = failures.first, failures.hidden
                result.interrupted = self._stopping and bool(result.unknown or result.not_tried)

    @contextmanager
    def _measured(self) -> Generator[None]:
        clock, limiter = self.attio.settings.clock, self.attio.limiter
        before, started = limiter.stats(), clock.monotonic()
        try:
            yield
        finally:
            now, result = limiter.stats(), self.result
            result.seconds = clock.monotonic() - started
            result.requests = now.requests - before.requests
            result.writes = now.writes.requests - before.writes.requests
            result.rate_limited = now.rate_limited - before.rate_limited

    async def _rows(self) -> AsyncGenerator[Row]:
        async with aclosing(iterate(self.rows)) as rows:
            async for row in rows:
                if self._stopping:
                    return
                self._open[row.label] = row.values
                yield row

    async def _write_rows(self, failures: FailureReport, on_row: Callable[[], None]) -> None:
        def settle(outcome: Outcome) -> None:
            self._settle(outcome.label, outcome.status, outcome.error, failures)
            on_row()

        request, result = self.request, self.result
        async with SQLiteJournal(request.journal, job=result.object) as journal:
            options = BulkOptions(
                on_error=request.on_error,
                on_outcome=settle,
                journal=journal,
                guards=Guards(max_failures=request.max_failures),
            )
            if request.list_name is not None:
                self._job = self.attio.entries(result.object).upsert_many(self._rows(), **options)
            else:
                records = self.attio.records(result.object)
                self._job = records.upsert_many(self._rows(), match=result.match, **options)
            if request.mode == "plan":
                plan = await self._job.plan()
                result.planned = plan.create + plan.update
                result.plan = await plan.table(limit=_PLAN_ROWS)
            else:
                report = await self._job
                result.take(report)
                if report.stop_reason is not None and not self._stopping:
                    result.stop_reason = str(report.stop_reason)
            if request.dead_letters is not None and result.failed:
                await export_dead_letters(journal, request.dead_letters)
                result.dead_letters = request.dead_letters

    async def _check_rows(self, failures: FailureReport, on_row: Callable[[], None]) -> None:
        with KeyIndex() as seen:
            async with aclosing(self._rows()) as rows:
                async for row in rows:
                    error = self._problem(row, seen)
                    self._settle(row.label, "failed" if error else "checked", error, failures)
                    on_row()
                    if error is not None and self.request.on_error == "stop":
                        return
                    await checkpoint()

    def _problem(self, row: Row, seen: KeyIndex) -> AttioError | None:
        """Return what would keep a row from being written, as far as it can be told without asking Attio."""
        try:
            if row.error is not None:
                raise row.error
            data, match = encode(row.values, self.schema), self.result.match
            key = data.get(match) if self.request.list_name is None else [str(row.parent)]
            if not key:
                raise CoercionError.single(match, None, None, "has no value, so there is nothing to match on")
            if (earlier := seen.claim(key, str(row.label))) is not None:
                raise CoercionError.single(match, None, key, f"row {earlier} has the same value")
        except AttioError as error:
            return error
        return None

    def _settle(
        self, label: object, status: Status, error: AttioError | None, failures: FailureReport
    ) -> None:
        line = label if isinstance(label, int) else 0
        values = self._open.pop(label, {})
        self.result.last_line = line
        self.result.add(status)
        if error is not None:
            failures.add(line, error, values)
