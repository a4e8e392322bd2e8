"""When something is written, and by whom."""

from collections.abc import Mapping
from typing import Any

import attrs

from .schema import Attribute, Value

SYSTEM: Mapping[str, Any] = {"type": "system", "id": None}


@attrs.frozen
class Stamp:
    """When something is written, and by whom."""

    now: str
    actor: Mapping[str, Any]

    def value(self, attribute: Attribute, fields: Mapping[str, Any]) -> Value:
        """The fields of a value as they are stored."""
        return {
            "active_from": self.now,
            "active_until": None,
            "created_by_actor": self.actor,  # one for all values of a request: nobody changes it
            **fields,
            "attribute_type": attribute.type,
        }
