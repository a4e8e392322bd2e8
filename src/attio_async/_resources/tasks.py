"""Tasks of workspace members, with their deadlines and linked records."""

import builtins
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, tzinfo
from functools import partial
from typing import Any

from attio_async_api.api.tasks import create_task, delete_task, get_task, list_tasks, update_task
from attio_async_api.models.create_task import CreateTask
from attio_async_api.models.task import Task
from attio_async_api.models.task_sort import TaskSort
from attio_async_api.models.update_task import UpdateTask
from attio_async_api.types import UNSET, Unset

from .._pagination.paginator import Paginator
from .._utils.public import public
from .._utils.text import show
from .._workspace.arguments import (
    as_list,
    check_length,
    check_member,
    find_member,
    find_reference,
    optional_timestamp,
    record_lookup,
    resource_id,
)
from .._workspace.collection import Collection
from .._workspace.session import Session
from ..errors import ConfigurationError

_MAX_CONTENT_LENGTH = 2_000
"""https://docs.attio.com/rest-api/endpoint-reference/tasks/create-a-task"""


@public
class Tasks:
    """The tasks of the workspace. Give a task by id, or as the `Task` that the API returned."""

    def __init__(self, session: Session) -> None:
        self._tasks = Collection(
            session=session, parse=Task.from_dict, id_of=partial(resource_id, part="task_id")
        )

    def list(
        self,
        *,
        record: object = None,
        assignee: object = None,
        is_completed: bool | None = None,
        sort: TaskSort | None = None,
        limit: int | None = None,
        page_size: int | None = None,
    ) -> Paginator[Task]:
        """List the tasks that match all arguments, by their creation, the oldest first.

        Args:
            record: Only tasks linked to this Record, RecordRef, address in the app or ``Ref("companies", domain="example.com")``.
            assignee: Only tasks of this member, by e-mail address, id or full name.
            is_completed: True for completed tasks only, False for open ones only.
            sort: Another order, such as "created_at:desc".
            limit: The most tasks to return; all by default.
            page_size: Tasks per page, 1 to 500.

        Attio: GET /v2/tasks, read, retried, task:read, object_configuration:read, record_permission:read, user_management:read
        """
        session, linked = self._tasks.session, None
        if record is not None:
            linked = record_lookup(session, record, "record", "linked_object", "linked_record_id")
        if assignee is not None:
            check_member(assignee, "assignee")

        async def look_up() -> Mapping[str, object]:
            found = {"assignee": await _assignee(session, assignee)}
            return found if linked is None else {**found, **await linked()}

        return self._tasks.list(
            list_tasks,
            sort=sort,
            is_completed=is_completed,
            limit=limit,
            page_size=page_size,
            look_up=look_up,
        )

    async def due_on(
        self,
        day: date,
        *,
        tz: tzinfo = UTC,
        assignee: object = None,
        is_completed: bool | None = False,
    ) -> builtins.list[Task]:
        """Return the tasks whose deadline is on this day, the earliest first.

        The API cannot filter by deadline. So this reads all tasks of the assignee and completion: one request per
        500 tasks.

        Args:
            day: The day.
            tz: The time zone of the day.
            assignee: Only tasks of this member, by e-mail address, id or full name.
            is_completed: False for open tasks, True for completed ones, None for both.

        Raises:
            ConfigurationError: `day` is not a date, or `tz` not a time zone. Nothing was sent.

        Attio: GET /v2/tasks, read, retried, task:read, object_configuration:read, record_permission:read, user_management:read
        """
        if isinstance(day, datetime):
            raise ConfigurationError(f"day must be a date, not the datetime {day}; write day.date()")
        if not isinstance(day, date):  # pyright: ignore[reportUnnecessaryIsInstance] - callers may not be typed
            raise ConfigurationError(f"day must be a date, not {show(day)}")
        if not isinstance(tz, tzinfo):  # pyright: ignore[reportUnnecessaryIsInstance] - callers may not be typed
            raise ConfigurationError(f"tz must be a tzinfo, such as ZoneInfo('Europe/Paris'), not {show(tz)}")
        # https://docs.attio.com/rest-api/endpoint-reference/tasks/list-tasks
        tasks = self.list(assignee=assignee, is_completed=is_completed)
        due = [(task.deadline_at, task) async for task in tasks if task.deadline_at is not None]
        on_day = [pair for pair in due if _day_in(pair[0], tz) == day]
        return [task for _, task in sorted(on_day, key=lambda pair: pair[0])]

    async def get(self, task: str | Task) -> Task:
        """Return one task.

        Raises:
            NotFound: The task does not exist.

        Attio: GET /v2/tasks/{task_id}, read, retried, task:read, object_configuration:read, record_permission:read, user_management:read
        """
        return await self._tasks.get(get_task, task)

    async def create(
        self,
        content: str,
        *,
        deadline_at: datetime | str | None = None,
        is_completed: bool = False,
        linked_records: Iterable[object] = (),
        assignees: Iterable[object] = (),
    ) -> Task:
        """Create a task, and return it. Its content cannot be changed later.

        Args:
            content: Plain text, at most 2,000 characters.
            deadline_at: When it is due, with a time zone.
            is_completed: True if it is completed already.
            linked_records: The records that it is about, each a Record, RecordRef, address in the app or
                ``Ref("companies", domain="example.com")``.
            assignees: The members who are to do it, by e-mail address, id or full name.

        Raises:
            ConfigurationError: The content is too long. Nothing was sent.
            CoercionError: An argument is not valid. Nothing was sent.
            OutcomeUnknown: The response was lost. It was not sent again, since that could create the task twice.

        Attio: POST /v2/tasks, write, not repeated, task:read-write, object_configuration:read, record_permission:read, user_management:read
        """
        check_length(content, _MAX_CONTENT_LENGTH, "content")
        body = CreateTask(
            content=content,
            format="plaintext",
            deadline_at=optional_timestamp(deadline_at, "deadline_at", self._tasks.session.names.assume_tz),
            is_completed=is_completed,
            linked_records=await _links(self._tasks.session, linked_records),
            assignees=await _assignees(self._tasks.session, assignees),
        )
        return await self._tasks.create(create_task, body)

    async def update(
        self,
        task: str | Task,
        *,
        deadline_at: datetime | str | Unset | None = UNSET,
        is_completed: bool | Unset = UNSET,
        linked_records: Iterable[object] | Unset = UNSET,
        assignees: Iterable[object] | Unset = UNSET,
    ) -> Task:
        """Change a task, and return it. What is not given stays as it is; the content cannot be changed.

        Args:
            task: The task.
            deadline_at: When it is due, with a time zone; None removes the deadline.
            is_completed: True completes it, False reopens it.
            linked_records: All records that it is about; others are unlinked.
            assignees: All members who are to do it; others are removed.

        Raises:
            ConfigurationError: Nothing to change was given. Nothing was sent.
            CoercionError: An argument is not valid. Nothing was sent.
            NotFound: The task does not exist.

        Attio: PATCH /v2/tasks/{task_id}, write, retried, task:read-write, object_configuration:read, record_permission:read, user_management:read
        """
        body = UpdateTask(
            deadline_at=UNSET
            if isinstance(deadline_at, Unset)
            else optional_timestamp(deadline_at, "deadline_at", self._tasks.session.names.assume_tz),
            is_completed=is_completed,
            linked_records=UNSET
            if isinstance(linked_records, Unset)
            else await _links(self._tasks.session, linked_records),
            assignees=UNSET
            if isinstance(assignees, Unset)
            else await _assignees(self._tasks.session, assignees),
        )
        return await self._tasks.update(update_task, task, body)

    async def delete(self, task: str | Task) -> None:
        """Delete a task for good.

        Raises:
            NotFound: The task does not exist.

        Attio: DELETE /v2/tasks/{task_id}, write, retried, task:read-write
        """
        await self._tasks.delete(delete_task, task)


def _day_in(moment: datetime, tz: tzinfo) -> date | None:
    """Return the day of a moment in a time zone; None if it is in no year that Python knows."""
    try:
        return moment.astimezone(tz).date()
    except OverflowError:
        return None


async def _links(session: Session, records: Iterable[object]) -> list[dict[str, Any]]:
    given = as_list(records, "linked_records")
    return [await find_reference(session, record, "linked_records") for record in given]


async def _assignees(session: Session, members: Iterable[object]) -> list[dict[str, str]]:
    found = [await find_member(session, member, "assignees") for member in as_list(members, "assignees")]
    return [{"workspace_member_email_address": one} if isinstance(one, str) else one for one in found]


async def _assignee(session: Session, member: object) -> str | None:
    if member is None:
        return None
    found = await find_member(session, member, "assignee")
    return found if isinstance(found, str) else found["referenced_actor_id"]
