"""The operation of a sync: owned attributes are made equal to the source, and what left the source is dealt with."""

from collections.abc import Mapping, Sequence, Sized
from functools import partial
from typing import Any, Literal

import attrs

from attio_async_api.json_data import JsonData

from ..._records.models import Entry
from ..._schema import ObjectSchema
from ..._utils.public import public
from ..._workspace.arguments import find_record
from ..._workspace.encode import attribute_slug
from ..._workspace.merge import wait_for_merge
from ..._workspace.rows import Nulls
from ...errors import AttioError, CoercionError, DuplicateKey, MergeInProgress, NotFound, UniquenessConflict
from ...query import F
from .._write.decisions import PARENT_SLUG, Decision, End, Found, MatchKey, Write
from .._write.diff import AttributeChange, Comparer
from .._write.duplicates import KeyIndex
from .._write.operations import RowOperation, ambiguous_key
from .._write.payload import Payload
from .._write.report import Row
from .._write.writer import ENDS
from .state import key_text


@public
@attrs.frozen
class Flag:
    """The checkbox attribute that a sync sets on records that left its source."""

    attribute: str


@public
def flag(attribute: str) -> Flag:
    """Return the `missing` of a sync that sets a checkbox on records that left the source.

    The sync owns the checkbox: it is unset when a record is in the source again.

    Args:
        attribute: Slug, title or id of the checkbox attribute.
    """
    return Flag(attribute)


Missing = Literal["ignore", "clear", "delete"] | Flag
"""The treatment of records that left the source of a sync.

ignore: nothing. clear: the owned attributes are cleared. delete: what the sync created is deleted, and what it matched is
cleared. A `Flag`: the checkbox is set.
"""


@public
@attrs.frozen
class Drift(JsonData):
    """A difference between a record that left the source and what the plan said about it, found before it is written.

    Attributes:
        id: The record or entry.
        key: The key by which the sync knows it.
        changes: The attributes that others changed since the plan: `old` is what the plan said, `new` what was found.
        reason: Why the record was left as it is; None if the sync went on.
    """

    id: str
    key: object
    changes: tuple[AttributeChange, ...] = ()
    reason: str | None = None

    def __str__(self) -> str:
        changed = "; ".join(map(str, self.changes))
        details = ", ".join(filter(None, (self.reason, changed)))
        return f"{self.key} ({self.id}) changed since the plan: {details}"


@attrs.frozen
class SourceIndex:
    """The keys of the source, and the records that its rows were found to be about. Both spill to disk."""

    _index: KeyIndex = attrs.field(factory=KeyIndex)

    def add(self, keys: Sequence[str]) -> None:
        """Add the keys of a row."""
        self._index.assign([("key", key) for key in keys], 1)

    def has(self, keys: Sequence[str]) -> bool:
        """Return True if the source has one of the keys."""
        return next(self._index.owners([("key", key) for key in keys]), None) is not None

    def claim_record(self, record_id: str, key: str) -> str | None:
        """Return the key of another row that is about the record already; None if there is none."""
        earlier = self._index.claim([("record", record_id)], key)
        return None if earlier in {None, key} else str(earlier)

    def move_record(self, record_id: str, key: str) -> None:
        """Make the record that of another row."""
        self._index.assign([("record", record_id)], key)

    def close(self) -> None:
        """Delete the index."""
        self._index.__exit__(None, None, None)


@attrs.frozen(kw_only=True)
class SyncOperation(RowOperation):
    """Makes owned attributes equal to the source, and clears, flags or deletes what left it.

    Attributes:
        schema: The attributes of the object or list.
        match: The slug of the unique attribute to match on; None for entries, which are matched by their parents.
        owned: The slugs of the attributes that the sync owns.
        clearable: Those of them that are cleared when a record left the source.
        nulls: What an empty value of an owned attribute does.
        flag: The slug of the checkbox of records that left the source.
        scope: The filter of the records that may be cleared, flagged or deleted, in Attio's own form.
        source: The keys of the source.
        drift: What changed since the plan, by record.
    """

    schema: ObjectSchema
    match: str | None
    owned: tuple[str, ...]
    clearable: tuple[str, ...]
    nulls: Nulls
    flag: str | None
    scope: Mapping[str, Any] | None
    source: SourceIndex = attrs.field(factory=SourceIndex, eq=False)
    drift: dict[str, Drift] = attrs.field(factory=dict[str, Drift], eq=False)

    @property
    def verb(self) -> str:
        return "sync"

    @property
    def reads(self) -> bool:
        return True

    @property
    def must_read(self) -> bool:
        return True

    @property
    def rechecks_unchanged(self) -> bool:
        """True, since others may change a row between the plan and its application."""
        return True

    @property
    def chunk_size(self) -> int:
        """The number of rows that are read at once: 34 queries for 10,000 rows, and as many when the plan is applied."""
        return 300

    def condition(self, slug: str) -> Mapping[str, Any] | None:
        return self.scope if slug == self.target.kind.id_slug else None

    @property
    def key_slug(self) -> str:
        """The slug of what records or entries are found by."""
        return self.match or PARENT_SLUG

    async def payload(self, row: Row) -> Payload:
        owned: dict[str, object] = {}
        for name, value in row.values.items():
            slug = attribute_slug(self.schema, name)
            if slug in self.owned and slug != self.match and _is_empty(value):
                if self.nulls == "clear":
                    owned[name] = None
            elif slug in self.owned or slug == self.match:
                owned[name] = value
            elif name != PARENT_SLUG:
                self.notes[f"{name} is not owned, and left alone"] += 1
        _, values = await self._encoded(Row(owned))
        if self.match is not None:
            if not values.get(self.match):
                raise CoercionError.single(
                    self.match, None, None, "has no value to match on", "give it a value"
                )
            return Payload(values)
        parent = row.parent or row.values.get(PARENT_SLUG)
        parent_object, parent_id = await find_record(self.target.session, parent, "parent")
        return Payload(values, parent_object=parent_object, parent_id=parent_id)

    def keys(self, payload: Payload, comparer: Comparer) -> Sequence[MatchKey]:
        if payload.missing is not None:
            return super().keys(payload, comparer)
        if self.match is None:
            return [MatchKey(PARENT_SLUG, payload.parent_id)]
        return [
            MatchKey(self.match, form)
            for form in comparer.keys(self.match, payload.values.get(self.match, []))
        ]

    async def source_keys(self, payload: Payload, comparer: Comparer) -> list[str]:
        """Return the keys of a row of the source, also of one with values that are not valid.

        Raises:
            CoercionError: The row has no valid key.
        """
        if payload.raw:
            named = {attribute_slug(self.schema, name): value for name, value in payload.values.items()}
            if self.match is None:
                _, parent_id = await find_record(self.target.session, named.get(PARENT_SLUG), "parent")
                return [key_text(parent_id)]
            _, values = await self.target.encode({self.match: named.get(self.match)})
            payload = Payload(values)
        return [key_text(key.form) for key in self.keys(payload, comparer)]

    def keys_of(self, record: Found, comparer: Comparer) -> list[str]:
        """Return the keys that a record or entry has."""
        if self.match is None:
            return [key_text(record.parent_record_id)] if isinstance(record, Entry) else []
        return [key_text(form) for form in comparer.keys_of(self.match, record)]

    def decide_unread(self, payload: Payload) -> Decision:
        return Write("create", payload.values)

    def decide(
        self, payload: Payload, found: Sequence[Found], comparer: Comparer, since: float | None
    ) -> Decision:
        if payload.missing is not None:
            return self._decide_missing(payload, found, comparer, since)
        if not found:
            is_safe = (
                since is None or self.match is not None
            )  # an entry of which a response was lost may come twice
            return Write("create" if is_safe else "update", _given(payload.values))
        if (error := self._contradiction(payload, found, comparer)) is not None:
            return End("failed", error=error)
        record = found[0]
        wanted = {slug: value for slug, value in payload.values.items() if slug in self.owned}
        if self.flag is not None and record.first(self.flag) is True:
            wanted[self.flag] = [False]
        changes = comparer.changes(wanted, record, {}, "replace")
        if changes:
            values = {change.attribute: wanted[change.attribute] for change in changes}
            return Write("update", values, record.id, changes)
        return End("unchanged" if since is None else "updated", record)

    def _contradiction(
        self, payload: Payload, found: Sequence[Found], comparer: Comparer
    ) -> AttioError | None:
        """Return the error of a row that is about several records, or about the record of another row."""
        if len(found) > 1:
            return ambiguous_key(payload, found, self.match)
        own = key_text(self.keys(payload, comparer)[0].form)
        earlier = self.source.claim_record(found[0].id, own)
        if earlier is None:
            return None
        if earlier not in self.keys_of(found[0], comparer):  # others gave it another key since the plan
            self.source.move_record(found[0].id, own)
            return None
        reason = (
            f"belongs to the same record as the row with {label_of(earlier)}, so this one was not written"
        )
        return DuplicateKey.single(self.key_slug, None, label_of(own), reason)

    async def write(self, payload: Payload, write: Write) -> Found | End | None:
        if write.action == "create":
            return await self._create(payload, write.values)
        if write.id is None:
            return await self._upsert(payload, write.values)
        try:
            return await wait_for_merge(self.target.session, partial(self._change, write))
        except MergeInProgress:
            raise
        except NotFound as error:  # deleted or merged by others since it was read
            if payload.missing is None:
                return await self._create(payload, _given(payload.values))
            if write.action == "delete" and error.attempts > 1:  # by the attempt whose response was lost
                return None
            return self._leave(payload, None, "it does not exist any more")

    async def _change(self, write: Write) -> Found | None:
        """Change or delete what exists."""
        if write.action == "delete":
            await self.target.delete(write.id)
            return None
        return await self.target.update(write.id, write.values, multiselect="overwrite", validate=False)

    async def _create(self, payload: Payload, values: Mapping[str, Any]) -> End:
        """Create the record of a row by a request that fails if others created one meanwhile, and update that one then.

        An upsert would not tell who created what it returns, and only what the sync created may be deleted.
        """
        try:
            created = await self.target.create(values, place=payload.place, validate=False, retry=False)
        except UniquenessConflict:
            return End("updated", await self._upsert(payload, values))
        # Nothing makes the entries of a parent unique.
        if self.match is None and await self._is_twice(payload):
            await self.target.delete(created.id)
            return End("updated", await self._upsert(payload, values))
        return End("created", created)

    async def _is_twice(self, payload: Payload) -> bool:
        """Return True if the list certainly has several entries of the parent."""
        parent = F.parent.via(payload.parent_object or "").record_id == payload.parent_id
        try:
            return len(await self.target.query(parent, limit=2, page_size=2)) > 1
        except AttioError:
            return False

    async def _upsert(self, payload: Payload, values: Mapping[str, Any]) -> Found:
        return await self.target.upsert(values, match=self.match, place=payload.place, validate=False)

    # Records that left the source

    def plan_missing(
        self, record: Found, known: Sequence[str], comparer: Comparer, *, is_own: bool
    ) -> Payload | None:
        """Return the payload for a record that left the source; None if there is nothing to do for it.

        Args:
            record: The record.
            known: The keys it has that were in the source earlier.
            comparer: Compares values.
            is_own: Whether it is to be deleted, as this sync created it.
        """
        action: Literal["clear", "flag", "delete"] = "clear"
        if is_own or self.flag is not None:
            action = "delete" if is_own else "flag"
        write = self._write_of(action, record, comparer)
        if write is None or self.source.has(self.keys_of(record, comparer)):
            return None
        slugs = [self.flag or ""] if action == "flag" else self.clearable
        if action == "delete":
            attributes = self.schema.attributes.values()
            slugs = [each.slug for each in attributes if each.is_writable and not each.is_archived]
        before: dict[str, Any] = {
            slug: [comparer.written(slug, value) for value in record.values(slug)]
            for slug in slugs
            if slug != self.match
        }
        return Payload(
            dict(write.values), record.id, missing=action, before={**before, self.key_slug: list(known)}
        )

    def _write_of(
        self, action: Literal["clear", "flag", "delete"], record: Found, comparer: Comparer
    ) -> Write | None:
        values: dict[str, Any] = {}
        if action == "flag":
            values = {} if record.first(self.flag or "") is True else {self.flag or "": [True]}
        elif action == "clear":
            values = {slug: [] for slug in self.clearable if record.values(slug)}
        changes = comparer.changes(values, record, {}, "replace")
        return Write(action, values, record.id, changes) if values or action == "delete" else None

    def _decide_missing(
        self, payload: Payload, found: Sequence[Found], comparer: Comparer, since: float | None
    ) -> Decision:
        action = payload.missing or "clear"
        if not found:
            if since is not None:
                return End("deleted" if action == "delete" else "unchanged")
            return self._leave(payload, None, "it does not exist any more, or is not in the scope")
        record, own = found[0], self.keys_of(found[0], comparer)
        if self.source.has(own):
            return self._leave(payload, record, "it has a key of the source")
        if not set(own) & set(payload.before[self.key_slug]):
            return self._leave(payload, record, "its key is another")
        if since is None:
            self._compare(payload, record, comparer)
        write = self._write_of(action, record, comparer)
        if write is not None:
            return write
        return End("unchanged" if since is None else ENDS[action], record)

    def _leave(self, payload: Payload, record: Found | None, reason: str) -> End:
        self._note(payload, reason=f"left as it is, since {reason}")
        return End("unchanged", record)

    def _compare(self, payload: Payload, record: Found, comparer: Comparer) -> None:
        """Note what others changed since the plan."""
        before = {slug: values for slug, values in payload.before.items() if slug != self.key_slug}
        changes = comparer.changes(before, record, {}, "replace")
        if changes:
            turned = (AttributeChange(change.attribute, change.new, change.old) for change in changes)
            self._note(payload, changes=tuple(turned))

    def _note(
        self, payload: Payload, *, changes: tuple[AttributeChange, ...] = (), reason: str | None = None
    ) -> None:
        key = payload.before[self.key_slug][0]
        self.drift[payload.id or ""] = Drift(payload.id or "", label_of(key), changes, reason)


def label_of(key: str) -> str:
    """Return a key as reports show it."""
    return key.strip('"')


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values without those that would be cleared, for a new record."""
    return {slug: value for slug, value in values.items() if value != []}


def _is_empty(value: object) -> bool:
    if isinstance(value, str):
        return not value.strip()
    return value is None or (isinstance(value, Sized) and not len(value))
