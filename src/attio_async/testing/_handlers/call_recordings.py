"""Recordings of meetings, and their transcripts."""

from collections.abc import Mapping
from typing import Any

from .._errors import invalid, invalid_body, not_found
from .._events.recordings import add_recording, raw_transcript, settle
from .._request.validation import BodyField
from .._workspace.entities import FakeCallRecording
from .._workspace.entity_views import recording_view
from .call import OperationCall, Reply, data, operation, paged

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
_NEW = {
    "video_url": BodyField("string", required=False, form="url"),
    "transcript": BodyField(
        "array", required=False, longest=4_000, items=BodyField("object", fields=_SEGMENT)
    ),
}


@operation
def list_call_recordings(call: OperationCall) -> object:
    page = call.request.cursor_page(50, most=200)
    meeting = call.entity(call.entities.meetings, "meeting_id")
    settle(call.workspace, call.stamp.now)
    every = call.entities.recordings.values()
    found, cursor = page.of([one for one in every if one.meeting_id == meeting.id])
    return paged([recording_view(call.workspace, recording) for recording in found], cursor)


@operation
def create_call_recording(call: OperationCall) -> object:
    meeting = call.entity(call.entities.meetings, "meeting_id")
    body = call.request.data(_NEW)
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


@operation
def get_call_recording(call: OperationCall) -> object:
    recording = _recording(call)
    segments = recording.segments
    view = recording_view(call.workspace, recording)
    view["video_url"] = recording.video_url if recording.status == "completed" else None
    view["transcript"] = (
        {"segments": segments, "raw_transcript": raw_transcript(segments)} if segments else None
    )
    return data(view)


@operation
def delete_call_recording(call: OperationCall) -> object:
    del call.entities.recordings[_recording(call).id]
    return Reply(204, None)


@operation
def get_call_transcript(call: OperationCall) -> object:
    page = call.request.cursor_page(_SEGMENTS_PER_PAGE, most=_SEGMENTS_PER_PAGE)
    recording = _recording(call)
    segments, cursor = page.of(recording.segments)
    shown = recording_view(call.workspace, recording)
    view = {
        "id": shown["id"],
        "transcript": segments,
        "raw_transcript": raw_transcript(recording.segments),
        "web_url": shown["web_url"],
    }
    return paged(view, cursor)


def _recording(call: OperationCall) -> FakeCallRecording:
    """Return the recording that the path names, of the meeting that the path names."""
    meeting = call.entity(call.entities.meetings, "meeting_id")
    settle(call.workspace, call.stamp.now)
    recording = call.entity(call.entities.recordings, "call_recording_id")
    if recording.meeting_id != meeting.id:
        raise not_found(f'call recording with ID "{recording.id}" of meeting "{meeting.id}"')
    return recording


def _segment(place: int, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a segment as the API shows it, with the speaker's name alone."""
    path = ["data", "transcript", str(place)]
    if given["start_time"] < 0:
        raise invalid_body(invalid([*path, "start_time"], "Expected at least 0"))
    if given["end_time"] < given["start_time"]:
        raise invalid_body(invalid([*path, "end_time"], "Expected an end that is not before the start"))
    return {**given, "speaker": {"name": given["speaker"]["name"]}}
