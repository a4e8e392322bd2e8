"""An answer of list_attributes, create_attribute, get_attribute, update_attribute."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..json_data import JsonData
from ..models.attribute_config import AttributeConfig
from ..models.attribute_id import AttributeId
from ..models.attribute_relationship import AttributeRelationship
from ..types import read_moment, read_object


@frozen(kw_only=True)
class AttributeDescription(JsonData):
    """An answer of list_attributes, create_attribute, get_attribute, update_attribute. `raw` is all of it, as the API sent it."""

    id: AttributeId
    title: str
    description: None | str
    api_slug: str
    type: str
    is_system_attribute: bool
    is_writable: bool
    is_required: bool
    is_unique: bool
    is_multiselect: bool
    is_default_value_enabled: bool
    is_archived: bool
    default_value: Any
    relationship: AttributeRelationship | None
    created_at: dt.datetime
    config: AttributeConfig
    raw: Mapping[str, Any] = field(factory=dict[str, Any], repr=False, eq=False)

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing or not as expected is None, or an empty list."""
        return cls(
            id=read_object(source, "id", AttributeId.from_dict),
            title=source.get("title"),
            description=source.get("description"),
            api_slug=source.get("api_slug"),
            type=source.get("type"),
            is_system_attribute=source.get("is_system_attribute"),
            is_writable=source.get("is_writable"),
            is_required=source.get("is_required"),
            is_unique=source.get("is_unique"),
            is_multiselect=source.get("is_multiselect"),
            is_default_value_enabled=source.get("is_default_value_enabled"),
            is_archived=source.get("is_archived"),
            default_value=source.get("default_value"),
            relationship=read_object(source, "relationship", AttributeRelationship.from_dict),
            created_at=read_moment(source, "created_at"),
            config=read_object(source, "config", AttributeConfig.from_dict),
            raw=source,
        )
