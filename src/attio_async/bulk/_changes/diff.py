"""What differs between a record as it was kept and as it is now. Pure."""

from collections.abc import Container, Mapping
from hashlib import blake2b
from typing import Any, cast

import msgspec

from ..._records.models import Record

# What a value says of when and by whom it was set, not of what it is.
_ASIDE = frozenset({"active_from", "active_until", "created_by_actor", "attribute_type"})


NOTHING = msgspec.Raw(b"[]")
"""What an attribute without values holds."""


class Image(msgspec.Struct):
    """A record as a sweep finds it; `values` are those of the attributes watched that have some, by attribute id."""

    id: dict[str, str]
    created_at: str | None
    web_url: str | None
    values: dict[str, msgspec.Raw]

    @property
    def record_id(self) -> str:
        """The record's own id."""
        return self.id["record_id"]

    def held(self, attribute_id: str) -> msgspec.Raw:
        """What an attribute holds."""
        return self.values.get(attribute_id, NOTHING)


def image_of(record: Record, watched: Mapping[str, str]) -> Image:
    """The image of a record that was just read; `watched` maps slugs of the attributes to look at to their ids."""
    found = {identity: record.encoded(slug) for slug, identity in watched.items()}
    return Image(
        id={
            "workspace_id": record.workspace_id,
            "object_id": record.object_id,
            "record_id": record.id,
        },
        created_at=record.created_at_text,
        web_url=record.web_url,
        values={identity: msgspec.Raw(raw) for identity, raw in found.items() if raw != b"[]"},
    )


def digest(image: Image) -> bytes:
    """The same for records that are alike to the byte."""
    told = blake2b(digest_size=16)
    for identity, raw in sorted(image.values.items()):
        told.update(b"%s %d " % (identity.encode(), len(bytes(raw))))
        told.update(raw)
    return told.digest()


def differing(before: Image, after: Image, watched: Container[str]) -> list[str]:
    """The ids of the attributes whose values are others now, or were set anew.

    An attribute that is not watched any more, since it was deleted, makes no difference.
    """
    names = [name for name in dict.fromkeys([*before.values, *after.values]) if name in watched]
    return [name for name in names if _marks(before.held(name)) != _marks(after.held(name))]


def newest(before: msgspec.Raw, after: msgspec.Raw) -> Mapping[str, Any] | None:
    """The latest of the values that were set since; None where values were only removed."""
    known = set(_marks(before))
    new = [value for value in _values(after) if _mark(value) not in known]
    return max(new, key=lambda value: str(value.get("active_from")), default=None)


def _marks(raw: msgspec.Raw) -> list[bytes]:
    """What tells the values of an attribute from others; in an order of its own, since the API promises none."""
    return sorted(map(_mark, _values(raw)))


def _values(raw: msgspec.Raw) -> list[Mapping[str, Any]]:
    try:
        found: object = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):  # numbers beyond all bounds, or bytes that are no text
        found = [{"unreadable": bytes(raw).hex()}]
    items = cast("list[object]", found) if isinstance(found, list) else [found]
    return [cast("dict[str, Any]", item) if isinstance(item, dict) else {"odd": item} for item in items]


def _mark(value: Mapping[str, Any]) -> bytes:
    return msgspec.json.encode([value.get("active_from"), _content(value)], order="deterministic")


def _content(value: Mapping[str, Any]) -> Any:
    """What the value is. Of an option or status that is its id: a new title is no change of the records."""
    for kind in ("option", "status"):
        choice: object = value.get(kind)
        identity = cast("dict[str, Any]", choice).get("id") if isinstance(choice, dict) else None
        if identity is not None:
            return [kind, identity]
    return {name: part for name, part in value.items() if name not in _ASIDE}
