"""What is kept of a row: as JSON, so that another process can write it."""

from collections.abc import Iterator, Mapping
from hashlib import blake2b
from typing import Any, cast

import msgspec

from ..errors import AttioError
from ..records import Valued
from .journal import Failure

__all__ = ["Payload", "chained", "failure_of", "materialised", "plain"]

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
    """Values as they were given, as near as JSON comes to them."""
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
    if isinstance(value, Valued):
        return value.id
    if isinstance(value, AttioError):
        return str(value)
    return msgspec.to_builtins(value, enc_hook=str, str_keys=True, order="deterministic")
