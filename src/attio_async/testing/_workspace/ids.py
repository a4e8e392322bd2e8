"""Ids that follow from names, and the stamp of what is written."""

import hashlib
import uuid
from collections.abc import Mapping
from typing import Any

import attrs

from .._schema import FakeAttribute, Value

_VERSION = "5"
_VARIANTS = "89ab"

SYSTEM: Mapping[str, Any] = {"type": "system", "id": None}


@attrs.frozen
class Stamp:
    """The time and the actor of what is written."""

    now: str
    actor: Mapping[str, Any]

    def value(self, attribute: FakeAttribute, fields: Mapping[str, Any]) -> Value:
        """Return the fields of a value as they are stored."""
        return {
            "active_from": self.now,
            "active_until": None,
            "created_by_actor": self.actor,  # shared by all values of a request, as it is never changed
            **fields,
            "attribute_type": attribute.type,
        }


def named_uuid(namespace: uuid.UUID, name: str) -> str:
    """Return what `uuid.uuid5` does, as text and several times as fast."""
    digest = hashlib.sha1(namespace.bytes + name.encode(), usedforsecurity=False).digest()
    text, variant = digest.hex(), _VARIANTS[digest[8] >> 4 & 3]
    return f"{text[:8]}-{text[8:12]}-{_VERSION}{text[13:16]}-{variant}{text[17:20]}-{text[20:32]}"
