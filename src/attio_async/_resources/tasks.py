"""Tasks: what somebody has to do, perhaps about some records, perhaps by some date."""

import builtins
from collections.abc import Iterable
from datetime import UTC, date, datetime, tzinfo
from functools import partial
from typing import Any

from attio_async_api.api.tasks import create_task, delete_task, get_task, list_tasks, update_task
from attio_async_api.models.create_task import CreateTask
from attio_async_api.models.task import Task
from attio_async_api.models.task_sort import TaskSort
from attio_async_api.models.update_task import UpdateTask
from attio_async_api.operations import CREATE_TASK, DELETE_TASK, GET_TASK, LIST_TASKS, UPDATE_TASK
from attio_async_api.types import UNSET, Unset

from .._pagination.paginator import Paginator
from .._workspace.arguments import (
    as_list,
    change,
    check_length,
    member,
    object_and_record_id,
    record_reference,
    resource_id,
    timestamp,
)
from .._workspace.list_page import paginate
from .._workspace.session import Session, list_reader
from ..errors import ConfigurationError

_LONGEST = 2_000


class Tasks:
    """The tasks of the workspace. A task may be named by its id, or be one that was read."""

    def __init__(self, session: Session) -> None:
        self._session = session

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
        """The tasks that fit everything given; the first created first, unless `sort` says otherwise.

        Args:
            record: Only those linked to this Record, RecordRef or web address.
            assignee: Only those of this member, by e-mail address or id.
            is_completed: Only those that are done, or only those that are not.
            sort: Such as "created_at:desc".
            limit: The most results; by default all.
            page_size: How many a page holds, 1 to 500; by default 500.

        Attio: GET /v2/tasks, read, retried, task:read, object_configuration:read, record_permission:read, user_management:read
        """
        linked_object, linked_record_id = (None, None) if record is None else object_and_record_id(record)
        build = partial(
            list_tasks.build_request,
            sort=sort,
            linked_object=linked_object,
            linked_record_id=linked_record_id,
            assignee=_assignee(assignee),
            is_completed=is_completed,
        )
        return paginate(
            self._session, LIST_TASKS, build, list_reader(Task.from_dict), limit=limit, page_size=page_size
        )

    async def due_on(
        self,
        day: date,
        *,
        tz: tzinfo = UTC,
        assignee: object = None,
        is_completed: bool | None = False,
    ) -> builtins.list[Task]:
        """The tasks whose deadline is on this day, the first deadline first.

        The API takes no deadline, so this reads every task of that assignee and completion: one request for
        every 500 of them.

        Args:
            day: The day, as it is where `tz` holds.
            tz: Where the day is meant.
            assignee: Only those of this member, by e-mail address or id.
            is_completed: By default only those not done; None for both.

        Raises:
            ConfigurationError: The day is a moment. Nothing was sent.

        Attio: GET /v2/tasks, read, retried, task:read, object_configuration:read, record_permission:read, user_management:read
        """
        if isinstance(day, datetime):
            raise ConfigurationError("the day is a date, such as datetime.date(2026, 1, 31), not a moment")
        tasks = self.list(assignee=assignee, is_completed=is_completed)
        due = [(task.deadline_at, task) async for task in tasks if task.deadline_at is not None]
        on_that_day = [pair for pair in due if pair[0].astimezone(tz).date() == day]
        return [task for _, task in sorted(on_that_day, key=lambda pair: pair[0])]

    async def get(self, task: str | Task) -> Task:
        """One task.

        Raises:
            NotFound: There is no such task.

        Attio: GET /v2/tasks/{task_id}, read, retried, task:read, object_configuration:read, record_permission:read, user_management:read
        """
        built = get_task.build_request(resource_id(task, "task_id"))
        return await self._session.one(GET_TASK, built, Task.from_dict)

    async def create(
        self,
        content: str,
        *,
        deadline_at: datetime | str | None = None,
        is_completed: bool = False,
        linked_records: Iterable[object] = (),
        assignees: Iterable[object] = (),
    ) -> Task:
        """The new task.

        Args:
            content: What there is to do: plain text, 2,000 characters at most. It can never be changed.
            deadline_at: When it is due, with a time zone.
            is_completed: Whether it is done already.
            linked_records: The records it is about, each a Record, RecordRef, web address or
                ``Ref("companies", domain="acme.com")``.
            assignees: Who has to do it: members by e-mail address or id.

        Raises:
            ConfigurationError: The content is too long. Nothing was sent.
            CoercionError: An argument cannot be what it should be. Nothing was sent.
            OutcomeUnknown: The answer was lost; it was not sent again, since that could create it twice.

        Attio: POST /v2/tasks, write, not repeated, task:read-write, object_configuration:read, record_permission:read, user_management:read
        """
        check_length(content, _LONGEST, "content")
        body = CreateTask(
            content=content,
            format="plaintext",
            deadline_at=_deadline(deadline_at),
            is_completed=is_completed,
            linked_records=_links(linked_records),
            assignees=_assignees(assignees),
        )
        return await self._session.one(CREATE_TASK, create_task.build_request(body=body), Task.from_dict)

    async def update(
        self,
        task: str | Task,
        *,
        deadline_at: datetime | str | Unset | None = UNSET,
        is_completed: bool | Unset = UNSET,
        linked_records: Iterable[object] | Unset = UNSET,
        assignees: Iterable[object] | Unset = UNSET,
    ) -> Task:
        """The task with these changes; what is not given stays. The content of a task cannot be changed.

        Args:
            task: Which one.
            deadline_at: When it is due, with a time zone; None removes the deadline.
            is_completed: Whether it is done.
            linked_records: All records it shall be about; those left out are no longer linked.
            assignees: All who shall do it; those left out no longer have to.

        Raises:
            ConfigurationError: Nothing to change was given. Nothing was sent.
            CoercionError: An argument cannot be what it should be. Nothing was sent.
            NotFound: There is no such task.

        Attio: PATCH /v2/tasks/{task_id}, write, retried, task:read-write, object_configuration:read, record_permission:read, user_management:read
        """
        body = UpdateTask(
            deadline_at=UNSET if isinstance(deadline_at, Unset) else _deadline(deadline_at),
            is_completed=is_completed,
            linked_records=UNSET if isinstance(linked_records, Unset) else _links(linked_records),
            assignees=UNSET if isinstance(assignees, Unset) else _assignees(assignees),
        )
        built = update_task.build_request(resource_id(task, "task_id"), body=change(body.to_dict()))
        return await self._session.one(UPDATE_TASK, built, Task.from_dict)

    async def delete(self, task: str | Task) -> None:
        """Delete a task, for good.

        Raises:
            NotFound: There is no such task.

        Attio: DELETE /v2/tasks/{task_id}, write, retried, task:read-write
        """
        await self._session.done(DELETE_TASK, delete_task.build_request(resource_id(task, "task_id")))


def _links(records: Iterable[object]) -> list[dict[str, Any]]:
    return [record_reference(record, "linked_records") for record in as_list(records, "linked_records")]


def _assignees(members: Iterable[object]) -> list[dict[str, str]]:
    found = [member(assignee, "assignees") for assignee in as_list(members, "assignees")]
    return [{"workspace_member_email_address": one} if isinstance(one, str) else one for one in found]


def _deadline(given: datetime | str | None) -> str | None:
    return None if given is None else timestamp(given, "deadline_at")


def _assignee(reference: object) -> str | None:
    if reference is None:
        return None
    found = member(reference, "assignee")
    return found if isinstance(found, str) else found["referenced_actor_id"]
