"""Tasks: what members have to do, about which records."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs

from .. import _timestamps
from .._errors import (
    ApiProblem,
    InvalidValue,
    invalid,
    invalid_body,
    not_found,
    wrong_type,
)
from .._events.publish import report_task
from .._json_types import is_object
from .._request.validation import BodyField
from .._schema import FakeAttribute
from .._workspace.entities import FakeTask, RecordLink
from .._workspace.entity_views import task_view
from .._writes.lookup import WorkspaceLookup
from .call import Handlers, OperationCall, data, object_named, queried_record, the

_DEFAULT_LIMIT = 500
_LONGEST = 2_000
_SORTS = ("created_at:asc", "created_at:desc", "completed_at:asc", "completed_at:desc")

_CHANGEABLE = {
    "deadline_at": BodyField("string", nullable=True, form="timestamp"),
    "is_completed": BodyField("boolean"),
    "linked_records": BodyField("array"),
    "assignees": BodyField("array"),
}
_NEW = {
    "content": BodyField("string", longest=_LONGEST),
    "format": BodyField("string", options=("plaintext",)),
    **_CHANGEABLE,
}
_CHANGED = {name: field.optional() for name, field in _CHANGEABLE.items()}
_BY_ID = {
    "referenced_actor_type": BodyField("string", options=("workspace-member",)),
    "referenced_actor_id": BodyField("string", form="uuid"),
}
_BY_EMAIL = {"workspace_member_email_address": BodyField("string")}

# What a task is linked to is written as the value of a reference to any object would be.
_REFERENCE = FakeAttribute(
    id="", slug="linked_records", title="Linked records", type="record-reference", created_at=""
)


def _list_tasks(call: OperationCall) -> object:
    page = call.request.page(_DEFAULT_LIMIT)
    fits = _wanted(call)
    sort = call.request.word("sort", _SORTS) or _SORTS[0]
    tasks = [task for task in call.workspace.data.things.tasks.values() if fits(task)]
    return data([task_view(call.workspace, task) for task in page.of(_sorted(tasks, sort))])


def _create_task(call: OperationCall) -> object:
    body = call.request.data(_NEW)
    changes = _changes(call, body)
    stamp = call.author.stamp
    task = FakeTask(
        id=call.workspace.new_id(),
        created_at=stamp.now,
        created_by=stamp.actor,
        content=body["content"],
        completed_at=stamp.now if body["is_completed"] else None,
        **changes,
    )
    call.workspace.data.things.tasks[task.id] = task
    report_task(call.workspace, task, "created", stamp)
    return data(task_view(call.workspace, task))


def _get_task(call: OperationCall) -> object:
    return data(task_view(call.workspace, the(call.workspace.data.things.tasks, call, "task_id")))


def _update_task(call: OperationCall) -> object:
    tasks = call.workspace.data.things.tasks
    before = the(tasks, call, "task_id")
    body = call.request.data(_CHANGED)
    task = attrs.evolve(before, completed_at=_completed_at(call, before, body), **_changes(call, body))
    tasks[task.id] = task
    if task != before:
        report_task(call.workspace, task, "updated", call.author.stamp)
    return data(task_view(call.workspace, task))


def _delete_task(call: OperationCall) -> object:
    tasks = call.workspace.data.things.tasks
    task = tasks.pop(the(tasks, call, "task_id").id)
    report_task(call.workspace, task, "deleted", call.author.stamp)
    return {}


def _completed_at(call: OperationCall, before: FakeTask, body: Mapping[str, Any]) -> str | None:
    """When it was done: what is completed again keeps its first moment."""
    if "is_completed" not in body:
        return before.completed_at
    return (before.completed_at or call.author.stamp.now) if body["is_completed"] else None


def _changes(call: OperationCall, body: Mapping[str, Any]) -> dict[str, Any]:
    """What the body says about deadline, links and assignees, as fields of the task."""
    changes: dict[str, Any] = {}
    if "deadline_at" in body:
        deadline = body["deadline_at"]
        changes["deadline_at"] = None if deadline is None else _timestamps.read_timestamp(deadline)
    for name, field, read in (("linked_records", "links", _link), ("assignees", "assignees", _assignee)):
        if name in body:
            found = [read(call, one, ["data", name, str(place)]) for place, one in enumerate(body[name])]
            changes[field] = tuple(dict.fromkeys(found))
    return changes


def _link(call: OperationCall, given: object, path: Sequence[str]) -> RecordLink:
    if not is_object(given):
        raise invalid_body(wrong_type(path, "object", given))
    target = given.get("target_object")
    if isinstance(target, str):
        object_named(call, target, not_found)
    where = {name: value for name, value in given.items() if name != "target_object"}
    if not isinstance(target, str) or len(where) != 1:
        raise invalid_body(
            invalid(path, "Expected target_object and either target_record_id or one matching attribute")
        )
    try:
        fields = WorkspaceLookup(call.workspace).referenced(_REFERENCE, target, where)
    except InvalidValue as error:
        raise invalid_body(*({**issue, "path": [*path, *issue["path"]]} for issue in error.issues)) from None
    except ApiProblem as problem:
        raise ApiProblem(404, "not_found", str(problem)) from None
    kind = object_named(call, fields["target_object"], not_found)
    return RecordLink(kind.id, fields["target_record_id"])


def _assignee(call: OperationCall, given: object, path: Sequence[str]) -> str:
    by_email = is_object(given) and "workspace_member_email_address" in given
    issues = BodyField("object", fields=_BY_EMAIL if by_email else _BY_ID).issues(given, path)
    if issues or not is_object(given):
        raise invalid_body(*issues)
    name = str(given["workspace_member_email_address" if by_email else "referenced_actor_id"])
    member = call.workspace.member(name)
    if member is None:
        raise not_found(f'workspace member "{name}"')
    return member.id


def _wanted(call: OperationCall) -> Callable[[FakeTask], bool]:
    """Whether a task is what the query asks for."""
    link = queried_record(call, "linked_object", "linked_record_id")
    is_completed = call.request.flag("is_completed")
    assignee = call.request.query_values().get("assignee")
    member = call.workspace.member(assignee) if assignee else None

    def assigned(task: FakeTask) -> bool:
        if assignee is None:
            return True
        if assignee in ("", "null"):
            return not task.assignees
        return member is not None and member.id in task.assignees

    return lambda task: (
        (link is None or link in task.links)
        and (is_completed is None or is_completed == (task.completed_at is not None))
        and assigned(task)
    )


def _sorted(tasks: list[FakeTask], sort: str) -> list[FakeTask]:
    """In that order; those never completed come last, either way."""
    field, _, direction = sort.partition(":")
    named = [task for task in tasks if getattr(task, field) is not None]
    others = [task for task in tasks if getattr(task, field) is None]
    named.sort(key=lambda task: str(getattr(task, field)), reverse=direction == "desc")
    return [*named, *others]


HANDLERS: Handlers = {
    "list_tasks": _list_tasks,
    "create_task": _create_task,
    "get_task": _get_task,
    "update_task": _update_task,
    "delete_task": _delete_task,
}
