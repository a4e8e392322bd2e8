"""Records and list entries: mappings that decode an attribute when it is first read.

A page is only split into the raw JSON of each attribute, since building the tree of every value costs several times as
much and most callers read a handful of attributes.
"""

from collections.abc import (
    Callable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
    Set as AbstractSet,
    ValuesView,
)
from contextlib import suppress
from datetime import datetime
from functools import cached_property
from typing import Any, Literal, TypeVar, cast, overload
from uuid import UUID

import msgspec

from attio_async_api.json_data import JsonData, JsonFields, check_mode
from attio_async_api.types import CompositeId

from .._schema import Attribute, ObjectSchema, id_part
from .._utils.public import public
from .._utils.text import show
from ..errors import CoercionError, DecodeError
from ..values import RecordRef, Value, read_value
from ..values._read import moment_or_none
from ..values._types import canonical_id, text_or_none
from .decode import decoder_of, natives, tolerant, value_objects
from .plain import plain_values, schema_readers
from .show import describe, html_table


class _RecordEnvelope(msgspec.Struct):
    """The parts of a record or entry that are always decoded; everything else stays in the bytes of the page."""

    id: Any = None
    created_at: Any = None
    web_url: Any = None
    parent_object: Any = None
    parent_record_id: Any = None
    values: dict[str, msgspec.Raw] | None = None
    entry_values: dict[str, msgspec.Raw] | None = None


_NOTHING = msgspec.Raw(b"null")
_attributes: "msgspec.json.Decoder[dict[str, msgspec.Raw] | None]" = msgspec.json.Decoder(
    dict[str, msgspec.Raw] | None
)


class _SealedEnvelope(msgspec.Struct, dict=True):
    """A `_RecordEnvelope` whose values are one text until they are read. 500 take 5.7 ms in place of 8.8 ms."""

    id: Any = None
    created_at: Any = None
    web_url: Any = None
    parent_object: Any = None
    parent_record_id: Any = None
    sealed_values: msgspec.Raw = msgspec.field(default=_NOTHING, name="values")
    sealed_entry_values: msgspec.Raw = msgspec.field(default=_NOTHING, name="entry_values")

    @cached_property
    def values(self) -> dict[str, msgspec.Raw] | None:
        return _attributes.decode(self.sealed_values)

    @cached_property
    def entry_values(self) -> dict[str, msgspec.Raw] | None:
        return _attributes.decode(self.sealed_entry_values)


class _Many(msgspec.Struct):
    data: list[_RecordEnvelope]


class _ManySealed(msgspec.Struct):
    data: list[_SealedEnvelope]


class _One(msgspec.Struct):
    data: _RecordEnvelope


class _OneSealed(msgspec.Struct):
    data: _SealedEnvelope


class _Undecoded(msgspec.Struct):
    data: list[msgspec.Raw]


_many = msgspec.json.Decoder(_Many)
_many_sealed = msgspec.json.Decoder(_ManySealed)
_one = msgspec.json.Decoder(_One)
_one_sealed = msgspec.json.Decoder(_OneSealed)
_undecoded = msgspec.json.Decoder(_Undecoded)
_encoder = msgspec.json.Encoder()


class _PageBytes:
    """The bytes of one answer, shared by its records; decoded as a whole only for `Record.raw`."""

    __slots__ = ("_decoded", "_encoded", "_parts")

    def __init__(self, encoded: bytes) -> None:
        self._encoded = encoded
        self._decoded: Any = None
        self._parts: list[msgspec.Raw] | None = None

    def raw(self, index: int | None) -> dict[str, Any]:
        if self._decoded is None:
            self._decoded = tolerant(self._encoded)["data"]
        return cast("dict[str, Any]", self._decoded if index is None else self._decoded[index])

    def alone(self, index: int | None) -> bytes:
        """Return an answer with nothing but one record, in the bytes of the API."""
        if index is None:
            return self._encoded
        if self._parts is None:
            self._parts = _undecoded.decode(self._encoded).data
        return b'{"data":%b}' % bytes(self._parts[index])


@public
class AttributeMapping(Mapping[str, Any], JsonData):
    """A mapping from attribute slugs to plain values; the base of `Record`, `Entry` and `ActivityRecord`.

    ``record["name"]`` is the value of an attribute that holds one value, None if unset, and a list for a multiselect
    attribute, empty if unset. Which of the two it is follows from the schema, never from the number of values.
    `first` and `all` do not need the schema. An attribute may be named by slug, title or id.

    Iterating yields the slugs that came with it and that the schema has. A record with others has its schema read again
    before it is handed out; those that are still unknown are in `raw`, `first` and `all` alone, as are all attributes if no
    schema can be read. Reading never fails on an unknown type: such a value is an
    `UnknownValue`.
    """

    __slots__ = ("_body", "_envelope", "_index", "_read", "_schema")
    _own_id = ""
    _owner = ""

    def __init__(
        self,
        envelope: _RecordEnvelope | _SealedEnvelope,
        body: _PageBytes,
        index: int | None,
        schema: ObjectSchema | None,
    ) -> None:
        self._envelope = envelope
        self._body = body
        self._index = index
        self._schema = schema
        self._read: dict[str, list[Any]] = {}

    @property
    def id(self) -> str:
        """The id, without the ids of the object or list and the workspace."""
        return id_part(
            self._envelope.id, self._own_id
        )  # direct, since each row of a page is identified by it

    @property
    def owner_id(self) -> str:
        """The id of the object, list or activity that it is of."""
        return self._part(self._owner)

    @property
    def workspace_id(self) -> str:
        """The id of the workspace."""
        return self._part("workspace_id")

    @property
    def created_at(self) -> datetime | None:
        """The time of creation in UTC; None if the API does not say."""
        return moment_or_none(self._envelope.created_at)

    @property
    def created_at_text(self) -> str | None:
        """`created_at` as the API wrote it, with all its digits."""
        text = self._envelope.created_at
        return text if isinstance(text, str) else None

    @property
    def schema(self) -> ObjectSchema | None:
        """The attributes of its object or list; None if they could not be read."""
        return self._schema

    @property
    def raw(self) -> dict[str, Any]:
        """Everything that the API sent, as plain dicts and lists."""
        return self._body.raw(self._index)

    def __getitem__(self, slug: str) -> Any:
        # Written out, since a loop over records spends most of its time here.
        attribute = self._schema.attributes.get(slug) if self._schema is not None else None
        if attribute is None:
            attribute = self._named(slug)
            if attribute is None:
                raise self._unshaped(slug)
            slug = attribute.slug
        values = self._read.get(slug)
        if values is None:
            raw = (self._envelope.values or self._raws).get(slug)
            values = self._read[slug] = [] if raw is None else decoder_of(attribute.type)(raw)
        if attribute.is_multiselect:
            return list(values)
        return values[0] if values else None

    def __iter__(self) -> Iterator[str]:
        if self._schema is None:
            return iter(())
        unknown = self.undescribed
        return (slug for slug in self._raws if slug not in unknown) if unknown else iter(self._raws)

    def __len__(self) -> int:
        return 0 if self._schema is None else len(self._raws) - len(self.undescribed)

    def __contains__(self, slug: object) -> bool:
        return self._schema is not None and (slug in self._schema.attributes or self._named(slug) is not None)

    def _named(self, name: object) -> Attribute | None:
        """Return the attribute of a title or id; None if it is unknown, or a slug that came and the schema lacks."""
        if self._schema is None or not isinstance(name, str) or name in self._raws:
            return None
        return self._schema.lookup(name)

    def _raw(self, name: str) -> msgspec.Raw | None:
        raw = self._raws.get(name)
        if raw is None and (attribute := self._named(name)) is not None:
            raw = self._raws.get(attribute.slug)
        return raw

    @property
    def is_described(self) -> bool:
        """True if the schema has all attributes that came with it."""
        return self._schema is None or self._schema.slugs.issuperset(self._raws)

    @property
    def undescribed(self) -> AbstractSet[str]:
        """The slugs that the schema lacks, which is older than the record: only `raw`, `first` and `all` have them."""
        return frozenset() if self._schema is None else self._raws.keys() - self._schema.attributes.keys()

    def describe_by(self, schema: ObjectSchema) -> None:
        """Use a newer schema. Called before the record is handed out."""
        self._schema = schema
        self._read.clear()

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
        raw = self._raw(slug)
        return [] if raw is None else [read_value(value) for value in value_objects(raw)]

    def encoded(self, slug: str) -> bytes:
        """Return the values of one attribute as the JSON that the API sent; ``[]`` if it is unknown."""
        raw = self._raw(slug)
        return b"[]" if raw is None else bytes(raw)

    def to_dict(self, *, mode: Literal["python", "json"] = "python", flat: bool = False) -> dict[str, Any]:
        """Return a plain dict: ids, `created_at` and others, and beside them the attributes in `values`.

        Attributes that the schema lacks are lists.

        Args:
            mode: "python" keeps dates, decimals and values such as names as they are; "json" returns what `json.dumps`
                takes.
            flat: Return the attributes themselves, after the id: in the "json" mode, the line of a JSONL export.

        Raises:
            ValueError: The mode is unknown.
        """
        convert = check_mode(mode)
        if not flat:
            return self._as_json() if mode == "json" else super().to_dict(mode=mode)
        ids = {self._own_id: self.id, **self._parent_ids()}
        held = self._plain_values() if mode == "json" else {}
        slugs = (slug for slug in self._columns() if slug not in ids)
        return {
            **ids,
            **{slug: held[slug] if slug in held else convert(self._native(slug)) for slug in slugs},
        }

    def to_json(self) -> str:
        """Return `to_dict(mode="json")` as text."""
        try:
            return msgspec.json.encode(
                {**self._facts(), "values": self._plain_values(encoding=True)}
            ).decode()
        except ValueError:  # half a surrogate pair, which has no UTF-8
            return super().to_json()

    def _as_json(self) -> dict[str, Any]:
        found = self._facts()
        found["created_at"] = msgspec.to_builtins(found["created_at"])
        found["values"] = self._plain_values()
        return found

    def _plain_values(self, *, encoding: bool = False) -> dict[str, Any]:
        return plain_values(self._raws, schema_readers(self._schema, encoding))

    def _json_fields(self) -> JsonFields:
        values = {slug: self._native(slug) for slug in self._raws}
        return [*self._facts().items(), ("values", values)]

    def _facts(self) -> dict[str, Any]:
        """Return what the API says beside the values."""
        identity = self._envelope.id
        return {
            "id": id_part(identity, self._own_id),
            self._owner: id_part(identity, self._owner),
            **self._parent_ids(),
            "workspace_id": id_part(identity, "workspace_id"),
            "created_at": self.created_at,
        }

    def _parent_ids(self) -> dict[str, Any]:
        """Return the ids that a row has beside its own."""
        return {}

    def __reduce__(self) -> tuple[Any, ...]:
        # A record that leaves the process takes its own bytes with it, not those of its page.
        return decode_one, (self._body.alone(self._index), type(self), self._schema)

    def copied_as(self, cls: type["V"]) -> "V":
        """Return the same record or entry as another class. It shares the decoded response."""
        return cls(self._envelope, self._body, self._index, self._schema)

    def __eq__(self, other: object) -> bool:
        return self.raw == other.raw if isinstance(other, type(self)) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.id)

    @property
    def _raws(self) -> Mapping[str, msgspec.Raw]:
        return self._envelope.values or self._envelope.entry_values or {}

    def _part(self, name: str) -> str:
        return id_part(self._envelope.id, name)

    def _unshaped(self, slug: str) -> KeyError:
        """Return the error for an attribute that the schema lacks."""
        if self._schema is None:
            return KeyError(
                f"the attributes could not be read, so {slug!r} may hold one value or many; "
                f"use .first({slug!r}) or .all({slug!r})"
            )
        if slug in self._raws:
            return KeyError(f"{slug!r} is newer than the schema; use .first({slug!r}) or .all({slug!r})")
        near = self._schema.suggest(slug)
        return KeyError(f"{slug!r}; did you mean {' or '.join(map(repr, near))}?" if near else slug)

    def _native(self, slug: str) -> Any:
        is_single = self._schema is not None and self._schema.is_single(slug)
        return self.first(slug) if is_single else self.all(slug)

    def _columns(self) -> Iterable[str]:
        """Return the slugs of a row: all attributes that are in use, or those that came if the schema is unknown."""
        if self._schema is None:
            return self._raws
        return [slug for slug, found in self._schema.attributes.items() if not found.is_archived]

    def _filled(self) -> dict[str, Any]:
        """Return the attributes that have values, the schema's first."""
        known = self._schema.attributes if self._schema is not None else ()
        slugs = dict.fromkeys((*(slug for slug in known if slug in self._raws), *self._raws))
        natives = ((slug, self._native(slug)) for slug in slugs)
        return {slug: native for slug, native in natives if native not in (None, [])}

    def _label(self) -> str:
        """Return the name of what it is a record or an entry of."""
        return self._schema.name if self._schema is not None else ""

    def __repr__(self) -> str:
        names = (type(self).__name__, self._label(), self.id)
        return f"<{' '.join(name for name in names if name)}{describe(self._filled())}>"

    def _repr_html_(self) -> str:
        facts = {name: value for name, value in self._facts().items() if value}
        return html_table(f"{type(self).__name__} {self._label()}", facts, self._filled())

    def _values(self, slug: str) -> list[Any]:
        known = self._read.get(slug)
        if known is None:
            raw = self._raws.get(slug)
            attribute = self._schema.attributes.get(slug) if self._schema is not None else None
            if raw is None and (named := self._named(slug)) is not None and named.slug != slug:
                return self._values(named.slug)
            known = [] if raw is None else natives(raw, attribute.type if attribute is not None else None)
            self._read[slug] = known
        return known


@public
class Record(AttributeMapping):
    """A record, as a mapping from attribute slugs to plain values; see `AttributeMapping`."""

    __slots__ = ()
    _own_id = "record_id"
    _owner = "object_id"

    @property
    def object_id(self) -> str:
        """The id of the object."""
        return self.owner_id

    @property
    def web_url(self) -> str | None:
        """The address in the web app; None if the API does not say."""
        return text_or_none(self._envelope.web_url)

    def _facts(self) -> dict[str, Any]:
        found = super()._facts()
        found["web_url"] = self.web_url
        return found

    def _label(self) -> str:
        return super()._label() or self.object_id


@public
class Entry(AttributeMapping):
    """A list entry, as a mapping from the list's attribute slugs to plain values; see `AttributeMapping`.

    It does not hold the values of its record, which `parent` refers to. A query with ``with_parents=True`` reads the
    record, too.

    Attributes:
        record: The record, if it was read along and exists; else None.
    """

    __slots__ = ("record",)
    _own_id = "entry_id"
    _owner = "list_id"

    def __init__(
        self,
        envelope: _RecordEnvelope | _SealedEnvelope,
        body: _PageBytes,
        index: int | None,
        schema: ObjectSchema | None,
    ) -> None:
        super().__init__(envelope, body, index, schema)
        self.record: Record | None = None

    @property
    def list_id(self) -> str:
        """The id of the list."""
        return self.owner_id

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

    def _parent_ids(self) -> dict[str, Any]:
        return {"parent_object": self.parent_object, "parent_record_id": self.parent_record_id}

    def _label(self) -> str:
        return super()._label() or self.list_id


@public
class ActivityRecord(AttributeMapping):
    """A record of an activity, as a mapping from attribute slugs to plain values.

    The API does not describe the attributes of activities, so read them with `first` and `all`.
    """

    __slots__ = ()
    _own_id = "record_id"
    _owner = "activity_id"

    @property
    def activity_id(self) -> str:
        """The id of the activity."""
        return self.owner_id

    def _label(self) -> str:
        return super()._label() or self.activity_id


V = TypeVar("V", bound=AttributeMapping)


def decode_many(body: bytes, cls: type[V], schema: ObjectSchema | None = None) -> list[V]:
    """Decode the body of an answer that holds a list of records or entries.

    Raises:
        msgspec.DecodeError: The body is in another shape.
    """
    shared = _PageBytes(body)
    return [cls(item, shared, index, schema) for index, item in enumerate(_many.decode(body).data)]


def decode_sealed(body: bytes, cls: type[V]) -> list[V]:
    """Decode the body as `decode_many` does, for a caller who needs the values of a few rows alone.

    The values of a row are split when they are read, and may be in another shape only then. No schema describes them.

    Raises:
        msgspec.DecodeError: The body is in another shape.
    """
    shared = _PageBytes(body)
    return [cls(item, shared, index, None) for index, item in enumerate(_many_sealed.decode(body).data)]


def detached(rows: Sequence[V]) -> tuple[bytes, Callable[[bytes], list[V]]]:
    """Return the bytes of rows of one class as an answer that holds no others, and the function that reads them back."""
    taken = [each.__reduce__()[1] for each in rows]
    schemas = [schema for _, _, schema in taken]
    cls = type(rows[0])

    def read(body: bytes) -> list[V]:
        found = decode_many(body, cls)
        for row, schema in zip(found, schemas, strict=True):
            row.describe_by(schema)
        return found

    parts = [body.removeprefix(b'{"data":').removesuffix(b"}") for body, _, _ in taken]
    return b'{"data":[%b]}' % b",".join(parts), read


def decode_one(body: bytes, cls: type[V], schema: ObjectSchema | None = None) -> V:
    """Decode the body of an answer that holds one record or entry.

    Raises:
        msgspec.DecodeError: The body is in another shape.
    """
    return cls(_one.decode(body).data, _PageBytes(body), None, schema)


def raw_values(record: AttributeMapping) -> Mapping[str, msgspec.Raw]:
    """Return the JSON of all attributes that came with a record or entry, by slug.

    Raises:
        DecodeError: It was sealed, and its values are in another shape.
    """
    try:
        return record._raws  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - of this module
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DecodeError(f"the values of {record.id} cannot be read ({error})") from None


def write_fingerprint(record: AttributeMapping, buffer: bytearray) -> None:
    """Write a text that is the same for a record or entry of which nothing changed. Much cheaper than `encoded_record`.

    Into a buffer that has been used before: into bytes of its own, which grow, each would take almost twice as long.
    """
    envelope = record._envelope  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - of this module
    if not isinstance(envelope, _SealedEnvelope):
        envelope = _one_sealed.decode(encoded_record(record)).data
    ids = envelope.id, envelope.created_at, envelope.parent_object, envelope.parent_record_id
    _encoder.encode_into((ids, envelope.sealed_values, envelope.sealed_entry_values), buffer)


def encoded_record(record: AttributeMapping) -> bytes:
    """Return an answer with nothing but a record or entry, in the bytes of the API."""
    return record._body.alone(record._index)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - of this module


def record_id(reference: object) -> str:
    """Return the id of a record that is given by id, composite id, `Record`, reference or address in the web app.

    Raises:
        CoercionError: The reference is not to a record.
    """
    text = str(reference).strip() if isinstance(reference, str | UUID) else _id_within(reference)
    if "/" in text:
        with suppress(ValueError):
            return canonical_id(RecordRef.from_url(text).record_id)
    if text in {"", ".", ".."} or "/" in text:
        raise CoercionError.single(
            "record_id",
            None,
            reference,
            f"{show(reference)} is not a valid record id",
            "give an id, a Record, or its web_url",
        )
    return canonical_id(text)


def _id_within(reference: object) -> str:
    """Return the id of a record that is in a reference to it; an empty text if none is."""
    if isinstance(reference, Record | ActivityRecord):
        return record_id(reference.id)
    if isinstance(reference, RecordRef):
        return record_id(reference.record_id)
    if isinstance(reference, Mapping) and not isinstance(reference, AttributeMapping):
        fields = cast("Mapping[str, Any]", reference)
        return record_id(fields.get("record_id") or fields.get("target_record_id"))
    identity = getattr(reference, "id", None)
    # Such as what a search found.
    return record_id(identity.part("record_id")) if isinstance(identity, CompositeId) else ""
