from datetime import UTC, datetime

import pytest

from attio_async.errors import NotFound

from ..world import World

pytestmark = pytest.mark.anyio


async def test_a_note_is_written_changed_and_deleted(world: World) -> None:
    notes, events = world.attio.notes, world.events()
    note = await notes.create(
        world.person, title="Call", content="**Bold** [words](https://x.example)", format="markdown"
    )
    assert (note.content_plaintext, note.content_markdown) == (
        "Bold words",
        "**Bold** [words](https://x.example)",
    )
    assert (note.parent_object, note.parent_record_id) == ("people", world.person.record_id)
    assert await notes.get(note) == note
    changed = await notes.update(note, content="*plain*")
    assert (changed.title, changed.content_plaintext, changed.content_markdown) == (
        "Call",
        "*plain*",
        "*plain*",
    )
    assert (await notes.update(note, title="Visit")).title == "Visit"
    await notes.delete(note)
    with pytest.raises(NotFound):
        await notes.get(note)
    kinds = ["note.created", "note-content.updated", "note.updated", "note.deleted"]
    assert [event.event_type for event in events] == kinds
    assert all(event.details["parent_record_id"] == world.person.record_id for event in events)


async def test_notes_are_listed_oldest_first_and_ten_at_a_time(world: World) -> None:
    for day in range(12, 0, -1):
        about = world.person if day % 2 else world.company
        written = datetime(2025, 1, day, tzinfo=UTC)
        await world.attio.notes.create(about, title=str(day), content="", created_at=written)
    first = await world.ask("GET", "/v2/notes")
    assert [note["title"] for note in first["data"]] == [str(day) for day in range(1, 11)]
    rest = await world.ask("GET", "/v2/notes", params={"offset": 10})
    assert [note["title"] for note in rest["data"]] == ["11", "12"]
    of_person = await world.attio.notes.list(world.person, page_size=2)
    assert [note.title for note in of_person] == ["1", "3", "5", "7", "9", "11"]


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"parent_record_id": "x"}, (400, "validation_type", ["data.parent_record_id"])),
        ({"parent_object": "planets"}, (404, "not_found", [])),
        ({"parent_object": "companies"}, (404, "not_found", [])),
        ({"format": "html"}, (400, "validation_type", ["data.format"])),
        ({"created_at": "yesterday"}, (400, "validation_type", ["data.created_at"])),
        ({"colour": "red"}, (400, "validation_type", ["data"])),
        ({"meeting_id": "11111111-2222-4333-8444-555555555555"}, (404, "not_found", [])),
        ({"content": "x" * 1_000_001}, (413, "validation_type", ["data.content"])),
    ],
)
async def test_a_note_that_cannot_be_is_refused(
    world: World, change: dict[str, str], refusal: object
) -> None:
    body = {
        "parent_object": "people",
        "parent_record_id": world.person.record_id,
        "title": "t",
        "format": "plaintext",
        "content": "c",
    }
    assert await world.refusal("POST", "/v2/notes", json={"data": {**body, **change}}) == refusal
    assert await world.attio.notes.list() == []


@pytest.mark.parametrize(
    ("params", "refusal"),
    [
        ({"limit": 51}, (400, "validation_type", ["limit"])),
        ({"parent_object": "people"}, (400, "validation_type", ["parent_record_id"])),
        (
            {"parent_object": "people", "parent_record_id": "x"},
            (400, "validation_type", ["parent_record_id"]),
        ),
        (
            {"parent_object": "x", "parent_record_id": "1" * 8 + "-1111" * 3 + "-" + "1" * 12},
            (404, "not_found", []),
        ),
    ],
)
async def test_notes_of_nothing_are_refused(world: World, params: dict[str, str], refusal: object) -> None:
    assert await world.refusal("GET", "/v2/notes", params=params) == refusal


async def test_a_note_belongs_to_a_meeting_as_long_as_there_is_one(world: World) -> None:
    meeting = await world.attio.meetings.create(
        "Kick-off", start=datetime(2026, 1, 1, 9, tzinfo=UTC), end=datetime(2026, 1, 1, 10, tzinfo=UTC)
    )
    note = await world.attio.notes.create(world.person, title="t", content="c", meeting=meeting)
    assert note.meeting_id == meeting.id
    await world.attio.meetings.delete(meeting)
    assert (await world.attio.notes.get(note)).meeting_id is None
