"""An answer of list_attributes, create_attribute, get_attribute, update_attribute."""

import datetime
from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..models.attribute_config import AttributeConfig
from ..models.attribute_id import AttributeId
from ..models.attribute_relationship import AttributeRelationship
from ..types import read_moment, read_object


@frozen(kw_only=True)
class Attribute:
    """An answer of list_attributes, create_attribute, get_attribute, update_attribute. What it holds beside these fields is in `additional_properties`."""

    id: AttributeId
    title: str
    description: None | str
    api_slug: str
    type_: str
    is_system_attribute: bool
    is_writable: bool
    is_required: bool
    is_unique: bool
    is_multiselect: bool
    is_default_value_enabled: bool
    is_archived: bool
    default_value: Any
    relationship: AttributeRelationship | None
    created_at: datetime.datetime
    config: AttributeConfig
    additional_properties: dict[str, Any] = field(factory=dict[str, Any])

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing is None, what is not as expected stays unread."""
        rest = dict(source)
        return cls(
            id=read_object(rest, "id", AttributeId.from_dict),
            title=rest.pop("title", None),
            description=rest.pop("description", None),
            api_slug=rest.pop("api_slug", None),
            type_=rest.pop("type", None),
            is_system_attribute=rest.pop("is_system_attribute", None),
            is_writable=rest.pop("is_writable", None),
            is_required=rest.pop("is_required", None),
            is_unique=rest.pop("is_unique", None),
            is_multiselect=rest.pop("is_multiselect", None),
            is_default_value_enabled=rest.pop("is_default_value_enabled", None),
            is_archived=rest.pop("is_archived", None),
            default_value=rest.pop("default_value", None),
            relationship=read_object(rest, "relationship", AttributeRelationship.from_dict),
            created_at=read_moment(rest, "created_at"),
            config=read_object(rest, "config", AttributeConfig.from_dict),
            additional_properties=rest,
        )
