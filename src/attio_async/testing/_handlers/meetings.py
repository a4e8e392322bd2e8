"""Meetings with the records that they are linked to, their recordings and transcripts."""

from collections.abc import Callable, Mapping
from datetime import tzinfo
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import attrs

from .. import _timestamps
from .._errors import ApiProblem, invalid, invalid_body, invalid_parameters, not_found, value_not_found
from .._events.recordings import add_recording, raw_transcript, settle
from .._validation import BodyField
from .._workspace.entities import FakeCallRecording, FakeMeeting, RecordLink, ends, in_order, starts
from .._workspace.entity_views import meeting_view, recording_view
from .._workspace.find import find_record
from .call import OperationCall, Reply, camel_cased, data, operation, operations_on, paged, shown

_LINKS = BodyField(
    "array",
    longest=50,
    items=BodyField("object", fields={"object": BodyField("string"), "record_id": BodyField("string")}),
)
_PARTICIPANT = {
    "email_address": BodyField("string", required=False, form="email"),
    "is_organizer": BodyField("boolean"),
    "status": BodyField("string", options=("accepted", "tentative", "declined", "pending")),
    "name": BodyField("string", required=False, shortest=1),
}
_DAY = {"date": BodyField("string", form="date")}
_DATETIME = {
    "datetime": BodyField("string", form="timestamp"),
    "timezone": BodyField("string", nullable=True, required=False),
}
_WHEN = BodyField("object", any_of=(BodyField("object", fields=_DATETIME), BodyField("object", fields=_DAY)))
_NEW = {
    "title": BodyField("string", longest=1_000),
    "description": BodyField("string", longest=10_000),
    "start": _WHEN,
    "end": _WHEN,
    "is_all_day": BodyField("boolean"),
    "participants": BodyField("array", longest=500, items=BodyField("object", fields=_PARTICIPANT)),
    "linked_records": _LINKS.optional(),
}

_SEGMENTS_PER_PAGE = 500
"""Invented: the API takes no limit for transcripts."""

_SPEAKER = {
    "name": BodyField("string"),
    "email_address": BodyField("string", required=False, form="email"),
}
_SEGMENT = {
    "speech": BodyField("string"),
    "start_time": BodyField("number"),
    "end_time": BodyField("number"),
    "speaker": BodyField("object", fields=_SPEAKER),
}
_NEW_RECORDING = {
    "video_url": BodyField("string", required=False, form="url"),
    "transcript": BodyField(
        "array", required=False, longest=4_000, items=BodyField("object", fields=_SEGMENT)
    ),
}

_show = shown(meeting_view)


@operation
def list_meetings(call: OperationCall) -> object:
    page = call.request.cursor_page(50, most=200)
    name = call.request.query().get("timezone", "UTC")
    if not _is_zone(name):
        raise invalid_parameters(invalid(["timezone"], "Invalid timezone"))
    zone = ZoneInfo(name)
    matches = _filter(call, zone)
    is_descending = call.request.word("sort", ("start_asc", "start_desc")) == "start_desc"
    found = [meeting for meeting in call.entities.meetings.values() if matches(meeting)]
    found.sort(key=lambda meeting: (starts(meeting, zone), meeting.id), reverse=is_descending)
    meetings, cursor = page.of(found)
    return paged([meeting_view(call.workspace, meeting) for meeting in meetings], cursor)


@operation
@camel_cased
def create_meeting(call: OperationCall) -> object:
    body = call.request.data(_NEW)
    start, end = _time(body["start"], "start"), _time(body["end"], "end")
    if not in_order(start, end):
        raise invalid_body(invalid(["data", "end"], "Expected an end like the start, and not before it"))
    links = _links(call, body.get("linked_records", []))
    meeting = FakeMeeting(
        id=call.workspace.new_id(),
        created_at=call.stamp.now,
        created_by=call.stamp.actor,
        title=body["title"],
        description=body["description"],
        start=start,
        end=end,
        is_all_day=body["is_all_day"],
        participants=tuple(map(_participant, body["participants"])),
        links=links,
    )
    call.entities.meetings[meeting.id] = meeting
    return _show(call, meeting)


def _delete(call: OperationCall, meeting: FakeMeeting) -> object:
    entities = call.entities
    if meeting.is_synced:
        raise ApiProblem(
            400, "system_edit_unauthorized", "The meeting is synced from a calendar and cannot be deleted."
        )
    del entities.meetings[meeting.id]
    for recording in [one for one in entities.recordings.values() if one.meeting_id == meeting.id]:
        del entities.recordings[recording.id]
    for note in [one for one in entities.notes.values() if one.meeting_id == meeting.id]:
        entities.notes[note.id] = attrs.evolve(note, meeting_id=None)
    return {}


def _write_links(call: OperationCall, before: FakeMeeting, *, keep: bool) -> object:
    """Link the meeting to the records in the body, and keep its other links or not."""
    body = call.request.data({"linked_records": _LINKS})
    links = _links(call, body["linked_records"])
    kept = before.links if keep else ()
    meeting = attrs.evolve(before, links=tuple(dict.fromkeys((*kept, *links))))
    call.entities.meetings[meeting.id] = meeting
    return _show(call, meeting)


def _links(call: OperationCall, given: list[Mapping[str, Any]]) -> tuple[RecordLink, ...]:
    links = [find_record(call.workspace, one["object"], one["record_id"], value_not_found) for one in given]
    return tuple(dict.fromkeys(links))


def _participant(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a participant as the API shows them."""
    return {
        "status": given["status"],
        "is_organizer": given["is_organizer"],
        "email_address": given.get("email_address"),
        "name": given.get("name"),
    }


def _time(given: Mapping[str, Any], name: str) -> dict[str, str | None]:
    """Return a start or an end as it is stored."""
    zone = given.get("timezone")
    if zone is not None and not _is_zone(zone):
        raise invalid_body(invalid(["data", name, "timezone"], "Invalid timezone"))
    if "date" in given:
        return {"date": given["date"]}
    return {"datetime": _timestamps.read_timestamp(given["datetime"]), "timezone": zone}


def _filter(call: OperationCall, zone: tzinfo) -> Callable[[FakeMeeting], bool]:
    """Return the test of whether a meeting is one of those that the query asks for."""
    given = call.request.query()
    link = call.queried_record("linked_object", "linked_record_id")
    ends_from = call.request.timestamp("ends_from")
    starts_before = call.request.timestamp("starts_before")
    addresses = {one.strip().lower() for one in given.get("participants", "").split(",")} - {""}

    def takes_part(meeting: FakeMeeting) -> bool:
        return any((one["email_address"] or "").lower() in addresses for one in meeting.participants)

    return lambda meeting: (
        (link is None or link in meeting.links)
        and (not addresses or takes_part(meeting))
        and (ends_from is None or ends(meeting, zone) >= ends_from)
        and (starts_before is None or starts(meeting, zone) < starts_before)
    )


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _list_recordings(call: OperationCall, meeting: FakeMeeting) -> object:
    page = call.request.cursor_page(50, most=200)
    settle(call.workspace, call.stamp.now)
    every = call.entities.recordings.values()
    found, cursor = page.of([one for one in every if one.meeting_id == meeting.id])
    return paged([recording_view(call.workspace, recording) for recording in found], cursor)


def _create_recording(call: OperationCall, meeting: FakeMeeting) -> object:
    body = call.request.data(_NEW_RECORDING)
    if not body:
        raise invalid_body(invalid(["data"], "Expected video_url, transcript or both"))
    video_url = body.get("video_url")
    recording = add_recording(
        call.workspace,
        call.stamp,
        meeting.id,
        segments=tuple(_segment(place, one) for place, one in enumerate(body.get("transcript", []))),
        video_url=video_url,
        status="completed" if video_url is None else "processing",
    )
    return data(recording_view(call.workspace, recording))


def _get_recording(call: OperationCall, recording: FakeCallRecording) -> object:
    segments = recording.segments
    view = recording_view(call.workspace, recording)
    view["video_url"] = recording.video_url if recording.status == "completed" else None
    view["transcript"] = (
        {"segments": segments, "raw_transcript": raw_transcript(segments)} if segments else None
    )
    return data(view)


def _delete_recording(call: OperationCall, recording: FakeCallRecording) -> object:
    del call.entities.recordings[recording.id]
    return Reply(204, None)


def _get_transcript(call: OperationCall, recording: FakeCallRecording) -> object:
    page = call.request.cursor_page(_SEGMENTS_PER_PAGE, most=_SEGMENTS_PER_PAGE)
    segments, cursor = page.of(recording.segments)
    shown = recording_view(call.workspace, recording)
    view = {
        "id": shown["id"],
        "transcript": segments,
        "raw_transcript": raw_transcript(recording.segments),
        "web_url": shown["web_url"],
    }
    return paged(view, cursor)


def _meeting(call: OperationCall) -> FakeMeeting:
    return call.entity(call.entities.meetings, "meeting_id")


def _recording(call: OperationCall) -> FakeCallRecording:
    """Return the recording that the path names, of the meeting that the path names."""
    meeting = _meeting(call)
    settle(call.workspace, call.stamp.now)
    recording = call.entity(call.entities.recordings, "call_recording_id")
    if recording.meeting_id != meeting.id:
        raise not_found(f'call recording with ID "{recording.id}" of meeting "{meeting.id}"')
    return recording


def _segment(place: int, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a segment as the API shows it, with the speaker's name alone."""
    path: list[str | int] = ["data", "transcript", place]
    if given["start_time"] < 0:
        raise invalid_body(invalid([*path, "start_time"], "Expected at least 0"))
    if given["end_time"] < given["start_time"]:
        raise invalid_body(invalid([*path, "end_time"], "Expected an end that is not before the start"))
    return {**given, "speaker": {"name": given["speaker"]["name"]}}


operations_on(
    _meeting,
    get_meeting=_show,
    update_meeting=partial(_write_links, keep=True),
    overwrite_meeting=partial(_write_links, keep=False),
    delete_meeting=_delete,
    list_call_recordings=_list_recordings,
    create_call_recording=_create_recording,
)
operations_on(
    _recording,
    get_call_recording=_get_recording,
    delete_call_recording=_delete_recording,
    get_call_transcript=_get_transcript,
)
