from datetime import UTC, datetime
from typing import Any

import pytest

from attio_async.errors import NotFound

from ..world import World

pytestmark = pytest.mark.anyio

SEGMENT = {"speech": "Hello", "start_time": 0, "end_time": 1.5, "speaker": {"name": "Ada"}}


@pytest.fixture
def meeting(world: World) -> str:
    start, end = (datetime(2026, 1, 1, hour, tzinfo=UTC) for hour in (9, 10))
    return world.fake.seed.add_meeting("Call", start=start, end=end)


async def test_a_recording_with_a_transcript_is_completed_at_once(world: World, meeting: str) -> None:
    recordings, events = world.attio.call_recordings, world.events()
    spoken = {**SEGMENT, "speaker": {"name": "Ada", "email_address": "ada@acme.example.com"}}
    created = await recordings.create(
        meeting, transcript=[spoken, {**SEGMENT, "start_time": 1, "end_time": 2}]
    )
    assert created.status == "completed"
    recording = await recordings.get(created)
    assert recording.transcript is not None
    assert recording.transcript.raw_transcript == "Ada: Hello\nAda: Hello"
    assert recording.transcript.segments[0].raw == SEGMENT
    assert [segment.speech for segment in await recordings.transcript(created)] == ["Hello"] * 2
    assert await recordings.list(meeting) == [created]
    assert [event.event_type for event in events] == ["call-recording.created"]
    await recordings.delete(created)
    with pytest.raises(NotFound):
        await recordings.get(created)


async def test_a_video_is_processed_for_a_minute(world: World, meeting: str) -> None:
    recordings, events = world.attio.call_recordings, world.events()
    created = await recordings.create(meeting, video_url="https://video.example.com/1")
    early = await recordings.get(created)
    assert (early.status, early.video_url, early.transcript, events) == ("processing", None, None, [])
    world.clock.advance(60)
    (listed,) = await recordings.list(meeting)
    assert listed.status == "completed"
    assert (await recordings.get(created)).video_url == "https://video.example.com/1"
    assert [event.ids["call_recording_id"] for event in events] == [created.id]


async def test_a_processed_video_is_delivered_to_webhooks(world: World, meeting: str) -> None:
    webhook = await world.attio.webhooks.create("https://hooks.example.com", ["call-recording.created"])
    await world.attio.call_recordings.create(meeting, video_url="https://video.example.com/1")
    bodies: list[bytes] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        bodies.append((await receive())["body"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body"})

    assert await world.fake.webhooks.deliver(app) == []
    world.clock.advance(60)
    (attempt,) = await world.fake.webhooks.deliver(app)
    assert (attempt.webhook_id, b"call-recording.created" in bodies[0]) == (webhook.id, True)


async def test_processing_can_fail(world: World, meeting: str) -> None:
    recording_id = world.fake.seed.add_call_recording(meeting, status="processing")
    events = world.events()
    world.fake.seed.finish_call_recording(recording_id, "failed")
    world.clock.advance(60)
    assert (await world.attio.call_recordings.get(recording_id, meeting=meeting)).status == "failed"
    assert events == []
    with pytest.raises(ValueError, match="already failed"):
        world.fake.seed.finish_call_recording(recording_id)


async def test_long_transcripts_are_paged(world: World, meeting: str) -> None:
    segments = [("Ada", str(number)) for number in range(501)]
    recording_id = world.fake.seed.add_call_recording(meeting, transcript=segments)
    pages = [p async for p in world.attio.call_recordings.transcript(recording_id, meeting=meeting).pages()]
    assert [len(page.items) for page in pages] == [500, 1]


async def test_a_recording_belongs_to_its_meeting(world: World, meeting: str) -> None:
    recording_id = world.fake.seed.add_call_recording(meeting)
    other = await world.attio.meetings.create(
        "Other", start=datetime(2026, 1, 1, tzinfo=UTC), end=datetime(2026, 1, 2, tzinfo=UTC)
    )
    for path in (f"/v2/meetings/{other.id}/call_recordings/{recording_id}", "/v2/meetings/x/call_recordings"):
        assert await world.refusal("GET", path) == (404, "not_found", [])
    world.fake.seed.add_call_recording(other.id)
    await world.attio.meetings.delete(other)
    assert [*world.fake.snapshot().data.entities.recordings] == [recording_id]


INVALID: list[tuple[dict[str, object], str]] = [
    ({}, "data"),
    ({"video_url": "ftp://x"}, "data.video_url"),
    ({"transcript": [SEGMENT] * 4_001}, "data.transcript"),
    ({"transcript": [{**SEGMENT, "start_time": -1}]}, "data.transcript.0.start_time"),
    ({"transcript": [{**SEGMENT, "start_time": 2}]}, "data.transcript.0.end_time"),
    ({"transcript": [{**SEGMENT, "speaker": "Ada"}]}, "data.transcript.0.speaker"),
]


async def test_invalid_recordings_are_refused(world: World, meeting: str) -> None:
    target = f"/v2/meetings/{meeting}/call_recordings"
    misfits = [
        (body, answer)
        for body, path in INVALID
        if (answer := await world.refusal("POST", target, json={"data": body}))
        != (400, "validation_type", [path])
    ]
    assert misfits == []
