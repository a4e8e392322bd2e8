"""The body of create_status."""

from typing import Any

from attrs import frozen

from ..types import UNSET, Unset, fields


@frozen(kw_only=True)
class CreateStatus:
    """The body of create_status."""

    title: str
    celebration_enabled: bool | Unset = UNSET
    target_time_in_status: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        """The body as JSON, without what is unset."""
        return fields(
            {
                "title": self.title,
                "celebration_enabled": self.celebration_enabled,
                "target_time_in_status": self.target_time_in_status,
            }
        )
