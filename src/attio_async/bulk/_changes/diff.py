"""The difference between a record in a snapshot and as it is now. Pure."""

from collections.abc import Container, Mapping
from hashlib import blake2b
from typing import Any, cast

import msgspec

from ..._records.models import Entry, Record

_METADATA = frozenset({"active_from", "active_until", "created_by_actor", "attribute_type"})
"""The parts of a value object that say when and by whom it was set, and not what it is."""

NO_VALUES = msgspec.Raw(b"[]")
"""The values of an attribute that has none."""


class Image(msgspec.Struct):
    """A record or entry as a sweep found it; `values` are those of the watched attributes that have some, by attribute id."""

    id: dict[str, str]
    created_at: str | None
    web_url: str | None
    values: dict[str, msgspec.Raw]
    parent: tuple[str, str] | None = None

    @property
    def record_id(self) -> str:
        """The own id of the record or entry."""
        return self.id.get("record_id") or self.id["entry_id"]

    def values_of(self, attribute_id: str) -> msgspec.Raw:
        """Return the values of an attribute."""
        return self.values.get(attribute_id, NO_VALUES)


def image_of(record: Record | Entry, watched: Mapping[str, str]) -> Image:
    """Return the image of a record; `watched` maps slugs of the watched attributes to their ids."""
    found = {attribute_id: record.encoded(slug) for slug, attribute_id in watched.items()}
    if isinstance(record, Entry):
        own = {"list_id": record.list_id, "entry_id": record.id}
        parent = (record.parent_object, record.parent_record_id)
    else:
        own, parent = {"object_id": record.object_id, "record_id": record.id}, None
    return Image(
        id={"workspace_id": record.workspace_id, **own},
        created_at=record.created_at_text,
        web_url=None if isinstance(record, Entry) else record.web_url,
        parent=parent,
        values={attribute_id: msgspec.Raw(raw) for attribute_id, raw in found.items() if raw != b"[]"},
    )


def digest(image: Image) -> bytes:
    """Return a digest that is the same for records that are equal to the byte."""
    digest = blake2b(digest_size=16)
    for attribute_id, raw in sorted(image.values.items()):
        digest.update(b"%s %d " % (attribute_id.encode(), len(bytes(raw))))
        digest.update(raw)
    return digest.digest()


def changed_attributes(before: Image, after: Image, watched: Container[str]) -> list[str]:
    """Return the ids of the attributes whose values differ, or were set again.

    An attribute that is not watched any more, because it was deleted, makes no difference.
    """
    ids = [name for name in dict.fromkeys([*before.values, *after.values]) if name in watched]
    return [name for name in ids if _keys(before.values_of(name)) != _keys(after.values_of(name))]


def newest(before: msgspec.Raw, after: msgspec.Raw) -> Mapping[str, Any] | None:
    """Return the latest of the values that were set since; None where values were only removed."""
    known = set(_keys(before))
    new = [value for value in _values(after) if _key(value) not in known]
    return max(new, key=lambda value: str(value.get("active_from")), default=None)


def _keys(raw: msgspec.Raw) -> list[bytes]:
    """Return what tells values apart, sorted, because the API promises no order."""
    return sorted(map(_key, _values(raw)))


def _values(raw: msgspec.Raw) -> list[Mapping[str, Any]]:
    try:
        found: object = msgspec.json.decode(raw)
    except (
        msgspec.DecodeError,
        UnicodeDecodeError,
        RecursionError,
    ):  # numbers out of range, not text, too deep
        found = [{"unreadable": bytes(raw).hex()}]
    items = cast("list[object]", found) if isinstance(found, list) else [found]
    return [cast("dict[str, Any]", item) if isinstance(item, dict) else {"odd": item} for item in items]


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
