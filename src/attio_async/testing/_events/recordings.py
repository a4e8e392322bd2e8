"""Call recordings become complete, or fail."""

from collections.abc import Mapping
from typing import Any, Literal

import attrs

from .._workspace.entities import FakeCallRecording
from .._workspace.ids import Stamp
from .._workspace.workspace import Workspace
from .publish import report_recording

FETCHING = 60.0
"""Seconds until the video of a new recording has been fetched."""


def settle(workspace: Workspace, now: str) -> None:
    """Complete the recordings whose video will have been fetched by now."""
    for recording in [*workspace.data.things.recordings.values()]:
        if recording.ready_at is not None and recording.ready_at <= now:
            finish(workspace, recording, "completed", now)


def finish(
    workspace: Workspace, recording: FakeCallRecording, status: Literal["completed", "failed"], now: str
) -> FakeCallRecording:
    """The recording, no longer being processed; only a complete one is told of."""
    finished = attrs.evolve(recording, status=status, ready_at=None)
    workspace.data.things.recordings[recording.id] = finished
    if status == "completed":
        report_recording(workspace, finished, Stamp(now, recording.created_by))
    return finished


def raw_transcript(segments: tuple[Mapping[str, Any], ...]) -> str:
    """What was said as one text, a line for each segment."""
    return "\n".join(f"{segment['speaker']['name']}: {segment['speech']}" for segment in segments)
