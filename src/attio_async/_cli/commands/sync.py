"""`sync`: make the owned attributes of an object or list equal to a file or a query."""

import os
import sys
from collections.abc import AsyncGenerator, Collection, Iterable
from contextlib import ExitStack, aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from ..._utils.text import folded
from ..errors import Refusal, as_refusal
from ..options import ConnectionOptions, OptionGroup, Yes, check_distinct_files, check_separator, read_address
from ..output import confirm, print_json, print_text, tell
from ..target import Target, find_target
from ..workspace import write_workspace
from .import_ import BlankCell, MappingOptions, SameKey, SourceOptions, ValueOptions

if TYPE_CHECKING:
    from ..._client import Attio
    from ..._resources.entries import Entries
    from ..._resources.records import Records
    from ..._schema import ObjectSchema
    from ...bulk import ColumnMapping, FileImport, InputRows, Row, SQLSource, SyncPlan, SyncReport
    from ...bulk._import.parents import ParentFinder

_ROWS_OF_A_PLAN = 20
_ROWS_OF_DETAILS = 100_000
_SHOWN_FAILURES = 20
_ROWS_PER_BATCH = 100
_LIBPQ_VARIABLES = ("PGSERVICE", "PGHOST", "PGDATABASE")
_INTERRUPTED = "interrupted; run the same command again to go on from there"


@dataclass(frozen=True, kw_only=True)
class QueryOptions(OptionGroup):
    """The database and the query, in place of a file."""

    source: Annotated[
        str | None,
        typer.Option(
            metavar="DATABASE",
            help="File of SQLite or DuckDB, service=NAME or address of PostgreSQL, or env:NAME.  [default: PGSERVICE]",
        ),
    ] = None
    query: Annotated[str | None, typer.Option(metavar="SQL", help="Query whose rows are the source.")] = None

    def database(self) -> str:
        """Return the database.

        Raises:
            Refusal: None is given, its variable is not set, or it has a password, which other programs could see.
        """
        if self.source is None:
            if not any(os.environ.get(name) for name in _LIBPQ_VARIABLES):
                raise Refusal("--query needs --source DATABASE, or PGSERVICE in the environment")
            return ""
        return read_address("--source", self.source)


@dataclass(frozen=True, kw_only=True)
class MissingOptions(OptionGroup):
    """The treatment of what left the source, and its guards."""

    missing: Annotated[
        str,
        typer.Option(
            metavar="ignore|clear|delete|flag:SLUG",
            help="What to do with records that were in the source earlier and are not now.",
        ),
    ] = "ignore"
    state: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="File that remembers what was in the source; created when missing."
        ),
    ] = None
    scope: Annotated[
        str | None,
        typer.Option(metavar="F...", help="Filter of the records that may be cleared, flagged or deleted."),
    ] = None
    max_missing_ratio: Annotated[
        float,
        typer.Option(min=0, max=1, metavar="PART", help="Write nothing if more of the source is missing."),
    ] = 0.1
    max_deletes: Annotated[
        int, typer.Option(min=0, metavar="N", help="Write nothing if more would be deleted.")
    ] = 100

    def options(self) -> dict[str, Any]:
        """Return the options of a sync.

        Raises:
            Refusal: One of them is not valid.
        """
        from ...bulk import flag
        from ..expressions import read_filter

        kind, _, slug = self.missing.partition(":")
        if not (self.missing in {"ignore", "clear", "delete"} or (kind == "flag" and slug)):
            raise Refusal(f"--missing must be ignore, clear, delete or flag:SLUG, not {self.missing!r}")
        if self.missing != "ignore" and self.state is None:
            raise Refusal(f"--missing {kind} needs --state FILE, which remembers what was in the source")
        return {
            "missing": flag(slug) if slug else self.missing,
            "state": self.state,
            "scope": read_filter(self.scope),
            "max_missing_ratio": self.max_missing_ratio,
            "max_deletes": self.max_deletes,
        }


@dataclass(frozen=True, kw_only=True)
class RowOptions(OptionGroup):
    """The records or entries of the rows, and what is written of them."""

    object_: Annotated[
        str | None, typer.Option("--object", metavar="OBJECT", help="Object that the rows are records of.")
    ] = None
    list_: Annotated[
        str | None, typer.Option("--list", metavar="LIST", help="List that the rows are entries of.")
    ] = None
    match: Annotated[
        str | None, typer.Option(metavar="SLUG", help="Unique attribute that finds records, such as domains.")
    ] = None
    parent_match: Annotated[
        str | None,
        typer.Option(metavar="SLUG", help="With --list: unique attribute that finds the parent records."),
    ] = None
    owned: Annotated[
        str, typer.Option(metavar="SLUG,SLUG", help="Attributes that the sync writes, and no others.")
    ] = ""
    nulls: Annotated[
        BlankCell, typer.Option(help="Whether a blank cell leaves its attribute alone or clears it.")
    ] = BlankCell.skip
    duplicates: Annotated[SameKey, typer.Option(help="What to do with rows that have the same key.")] = (
        SameKey.error
    )
    max_failures: Annotated[
        int | None, typer.Option(min=0, metavar="N", help="Stop when more than N rows have failed.")
    ] = None

    def check(self) -> None:
        """Check that the options fit together.

        Raises:
            Refusal: They do not.
        """
        if (self.object_ is None) == (self.list_ is None):
            raise Refusal("give either --object or --list")
        if self.object_ is not None and (self.match is None or self.parent_match is not None):
            raise Refusal("--object needs --match SLUG, a unique attribute, and takes no --parent-match")
        if self.list_ is not None and self.match is not None:
            raise Refusal(
                "--list takes no --match; its entries are found by their parents, see --parent-match"
            )

    @property
    def names(self) -> list[str]:
        """The owned attributes."""
        return [name for name in map(str.strip, self.owned.split(",")) if name]

    def options(self) -> dict[str, Any]:
        """Return the options of a sync."""
        return {
            "owned": self.names,
            "nulls": self.nulls.value,
            "duplicates": "refuse" if self.duplicates is SameKey.error else self.duplicates.value,
            "max_failures": self.max_failures,
            **({} if self.match is None else {"match": self.match}),
        }


@dataclass(frozen=True, kw_only=True)
class ResultOptions(OptionGroup):
    """The plan or the result of a sync."""

    plan: Annotated[
        bool, typer.Option("--plan", help="Show what would change in the workspace; write nothing.")
    ] = False
    details: Annotated[bool, typer.Option("--details", help="With --plan: list all rows.")] = False
    dead_letters: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the rows that fail to FILE.")
    ] = None
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False
    yes: Yes = False


async def sync(
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="FILE...", help="The source: a file as for `import`; - for standard input."),
    ] = None,
    *,
    rows: RowOptions,
    missing: MissingOptions,
    query: QueryOptions,
    columns: MappingOptions,
    values: ValueOptions,
    source: SourceOptions,
    result: ResultOptions,
    connection: ConnectionOptions,
) -> int:
    """Make the owned attributes equal to a file or a query.

    Records are created, updated, and left alone where they are equal; attributes that are not owned are never
    written. With --missing and --state, records that were in the source at an earlier run and are not now are cleared,
    flagged, or deleted; only those that this sync created are deleted, the others are cleared. The whole source is
    read before anything is written, and nothing is if more than a tenth of it is missing. Before anything is deleted you
    are asked on a terminal; elsewhere --yes is needed.

    After a crash or Ctrl-C, run the same command again. The session of a query cannot write.

    Examples:
      attio-async sync companies.csv --object companies --match domains --owned plan,mrr --plan
      attio-async sync companies.csv --object companies --match domains --owned plan --missing clear --state sync.db
      attio-async sync --source env:DB_URL --query "select * from accounts" --object companies --match domains --owned plan
      attio-async sync vip.csv --list vip --parent-match domains --missing delete --state vip.db --yes

    Exit codes:
      0    everything is equal; with --plan, can be made so
      1    some rows failed, or a guard kept everything from being written
      2    nothing was written: wrong usage, source, token or configuration
      130  interrupted
    """
    rows.check()
    check_separator(values.separator)
    if bool(files) == (query.query is not None) or (files and query.source):
        raise Refusal("give either FILE, or --query SQL with --source DATABASE")
    for file in files or ("",):
        check_distinct_files(
            {
                file: file or None,
                "--state": missing.state,
                "--dead-letters": result.dead_letters,
                "--save-mapping": columns.save_mapping,
                "--embedded": connection.embedded,
            }
        )
    options = rows.options() | missing.options()
    with ExitStack() as stack:
        async with write_workspace(connection, announce=False) as attio:
            target = await find_target(
                attio, rows.object_ or rows.list_ or "", "list" if rows.list_ else "object"
            )
            with as_refusal():
                if query.query is None:
                    forms = _FileForms(files or (), columns, values, source)
                    found = await _file_rows(stack, target, rows, forms)
                else:
                    found = await _query_rows(attio, target, rows, query, columns.columns())
            return await _run(attio, target, found, options, result)


@dataclass(frozen=True)
class _FileForms:
    """Files, and how they are read."""

    files: Iterable[str]
    columns: MappingOptions
    values: ValueOptions
    source: SourceOptions


async def _file_rows(stack: ExitStack, target: Target, rows: RowOptions, forms: _FileForms) -> "InputRows":
    """Return the rows of files, with the columns that the sync needs.

    Raises:
        Refusal: An owned attribute has no column.
        AttioError: A file cannot be read, or its columns do not fit.
    """
    import attrs

    from ...bulk._import.source import join_tables

    reader = forms.source.reader()
    tables = [stack.enter_context(reader.open(file)) for file in forms.files]
    table = tables[0] if len(tables) == 1 else join_tables(tables)
    schema, formats = await target.schema(), forms.values.formats(forms.columns.mapping)
    wanted = {schema.find(name).slug for name in (*rows.names, *([rows.match] if rows.match else ()))}
    mapping = _narrowed(forms.columns.columns(), table.columns, schema, wanted)

    def importing(mapping: "ColumnMapping") -> "FileImport":
        if rows.list_ is not None:
            return cast("Entries", target.rows).import_from(
                table, parent_match=rows.parent_match, mapping=mapping, formats=formats
            )
        return cast("Records", target.rows).import_from(
            table, match=rows.match, mapping=mapping, formats=formats
        )

    prepared = await importing(mapping).prepare(stack)
    mapped = set(map(folded, mapping.columns))
    needless = [
        column
        for column, name in prepared.mapping.columns.items()
        if folded(column) not in mapped and _is_own(name, schema) and _owner(name, schema) not in wanted
    ]
    if needless:  # columns with only a similar name, whose cells must not make rows invalid
        mapping = attrs.evolve(mapping, skip=(*mapping.skip, *needless))
        prepared = await importing(mapping).prepare(stack)
    given = {*prepared.mapping.columns.values(), *prepared.mapping.constants}
    lacking = wanted - {_owner(name, schema) for name in given if _is_own(name, schema)}
    if lacking:
        raise Refusal(
            f'no column for {", ".join(sorted(lacking))}; give --map "COLUMN=SLUG", or do not own it'
        )
    if forms.columns.save_mapping is not None:
        prepared.mapping.save(forms.columns.save_mapping, formats)
    return prepared.rows()


def _narrowed(
    mapping: "ColumnMapping", columns: Iterable[str], schema: "ObjectSchema", wanted: Collection[str]
) -> "ColumnMapping":
    """Return the mapping without the columns of attributes that the sync does not need."""
    import attrs

    from ...errors import UnknownName

    mapped = set(map(folded, mapping.columns))
    skip = [*mapping.skip]
    for column in columns:
        try:
            slug = schema.find(column).slug
        except UnknownName:
            continue
        if folded(column) not in mapped and slug not in wanted:
            skip.append(column)
    return attrs.evolve(mapping, skip=tuple(skip), skip_unknown=True)


def _owner(name: str, schema: "ObjectSchema") -> str:
    """Return the attribute that a destination such as name.first_name belongs to."""
    return schema.find(name.partition(".")[0]).slug


def _is_own(name: str, schema: "ObjectSchema") -> bool:
    from ...errors import UnknownName

    try:
        _owner(name, schema)
    except UnknownName:
        return False
    return True


async def _query_rows(
    attio: "Attio", target: Target, rows: RowOptions, query: QueryOptions, mapping: "ColumnMapping"
) -> "InputRows":
    """Return the rows of a query, with its columns under the names of attributes.

    Raises:
        AttioError: The source or an attribute is wrong.
    """
    from ..._workspace.encode import unique_attribute
    from ...bulk import SQLSource
    from ...bulk._import.columns import PARENT_COLUMN
    from ...bulk._import.parents import ParentFinder

    source, schema = SQLSource(query.database(), query.query or ""), await target.schema()
    wanted = {schema.find(name).slug for name in (*rows.names, *([rows.match] if rows.match else ()))}
    if rows.list_ is None:
        return _renamed(source, _QueryColumns(mapping, schema, wanted))
    (parent, *_) = (await attio.lists.get(target.slug)).parent_object
    records, key = attio.records(parent), None
    parent_names = {PARENT_COLUMN}
    if rows.parent_match is not None:
        key = unique_attribute(await records.schema(), rows.parent_match)
        parent_names = {folded(key.slug), folded(key.title)}
    columns = _QueryColumns(mapping, schema, wanted, parent_names)
    return _with_parents(ParentFinder(records=records, key=key), _renamed(source, columns))


@dataclass(frozen=True)
class _QueryColumns:
    """The destinations of the columns of a query.

    Attributes:
        mapping: What the options say of them.
        schema: The attributes of the object or list.
        wanted: The slugs of attributes that have to have a column.
        parent_names: The names of the column that finds the parent of an entry, in lower case.
    """

    mapping: "ColumnMapping"
    schema: "ObjectSchema"
    wanted: Collection[str]
    parent_names: Collection[str] = ()

    def names(self, columns: Collection[str]) -> dict[str, str]:
        """Return the name of the attribute of each column that is not left out.

        Raises:
            Refusal: A column is unknown, an attribute has none, or two give the values of one attribute.
        """
        from ...bulk._import.columns import PARENT_COLUMN

        known = set(map(folded, columns))
        for option, named in (("--map", self.mapping.columns), ("--skip", self.mapping.skip)):
            for column in named:
                if folded(column) not in known:
                    raise Refusal(f"{option}: unknown column {column!r}; the query has {', '.join(columns)}")
        chosen = {folded(column): name for column, name in self.mapping.columns.items()}
        skip = set(map(folded, self.mapping.skip))
        found = {
            column: self._slug(chosen.get(folded(column), column))
            for column in columns
            if folded(column) not in skip
        }
        first: dict[str, str] = {}
        constants = {f"--set {name}": self._slug(name) for name in self.mapping.constants}
        for given, slug in {**found, **constants}.items():
            if first.setdefault(slug, given) != given:
                raise Refusal(
                    f"{first[slug]!r} and {given!r} both give values of {slug!r}; leave one of them out"
                )
        wanted = {*self.wanted, *([PARENT_COLUMN] if self.parent_names else [])}
        if lacking := wanted - first.keys():
            raise Refusal(
                f'no column for {", ".join(sorted(lacking))}; give --map "COLUMN=SLUG", or do not own it'
            )
        return found

    def _slug(self, name: str) -> str:
        from ...bulk._import.columns import PARENT_COLUMN
        from ...errors import UnknownName

        if folded(name) in self.parent_names:
            return PARENT_COLUMN
        try:
            return self.schema.find(name).slug
        except UnknownName:
            return name


async def _renamed(source: "SQLSource", columns: _QueryColumns) -> AsyncGenerator[dict[str, object]]:
    names: dict[str, str] | None = None
    async for row in source:
        if names is None:
            names = columns.names(row)
        yield {name: row[column] for column, name in names.items()} | dict(columns.mapping.constants)


async def _with_parents(
    finder: "ParentFinder", source: AsyncGenerator[dict[str, object]]
) -> AsyncGenerator["Row"]:
    """Yield the rows of a query with the parents of entries: one query per 100 rows, or none if a column has the ids."""
    async with aclosing(source), aclosing(_batches(source)) as batches:
        async for batch in batches:
            given = [_with_key(values, finder) for values in batch]
            async with aclosing(finder.with_parents(given)) as found:
                async for row in found:
                    yield row


def _with_key(values: dict[str, object], finder: "ParentFinder") -> "Row":
    """Return a row with what finds its parent: the value of a unique attribute, or the parent itself."""
    from ...bulk import Row
    from ...bulk._import.columns import PARENT_COLUMN
    from ...values import RecordRef

    text = str(values.pop(PARENT_COLUMN) or "").strip()
    parent = RecordRef(finder.records.name, text.lower()) if text and finder.key is None else text
    return Row(values, label=text or None, parent=parent)


async def _batches(source: AsyncGenerator[dict[str, object]]) -> AsyncGenerator[list[dict[str, object]]]:
    batch: list[dict[str, object]] = []
    async for row in source:
        batch.append(row)
        if len(batch) == _ROWS_PER_BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


async def _run(
    attio: "Attio", target: Target, rows: "InputRows", options: dict[str, Any], result: ResultOptions
) -> int:
    """Plan the sync, and apply it unless only the plan is wanted. Ctrl-C stops it; a second one cuts it off."""
    from ..progress import show_progress
    from ..runner import run_stoppable

    code = 0
    with show_progress(sys.stderr, attio.settings.clock, target.slug) as display:
        records = cast("Records", target.rows)
        job = records.sync_to(rows, progress=lambda progress: display.advance_to(progress.done), **options)

        async def work() -> None:
            nonlocal code
            async with await job.plan() as plan:
                if result.plan:
                    code = await _print_plan(plan, result)
                    return
                if plan.delete and plan.stop_reason is None:
                    confirm(f"Delete {plan.delete:,} that left the source, of {target.slug}?", yes=result.yes)
                report = await plan.apply()
                if result.dead_letters is not None and report.failed:
                    await plan.export_dead_letters(result.dead_letters)
                code = _print_report(target, report, result)

        def stop() -> None:
            job.stop(_INTERRUPTED)
            display.note(
                f"Stopping: no further rows are written; the {job.in_flight} on their way are finished."
                " Press Ctrl-C again to cut them off."
            )

        await run_stoppable(work, on_stop=stop)
    return code


async def _print_plan(plan: "SyncPlan", result: ResultOptions) -> int:
    if result.as_json:
        rows = [row.to_dict(mode="json") async for row in plan.rows()] if result.details else None
        print_json(plan.to_dict(mode="json") | ({} if rows is None else {"rows": rows}))
    else:
        print_text(await plan.table(limit=_ROWS_OF_DETAILS if result.details else _ROWS_OF_A_PLAN))
    return 1 if plan.invalid or plan.stop_reason is not None else 0


def _print_report(target: Target, report: "SyncReport", result: ResultOptions) -> int:
    if result.as_json:
        print_json(report.to_dict(mode="json"))
    lines = [f"row {each.label}: {each.failure.reason}" for each in report.dead_letters[:_SHOWN_FAILURES]]
    if report.failed > len(lines):
        lines.append(f"and {report.failed - len(lines):,} more; --dead-letters FILE has all")
    lines += map(str, report.drift)
    lines += [f"  {what} in {count:,} rows" for what, count in report.notes.items()]
    if report.withheld is not None:
        lines.append(f"nothing was done about what left the source: {report.withheld}")
    names = ("created", "updated", "cleared", "flagged", "deleted", "unchanged", "failed")
    counts = ", ".join(f"{getattr(report, name):,} {name}" for name in names if getattr(report, name))
    lines.append(
        f"{target.slug}: {counts or 'no rows'}; {report.requests:,} requests; {report.seconds:.1f} s"
    )
    if report.stop_reason is not None:
        lines.append(f"stopped: {report.stop_reason}")
    tell("\n".join(lines))
    if report.stop_reason == _INTERRUPTED:
        return 130
    return 1 if report.failed or report.pending or report.stop_reason is not None else 0
