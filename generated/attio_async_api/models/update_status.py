"""The body of update_status."""

from typing import Any

from attrs import frozen

from ..types import UNSET, Unset, fields


@frozen(kw_only=True)
class UpdateStatus:
    """The body of update_status."""

    title: str | Unset = UNSET
    celebration_enabled: bool | Unset = UNSET
    target_time_in_status: None | str | Unset = UNSET
    is_archived: bool | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        """The body as JSON, without what is unset."""
        return fields(
            {
                "title": self.title,
                "celebration_enabled": self.celebration_enabled,
                "target_time_in_status": self.target_time_in_status,
                "is_archived": self.is_archived,
            }
        )
