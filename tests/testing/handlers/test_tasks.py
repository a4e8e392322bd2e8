from datetime import UTC, datetime
from typing import Any

import pytest

from attio_async import Ref
from attio_async.errors import NotFound

from ..world import Refusal, World

pytestmark = pytest.mark.anyio

NEW = {
    "content": "Call",
    "format": "plaintext",
    "deadline_at": None,
    "is_completed": False,
    "linked_records": [],
    "assignees": [],
}


async def test_a_task_is_created_changed_and_deleted(world: World) -> None:
    tasks, events = world.attio.tasks, world.events()
    due = datetime(2026, 2, 1, 9, tzinfo=UTC)
    links = [world.person, Ref("companies", domains="acme.example.com")]
    task = await tasks.create(
        "Call",
        deadline_at=due,
        linked_records=links,
        assignees=["grace@fake-workspace.example.com", world.members[0]],
    )
    assert (task.deadline_at, task.is_completed, task.completed_at) == (due, False, None)
    assert [(link.target_object_id, link.target_record_id) for link in task.linked_records] == [
        ("people", world.person.record_id),
        ("companies", world.company.record_id),
    ]
    assert [one.referenced_actor_id for one in task.assignees] == [world.members[1], world.members[0]]
    world.clock.advance(60)
    done = await tasks.update(task, is_completed=True)
    assert done.completed_at == datetime(2026, 1, 1, 0, 1, tzinfo=UTC)
    world.clock.advance(60)
    assert (await tasks.update(task, is_completed=True, assignees=[])).completed_at == done.completed_at
    again = await tasks.update(task, is_completed=False, deadline_at=None, linked_records=[world.person])
    assert (again.completed_at, again.deadline_at, len(again.linked_records)) == (None, None, 1)
    assert await tasks.get(task) == again
    await tasks.delete(task)
    with pytest.raises(NotFound):
        await tasks.delete(task)
    assert [event.event_type for event in events] == ["task.created", *["task.updated"] * 3, "task.deleted"]


async def test_tasks_are_found_by_link_assignee_and_completion(world: World) -> None:
    tasks = world.attio.tasks
    linked = await tasks.create("linked", linked_records=[world.person], assignees=[world.members[0]])
    world.clock.advance(1)
    done = await tasks.create("done", is_completed=True, assignees=[world.members[1]])
    world.clock.advance(1)
    free = await tasks.create("free")

    async def found(**params: object) -> list[str]:
        answer = await world.ask("GET", "/v2/tasks", params=params)
        return [task["content_plaintext"] for task in answer["data"]]

    assert await tasks.list() == [linked, done, free]
    assert await tasks.list(record=world.person) == [linked]
    assert await tasks.list(assignee="grace@fake-workspace.example.com") == [done]
    assert await found(assignee=world.members[0]) == ["linked"]
    assert await found(assignee="nobody@fake-workspace.example.com") == []
    assert await found(assignee="null") == ["free"]
    assert await found(is_completed="true") == ["done"]
    assert await found(is_completed="false") == ["linked", "free"]
    assert await found(sort="created_at:desc") == ["free", "done", "linked"]
    assert await found(sort="completed_at:asc") == ["done", "linked", "free"]
    assert await found(limit=1, offset=1) == ["done"]


INVALID_TASKS: list[tuple[dict[str, Any], Refusal]] = [
    ({"content": "x" * 2_001}, (400, "validation_type", ["data.content"])),
    ({"format": "markdown"}, (400, "validation_type", ["data.format"])),
    ({"deadline_at": "soon"}, (400, "validation_type", ["data.deadline_at"])),
    ({"is_completed": "no"}, (400, "validation_type", ["data.is_completed"])),
    ({"linked_records": ["x"]}, (400, "validation_type", ["data.linked_records"])),
    (
        {"linked_records": [{"target_object": "people"}]},
        (400, "validation_type", ["data.linked_records"]),
    ),
    ({"linked_records": [{"target_object": "x", "target_record_id": "y"}]}, (404, "not_found", [])),
    ({"linked_records": [{"target_object": "people", "target_record_id": "y"}]}, (404, "not_found", [])),
    (
        {"linked_records": [{"target_object": "people", "job_title": [{"value": "x"}]}]},
        (400, "validation_type", ["data.linked_records.0.job_title"]),
    ),
    (
        {"linked_records": [{"target_object": "people", "email_addresses": ["b@acme.example.com"]}]},
        (404, "not_found", []),
    ),
    ({"assignees": [{"workspace_member_email_address": "x@y.example.com"}]}, (404, "not_found", [])),
    ({"assignees": [{"workspace_member_email_address": ""}]}, (404, "not_found", [])),
    ({"assignees": ["x"]}, (400, "validation_type", ["data.assignees.0"])),
    (
        {"assignees": [{"referenced_actor_type": "app", "referenced_actor_id": "x"}]},
        (400, "validation_type", ["data.assignees.0"]),
    ),
]


async def test_invalid_tasks_are_refused(world: World) -> None:
    misfits = [
        (change, answer)
        for change, refusal in INVALID_TASKS
        if (answer := await world.refusal("POST", "/v2/tasks", json={"data": NEW | change})) != refusal
    ]
    assert misfits == []
    assert await world.attio.tasks.list() == []


async def test_the_content_of_a_task_is_not_updated(world: World) -> None:
    task = await world.attio.tasks.create("Call")
    path = f"/v2/tasks/{task.id}"
    refused = (400, "validation_type", ["data"])
    assert await world.refusal("PATCH", path, json={"data": {"content": "Write"}}) == refused


async def test_invalid_queries_of_tasks_are_refused(world: World) -> None:
    for params in ({"is_completed": "yes"}, {"sort": "deadline_at:asc"}, {"limit": "all"}):
        answer = await world.refusal("GET", "/v2/tasks", params=params)
        assert answer == (400, "validation_type", [*params])
