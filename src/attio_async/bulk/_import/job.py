"""An import of one file: planned, run and resumed like any job over many rows."""

import os
from collections.abc import (
    AsyncGenerator,
    Awaitable,
    Callable,
    Collection,
    Generator,
    Iterable,
    Mapping,
    Sequence,
)
from contextlib import ExitStack, aclosing
from functools import partial
from typing import Any, Literal, cast

import attrs

from ..._schema import Attribute, ObjectSchema
from ..._utils.concurrency import iterate
from ..._utils.public import public
from ..._utils.shield import run_blocking
from ..._utils.text import folded, show
from ..._workspace.records import RECORDS
from ..._workspace.rows import Rows, without_nulls
from ..._workspace.schema_cache import SchemaCache
from ..._workspace.write_options import missing_options
from ...errors import CoercionError, ConfigurationError
from .._write.job import BulkJob, Deferred, create, entry_upsert, record_upsert, update
from .._write.operations import RowOperation
from .._write.options import BulkOptions, JobOptions, MatchOn
from .._write.plan import JobPlan
from .._write.reader import InputRows
from .._write.report import BulkReport, Outcome, Row
from .columns import (
    KEY_COLUMNS,
    ColumnMap,
    ColumnMapping,
    as_mapping,
    has_column,
    map_columns,
    referred_attributes,
    unique_attributes,
)
from .formats import ValueFormats
from .parents import ParentColumns, ParentFinder, find_parent_columns, of_parent
from .plan import ImportPlan, ProblemTally
from .rows import RowNotes, RowReader, reference_targets
from .settings import UnclearCells
from .source import ImportReader, ImportTable, join_tables

ImportSource = str | os.PathLike[str] | Sequence[str | os.PathLike[str]] | ImportTable
"""A file, several that are imported as one, or a table that a reader has opened."""

ImportWay = Literal["upsert", "create", "update"]
"""What an import does with its rows: update what exists and create the rest, only create, or only update."""

_WAYS = ("upsert", "create", "update")
DEFAULT_MATCH = {
    "people": "email_addresses",
    "companies": "domains",
    "users": "user_id",
    "workspaces": "workspace_id",
}
"""The attribute that finds the records of a standard object."""


@attrs.frozen(kw_only=True)
class ImportChoices:
    """The choices of an import that a job does not have, checked."""

    way: ImportWay = "upsert"
    match: str | MatchOn | None = None
    mapping: ColumnMapping = attrs.field(factory=ColumnMapping, converter=as_mapping)
    formats: ValueFormats = attrs.field(factory=ValueFormats)
    reader: ImportReader = attrs.field(factory=ImportReader)
    create_options: bool = False
    create_unmatched: bool = False
    parent_match: str | None = None
    create_parents: bool = False

    def __attrs_post_init__(self) -> None:
        if self.way not in _WAYS:
            raise ConfigurationError(f"way must be one of {', '.join(_WAYS)}, not {self.way!r}")
        for name, kind in (("formats", ValueFormats), ("reader", ImportReader)):
            if not isinstance(getattr(self, name), kind):
                raise ConfigurationError(
                    f"{name} must be of the class {kind.__name__}, not {show(getattr(self, name))}"
                )
        if self.way == "create" and self.match is not None:
            raise ConfigurationError("an import that only creates matches nothing; leave out match")
        if self.create_unmatched and self.way != "upsert":
            raise ConfigurationError("create_unmatched belongs to upserts; only they match and create")


@attrs.frozen(kw_only=True)
class _ImportParts:
    """An import whose file was read once, and whose columns fit.

    Attributes:
        target: The records or entries to write.
        schemas: The cached schema of the client, which `target` may have with options that are planned.
        schema: Their attributes.
        table: The file.
        columns: Where each column goes.
        match: The slug of the attribute that finds what exists; empty where nothing does.
        choices: The choices.
        reader: Makes rows of lines.
        new_options: Titles that select attributes do not have, and that are to be created.
        parents: Finds the parents of entries; None for records.
    """

    target: Rows[Any]
    schemas: SchemaCache
    schema: ObjectSchema
    table: ImportTable
    columns: ColumnMap
    match: str
    choices: ImportChoices
    reader: RowReader
    new_options: Mapping[str, Sequence[str]]
    parents: ParentFinder | None
    _operation: Callable[[], Awaitable[RowOperation]] = attrs.field(alias="operation")

    def rows(self) -> InputRows:
        """Return the rows, each labelled with its line."""
        return self.reader if self.parents is None else self.parents.with_parents(self.reader)

    def job(
        self, options: BulkOptions, rows: InputRows | None = None, expected: Collection[str] = ()
    ) -> BulkJob:
        """Return the job that writes the rows; `rows` are given in their place where somebody else counts them."""
        return BulkJob(
            f"import into {self.target.name}",
            self._operation,
            self.rows() if rows is None else rows,
            JobOptions(**options),
            expected=expected,
        )

    async def create_new_options(self) -> None:
        """Create the options that rows name and that do not exist. One write each."""
        if self.new_options:
            kind = self.target.kind.target
            await self.schemas.create_options(self.schema, self.new_options, target=kind)


@public
@attrs.frozen(kw_only=True)
class PreparedImport:
    """An import whose file was read, and whose columns fit. Nothing was written.

    Attributes:
        table: The file.
        schema: The attributes of the object or list.
        match: The attribute that finds what exists; empty where nothing does.
        mapping: Where each column goes, with all that was found out.
        read_only: Columns that Attio sets itself, which are left out.
        refers_to: The objects that rows refer to.
        new_options: Options that would be created, by attribute.
    """

    table: ImportTable
    schema: ObjectSchema
    match: str
    mapping: ColumnMapping
    read_only: tuple[str, ...]
    refers_to: frozenset[str]
    new_options: Mapping[str, Sequence[str]]
    _parts: "_ImportParts" = attrs.field(alias="parts", repr=False, eq=False)

    def rows(self) -> InputRows:
        """Return the rows, each labelled with its line."""
        return self._parts.rows()

    def job(self, options: BulkOptions, rows: InputRows | None = None) -> BulkJob:
        """Return the job that writes the rows, or `rows` in their place."""
        return self._parts.job(options, rows)

    async def create_new_options(self) -> None:
        """Create the options that rows name and that do not exist. One write each."""
        await self._parts.create_new_options()


@public
class FileImport(Deferred, Awaitable[BulkReport]):
    """An import of one file. Creating one sends nothing; ``await`` runs it, and ``await import.plan()`` says what it would do."""

    def __init__(
        self,
        locate: Callable[[], Awaitable[Rows[Any]]],
        source: ImportSource,
        choices: ImportChoices,
        options: BulkOptions,
    ) -> None:
        """Create the import that `import_from` returns.

        Args:
            locate: Returns the records or entries to write.
            source: The file, several, or one that was read.
            choices: What to do with it.
            options: The options of the job.
        """
        self._locate = locate
        self._source = source
        self._choices = choices
        self._options: BulkOptions = {"nulls": "skip", **options}
        JobOptions(**self._options)
        self._job: BulkJob | None = None
        self._stop_reason: str | None = None
        self._prepared: _ImportParts | None = None
        self._expected: Sequence[str] = ()
        self._defer("import")

    def with_options(self, options: BulkOptions, *, expected: Sequence[str] = ()) -> "FileImport":
        """Return the import with other options for its job; what is prepared stays so.

        Args:
            options: The options.
            expected: Objects whose records another import creates before, which a plan takes into account.
        """
        changed = FileImport(self._locate, self._source, self._choices, options)
        changed._prepared, changed._expected = self._prepared, expected
        return changed

    @property
    def in_flight(self) -> int:
        """The number of rows in flight now, or when the import was cancelled: these may or may not be written."""
        return 0 if self._job is None else self._job.in_flight

    def stop(self, reason: str = "the import was told to stop") -> None:
        """Write no further row. Rows in flight are finished; then the report says how many are pending."""
        self._stop_reason = reason
        if self._job is not None:
            self._job.stop(reason)

    def __await__(self) -> Generator[object, None, BulkReport]:
        self._is_begun = True
        return self._run().__await__()

    async def plan(self) -> ImportPlan:
        """Return what the import would do, and what is in its way, by cause. Nothing is written.

        The file stays open, and the rows are kept, until the plan is closed: use it as a context manager.

        Raises:
            ConfigurationError: The file cannot be read, or its columns do not fit.
            CoercionError, NotFound: The import cannot work, as when it is awaited.
        """
        self._is_begun = True
        files = ExitStack()
        try:
            prepared = await self._prepare(files)
            prepared = attrs.evolve(prepared, reader=attrs.evolve(prepared.reader, notes=RowNotes()))
            planned, found = await self._plan(prepared)
        except BaseException:
            files.close()
            raise
        return ImportPlan(
            planned,
            table=prepared.table,
            target=prepared.target.name,
            match=prepared.match,
            columns=prepared.columns,
            tally=found,
            seen=prepared.reader.notes,
            new_options=prepared.new_options,
            new_parents=0 if prepared.parents is None else prepared.parents.new,
            new_rows=0 if prepared.parents is None else prepared.parents.new_rows,
            creates_references=self._options.get("create_references", False),
            apply=partial(self._apply, prepared),
            files=files,
        )

    async def _plan(self, prepared: _ImportParts) -> tuple[JobPlan, ProblemTally]:
        attributes = prepared.schema.attributes.values()
        found = ProblemTally({each.slug for each in attributes if each.is_multiselect})
        then = self._options.get("on_outcome")

        def count(outcome: Outcome) -> Awaitable[object] | None:
            found.add(outcome)
            return None if then is None else then(outcome)

        options: BulkOptions = {**self._options, "on_outcome": count}
        if prepared.parents is not None:
            prepared.parents.is_planning = True
            if self._choices.create_parents:
                options["journal"] = (
                    None  # the parents have no ids yet, so these are not the rows to be written
                )
        rows = _explained(prepared, found)
        return await self._start(prepared, options, rows).plan(), found

    async def _apply(self, prepared: _ImportParts, planned: JobPlan) -> BulkReport:
        await prepared.create_new_options()
        if prepared.parents is None or not prepared.parents.new:
            return await planned.apply()
        prepared.parents.is_planning = False
        await planned.aclose()
        return await self._start(prepared, self._options)

    async def _run(self) -> BulkReport:
        with ExitStack() as files:
            prepared = await self._prepare(files)
            await prepared.create_new_options()
            return await self._start(prepared, self._options)

    def _start(self, prepared: _ImportParts, options: BulkOptions, rows: InputRows | None = None) -> BulkJob:
        self._job = prepared.job(options, rows, self._expected)
        if self._stop_reason is not None:
            self._job.stop(self._stop_reason)
        return self._job

    async def prepare(self, files: ExitStack) -> PreparedImport:
        """Open the file, read it once, and map its columns. Nothing is written.

        Args:
            files: Closes the file when the rows are no longer needed.

        Raises:
            ConfigurationError: The file cannot be read, or its columns do not fit.
        """
        parts = await self._prepare(files)
        return PreparedImport(
            table=parts.table,
            schema=parts.schema,
            match=parts.match,
            mapping=parts.columns.as_mapping(self._choices.mapping),
            read_only=parts.columns.read_only,
            refers_to=frozenset(parts.reader.targets.values()),
            new_options=parts.new_options,
            parts=parts,
        )

    async def _prepare(self, files: ExitStack) -> _ImportParts:
        if self._prepared is None:
            table = await run_blocking(lambda: self._open(files))
            self._prepared = await _Preparation(await self._locate(), table, self._choices).prepared()
        return self._prepared

    def _open(self, files: ExitStack) -> ImportTable:
        if isinstance(self._source, ImportTable):
            return self._source
        given = cast("object", self._source)  # callers may not be typed
        is_list = isinstance(given, Iterable) and not isinstance(given, str | bytes)
        several = list(cast("Iterable[str]", given)) if is_list else [cast("str", given)]
        if not several:
            raise ConfigurationError("no file is given")
        for path in several:
            if not isinstance(cast("object", path), str | os.PathLike):
                raise ConfigurationError(f"a file must be given by its path, not {show(path)}")
        tables = [files.enter_context(self._choices.reader.open(path)) for path in several]
        return tables[0] if len(tables) == 1 else join_tables(tables)


async def _explained(prepared: _ImportParts, tally: ProblemTally) -> AsyncGenerator[Row]:
    """Yield the rows, and count what else is wrong with those that are unclear, so that one plan says everything."""
    async with aclosing(iterate(prepared.rows())) as rows:
        async for row in rows:
            if isinstance(row.error, UnclearCells):
                unclear = {problem.slug for problem in row.error.problems}
                rest = {slug: value for slug, value in row.values.items() if slug not in unclear}
                try:
                    await prepared.target.encode(without_nulls(rest, "skip"))
                except CoercionError as error:
                    tally.add(Outcome(0, row.label, "failed", error=error))
            yield row


class _Preparation:
    """Fits a file to a workspace, step by step."""

    def __init__(self, target: Rows[Any], table: ImportTable, choices: ImportChoices) -> None:
        self._target = target
        self._schemas = target.schemas
        self._table = table
        self._choices = choices
        self._formats = choices.formats
        if self._formats.timezone is None:
            self._formats = attrs.evolve(self._formats, timezone=self._schemas.write_options.assume_tz)

    async def prepared(self) -> _ImportParts:
        schema = await self._target.schema()
        own, of_parents = of_parent(self._choices.mapping)
        is_list = self._target.kind.target == "lists"
        match = None if is_list and self._choices.way != "update" else self._match(schema)
        columns = list(self._table.columns)
        parents, parent_column = None, None
        if is_list and match is None:
            parents, about = await self._parents(of_parents)
            parent_column = about.column
            others = [each for each in columns if each != parent_column]
            columns = [each for each in others if each not in about.map.destinations]
            left = {column: name for column, name in own.columns.items() if has_column(columns, column)}
            own = attrs.evolve(own, columns=left if has_column(own.columns, parent_column) else own.columns)
        elif of_parents.columns or of_parents.constants:
            raise ConfigurationError("parent. is for lists whose entries are found by their parents")
        name = match.attribute if isinstance(match, MatchOn) else match
        found = map_columns(columns, schema, own, targets=await self._targets(own, schema), match=name)
        found = attrs.evolve(found, parent=parent_column)
        reader = self._reader(found, await self._reference_targets(found))
        new_options = await self._new_options(schema, found, reader)
        target = self._target
        if new_options:
            target = attrs.evolve(target, schemas=self._schemas.with_planned_options(new_options))
        slug = name if name in KEY_COLUMNS else schema.find(name).slug if name else ""
        return _ImportParts(
            target=target,
            schemas=self._schemas,
            schema=schema,
            table=self._table,
            columns=found,
            match=slug or (parents.key.slug if parents is not None and parents.key else ""),
            choices=self._choices,
            reader=reader,
            new_options=new_options,
            parents=parents,
            operation=self._operation(target, match),
        )

    def _reader(self, columns: ColumnMap, targets: Mapping[str, str]) -> RowReader:
        return RowReader(table=self._table, columns=columns, formats=self._formats, targets=targets)

    def _operation(
        self, target: Rows[Any], match: str | MatchOn | None
    ) -> Callable[[], Awaitable[RowOperation]]:
        way = self._choices.way
        if way == "create":
            return partial(create, target)
        if match in KEY_COLUMNS:
            return partial(update, target, "overwrite", compare=True)
        if match is None:
            return partial(entry_upsert, target, compare=True)
        return partial(
            record_upsert,
            target,
            match,
            compare=True,
            creates=way == "upsert",
            creates_unmatched=self._choices.create_unmatched,
        )

    def _match(self, schema: ObjectSchema) -> str | MatchOn | None:
        """Return the attribute that finds existing records; None if nothing has to be found."""
        choices, columns = self._choices, self._table.columns
        if choices.way == "create":
            return None
        if choices.match is None:
            default = DEFAULT_MATCH.get(self._target.name)
            if choices.way == "upsert" and default is not None:
                return default
            raise ConfigurationError(f"nothing finds existing records; {self._advice(schema)}")
        if choices.match in KEY_COLUMNS:
            if choices.way != "update":
                raise ConfigurationError(
                    f"{choices.match} finds what exists and creates nothing; add --update"
                )
            if not has_column(columns, str(choices.match)):
                raise ConfigurationError(f"--match: the file has no column {choices.match!r}")
            return choices.match
        if isinstance(choices.match, str):
            return self._unique(schema, choices.match)
        return choices.match

    @staticmethod
    def _unique(schema: ObjectSchema, name: str) -> str:
        """Return the name of a unique attribute; an unknown one is reported with the problems of the columns."""
        known = {each.slug for each in unique_attributes(schema)}
        found = next((a for a in schema.attributes.values() if name in {a.slug, a.id, a.title}), None)
        if found is None or found.is_unique:
            return name
        listed = f"unique attributes: {', '.join(map(repr, sorted(known)))}" if known else "no attribute is"
        raise ConfigurationError(
            f"--match: the attribute {found.slug!r} is not unique; {listed}. To match on it by reading first, add"
            " --on-ambiguous error, first or skip"
        )

    def _advice(self, schema: ObjectSchema) -> str:
        unique = [each.slug for each in unique_attributes(schema)]
        ways = [f"--match {unique[0]}"] if unique else ["--match SLUG with --on-ambiguous error"]
        key = self._target.kind.id_slug
        if has_column(self._table.columns, key):
            ways.insert(0, f"--update --match {key}")
        return f"give {', '.join(ways)} or --create"

    async def _targets(self, mapping: ColumnMapping, schema: ObjectSchema) -> dict[str, ObjectSchema]:
        """Return the attributes of the objects that are referred to by a key, by the referring attribute."""
        wanted = referred_attributes(mapping, schema)
        slugs = reference_targets(wanted, await self._schemas.titles()) if wanted else {}
        return {slug: await self._schemas.get(target) for slug, target in slugs.items()}

    async def _reference_targets(self, columns: ColumnMap) -> dict[str, str]:
        attributes: list[Attribute] = [each.attribute for each in columns.destinations.values()]
        attributes += [each.attribute for each, _ in columns.constants]
        if not any(each.type == "record-reference" for each in attributes):
            return {}
        return reference_targets(attributes, await self._schemas.titles())

    async def _parents(self, mapping: ColumnMapping) -> tuple[ParentFinder, ParentColumns]:
        (parent, *_) = await self._schemas.parents(self._target.name)
        schema = await self._schemas.get(parent)
        mapping = attrs.evolve(mapping, columns=self._parent_names(mapping))
        found = find_parent_columns(self._table.columns, mapping, schema, self._choices.parent_match)
        records = Rows(self._target.session, self._schemas, parent, RECORDS)
        rows: Callable[[], RowReader] | None = None
        if self._choices.create_parents:
            if found.key is None:
                raise ConfigurationError(
                    "--create-parents needs --parent-match, a unique attribute of the parents"
                )
            targets = await self._reference_targets(found.map)
            rows = partial(self._reader, found.map, targets)
        return ParentFinder(records=records, key=found.key, rows=rows), found

    def _parent_names(self, mapping: ColumnMapping) -> dict[str, str]:
        """Return the mapping of parents' columns; one that is mapped to the plain match attribute is among them."""
        names = dict(mapping.columns)
        if self._choices.parent_match is not None:
            wanted = self._choices.parent_match
            own = self._choices.mapping.columns
            names.update({column: name for column, name in own.items() if name.strip() == wanted})
        return names

    async def _new_options(
        self, schema: ObjectSchema, columns: ColumnMap, reader: RowReader
    ) -> dict[str, list[str]]:
        """Return the titles that select attributes are given in the file and do not have."""
        selects = [slug for slug in columns.slugs if schema.attributes[slug].type == "select"]
        if not (self._choices.create_options and selects):
            return {}
        known = await self._schemas.with_options(schema, selects, target=self._target.kind.target)
        return await run_blocking(lambda: new_option_titles(reader, known, selects))


def new_option_titles(
    rows: Iterable[Row], schema: ObjectSchema, selects: Collection[str]
) -> dict[str, list[str]]:
    """Return the titles that rows give to select attributes and that these do not have, each in its first spelling."""
    found: dict[str, dict[str, str]] = {}
    for row in rows:
        given = {slug: row.values[slug] for slug in selects if row.values.get(slug) is not None}
        for slug, titles in missing_options(given, schema).items():
            for title in titles:
                if len(title.splitlines()) == 1:
                    found.setdefault(slug, {}).setdefault(folded(title), title)
    return {slug: list(titles.values()) for slug, titles in found.items()}
