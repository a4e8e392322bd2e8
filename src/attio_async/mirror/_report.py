"""The report of a refresh, and the state of a mirror, as callers get them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import attrs

from attio_async_api.json_data import JsonData

from .._utils.public import public


@public
@attrs.frozen(kw_only=True)
class RowCounts(JsonData):
    """The rows of a table that differed since the last sweep.

    Attributes:
        created: Rows that are new.
        changed: Rows with a cell that differs.
        deleted: Rows that are gone; those that were merged into another record count as `merged` instead.
        merged: Records that are known to be merged into another one.
    """

    created: int = 0
    changed: int = 0
    deleted: int = 0
    merged: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.created + self.changed + self.deleted + self.merged


@public
@attrs.frozen(kw_only=True)
class TableReport(JsonData):
    """The part of a report that is about one table.

    Attributes:
        table: The table, such as "objects.companies".
        read: The rows read.
        rows: Those that differed.
    """

    table: str
    read: int
    rows: RowCounts

    def __str__(self) -> str:
        kinds = ("created", "changed", "deleted", "merged")
        parts = [f"{count:,} {kind}" for kind in kinds if (count := getattr(self.rows, kind))]
        return f"{self.table}: {self.read:,} read, {', '.join(parts) or 'nothing new'}"


@public
@attrs.frozen(kw_only=True)
class TableChange(JsonData):
    """A change of a table's shape, which follows the schema of the workspace.

    Attributes:
        table: The table as it is now, such as "objects.companies".
        change: The kind of change. A column is removed when its attribute is archived or deleted.
        column: The column as it is now; empty for a change of the table.
        before: The name or type before; empty for what was added or removed.
        after: The type after; empty for other changes.
    """

    table: str
    change: Literal[
        "table added", "table renamed", "column added", "column renamed", "column retyped", "column removed"
    ]
    column: str = ""
    before: str = ""
    after: str = ""

    def __str__(self) -> str:
        what = f"{self.table}.{self.column}" if self.column else self.table
        before = f" from {self.before}" if self.before else ""
        after = f" to {self.after}" if self.after else ""
        return f"{what}: {self.change}{before}{after}"


@public
@attrs.frozen(kw_only=True)
class LeftOut(JsonData):
    """Something that the mirror covers and the token may not read. Its table stays as the last sweep left it.

    Attributes:
        name: What it is, such as "notes" or "lists.sales".
        reason: The reason, as the API gave it.
        missing_scopes: The scopes that the token lacks, as far as known.
    """

    name: str
    reason: str
    missing_scopes: tuple[str, ...] = ()

    def __str__(self) -> str:
        scopes = f" (needs {', '.join(self.missing_scopes)})" if self.missing_scopes else ""
        return f"{self.name}: left out{scopes}: {self.reason}"


@public
@attrs.frozen(kw_only=True)
class RefreshReport(JsonData):
    """The report of a refresh.

    Attributes:
        sweep: The number of the sweep.
        began_at: When it began, in UTC.
        seconds: How long it took.
        is_resumed: True if it went on with one that was interrupted. What that one had read is as old as it was then.
        tables: What was found in each table.
        schema_changes: How the shapes of tables changed.
        left_out: What the token may not read.
        is_published: True if readers see something new.
        is_partial: True if only those rows were read that webhooks had told of.
    """

    sweep: int
    began_at: datetime
    seconds: float
    is_resumed: bool
    tables: tuple[TableReport, ...]
    schema_changes: tuple[TableChange, ...]
    left_out: tuple[LeftOut, ...]
    is_published: bool
    is_partial: bool = False

    @property
    def is_changed(self) -> bool:
        """True if anything differed since the last sweep."""
        return bool(self.schema_changes) or any(table.rows.total for table in self.tables)

    def __str__(self) -> str:
        return "\n".join(map(str, (*self.tables, *self.schema_changes, *self.left_out)))


@public
@attrs.frozen(kw_only=True)
class MirrorStatus(JsonData):
    """The state of a mirror, as readers see it.

    Attributes:
        where: The file or database.
        format: The version of its format.
        workspace_id: The workspace that it mirrors.
        sweep: The number of the last sweep that changed something.
        changed_at: When that sweep ended, in UTC.
        swept_at: When the last complete sweep ended, whether it changed something or not.
        rows: The number of rows of each table, such as "objects.companies".
        changes: The number of lines in the log of changes.
    """

    where: str
    format: int
    workspace_id: str
    sweep: int
    changed_at: datetime | None
    swept_at: datetime | None
    rows: Mapping[str, int]
    changes: int
