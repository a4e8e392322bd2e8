"""The body of create_attribute."""

from typing import Any

from attrs import frozen

from ..models.attribute_type import AttributeType
from ..types import UNSET, Unset, fields


@frozen(kw_only=True)
class CreateAttribute:
    """The body of create_attribute."""

    title: str
    description: None | str
    api_slug: str
    type: AttributeType
    is_required: bool
    is_unique: bool
    is_multiselect: bool
    config: Any
    default_value: Any | Unset = UNSET
    relationship: Any | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        """The body as JSON, without what is unset."""
        return fields(
            {
                "title": self.title,
                "description": self.description,
                "api_slug": self.api_slug,
                "type": self.type,
                "is_required": self.is_required,
                "is_unique": self.is_unique,
                "is_multiselect": self.is_multiselect,
                "config": self.config,
                "default_value": self.default_value,
                "relationship": self.relationship,
            }
        )
