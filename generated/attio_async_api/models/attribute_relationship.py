"""A part of an answer."""

from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..json_data import JsonData
from ..models.attribute_id import AttributeId
from ..types import read_object


@frozen(kw_only=True)
class AttributeRelationship(JsonData):
    """A part of an answer. `raw` is all of it, as the API sent it."""

    id: AttributeId
    object_slug: str
    title: str
    api_slug: str
    is_multiselect: bool
    raw: Mapping[str, Any] = field(factory=dict[str, Any], repr=False, eq=False)

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing or not as expected is None, or an empty list."""
        return cls(
            id=read_object(source, "id", AttributeId.from_dict),
            object_slug=source.get("object_slug"),
            title=source.get("title"),
            api_slug=source.get("api_slug"),
            is_multiselect=source.get("is_multiselect"),
            raw=source,
        )
