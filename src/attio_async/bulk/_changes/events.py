"""The changes of a feed, as callers get them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

import attrs
import msgspec

from attio_async_api.json_data import JsonData, JsonFields
from attio_async_api.models.actor import Actor
from attio_async_api.models.comment import Comment
from attio_async_api.models.note import Note
from attio_async_api.models.task import Task

from ..._records.models import Entry, Record, decode_one
from ..._schema import Attribute, ObjectSchema
from ..._utils.public import public
from ...values import ActorRef, Value
from ...values._read import moment_or_none, read_value
from .diff import PARENT, Image, newest
from .snapshot import StoredActor, StoredChange

R_co = TypeVar("R_co", bound=Record | Entry | Note | Task | Comment, covariant=True)

Acknowledge = Callable[[int], Awaitable[None]]
"""Confirms the change of a place in the state file."""


@public
@attrs.frozen(kw_only=True)
class Change(JsonData):
    """The common part of all changes.

    Attributes:
        object: The slug or id of the object or list; "notes", "tasks" or "comments" for these.
        record_id: The id of the record, entry, note, task or comment.
        at: When it happened, in UTC; None where Attio does not say.
        actor: The person, app or process that did it; None where Attio does not say.
        noticed_at: When the feed found the change, in UTC.
        place: The change's number in the state file, which grows.
    """

    object: str
    record_id: str
    at: datetime | None
    actor: ActorRef | None
    noticed_at: datetime
    place: int
    _acknowledge: Acknowledge = attrs.field(alias="acknowledge", repr=False, eq=False)

    async def ack(self) -> None:
        """Confirm this change for good: it is not told again, even if the process dies right after.

        Raises:
            ConfigurationError: The feed is closed. The change will be told again.
            StorageError: The file cannot be written.
        """
        await self._acknowledge(self.place)

    def _json_fields(self) -> JsonFields:
        """Return the kind of change, what it is about and when; `at` and `actor` are None where they are unknown."""
        return [
            ("change", type(self).__name__.lower()),
            ("object", self.object),
            ("record_id", self.record_id),
            ("at", self.at),
            ("actor", self.actor),
            ("noticed_at", self.noticed_at),
        ]


@attrs.frozen(kw_only=True)
class _WithRecord(Change, Generic[R_co]):
    record: R_co

    def _json_fields(self) -> JsonFields:
        return [*super()._json_fields(), ("values", _values_of(self.record))]


@public
@attrs.frozen(kw_only=True)
class Created(_WithRecord[R_co]):
    """A record, entry, note, task or comment that is new since the feed looked last.

    Attributes:
        record: The record or other thing as it was found.
    """


@public
@attrs.frozen(kw_only=True)
class Changed(Change):
    """An attribute whose values differ from those that the feed saw last, or were set again.

    Of notes, tasks and comments, a field is an attribute. Of an entry, `parent_record` is one, too.

    Attributes:
        attribute: The attribute's slug, as it is now.
        attribute_id: The attribute's id, which stays when it is renamed.
        before, after: The native values: a list if the attribute is multiselect, else a value or None.
        before_values, after_values: The same, with when and by whom each value was set; empty for notes, tasks and
            comments.
        actor: The actor who set the latest of the new values; None where values were only removed, because the API does
            not say who removed them.
        at: When that value was set, in UTC.
    """

    attribute: str
    attribute_id: str
    before: Any
    after: Any
    before_values: Sequence[Value] = attrs.field(repr=False)
    after_values: Sequence[Value] = attrs.field(repr=False)

    def _json_fields(self) -> JsonFields:
        names = ("attribute", "attribute_id", "before", "after")
        return [*super()._json_fields(), *((name, getattr(self, name)) for name in names)]


@public
@attrs.frozen(kw_only=True)
class Deleted(_WithRecord[R_co]):
    """A record, entry, note, task or comment that is gone.

    Attributes:
        record: The record or other thing as it was last seen.
    """


@public
@attrs.frozen(kw_only=True)
class Merged(_WithRecord[R_co]):
    """A record that is gone because it was merged into another one.

    The other one is told as created before, since a merge makes a new record.

    Attributes:
        record: The record as it was last seen.
        into: The id of the record that has its values now.
    """

    into: str

    def _json_fields(self) -> JsonFields:
        return [*super()._json_fields(), ("into", self.into)]


AnyChange = Created[R_co] | Changed | Deleted[R_co] | Merged[R_co]
"""A change, as a feed tells it."""

Item = Record | Entry | Note | Task | Comment
"""A thing that a feed follows."""

ITEM_TYPES: Mapping[str, Any] = {"notes": Note, "tasks": Task, "comments": Comment}
"""The classes of what is followed besides records and entries."""


def row_change(
    object: str, place: int, stored: StoredChange, schema: ObjectSchema, acknowledge: Acknowledge
) -> "AnyChange[Any]":
    """Return a stored change of a record or entry in the terms of the schema as it is now."""
    common = _common(object, place, stored, acknowledge)
    if stored.kind == "changed":
        return _changed(common, stored, schema)
    return _told(common, stored, lambda image: row_of(image, schema), _row_creator)


def item_change(object: str, place: int, stored: StoredChange, acknowledge: Acknowledge) -> "AnyChange[Any]":
    """Return a stored change of a note, task or comment."""
    common = _common(object, place, stored, acknowledge)
    if stored.kind == "changed":
        before, after = map(msgspec.json.decode, (stored.before, stored.after))
        return Changed(
            attribute=stored.attribute_id,
            attribute_id=stored.attribute_id,
            before=before,
            after=after,
            before_values=(),
            after_values=(),
            **common,
        )
    return _told(common, stored, lambda image: item_of(object, image), _item_creator)


def _common(object: str, place: int, stored: StoredChange, acknowledge: Acknowledge) -> dict[str, Any]:
    return {
        "object": object,
        "record_id": stored.own_id,
        "noticed_at": datetime.fromtimestamp(stored.noticed_at, UTC),
        "place": place,
        "acknowledge": acknowledge,
        "actor": _actor(stored.actor),
        "at": moment_or_none(stored.at),
    }


def _told(
    common: dict[str, Any],
    stored: StoredChange,
    read: Callable[[Image], Item],
    creator: Callable[[Any], ActorRef | None],
) -> "AnyChange[Any]":
    if stored.image is None:  # of a feed that keeps none
        record: Any = None
    else:
        record = read(stored.image)
    if stored.kind == "merged":
        return Merged(record=record, into=stored.into, **common)
    if stored.kind == "deleted":
        return Deleted(record=record, **common)
    if stored.image is not None:
        common |= {"actor": creator(record), "at": record.created_at}
    return Created(record=record, **common)


def _row_creator(row: Record | Entry) -> ActorRef | None:
    creator = next(iter(row.values("created_by")), None)
    return creator.native if creator and isinstance(creator.native, ActorRef) else None


def _item_creator(item: Note | Task | Comment) -> ActorRef | None:
    name = "author" if isinstance(item, Comment) else "created_by_actor"
    actor: Actor | None = getattr(item, name)  # typed as certain, but the API may leave it out
    return None if actor is None else ActorRef(actor.type, actor.id)


def _changed(common: dict[str, Any], stored: StoredChange, schema: ObjectSchema) -> Changed:
    attribute = _attribute(schema, stored.attribute_id)
    raws = {"before": stored.before, "after": stored.after}
    renamed = attrs.evolve(attribute, slug="before"), attrs.evolve(attribute, slug="after")
    both = _decode({"values": raws}, ObjectSchema(schema.name, renamed))
    latest = newest(stored.before, stored.after)
    value = read_value(latest) if latest is not None else None
    if value is not None:
        common |= {"actor": value.created_by, "at": value.active_from}
    return Changed(
        attribute=attribute.slug,
        attribute_id=attribute.id,
        before=both["before"],
        after=both["after"],
        before_values=both.values("before"),
        after_values=both.values("after"),
        **common,
    )


def _attribute(schema: ObjectSchema, attribute_id: str) -> Attribute:
    """Return the attribute of that id; one that was deleted since is only known by its id."""
    if attribute_id == PARENT:
        return Attribute(PARENT, id=PARENT, type="record-reference")
    found = (attribute for attribute in schema.attributes.values() if attribute.id == attribute_id)
    return next(found, Attribute(attribute_id, id=attribute_id, is_multiselect=True))


def row_of(image: Image, schema: ObjectSchema) -> Record | Entry:
    """Return a record or entry as it was seen."""
    slugs = {attribute.id: attribute.slug for attribute in schema.attributes.values()}
    values = {slugs.get(name, name): raw for name, raw in image.values.items() if name != PARENT}
    envelope = {"id": image.id, "created_at": image.created_at, "web_url": image.web_url, "values": values}
    if image.parent is None:
        return _decode(envelope, schema)
    object, record_id = image.parent
    envelope |= {"parent_object": object, "parent_record_id": record_id}
    return decode_one(msgspec.json.encode({"data": envelope}), Entry, schema)


def _decode(envelope: Mapping[str, Any], schema: ObjectSchema) -> Record:
    return decode_one(msgspec.json.encode({"data": envelope}), Record, schema)


def item_of(name: str, image: Image) -> Item:
    """Return a note, task or comment as it was seen."""
    fields = {field: msgspec.json.decode(raw) for field, raw in image.values.items()}
    item: Item = ITEM_TYPES[name].from_dict({"id": image.id, "created_at": image.created_at, **fields})
    return item


def _values_of(record: Item) -> Any:
    plain = record.to_dict()
    return plain["values"] if isinstance(record, Record | Entry) else plain


def _actor(stored: StoredActor | None) -> ActorRef | None:
    return None if stored is None else ActorRef(*stored)
