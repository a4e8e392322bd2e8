"""A part of an answer."""

from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..models.attribute_id import AttributeId
from ..types import read_object


@frozen(kw_only=True)
class AttributeRelationship:
    """A part of an answer. What it holds beside these fields is in `additional_properties`."""

    id: AttributeId
    object_slug: str
    title: str
    api_slug: str
    is_multiselect: bool
    additional_properties: dict[str, Any] = field(factory=dict[str, Any])

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing is None, what is not as expected stays unread."""
        rest = dict(source)
        return cls(
            id=read_object(rest, "id", AttributeId.from_dict),
            object_slug=rest.pop("object_slug", None),
            title=rest.pop("title", None),
            api_slug=rest.pop("api_slug", None),
            is_multiselect=rest.pop("is_multiselect", None),
            additional_properties=rest,
        )
