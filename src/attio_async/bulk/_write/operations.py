"""The operations of jobs: upsert, create, update, delete. Each is decided for a row, then written."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from ..._records.models import Entry, Record
from ..._schema import ObjectSchema
from ..._utils.text import show
from ..._workspace.arguments import find_record
from ..._workspace.encode import Encoded, cleared_by, reject_empty
from ..._workspace.rows import Multiselect, Rows
from ...errors import AttioError, CoercionError, OutcomeUnknown
from ...values._types import is_object, is_uuid
from .decisions import PARENT_SLUG, Decision, End, Found, MatchKey, Write
from .diff import AttributeChange, Comparer, Mode
from .options import OnAmbiguous
from .payload import Payload
from .report import Row

_CLOCK_TOLERANCE_S = 1.0
"""Seconds by which our estimate of the server's time may be ahead of it."""


@attrs.frozen
class RowOperation(ABC):
    """The operation that a job performs for each row.

    Attributes:
        target: The records or entries that are written.
    """

    target: Rows[Record | Entry]
    notes: Counter[str] = attrs.field(factory=Counter[str], kw_only=True, eq=False)
    """What was guessed or left out of values, and in how many rows."""

    @property
    def verb(self) -> str:
        """The operation in a word, such as "upsert"."""
        return type(self).__name__.lower()

    @property
    def parameters(self) -> Mapping[str, str]:
        """All that decides what is written, by name."""
        return {"operation": self.verb, self.target.kind.target: self.target.name}

    @property
    def may_create(self) -> bool:
        """True if records or entries that do not exist may be created."""
        return True

    @property
    def reads(self) -> bool:
        """True if existing rows are read before writing, so that rows without a change are not written."""
        return False

    @property
    def must_read(self) -> bool:
        """True if nothing can be written without reading first."""
        return False

    @property
    def rechecks_unchanged(self) -> bool:
        """True if the rows that are unchanged when they are planned are compared again when the plan is applied."""
        return False

    @property
    def chunk_size(self) -> int:
        """The number of rows that are read at once: 400 queries for 50,000 rows."""
        return 125

    def condition(self, slug: str) -> Mapping[str, Any] | None:  # noqa: ARG002 - most find by their keys alone
        """Return what a record found by this attribute has to match besides, as a filter in Attio's own form."""
        return None

    def row(self, item: object) -> Row:
        """Return the row of an item that is not a `Row`.

        Raises:
            CoercionError: The item has the wrong type.
        """
        if is_object(item):
            return Row(item)
        reason = f"{show(item)} is not a mapping from attribute slugs to values"
        raise CoercionError.single("row", None, None, reason)

    @abstractmethod
    async def payload(self, row: Row) -> Payload:
        """Return the row in Attio's shape.

        Raises:
            CoercionError: A value is invalid. Nothing was sent.
        """

    def keys(self, payload: Payload, comparer: Comparer) -> Sequence[MatchKey]:  # noqa: ARG002 - an id is a key as it is
        """Return what finds the record or entry, and no other row may have. Empty when nothing does."""
        return [MatchKey(self.target.kind.id_slug, payload.id)]

    @abstractmethod
    def decide_unread(self, payload: Payload) -> Decision:
        """Return what to do without having read what exists."""

    @abstractmethod
    def decide(
        self, payload: Payload, found: Sequence[Found], comparer: Comparer, since: float | None
    ) -> Decision:
        """Return what to do, given what exists.

        Args:
            payload: The row.
            found: The records or entries with one of its keys.
            comparer: Compares the row with them.
            since: The server's time from which on a write of the row may have been sent; None when certainly none was.
        """

    @abstractmethod
    async def write(self, payload: Payload, write: Write) -> Found | End | None:
        """Send the write and return the record or entry as it is then, or how the row ended."""

    def merge(self, earlier: Payload, later: Payload, schema: ObjectSchema) -> Payload:
        """Return two rows as one: of single values the later, of multiselect values all."""
        values = dict(earlier.values)
        for slug, new in later.values.items():
            if schema.is_single(slug) or slug not in values:
                values[slug] = new
            else:
                values[slug] = [*values[slug], *(item for item in new if item not in values[slug])]
        return Payload(values, later.id, later.parent_object, later.parent_id)

    async def _encoded(self, row: Row, *without: str, is_new: bool = False) -> Encoded:
        values = {slug: value for slug, value in row.values.items() if slug not in without}
        notes: set[str] = set()
        encoded = await self.target.encode(values, is_new=is_new, note=notes.add)
        if notes:
            self.notes.update(notes)
        return encoded

    async def _new_payload(self, row: Row, *, is_new: bool = False) -> Payload:
        """Return the payload of a row that creates something, or may do so."""
        _, values = await self._encoded(row, PARENT_SLUG, is_new=is_new)
        if self.target.kind.target == "objects":
            return Payload(values)
        parent = row.parent or row.values.get(PARENT_SLUG)
        parent_object, parent_id = await find_record(self.target.session, parent, "parent")
        return Payload(values, parent_object=parent_object, parent_id=parent_id)

    async def _id(self, row: Row) -> str:
        """Return the id that the row names, in the form of the API.

        Raises:
            CoercionError: It is not an id. Among others it would keep all of them from being read.
        """
        slug = self.target.kind.id_slug
        id_ = await self.target.id_of(row.values.get(slug) if row.id is None else row.id)
        if not is_uuid(id_):
            raise CoercionError.single(slug, None, id_, f"{show(id_)} is not a valid id, which is a UUID")
        return id_.lower()

    def _missing(self, payload: Payload) -> End:
        reason = f"does not exist in {self.target.name}"
        return End("failed", error=CoercionError.single(self.target.kind.id_slug, None, payload.id, reason))


def _lost(name: str) -> End:
    """Return the end of a row that may have been created, which nothing can tell."""
    reason = CoercionError.single("row", None, None, "has no unique value to look it up by")
    return End("failed", error=OutcomeUnknown(f"create in {name}", reason))


def created_since(record: Found, since: float) -> bool:
    """Return True if a record was created at that time of the server or later."""
    created = record.created_at
    return created is not None and created.timestamp() >= since - _CLOCK_TOLERANCE_S


def ambiguous_key(payload: Payload, found: Sequence[Found], match: str | None) -> AttioError:
    """Return the error of a row whose key several records or entries have."""
    ids = ", ".join(each.id for each in found[:5])
    if match is None:
        return CoercionError.single(
            PARENT_SLUG,
            None,
            payload.parent_id,
            f"is in the list {len(found)} times, as the entries {ids}",
            "keep one of the entries, and delete the others",
        )
    return CoercionError.single(
        match,
        None,
        payload.values.get(match),
        f"matches {len(found)} records: {ids}",
        "merge them, or match on another attribute",
    )


def _changed(
    payload: Payload, changes: Sequence[AttributeChange], match: str | None = None
) -> dict[str, Any]:
    """Return the values that change, and the one to match on."""
    slugs = {change.attribute for change in changes} | {match}
    return {slug: value for slug, value in payload.values.items() if slug in slugs}


@attrs.frozen
class Upsert(RowOperation):
    """Updates what has the row's key, or creates it.

    Attributes:
        match: The slug of the attribute to match on; None for entries, which are matched by their parents.
        on_ambiguous: What to do where several records have the key, which is possible when `match` is not unique. None
            when it is unique, and the API itself matches.
        compare: Whether existing rows are read first.
        creates: Whether what does not exist is created; otherwise the row fails.
        creates_unmatched: Whether a row without a key is created, rather than failing.
    """

    match: str | None = None
    on_ambiguous: OnAmbiguous | None = None
    compare: bool = True
    creates: bool = True
    creates_unmatched: bool = False

    @property
    def parameters(self) -> Mapping[str, str]:
        choices = {
            "on_ambiguous": self.on_ambiguous or "",
            "creates": "" if self.creates else "no",
            "without a key": "create" if self.creates_unmatched else "",
        }
        given = {name: choice for name, choice in choices.items() if choice}
        return {**super().parameters, "match": self.match or PARENT_SLUG, **given}

    @property
    def may_create(self) -> bool:
        return self.creates

    @property
    def reads(self) -> bool:
        return self.compare or self.must_read

    @property
    def must_read(self) -> bool:
        return self.on_ambiguous is not None or not self.creates

    async def payload(self, row: Row) -> Payload:
        payload = await self._new_payload(row)
        if self.match is None or payload.values.get(self.match):
            return payload
        if not self.creates_unmatched:
            raise CoercionError.single(self.match, None, None, "has no value to match on", "give it a value")
        return await self._new_payload(row, is_new=True)

    def keys(self, payload: Payload, comparer: Comparer) -> Sequence[MatchKey]:
        if self.match is None:
            return [MatchKey(PARENT_SLUG, payload.parent_id)]
        values = payload.values.get(self.match)
        return [MatchKey(self.match, form) for form in comparer.keys(self.match, values)] if values else []

    def decide_unread(self, payload: Payload) -> Decision:
        return Write("create", payload.values)

    def decide(
        self, payload: Payload, found: Sequence[Found], comparer: Comparer, since: float | None
    ) -> Decision:
        if not found:
            return self._decide_new(payload, comparer, since)
        if len(found) > 1 and self.on_ambiguous in {None, "error"}:
            return End("failed", error=ambiguous_key(payload, found, self.match))
        if len(found) > 1 and self.on_ambiguous == "skip":
            return End("unchanged", found[0])
        record = min(found, key=lambda each: each.created_at_text or "")
        added: dict[str, Mode] = {self.match: "add"} if self.match else {}
        changes = comparer.changes(payload.values, record, added, "replace")
        if changes:
            return Write("update", _changed(payload, changes, self.match), record.id, changes)
        if since is None:
            return End("unchanged", record)
        return End("created" if created_since(record, since) else "updated", record)

    def _decide_new(self, payload: Payload, comparer: Comparer, since: float | None) -> Decision:
        if not self.creates:
            reason = f"matches nothing in {self.target.name}, and nothing is to be created"
            given = payload.values.get(self.match or "")
            return End("failed", error=CoercionError.single(self.match or PARENT_SLUG, None, given, reason))
        if since is not None and not self.keys(payload, comparer):
            return _lost(self.target.name)
        return Write("create", payload.values)

    async def write(self, payload: Payload, write: Write) -> Found | None:
        is_keyed = self.match is None or bool(payload.values.get(self.match))
        if not self.must_read and is_keyed:
            written = await self._upsert(payload, write.values)
            if write.id in {None, written.id}:
                return written
            # What was read was deleted or merged since, so that more than its changes is to be written.
            return await self._upsert(payload, payload.values)
        if write.id is None:
            return await self.target.create(write.values, place=payload.place, validate=False)
        return await self.target.update(write.id, write.values, multiselect="overwrite", validate=False)

    async def _upsert(self, payload: Payload, values: Mapping[str, Any]) -> Found:
        return await self.target.upsert(values, match=self.match, place=payload.place, validate=False)


@attrs.frozen
class Create(RowOperation):
    """Creates a record or entry, whatever exists."""

    async def payload(self, row: Row) -> Payload:
        return await self._new_payload(row, is_new=True)

    def keys(self, payload: Payload, comparer: Comparer) -> Sequence[MatchKey]:
        if comparer.schema is None:
            return []
        attributes = comparer.schema.attributes
        return [
            MatchKey(slug, form)
            for slug, values in payload.values.items()
            if slug in attributes and attributes[slug].is_unique
            for form in comparer.keys(slug, values)
        ]

    def decide_unread(self, payload: Payload) -> Decision:
        return Write("create", payload.values)

    def decide(
        self, payload: Payload, found: Sequence[Found], comparer: Comparer, since: float | None
    ) -> Decision:
        keys = self.keys(payload, comparer)
        if not found and since is not None and not keys:
            return _lost(self.target.name)
        if not found:
            return Write("create", payload.values)
        if since is not None and created_since(found[0], since):
            return End("created", found[0])
        reason = f"has to be unique, and {found[0].id} has this value already"
        slug = min(key.slug for key in keys)
        return End("failed", error=CoercionError.single(slug, None, None, reason, "upsert it instead"))

    async def write(self, payload: Payload, write: Write) -> Found | None:
        return await self.target.create(write.values, place=payload.place, validate=False)


@attrs.frozen
class Update(RowOperation):
    """Updates the record or entry that the row names by its id."""

    multiselect: Multiselect = "append"
    compare: bool = True

    @property
    def may_create(self) -> bool:
        return False

    @property
    def parameters(self) -> Mapping[str, str]:
        return {**super().parameters, "multiselect": self.multiselect}

    @property
    def reads(self) -> bool:
        return self.compare

    async def payload(self, row: Row) -> Payload:
        id_ = await self._id(row)
        schema, values = await self._encoded(row, self.target.kind.id_slug)
        if self.multiselect == "append":
            cleared = cleared_by(row.values, schema)
            reject_empty({slug: value for slug, value in values.items() if slug not in cleared})
        return Payload(values, id_)

    def decide_unread(self, payload: Payload) -> Decision:
        return Write("update", payload.values, payload.id)

    def decide(
        self, payload: Payload, found: Sequence[Found], comparer: Comparer, since: float | None
    ) -> Decision:
        if not found:
            return self._missing(payload)
        mode: Mode = "add" if self.multiselect == "append" else "replace"
        changes = comparer.changes(payload.values, found[0], {}, mode)
        if not changes:
            return End("unchanged" if since is None else "updated", found[0])
        return Write("update", _changed(payload, changes), payload.id, changes)

    async def write(self, payload: Payload, write: Write) -> Found | None:
        if self.multiselect == "append":
            target = self.target
            schema = await target.schemas.for_reading(target.name, target=target.kind.target)
            return await target.append(payload.id or "", write.values, schema)
        return await self.target.update(payload.id, write.values, multiselect="overwrite", validate=False)


@attrs.frozen
class Delete(RowOperation):
    """Deletes the record or entry that the row names by its id."""

    @property
    def may_create(self) -> bool:
        return False

    def row(self, item: object) -> Row:
        if isinstance(item, Found) or not is_object(item) or self.target.kind.id_slug in item:
            return Row(id=item)
        return super().row(item)

    async def payload(self, row: Row) -> Payload:
        return Payload(id=await self._id(row))

    def decide_unread(self, payload: Payload) -> Decision:
        return Write("delete", {}, payload.id)

    def decide(
        self, payload: Payload, found: Sequence[Found], comparer: Comparer, since: float | None
    ) -> Decision:
        del comparer
        if found:
            return Write("delete", {}, payload.id)
        return self._missing(payload) if since is None else End("deleted")

    async def write(self, payload: Payload, write: Write) -> None:
        await self.target.delete(write.id or payload.id)
