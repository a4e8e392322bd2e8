"""A part of an answer."""

from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen


@frozen(kw_only=True)
class ActivityParent:
    """A part of an answer. What it holds beside these fields is in `additional_properties`."""

    schema_id: str
    schema_slug: str
    additional_properties: dict[str, Any] = field(factory=dict[str, Any])

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing is None, what is not as expected stays unread."""
        rest = dict(source)
        return cls(
            schema_id=rest.pop("schema_id", None),
            schema_slug=rest.pop("schema_slug", None),
            additional_properties=rest,
        )
