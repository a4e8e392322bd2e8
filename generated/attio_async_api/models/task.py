"""An answer of list_tasks, create_task, get_task, update_task."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..json_data import JsonData
from ..models.actor import Actor
from ..models.task_assignee import TaskAssignee
from ..models.task_id import TaskId
from ..models.task_linked_record import TaskLinkedRecord
from ..types import read_moment, read_object, read_objects


@frozen(kw_only=True)
class Task(JsonData):
    """An answer of list_tasks, create_task, get_task, update_task. `raw` is all of it, as the API sent it."""

    id: TaskId
    content_plaintext: str
    deadline_at: dt.datetime | None
    is_completed: bool
    linked_records: list[TaskLinkedRecord]
    assignees: list[TaskAssignee]
    created_by_actor: Actor
    created_at: dt.datetime
    completed_at: dt.datetime | None
    raw: Mapping[str, Any] = field(factory=dict[str, Any], repr=False, eq=False)

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing or not as expected is None, or an empty list."""
        return cls(
            id=read_object(source, "id", TaskId.from_dict),
            content_plaintext=source.get("content_plaintext"),
            deadline_at=read_moment(source, "deadline_at"),
            is_completed=source.get("is_completed"),
            linked_records=read_objects(source, "linked_records", TaskLinkedRecord.from_dict),
            assignees=read_objects(source, "assignees", TaskAssignee.from_dict),
            created_by_actor=read_object(source, "created_by_actor", Actor.from_dict),
            created_at=read_moment(source, "created_at"),
            completed_at=read_moment(source, "completed_at"),
            raw=source,
        )
