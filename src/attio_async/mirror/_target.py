"""The place that keeps a mirror: what one must do, and the values that it is given and returns.

A sweep reads everything that the mirror covers into the target's staging area, page by page, and commits it in one
transaction. Only what differs from the last sweep is decoded and staged: each row is known by a digest of what the API
sent. So a sweep that is interrupted leaves the tables as the last complete one made them.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import attrs
import msgspec

from ..errors import ConfigurationError
from ._report import MirrorStatus, RowCounts, TableChange
from ._tables import Column, ColumnType, Row, Table

FORMAT_VERSION = 1
"""The version of what a target keeps. It is raised when an older package could not read it."""

CREATED, CHANGED, DELETED, MERGED, SCHEMA = "created", "changed", "deleted", "merged", "schema"
"""The kinds of lines in the log of changes."""
OF_ROW = ":row"
"""The name of the origin of a row as a whole, among those of its cells."""


@attrs.frozen
class MirroredTable:
    """A table, and what it mirrors.

    Attributes:
        id: The id of the object or list, or the name of the resource. It stays when the table is renamed.
        table: The shape.
        history_of: The id of the table whose attribute's history this one has; empty for others. Its rows are replaced
            record by record, and are not in the log of changes.
    """

    id: str
    table: Table
    history_of: str = ""

    @property
    def name(self) -> str:
        """The name with that of the schema, such as "objects.companies"."""
        return f"{self.table.schema}.{self.table.name}"


@attrs.frozen
class StoredTable:
    """A table as the last sweep left it.

    Attributes:
        id: The id of what it mirrors.
        schema, name: Where it is.
        columns: Its columns, without `SYSTEM_COLUMNS`.
    """

    id: str
    schema: str
    name: str
    columns: tuple[Column, ...]


@attrs.frozen
class MirrorFacts:
    """The facts about a mirror that its database has.

    Attributes:
        format: See `FORMAT_VERSION`.
        mirror_id: What tells it from other mirrors, and is the same in copies.
        workspace_id: The workspace; None before the first sweep.
        sweep: The number of the last sweep.
        changed_sweep, changed_at: The last sweep that changed something, and its time.
        swept_at: The time of the last sweep.
    """

    format: int
    mirror_id: str
    workspace_id: str | None
    sweep: int
    changed_sweep: int
    changed_at: datetime | None
    swept_at: datetime | None


@attrs.frozen
class CellOrigin:
    """When and by whom the newest value of a cell was set, as far as the API says."""

    at: str | None = None
    actor_type: str | None = None
    actor_id: str | None = None


@attrs.frozen
class StagedRow:
    """A row that is new, or may differ from the one that is kept.

    Attributes:
        cells: The cells of the columns of its table. The first one is the id.
        changed_at: When its newest value was set; None where the API does not say.
        created: When and by whom the row was created.
        origins: When and by whom the values of the cells were set, by the names of the columns.
    """

    cells: Row
    changed_at: str | None = None
    created: CellOrigin = CellOrigin()
    origins: Mapping[str, CellOrigin] = attrs.field(factory=dict[str, CellOrigin])


@attrs.frozen
class Batch:
    """A part of a table that was read.

    Attributes:
        digests: A digest of each row as the API sent it, its id included, by the id of the row; of the record for a history.
        stale: The ids among them that `MirrorTarget.stale` returned.
        rows: The rows of these ids. A history has any number of rows for each.
        token: The position of the reader behind this part; None if reading cannot be resumed.
    """

    digests: Mapping[str, int]
    stale: Collection[str] = ()
    rows: Sequence[StagedRow] = ()
    token: str | None = None


@attrs.frozen
class TableProgress:
    """The part of a table that an interrupted sweep has read.

    Attributes:
        token: Where to resume reading; None to begin with the table anew.
        is_read: True if the table was read to its end.
        read: The rows read.
    """

    token: str | None = None
    is_read: bool = False
    read: int = 0


@attrs.frozen(kw_only=True)
class MirrorSweep:
    """A sweep: what it reads, and when it began.

    Attributes:
        workspace_id: The workspace.
        tables: The tables that it reads.
        began_at: When it began.
        resumable_from: An interrupted sweep of the same tables that began at this time or later is resumed.
        is_partial: True if only some rows of the tables are read. Those that it does not meet stay as they are.
    """

    workspace_id: str
    tables: tuple[MirroredTable, ...]
    began_at: datetime
    resumable_from: datetime
    is_partial: bool = False


@attrs.frozen(kw_only=True)
class Committed:
    """The result of a commit.

    Attributes:
        sweep: The number of the sweep.
        counts: The rows that differed, by the ids of the tables.
        schema_changes: How the tables were changed.
    """

    sweep: int
    counts: Mapping[str, RowCounts]
    schema_changes: tuple[TableChange, ...]

    @property
    def is_changed(self) -> bool:
        """True if anything differed."""
        return bool(self.schema_changes) or any(each.total for each in self.counts.values())


class OtherShape(Exception):
    """A partial sweep is not possible, since its tables have to change first."""


class MirrorTarget(Protocol):
    """A place that keeps a mirror. All methods block, and are called in worker threads, one at a time.

    A sweep is ``open`` and ``begin``; for each table ``stale`` and ``take`` for each part that is read, ``unseen`` with ``take``
    or ``drop`` for what was not met, and ``complete``; then ``commit``, ``publish`` and ``close``. A partial sweep is the
    same without ``unseen``: what is not met there and not dropped stays as it is.
    """

    @property
    def where(self) -> str:
        """The place, as messages show it: without a password."""
        ...

    @property
    def feed_path(self) -> Path | None:
        """The place for the file of a feed that the mirror follows; None if there is none. `open` creates its folder."""
        ...

    def open(self) -> None:
        """Open the target for writing, and create it if it is not there.

        Raises:
            ConfigurationError: It holds something else, has another format, or another writer has it open.
            StorageError: The disk is full, or cannot be written.
        """
        ...

    def begin(self, sweep: MirrorSweep) -> Mapping[str, TableProgress]:
        """Begin a sweep, or resume the one that was interrupted, and return what it has read by the ids of the tables.

        An interrupted sweep of other tables, or an older one, is thrown away. Empty if the sweep is new.

        Raises:
            OtherShape: It is partial, and its tables are kept in another shape.
        """
        ...

    def stale(self, table: MirroredTable, digests: Mapping[str, int]) -> Collection[str]:
        """Return the ids whose digest is not the one that was committed last, in any order. Changes nothing."""
        ...

    def take(self, table: MirroredTable, batch: Batch) -> None:
        """Note that these rows were seen, stage those that are stale, and keep the position.

        All of that becomes durable in one transaction. It may be a later one if nothing is stale: at the latest `complete`'s.
        """
        ...

    def unseen(self, table: MirroredTable, limit: int) -> Sequence[str]:
        """Return ids of kept rows that this sweep neither met nor dropped."""
        ...

    def drop(self, table: MirroredTable, gone: Mapping[str, str | None]) -> None:
        """Note that rows are gone; the values are the ids of the records that they were merged into, as far as known."""
        ...

    def complete(self, table: MirroredTable) -> None:
        """Note that a table was read to its end."""
        ...

    def commit(
        self, tables: Sequence[MirroredTable], *, at: datetime, retention: timedelta | None
    ) -> Committed:
        """Bring the tables to what was staged, and log the changes, in one transaction.

        Args:
            tables: The tables that were read to their end. Others stay as they are.
            at: The time that the log and the system columns get.
            retention: How long lines of the log are kept; None for ever.
        """
        ...

    def publish(self) -> bool:
        """Let readers see what was committed, and return True if they see something new."""
        ...

    def forget(self, ids: Collection[str]) -> int:
        """Remove what is kept about these records from tables, log, history and staging, and return the number of rows.

        The target is open for writing. Nothing of it may be left in a file.
        """
        ...

    def close(self) -> None:
        """Close the target, and undo what was not committed. Does nothing if it is closed."""
        ...

    def query(self, query: str, *, timeout: float, max_rows: int) -> list[dict[str, Any]]:
        """Return the rows of one SELECT. May be called while another process writes.

        Raises:
            ConfigurationError: It is not one SELECT, is not valid, takes too long or finds too much.
        """
        ...

    def status(self) -> MirrorStatus:
        """Return the state of the target. May be called while another process writes.

        Raises:
            ConfigurationError: It is not a mirror, or has another format.
        """
        ...


def check_format(found: int, where: str) -> None:
    """Reject a mirror of another format.

    Raises:
        ConfigurationError: It is another one.
    """
    if found != FORMAT_VERSION:
        raise ConfigurationError(
            f"{where} is a mirror of format {found}, and this version reads format {FORMAT_VERSION}; "
            "install the version that wrote it, or mirror into a new place"
        )


def schema_changes(old: StoredTable | None, new: MirroredTable) -> list[TableChange]:
    """Return how the shape of a table changed since the last sweep. Columns are the same by the ids of their attributes."""
    place = f"{new.table.schema}.{new.table.name}"
    if old is None:
        return [TableChange(table=place, change="table added")]
    found: list[TableChange] = []
    if (old.schema, old.name) != (new.table.schema, new.table.name):
        found.append(TableChange(table=place, change="table renamed", before=f"{old.schema}.{old.name}"))
    before = {_identity(column): column for column in old.columns}
    after = {_identity(column): column for column in new.table.columns}
    for identity, column in before.items():
        if identity not in after:
            found.append(TableChange(table=place, change="column removed", column=column.name))
    for identity, column in after.items():
        earlier = before.get(identity)
        if earlier is None:
            found.append(TableChange(table=place, change="column added", column=column.name))
            continue
        if earlier.name != column.name:
            found.append(
                TableChange(table=place, change="column renamed", column=column.name, before=earlier.name)
            )
        if earlier.type != column.type:
            found.append(
                TableChange(
                    table=place,
                    change="column retyped",
                    column=column.name,
                    before=earlier.type.duckdb,
                    after=column.type.duckdb,
                )
            )
    return found


def renamed_away(old: StoredTable, name: str) -> TableChange:
    """Return the change of a table that is not read any more, and whose name another one takes."""
    return TableChange(
        table=f"{old.schema}.{name}", change="table renamed", before=f"{old.schema}.{old.name}"
    )


def in_order(changes: Sequence[TableChange]) -> Iterator[TableChange]:
    """Yield the changes of all tables so that they can be made one by one."""
    renamed = {each.before: each.table for each in changes if each.change == "table renamed"}
    for old, new in _steps(renamed):
        yield TableChange(table=new, change="table renamed", before=old)
    for table in dict.fromkeys(each.table for each in changes):
        own = [each for each in changes if each.table == table and each.change != "table renamed"]
        yield from (each for each in own if each.change == "column removed")
        renamed = {each.before: each.column for each in own if each.change == "column renamed"}
        for old, new in _steps(renamed):
            yield TableChange(table=table, change="column renamed", column=new, before=old)
        yield from (each for each in own if each.change not in {"column removed", "column renamed"})


def _steps(renamed: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return old and new names in an order in which no new name is still in use: names that were swapped take a third one."""
    left, steps = dict(renamed), list[tuple[str, str]]()
    while left:
        old = next((old for old, new in left.items() if new not in left), None)
        if old is None:
            old = next(iter(left))
            left[f"{old}:"], left[old] = left[old], f"{old}:"
        steps.append((old, left.pop(old)))
    return steps


def kept_columns(old: StoredTable, new: MirroredTable) -> Mapping[str, str]:
    """Return the names that columns of the new shape had before, for those whose cells stay as they are."""
    before = {_identity(column): column for column in old.columns}
    return {
        column.name: before[identity].name
        for column in new.table.columns
        if (identity := _identity(column)) in before and before[identity].type == column.type
    }


def _identity(column: Column) -> str:
    return column.attribute_id or f" {column.name}"


def oldest_kept(at: datetime, retention: timedelta) -> datetime | None:
    """Return the time from which on lines of the log are kept; None if it is before all times."""
    try:
        return at - retention
    except OverflowError:
        return None


class _StoredColumn(msgspec.Struct, array_like=True):
    """A column, as the table of tables has it."""

    name: str
    kind: Any
    members: tuple[str, ...]
    is_array: bool
    attribute_id: str


def encode_columns(columns: Sequence[Column]) -> str:
    """Return columns as the JSON that a target keeps."""
    return msgspec.json.encode(
        [
            _StoredColumn(one.name, one.type.kind, one.type.members, one.type.is_array, one.attribute_id)
            for one in columns
        ]
    ).decode()


def decode_columns(encoded: str) -> tuple[Column, ...]:
    """Return the columns that a target kept."""
    found = msgspec.json.decode(encoded, type=list[_StoredColumn])
    return tuple(
        Column(one.name, ColumnType(one.kind, one.members, one.is_array), one.attribute_id) for one in found
    )


def plan_of(sweep: MirrorSweep) -> str:
    """Return a text that is the same for sweeps that read the same tables in the same shapes; empty if they cannot be resumed."""
    if sweep.is_partial:
        return ""
    return msgspec.json.encode(
        [
            (each.id, each.table.schema, each.table.name, encode_columns(each.table.columns))
            for each in sweep.tables
        ]
    ).decode()


def check_shapes(stored: Mapping[str, StoredTable], sweep: MirrorSweep) -> None:
    """Reject a partial sweep of tables that are kept in another shape, such as one that another process gave them.

    Raises:
        OtherShape: They are.
    """
    if sweep.is_partial and any(schema_changes(stored.get(each.id), each) for each in sweep.tables):
        raise OtherShape


def can_resume(kept: Sequence[Any] | None, facts: MirrorFacts, sweep: MirrorSweep) -> tuple[bool, bool]:
    """Return True if the digests that are staged are of the last sweep, and True if its interrupted successor is this sweep.

    Args:
        kept: The id of the mirror, the sweep that the digests are of, the plan and the beginning of the interrupted sweep,
            as they are staged; None if nothing is.
        facts: The mirror.
        sweep: The sweep that begins.
    """
    if kept is None or tuple(kept[:2]) != (facts.mirror_id, facts.sweep):
        return False, False
    return True, not sweep.is_partial and kept[2] == plan_of(sweep) and kept[3] >= sweep.resumable_from


def read_progress(
    sweep: MirrorSweep, rows: Iterable[tuple[str, str | None, bool, int]]
) -> tuple[dict[str, TableProgress], list[MirroredTable]]:
    """Return what an interrupted sweep has read by the ids of the tables, and the tables that are to be read anew.

    Args:
        sweep: The sweep.
        rows: The id of a table, its position, if it was read to its end and how many rows, for each part in order.
    """
    found: dict[str, TableProgress] = {}
    for id_, token, is_read, read in rows:
        before = found.get(id_, TableProgress())
        found[id_] = TableProgress(token, is_read, before.read + read)
    anew: list[MirroredTable] = []
    for table in sweep.tables:  # a history is read along with what it is of
        known = found.get(table.history_of or table.id)
        if known is None or (known.token is None and not known.is_read):
            anew.append(table)
    for table in anew:
        found.pop(table.id, None)
    return found, anew


def columns_about_records(table: StoredTable) -> list[Column]:
    """Return the columns that tell which record a row is about, such as that of an entry or of a note."""
    return [
        column
        for column in table.columns
        if (column.name == "parent_record" and column.type.kind == "struct")
        or (column.name in {"parent_record_id", "record_id"} and table.schema != "objects")
    ]


def as_dicts(names: Sequence[str], rows: Sequence[Sequence[Any]], max_rows: int) -> list[dict[str, Any]]:
    """Return the rows of a query as dicts.

    Raises:
        ConfigurationError: There are too many, or two columns have the same name.
    """
    if len(rows) > max_rows:
        raise ConfigurationError(
            f"the query finds more than {max_rows:,} rows; add a LIMIT, or raise max_rows"
        )
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ConfigurationError(f"two columns of the result are called {twice!r}; name one with AS")
    return [dict(zip(names, row, strict=True)) for row in rows]
