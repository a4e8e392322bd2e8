"""The changes that a sweep finds, as callers get them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

import attrs
import msgspec

from attio_async_api.json_data import JsonData, JsonFields

from ..._records.models import Entry, Record, decode_one
from ..._schema import Attribute, ObjectSchema
from ..._utils.public import public
from ...values import ActorRef, Value
from ...values._read import read_value
from .diff import Image, newest
from .snapshot import StoredChange

R = TypeVar("R", bound=Record | Entry)


@public
@attrs.frozen(kw_only=True)
class Change(JsonData):
    """The common part of all changes.

    Attributes:
        object: The slug or id of the object or list.
        record_id: The id of the record or entry.
        noticed_at: When the sweep found the change, in UTC.
        place: The change's number in the state file, which grows.
    """

    object: str
    record_id: str
    noticed_at: datetime
    place: int

    def _json_fields(self) -> JsonFields:
        """Return the kind of change, what it is about and when; `at` and `actor` are None where they are unknown."""
        return [
            ("change", type(self).__name__.lower()),
            ("object", self.object),
            ("record_id", self.record_id),
            ("at", getattr(self, "at", None)),
            ("actor", getattr(self, "actor", None)),
            ("noticed_at", self.noticed_at),
        ]


@public
@attrs.frozen(kw_only=True)
class Created(Change, Generic[R]):
    """A record or entry that is new since the last sweep.

    Attributes:
        record: The record or entry as the sweep found it.
        actor: Who created it; None where the API does not say.
        at: When it was created, in UTC.
    """

    record: R
    actor: ActorRef | None
    at: datetime | None

    def _json_fields(self) -> JsonFields:
        return [*super()._json_fields(), ("values", self.record.to_dict()["values"])]


@public
@attrs.frozen(kw_only=True)
class Changed(Change):
    """An attribute of a record or entry whose values differ from those at the last sweep, or were set again.

    Attributes:
        attribute: The attribute's slug, as it is now.
        attribute_id: The attribute's id, which stays when it is renamed.
        before, after: The native values: a list if the attribute is multiselect, else a value or None.
        before_values, after_values: The same, with when and by whom each value was set.
        actor: Who set the latest of the new values; None where values were only removed, because the API does not
            say who removed them.
        at: When that value was set, in UTC.
    """

    attribute: str
    attribute_id: str
    before: Any
    after: Any
    before_values: Sequence[Value] = attrs.field(repr=False)
    after_values: Sequence[Value] = attrs.field(repr=False)
    actor: ActorRef | None
    at: datetime | None

    def _json_fields(self) -> JsonFields:
        names = ("attribute", "attribute_id", "before", "after")
        return [*super()._json_fields(), *((name, getattr(self, name)) for name in names)]


@public
@attrs.frozen(kw_only=True)
class Deleted(Change, Generic[R]):
    """A record or entry that is gone since the last sweep: deleted, or merged into another.

    Attributes:
        record: The record or entry as it was last seen.
    """

    record: R

    def _json_fields(self) -> JsonFields:
        return [*super()._json_fields(), ("values", self.record.to_dict()["values"])]


AnyChange = Created[R] | Changed | Deleted[R]
"""A change of a record or entry, as a sweep finds it."""


def change_of(object: str, place: int, stored: StoredChange, schema: ObjectSchema) -> "AnyChange[Any]":
    """Return a stored change in the terms of the schema as it is now."""
    common: dict[str, Any] = {
        "object": object,
        "record_id": stored.record_id,
        "noticed_at": datetime.fromtimestamp(stored.noticed_at, UTC),
        "place": place,
    }
    if stored.kind == "changed":
        return _changed(common, stored, schema)
    if stored.image is None:
        raise ValueError(f"change {place} has no record")
    record = _record(stored.image, schema)
    if stored.kind == "deleted":
        return Deleted(record=record, **common)
    creator = next(iter(record.values("created_by")), None)
    actor = creator.native if creator and isinstance(creator.native, ActorRef) else None
    return Created(record=record, actor=actor, at=record.created_at, **common)


def _changed(common: Mapping[str, Any], stored: StoredChange, schema: ObjectSchema) -> Changed:
    attribute = _attribute(schema, stored.attribute_id)
    raws = {"before": stored.before, "after": stored.after}
    renamed = attrs.evolve(attribute, slug="before"), attrs.evolve(attribute, slug="after")
    both = _decode({"values": raws}, ObjectSchema(schema.name, renamed))
    latest = newest(stored.before, stored.after)
    value = read_value(latest) if latest is not None else None
    return Changed(
        attribute=attribute.slug,
        attribute_id=attribute.id,
        before=both["before"],
        after=both["after"],
        before_values=both.values("before"),
        after_values=both.values("after"),
        actor=value.created_by if value else None,
        at=value.active_from if value else None,
        **common,
    )


def _attribute(schema: ObjectSchema, attribute_id: str) -> Attribute:
    """Return the attribute of that id; one that was deleted since is only known by its id."""
    found = (attribute for attribute in schema.attributes.values() if attribute.id == attribute_id)
    return next(found, Attribute(attribute_id, id=attribute_id, is_multiselect=True))


def _record(image: Image, schema: ObjectSchema) -> Record | Entry:
    slugs = {attribute.id: attribute.slug for attribute in schema.attributes.values()}
    values = {slugs.get(attribute_id, attribute_id): raw for attribute_id, raw in image.values.items()}
    envelope = {"id": image.id, "created_at": image.created_at, "web_url": image.web_url, "values": values}
    if image.parent is None:
        return _decode(envelope, schema)
    object, record_id = image.parent
    envelope |= {"parent_object": object, "parent_record_id": record_id}
    return decode_one(msgspec.json.encode({"data": envelope}), Entry, schema)


def _decode(envelope: Mapping[str, Any], schema: ObjectSchema) -> Record:
    return decode_one(msgspec.json.encode({"data": envelope}), Record, schema)
