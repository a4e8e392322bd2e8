"""Records and list entries: mappings that decode an attribute when it is first read.

A page is only split into the raw JSON of each attribute, since building the tree of every value costs several times as
much and most callers read a handful of attributes.
"""

from collections.abc import Iterator, Mapping, ValuesView
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, ClassVar, TypeVar, cast, overload
from uuid import UUID

import msgspec

from attio_async_api.types import CompositeId

from .._schema import ObjectSchema, id_part
from .._utils.public import public
from ..errors import CoercionError
from ..values import RecordRef, Value, read_value
from ..values._types import text_or_none
from .decode import natives, tolerant, value_objects


class _RecordEnvelope(msgspec.Struct):
    """The parts of a record or entry that are always decoded; everything else stays in the bytes of the page."""

    id: Any = None
    created_at: Any = None
    web_url: Any = None
    parent_object: Any = None
    parent_record_id: Any = None
    values: dict[str, msgspec.Raw] | None = None
    entry_values: dict[str, msgspec.Raw] | None = None


class _Many(msgspec.Struct):
    data: list[_RecordEnvelope]


class _One(msgspec.Struct):
    data: _RecordEnvelope


_many = msgspec.json.Decoder(_Many)
_one = msgspec.json.Decoder(_One)


class _PageBytes:
    """The bytes of one answer, shared by its records; decoded as a whole only for `Record.raw`."""

    __slots__ = ("_decoded", "_encoded")

    def __init__(self, encoded: bytes) -> None:
        self._encoded = encoded
        self._decoded: Any = None

    def raw(self, index: int | None) -> dict[str, Any]:
        if self._decoded is None:
            self._decoded = tolerant(self._encoded)["data"]
        return cast("dict[str, Any]", self._decoded if index is None else self._decoded[index])


@public
class AttributeMapping(Mapping[str, Any]):
    """A mapping from attribute slugs to plain values; the base of `Record`, `Entry` and `ActivityRecord`.

    ``record["name"]`` is the value of an attribute that holds one value, None if unset, and a list for a multiselect
    attribute, empty if unset. Which of the two it is follows from the schema, never from the number of values.
    `first` and `all` do not need the schema.

    Iterating yields the slugs that came with it. Reading never fails on an unknown type: such a value is an
    `UnknownValue`.
    """

    __slots__ = ("_body", "_envelope", "_index", "_read", "_schema")
    _own_id: ClassVar[str]

    def __init__(
        self, envelope: _RecordEnvelope, body: _PageBytes, index: int | None, schema: ObjectSchema | None
    ) -> None:
        self._envelope = envelope
        self._body = body
        self._index = index
        self._schema = schema
        self._read: dict[str, list[Any]] = {}

    @property
    def id(self) -> str:
        """The id, without the ids of the object or list and the workspace."""
        return self._part(self._own_id)

    @property
    def workspace_id(self) -> str:
        """The id of the workspace."""
        return self._part("workspace_id")

    @property
    def created_at(self) -> datetime | None:
        """The time of creation in UTC; None if the API does not say."""
        text = self._envelope.created_at
        try:
            return datetime.fromisoformat(text).astimezone(UTC)
        except (TypeError, ValueError):
            return None

    @property
    def created_at_text(self) -> str | None:
        """`created_at` as the API wrote it, with all its digits."""
        text = self._envelope.created_at
        return text if isinstance(text, str) else None

    @property
    def raw(self) -> dict[str, Any]:
        """Everything that the API sent, as plain dicts and lists."""
        return self._body.raw(self._index)

    def __getitem__(self, slug: str) -> Any:
        # Written out, since a loop over records spends most of its time here.
        attribute = self._schema.attributes.get(slug) if self._schema is not None else None
        if attribute is None:
            raise self._unshaped(slug)
        values = self._read.get(slug)
        if values is None:
            raw = (self._envelope.values or self._raws).get(slug)
            values = self._read[slug] = [] if raw is None else natives(raw, attribute.type)
        if attribute.is_multiselect:
            return list(values)
        return values[0] if values else None

    def __iter__(self) -> Iterator[str]:
        return iter(self._raws)

    def __len__(self) -> int:
        return len(self._raws)

    def __contains__(self, slug: object) -> bool:
        return slug in self._raws

    def first(self, slug: str) -> Any:
        """Return the attribute's first value; None if the attribute is unset or unknown."""
        values = self._values(slug)
        return values[0] if values else None

    def all(self, slug: str) -> list[Any]:
        """Return all values of the attribute; an empty list if it is unset or unknown."""
        return list(self._values(slug))

    @overload
    def values(self) -> ValuesView[Any]: ...
    @overload
    def values(self, slug: str) -> list[Value]: ...
    def values(self, slug: str | None = None) -> ValuesView[Any] | list[Value]:
        """Return the typed values of one attribute, with when and by whom each was set.

        Without a slug, return the plain values of all attributes, as `Mapping.values` does.
        """
        if slug is None:
            return super().values()
        raw = self._raws.get(slug)
        return [] if raw is None else [read_value(value) for value in value_objects(raw)]

    def encoded(self, slug: str) -> bytes:
        """Return the values of one attribute as the JSON that the API sent; ``[]`` if it is unknown."""
        raw = self._raws.get(slug)
        return b"[]" if raw is None else bytes(raw)

    def to_dict(self) -> dict[str, Any]:
        """Return a plain dict of all attributes; those that the schema lacks are lists."""
        return {slug: self.first(slug) if self._is_single(slug) else self.all(slug) for slug in self._raws}

    def __eq__(self, other: object) -> bool:
        return self.raw == other.raw if isinstance(other, type(self)) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.id)

    @property
    def _raws(self) -> Mapping[str, msgspec.Raw]:
        return self._envelope.values or self._envelope.entry_values or {}

    def _part(self, name: str) -> str:
        return id_part(self._envelope.id, name)

    def _unshaped(self, slug: str) -> LookupError:
        """Return the error for an attribute that the schema lacks."""
        if self._schema is None:
            return LookupError(
                f"the attributes could not be read, so {slug!r} may hold one value or many; "
                f"use .first({slug!r}) or .all({slug!r})"
            )
        if slug in self._raws:
            return KeyError(f"{slug!r} is newer than the schema; use .first({slug!r}) or .all({slug!r})")
        near = self._schema.suggest(slug)
        return KeyError(f"{slug!r}; did you mean {' or '.join(map(repr, near))}?" if near else slug)

    def _is_single(self, slug: str) -> bool:
        return self._schema is not None and self._schema.is_single(slug)

    def _values(self, slug: str) -> list[Any]:
        known = self._read.get(slug)
        if known is None:
            raw = self._raws.get(slug)
            attribute = self._schema.attributes.get(slug) if self._schema is not None else None
            known = [] if raw is None else natives(raw, attribute.type if attribute is not None else None)
            self._read[slug] = known
        return known


@public
class Record(AttributeMapping):
    """A record, as a mapping from attribute slugs to plain values; see `AttributeMapping`."""

    __slots__ = ()
    _own_id = "record_id"

    @property
    def object_id(self) -> str:
        """The id of the object."""
        return self._part("object_id")

    @property
    def web_url(self) -> str | None:
        """The address in the web app; None if the API does not say."""
        return text_or_none(self._envelope.web_url)

    def __repr__(self) -> str:
        name = self._schema.name if self._schema else self.object_id
        return f"<Record {name} {self.id}>"


@public
class Entry(AttributeMapping):
    """A list entry, as a mapping from the list's attribute slugs to plain values; see `AttributeMapping`.

    It does not hold the values of its record, which `parent` refers to.
    """

    __slots__ = ()
    _own_id = "entry_id"

    @property
    def list_id(self) -> str:
        """The id of the list."""
        return self._part("list_id")

    @property
    def parent_record_id(self) -> str:
        """The id of the record; empty if the API does not say."""
        return text_or_none(self._envelope.parent_record_id) or ""

    @property
    def parent_object(self) -> str:
        """The slug of the record's object; empty if the API does not say."""
        return text_or_none(self._envelope.parent_object) or ""

    @property
    def parent(self) -> RecordRef:
        """A reference to the record."""
        return RecordRef(self.parent_object, self.parent_record_id)

    def __repr__(self) -> str:
        return f"<Entry {self._schema.name if self._schema else self.list_id} {self.id}>"


@public
class ActivityRecord(AttributeMapping):
    """A record of an activity, as a mapping from attribute slugs to plain values.

    The API does not describe the attributes of activities, so read them with `first` and `all`.
    """

    __slots__ = ()
    _own_id = "record_id"

    @property
    def activity_id(self) -> str:
        """The id of the activity."""
        return self._part("activity_id")

    def __repr__(self) -> str:
        return f"<ActivityRecord {self.activity_id} {self.id}>"


V = TypeVar("V", bound=AttributeMapping)


def decode_many(body: bytes, cls: type[V], schema: ObjectSchema | None = None) -> list[V]:
    """Decode the body of an answer that holds a list of records or entries.

    Raises:
        msgspec.DecodeError: The body is in another shape.
    """
    shared = _PageBytes(body)
    return [cls(item, shared, index, schema) for index, item in enumerate(_many.decode(body).data)]


def decode_one(body: bytes, cls: type[V], schema: ObjectSchema | None = None) -> V:
    """Decode the body of an answer that holds one record or entry.

    Raises:
        msgspec.DecodeError: The body is in another shape.
    """
    return cls(_one.decode(body).data, _PageBytes(body), None, schema)


def record_id(reference: object) -> str:
    """Return the id of a record that is given by id, composite id, `Record`, reference or address in the web app.

    Raises:
        CoercionError: The reference is not to a record.
    """
    if isinstance(reference, Record | ActivityRecord):
        return record_id(reference.id)
    if isinstance(reference, RecordRef):
        return record_id(reference.record_id)
    if isinstance(reference, Mapping) and not isinstance(reference, AttributeMapping):
        return record_id(cast("Mapping[str, Any]", reference).get("record_id"))
    identity = getattr(reference, "id", None)
    if isinstance(identity, CompositeId):  # such as what a search found
        return record_id(identity.part("record_id"))
    text = str(reference).strip() if isinstance(reference, str | UUID) else ""
    with suppress(ValueError):
        return RecordRef.from_url(text).record_id
    if text in {"", ".", ".."} or "/" in text:
        raise CoercionError.single(
            "record_id",
            None,
            reference,
            f"{reference!r} is not a valid record id",
            "give an id, a Record, or its web_url",
        )
    return text
