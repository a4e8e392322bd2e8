"""Deleting and renaming, and the notes, tasks, comments and meetings that follow."""

import pytest

from ..world import World

pytestmark = pytest.mark.anyio


async def test_entities_follow_a_deleted_record(world: World) -> None:
    attio = world.attio
    note = await attio.notes.create(world.person, title="t", content="c")
    kept = await attio.notes.create(world.company, title="t", content="c")
    task = await attio.tasks.create("Call", linked_records=[world.person, world.company])
    comment = await attio.comments.create("Hm", author=world.members[0], record=world.person)
    events = world.events()
    await attio.people.delete(world.person)
    assert await attio.notes.list() == [kept]
    (link,) = (await attio.tasks.get(task)).linked_records
    assert link.target_record_id == world.company.record_id
    changes = [(event.event_type, [*event.ids.values()][-1]) for event in events]
    assert ("note.deleted", note.id) in changes
    assert ("task.updated", task.id) in changes
    assert ("comment.deleted", comment.id) in changes
    assert ("record.deleted", world.person.record_id) in changes


async def test_entities_follow_a_deleted_object(world: World) -> None:
    attio, fake = world.attio, world.fake
    fake.seed.add_object("planets")
    record_id = fake.seed.add_record("planets", {})["id"]["record_id"]
    link = {"object": "planets", "record_id": record_id}
    body = {"parent_object": "planets", "parent_record_id": record_id, "title": "t"}
    await world.ask("POST", "/v2/notes", json={"data": {**body, "format": "plaintext", "content": "c"}})
    meeting = {
        "title": "t",
        "description": "",
        "is_all_day": True,
        "participants": [],
        "linked_records": [link],
    }
    day = {"date": "2026-01-01"}
    await world.ask("POST", "/v2/meetings", json={"data": {**meeting, "start": day, "end": day}})
    await world.ask("DELETE", "/v2/objects/planets")
    assert await attio.notes.list() == []
    (left,) = await attio.meetings.list()
    assert left.linked_records == []


async def test_links_follow_a_renamed_object(world: World) -> None:
    fake = world.fake
    fake.seed.add_object("planets")
    record_id = fake.seed.add_record("planets", {})["id"]["record_id"]
    link = {"target_object": "planets", "target_record_id": record_id}
    task = {
        "content": "Go",
        "format": "plaintext",
        "deadline_at": None,
        "is_completed": False,
        "assignees": [],
    }
    await world.ask("POST", "/v2/tasks", json={"data": {**task, "linked_records": [link]}})
    await world.ask("PATCH", "/v2/objects/planets", json={"data": {"api_slug": "worlds"}})
    (read,) = await world.attio.tasks.list()
    assert read.linked_records[0].target_object_id == "worlds"
