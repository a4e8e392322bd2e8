"""Tasks."""

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from .. import _timestamps
from .._errors import ApiProblem, InvalidValue, Path, invalid_body, invalid_input
from .._events.publish import report_task
from .._json_types import is_object
from .._schema import FakeAttribute
from .._validation import BodyField, optional
from .._workspace.entities import FakeTask, RecordLink
from .._workspace.entity_views import task_view
from .._workspace.find import find_member, find_object
from .._writes.lookup import WorkspaceLookup
from .call import OperationCall, data, operation, operations_on, shown

_SORTS = ("created_at:asc", "created_at:desc", "completed_at:asc", "completed_at:desc")
_BY_ID = {
    "referenced_actor_type": BodyField("string", options=("workspace-member",)),
    "referenced_actor_id": BodyField("string", form="uuid"),
}
_BY_EMAIL = {"workspace_member_email_address": BodyField("string")}
_ASSIGNEES = (BodyField("object", fields=_BY_ID), BodyField("object", fields=_BY_EMAIL))
_CHANGEABLE = {
    "deadline_at": BodyField("string", nullable=True, form="timestamp"),
    "is_completed": BodyField("boolean"),
    "linked_records": BodyField("array"),
    "assignees": BodyField("array", items=BodyField("object", any_of=_ASSIGNEES)),
}
_NEW = {
    "content": BodyField("string", longest=2_000),
    "format": BodyField("string", options=("plaintext",)),
    **_CHANGEABLE,
}
_CHANGED = optional(_CHANGEABLE)

_LINK = FakeAttribute(
    id="", slug="linked_records", title="Linked records", type="record-reference", created_at=""
)
"""Linked records are written like the values of this attribute."""

_show = shown(task_view)


@operation
def list_tasks(call: OperationCall) -> object:
    page = call.request.page(500)
    matches = _filter(call)
    sort = call.request.word("sort", _SORTS) or _SORTS[0]
    tasks = _sorted([task for task in call.entities.tasks.values() if matches(task)], sort)
    return data([task_view(call.workspace, task) for task in page.of(tasks)])


@operation
def create_task(call: OperationCall) -> object:
    body = call.request.data(_NEW)
    changes = _changes(call, body)
    task = FakeTask(
        id=call.workspace.new_id(),
        created_at=call.stamp.now,
        created_by=call.stamp.actor,
        content=body["content"],
        completed_at=call.stamp.now if body["is_completed"] else None,
        **changes,
    )
    call.entities.tasks[task.id] = task
    report_task(call.workspace, task, "created", call.stamp)
    return _show(call, task)


def _update(call: OperationCall, before: FakeTask) -> object:
    body = call.request.data(_CHANGED)
    task = attrs.evolve(before, completed_at=_completed_at(call, before, body), **_changes(call, body))
    call.entities.tasks[task.id] = task
    if task != before:
        report_task(call.workspace, task, "updated", call.stamp)
    return _show(call, task)


def _delete(call: OperationCall, task: FakeTask) -> object:
    del call.entities.tasks[task.id]
    report_task(call.workspace, task, "deleted", call.stamp)
    return {}


def _completed_at(call: OperationCall, before: FakeTask, body: Mapping[str, Any]) -> str | None:
    """Return when the task was completed. Completing it again changes nothing."""
    if "is_completed" not in body:
        return before.completed_at
    return (before.completed_at or call.stamp.now) if body["is_completed"] else None


def _changes(call: OperationCall, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return deadline, links and assignees in the body as fields of the task."""
    changes: dict[str, Any] = {}
    if "deadline_at" in body:
        deadline = body["deadline_at"]
        changes["deadline_at"] = None if deadline is None else _timestamps.read_timestamp(deadline)
    for name, field, read in (("linked_records", "links", _link), ("assignees", "assignees", _assignee)):
        if name in body:
            found = [read(call, one, ["data", name, place]) for place, one in enumerate(body[name])]
            changes[field] = tuple(dict.fromkeys(found))
    return changes


def _link(call: OperationCall, given: object, path: Path) -> RecordLink:
    target = given.get("target_object") if is_object(given) else None
    where = (
        {name: value for name, value in given.items() if name != "target_object"} if is_object(given) else {}
    )
    if not isinstance(target, str) or len(where) != 1:
        raise invalid_body(invalid_input(path[:2]))
    find_object(call.workspace, target)
    try:
        fields = WorkspaceLookup(call.workspace).referenced(_LINK, target, where)
    except InvalidValue as error:
        raise invalid_body(*error.at(path)) from None
    except ApiProblem as problem:
        raise ApiProblem(404, "not_found", str(problem)) from None
    return RecordLink(find_object(call.workspace, fields["target_object"]).id, fields["target_record_id"])


def _assignee(call: OperationCall, given: Mapping[str, Any], _: Path) -> str:
    by_email = "workspace_member_email_address" in given
    return find_member(
        call.workspace, given["workspace_member_email_address" if by_email else "referenced_actor_id"]
    ).id


def _filter(call: OperationCall) -> Callable[[FakeTask], bool]:
    """Return the test of whether a task is one of those that the query asks for."""
    link = call.queried_record("linked_object", "linked_record_id")
    is_completed = call.request.flag("is_completed")
    assignee = call.request.query().get("assignee")
    member = call.workspace.member(assignee) if assignee else None

    def is_assigned(task: FakeTask) -> bool:
        if assignee is None:
            return True
        if assignee in ("", "null"):
            return not task.assignees
        return member is not None and member.id in task.assignees

    return lambda task: (
        (link is None or link in task.links)
        and (is_completed is None or is_completed == (task.completed_at is not None))
        and is_assigned(task)
    )


def _sorted(tasks: list[FakeTask], sort: str) -> list[FakeTask]:
    """Return tasks in order; those that were never completed come last, in both directions."""
    field, _, direction = sort.partition(":")
    dated = [task for task in tasks if getattr(task, field) is not None]
    others = [task for task in tasks if getattr(task, field) is None]
    dated.sort(key=lambda task: str(getattr(task, field)), reverse=direction == "desc")
    return [*dated, *others]


operations_on(
    lambda call: call.entity(call.entities.tasks, "task_id"),
    get_task=_show,
    update_task=_update,
    delete_task=_delete,
)
