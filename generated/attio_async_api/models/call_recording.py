"""An answer of get_call_recording."""

import datetime
from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..models.actor import Actor
from ..models.call_recording_id import CallRecordingId
from ..models.call_recording_transcript import CallRecordingTranscript
from ..types import read_moment, read_object


@frozen(kw_only=True)
class CallRecording:
    """An answer of get_call_recording. What it holds beside these fields is in `additional_properties`."""

    id: CallRecordingId
    status: str
    web_url: str
    created_by_actor: Actor
    created_at: datetime.datetime
    video_url: None | str
    transcript: CallRecordingTranscript | None
    additional_properties: dict[str, Any] = field(factory=dict[str, Any])

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing is None, what is not as expected stays unread."""
        rest = dict(source)
        return cls(
            id=read_object(rest, "id", CallRecordingId.from_dict),
            status=rest.pop("status", None),
            web_url=rest.pop("web_url", None),
            created_by_actor=read_object(rest, "created_by_actor", Actor.from_dict),
            created_at=read_moment(rest, "created_at"),
            video_url=rest.pop("video_url", None),
            transcript=read_object(rest, "transcript", CallRecordingTranscript.from_dict),
            additional_properties=rest,
        )
