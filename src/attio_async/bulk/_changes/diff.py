"""The difference between something in a snapshot and as it is now. Pure."""

from collections.abc import Collection, Container, Iterator, Mapping
from hashlib import blake2b
from typing import Any, cast

import msgspec

from ..._records.models import Entry, Record
from ..._schema import Attribute

_METADATA = frozenset({"active_from", "active_until", "created_by_actor", "attribute_type"})
"""The parts of a value object that say when and by whom it was set, and not what it is."""

_OWN_IDS = ("record_id", "entry_id", "note_id", "task_id", "comment_id")

NO_VALUES = msgspec.Raw(b"[]")
"""The values of an attribute that has none."""

PARENT = "parent_record"
"""The name of the record that an entry is about, among the attributes of the entry."""


class Image(msgspec.Struct):
    """A record, entry, note, task or comment as the feed saw it.

    Attributes:
        id: The parts of its id.
        created_at: When it was created, as the API wrote it.
        web_url: The address of a record.
        values: The values of the watched attributes that have some, by attribute id; of notes and others by field.
        parent: The object and the id of the record that an entry is about.
        positions: The time up to which the history of an attribute was read, by attribute id.
    """

    id: dict[str, str]
    created_at: str | None
    web_url: str | None
    values: dict[str, msgspec.Raw]
    parent: tuple[str, str] | None = None
    positions: dict[str, str] = {}

    @property
    def own_id(self) -> str:
        """The id without those of the workspace and of the object or list."""
        return next((self.id[name] for name in _OWN_IDS if name in self.id), "")

    def values_of(self, attribute_id: str) -> msgspec.Raw:
        """Return the values of an attribute."""
        return self.values.get(attribute_id, NO_VALUES)


class Step(msgspec.Struct):
    """One change of an attribute whose history is read: when, and the values before and after."""

    at: str
    before: msgspec.Raw
    after: msgspec.Raw


class Sighting(msgspec.Struct):
    """A record or another thing as it was just read.

    Attributes:
        image: What was read.
        known: The ids of the watched attributes that were read: those of others are not known to have no values.
        steps: The changes of attributes whose history was read, by attribute id.
        first: The values at first of attributes whose history was read, for one that is new.
    """

    image: Image
    known: frozenset[str]
    steps: dict[str, list[Step]] = {}
    first: dict[str, msgspec.Raw] = {}


def sight_row(row: Record | Entry, watched: Collection[str] | None) -> Sighting:
    """Return a record or entry as it was read.

    Args:
        row: The record or entry, with a schema that has all its attributes.
        watched: The ids of the watched attributes; all that are in use when None.
    """
    schema: Mapping[str, Attribute] = row.schema.attributes if row.schema is not None else {}
    ids = {slug: schema[slug].id or slug for slug in row if slug in schema}
    raws = {id_: row.encoded(slug) for slug, id_ in ids.items() if watched is None or id_ in watched}
    values = {id_: msgspec.Raw(raw) for id_, raw in raws.items() if raw != b"[]"}
    known = frozenset(raws)
    if isinstance(row, Entry):
        own, parent = {"list_id": row.list_id, "entry_id": row.id}, (row.parent_object, row.parent_record_id)
        values[PARENT] = _reference(*parent)
        known |= {PARENT}
    else:
        own, parent = {"object_id": row.object_id, "record_id": row.id}, None
    image = Image(
        id={"workspace_id": row.workspace_id, **own},
        created_at=row.created_at_text,
        web_url=None if isinstance(row, Entry) else row.web_url,
        parent=parent,
        values=values,
    )
    return Sighting(image, known)


def sight_item(raw: Mapping[str, Any], watched: frozenset[str]) -> Sighting:
    """Return a note, task or comment as it was read. Its fields are its attributes."""
    values = {name: msgspec.Raw(msgspec.json.encode(raw.get(name))) for name in sorted(watched)}
    created = raw.get("created_at")
    image = Image(
        id=dict(raw["id"]),
        created_at=created if isinstance(created, str) else None,
        web_url=None,
        values=values,
    )
    return Sighting(image, watched)


def _reference(object: str, record_id: str) -> msgspec.Raw:
    value = {
        "attribute_type": "record-reference",
        "target_object": object,
        "target_record_id": record_id,
    }
    return msgspec.Raw(msgspec.json.encode([value]))


def digest(image: Image) -> bytes:
    """Return a digest that is the same for images that are equal to the byte."""
    digest = blake2b(digest_size=16)
    for attribute_id, raw in sorted(image.values.items()):
        digest.update(b"%s %d " % (attribute_id.encode(), len(bytes(raw))))
        digest.update(raw)
    return digest.digest()


def changed_attributes(before: Image, after: Image, known: Container[str]) -> list[str]:
    """Return the ids of the attributes whose values differ, or were set again.

    An attribute that was not read, because it was deleted or archived, makes no difference.
    """
    ids = [name for name in dict.fromkeys([*before.values, *after.values]) if name in known]
    return [name for name in ids if value_keys(before.values_of(name)) != value_keys(after.values_of(name))]


def newest(before: msgspec.Raw, after: msgspec.Raw) -> Mapping[str, Any] | None:
    """Return the latest of the values that were set since; None where values were only removed."""
    known = set(value_keys(before))
    new = [value for value in values_in(after) if _key(value) not in known]
    return max(new, key=lambda value: moment_of(value.get("active_from")), default=None)


def value_keys(raw: msgspec.Raw) -> list[bytes]:
    """Return the keys that tell values apart, sorted, because the API promises no order."""
    return sorted(map(_key, values_in(raw)))


def values_in(raw: msgspec.Raw) -> list[Mapping[str, Any]]:
    """Return the value objects of an attribute; other content is put into such objects."""
    try:
        found: object = msgspec.json.decode(raw)
    except (
        msgspec.DecodeError,
        UnicodeDecodeError,
        RecursionError,
    ):  # numbers out of range, not text, too deep
        found = [{"unreadable": bytes(raw).hex()}]
    items = cast("list[object]", found) if isinstance(found, list) else [] if found is None else [found]
    return [cast("dict[str, Any]", item) if isinstance(item, dict) else {"odd": item} for item in items]


def moment_of(text: object) -> str:
    """Return a time of the API in a form that sorts: with nine digits after the seconds. Empty if it has none."""
    if not isinstance(text, str):
        return ""
    seconds, _, fraction = text.removesuffix("Z").partition(".")
    return f"{seconds}.{fraction:0<9}"


def latest_moment(raw: msgspec.Raw) -> str:
    """Return when the latest of the values was set."""
    return max((moment_of(value.get("active_from")) for value in values_in(raw)), default="")


def carried_keys(image: Image) -> Iterator[bytes]:
    """Yield a key of each value, with when and by whom it was set: a merge copies values to the new record with these.

    What the system writes for every record is left out.
    """
    created = moment_of(image.created_at)
    for attribute_id, raw in image.values.items():
        for value in values_in(raw):
            is_system = value.get("attribute_type") in {"timestamp", "actor-reference"}
            if value.get("active_from") and not (is_system and moment_of(value["active_from"]) == created):
                key = msgspec.json.encode([attribute_id, value.get("created_by_actor")]) + _key(value)
                yield blake2b(key, digest_size=16).digest()


def is_older(image: Image, moment: str) -> bool:
    """Return True if it was created, or has a value that was set, at that time or before."""
    if not moment:
        return False
    times = [moment_of(value.get("active_from")) for raw in image.values.values() for value in values_in(raw)]
    return any(time and time <= moment for time in (moment_of(image.created_at), *times))


def _key(value: Mapping[str, Any]) -> bytes:
    return msgspec.json.encode([value.get("active_from"), _content(value)], order="deterministic")


def _content(value: Mapping[str, Any]) -> Any:
    """Return what the value is. Of an option or status that is its id: a new title does not change the records."""
    for kind in ("option", "status"):
        choice: object = value.get(kind)
        choice_id = cast("dict[str, Any]", choice).get("id") if isinstance(choice, dict) else None
        if choice_id is not None:
            return [kind, choice_id]
    return {name: part for name, part in value.items() if name not in _METADATA}
