"""The life of call recordings: processing until the video has been fetched, then completed or failed."""

from collections.abc import Mapping
from typing import Any, Literal

import attrs

from .. import _timestamps
from .._workspace.entities import FakeCallRecording
from .._workspace.ids import Stamp
from .._workspace.workspace import Workspace
from .publish import report_recording

_FETCH_TIME_S = 60.0
"""Time until the video of a new recording has been fetched."""


def add_recording(
    workspace: Workspace,
    stamp: Stamp,
    meeting_id: str,
    *,
    segments: tuple[Mapping[str, Any], ...],
    video_url: str | None,
    status: Literal["processing", "completed", "failed"],
) -> FakeCallRecording:
    """Add a recording of a meeting. One that is processing is completed by `settle`."""
    ready_at = _timestamps.iso_nanoseconds(_timestamps.unix(stamp.now) + _FETCH_TIME_S)
    recording = FakeCallRecording(
        id=workspace.new_id(),
        created_at=stamp.now,
        created_by=stamp.actor,
        meeting_id=meeting_id,
        video_url=video_url,
        segments=segments,
        status=status,
        ready_at=ready_at if status == "processing" else None,
    )
    workspace.data.entities.recordings[recording.id] = recording
    if status == "completed":
        report_recording(workspace, recording, stamp)
    return recording


def settle(workspace: Workspace, now: str) -> None:
    """Complete the recordings whose video has been fetched by now."""
    for recording in [*workspace.data.entities.recordings.values()]:
        if recording.ready_at is not None and recording.ready_at <= now:
            finish(workspace, recording, "completed", now)


def finish(
    workspace: Workspace, recording: FakeCallRecording, status: Literal["completed", "failed"], now: str
) -> None:
    """End the processing of a recording. Only a completed one is reported."""
    finished = attrs.evolve(recording, status=status, ready_at=None)
    workspace.data.entities.recordings[recording.id] = finished
    if status == "completed":
        report_recording(workspace, finished, Stamp(now, recording.created_by))


def raw_transcript(segments: tuple[Mapping[str, Any], ...]) -> str:
    """Return a transcript as one text, with a line for each segment."""
    return "\n".join(f"{segment['speaker']['name']}: {segment['speech']}" for segment in segments)
