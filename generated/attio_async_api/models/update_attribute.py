"""The body of update_attribute."""

from typing import Any

from attrs import frozen

from ..types import UNSET, Unset, fields


@frozen(kw_only=True)
class UpdateAttribute:
    """The body of update_attribute."""

    title: str | Unset = UNSET
    description: None | str | Unset = UNSET
    api_slug: str | Unset = UNSET
    is_required: bool | Unset = UNSET
    is_unique: bool | Unset = UNSET
    default_value: Any | Unset = UNSET
    config: Any | Unset = UNSET
    is_archived: bool | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        """The body as JSON, without what is unset."""
        return fields(
            {
                "title": self.title,
                "description": self.description,
                "api_slug": self.api_slug,
                "is_required": self.is_required,
                "is_unique": self.is_unique,
                "default_value": self.default_value,
                "config": self.config,
                "is_archived": self.is_archived,
            }
        )
