"""Recordings of meetings, and what was said in them."""

from collections.abc import Mapping
from typing import Any

from .._errors import invalid, invalid_body, not_found
from .._events.recordings import add_recording, raw_transcript, settle
from .._request.validation import BodyField
from .._workspace.entities import FakeCallRecording
from .._workspace.entity_views import recording_view
from .call import (
    Handlers,
    OperationCall,
    Reply,
    data,
    paged,
    pagination,
    the,
)

_DEFAULT_LIMIT = 50
_MOST = 200
_SEGMENTS = 500
"""Segments on a page of a transcript; the API takes no limit there."""

_SEGMENT = {
    "speech": BodyField("string"),
    "start_time": BodyField("number"),
    "end_time": BodyField("number"),
    "speaker": BodyField(
        "object",
        fields={
            "name": BodyField("string"),
            "email_address": BodyField("string", required=False, form="email"),
        },
    ),
}
_NEW = {
    "video_url": BodyField("string", required=False, form="url"),
    "transcript": BodyField(
        "array", required=False, longest=4_000, items=BodyField("object", fields=_SEGMENT)
    ),
}


def _list_call_recordings(call: OperationCall) -> object:
    page = call.request.cursor_page(_DEFAULT_LIMIT, _MOST)
    meeting = the(call.workspace.data.things.meetings, call, "meeting_id")
    settle(call.workspace, call.author.stamp.now)
    every = call.workspace.data.things.recordings.values()
    found, cursor = page.of([one for one in every if one.meeting_id == meeting.id])
    return paged([recording_view(call.workspace, recording) for recording in found], cursor)


def _create_call_recording(call: OperationCall) -> object:
    meeting = the(call.workspace.data.things.meetings, call, "meeting_id")
    body = call.request.data(_NEW)
    if not body:
        raise invalid_body(invalid(["data"], "Expected video_url, transcript or both"))
    segments = tuple(_segment(place, one) for place, one in enumerate(body.get("transcript", [])))
    video_url = body.get("video_url")
    recording = add_recording(
        call.workspace,
        call.author.stamp,
        meeting.id,
        segments=segments,
        video_url=video_url,
        status="completed" if video_url is None else "processing",
    )
    return data(recording_view(call.workspace, recording))


def _get_call_recording(call: OperationCall) -> object:
    recording = _named(call)
    segments = recording.segments
    transcript = {"segments": segments, "raw_transcript": raw_transcript(segments)} if segments else None
    return data(
        {
            **recording_view(call.workspace, recording),
            "video_url": recording.video_url if recording.status == "completed" else None,
            "transcript": transcript,
        }
    )


def _delete_call_recording(call: OperationCall) -> object:
    del call.workspace.data.things.recordings[_named(call).id]
    return Reply(204, None)


def _get_call_transcript(call: OperationCall) -> object:
    page = call.request.cursor_page(_SEGMENTS, _SEGMENTS)
    recording = _named(call)
    segments, cursor = page.of(recording.segments)
    shown = recording_view(call.workspace, recording)
    view = {
        "id": shown["id"],
        "transcript": segments,
        "raw_transcript": raw_transcript(recording.segments),
        "web_url": shown["web_url"],
    }
    return {**data(view), **pagination(cursor)}


def _named(call: OperationCall) -> FakeCallRecording:
    """The recording that the path names, of the meeting that it names."""
    things = call.workspace.data.things
    meeting = the(things.meetings, call, "meeting_id")
    settle(call.workspace, call.author.stamp.now)
    recording = the(things.recordings, call, "call_recording_id")
    if recording.meeting_id != meeting.id:
        raise not_found(f'call recording with ID "{recording.id}" of meeting "{meeting.id}"')
    return recording


def _segment(place: int, given: Mapping[str, Any]) -> dict[str, Any]:
    """A segment as the API shows it: speakers by name alone."""
    path = ["data", "transcript", str(place)]
    if given["start_time"] < 0:
        raise invalid_body(invalid([*path, "start_time"], "Expected at least 0"))
    if given["end_time"] < given["start_time"]:
        raise invalid_body(invalid([*path, "end_time"], "Expected an end that is not before the start"))
    return {**given, "speaker": {"name": given["speaker"]["name"]}}


HANDLERS: Handlers = {
    "list_call_recordings": _list_call_recordings,
    "create_call_recording": _create_call_recording,
    "get_call_recording": _get_call_recording,
    "delete_call_recording": _delete_call_recording,
    "get_call_transcript": _get_call_transcript,
}
