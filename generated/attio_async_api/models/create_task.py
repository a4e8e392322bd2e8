"""The body of create_task."""

from typing import Any

from attrs import frozen

from ..models.plaintext_format import PlaintextFormat
from ..types import fields


@frozen(kw_only=True)
class CreateTask:
    """The body of create_task."""

    content: str
    format: PlaintextFormat
    deadline_at: None | str
    is_completed: bool
    linked_records: Any
    assignees: list[Any]

    def to_dict(self) -> dict[str, Any]:
        """The body as JSON, without what is unset."""
        return fields(
            {
                "content": self.content,
                "format": self.format,
                "deadline_at": self.deadline_at,
                "is_completed": self.is_completed,
                "linked_records": self.linked_records,
                "assignees": self.assignees,
            }
        )
