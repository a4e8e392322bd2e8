"""The body of create_meeting."""

from typing import Any

from attrs import frozen

from ..types import UNSET, Unset, fields


@frozen(kw_only=True)
class CreateMeeting:
    """The body of create_meeting."""

    title: str
    description: str
    start: Any
    end: Any
    is_all_day: bool
    participants: list[Any]
    linked_records: list[Any] | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        """The body as JSON, without what is unset."""
        return fields(
            {
                "title": self.title,
                "description": self.description,
                "start": self.start,
                "end": self.end,
                "is_all_day": self.is_all_day,
                "participants": self.participants,
                "linked_records": self.linked_records,
            }
        )
