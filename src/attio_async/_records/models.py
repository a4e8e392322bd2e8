"""Records and list entries as they come back: mappings that decode an attribute when it is first read.

A page is split into the raw JSON of each attribute and nothing more, since building the tree of every value
costs several times what splitting does and most callers read a handful of attributes.
"""

import re
from collections.abc import Iterator, Mapping, ValuesView
from datetime import UTC, datetime
from typing import Any, ClassVar, TypeVar, cast, overload
from uuid import UUID

import msgspec

from attio_async_api.types import CompositeId

from .._schema import ObjectSchema, id_part
from ..errors import CoercionError
from ..values import RecordRef, Value, read_value
from .decode import natives, tolerant, value_objects


class _RecordEnvelope(msgspec.Struct):
    """The parts of a record or entry that are always looked at; whatever else it has stays in the page's bytes."""

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
    """The bytes of one answer, shared by the records in it; decoded as a whole only for `Record.raw`."""

    __slots__ = ("_decoded", "_encoded")

    def __init__(self, encoded: bytes) -> None:
        self._encoded = encoded
        self._decoded: Any = None

    def raw(self, index: int | None) -> dict[str, Any]:
        if self._decoded is None:
            self._decoded = tolerant(self._encoded)["data"]
        return cast("dict[str, Any]", self._decoded if index is None else self._decoded[index])


class AttributeMapping(Mapping[str, Any]):
    """What has attribute values, as a mapping from attribute slugs to plain values.

    ``record["name"]`` is the value of an attribute that holds one value, or None when it is unset, and a list
    for a multiselect attribute, empty when it is unset. Which of the two it is follows from the schema, never from
    how many values happen to be there. `first` and `all` do not need the schema.

    Looping over it gives the slugs that came with it. Reading never fails on a value of an unknown kind:
    that becomes an `UnknownValue`.
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
        """Its own id, without the ids of what it belongs to."""
        return self._part(self._own_id)

    @property
    def workspace_id(self) -> str:
        """The id of the workspace."""
        return self._part("workspace_id")

    @property
    def created_at(self) -> datetime | None:
        """When it was created, in UTC; None should the API not say."""
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
        """All of it as the API sent it, as plain dicts and lists."""
        return self._body.raw(self._index)

    def __getitem__(self, slug: str) -> Any:
        # Written out, since this is what a loop over records spends its time in.
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
        """The attribute's first value, or None when it is unset or there is no such attribute."""
        values = self._values(slug)
        return values[0] if values else None

    def all(self, slug: str) -> list[Any]:
        """All values of the attribute; empty when it is unset or there is no such attribute."""
        return list(self._values(slug))

    @overload
    def values(self) -> ValuesView[Any]: ...
    @overload
    def values(self, slug: str) -> list[Value]: ...
    def values(self, slug: str | None = None) -> ValuesView[Any] | list[Value]:
        """The typed values of one attribute, with when and by whom each was set.

        Without a slug: what `Mapping.values` gives, the plain value of every attribute that came with it.
        """
        if slug is None:
            return super().values()
        raw = self._raws.get(slug)
        return [] if raw is None else [read_value(value) for value in value_objects(raw)]

    def encoded(self, slug: str) -> bytes:
        """The values of one attribute as the JSON that the API sent; ``[]`` when there is no such attribute."""
        raw = self._raws.get(slug)
        return b"[]" if raw is None else bytes(raw)

    def to_dict(self) -> dict[str, Any]:
        """A plain dict of every attribute that came with it; those the schema lacks are lists."""
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
        """Why it is not known whether there is one value or a list, and what helps."""
        if self._schema is None:
            return LookupError(
                f"whether {slug!r} holds one value or many is not known, since the attributes could "
                f"not be read: use .first({slug!r}) or .all({slug!r})"
            )
        if slug in self._raws:
            return KeyError(f"{slug!r} is newer than the schema: use .first({slug!r}) or .all({slug!r})")
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


class Record(AttributeMapping):
    """One record, as a mapping from attribute slugs to plain values; see `AttributeMapping`."""

    __slots__ = ()
    _own_id = "record_id"

    @property
    def object_id(self) -> str:
        """The id of its object."""
        return self._part("object_id")

    @property
    def web_url(self) -> str | None:
        """Where people see it in the app; None should the API not say."""
        url = self._envelope.web_url
        return url if isinstance(url, str) else None

    def __repr__(self) -> str:
        name = self._schema.name if self._schema else self.object_id
        return f"<Record {name} {self.id}>"


class Entry(AttributeMapping):
    """One entry of a list, as a mapping from the list's attribute slugs to plain values; see `AttributeMapping`.

    The values of the record it stands for are not in it: that is `parent`.
    """

    __slots__ = ()
    _own_id = "entry_id"

    @property
    def list_id(self) -> str:
        """The id of its list."""
        return self._part("list_id")

    @property
    def parent_record_id(self) -> str:
        """The id of the record that is in the list; empty should the API not say."""
        return _text(self._envelope.parent_record_id)

    @property
    def parent_object(self) -> str:
        """The object of that record; empty should the API not say."""
        return _text(self._envelope.parent_object)

    @property
    def parent(self) -> RecordRef:
        """The record that is in the list."""
        return RecordRef(self.parent_object, self.parent_record_id)

    def __repr__(self) -> str:
        return f"<Entry {self._schema.name if self._schema else self.list_id} {self.id}>"


class ActivityRecord(AttributeMapping):
    """One record of an activity, as a mapping from attribute slugs to plain values.

    The API does not describe the attributes of activities, so read with `first` and `all`.
    """

    __slots__ = ()
    _own_id = "record_id"

    @property
    def activity_id(self) -> str:
        """The id of its activity."""
        return self._part("activity_id")

    def __repr__(self) -> str:
        return f"<ActivityRecord {self.activity_id} {self.id}>"


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


V = TypeVar("V", bound=AttributeMapping)


def decode_many(body: bytes, cls: type[V], schema: ObjectSchema | None = None) -> list[V]:
    """The records or entries of an answer that holds a list of them.

    Raises:
        msgspec.DecodeError: The body is not one.
    """
    shared = _PageBytes(body)
    return [cls(item, shared, index, schema) for index, item in enumerate(_many.decode(body).data)]


def decode_one(body: bytes, cls: type[V], schema: ObjectSchema | None = None) -> V:
    """The record or entry of an answer that holds one.

    Raises:
        msgspec.DecodeError: The body is not one.
    """
    return cls(_one.decode(body).data, _PageBytes(body), None, schema)


def decode_records(body: bytes, schema: ObjectSchema | None) -> list[Record]:
    """As `decode_many`, for records."""
    return decode_many(body, Record, schema)


def decode_record(body: bytes, schema: ObjectSchema | None) -> Record:
    """As `decode_one`, for a record."""
    return decode_one(body, Record, schema)


_APP_URL = re.compile(
    r"https?://app\.attio\.com/.*?([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})", re.IGNORECASE
)


def record_id(reference: object) -> str:
    """The id in whatever names a record: an id, a composite id, a `Record`, a reference, or its address in the app.

    Raises:
        CoercionError: It names no record.
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
    if address := _APP_URL.match(text):
        return address.group(1)
    if text in {"", ".", ".."} or "/" in text:
        raise CoercionError.single(
            "record_id",
            None,
            reference,
            f"{reference!r} names no record",
            "give an id, a Record, or its web_url",
        )
    return text
