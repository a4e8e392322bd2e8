"""Import files: map their columns, then write or check every row and account for it."""

import os
from collections.abc import (
    AsyncGenerator,
    Awaitable,
    Callable,
    Collection,
    Generator,
    Mapping,
    Sequence,
)
from contextlib import ExitStack, aclosing, contextmanager
from functools import partial
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any

import anyio
import attrs
from anyio.lowlevel import checkpoint

from ..._utils.concurrency import iterate
from ..._utils.text import folded
from ..._workspace.encode import encode, unique_attribute
from ..._workspace.rows import Rows
from ...bulk import (
    BulkJob,
    BulkOptions,
    ColumnMapping,
    FileImport,
    Guards,
    ImportPlan,
    ImportTable,
    InputRows,
    JobPlan,
    MatchOn,
    Outcome,
    Row,
    SQLiteJournal,
    export_dead_letters,
    read_dead_letters,
)
from ...bulk._import.columns import KEY_COLUMNS, has_column
from ...bulk._import.job import DEFAULT_MATCH, new_option_titles
from ...bulk._import.plan import ProblemTally, all_problems, problem_lines
from ...bulk._import.rows import reread
from ...bulk._import.source import join_tables
from ...bulk._journal.protocol import read_pages
from ...bulk._write.duplicates import KeyIndex
from ...bulk._write.job import create, entry_upsert, record_upsert, update
from ...bulk._write.operations import RowOperation
from ...bulk._write.options import JobOptions
from ...errors import AttioError, CoercionError
from ..errors import Refusal
from ..target import Target, find_target
from .failures import FailureReport, failure_report
from .models import ImportRequest, ImportResult, Status

if TYPE_CHECKING:
    from ..._client import Attio
    from ..._schema import ObjectSchema

_PLAN_ROWS = 1_000
_MAX_OPEN = 20_000
"""The most rows whose values are remembered until they have an outcome."""


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


async def prepare_imports(
    attio: "Attio", request: ImportRequest, tables: Sequence[ImportTable]
) -> list["ImportRun"]:
    """Return the imports of these tables, referred-to objects first. Nothing is written until one of them runs.

    Of several objects each has a report and dead letters of its own.

    Args:
        attio: The workspace.
        request: What to import, and how.
        tables: The files of the request.

    Raises:
        Refusal: An object or list is wrong.
        AttioError: The columns do not fit, or the objects or their attributes cannot be read.
    """
    if request.list_name is not None:
        target = await find_target(attio, request.list_name, "list")
        of_list = request.choices(next(iter(request.matches), None), request.mapping)
        return [await _prepare(attio, request, _joined(tables), target, of_list)]
    prepared: dict[str, ImportRun] = {}
    targets = request.targets()
    of_each = tables if len(targets) > 1 else [_joined(tables)]
    for table, (name, match) in zip(of_each, targets, strict=True):
        target = await find_target(attio, name, "object")
        if target.slug in prepared:
            raise Refusal(f"two files are given for {target.slug}; import one after the other")
        mapping = _concerning(request.mapping, table, of_each)
        own = request.of_object(target.slug) if len(targets) > 1 else request
        choices = request.choices(match, mapping)
        prepared[target.slug] = await _prepare(attio, own, table, target, choices)
    needs = {name: run.refers_to for name, run in prepared.items()}
    ordered = [prepared[name] for name in in_dependency_order(list(prepared), needs)]
    if request.way != "update":
        for number, run in enumerate(ordered):
            run.expected = [each.result.object for each in ordered[:number]]
    return ordered


def _joined(tables: Sequence[ImportTable]) -> ImportTable:
    return tables[0] if len(tables) == 1 else join_tables(tables)


def _concerning(mapping: ColumnMapping, table: ImportTable, tables: Sequence[ImportTable]) -> ColumnMapping:
    """Return the mapping without what is about columns that only other tables have."""

    def concerns(column: str) -> bool:
        return has_column(table.columns, column) or not any(has_column(t.columns, column) for t in tables)

    columns = {column: slug for column, slug in mapping.columns.items() if concerns(column)}
    return attrs.evolve(mapping, columns=columns, skip=tuple(each for each in mapping.skip if concerns(each)))


async def _prepare(
    attio: "Attio",
    request: ImportRequest,
    table: ImportTable,
    target: Target,
    choices: Mapping[str, Any],
) -> "ImportRun":
    importing: FileImport = target.rows.import_from(table, **choices)
    prepared = await importing.prepare(ExitStack())
    result = ImportResult(
        object=target.slug,
        match=prepared.match,
        rows=table.count,
        mode=request.mode,
        way=request.way,
        ignored_columns=prepared.read_only,
    )
    return ImportRun(
        attio=attio,
        request=request,
        schema=prepared.schema,
        rows=prepared.rows(),
        make_job=prepared.job,
        result=result,
        importing=importing,
        refers_to=prepared.refers_to,
        columns=prepared.mapping,
        creates_first=prepared.create_new_options,
    )


def mapping_of(runs: "Sequence[ImportRun]") -> ColumnMapping:
    """Return where the columns of all files go.

    Raises:
        Refusal: A column goes to different attributes of two objects, or is left out of one of them.
    """
    columns: dict[str, tuple[str, str]] = {}
    skip: dict[str, str] = {}
    for run in runs:
        skip |= {folded(column): column for column in run.columns.skip}
        for column, name in run.columns.columns.items():
            _, before = columns.setdefault(folded(column), (column, name))
            if before != name:
                raise _unsayable(column, f"goes to {before!r} of one object", name)
    for key, column in skip.items():
        if key in columns:
            raise _unsayable(column, "is left out of one object", columns[key][1])
    return attrs.evolve(runs[0].columns, columns=dict(columns.values()), skip=tuple(skip.values()))


def _unsayable(column: str, first: str, name: str) -> Refusal:
    return Refusal(
        f"--save-mapping: the column {column!r} {first} and goes to {name!r} of another, which one file cannot say"
    )


async def prepare_replay(attio: "Attio", request: ImportRequest) -> "ImportRun":
    """Return the import of the rows in a file of dead letters. Nothing is written until it runs.

    Raises:
        Refusal: The file cannot be opened, or the object is unknown.
        AttioError: The file or the match attribute is wrong, or the object's attributes cannot be read.
    """
    is_list = request.list_name is not None
    name, match = (request.list_name or "", None) if is_list else request.targets()[0]
    target = await find_target(attio, name, "list" if is_list else "object")
    schema = await target.rows.schema()
    try:
        rows = [reread(row, schema, request.formats) for row in read_dead_letters(request.replay or "")]
    except OSError as error:
        raise Refusal(f"{request.replay} cannot be read: {error.strerror or error}") from error
    located = await target.rows._located()  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    planned, creates_first = await _with_new_options(located, request, schema, rows)
    slug, operation = _replaying(planned, request, match, schema)
    result = ImportResult(object=target.slug, match=slug, rows=len(rows), mode=request.mode, way=request.way)
    return ImportRun(
        attio=attio,
        request=request,
        schema=schema,
        rows=rows,
        make_job=lambda options, given: BulkJob(
            f"replay into {target.slug}", operation, given, JobOptions(**options)
        ),
        result=result,
        creates_first=creates_first,
    )


async def _with_new_options(
    target: Rows[Any], request: ImportRequest, schema: "ObjectSchema", rows: Sequence[Row]
) -> tuple[Rows[Any], Callable[[], Awaitable[None]] | None]:
    """Return the target with the options that rows name and that are to be created, and what creates them."""
    selects = [each.slug for each in schema.attributes.values() if each.type == "select"]
    if not (request.create_options and selects):
        return target, None
    schemas, kind = target.schemas, target.kind.target
    known = await schemas.with_options(schema, selects, target=kind)
    new_options = new_option_titles(rows, known, selects)

    async def create_all() -> None:
        await schemas.create_options(schema, new_options, target=kind)

    return attrs.evolve(target, schemas=schemas.with_planned_options(new_options)), create_all


def _replaying(
    target: Rows[Any], request: ImportRequest, match: str | MatchOn | None, schema: "ObjectSchema"
) -> tuple[str, Callable[[], Awaitable[RowOperation]]]:
    """Return the attribute that finds what exists, and what makes the operation."""
    if request.way == "create":
        return "", partial(create, target)
    if request.way == "update" and (match is None or match in KEY_COLUMNS):
        return "", partial(update, target, "overwrite", compare=True)
    if target.kind.target == "lists":
        return "", partial(entry_upsert, target, compare=True)
    chosen = match or DEFAULT_MATCH.get(target.name)
    if chosen is None:
        raise Refusal(f"no attribute to match on for {target.name}; give --match SLUG")
    slug = unique_attribute(schema, chosen).slug if isinstance(chosen, str) else chosen.attribute
    return slug, partial(
        record_upsert,
        target,
        chosen,
        compare=True,
        creates=request.way == "upsert",
        creates_unmatched=request.create_unmatched,
    )


MakeJob = Callable[[BulkOptions, InputRows], BulkJob]


def _in_options(reason: str) -> str:
    """Return why a job stopped with the options of the command line."""
    return reason.replace("on_error is 'stop'", "--on-error is stop").replace(
        "max_failures is", "--max-failures is"
    )


@attrs.define(kw_only=True, eq=False)
class ImportRun:
    """The import of one file. `result` counts its rows as their outcomes become known.

    Attributes:
        attio: The workspace.
        request: What to import, and how.
        schema: The object's attributes.
        rows: The rows, labelled with their lines.
        make_job: Makes the job that writes rows.
        result: What became of them.
        importing: The import of the library, which makes plans; None for a replay.
        refers_to: The objects that rows refer to.
        expected: The objects that are imported before.
        columns: Where each column goes, for a mapping file.
        creates_first: Creates what rows need before they are written.
    """

    attio: "Attio"
    request: ImportRequest
    schema: "ObjectSchema"
    rows: InputRows
    make_job: "MakeJob"
    result: ImportResult
    importing: FileImport | None = None
    refers_to: Collection[str] = ()
    expected: Sequence[str] = ()
    columns: ColumnMapping = attrs.field(factory=ColumnMapping)
    creates_first: Callable[[], Awaitable[None]] | None = None
    _job: "BulkJob | FileImport | None" = attrs.field(default=None, init=False)
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
            except (anyio.get_cancelled_exc_class(), AttioError):
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
                if len(self._open) >= _MAX_OPEN:  # rows that a run before has settled have no outcome now
                    del self._open[next(iter(self._open))]
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
                duplicates=request.duplicates,
                create_references=request.create_references,
                nulls=request.nulls,
            )
            async with aclosing(read_pages(journal.dead_letters)) as pages:
                async for letters in pages:
                    for letter in letters:  # of earlier runs
                        failures.add_letter(letter)
            if request.mode == "plan":
                await self._plan(options)
            else:
                if self.creates_first is not None and not self._stopping:
                    await self.creates_first()
                self._job = self.make_job(options, self._rows())
                report = await self._job
                result.take(report)
                if report.stop_reason is not None and not self._stopping:
                    result.stop_reason = _in_options(str(report.stop_reason))
            is_found = request.mode == "write" or bool(await journal.dead_letters(limit=1))
            if request.dead_letters is not None and is_found and self._has_letters:
                count = await export_dead_letters(journal, request.dead_letters)
                result.dead_letters = request.dead_letters if count else None

    @property
    def _has_letters(self) -> bool:
        """Return True if the journal has all dead letters that their file is to hold."""
        request, result = self.request, self.result
        if request.mode == "plan" and request.create_parents:
            return False  # the plan has no journal, since the parents have no ids yet
        if request.replay is None or request.dead_letters is None:
            return True
        is_other = os.path.realpath(request.replay) != os.path.realpath(request.dead_letters)
        # The file that is replayed has rows that are not settled.
        return is_other or (request.mode == "write" and not (result.not_tried or result.unknown))

    async def _plan(self, options: BulkOptions) -> None:
        result = self.result
        plan: ImportPlan | JobPlan
        if self.importing is None:
            plan = await self._plan_replay(options)
        else:
            plan = await self._plan_import(self.importing, options)
        result.planned, result.failed = plan.create + plan.update, plan.invalid
        if self.request.details and result.plan_data is not None:
            planned = plan.planned_rows() if isinstance(plan, ImportPlan) else plan.rows()
            result.plan_data["planned_rows"] = [row.to_dict(mode="json") async for row in planned]

    async def _plan_import(self, importing: FileImport, options: BulkOptions) -> ImportPlan:
        self._job = job = importing.with_options(options, expected=self.expected)
        if self._stopping:
            job.stop()
        plan = await job.plan()
        self.result.plan = await plan.table(limit=_PLAN_ROWS, details=self.request.details)
        self.result.plan_data = plan.to_dict(mode="json")
        return plan

    async def _plan_replay(self, options: BulkOptions) -> JobPlan:
        """Plan rows of dead letters, with their problems by cause as in the plan of a file."""
        result = self.result
        attributes = self.schema.attributes.values()
        tally = ProblemTally({each.slug for each in attributes if each.is_multiselect})
        then = options.get("on_outcome")

        def count(outcome: Outcome) -> Awaitable[object] | None:
            tally.add(outcome)
            return None if then is None else then(outcome)

        self._job = job = self.make_job({**options, "on_outcome": count}, self._rows())
        plan = await job.plan()
        problems = all_problems(tally, plan)
        lines = [str(plan), *problem_lines(problems, limit=_PLAN_ROWS)]
        if self.request.details:
            _, *rows = (await plan.table(limit=_PLAN_ROWS)).splitlines()
            lines += ["Rows:", *rows]
        result.plan = "\n".join(lines)
        result.plan_data = {
            **plan.to_dict(mode="json"),
            "problems": [problem.to_dict(mode="json") for problem in problems],
        }
        return plan

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
        line = label if isinstance(label, int | str) else 0
        values = self._open.pop(label, {})
        self.result.last_line = line
        self.result.add(status)
        if error is not None:
            failures.add(line, error, values)
