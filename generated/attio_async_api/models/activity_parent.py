"""A part of an answer."""

from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..json_data import JsonData


@frozen(kw_only=True)
class ActivityParent(JsonData):
    """A part of an answer. `raw` is all of it, as the API sent it."""

    schema_id: str
    schema_slug: str
    raw: Mapping[str, Any] = field(factory=dict[str, Any], repr=False, eq=False)

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing or not as expected is None, or an empty list."""
        return cls(
            schema_id=source.get("schema_id"),
            schema_slug=source.get("schema_slug"),
            raw=source,
        )
