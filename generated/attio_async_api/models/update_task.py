"""The body of update_task."""

from typing import Any

from attrs import frozen

from ..types import UNSET, Unset, fields


@frozen(kw_only=True)
class UpdateTask:
    """The body of update_task."""

    deadline_at: None | str | Unset = UNSET
    is_completed: bool | Unset = UNSET
    linked_records: Any | Unset = UNSET
    assignees: list[Any] | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        """The body as JSON, without what is unset."""
        return fields(
            {
                "deadline_at": self.deadline_at,
                "is_completed": self.is_completed,
                "linked_records": self.linked_records,
                "assignees": self.assignees,
            }
        )
