"""The payload of a row: what is written, as JSON, so that another process can write it too."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import singledispatch
from hashlib import blake2b
from typing import Any, Literal, cast

import msgspec

from ..._records.models import AttributeMapping, Record
from ..._storage.stored import reading_stored
from ..._utils.text import show
from ...errors import AttioError, CoercionError
from ...values import (
    ActorRef,
    Member,
    Phone,
    RecordRef,
    Ref,
)
from .._journal.protocol import Failure

_DIGEST_SEED = b"attio-async"
_INT64_LIMIT = 2**63
_MAX_EXPONENT = 100
"""The largest power of ten that is written out, digit by digit."""
_PLAIN = frozenset({str, int, float, bool, type(None)})
"""The types of values that are JSON as they are: nearly all of a row, and quickly told from the rest."""


class Payload(msgspec.Struct, omit_defaults=True):
    """The values of a row in Attio's shape, and what they are written to.

    Attributes:
        values: The values by attribute.
        id: The record or entry to update or delete.
        parent_object, parent_id: The parent record of an entry.
        raw: Whether the values are as the caller gave them, because they were invalid when they were read.
        missing: What a sync does with a record that left its source; None for the rows of an input.
        before: The values that such a record had when the sync was planned.
    """

    values: dict[str, Any] = {}
    id: str | None = None
    parent_object: str | None = None
    parent_id: str | None = None
    raw: bool = False
    missing: Literal["clear", "flag", "delete"] | None = None
    before: dict[str, Any] = {}

    @property
    def place(self) -> dict[str, str] | None:
        """The parent of a new entry, as it stands beside the values; None for records."""
        if self.parent_id is None:
            return None
        return {"parent_object": self.parent_object or "", "parent_record_id": self.parent_id}

    def encode(self) -> bytes:
        """Return the payload as JSON."""
        return msgspec.json.encode(self)

    @classmethod
    def decode(cls, encoded: bytes) -> "Payload":
        """Return the payload of JSON.

        Raises:
            ConfigurationError: It is not that of a payload, since the journal is damaged.
        """
        with reading_stored("a row of the journal"):
            return msgspec.json.decode(encoded, type=cls)


def to_json_values(values: Mapping[str, object]) -> dict[str, Any]:
    """Return the values as JSON data that can be given to a job again."""
    return {str(name): _to_json(value) for name, value in values.items()}


def exact_number(value: object) -> object:
    """Return a Decimal as a number of JSON if that says all of it, and any other value as it is."""
    if not isinstance(value, Decimal) or not value.is_finite() or value.adjusted() > _MAX_EXPONENT:
        return value
    number = int(value) if value == value.to_integral_value() else float(value)
    return number if Decimal(repr(number)) == value else value


def chain_digest(before: bytes | None, row: object) -> bytes:
    """Return the digest of a row and all rows before it. It is the same for the same input in any process."""
    data = _to_json(row)
    try:
        text = msgspec.json.encode(data, order="deterministic")
    except (OverflowError, ValueError):  # such as half a surrogate pair
        text = msgspec.json.encode(storable(data), order="deterministic")
    return blake2b(text, key=before or _DIGEST_SEED, digest_size=16).digest()


def check_slugs(values: Mapping[Any, object]) -> None:
    """Check that the keys of a row are text.

    Raises:
        CoercionError: One is not. Nothing was sent.
    """
    for slug in values:
        if not isinstance(slug, str):
            hint = "the row has more cells than the header" if slug is None else "keys are attribute slugs"
            raise CoercionError.single("row", None, slug, f"{show(slug)} is not a valid attribute slug", hint)


def storable_label(label: object) -> int | str:
    """Return a label as a journal keeps it."""
    if isinstance(label, int) and -_INT64_LIMIT <= label < _INT64_LIMIT:
        return label
    try:
        return encodable(str(label))
    except Exception:  # noqa: BLE001 - a label of the caller's own may raise anything
        return show(label)


def to_failure(error: AttioError) -> Failure:
    """Return what a journal keeps of an error."""
    attribute: object = getattr(error, "slug", None) or getattr(error, "attribute", None)
    return Failure(
        kind=type(error).__name__,
        reason=encodable(str(error)),
        attribute=encodable(attribute) if isinstance(attribute, str) else None,
    )


def encodable(text: str) -> str:
    """Return the text with what has no place in UTF-8, such as half a surrogate pair, written out."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def _to_json(value: object) -> Any:
    if type(value) in _PLAIN:
        return value
    return msgspec.to_builtins(_encode(value), enc_hook=_to_text, str_keys=True, order="deterministic")


def _to_text(value: object) -> str:
    try:
        return str(value)
    except Exception:  # noqa: BLE001 - a value of the caller's own may raise anything
        return show(value)


def storable(value: Any) -> Any:
    """Return JSON data without the texts and numbers that JSON cannot hold."""
    if isinstance(value, str):
        return encodable(value)
    if isinstance(value, dict):
        return {
            encodable(str(name)): storable(part) for name, part in cast("Mapping[str, Any]", value).items()
        }
    if isinstance(value, list | tuple):
        return [storable(item) for item in cast("Sequence[Any]", value)]
    if isinstance(value, int) and not -_INT64_LIMIT <= value < 2 * _INT64_LIMIT:
        return _to_text(value)
    return value


@singledispatch
def _encode(value: object) -> object:
    """Return a value in the API's shape, also within lists and objects; anything else as it is."""
    return value


@_encode.register(list)
@_encode.register(tuple)
def _(value: Sequence[object]) -> object:
    return [item if type(item) in _PLAIN else _encode(item) for item in value]


@_encode.register(Mapping)
def _(value: Mapping[str, object]) -> object:
    return {
        name: part if type(part) in _PLAIN else _encode(part)
        for name, part in cast("Mapping[str, Any]", value).items()
    }


@_encode.register(Record)
def _(value: Record) -> object:
    return {"target_object": value.object_id, "target_record_id": value.id}


@_encode.register(AttributeMapping)
def _(value: AttributeMapping) -> object:
    return value.id


@_encode.register(RecordRef)
def _(value: RecordRef) -> object:
    return {"target_object": value.object, "target_record_id": value.record_id}


@_encode.register(Ref)
def _(value: Ref) -> object:
    if value.attribute is None:
        return {"target_object": value.object, "target_record_id": value.record_id}
    return {"target_object": value.object, value.attribute: _encode(value.value)}


@_encode.register(ActorRef)
def _(value: ActorRef) -> object:
    return {"referenced_actor_type": value.type, "referenced_actor_id": value.id}


@_encode.register(Phone)
def _(value: Phone) -> object:
    if value.region is None:
        return value.number
    return {"original_phone_number": value.number, "country_code": value.region}


@_encode.register(Member)
@_encode.register(AttioError)
def _(value: Member | AttioError) -> object:
    return str(value)
