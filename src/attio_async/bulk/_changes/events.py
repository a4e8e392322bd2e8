"""The changes that a sweep finds, as callers get them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import attrs
import msgspec

from ..._records.models import Record, decode_one
from ..._schema import Attribute, ObjectSchema
from ...values import ActorRef, Value
from ...values._read import read_value
from .._export.json import to_json
from .diff import Image, newest
from .snapshot import StoredChange


@attrs.frozen(kw_only=True)
class Change:
    """What all changes have.

    Attributes:
        object: The slug or id of the object, as it was asked for.
        record_id: Which record.
        noticed_at: When the sweep noticed it, in UTC.
        place: The change's number in the state file, which grows.
    """

    object: str
    record_id: str
    noticed_at: datetime
    place: int

    def to_json(self) -> dict[str, Any]:
        """It as JSON data."""
        raise TypeError("a change is created, changed or deleted")

    def _told(self, kind: str, at: datetime | None, actor: ActorRef | None) -> dict[str, Any]:
        return {
            "change": kind,
            "object": self.object,
            "record_id": self.record_id,
            "at": to_json(at),
            "actor": None if actor is None else attrs.asdict(actor),
            "noticed_at": to_json(self.noticed_at),
        }


@attrs.frozen(kw_only=True)
class Created(Change):
    """A record that is new since the last sweep.

    Attributes:
        record: The record as the sweep found it.
        actor: Who created it; None where the API does not say.
        at: When it was created, in UTC.
    """

    record: Record
    actor: ActorRef | None
    at: datetime | None

    def to_json(self) -> dict[str, Any]:
        """It as JSON data; `values` has the attributes that have values."""
        return self._told("created", self.at, self.actor) | {"values": _plain(self.record)}


@attrs.frozen(kw_only=True)
class Changed(Change):
    """An attribute of a record whose values are others than at the last sweep, or were set anew.

    Attributes:
        attribute: Its slug, as it is now.
        attribute_id: Its id, which survives renames.
        before, after: What it held and holds: a list if it is multiselect, else a value or None.
        before_values, after_values: The same, with when and by whom each value was set.
        actor: Who set the latest of the new values; None where values were only removed, which the API tells
            of nowhere.
        at: When that was, in UTC.
    """

    attribute: str
    attribute_id: str
    before: Any
    after: Any
    before_values: Sequence[Value] = attrs.field(repr=False)
    after_values: Sequence[Value] = attrs.field(repr=False)
    actor: ActorRef | None
    at: datetime | None

    def to_json(self) -> dict[str, Any]:
        """It as JSON data."""
        return self._told("changed", self.at, self.actor) | {
            "attribute": self.attribute,
            "attribute_id": self.attribute_id,
            "before": to_json(self.before),
            "after": to_json(self.after),
        }


@attrs.frozen(kw_only=True)
class Deleted(Change):
    """A record that is gone since the last sweep: deleted, or merged into another.

    Attributes:
        record: The record as it was last seen.
    """

    record: Record

    def to_json(self) -> dict[str, Any]:
        """It as JSON data; `values` has the attributes that had values. When and by whom is not known."""
        return self._told("deleted", None, None) | {"values": _plain(self.record)}


def change_of(object: str, place: int, noted: StoredChange, schema: ObjectSchema) -> Change:
    """The change that was noted, in the terms of the schema as it is now."""
    moment = datetime.fromtimestamp(noted.noticed_at, UTC)
    about: dict[str, Any] = {
        "object": object,
        "record_id": noted.record_id,
        "noticed_at": moment,
        "place": place,
    }
    if noted.kind == "changed":
        return _changed(about, noted, schema)
    if noted.image is None:
        raise ValueError(f"change {place} has no record")
    record = _record(noted.image, schema)
    if noted.kind == "deleted":
        return Deleted(record=record, **about)
    creator = next(iter(record.values("created_by")), None)
    actor = creator.native if creator and isinstance(creator.native, ActorRef) else None
    return Created(record=record, actor=actor, at=record.created_at, **about)


def _changed(about: Mapping[str, Any], noted: StoredChange, schema: ObjectSchema) -> Changed:
    attribute = _attribute(schema, noted.attribute_id)
    raws = {"before": noted.before, "after": noted.after}
    shaped = attrs.evolve(attribute, slug="before"), attrs.evolve(attribute, slug="after")
    both = _decoded({"values": raws}, ObjectSchema(schema.name, shaped))
    set_last = newest(noted.before, noted.after)
    last = read_value(set_last) if set_last is not None else None
    return Changed(
        attribute=attribute.slug,
        attribute_id=attribute.id,
        before=both["before"],
        after=both["after"],
        before_values=both.values("before"),
        after_values=both.values("after"),
        actor=last.created_by if last else None,
        at=last.active_from if last else None,
        **about,
    )


def _attribute(schema: ObjectSchema, identity: str) -> Attribute:
    """The attribute of that id; one that was deleted since is only known by it."""
    found = (attribute for attribute in schema.attributes.values() if attribute.id == identity)
    return next(found, Attribute(identity, id=identity, is_multiselect=True))


def _record(image: Image, schema: ObjectSchema) -> Record:
    slugs = {attribute.id: attribute.slug for attribute in schema.attributes.values()}
    values = {slugs.get(identity, identity): raw for identity, raw in image.values.items()}
    envelope = {"id": image.id, "created_at": image.created_at, "web_url": image.web_url, "values": values}
    return _decoded(envelope, schema)


def _decoded(envelope: Mapping[str, Any], schema: ObjectSchema) -> Record:
    return decode_one(msgspec.json.encode({"data": envelope}), Record, schema)


def _plain(record: Record) -> dict[str, Any]:
    return {slug: to_json(held) for slug, held in record.to_dict().items()}
