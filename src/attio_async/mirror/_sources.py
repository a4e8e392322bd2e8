"""The sources of a mirror: the records of objects, the entries of lists, what the workspace has beside them, and histories."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from functools import partial
from hashlib import sha1
from typing import Any, Protocol, cast

import anyio
import attrs
import msgspec

from .._pagination.paginator import Paginator
from .._records.models import AttributeMapping, Entry, encoded_record, raw_values, write_fingerprint
from .._resources.comments import Comments, Threads
from .._resources.meetings import Meetings
from .._resources.notes import Notes
from .._resources.tasks import Tasks
from .._resources.workspace import WorkspaceMembers
from .._utils.concurrency import sole
from .._workspace.history import History
from .._workspace.merges import Merges
from .._workspace.rows import Rows
from .._workspace.scan import PARALLEL
from .._workspace.session import Session
from ..errors import NotFound
from ._tables import Column, ColumnType, Table, TableField, history_row, resource_row, row_of
from ._target import CellOrigin, MirroredTable, StagedRow

_ROWS_PER_BATCH = 400
"""Less than a page of a scan has, so that no page waits for another one."""
_IDS_PER_QUERY = 100
_AT_ONCE = 16
HISTORY = "history"
"""The schema of the tables with histories."""


@attrs.frozen
class ReadPart:
    """Rows that were read, and are decoded only if they are stale.

    Attributes:
        digests: The digest of each row, by its id.
        rows: Returns the rows of these ids. It takes a while.
        token: The position of the reader behind them.
    """

    digests: Mapping[str, int]
    rows: Callable[[Collection[str]], Sequence[StagedRow]]
    token: str | None = None


Take = Callable[[MirroredTable, ReadPart], Awaitable[None]]


class MirrorSource(Protocol):
    """One thing that a mirror reads."""

    @property
    def table(self) -> MirroredTable: ...
    @property
    def histories(self) -> "Sequence[MirroredHistory]": ...
    async def read(self, token: str | None, take: Take) -> None:
        """Read everything, beginning at a position."""
        ...

    async def find(self, ids: Sequence[str], take: Take) -> Mapping[str, str | None]:
        """Read rows that were not met by their ids, and return those that are gone, and what they were merged into."""
        ...

    async def read_again(self, ids: Sequence[str], take: Take) -> Mapping[str, str | None]:
        """Read rows that may have changed by their ids, and return those that are gone, as `find` does."""
        ...


class _Setting(msgspec.Struct):
    """When and by whom a value was set."""

    active_from: str | None = None
    created_by_actor: dict[str, Any] | None = None


class _Settings(msgspec.Struct):
    created_at: str | None = None
    values: dict[str, list[_Setting]] = {}
    entry_values: dict[str, list[_Setting]] = {}


class _SettingsAnswer(msgspec.Struct):
    data: _Settings


_settings = msgspec.json.Decoder(_SettingsAnswer)


@attrs.frozen
class MirroredRows:
    """The records of an object, or the entries of a list."""

    table: MirroredTable
    rows: Rows[Any]
    merges: Merges
    histories: "Sequence[MirroredHistory]" = ()

    async def read(self, token: str | None, take: Take) -> None:
        """Read all of them, several pages at once."""
        table, shape = self.table.table, _shape(self.table.table)
        part = _Records(table, shape)
        async with self.rows.scan(parallel=PARALLEL, resume=token, sealed=True) as scan:
            async for page in scan.pages():
                part.add(page)  # page by page, since other pages wait meanwhile
                if len(part.records) >= _ROWS_PER_BATCH:
                    await self._take(part, scan.token, take)
                    part = _Records(table, shape)
            await self._take(part, scan.token, take)

    async def find(self, ids: Sequence[str], take: Take) -> Mapping[str, str | None]:
        """Read records by their ids: a scan meets all that existed before it began."""
        gone: dict[str, str | None] = {}
        shape = _shape(self.table.table)
        for start in range(0, len(ids), _IDS_PER_QUERY):
            found = await self.rows.get_many(ids[start : start + _IDS_PER_QUERY])
            part = _Records(self.table.table, shape)
            part.add(found.records)
            await self._take(part, None, take)
            for id_ in found.missing:
                now = await self.merges.follow(id_)
                gone[id_] = None if now == id_ else now
        return gone

    read_again = find

    async def _take(self, part: "_Records", token: str | None, take: Take) -> None:
        if not part.records:
            return
        for history in self.histories:
            await history.take(part.records, take)
        await take(self.table, ReadPart(part.digests, part.staged, token))


class _Records:
    """Records or entries that were read, and their digests."""

    def __init__(self, table: Table, shape: int) -> None:
        self._table = table
        self._shape = shape
        self._buffer = bytearray()
        self.records: list[AttributeMapping] = []
        self.digests: dict[str, int] = {}

    def add(self, records: Sequence[AttributeMapping]) -> None:
        """Add a page."""
        self.records += records
        for each in records:
            write_fingerprint(each, self._buffer)
            self.digests[each.id] = _digest(self._buffer) ^ self._shape

    def staged(self, ids: Collection[str]) -> list[StagedRow]:
        """Return the rows of these ids."""
        wanted = set(ids)
        return [_staged_record(one, self._table) for one in self.records if one.id in wanted]


def _staged_record(record: AttributeMapping, table: Table) -> StagedRow:
    try:
        settings = _settings.decode(encoded_record(record)).data
    except (msgspec.DecodeError, UnicodeDecodeError):  # another shape; then nobody knows
        return StagedRow(row_of(record, table))
    found = {
        slug: _newest(values) for slug, values in (settings.values or settings.entry_values).items() if values
    }
    creator = (settings.values or settings.entry_values).get("created_by")
    created = (
        attrs.evolve(_newest(creator), at=settings.created_at) if creator else CellOrigin(settings.created_at)
    )
    if creator:
        created = _creator(record, created)
    moments = [origin.at for origin in found.values() if origin.at]
    return StagedRow(row_of(record, table), max(moments, default=None), created, found)


def _creator(record: AttributeMapping, created: CellOrigin) -> CellOrigin:
    """Return who created a record: the value of its attribute, not who set that."""
    actor = record.first("created_by")
    return attrs.evolve(created, actor_type=getattr(actor, "type", None), actor_id=getattr(actor, "id", None))


def _newest(values: Sequence[_Setting]) -> CellOrigin:
    newest = max(values, key=lambda value: value.active_from or "")
    actor = newest.created_by_actor or {}
    return CellOrigin(newest.active_from, _text_of(actor.get("type")), _text_of(actor.get("id")))


def _text_of(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _shape(table: Table) -> int:
    """Return a digest of what the cells of a table depend on beside the values. Those of its rows are combined with it."""
    return _digest(repr((table.columns, sorted(table.objects.items()))).encode())


def _digest(text: bytes | bytearray) -> int:
    """Return what tells a changed row from an unchanged one. SHA-1 is the fastest here: processors have it built in."""
    return int.from_bytes(sha1(text, usedforsecurity=False).digest()[:8], "big", signed=True)


# What the workspace has beside records and entries


_LISTS: Mapping[str, Callable[[Session], Paginator[Any]]] = {
    "members": lambda session: WorkspaceMembers(session).list(),
    "notes": lambda session: Notes(session).list(),
    "tasks": lambda session: Tasks(session).list(),
    "meetings": lambda session: Meetings(session).list(),
}
_GETS: Mapping[str, Callable[[Session, str], Awaitable[Any]]] = {
    "members": lambda session, id_: WorkspaceMembers(session).get(id_),
    "notes": lambda session, id_: Notes(session).get(id_),
    "tasks": lambda session, id_: Tasks(session).get(id_),
    "meetings": lambda session, id_: Meetings(session).get(id_),
    "comments": lambda session, id_: Comments(session).get(id_),
}


@attrs.frozen
class MirroredResource:
    """The members, notes, tasks or meetings of the workspace."""

    table: MirroredTable
    session: Session
    histories: "Sequence[MirroredHistory]" = ()

    async def read(self, token: str | None, take: Take) -> None:
        """Read all of them; lists of them cannot be resumed."""
        del token
        page: list[Mapping[str, Any]] = []
        async for found in _LISTS[self.table.id](self.session):
            page.append(found.raw)
            if len(page) == _ROWS_PER_BATCH:
                await self._take(page, take)
                page = []
        await self._take(page, take)

    async def find(self, ids: Sequence[str], take: Take) -> Mapping[str, str | None]:
        """Read each by its id: what is deleted while a list is read shifts the pages behind it."""
        gone: dict[str, str | None] = {}
        for id_ in ids:
            try:
                found = await _GETS[self.table.id](self.session, id_)
            except NotFound:
                gone[id_] = None
            else:
                await self._take([found.raw], take)
        return gone

    read_again = find

    async def _take(self, raws: Sequence[Mapping[str, Any]], take: Take) -> None:
        if raws:
            await take(self.table, resource_part(self.table.table, raws))


def resource_part(table: Table, raws: Sequence[Mapping[str, Any]]) -> ReadPart:
    """Return things beside records and entries as they were read."""
    key, shape = table.key, _shape(table)
    encode = partial(msgspec.json.encode, order="deterministic")
    by_id = {str(raw["id"][key]): raw for raw in raws}

    def build(ids: Collection[str]) -> list[StagedRow]:
        return [_staged_resource(by_id[id_], table) for id_ in ids]

    return ReadPart({id_: _digest(encode(raw)) ^ shape for id_, raw in by_id.items()}, build)


def _staged_resource(raw: Mapping[str, Any], table: Table) -> StagedRow:
    at = _text_of(raw.get("created_at"))
    actor: object = raw.get("created_by_actor") or raw.get("author")
    by = cast("dict[str, object]", actor) if isinstance(actor, dict) else {}
    return StagedRow(
        resource_row(raw, table), at, CellOrigin(at, _text_of(by.get("type")), _text_of(by.get("id")))
    )


@attrs.frozen
class MirroredComments:
    """The comments on records and entries.

    The API lists threads by what they are on, so that takes a request for each record and entry.
    """

    table: MirroredTable
    session: Session
    rows: Sequence[Rows[Any]]
    histories: "Sequence[MirroredHistory]" = ()

    async def read(self, token: str | None, take: Take) -> None:
        """Read the comments on everything that the mirror covers."""
        del token
        page: list[Mapping[str, Any]] = []
        met = set[str]()
        for rows in self.rows:
            waiting: list[Any] = []
            async for row in rows.scan():
                waiting.append(row)
                if len(waiting) == _AT_ONCE:
                    page += await self._comments(waiting, met)
                    waiting = []
                if len(page) >= _ROWS_PER_BATCH:
                    await take(self.table, resource_part(self.table.table, page))
                    page = []
            page += await self._comments(waiting, met)
        if page:
            await take(self.table, resource_part(self.table.table, page))

    async def find(self, ids: Sequence[str], take: Take) -> Mapping[str, str | None]:
        """Read each by its id: a merge moves comments to a record that was read before, or after."""
        return await MirroredResource(self.table, self.session).find(ids, take)

    read_again = find

    async def _comments(self, rows: Sequence[Any], met: set[str]) -> list[Mapping[str, Any]]:
        """Return the comments on these that were not met before, and add them to those met."""
        new: list[Mapping[str, Any]] = []
        for found in await gather(rows, self._comments_on):
            for raw in found:
                id_ = str(raw["id"]["comment_id"])
                if id_ not in met:  # a merge moved it meanwhile
                    met.add(id_)
                    new.append(raw)
        return new

    async def _comments_on(self, row: AttributeMapping) -> list[Mapping[str, Any]]:
        threads, found = Threads(self.session), list[Mapping[str, Any]]()
        is_entry = isinstance(row, Entry)
        try:
            async for thread in threads.list(
                record=None if is_entry else row, entry=row if is_entry else None
            ):
                comments = (
                    (await threads.get(thread)).comments if thread.has_more_comments else thread.comments
                )
                found += [comment.raw for comment in comments]
        except NotFound:  # deleted meanwhile
            return []
        return found


# Histories


def history_table(owner: MirroredTable, field: TableField, taken: Collection[str] = ()) -> MirroredTable:
    """Return the table of the values that an attribute had over time, one row for each.

    Args:
        owner: The table with the attribute.
        field: The attribute.
        taken: The names of other histories, in lower case. One with such a name ends with the id of its attribute.
    """
    table = owner.table
    text, timestamp = ColumnType("text"), ColumnType("timestamp")
    column = next(one for one in table.columns if one.name == field.name)
    columns = (
        Column(table.key, text),
        Column("value", attrs.evolve(field.type, is_array=False), column.attribute_id),
        Column("active_from", timestamp),
        Column("active_until", timestamp),
        Column("actor_type", text),
        Column("actor_id", text),
        Column("_other_values", text),
    )
    name = f"{table.name}_{field.name}"
    if name.lower() in taken:  # such as that of a list with the slug of an object
        name = f"{name}_{column.attribute_id}"
    shape = Table(HISTORY, name, columns, table.objects, (field,))
    return MirroredTable(f"{owner.id}:{column.attribute_id}", shape, history_of=owner.id)


@attrs.frozen
class MirroredHistory:
    """The values that one attribute of an object or list had over time. They are read for records whose value changed."""

    table: MirroredTable
    rows: Rows[Any]
    history: History
    stale: Callable[[MirroredTable, Mapping[str, int]], Awaitable[Collection[str]]]

    @property
    def slug(self) -> str:
        """The attribute."""
        return self.table.table.fields[0].name

    async def take(self, records: Sequence[AttributeMapping], take: Take) -> None:
        """Read the histories of those records whose values of the attribute are new."""
        shape = _shape(self.table.table)
        digests = {
            one.id: _digest(one.id.encode() + bytes(raw_values(one).get(self.slug, b"[]"))) ^ shape
            for one in records
        }
        stale = list(await self.stale(self.table, digests))
        rows: dict[str, list[StagedRow]] = {}
        for start in range(0, len(stale), _AT_ONCE):
            ids = stale[start : start + _AT_ONCE]
            for id_, values in zip(ids, await gather(ids, self._read), strict=True):
                rows[id_] = [self._row(id_, value) for value in values]
        await take(
            self.table, ReadPart(digests, lambda ids: [row for id_ in ids for row in rows.get(id_, ())])
        )

    async def _read(self, id_: str) -> list[Mapping[str, Any]]:
        try:
            return [value.raw for value in await self.history.read_exact(self.rows, id_, self.slug)]
        except NotFound:  # deleted meanwhile
            return []

    def _row(self, id_: str, raw: Mapping[str, Any]) -> StagedRow:
        return StagedRow(history_row(id_, raw, self.table.table), _text_of(raw.get("active_from")))


async def gather(items: Sequence[Any], work: Callable[[Any], Awaitable[Any]]) -> list[Any]:
    """Return what each item becomes, in their order; all are worked on at the same time."""
    results: dict[int, Any] = {}

    async def run(place: int, item: Any) -> None:
        results[place] = await work(item)

    try:
        async with anyio.create_task_group() as group:
            for place, item in enumerate(items):
                group.start_soon(run, place, item)
    except BaseExceptionGroup as errors:
        raise sole(errors) from None
    return [results[place] for place in range(len(items))]
