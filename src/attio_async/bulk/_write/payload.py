"""What is kept of a row: as JSON, so that another process can write it."""

from collections.abc import Iterator, Mapping, Sequence
from functools import singledispatch
from hashlib import blake2b
from typing import Any, cast

import msgspec

from ..._records.models import Record, Valued
from ...errors import AttioError
from ...values import (
    ActorRef,
    Member,
    Phone,
    RecordRef,
    Ref,
)
from .._journal.protocol import Failure

_START = b"attio-async"


class Payload(msgspec.Struct, omit_defaults=True):
    """What is to be written, in Attio's shape.

    Attributes:
        values: By attribute.
        id: The record or entry that is changed or deleted.
        parent_object, parent_id: The record that an entry is of.
        raw: Whether the values are as they were given, since they do not fit, or did not when they were read.
    """

    values: dict[str, Any] = {}
    id: str | None = None
    parent_object: str | None = None
    parent_id: str | None = None
    raw: bool = False

    def encode(self) -> bytes:
        """As JSON."""
        return msgspec.json.encode(self)

    @classmethod
    def decode(cls, encoded: bytes) -> "Payload":
        """From JSON."""
        return msgspec.json.decode(encoded, type=cls)


def plain(values: Mapping[str, object]) -> dict[str, Any]:
    """Values as they were given, as near as JSON comes to them, so that they can be given again."""
    return {str(name): _plain(value) for name, value in values.items()}


def chained(before: bytes | None, row: object) -> bytes:
    """The digest of a row and all before it; the same for the same input, in any process."""
    text = msgspec.json.encode(_plain(row), order="deterministic")
    return blake2b(text, key=before or _START, digest_size=16).digest()


def failure_of(error: AttioError) -> Failure:
    """What a journal keeps of an error."""
    attribute: object = getattr(error, "slug", None) or getattr(error, "attribute", None)
    return Failure(
        kind=type(error).__name__,
        reason=str(error),
        attribute=attribute if isinstance(attribute, str) else None,
    )


def materialised(values: Mapping[str, object]) -> dict[str, object]:
    """The values, those of them that can be read once only as lists."""
    return {
        name: list(cast("Iterator[object]", v)) if isinstance(v, Iterator) else v
        for name, v in values.items()
    }


def _plain(value: object) -> Any:
    return msgspec.to_builtins(_as_written(value), enc_hook=str, str_keys=True, order="deterministic")


@singledispatch
def _as_written(value: object) -> object:
    """In the API's shape what stands for it in Python, also within lists and objects; all else as it is."""
    return value


@_as_written.register(list)
@_as_written.register(tuple)
def _(value: Sequence[object]) -> object:
    return [_as_written(item) for item in value]


@_as_written.register(Mapping)
def _(value: Mapping[str, object]) -> object:
    return {name: _as_written(part) for name, part in value.items()}


@_as_written.register(Record)
def _(value: Record) -> object:
    return {"target_object": value.object_id, "target_record_id": value.id}


@_as_written.register(Valued)
def _(value: Valued) -> object:
    return value.id


@_as_written.register(RecordRef)
def _(value: RecordRef) -> object:
    return {"target_object": value.object, "target_record_id": value.record_id}


@_as_written.register(Ref)
def _(value: Ref) -> object:
    if value.attribute is None:
        return {"target_object": value.object, "target_record_id": value.record_id}
    return {"target_object": value.object, value.attribute: _as_written(value.value)}


@_as_written.register(ActorRef)
def _(value: ActorRef) -> object:
    return {"referenced_actor_type": value.type, "referenced_actor_id": value.id}


@_as_written.register(Phone)
def _(value: Phone) -> object:
    if value.region is None:
        return value.number
    return {"original_phone_number": value.number, "country_code": value.region}


@_as_written.register(Member)
@_as_written.register(AttioError)
def _(value: Member | AttioError) -> object:
    return str(value)
