"""The body of update_select_option."""

from typing import Any

from attrs import frozen

from ..types import UNSET, Unset, fields


@frozen(kw_only=True)
class UpdateSelectOption:
    """The body of update_select_option."""

    title: str | Unset = UNSET
    is_archived: bool | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        """The body as JSON, without what is unset."""
        return fields(
            {
                "title": self.title,
                "is_archived": self.is_archived,
            }
        )
