"""The sources of a feed: the records of an object, the entries of a list, and notes, tasks and comments.

A source reads page by page what it has now, reads some of it again by id, and tells what does not exist any more.
"""

import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from functools import partial
from typing import Any, Protocol, cast

import attrs

from attio_async_api.api.comments import get_comment
from attio_async_api.api.notes import get_note, list_notes
from attio_async_api.api.tasks import get_task, list_tasks
from attio_async_api.api.threads import get_thread, list_threads

from ..._records.models import Entry, Record
from ..._schema import ObjectSchema, owner_ids
from ..._utils.concurrency import gather
from ..._workspace.history import History
from ..._workspace.identity import identify
from ..._workspace.list_page import max_page_size, paginate
from ..._workspace.merge import wait_for_merge
from ..._workspace.rows import MAX_PAGE_SIZE, Rows
from ..._workspace.scan import Scan
from ..._workspace.session import Endpoint, Session, item_reader, list_reader
from ...errors import MergeInProgress, NotFound
from .._export.rows import select_attributes
from .diff import NO_VALUES, Image, Sighting, latest_moment, moment_of, sight_item, sight_row, value_keys
from .events import ITEM_TYPES, Acknowledge, AnyChange, Item, item_change, item_of, row_change, row_of
from .snapshot import FeedState, StoredChange, Sweep
from .timeline import Timeline

_MOST_AT_ONCE = 8
"""Requests of a source that may be in flight at once."""

_READ_ALONE = 10
"""The most records that are read each by itself, and not by one query."""

_PARENTS_PER_PAGE = 50
"""The records and entries whose comments are read in one go."""

_FEW_VALUES = 5
"""Fewer values certainly come in one page."""

_TIME_OF_ALL = "~"
"""Later than every time."""


@attrs.frozen
class FoundById:
    """The result of reading some things by their ids.

    Attributes:
        found: Those that exist.
        gone: The ids of those that do not.
    """

    found: list[Sighting]
    gone: list[str]


@attrs.frozen
class FoundPage:
    """A page of what a source has, and the position after it."""

    found: list[Sighting]
    token: str | None


class FeedSource(Protocol):
    """A collection that a feed follows.

    Attributes:
        name: The name that changes have as `object`.
        key: The key in the state file, the same for ever.
        owner: The id of the object or list that events name; "notes", "tasks" or "comments" for these.
        sweep: The position of its sweeps.
    """

    name: str
    key: str
    owner: str
    sweep: Sweep

    async def describe(self) -> Mapping[str, Any]:
        """Read what the source is about, and return the ids that tell it from others."""
        ...

    def start(self) -> None:
        """Begin reading all of it, at the position of the sweep."""
        ...

    def ahead(self) -> AbstractAsyncContextManager[object]:
        """Return a block in which pages are read ahead, where that can be done."""
        ...

    def stop(self) -> bool:
        """Begin no further page in this block. Return True if pages are on their way, which `page` still returns."""
        ...

    async def page(self) -> FoundPage | None:
        """Return the next page; None after the last."""
        ...

    async def read(self, ids: Sequence[str]) -> FoundById:
        """Read some of it by their ids."""
        ...

    def change(self, place: int, stored: StoredChange, acknowledge: Acknowledge) -> AnyChange[Any]:
        """Return a stored change as callers get it."""
        ...

    def item(self, image: Image) -> Item:
        """Return what was seen, as callers get it."""
        ...


class RowSource:
    """The records of an object, or the entries of a list.

    Args:
        rows: The records or entries.
        history: Reads the history of an attribute.
        select: The attributes to watch; all that are in use when None.
        unfolded: The attributes whose history is read.
        state: The state file.
        parallel: The most pages to read at once.
    """

    sweep: Sweep

    def __init__(
        self,
        rows: Rows[Any],
        history: History,
        select: Sequence[str] | None,
        unfolded: Sequence[str],
        state: FeedState,
        *,
        parallel: int,
    ) -> None:
        self.name: str = rows.name
        self._parallel = parallel
        self.key: str = ""
        self.owner: str = ""
        self._rows = rows
        self._history = history
        self._select = select
        self._unfolded_names = unfolded
        self._unfolded: Mapping[str, bool] = {}
        self._watched: frozenset[str] | None = None
        self._schema = ObjectSchema(rows.name, ())
        self._state = state
        self._scan: Scan[Any] | None = None

    async def describe(self) -> Mapping[str, Any]:
        identity = await identify(self._rows.session)
        located = await self._rows.located()
        located.schemas.forget(located.name, target=located.kind.target)  # slugs may have changed
        self._rows = await located.checked()
        schema = self._schema = await self._rows.schema()
        self.name = self._rows.name
        owners = owner_ids(schema.attributes.values())
        self.owner = owners.get("list" if self._rows.kind.target == "lists" else "object", self.name)
        self.key = f"{self._rows.kind.target}/{self.owner}"
        if self._select is not None:
            watched = [found.id or found.slug for found in select_attributes(schema, self._select)]
            self._watched = frozenset(watched)
        unfolded = [schema.find(name) for name in self._unfolded_names]
        self._unfolded = {found.id or found.slug: found.is_multiselect for found in unfolded}
        return {
            **owners,
            "workspace": identity.workspace_id,
            "choice of attributes": None if self._watched is None else sorted(self._watched),
        }

    def start(self) -> None:
        self._scan = self._rows.scan(
            page_size=MAX_PAGE_SIZE, resume=self.sweep.token, parallel=self._parallel
        )

    def ahead(self) -> AbstractAsyncContextManager[object]:
        return nullcontext() if self._scan is None else self._scan

    def stop(self) -> bool:
        if self._scan is not None:
            self._scan.stop()
        return True

    async def page(self) -> FoundPage | None:
        if self._scan is not None:
            async for rows in self._scan.pages():
                return FoundPage(await self._sight(rows), self._scan.token)
        return None

    async def read(self, ids: Sequence[str]) -> FoundById:
        found: list[Record | Entry] = []
        missing = list(ids)
        if len(ids) > _READ_ALONE:
            many = await self._rows.get_many(ids)
            found, missing = list(many.records), list(many.missing)
        alone = dict(zip(missing, await gather(missing, self._get, limit=_MOST_AT_ONCE), strict=True))
        found += [row for row in alone.values() if isinstance(row, Record | Entry)]
        return FoundById(await self._sight(found), [id_ for id_, row in alone.items() if row is None])

    async def _get(self, id_: str) -> Record | Entry | bool | None:
        """Return a record or entry; None if it does not exist, and False while a merge keeps it from being read."""
        try:
            row: Record | Entry = await wait_for_merge(self._rows.session, lambda: self._rows.get(id_))
        except MergeInProgress:
            return False
        except NotFound:
            return None
        return row

    def change(self, place: int, stored: StoredChange, acknowledge: Acknowledge) -> AnyChange[Any]:
        return row_change(self.name, place, stored, self._schema, acknowledge)

    def item(self, image: Image) -> Item:
        return row_of(image, self._schema)

    async def _sight(self, rows: Sequence[Record | Entry]) -> list[Sighting]:
        for row in rows:
            if row.schema is not None and row.schema is not self._schema:
                self._schema = row.schema  # newer: attributes were added or renamed
        sightings = [sight_row(row, self._watched) for row in rows]
        if not self._unfolded or not sightings:
            return sightings
        before = await self._state.images(self.sweep, [each.image.own_id for each in sightings])
        needed = [
            (sighting, attribute_id)
            for sighting in sightings
            for attribute_id, is_multiselect in self._unfolded.items()
            if self._needs_history(sighting, before, attribute_id, is_multiselect=is_multiselect)
        ]
        lost: set[str] = set()

        async def unfold(each: tuple[Sighting, str]) -> None:
            sighting, attribute_id = each
            id_ = sighting.image.own_id
            try:
                timeline = await self._timeline(id_, attribute_id)
            except NotFound:
                lost.add(id_)  # deleted since it was read
                return
            self._unfold(sighting, attribute_id, timeline, before.get(id_))

        await gather(needed, unfold, limit=_MOST_AT_ONCE)
        return [sighting for sighting in sightings if sighting.image.own_id not in lost]

    async def _timeline(self, id_: str, attribute_id: str) -> Timeline:
        """Read the history of an attribute. One of several values that takes several pages is read until it is the same."""
        read = partial(self._history.read, self._rows, id_, attribute_id)
        values = [value.raw for value in await read()]
        if not self._unfolded[attribute_id]:
            return Timeline.of_one(values)
        while len(values) >= _FEW_VALUES:
            again = [value.raw for value in await read()]
            if again == values:
                break
            values = again
        return Timeline(values)

    def _needs_history(
        self, sighting: Sighting, before: Mapping[str, Any], attribute_id: str, *, is_multiselect: bool
    ) -> bool:
        """Return True unless the values alone tell that there was no change: a value that was set again has a new time."""
        if attribute_id not in sighting.known:
            return False
        values = sighting.image.values_of(attribute_id)
        known = before.get(sighting.image.own_id)
        if is_multiselect or values == NO_VALUES:
            return True
        if known is None:
            return not self.sweep.is_first
        return value_keys(known.values_of(attribute_id)) != value_keys(values)

    def _unfold(self, sighting: Sighting, attribute_id: str, timeline: Timeline, before: Any) -> None:
        image = sighting.image
        if before is not None:
            since = before.positions.get(attribute_id) or latest_moment(before.values_of(attribute_id))
        elif self.sweep.is_first or moment_of(image.created_at) <= self.sweep.horizon:
            since = _TIME_OF_ALL  # its past is not part of the feed, or that of a record it was merged from
        else:
            since = moment_of(image.created_at)
            sighting.first[attribute_id] = timeline.at(since)
        sighting.steps[attribute_id] = timeline.steps(since)
        image.positions[attribute_id] = timeline.end
        now = timeline.at(_TIME_OF_ALL)
        if value_keys(now) != value_keys(image.values_of(attribute_id)):
            image.values[attribute_id] = now  # it changed between the two reads
        if now == NO_VALUES:
            image.values.pop(attribute_id, None)


@attrs.frozen
class ItemKind:
    """The notes, tasks or comments of a workspace: how they are read, and their fields."""

    name: str
    get: Endpoint
    list: Endpoint | None = None

    @property
    def fields(self) -> frozenset[str]:
        """The fields that are watched."""
        return frozenset(field.name for field in attrs.fields(ITEM_TYPES[self.name])) - {
            "id",
            "created_at",
            "raw",
        }


ITEM_KINDS: Mapping[str, ItemKind] = {
    "notes": ItemKind("notes", get_note, list_notes),
    "tasks": ItemKind("tasks", get_task, list_tasks),
    "comments": ItemKind("comments", get_comment),
}


class ListedSource:
    """The notes or tasks of the workspace, which one endpoint lists."""

    sweep: Sweep

    def __init__(self, session: Session, kind: ItemKind) -> None:
        self.name: str = kind.name
        self.key: str = kind.name
        self.owner: str = kind.name
        self._session = session
        self._kind = kind
        self._fields = kind.fields
        self._offset = 0

    async def describe(self) -> Mapping[str, Any]:
        return {"workspace": (await identify(self._session)).workspace_id}

    def start(self) -> None:
        self._offset = 0  # what was met before an interruption is only met again

    def ahead(self) -> AbstractAsyncContextManager[object]:
        return nullcontext()

    def stop(self) -> bool:
        return False

    async def page(self) -> FoundPage | None:
        endpoint = cast("Endpoint", self._kind.list)
        size = max_page_size(endpoint.operation)
        found = await self._session.many(endpoint, dict, limit=size, offset=self._offset)
        self._offset += len(found)
        return FoundPage(self._sight(found), None) if found else None

    async def read(self, ids: Sequence[str]) -> FoundById:
        found = await gather(ids, self._get, limit=_MOST_AT_ONCE)
        gone = [id_ for id_, item in zip(ids, found, strict=True) if item is None]
        return FoundById(self._sight([item for item in found if item is not None]), gone)

    async def _get(self, id_: str) -> Mapping[str, Any] | None:
        try:
            return await self._session.one(self._kind.get, dict, id_)
        except NotFound:
            return None

    def change(self, place: int, stored: StoredChange, acknowledge: Acknowledge) -> AnyChange[Any]:
        return item_change(self.name, place, stored, acknowledge)

    def item(self, image: Image) -> Item:
        return item_of(self.name, image)

    def _sight(self, items: Sequence[Mapping[str, Any]]) -> list[Sighting]:
        return [sight_item(item, self._fields) for item in items if isinstance(item.get("id"), dict)]


class CommentSource(ListedSource):
    """The comments on the records and entries of other sources; no endpoint lists those of a workspace."""

    def __init__(self, session: Session, parents: Sequence[RowSource], state: FeedState) -> None:
        super().__init__(session, ITEM_KINDS["comments"])
        self._parents = parents
        self._state = state
        self._place = (0, "")

    def start(self) -> None:
        self._place = tuple(json.loads(self.sweep.token)) if self.sweep.token else (0, "")

    async def page(self) -> FoundPage | None:
        number, after = self._place
        while number < len(self._parents):
            parent = self._parents[number]
            ids = await self._state.ids(parent.sweep.source, after, _PARENTS_PER_PAGE)
            if ids:
                found = await gather(ids, lambda id_: self._on(parent, id_), limit=_MOST_AT_ONCE)  # noqa: B023 - awaited here
                self._place = (number, ids[-1])
                items = [item for each in found for item in each]
                return FoundPage(self._sight(items), json.dumps(self._place))
            number, after = number + 1, ""
        return None

    async def _on(self, parent: RowSource, id_: str) -> list[Mapping[str, Any]]:
        """Return the comments on a record or entry; none if it is gone meanwhile."""
        place: dict[str, Any] = (
            {"list_": parent.owner, "entry_id": id_}
            if parent.key.startswith("lists/")
            else {"object_": parent.owner, "record_id": id_}
        )
        found: list[Mapping[str, Any]] = []
        try:
            for thread in await paginate(self._session, list_threads, list_reader(dict), **place):
                found += await self._in(thread)
        except NotFound:
            return []
        return found

    async def _in(self, thread: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """Return the comments of a thread, whose first ones came with the list."""
        if not thread.get("has_more_comments"):
            return _comments_in(thread)
        id_ = thread["id"]["thread_id"]

        def read(body: bytes) -> list[Mapping[str, Any]]:
            return [item_reader(lambda thread: thread)(body)]

        parts = await paginate(self._session, get_thread, read, id_)
        return [comment for part in parts for comment in _comments_in(part)]

    def _sight(self, items: Sequence[Mapping[str, Any]]) -> list[Sighting]:
        owners = {parent.owner for parent in self._parents}
        return super()._sight([item for item in items if _owner_of(item) in owners])


def _comments_in(thread: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return thread.get("comments") or []


def _owner_of(comment: Mapping[str, Any]) -> object:
    """Return the id of the list or object that a comment belongs to."""
    entry, record = comment.get("entry"), comment.get("record")
    if isinstance(entry, dict):
        return cast("dict[str, object]", entry).get("list_id")
    return cast("dict[str, object]", record).get("object_id") if isinstance(record, dict) else None
