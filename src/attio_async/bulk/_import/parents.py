"""The parent records of entries in a file: found by a unique attribute, and created if that is wanted."""

from collections.abc import AsyncGenerator, Callable, Container, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Protocol

import anyio
import attrs

from ..._pagination.paginator import Paginator
from ..._records.models import Record
from ..._schema import Attribute, ObjectSchema
from ..._utils.concurrency import task_group
from ..._utils.text import folded
from ..._workspace.encode import unique_attribute
from ..._workspace.rows import Nulls
from ...errors import AttioError, CoercionError, ConfigurationError
from ...query import F, Filter
from ...values import RecordRef, Ref, coerce
from .._write.diff import Comparer
from .._write.report import LocatedRow, Row
from .columns import PARENT_COLUMN, ColumnMap, ColumnMapping, has_column, map_columns
from .rows import RowReader, UnreadableRow

_PREFIX = "parent."
_PARENTS_PER_QUERY = 100
_CREATED_AT_ONCE = 8


def of_parent(mapping: ColumnMapping) -> tuple[ColumnMapping, ColumnMapping]:
    """Return the part of a mapping that is about entries, and the one about their parents (``parent.domains``)."""
    columns = {column: _of_parent(name) for column, name in mapping.columns.items()}
    constants = {name: _of_parent(name) for name in mapping.constants}
    own = attrs.evolve(
        mapping,
        columns={each: name for each, name in mapping.columns.items() if columns[each] is None},
        constants={name: value for name, value in mapping.constants.items() if constants[name] is None},
    )
    parents = ColumnMapping(
        columns={each: name for each, name in columns.items() if name is not None},
        constants={name: mapping.constants[each] for each, name in constants.items() if name is not None},
    )
    return own, parents


def _of_parent(name: str) -> str | None:
    """Return the name of an attribute of the parent; None if it is one of the entry."""
    plain = name.strip()
    return plain.removeprefix(_PREFIX) if plain.startswith(_PREFIX) else None


@attrs.frozen(kw_only=True)
class ParentColumns:
    """The columns of a file that are about the parents of entries.

    Attributes:
        column: The column that finds the parent.
        key: The unique attribute that it has; None where it has the parent itself, as `export` writes it.
        map: All columns about the parent.
    """

    column: str
    key: Attribute | None
    map: ColumnMap = attrs.field(factory=lambda: ColumnMap(destinations={}))


def find_parent_columns(
    columns: Sequence[str], mapping: ColumnMapping, schema: ObjectSchema, match: str | None
) -> ParentColumns:
    """Return the columns that are about the parents.

    Args:
        columns: The columns of the file.
        mapping: The part of the mapping that is about parents.
        schema: The attributes of the parents' object.
        match: The unique attribute that finds a parent; None where the mapping or the file says it.

    Raises:
        ConfigurationError: No column finds the parents.
    """
    if folded(match or "") == PARENT_COLUMN or (match is None and not mapping.columns):
        column = next((each for each in columns if folded(each) == PARENT_COLUMN), None)
        if column is None:
            raise ConfigurationError(
                f"--parent-match: no column maps to {PARENT_COLUMN!r} of {schema.name}, the parents of the entries; give a"
                " unique attribute that a column has"
            )
        return ParentColumns(column=column, key=None)
    if match is None:
        named = [schema.find(name) for name in mapping.columns.values() if "." not in name]
        unique = [each for each in named if each.is_unique]
        if len(unique) != 1:
            raise ConfigurationError(
                "--parent-match SLUG is needed: no single column maps to a unique attribute"
            )
        match = unique[0].slug
    key = unique_attribute(schema, match)
    names = {folded(name) for name in (key.slug, key.title)}
    mapped = next((each for each, name in mapping.columns.items() if folded(name) in names), None)
    wanted = {folded(mapped)} if mapped else names
    column = next((each for each in columns if folded(each) in wanted), None)
    if column is None:
        raise ConfigurationError(
            f"--parent-match: no column maps to {key.slug!r} of {schema.name}; the file has {', '.join(columns)}"
        )
    chosen = {**mapping.columns, column: key.slug}
    about = [each for each in columns if has_column(chosen, each)]
    found = map_columns(about, schema, attrs.evolve(mapping, columns=chosen))
    return ParentColumns(column=column, key=key, map=found)


class ParentRecords(Protocol):
    """The records of an object, which may be parents."""

    @property
    def name(self) -> str:
        """The slug of the object."""
        ...

    def query(self, filter: Filter, /) -> Paginator[Record]:
        """Return the matching records."""
        ...

    async def upsert(self, values: Mapping[str, object], *, match: str, nulls: Nulls) -> Record:
        """Update the record that has this value of `match`, or create one; return it."""
        ...


@attrs.define(kw_only=True)
class ParentFinder:
    """Finds the parents of rows, about 100 with one query.

    Attributes:
        records: The parent records.
        key: Their unique attribute that the rows name; None where the rows have the parents themselves.
        rows: The values of the parents, row by row, to create those that are missing; None if they are not created.
        is_planning: True creates nothing, and leaves rows without a parent out; they are counted.
        new: The number of parents that are missing and would be created, or were.
        new_rows: The number of rows that were left out.
    """

    records: ParentRecords
    key: Attribute | None
    rows: Callable[[], RowReader] | None = None
    is_planning: bool = False
    new: int = 0
    new_rows: int = 0
    _planned: set[str] = attrs.field(factory=set[str], init=False)

    async def with_parents(self, rows: Iterable[Row]) -> AsyncGenerator[Row]:
        """Yield the rows with their parents; a row without one fails."""
        if self.key is None:
            for row in rows:
                yield _with_known_parent(row)
            return
        remaining = iter(rows)
        values: Iterator[Row] = iter(()) if self.rows is None else iter(self.rows())
        while batch := list(islice(remaining, _PARENTS_PER_QUERY)):
            own = list(islice(values, len(batch)))
            failures: dict[int, AttioError] = {}
            keys = [self._form(self.key, row, failures, place) for place, row in enumerate(batch)]
            found = await self._found(self.key, {key for key in keys if key})
            refused: dict[str, AttioError] = {}
            if self.rows is not None:
                missing = _missing(keys, own, found, failures)
                if self.is_planning:
                    self._planned |= missing.keys()
                    self.new = len(self._planned)
                else:
                    await self._create(self.key, missing, found, refused)
            for place, (row, key) in enumerate(zip(batch, keys, strict=True)):
                failure = failures.get(place) or refused.get(key)
                is_new = self.is_planning and self.rows is not None and key and key not in found
                if is_new and failure is None and row.error is None:
                    self.new_rows += 1
                    continue
                yield self._with_parent(self.key, row, found.get(key), failure)

    @staticmethod
    def _form(key: Attribute, row: Row, failures: dict[int, AttioError], place: int) -> str:
        """Return the value of the key as Attio keeps it; empty if there is none, or it is not valid."""
        if not row.parent:
            return ""
        try:
            values = coerce(key, str(row.parent))
        except CoercionError as error:
            failures[place] = error
            return ""
        forms = Comparer(ObjectSchema("", [key])).keys(key.slug, values)
        return folded(str(forms[0])) if forms else ""

    async def _found(self, key: Attribute, wanted: set[str]) -> dict[str, str]:
        if not wanted:
            return {}
        found: list[Record] = [*await self.records.query(F[key.slug].in_(*sorted(wanted)))]
        return {folded(str(value)): record.id for record in found for value in record.all(key.slug)}

    async def _create(
        self, key: Attribute, missing: dict[str, Row], found: dict[str, str], failures: dict[str, AttioError]
    ) -> None:
        """Create the parents that are missing. Upserting by a unique value has the same result, however often."""
        limiter = anyio.CapacityLimiter(_CREATED_AT_ONCE)

        async def create(form: str, row: Row) -> None:
            async with limiter:
                try:
                    record = await self.records.upsert(row.values, match=key.slug, nulls="skip")
                except AttioError as error:
                    failures[form] = error
                else:
                    found[form] = record.id
                    self.new += 1

        async with task_group() as group:
            for form, row in missing.items():
                group.start_soon(create, form, row)

    def _with_parent(self, key: Attribute, row: Row, id_: str | None, failure: AttioError | None) -> Row:
        """Return the row with its parent; one that fails keeps what it has of it, so that it can be written later."""
        if row.error is None and failure is None and id_ is None:
            problem = f"has no parent: none of {self.records.name} has {row.parent!r} as {key.slug}"
            failure = UnreadableRow(problem)
        parent: object = None
        if id_ is not None:
            parent = RecordRef(self.records.name, id_)
        elif row.parent:
            parent = Ref(self.records.name, **{key.slug: row.parent})
        return LocatedRow(
            values=row.values,
            label=row.label,
            error=row.error or failure,
            id=row.id,
            parent=parent,
            given=(row.parent, row.error),
        )


def _missing(
    keys: Sequence[str], own: Sequence[Row], found: Container[str], failures: dict[int, AttioError]
) -> dict[str, Row]:
    """Return the parents to create, each with the first value of an attribute that one of its rows has.

    A row whose own values for the parent are invalid is among `failures` then.
    """
    missing: dict[str, Row] = {}
    for place, (key, row) in enumerate(zip(keys, own, strict=True)):
        if not key or key in found:
            continue
        if row.error is not None:
            failures[place] = row.error
            continue
        earlier = missing.get(key, row)
        given = {slug: value for slug, value in earlier.values.items() if value is not None}
        missing[key] = attrs.evolve(earlier, values={**row.values, **given})
    return missing


def _with_known_parent(row: Row) -> Row:
    """Return a row that has its parent; one without fails."""
    if row.error is not None or isinstance(row.parent, RecordRef):
        return row
    problem = f"has no parent: {row.parent!r} is not of the form OBJECT/ID"
    return attrs.evolve(row, error=UnreadableRow(problem))
