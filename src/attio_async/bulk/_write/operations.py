"""What a job can do with a row: upsert, create, update, delete. Each is worked out, then written."""

from collections.abc import Mapping, Sequence
from typing import Literal

import attrs

from ..._schema import ObjectSchema
from ..._workspace.arguments import object_and_record_id
from ..._workspace.encode import reject_empty
from ..._workspace.rows import Multiselect
from ...errors import AttioError, CoercionError, OutcomeUnknown
from ...values._spec import show
from ...values._types import is_object
from .decisions import (
    Decision,
    End,
    Found,
    MatchKey,
    Write,
)
from .diff import Comparer, Mode
from .payload import Payload
from .report import Row
from .targets import PARENT, Target

_CLOCKS_DIFFER = 1.0
"""Seconds by which our notion of the server's time may be ahead of it."""


@attrs.frozen
class _Base:
    """What the operations share."""

    target: Target

    @property
    def parameters(self) -> Mapping[str, str]:
        return {"operation": self.verb, self.target.kind: self.target.name}

    @property
    def verb(self) -> str:
        return type(self).__name__.lower()

    @property
    def reads(self) -> bool:
        return False

    @property
    def must_read(self) -> bool:
        return False

    def row(self, item: object) -> Row:
        if is_object(item):
            return Row(item)
        reason = f"{show(item)} is no mapping from attribute slugs to values"
        raise CoercionError.single("row", None, None, reason)

    def merged(self, earlier: Payload, later: Payload, schema: ObjectSchema) -> Payload:
        """Of one value the later, of several all."""
        values = dict(earlier.values)
        for slug, new in later.values.items():
            if schema.is_single(slug) or slug not in values:
                values[slug] = new
            else:
                values[slug] = [*values[slug], *(item for item in new if item not in values[slug])]
        return Payload(values, later.id, later.parent_object, later.parent_id)

    async def _new(self, row: Row) -> Payload:
        """A row that may create something."""
        values = await self.target.encode({k: v for k, v in row.values.items() if k != PARENT})
        if self.target.kind == "objects":
            return Payload(values)
        parent_object, parent_id = object_and_record_id(row.parent or row.values.get(PARENT), "parent")
        return Payload(values, parent_object=parent_object, parent_id=parent_id)

    async def _existing(self, row: Row) -> Payload:
        """A row that names what it is about by its id."""
        slug = self.target.id_slug
        given = row.values.get(slug) if row.id is None else row.id
        identity = self.target.id_of(given)
        values = {name: value for name, value in row.values.items() if name != slug}
        return Payload(await self.target.encode(values), identity)


def _parent(payload: Payload) -> tuple[str, str] | None:
    return (payload.parent_object or "", payload.parent_id) if payload.parent_id else None


def _is_new(record: Found, since: float) -> bool:
    created = record.created_at
    return created is not None and created.timestamp() >= since - _CLOCKS_DIFFER


@attrs.frozen
class Upsert(_Base):
    """Updates what has the row's key, or creates it.

    Attributes:
        match: The slug of the attribute to match on; None for entries, which are matched by their parents.
        on_ambiguous: What to do where several have the key, which only a `match` that is not unique allows. None where
            it is unique, and the API itself matches.
        compare: Whether what is there is read first.
    """

    match: str | None = None
    on_ambiguous: Literal["error", "first", "skip"] | None = None
    compare: bool = True

    @property
    def parameters(self) -> Mapping[str, str]:
        ambiguous = {"on_ambiguous": self.on_ambiguous} if self.on_ambiguous else {}
        return {**super().parameters, "match": self.match or PARENT, **ambiguous}

    @property
    def reads(self) -> bool:
        return self.compare or self.must_read

    @property
    def must_read(self) -> bool:
        return self.on_ambiguous is not None

    async def payload(self, row: Row) -> Payload:
        payload = await self._new(row)
        if self.match is not None and not payload.values.get(self.match):
            raise CoercionError.single(
                self.match, None, None, "has no value, so there is nothing to match on"
            )
        return payload

    def keys(self, payload: Payload, comparer: Comparer) -> Sequence[MatchKey]:
        if self.match is None:
            return [MatchKey(PARENT, payload.parent_id)]
        return [MatchKey(self.match, form) for form in comparer.keys(self.match, payload.values[self.match])]

    def blind(self, payload: Payload) -> Decision:
        return Write("create", payload.values)

    def decide(
        self, payload: Payload, found: Sequence[Found], comparer: Comparer, since: float | None
    ) -> Decision:
        if not found:
            return Write("create", payload.values)
        if len(found) > 1 and self.on_ambiguous in {None, "error"}:
            return End("failed", error=self._ambiguous(payload, found))
        if len(found) > 1 and self.on_ambiguous == "skip":
            return End("unchanged", found[0])
        record = min(found, key=lambda each: each.created_at_text or "")
        added: dict[str, Mode] = {self.match: "add"} if self.match else {}
        changes = comparer.changes(payload.values, record, added, "replace")
        if changes:
            wanted = {change.attribute for change in changes} | {self.match}
            values = {slug: value for slug, value in payload.values.items() if slug in wanted}
            return Write("update", values, record.id, changes)
        if since is None:
            return End("unchanged", record)
        return End("created" if _is_new(record, since) else "updated", record)

    async def write(self, payload: Payload, write: Write) -> Found | None:
        if self.on_ambiguous is None:
            return await self.target.upsert(write.values, _parent(payload), self.match)
        if write.id is None:
            return await self.target.create(write.values, _parent(payload))
        return await self.target.update(write.id, write.values, "overwrite")

    def _ambiguous(self, payload: Payload, found: Sequence[Found]) -> AttioError:
        ids = ", ".join(each.id for each in found[:5])
        return CoercionError.single(
            self.match or PARENT,
            None,
            payload.values.get(self.match or ""),
            f"matches {len(found)} at once: {ids}",
            "merge them, or match on another attribute",
        )


@attrs.frozen
class Create(_Base):
    """Creates something, whatever is there."""

    async def payload(self, row: Row) -> Payload:
        return await self._new(row)

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

    def blind(self, payload: Payload) -> Decision:
        return Write("create", payload.values)

    def decide(
        self, payload: Payload, found: Sequence[Found], comparer: Comparer, since: float | None
    ) -> Decision:
        if not found:
            if since is not None and not self.keys(payload, comparer):
                lost = CoercionError.single("row", None, None, "no value of it has to be unique")
                return End("failed", error=OutcomeUnknown(f"create in {self.target.name}", lost))
            return Write("create", payload.values)
        if since is not None and _is_new(found[0], since):
            return End("created", found[0])
        keys = {key.slug for key in self.keys(payload, comparer)}
        reason = f"{found[0].id} has the value already, which has to be unique"
        return End("failed", error=CoercionError.single(min(keys), None, None, reason, "upsert it instead"))

    async def write(self, payload: Payload, write: Write) -> Found | None:
        return await self.target.create(write.values, _parent(payload))


@attrs.frozen
class Update(_Base):
    """Changes what the row names by its id."""

    multiselect: Multiselect = "append"
    compare: bool = True

    @property
    def parameters(self) -> Mapping[str, str]:
        return {**super().parameters, "multiselect": self.multiselect}

    @property
    def reads(self) -> bool:
        return self.compare

    async def payload(self, row: Row) -> Payload:
        payload = await self._existing(row)
        if self.multiselect == "append":
            reject_empty(payload.values)
        return payload

    def keys(self, payload: Payload, comparer: Comparer) -> Sequence[MatchKey]:  # noqa: ARG002 - an id is a key as it is
        return [MatchKey(self.target.id_slug, payload.id)]

    def blind(self, payload: Payload) -> Decision:
        return Write("update", payload.values, payload.id)

    def decide(
        self, payload: Payload, found: Sequence[Found], comparer: Comparer, since: float | None
    ) -> Decision:
        if not found:
            return End("failed", error=_missing(self.target, payload))
        mode: Mode = "add" if self.multiselect == "append" else "replace"
        changes = comparer.changes(payload.values, found[0], {}, mode)
        if not changes:
            return End("unchanged" if since is None else "updated", found[0])
        wanted = {change.attribute for change in changes}
        values = {slug: value for slug, value in payload.values.items() if slug in wanted}
        return Write("update", values, payload.id, changes)

    async def write(self, payload: Payload, write: Write) -> Found | None:
        return await self.target.update(payload.id or "", write.values, self.multiselect)


@attrs.frozen
class Delete(_Base):
    """Deletes what the row names by its id."""

    def row(self, item: object) -> Row:
        if isinstance(item, Found) or not is_object(item) or self.target.id_slug in item:
            return Row(id=item)
        return super().row(item)

    async def payload(self, row: Row) -> Payload:
        given = row.values.get(self.target.id_slug) if row.id is None else row.id
        return Payload(id=self.target.id_of(given))

    def keys(self, payload: Payload, comparer: Comparer) -> Sequence[MatchKey]:  # noqa: ARG002 - an id is a key as it is
        return [MatchKey(self.target.id_slug, payload.id)]

    def blind(self, payload: Payload) -> Decision:
        return Write("delete", {}, payload.id)

    def decide(
        self, payload: Payload, found: Sequence[Found], comparer: Comparer, since: float | None
    ) -> Decision:
        del comparer
        if found:
            return Write("delete", {}, payload.id)
        return End("deleted") if since is not None else End("failed", error=_missing(self.target, payload))

    async def write(self, payload: Payload, write: Write) -> None:
        await self.target.delete(str(write.id or payload.id))


def _missing(target: Target, payload: Payload) -> AttioError:
    return CoercionError.single(
        target.id_slug, None, payload.id, f"there is none in {target.name} with that id"
    )
