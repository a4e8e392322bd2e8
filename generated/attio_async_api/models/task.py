"""An answer of list_tasks, create_task, get_task, update_task."""

import datetime
from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..models.actor import Actor
from ..models.task_assignee import TaskAssignee
from ..models.task_id import TaskId
from ..models.task_linked_record import TaskLinkedRecord
from ..types import read_moment, read_object, read_objects


@frozen(kw_only=True)
class Task:
    """An answer of list_tasks, create_task, get_task, update_task. What it holds beside these fields is in `additional_properties`."""

    id: TaskId
    content_plaintext: str
    deadline_at: datetime.datetime | None
    is_completed: bool
    linked_records: list[TaskLinkedRecord]
    assignees: list[TaskAssignee]
    created_by_actor: Actor
    created_at: datetime.datetime
    completed_at: datetime.datetime | None
    additional_properties: dict[str, Any] = field(factory=dict[str, Any])

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing is None, what is not as expected stays unread."""
        rest = dict(source)
        return cls(
            id=read_object(rest, "id", TaskId.from_dict),
            content_plaintext=rest.pop("content_plaintext", None),
            deadline_at=read_moment(rest, "deadline_at"),
            is_completed=rest.pop("is_completed", None),
            linked_records=read_objects(rest, "linked_records", TaskLinkedRecord.from_dict),
            assignees=read_objects(rest, "assignees", TaskAssignee.from_dict),
            created_by_actor=read_object(rest, "created_by_actor", Actor.from_dict),
            created_at=read_moment(rest, "created_at"),
            completed_at=read_moment(rest, "completed_at"),
            additional_properties=rest,
        )
