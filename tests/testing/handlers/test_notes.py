from datetime import UTC, datetime
from typing import Any

import pytest

from attio_async.errors import NotFound
from attio_async.testing._handlers.notes import plaintext

from ..world import Refusal, World

pytestmark = pytest.mark.anyio


async def test_a_note_is_created_updated_and_deleted(world: World) -> None:
    notes, events = world.attio.notes, world.events()
    note = await notes.create(
        world.person, title="Call", content="**Bold** [words](https://x.example.com)", format="markdown"
    )
    assert (note.content_plaintext, note.content_markdown) == (
        "Bold words",
        "**Bold** [words](https://x.example.com)",
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


async def test_notes_are_listed_oldest_first_in_pages_of_ten(world: World) -> None:
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


INVALID_NOTES: list[tuple[dict[str, str], Refusal]] = [
    ({"parent_record_id": "x"}, (400, "validation_type", ["data.parent_record_id"])),
    ({"parent_object": "planets"}, (404, "not_found", [])),
    ({"parent_object": "companies"}, (404, "not_found", [])),
    ({"format": "html"}, (400, "validation_type", ["data.format"])),
    ({"created_at": "yesterday"}, (400, "validation_type", ["data.created_at"])),
    ({"colour": "red"}, (400, "validation_type", ["data"])),
    ({"meeting_id": "11111111-2222-4333-8444-555555555555"}, (404, "not_found", [])),
    ({"content": "x" * 1_000_001}, (413, "validation_type", ["data.content"])),
]


async def test_invalid_notes_are_refused(world: World) -> None:
    note = {
        "parent_object": "people",
        "parent_record_id": world.person.record_id,
        "title": "t",
        "format": "plaintext",
        "content": "c",
    }
    misfits = [
        (change, answer)
        for change, refusal in INVALID_NOTES
        if (answer := await world.refusal("POST", "/v2/notes", json={"data": note | change})) != refusal
    ]
    assert misfits == []
    assert await world.attio.notes.list() == []


INVALID_QUERIES: list[tuple[dict[str, Any], Refusal]] = [
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
]


async def test_invalid_queries_of_notes_are_refused(world: World) -> None:
    misfits = [
        (params, answer)
        for params, refusal in INVALID_QUERIES
        if (answer := await world.refusal("GET", "/v2/notes", params=params)) != refusal
    ]
    assert misfits == []


async def test_a_note_loses_its_deleted_meeting(world: World) -> None:
    meeting = await world.attio.meetings.create(
        "Kick-off", start=datetime(2026, 1, 1, 9, tzinfo=UTC), end=datetime(2026, 1, 1, 10, tzinfo=UTC)
    )
    note = await world.attio.notes.create(world.person, title="t", content="c", meeting=meeting)
    assert note.meeting_id == meeting.id
    await world.attio.meetings.delete(meeting)
    assert (await world.attio.notes.get(note)).meeting_id is None


MARKDOWN = [
    ("# Title\n\n## Part", "Title\n\nPart"),
    ("a **b** _c_ `d` ~~e~~ __f__ *g*", "a b c d e f g"),
    ("- one\n  * two\n- [x] three", "one\n  two\nthree"),
    ("[words](https://x.example.com) ![picture](p.png)", "words picture"),
    ("> said", "said"),
    ("```python\ncode\n```\nend", "code\nend"),
    ("one\n---\ntwo", "one\ntwo"),
    ("snake_case_name 2 * 3 * 4", "snake_case_name 2 * 3 * 4"),
    ("", ""),
]


def test_plaintext_has_no_markdown() -> None:
    assert [(markdown, plaintext(markdown)) for markdown, _ in MARKDOWN] == MARKDOWN
