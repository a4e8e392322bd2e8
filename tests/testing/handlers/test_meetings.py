from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from attio_async.errors import BadRequest, NotFound

from ..world import Refusal, World

pytestmark = pytest.mark.anyio

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
NEW = {
    "title": "Kick-off",
    "description": "",
    "start": {"datetime": "2026-03-01T12:00:00Z"},
    "end": {"datetime": "2026-03-01T13:00:00Z"},
    "is_all_day": False,
    "participants": [],
}


async def test_a_meeting_is_created_linked_and_deleted(world: World) -> None:
    meetings = world.attio.meetings
    guest = {
        "email_address": "ada@acme.example.com",
        "name": "Ada",
        "is_organizer": True,
        "status": "accepted",
    }
    meeting = await meetings.create(
        "Kick-off",
        start=NOON.astimezone(ZoneInfo("Europe/Paris")),
        end=NOON + HOUR,
        participants=["grace@fake-workspace.example.com", guest],
        linked_records=[world.person],
    )
    assert meeting.raw["start"] == {"datetime": "2026-03-01T12:00:00.000000000Z", "timezone": "Europe/Paris"}
    assert [(one.email_address, one.name, one.status) for one in meeting.participants] == [
        ("grace@fake-workspace.example.com", None, "pending"),
        ("ada@acme.example.com", "Ada", "accepted"),
    ]
    added = await meetings.add_links(meeting, [world.company, world.person])
    assert [link.record_id for link in added.linked_records] == [
        world.person.record_id,
        world.company.record_id,
    ]
    replaced = await meetings.replace_links(meeting, [world.company])
    assert [link.object_slug for link in replaced.linked_records] == ["companies"]
    assert await meetings.get(meeting) == replaced
    await world.attio.companies.delete(world.company)
    assert (await meetings.get(meeting)).linked_records == []
    await meetings.delete(meeting)
    with pytest.raises(NotFound):
        await meetings.get(meeting)


async def test_a_meeting_of_a_calendar_is_not_deleted(world: World) -> None:
    meeting_id = world.fake.seed.add_meeting("Sync", start=NOON, end=NOON + HOUR)
    with pytest.raises(BadRequest) as caught:
        await world.attio.meetings.delete(meeting_id)
    assert caught.value.code == "system_edit_unauthorized"
    assert (await world.attio.meetings.get(meeting_id)).title == "Sync"


async def test_meetings_are_found_by_time_participant_and_link(world: World) -> None:
    fake, meetings = world.fake, world.attio.meetings
    fake.seed.add_meeting(
        "late", start=NOON + HOUR, end=NOON + 2 * HOUR, participants=["Ada@acme.example.com"]
    )
    linked = [("people", world.person.record_id)]
    fake.seed.add_meeting("early", start=NOON, end=NOON + HOUR, linked_records=linked)
    fake.seed.add_meeting("whole", start=date(2026, 3, 2), end=date(2026, 3, 2))

    async def found(**options: object) -> list[str]:
        return [meeting.title for meeting in await meetings.list(**options)]

    assert await found(page_size=2) == ["early", "late", "whole"]
    assert await found(sort="start_desc") == ["whole", "late", "early"]
    assert await found(record=world.person) == ["early"]
    assert await found(participants=["x@y.example.com", "ada@acme.example.com"]) == ["late"]
    assert await found(starts_before=NOON + HOUR) == ["early"]
    assert await found(ends_from=NOON + 2 * HOUR) == ["late", "whole"]
    # At 23:30 UTC the day ends half an hour later in UTC, and has been over for hours in Tokyo.
    night = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    assert await found(ends_from=night) == ["whole"]
    assert await found(ends_from=night, timezone="Asia/Tokyo") == []


MISSING = "11111111-2222-4333-8444-555555555555"


INVALID_MEETINGS: list[tuple[dict[str, Any], Refusal]] = [
    ({"title": "x" * 1_001}, (400, "validation_type", ["data.title"])),
    ({"start": {"date": "2026-03-01"}}, (400, "validation_type", ["data.end"])),
    ({"end": {"datetime": "2026-03-01T11:00:00Z"}}, (400, "validation_type", ["data.end"])),
    ({"start": {"date": "1 March"}}, (400, "validation_type", ["data.start"])),
    (
        {"start": {"datetime": "2026-03-01T12:00:00Z", "timezone": "Mars/Olympus"}},
        (400, "validation_type", ["data.start.timezone"]),
    ),
    (
        {"participants": [{"email_address": "x", "is_organizer": True, "status": "maybe"}]},
        (400, "validation_type", ["data.participants.0.email_address", "data.participants.0.status"]),
    ),
    ({"linked_records": [{"object": "people", "record_id": MISSING}]}, (400, "value_not_found", [])),
    (
        {"linked_records": [{"object": "people", "record_id": MISSING}] * 51},
        (400, "validation_type", ["data.linked_records"]),
    ),
]


async def test_invalid_meetings_are_refused(world: World) -> None:
    misfits = [
        (change, answer)
        for change, refusal in INVALID_MEETINGS
        if (answer := await world.refusal("POST", "/v2/meetings", json={"data": NEW | change})) != refusal
    ]
    assert misfits == []
    assert await world.attio.meetings.list() == []


async def test_invalid_queries_of_meetings_are_refused(world: World) -> None:
    for params in (
        {"timezone": "Mars/Olympus"},
        {"sort": "end_asc"},
        {"limit": "201"},
        {"ends_from": "soon"},
    ):
        answer = await world.refusal("GET", "/v2/meetings", params=params)
        assert answer == (400, "validation_type", [*params])
